/* One scheme of an answer under several models: which counts differ, and by which rules? */
#include "api/handles.h"

#include <string.h>

#include "catalogue/catalogue.h"
#include "report/compare.h"

typedef struct judges {
    int count;
    hd_judge judge[HD_COMPARE_MAX];
    double settings[HD_COMPARE_MAX][HD_MAX_SETTINGS];
} judges;

/* The settings of a model: what the schedule brings, then what the caller says. */
static hd_status add(judges *all, const hd_problem *problem, const hd_model *model, int sets, const char *const *set,
                     hd_error *err)
{
    for (int j = 0; j < all->count; j++)
        if (all->judge[j].model == model) return HD_OK;
    if (all->count == HD_COMPARE_MAX)
        return hd_fail(err, HD_ERR_USAGE, "at most %d models are compared", (int)HD_COMPARE_MAX);
    hd_judge *j = &all->judge[all->count];
    HD_TRY(hd_settings_read(model, sets, set, all->settings[all->count], err));
    *j = (hd_judge){model, *problem};
    j->problem.model = model;
    j->problem.settings = all->settings[all->count++];
    return HD_OK;
}

/* "native,timeloop"; NULL = all. */
static hd_status find(judges *all, const hd_problem *problem, const char *models, int sets, const char *const *set,
                      hd_error *err)
{
    const hd_model *model;
    for (int m = 0; !models && hd_catalogue_models[m]; m++)
        HD_TRY(add(all, problem, hd_catalogue_models[m], sets, set, err));
    for (const char *word = models; word && *word;) {
        size_t length = strcspn(word, ",");
        char name[64];
        if (length >= sizeof name) length = sizeof name - 1;
        memcpy(name, word, length);
        name[length] = '\0';
        HD_TRY(hd_catalogue_model(name, &model, err));
        HD_TRY(add(all, problem, model, sets, set, err));
        word += strcspn(word, ",");
        word += *word == ',';
    }
    return all->count > 0 ? HD_OK : hd_fail(err, HD_ERR_USAGE, "no models to compare are named");
}

HD_API hd_status hd_answer_compare(hd_context *context, const hd_answer *answer, int layer, const char *models, int sets,
                                   const char *const *set, char **out, hd_error *err)
{
    judges all = {0};
    hd_refusal why = {0};
    const hd_problem *problem = hd_answer_problem(answer, layer);
    const hd_scheme *s = hd_answer_given(answer, layer);
    if (!s) return hd_fail(err, HD_ERR_USAGE, "the layer has no scheme of its own");
    const char **both = hd_arena_alloc(answer->arena, (size_t)(sets + answer->presets) + 1, sizeof *both);
    if (!both) return hd_fail_memory(err);
    for (int i = 0; i < answer->presets; i++) both[i] = answer->preset[i];
    for (int i = 0; i < sets; i++) both[answer->presets + i] = set[i];
    HD_TRY(find(&all, problem, models, answer->presets + sets, both, err));
    if (!hd_scheme_is_legal(problem, s, &why))
        return hd_fail(err, HD_ERR_USAGE, "layer '%s': its scheme is not legal: %s", answer->network->layer[layer].name,
                       why.why);
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    if (hd_compare_models(all.judge, all.count, s, &text)) return hd_text_give(&text, out, err);
    hd_status status = hd_fail(err, HD_ERR_USAGE, "layer '%s': no model prices its scheme; %s",
                               answer->network->layer[layer].name, text.data ? text.data : "");
    hd_text_free(&text);
    return status;
}
