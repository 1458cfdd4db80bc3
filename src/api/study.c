/* Studies for users of the library: the bench against the optimum, curves and shadow prices, one handle for all. */
#include "api/handles.h"

#include <stdio.h>
#include <string.h>

#include "catalogue/catalogue.h"
#include "formats/heddle/schedule_yaml.h"
#include "study/curve.h"
#include "study/overhead.h"
#include "study/shadow.h"

struct hd_study {
    hd_arena *arena;       /* what the options refer to */
    hd_overheads *bench;   /* one of the three */
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
    *out = (hd_method){plan->solver, plan->option_values};
    return HD_OK;
}

static hd_status run_bench(const hd_context *context, bench *b, const hd_network *const *net, int nets,
                           const hd_arch *const *arch, int archs, hd_study *study, hd_error *err)
{
    hd_overhead_options x = {.methods = b->methods};
    if (nets < 1 || archs < 1) return hd_fail(err, HD_ERR_USAGE, "a bench needs a network and a chip");
    if (b->solve.pin_file) return hd_fail(err, HD_ERR_USAGE, "a bench takes no pins");
    HD_TRY(check_methods(b, err));
    HD_TRY(merge_sets(b, study->arena, err));
    hd_method *method = hd_arena_alloc(study->arena, (size_t)b->methods + 1, sizeof *method);
    if (!method) return hd_fail_memory(err);
    hd_plan_options unused;
    for (int m = 0; m < b->methods; m++)
        HD_TRY(resolve_method(context, b, b->method[m], net[0], arch[0], study->arena, &unused, &method[m], err));
    HD_TRY(resolve_method(context, b, b->solve.solver, net[0], arch[0], study->arena, &x.plan, &x.judge, err));
    x.method = method;
    return hd_overheads_run(net, nets, arch, archs, &x, &study->bench, err);
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
    hd_status status = run_bench(context, &b, networks, network_count, archs, arch_count, study, err);
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
    if (study->bench && study->bench->odd >= 0) {
        hd_fail(err, HD_ERR_INTERNAL, "%s", study->bench->contest[study->bench->odd].what);
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
    if (!study->bench || study->bench->odd < 0) return hd_fail(err, HD_ERR_USAGE, "there is no such case");
    hd_schedule *schedule = NULL;
    HD_TRY(hd_schedule_of_plan(study->bench->contest[study->bench->odd].odd, &schedule, err));
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
    if (!table && !json && !(csv && study->bench)) return false;
    if (study->bench && table) hd_overheads_table(study->bench, text);
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
