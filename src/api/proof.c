/* Proofs out of an answer, and proofs judged. */
#include "api/handles.h"

#include <stdio.h>

#include "catalogue/catalogue.h"
#include "formats/heddle/proof_yaml.h"

HD_API hd_status hd_answer_proof(hd_context *context, const hd_answer *answer, char **out, hd_error *err)
{
    if (!answer->options.proofs) return hd_fail(err, HD_ERR_USAGE, "the answer was not solved with `proof`");
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    hd_status status = hd_proofs_write(answer->plan, &text, err);
    if (status == HD_OK) return hd_text_give(&text, out, err);
    hd_text_free(&text);
    return status;
}

HD_API bool hd_is_proof(const char *path) { return hd_proofs_are_in(path); }

/* Who prices, under which settings, by which measure: the schedule's words. */
static hd_status find_measure(const hd_schedule *s, const hd_model **model, double settings[HD_MAX_SETTINGS],
                              hd_objective *objective, hd_error *err)
{
    HD_TRY(hd_catalogue_model(s->model && *s->model ? s->model : NULL, model, err));
    HD_TRY(hd_settings_read(*model, s->settings, s->setting, settings, err));
    return hd_catalogue_objective(s->objective && *s->objective ? s->objective : NULL, objective, err);
}

static hd_status judge(const hd_proof_file *file, int i, hd_proof_verdict *v, hd_error *err)
{
    const hd_claim *c = &file->claim[i];
    hd_recount recount;
    HD_TRY(hd_recount_claim(c, &recount, err));
    *v = (hd_proof_verdict){.size = sizeof *v, .layer = file->schedule->network->layer[file->layer[i]].name,
                            .holds = recount.holds, .whole = recount.whole, .proved = c->proved,
                            .space_log10 = c->proof->counted ? hd_wide_log10(&c->proof->size) : 0, .cost = c->cost,
                            .lower_bound = c->lower_bound, .prices = recount.prices};
    snprintf(v->difference, sizeof v->difference, "%s", recount.difference);
    snprintf(v->unchecked, sizeof v->unchecked, "%s", recount.unchecked);
    return HD_OK;
}

HD_API hd_status hd_verify_proof(hd_context *context, const char *path,
                                 void (*visit)(void *user, const hd_proof_verdict *verdict), void *user, hd_error *err)
{
    hd_proof_file *file = NULL;
    double settings[HD_MAX_SETTINGS];
    const hd_model *model = NULL;
    hd_objective objective = HD_ENERGY;
    (void)context;
    HD_TRY(hd_proofs_read_file(path, &file, err));
    hd_status status = find_measure(file->schedule, &model, settings, &objective, err);
    for (int i = 0; status == HD_OK && i < file->claims; i++) {
        hd_proof_verdict verdict;
        file->problem[i].model = file->claim[i].model = model;
        file->problem[i].settings = settings;
        file->claim[i].objective = objective;
        file->claim[i].space = file->schedule->space;
        status = judge(file, i, &verdict, err);
        if (status == HD_OK) visit(user, &verdict);
    }
    hd_proofs_free(file);
    return status;
}
