/* Answers: a network solved on a chip, or a schedule priced, and what one can ask of it. */
#include "api/handles.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "catalogue/catalogue.h"
#include "formats/heddle/schedule_yaml.h"
#include "network/inter_layer.h"
#include "network/residents.h"
#include "network/segments.h"
#include "report/explain.h"
#include "report/refusal.h"
#include "report/result_json.h"
#include "report/table.h"

hd_status hd_answer_new(hd_context *context, hd_answer **out, hd_error *err)
{
    void *memory;
    HD_TRY(hd_context_alloc(context, sizeof(hd_answer), &memory, err));
    hd_answer *answer = memory;
    answer->arena = hd_arena_new(hd_context_memory(context), 0);
    if (!answer->arena) {
        hd_context_release(context, answer);
        return hd_fail_memory(err);
    }
    *out = answer;
    return HD_OK;
}

HD_API void hd_answer_free(hd_context *context, hd_answer *answer)
{
    if (!answer) return;
    hd_plan_free(answer->plan);
    hd_network_free(answer->own_network);
    hd_arch_free(context, answer->own_arch);
    hd_arena_free(answer->arena);
    hd_context_release(context, answer);
}

static hd_status solve(const hd_context *context, const hd_solve_options *options, const hd_arch *arch, hd_answer *answer,
                       hd_error *err)
{
    hd_solve_options o;
    hd_stamp_copy(&o, sizeof o, options, options ? options->size : 0);
    HD_TRY(hd_arch_of_model(o.model, arch, answer->arena, &answer->arch, err));
    HD_TRY(hd_options_resolve(context, options, NULL, answer->network, answer->arch, answer->arena, &answer->options,
                              err));
    return hd_inter_layer_solve(answer->network, answer->arch, &answer->options, &answer->plan, err);
}

HD_API hd_status hd_solve_network(hd_context *context, const hd_network *network, const hd_arch *arch,
                                  const hd_solve_options *options, hd_answer **out, hd_error *err)
{
    hd_answer *answer = NULL;
    HD_TRY(hd_answer_new(context, &answer, err));
    answer->network = network;
    hd_status status = solve(context, options, arch, answer, err);
    if (status != HD_OK) {
        hd_answer_free(context, answer);
        return status;
    }
    *out = answer;
    return HD_OK;
}

/* ---- schedules from files ---- */

/* The path itself, or schedule.yaml in it where it is a folder. */
static hd_status schedule_path(const char *path, char out[HD_PATH], hd_error *err)
{
    struct stat at;
    bool folder = stat(path, &at) == 0 && S_ISDIR(at.st_mode);
    snprintf(out, HD_PATH, folder ? "%.900s/schedule.yaml" : "%.1000s", path);
    if (!folder || stat(out, &at) == 0) return HD_OK;
    return hd_fail_at(err, HD_ERR_IO, path, 0, 0, "this folder holds no schedule.yaml; give one that `heddle solve --out` wrote");
}

/* A word of the schedule that nothing here has the name of is an error of its file. */
static hd_status check_found(const hd_schedule *s, hd_error *err)
{
    hd_error inner;
    const hd_model *model = NULL;
    hd_objective objective;
    double values[HD_MAX_SETTINGS];
    hd_status status = HD_OK;
    if (*s->objective) status = hd_catalogue_objective(s->objective, &objective, &inner);
    if (status == HD_OK && *s->model) status = hd_catalogue_model(s->model, &model, &inner);
    if (status == HD_OK && model) status = hd_settings_read(model, s->settings, s->setting, values, &inner);
    if (status == HD_OK) return HD_OK;
    const char *said = strncmp(inner.message, "--set ", 6) == 0 ? inner.message + 6 : inner.message;
    return hd_fail_at(err, HD_ERR_INPUT, s->file, s->line, s->column, "found: %s", said);
}

/* The schedule's own objective, model, seed and settings where the caller says nothing. */
static hd_status schedule_options(const hd_context *context, const hd_solve_options *options, const hd_schedule *schedule,
                                  hd_answer *answer, hd_error *err)
{
    hd_solve_options o;
    HD_TRY(check_found(schedule, err));
    hd_stamp_copy(&o, sizeof o, options, options ? options->size : 0);
    o.size = sizeof o;
    if (!o.objective && schedule->objective && *schedule->objective) o.objective = schedule->objective;
    if (schedule->model && *schedule->model) {
        answer->priced_by = hd_arena_text(answer->arena, schedule->model);
        if (!answer->priced_by) return hd_fail_memory(err);
        if (!o.model) o.model = answer->priced_by;
    }
    const hd_solver *finder;
    if (!o.solver && schedule->solver && hd_catalogue_solver(schedule->solver, &finder, NULL) == HD_OK)
        o.solver = finder->name; /* who found it; nothing is searched here */
    if (o.seed == 0) o.seed = schedule->seed;
    const char **preset = hd_arena_alloc(answer->arena, (size_t)(schedule->settings + o.presets) + 1, sizeof *preset);
    if (!preset) return hd_fail_memory(err);
    for (int i = 0; i < schedule->settings; i++) {
        preset[i] = hd_arena_text(answer->arena, schedule->setting[i]);
        if (!preset[i]) return hd_fail_memory(err);
    }
    for (int i = 0; i < o.presets; i++) preset[schedule->settings + i] = o.preset[i];
    o.presets += schedule->settings;
    o.preset = answer->preset = preset;
    answer->presets = schedule->settings;
    return hd_options_resolve(context, &o, NULL, answer->network, answer->arch, answer->arena, &answer->options, err);
}

/* Segments live on in the answer, after the schedule is gone. */
static hd_status take_segments(const hd_schedule *schedule, hd_answer *answer, hd_error *err)
{
    hd_segment *copy = hd_arena_alloc(answer->arena, (size_t)schedule->segments, sizeof *copy);
    if (!copy) return hd_fail_memory(err);
    for (int i = 0; i < schedule->segments; i++) {
        const hd_segment *from = &schedule->segment[i];
        copy[i] = *from;
        copy[i].stage = hd_arena_alloc(answer->arena, (size_t)from->stages, sizeof *copy[i].stage);
        if (!copy[i].stage) return hd_fail_memory(err);
        for (int k = 0; k < from->stages; k++) {
            copy[i].stage[k] = from->stage[k];
            copy[i].stage[k].layer = hd_arena_alloc(answer->arena, (size_t)from->stage[k].layers, sizeof(int));
            if (!copy[i].stage[k].layer) return hd_fail_memory(err);
            memcpy(copy[i].stage[k].layer, from->stage[k].layer, (size_t)from->stage[k].layers * sizeof(int));
        }
    }
    answer->segment = copy;
    answer->segments = schedule->segments;
    return hd_segments_place(answer->network, answer->arch, copy, answer->segments, answer->arena, &answer->options, err);
}

/* An illegal scheme is told at the level that breaks the rule. */
static hd_status check_scheme(const hd_schedule *s, int index, hd_error *err)
{
    const hd_schedule_layer *layer = &s->layer[index];
    hd_problem problem = {.op = &s->network->layer[index].op, .arch = &s->arch};
    hd_refusal why;
    memcpy(problem.home, layer->home, sizeof problem.home);
    if (hd_scheme_is_legal(&problem, &layer->scheme, &why)) return HD_OK;
    int l = why.level < 0 ? 0 : why.level;
    return hd_fail_at(err, HD_ERR_INPUT, s->file, layer->line[l], layer->column[l], "scheme of layer '%s': %s",
                      s->network->layer[index].name, why.why);
}

/* Move what the schedule says into the answer. */
static hd_status take_schedule(hd_context *context, const hd_solve_options *options, hd_schedule *schedule,
                               hd_answer *answer, hd_error *err)
{
    hd_network *net = schedule->network;
    void *memory;
    HD_TRY(hd_context_alloc(context, sizeof(hd_arch), &memory, err));
    answer->own_arch = memory;
    *answer->own_arch = schedule->arch;
    answer->arch = answer->own_arch;
    answer->own_network = net;
    answer->network = net;
    schedule->network_owned = false;
    HD_TRY(schedule_options(context, options, schedule, answer, err));
    hd_scheme *schemes = hd_arena_alloc(answer->arena, (size_t)net->layers + 1, sizeof *schemes);
    int (*home)[HD_ROLES] = hd_arena_alloc(answer->arena, (size_t)net->layers + 1, sizeof *home);
    if (!schemes || !home) return hd_fail_memory(err);
    for (int i = 0; i < net->layers; i++) {
        const hd_schedule_layer *layer = &schedule->layer[i];
        if (net->layer[i].fused_into >= 0) continue;
        if (!layer->scheduled)
            return hd_fail(err, HD_ERR_INPUT, "layer '%s' has no scheme in this schedule", net->layer[i].name);
        HD_TRY(check_scheme(schedule, i, err));
        schemes[i] = layer->scheme;
        memcpy(home[i], layer->home, sizeof home[i]);
    }
    answer->given = schemes;
    answer->options.home = (const int (*)[HD_ROLES])home;
    if (schedule->segments > 0) return take_segments(schedule, answer, err);
    return hd_residents_chips(net, answer->arch, answer->options.home, answer->arena, &answer->options.chip, err);
}

/* Does anything stay in a buffer between layers? */
static bool has_homes(const hd_answer *answer)
{
    bool any = false;
    for (int i = 0; i < answer->network->layers; i++)
        for (int r = 0; r < HD_ROLES; r++) any |= answer->options.home[i][r] > 0;
    return any;
}

HD_API hd_status hd_price_schedule(hd_context *context, const char *path, const hd_solve_options *options,
                                   hd_answer **out, hd_error *err)
{
    char file[HD_PATH];
    HD_TRY(schedule_path(path, file, err));
    hd_schedule *schedule = NULL;
    HD_TRY(hd_schedule_read_file(file, &schedule, err));
    hd_answer *answer = NULL;
    hd_status status = hd_answer_new(context, &answer, err);
    if (status == HD_OK) status = take_schedule(context, options, schedule, answer, err);
    if (status == HD_OK)
        status = hd_plan_price(answer->network, answer->arch, answer->given, &answer->options, &answer->plan, err);
    if (status == HD_OK && answer->segments > 0)
        status = hd_segments_price(answer->plan, answer->segment, answer->segments, answer->arena, err);
    else if (status == HD_OK && (has_homes(answer) || schedule->together))
        status = hd_residents_segments(answer->plan, answer->arena, err);
    hd_schedule_free(schedule);
    if (status != HD_OK) {
        hd_answer_free(context, answer);
        return status;
    }
    *out = answer;
    return HD_OK;
}

/* ---- questions ---- */

HD_API bool hd_answer_layer_found(const hd_answer *answer, int index, hd_error *err)
{
    const hd_problem *problem = hd_answer_problem(answer, index);
    if (!problem) {
        hd_fail(err, HD_ERR_USAGE, "the layer is fused into another, or there is none of this number");
        return false;
    }
    const hd_incumbent *best = &answer->plan->layer[index].best;
    if (best->found) return true;
    const hd_refusal *why = &best->nearest;
    const char *name = answer->network->layer[index].name, *chip = answer->arch->name, *model = answer->options.model->name;
    const char *what = answer->given ? "a scheme that is not valid" : "no schedule";
    char reason[HD_REFUSAL_TEXT];
    hd_missing_text(problem, best, reason);
    if (why->kind == HD_REFUSE_MODEL)
        hd_fail(err, HD_ERR_USAGE, "layer '%s' has %s on %s under the model %s: %s", name, what, chip, model, reason);
    else if (why->kind != HD_LEGAL && why->kind != HD_REFUSE_CAPACITY &&
             (best->outcome == HD_OUTCOME_INTERRUPTED || best->outcome == HD_OUTCOME_EXHAUSTED))
        hd_fail(err, HD_ERR_USAGE, "layer '%s' has no schedule on %s: the budget ended before one was found", name, chip);
    else
        hd_fail(err, HD_ERR_USAGE, "layer '%s' has %s on %s: %s", name, what, chip, reason);
    return false;
}

HD_API bool hd_answer_complete(const hd_answer *answer, hd_error *err)
{
    return answer->plan->failed < 0 || hd_answer_layer_found(answer, answer->plan->failed, err);
}

HD_API const char *hd_answer_priced_by(const hd_answer *answer) { return answer->priced_by; }

HD_API void hd_answer_totals(const hd_answer *answer, hd_totals *out)
{
    const hd_plan *plan = answer->plan;
    hd_totals totals = {
        .macs = plan->macs, .computes = plan->computes, .latency_cycles = plan->latency_cycles,
        .evaluations = plan->evaluations, .energy_pj = plan->energy_pj, .edp = plan->edp,
        .lower_bound = plan->lower_bound, .gap = plan->gap, .utilization = plan->utilization,
        .seconds = plan->seconds, .proved = plan->proved,
    };
    for (int i = 0; i < answer->network->layers; i++) {
        if (plan->layer[i].fused) continue;
        totals.layers++;
        if (plan->layer[i].same_as < 0) totals.distinct++;
    }
    hd_stamp_give(out, &totals, sizeof totals);
}

HD_API int hd_answer_layers(const hd_answer *answer) { return answer->network->layers; }

HD_API const char *hd_answer_layer_name(const hd_answer *answer, int layer)
{
    return hd_network_layer_name(answer->network, layer);
}

HD_API int hd_answer_find(const hd_answer *answer, const char *layer)
{
    for (int i = 0; i < answer->network->layers; i++)
        if (strcmp(answer->network->layer[i].name, layer) == 0) return i;
    int64_t number;
    if (!hd_parse_int(layer, strlen(layer), &number) || number < 1) return -1;
    for (int i = 0; i < answer->network->layers; i++) /* the table numbers the layers that are scheduled */
        if (!answer->plan->layer[i].fused && --number == 0) return i;
    return -1;
}

HD_API const hd_problem *hd_answer_problem(const hd_answer *answer, int layer)
{
    if (layer < 0 || layer >= answer->network->layers || answer->plan->layer[layer].fused) return NULL;
    return &answer->plan->layer[layer].problem;
}

HD_API const hd_scheme *hd_answer_scheme(const hd_answer *answer, int layer)
{
    if (!hd_answer_problem(answer, layer) || !answer->plan->layer[layer].best.found) return NULL;
    return &answer->plan->layer[layer].best.scheme;
}

HD_API int hd_answer_same_as(const hd_answer *answer, int layer)
{
    return hd_answer_problem(answer, layer) ? answer->plan->layer[layer].same_as : -1;
}

const hd_scheme *hd_answer_given(const hd_answer *answer, int layer)
{
    if (!hd_answer_problem(answer, layer)) return NULL;
    return answer->given ? &answer->given[layer] : hd_answer_scheme(answer, layer);
}

HD_API hd_status hd_answer_table(hd_context *context, const hd_answer *answer, char **out, hd_error *err)
{
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    hd_table_plan(answer->plan, &text);
    return hd_text_give(&text, out, err);
}

HD_API hd_status hd_answer_explain(hd_context *context, const hd_answer *answer, int layer, char **out, hd_error *err)
{
    if (!hd_answer_scheme(answer, layer)) return hd_fail(err, HD_ERR_USAGE, "the layer has no scheme of its own");
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    hd_explain_layer(answer->plan, layer, &text);
    return hd_text_give(&text, out, err);
}

HD_API hd_status hd_answer_schedule(hd_context *context, const hd_answer *answer, char **out, hd_error *err)
{
    hd_schedule *schedule = NULL;
    HD_TRY(hd_schedule_of_plan(answer->plan, &schedule, err));
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    hd_status status = hd_schedule_write(schedule, &text, err);
    hd_schedule_free(schedule);
    if (status != HD_OK) {
        hd_text_free(&text);
        return status;
    }
    return hd_text_give(&text, out, err);
}

HD_API hd_status hd_answer_json(hd_context *context, const hd_answer *answer, bool reproducible, char **out,
                                hd_error *err)
{
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    hd_status status = hd_result_json(answer->plan, reproducible, HD_VERSION, &text, err);
    if (status != HD_OK) {
        hd_text_free(&text);
        return status;
    }
    return hd_text_give(&text, out, err);
}
