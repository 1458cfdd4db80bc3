/* Studies for users of the library: the bench against the optimum, curves and shadow prices, one handle for all. */
#include "api/handles.h"

#include <stdio.h>
#include <string.h>

#include "catalogue/catalogue.h"
#include "formats/heddle/schedule_yaml.h"
#include "network/inter_layer.h"
#include "study/curve.h"
#include "study/kapla.h"
#include "study/overhead.h"
#include "study/shadow.h"

enum { HD_KAPLA_NETS = 256 };

struct hd_study {
    hd_arena *arena;       /* what the options refer to */
    hd_overheads *bench;   /* one of the four */
    hd_store *store;       /* runs done before, or NULL */
    hd_kapla_bench kapla;
    const hd_overheads *odd; /* of the bench, or of one of kapla's: where a contradiction was met */
    hd_network *net[HD_KAPLA_NETS];
    hd_arch *arch[HD_KAPLA_NETS];
    int nets, archs;
    hd_curve *curve;
    hd_shadow *shadow;
};

static hd_status new_study(hd_context *context, hd_study **out, hd_error *err)
{
    void *memory;
    HD_TRY(hd_context_alloc(context, sizeof(hd_study), &memory, err));
    hd_study *study = memory;
    study->arena = hd_arena_new(hd_context_memory(context), 0);
    if (!study->arena) {
        hd_context_release(context, study);
        return hd_fail_memory(err);
    }
    *out = study;
    return HD_OK;
}

HD_API void hd_study_free(hd_context *context, hd_study *study)
{
    if (!study) return;
    hd_overheads_free(study->bench);
    hd_store_close(study->store);
    for (int i = 0; i < study->kapla.runs; i++) hd_overheads_free(study->kapla.run[i].of);
    for (int i = 0; i < study->nets; i++) hd_network_free(study->net[i]);
    for (int i = 0; i < study->archs; i++) hd_arch_free(context, study->arch[i]);
    hd_curve_free(study->curve);
    hd_shadow_free(study->shadow);
    hd_arena_free(study->arena);
    hd_context_release(context, study);
}

/* Hand the study out, or drop it. */
static hd_status give(hd_context *context, hd_study *study, hd_status status, hd_study **out)
{
    if (status == HD_OK) *out = study;
    else hd_study_free(context, study);
    return status;
}

/* ---- the bench ---- */

static const char *const standard_methods[] = {"descend", "random"};

/* What is asked for, with every standard filled in. */
typedef struct bench { hd_solve_options solve; int methods; const char *const *method; } bench;

/* A setting must be of the model or of a solver that runs. */
static hd_status check_set(const bench *b, const char *model, const char *set, hd_error *err)
{
    size_t length = strcspn(set, ".=");
    for (int m = -2; m < b->methods; m++) {
        const char *name = m == -2 ? model : m == -1 ? b->solve.solver : b->method[m];
        if (strlen(name) == length && strncmp(set, name, length) == 0) return HD_OK;
    }
    return hd_fail(err, HD_ERR_USAGE, "--set %s: the run uses model %s, %s and the methods asked for, not '%.*s'", set, model,
                   b->solve.solver, (int)length, set);
}

static hd_status check_methods(const bench *b, hd_error *err)
{
    for (int m = 0; m < b->methods; m++) {
        if (strcmp(b->method[m], b->solve.solver) == 0)
            return hd_fail(err, HD_ERR_USAGE, "method '%s' is the measure itself; name others", b->method[m]);
        for (int k = 0; k < m; k++)
            if (strcmp(b->method[m], b->method[k]) == 0)
                return hd_fail(err, HD_ERR_USAGE, "method '%s' stands there twice", b->method[m]);
    }
    return HD_OK;
}

/* Settings of several solvers at once: all become presets, which those that they do not mean pass over. */
static hd_status merge_sets(bench *b, hd_arena *arena, hd_error *err)
{
    hd_solve_options *o = &b->solve;
    const hd_model *model;
    HD_TRY(hd_catalogue_model(o->model, &model, err));
    const char **all = hd_arena_alloc(arena, (size_t)(o->presets + o->sets) + 1, sizeof *all);
    if (!all) return hd_fail_memory(err);
    for (int i = 0; i < o->presets; i++) all[i] = o->preset[i];
    for (int i = 0; i < o->sets; i++) {
        HD_TRY(check_set(b, model->name, o->set[i], err));
        all[o->presets + i] = o->set[i];
    }
    o->presets += o->sets;
    o->preset = all;
    o->sets = 0;
    return HD_OK;
}

static hd_status resolve_method(const hd_context *context, const bench *b, const char *name, const hd_network *network,
                                const hd_arch *arch, hd_arena *arena, hd_plan_options *plan, hd_method *out, hd_error *err)
{
    hd_solve_options o = b->solve;
    o.solver = name;
    HD_TRY(hd_options_resolve(context, &o, NULL, network, arch, arena, plan, err));
    *out = (hd_method){.solver = plan->solver, .values = plan->option_values};
    return HD_OK;
}

static hd_status open_store(const hd_context *context, const char *path, hd_study *study, hd_error *err)
{
    char warning[HD_PATH + 128];
    if (!path) return HD_OK;
    HD_TRY(hd_store_open(path, &study->store, err));
    int damaged = hd_store_damaged(study->store);
    snprintf(warning, sizeof warning, "%s: %d damaged line%s passed over", path, damaged, damaged == 1 ? "" : "s");
    if (damaged > 0) hd_context_log(context, warning);
    return HD_OK;
}

static hd_status run_bench(const hd_context *context, bench *b, const hd_network *const *net, int nets,
                           const hd_arch *const *given, int archs, hd_study *study, hd_error *err)
{
    hd_overhead_options x = {.methods = b->methods};
    if (nets < 1 || archs < 1) return hd_fail(err, HD_ERR_USAGE, "a bench needs a network and a chip");
    if (b->solve.pin_file) return hd_fail(err, HD_ERR_USAGE, "a bench takes no pins");
    HD_TRY(check_methods(b, err));
    HD_TRY(merge_sets(b, study->arena, err));
    hd_method *method = hd_arena_alloc(study->arena, (size_t)b->methods + 1, sizeof *method);
    const hd_arch **arch = hd_arena_alloc(study->arena, (size_t)archs, sizeof *arch);
    if (!method || !arch) return hd_fail_memory(err);
    for (int i = 0; i < archs; i++) HD_TRY(hd_arch_of_model(b->solve.model, given[i], study->arena, &arch[i], err));
    hd_plan_options unused;
    for (int m = 0; m < b->methods; m++)
        HD_TRY(resolve_method(context, b, b->method[m], net[0], arch[0], study->arena, &unused, &method[m], err));
    HD_TRY(resolve_method(context, b, b->solve.solver, net[0], arch[0], study->arena, &x.plan, &x.judge, err));
    x.method = method;
    x.store = study->store;
    HD_TRY(hd_overheads_run(net, nets, arch, archs, &x, &study->bench, err));
    if (study->bench->odd >= 0) study->odd = study->bench;
    return HD_OK;
}

HD_API hd_status hd_bench_optimal(hd_context *context, const hd_network *const *networks, int network_count,
                                  const hd_arch *const *archs, int arch_count, const hd_bench_options *options,
                                  hd_study **out, hd_error *err)
{
    hd_bench_options o;
    hd_study *study = NULL;
    bench b = {.methods = 2, .method = standard_methods};
    hd_stamp_copy(&o, sizeof o, options, options ? options->size : 0);
    if (o.methods > 0) b.methods = o.methods, b.method = o.method;
    hd_stamp_copy(&b.solve, sizeof b.solve, o.solve, o.solve ? o.solve->size : 0);
    b.solve.size = sizeof b.solve;
    if (!b.solve.solver) b.solve.solver = hd_solver_optimal.name;
    HD_TRY(new_study(context, &study, err));
    hd_status status = open_store(context, o.store, study, err);
    if (status == HD_OK) status = run_bench(context, &b, networks, network_count, archs, arch_count, study, err);
    return give(context, study, status, out);
}

/* ---- KAPLA's comparison ---- */

static const char *const kapla_methods[] = {"descend", "kapla", "random", "anneal"};

/* All, or without the last one where this build has none. */
static int kapla_method_count(void)
{
    const hd_solver *solver;
    int n = (int)(sizeof kapla_methods / sizeof *kapla_methods);
    return hd_catalogue_solver(kapla_methods[n - 1], &solver, NULL) == HD_OK ? n : n - 1;
}

static hd_status add_network(hd_context *context, hd_study *study, const hd_setting *s, const char *name, hd_error *err)
{
    hd_network_options o = {.size = sizeof o, .batch = s->batch, .training = s->training};
    if (study->nets == HD_KAPLA_NETS) return hd_fail(err, HD_ERR_USAGE, "more than %d networks", HD_KAPLA_NETS);
    HD_TRY(hd_network_open(context, name, &o, &study->net[study->nets], err));
    study->nets++;
    return HD_OK;
}

static hd_status add_networks(hd_context *context, hd_study *study, const hd_setting *s, const hd_kapla_options *o, hd_error *err)
{
    char name[HD_PATH];
    for (int i = 0; i < o->networks; i++) HD_TRY(add_network(context, study, s, o->network[i], err));
    for (const char *at = s->nets; o->networks == 0 && *at;) {
        size_t length = strcspn(at, " ");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        HD_TRY(add_network(context, study, s, name, err));
        at += length + (at[length] == ' ');
    }
    return HD_OK;
}

/* Random methods are given what descend took, if descend runs before them. */
static hd_status match_budgets(const char *equal, hd_method *method, int methods, hd_error *err)
{
    int like = 0;
    bool seconds = equal && strcmp(equal, "seconds") == 0;
    if (equal && !seconds && strcmp(equal, "evaluations") != 0)
        return hd_fail(err, HD_ERR_USAGE, "equal: found '%s', expected evaluations or seconds", equal);
    for (int m = 0; m < methods; m++) {
        if (method[m].solver == &hd_solver_descend) like = m + 1;
        else if (method[m].solver->traits & HD_SOLVER_RANDOMISED) method[m].like = like, method[m].like_seconds = seconds;
    }
    return HD_OK;
}

static hd_status run_setting(hd_context *context, const hd_setting *s, const hd_kapla_options *o, bench *b, hd_study *study,
                             hd_error *err)
{
    hd_overhead_options x = {.methods = b->methods};
    hd_plan_options unused;
    int first = study->nets;
    HD_TRY(hd_arch_open(context, s->arch, &study->arch[study->archs], err));
    const hd_arch *arch;
    HD_TRY(hd_arch_of_model(b->solve.model, study->arch[study->archs++], study->arena, &arch, err));
    HD_TRY(add_networks(context, study, s, o, err));
    hd_method *method = hd_arena_alloc(study->arena, (size_t)b->methods + 1, sizeof *method);
    if (!method) return hd_fail_memory(err);
    for (int m = 0; m < b->methods; m++)
        HD_TRY(resolve_method(context, b, b->method[m], study->net[first], arch, study->arena, &unused, &method[m], err));
    HD_TRY(resolve_method(context, b, b->solve.solver, study->net[first], arch, study->arena, &x.plan, &x.judge, err));
    HD_TRY(match_budgets(o->equal, method, b->methods, err));
    x.method = method;
    x.store = study->store;
    hd_kapla_run *run = &study->kapla.run[study->kapla.runs];
    run->setting = s;
    HD_TRY(hd_overheads_run((const hd_network *const *)&study->net[first], study->nets - first, &arch, 1, &x, &run->of, err));
    study->kapla.runs++;
    if (run->of->odd >= 0) study->odd = run->of;
    hd_inter_layer inter;
    HD_TRY(hd_inter_layer_parse(b->solve.inter_layer, &inter, err));
    return study->odd ? HD_OK : hd_kapla_prune(run->of, inter, study->arena, &run->pruning, err);
}

static bool is_wanted(const hd_setting *s, const hd_kapla_options *o)
{
    bool wanted = o->settings == 0;
    for (int i = 0; i < o->settings; i++) wanted |= strcmp(o->setting[i], s->name) == 0;
    return wanted;
}

static hd_status check_settings(const hd_kapla_options *o, hd_error *err)
{
    for (int i = 0; i < o->settings; i++) {
        const hd_setting *s = hd_kapla_settings;
        while (s->name && strcmp(s->name, o->setting[i]) != 0) s++;
        if (!s->name)
            return hd_fail(err, HD_ERR_USAGE, "setting '%s': cloud-inference, cloud-training, edge-1 or edge-64 expected",
                           o->setting[i]);
    }
    return HD_OK;
}

static hd_status run_kapla(hd_context *context, const hd_kapla_options *o, bench *b, hd_study *study, hd_error *err)
{
    int count = 0;
    while (hd_kapla_settings[count].name) count++;
    study->kapla.run = hd_arena_alloc(study->arena, (size_t)count, sizeof *study->kapla.run);
    if (!study->kapla.run) return hd_fail_memory(err);
    HD_TRY(check_settings(o, err));
    HD_TRY(check_methods(b, err));
    HD_TRY(merge_sets(b, study->arena, err));
    for (const hd_setting *s = hd_kapla_settings; s->name && !study->odd; s++)
        if (is_wanted(s, o)) HD_TRY(run_setting(context, s, o, b, study, err));
    return HD_OK;
}

HD_API hd_status hd_bench_kapla(hd_context *context, const hd_kapla_options *options, hd_study **out, hd_error *err)
{
    hd_kapla_options o;
    hd_study *study = NULL;
    bench b = {.methods = kapla_method_count(), .method = kapla_methods};
    hd_stamp_copy(&o, sizeof o, options, options ? options->size : 0);
    if (o.methods > 0) b.methods = o.methods, b.method = o.method;
    hd_stamp_copy(&b.solve, sizeof b.solve, o.solve, o.solve ? o.solve->size : 0);
    b.solve.size = sizeof b.solve;
    if (!b.solve.solver) b.solve.solver = hd_solver_optimal.name;
    HD_TRY(new_study(context, &study, err));
    hd_status status = open_store(context, o.store, study, err);
    if (status == HD_OK) status = run_kapla(context, &o, &b, study, err);
    return give(context, study, status, out);
}

/* ---- curves and shadow prices ---- */

static hd_status run_curve(const hd_context *context, const hd_network *network, const hd_arch *arch,
                           const hd_curve_options *o, hd_study *study, hd_error *err)
{
    hd_solve_options solve;
    hd_plan_options plan;
    hd_knob knob;
    hd_curve_range range = {o->from, o->to, o->steps};
    hd_stamp_copy(&solve, sizeof solve, o->solve, o->solve ? o->solve->size : 0);
    solve.size = sizeof solve;
    if (!solve.solver) solve.solver = hd_solver_optimal.name;
    if (!o->vary) return hd_fail(err, HD_ERR_USAGE, "which number of the chip is to vary? LEVEL.capacity or the like");
    HD_TRY(hd_arch_of_model(solve.model, arch, study->arena, &arch, err));
    HD_TRY(hd_knob_parse(arch, o->vary, &knob, err));
    HD_TRY(hd_options_resolve(context, &solve, NULL, network, arch, study->arena, &plan, err));
    return hd_curve_run(network, arch, &knob, &range, &plan, &study->curve, err);
}

HD_API hd_status hd_bound_curve(hd_context *context, const hd_network *network, const hd_arch *arch,
                                const hd_curve_options *options, hd_study **out, hd_error *err)
{
    hd_curve_options o;
    hd_study *study = NULL;
    hd_stamp_copy(&o, sizeof o, options, options ? options->size : 0);
    HD_TRY(new_study(context, &study, err));
    return give(context, study, run_curve(context, network, arch, &o, study, err), out);
}

HD_API hd_status hd_shadow_prices(hd_context *context, const hd_answer *answer, hd_study **out, hd_error *err)
{
    hd_study *study = NULL;
    if (answer->given) return hd_fail(err, HD_ERR_USAGE, "shadow prices need an answer that was solved, not a priced schedule");
    HD_TRY(new_study(context, &study, err));
    return give(context, study, hd_shadow_run(answer->plan, &study->shadow, err), out);
}

/* ---- questions ---- */

HD_API bool hd_study_sound(const hd_study *study, hd_error *err)
{
    const hd_curve *c = study->curve;
    if (study->odd) {
        hd_fail(err, HD_ERR_INTERNAL, "%s", study->odd->contest[study->odd->odd].what);
        return false;
    }
    if (!c || c->odd < 0) return true;
    const hd_curve_point *a = &c->point[c->odd], *b = &c->point[c->odd_above];
    hd_fail(err, HD_ERR_INTERNAL, "%s on %s: %s = %.17g costs %.17g, but %.17g cannot do with less than %.17g: a bug of heddle, "
            "please report it", c->net->name, c->arch->name, c->name, a->value, a->cost, b->value, b->lower_bound);
    return false;
}

HD_API hd_status hd_study_case(hd_context *context, const hd_study *study, char **out, hd_error *err)
{
    if (!study->odd) return hd_fail(err, HD_ERR_USAGE, "there is no such case");
    hd_schedule *schedule = NULL;
    HD_TRY(hd_schedule_of_plan(study->odd->contest[study->odd->odd].odd, &schedule, err));
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    hd_status status = hd_schedule_write(schedule, &text, err);
    hd_schedule_free(schedule);
    if (status == HD_OK) return hd_text_give(&text, out, err);
    hd_text_free(&text);
    return status;
}

HD_API bool hd_study_found(const hd_study *study, hd_error *err)
{
    const hd_curve *c = study->curve;
    bool none = c != NULL, run = false;
    for (int i = 0; c && i < c->points; i++) {
        none = none && !c->point[i].found;
        run = run || c->point[i].done;
    }
    if (none && run) hd_fail(err, HD_ERR_USAGE, "no schedule at any point; at the last one %s", c->why);
    return !(none && run);
}

static bool put(const hd_study *study, const char *form, bool reproducible, hd_text *text)
{
    bool table = strcmp(form, "table") == 0, json = strcmp(form, "json") == 0, csv = strcmp(form, "csv") == 0;
    bool kapla = study->kapla.runs > 0;
    if (!table && !json && !(csv && (study->bench || kapla))) return false;
    if (kapla && table) hd_kapla_table(&study->kapla, text);
    else if (kapla && json) hd_kapla_json(&study->kapla, reproducible, HD_VERSION, text);
    else if (kapla) hd_kapla_csv(&study->kapla, reproducible, text);
    else if (study->bench && table) hd_overheads_table(study->bench, text);
    else if (study->bench && json) hd_overheads_json(study->bench, reproducible, HD_VERSION, text);
    else if (study->bench) hd_overheads_csv(study->bench, reproducible, text);
    else if (study->curve && table) hd_curve_table(study->curve, text);
    else if (study->curve) hd_curve_json(study->curve, reproducible, HD_VERSION, text);
    else if (table) hd_shadow_table(study->shadow, text);
    else hd_shadow_json(study->shadow, HD_VERSION, text);
    return true;
}

HD_API hd_status hd_study_text(hd_context *context, const hd_study *study, const char *form, bool reproducible, char **out,
                               hd_error *err)
{
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    if (put(study, form, reproducible, &text)) return hd_text_give(&text, out, err);
    return hd_fail(err, HD_ERR_USAGE, "form '%s': \"table\", \"json\" or, of a bench, \"csv\" expected", form);
}
