/* The options of a search: words of the user in, the plan's numbers out, each refused with what there is. */
#include "api/handles.h"

#include <stdio.h>
#include <string.h>

#include "arch/region.h"
#include "base/spelling.h"
#include "catalogue/catalogue.h"
#include "formats/heddle/pins_yaml.h"
#include "network/candidates.h"
#include "network/inter_layer.h"

static bool word_is(const char *word, size_t length, const char *name)
{
    return strlen(name) == length && strncmp(word, name, length) == 0;
}

/* "template,ragged" and the like. */
static hd_status parse_space(const char *text, hd_plan_options *out, hd_error *err)
{
    out->space = HD_SPACE_TEMPLATE;
    for (const char *word = text; word && *word;) {
        size_t length = strcspn(word, ",");
        if (word_is(word, length, "template") || word_is(word, length, "free")) {
            out->space_given = true;
            out->space = word[0] == 'f' ? HD_SPACE_FREE : HD_SPACE_TEMPLATE;
        } else if (word_is(word, length, "ragged")) {
            out->ragged = true;
        } else if (word_is(word, length, "bypass")) {
            out->bypass = true;
        } else {
            return hd_fail(err, HD_ERR_USAGE, "space '%.*s': words of template,free,ragged,bypass expected",
                           (int)length, word);
        }
        word += length + (word[length] == ',');
    }
    return HD_OK;
}

/* ---- NAME.OPTION=VALUE: NAME is a solver, a model, or the search for segments ---- */

/* A card with options. */
typedef struct card { const char *kind, *name; const void *self; const hd_option *options; } card;

/* A text cut at its dot and its equals sign. */
typedef struct setting { const char *whole, *name, *key, *value; size_t name_length, key_length; } setting;

static hd_status cut(const char *text, setting *out, hd_error *err)
{
    size_t name = strcspn(text, ".="), key = 0;
    if (text[name] == '.') key = strcspn(text + name + 1, "=");
    *out = (setting){text, text, text + name + 1, text + name + 1 + key + 1, name, key};
    if (text[name] == '.' && text[name + 1 + key] == '=') return HD_OK;
    return hd_fail(err, HD_ERR_USAGE, "--set %s: NAME.OPTION=VALUE expected", text);
}

static bool has_option(const card *c, const setting *s)
{
    for (const hd_option *o = c->options; o && o->name; o++)
        if (word_is(s->key, s->key_length, o->name)) return true;
    return false;
}

/* Of cards of one name (the solver and the model `kapla`) the one that has the option, else the first. */
static void prefer(card c, const setting *s, bool *found, card *out)
{
    if (!word_is(s->name, s->name_length, c.name) || (*found && !has_option(&c, s))) return;
    if (!*found || !has_option(out, s)) *out = c;
    *found = true;
}

static bool find_card(const setting *s, card *out)
{
    bool found = false;
    for (const hd_solver *const *v = hd_catalogue_solvers; *v; v++)
        prefer((card){"solver", (*v)->name, *v, (*v)->options}, s, &found, out);
    for (const hd_model *const *m = hd_catalogue_models; *m; m++)
        prefer((card){"model", (*m)->name, *m, (*m)->options}, s, &found, out);
    prefer((card){"search", "pipeline", hd_pipeline_options, hd_pipeline_options}, s, &found, out);
    return found;
}

static hd_status unknown_card(const setting *s, hd_error *err)
{
    char name[HD_HINT], hint[HD_HINT];
    snprintf(name, sizeof name, "%.*s", (int)s->name_length, s->name);
    hd_guess meant = hd_guess_of(name);
    for (const hd_solver *const *v = hd_catalogue_solvers; *v; v++) hd_guess_offer(&meant, (*v)->name);
    for (const hd_model *const *m = hd_catalogue_models; *m; m++) hd_guess_offer(&meant, (*m)->name);
    hd_guess_offer(&meant, "pipeline");
    return hd_fail(err, HD_ERR_USAGE, "--set %s: no solver, model or search '%.*s'%s; `heddle list options` shows what there is",
                   s->whole, (int)s->name_length, s->name, hd_guess_hint(&meant, hint));
}

static bool parse_value(const char *text, double *out)
{
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        *out = text[0] == 't';
        return true;
    }
    return hd_parse_double(text, strlen(text), out);
}

static hd_status unknown_option(const setting *s, const card *c, hd_error *err)
{
    char key[HD_HINT], hint[HD_HINT];
    snprintf(key, sizeof key, "%.*s", (int)s->key_length, s->key);
    hd_guess meant = hd_guess_of(key);
    for (const hd_option *o = c->options; o && o->name; o++) hd_guess_offer(&meant, o->name);
    return hd_fail(err, HD_ERR_USAGE, "--set %s: %s %s has no option '%.*s'%s; `heddle list options` shows what there is",
                   s->whole, c->kind, c->name, (int)s->key_length, s->key, hd_guess_hint(&meant, hint));
}

/* Which option of its card a setting means, and its value. */
static hd_status find_option(const setting *s, const card *c, int *index, double *value, hd_error *err)
{
    *index = 0;
    for (const hd_option *o = c->options; o && o->name; o++, ++*index) {
        if (!word_is(s->key, s->key_length, o->name)) continue;
        if (parse_value(s->value, value) && *value >= o->low && *value <= o->high) return HD_OK;
        return hd_fail(err, HD_ERR_USAGE, "--set %s: a number from %g to %g expected%s", s->whole, o->low, o->high,
                       o->low == 0 && o->high == 1 ? ", or true or false" : "");
    }
    return unknown_option(s, c, err);
}

/* What a run uses, and where its values go. */
typedef struct run {
    const hd_solver *solver;
    const hd_model *model;
    double *solver_values, *settings, *pipeline; /* NULL: segments are not searched */
} run;

static hd_status not_of_the_run(const setting *s, const card *c, const run *r, hd_error *err)
{
    if (c->self == hd_pipeline_options)
        return hd_fail(err, HD_ERR_USAGE, "--set %s: segments are searched with --inter-layer kapla or exhaustive, on a chip "
                       "with a mesh", s->whole);
    return hd_fail(err, HD_ERR_USAGE, "--set %s: the run uses solver %s and model %s", s->whole,
                   r->solver ? r->solver->name : "none", r->model->name);
}

/* One text into the values of the run; `strict`: one that speaks of something else is an error. */
static hd_status apply(const char *text, bool strict, const run *r, hd_error *err)
{
    setting s;
    card c;
    int index;
    double value;
    HD_TRY(cut(text, &s, err));
    if (!find_card(&s, &c)) return unknown_card(&s, err);
    HD_TRY(find_option(&s, &c, &index, &value, err));
    if (c.self == r->solver) r->solver_values[index] = value;
    else if (c.self == r->model) r->settings[index] = value;
    else if (c.self == hd_pipeline_options && r->pipeline) r->pipeline[index] = value;
    else if (strict) return not_of_the_run(&s, &c, r, err);
    return HD_OK;
}

static int count_options(const hd_option *options)
{
    int count = 0;
    while (options && options[count].name) count++;
    return count;
}

static hd_status standards(const hd_option *options, hd_arena *arena, double **out, hd_error *err)
{
    int count = count_options(options);
    *out = hd_arena_alloc(arena, (size_t)count + 1, sizeof **out);
    if (!*out) return hd_fail_memory(err);
    for (int i = 0; i < count; i++) (*out)[i] = options[i].standard;
    return HD_OK;
}

static hd_status option_values(const hd_solve_options *given, const hd_problem *problem, const hd_arch *arch, hd_arena *arena,
                               hd_plan_options *out, hd_error *err)
{
    run r = {.solver = out->solver, .model = out->model};
    HD_TRY(standards(out->solver->options, arena, &r.solver_values, err));
    HD_TRY(standards(out->model->options, arena, &r.settings, err));
    if (out->inter_layer != HD_INTER_NONE && arch && hd_arch_mesh(arch) >= 0)
        HD_TRY(standards(hd_pipeline_options, arena, &r.pipeline, err));
    if (problem && problem->settings && problem->model == out->model)
        memcpy(r.settings, problem->settings, (size_t)count_options(out->model->options) * sizeof *r.settings);
    for (int s = 0; s < given->presets; s++) HD_TRY(apply(given->preset[s], false, &r, err));
    for (int s = 0; s < given->sets; s++) HD_TRY(apply(given->set[s], true, &r, err));
    out->option_values = r.solver_values;
    out->settings = r.settings;
    out->pipeline = r.pipeline;
    return HD_OK;
}

hd_status hd_settings_read(const hd_model *model, int sets, const char *const *set, double out[HD_MAX_SETTINGS],
                           hd_error *err)
{
    run r = {.model = model, .settings = out};
    for (int i = 0; model->options && model->options[i].name && i < HD_MAX_SETTINGS; i++)
        out[i] = model->options[i].standard;
    for (int s = 0; s < sets; s++) HD_TRY(apply(set[s], false, &r, err));
    return HD_OK;
}

hd_status hd_options_resolve(const hd_context *context, const hd_solve_options *given, const hd_problem *problem,
                             const hd_network *network, const hd_arch *arch, hd_arena *arena, hd_plan_options *out,
                             hd_error *err)
{
    hd_solve_options o;
    hd_stamp_copy(&o, sizeof o, given, given ? given->size : 0);
    *out = (hd_plan_options){.seed = o.seed, .evaluations = o.evaluations, .seconds = o.seconds,
                             .threads = context->options.threads, .cancel = context->options.cancel,
                             .progress = context->options.progress, .user = context->options.user};
    HD_TRY(hd_catalogue_solver(o.solver, &out->solver, err));
    out->proofs = o.proof;
    if (o.proof && !(out->solver->traits & HD_SOLVER_PROVES))
        return hd_fail(err, HD_ERR_USAGE, "the solver %s writes no proofs; optimal does", out->solver->name);
    if (!o.model && problem && problem->model) o.model = problem->model->name;
    HD_TRY(hd_catalogue_model(o.model, &out->model, err));
    HD_TRY(hd_catalogue_objective(o.objective, &out->objective, err));
    HD_TRY(parse_space(o.space, out, err));
    HD_TRY(hd_inter_layer_parse(o.inter_layer, &out->inter_layer, err));
    if (o.evaluations < 0 || !(o.seconds >= 0))
        return hd_fail(err, HD_ERR_USAGE, "a budget of evaluations or seconds is at least 0");
    HD_TRY(option_values(&o, problem, arch, arena, out, err));
    if (!o.pin_file) return HD_OK;
    hd_pin *pins = NULL;
    HD_TRY(hd_pins_read_file(o.pin_file, network, arch, arena, &pins, &out->pins, err));
    out->pin = pins;
    return HD_OK;
}
