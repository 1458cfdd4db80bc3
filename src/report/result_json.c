/* What did `solve` or `eval` find, for programs to read?  Keys and their order are fixed by DESIGN section 7.
 */
#include "report/result_json.h"

#include "report/json_writer.h"
#include "report/layer_json.h"
#include "report/refusal.h"

static void write_heading(hd_json *json, const hd_plan *plan, const char *version, const char *space) {
    const hd_plan_options *o = &plan->options;
    hd_json_text(json, "heddle", "result/1");
    hd_json_text(json, "network", plan->network->name);
    hd_json_text(json, "arch", plan->arch->name);
    hd_json_int(json, "batch", plan->network->batch);
    hd_json_text(json, "objective", hd_objective_name(o->objective));
    hd_json_text(json, "solver", o->solver ? o->solver->name : NULL);
    hd_json_text(json, "model", o->model ? o->model->name : NULL);
    hd_json_text(json, "space", space);
    hd_json_unsigned(json, "seed", o->seed);
    hd_json_text(json, "version", version);
}

/* Of what is the sum of the layers' bounds: "space" where one of them is of the space alone. */
static const char *bound_of(const hd_plan *plan) {
    for (int l = 0; l < plan->network->layers; l++)
        if (!plan->layer[l].fused && hd_bound_of_json(&plan->layer[l].best)[0] == 's') return "space";
    return "model";
}

/* Of which choices between layers: all that may stay on chip and run together, those that were taken, or none. */
static const char *bound_between(const hd_plan *plan) {
    if (plan->segments == 0) return "alone";
    return plan->options.inter_layer != HD_INTER_NONE ? "every choice" : "this choice";
}

static void write_totals(hd_json *json, const hd_plan *plan) {
    static const char *const unknown[] = {"energy_pj", "latency_cycles", "edp", "lower_bound",
                                          "gap",       "proved"};
    bool found = plan->failed < 0;
    hd_json_open(json, "totals", '{');
    hd_json_int(json, "macs", plan->macs);
    if (found)
        hd_json_int(json, "computes", plan->computes);
    else
        hd_json_null(json, "computes");
    if (found) {
        hd_json_double(json, "energy_pj", plan->energy_pj);
        hd_json_int(json, "latency_cycles", plan->latency_cycles);
        hd_json_double(json, "edp", plan->edp);
        hd_json_double(json, "lower_bound", plan->lower_bound);
        hd_json_double(json, "gap", plan->gap);
        hd_json_bool(json, "proved", plan->proved);
    }
    for (size_t i = 0; !found && i < sizeof unknown / sizeof *unknown; i++) hd_json_null(json, unknown[i]);
    hd_json_int(json, "evaluations", plan->evaluations);
    if (found)
        hd_json_double(json, "utilization", plan->utilization);
    else
        hd_json_null(json, "utilization");
    hd_json_text(json, "bound_of", found ? bound_of(plan) : NULL);
    hd_json_text(json, "bound_between", found ? bound_between(plan) : NULL);
    hd_json_close(json, '}');
}

static const char *refusal_name(hd_refusal_kind kind) {
    static const char *const name[] = {
        [HD_LEGAL] = "none_found",   [HD_REFUSE_SHAPE] = "shape", [HD_REFUSE_KEEP] = "keep",
        [HD_REFUSE_BOX] = "box",     [HD_REFUSE_RADIX] = "radix", [HD_REFUSE_FANOUT] = "fanout",
        [HD_REFUSE_WIRE] = "wire",   [HD_REFUSE_HOME] = "home",   [HD_REFUSE_CAPACITY] = "capacity",
        [HD_REFUSE_MODEL] = "model", [HD_REFUSE_CONSTRAINT] = "constraint",
        [HD_REFUSE_UTILIZATION] = "utilization", [HD_REFUSE_SOLVER] = "solver",
    };
    return name[kind];
}

static void write_stages(hd_json *json, const hd_plan *plan, const hd_segment *s, bool flat) {
    hd_json_open(json, flat ? "layers" : "stages", '[');
    for (int i = 0; i < s->stages; i++) {
        if (!flat) hd_json_open(json, NULL, '[');
        for (int k = 0; k < s->stage[i].layers; k++)
            hd_json_text(json, NULL, plan->network->layer[s->stage[i].layer[k]].name);
        if (!flat) hd_json_close(json, ']');
    }
    hd_json_close(json, ']');
}

static void write_region(hd_json *json, const hd_region *r) {
    hd_json_open(json, NULL, '{');
    hd_json_int(json, "x", r->x);
    hd_json_int(json, "y", r->y);
    hd_json_int(json, "width", r->width);
    hd_json_int(json, "height", r->height);
    hd_json_close(json, '}');
}

/* Layers on chip together; empty where the network is the sum of its layers. */
static void write_segments(hd_json *json, const hd_plan *plan) {
    hd_json_open(json, "segments", '[');
    for (int i = 0; i < plan->segments; i++) {
        const hd_segment *s = &plan->segment[i];
        hd_json_open(json, NULL, '{');
        write_stages(json, plan, s, true);
        write_stages(json, plan, s, false);
        hd_json_open(json, "regions", '[');
        for (int k = 0; k < s->stages; k++) write_region(json, &s->stage[k].region);
        hd_json_close(json, ']');
        hd_json_int(json, "batch_groups", s->batch_groups);
        hd_json_bool(json, "at_home", s->at_home);
        hd_json_double(json, "energy_pj", s->energy_pj);
        hd_json_double(json, "refetch_pj", s->refetch_pj);
        hd_json_double(json, "idle_pj", s->idle_pj);
        hd_json_int(json, "latency_cycles", s->latency_cycles);
        hd_json_close(json, '}');
    }
    hd_json_close(json, ']');
}

static void write_error(hd_json *json, const hd_plan *plan) {
    if (plan->failed < 0) {
        hd_json_null(json, "error");
        return;
    }
    const hd_refusal *why = &plan->layer[plan->failed].best.nearest;
    bool words = why->kind == HD_REFUSE_CAPACITY || why->kind == HD_REFUSE_UTILIZATION;
    hd_json_open(json, "error", '{');
    hd_json_text(json, "kind", refusal_name(why->kind));
    hd_json_text(json, "layer", plan->network->layer[plan->failed].name);
    bool level = why->kind != HD_LEGAL && why->level >= 0 && why->level < plan->arch->levels;
    bool role = why->kind != HD_LEGAL && why->role >= 0 && why->role < HD_ROLES;
    hd_json_text(json, "level", level ? plan->arch->level[why->level].name : NULL);
    const hd_operator *op = &plan->network->layer[plan->failed].op;
    hd_json_text(json, "role", role ? hd_tensor_name(op, (hd_role)why->role) : NULL);
    if (words)
        hd_json_int(json, "need_words", why->need);
    else
        hd_json_null(json, "need_words");
    if (words)
        hd_json_int(json, "have_words", why->have);
    else
        hd_json_null(json, "have_words");
    char reason[HD_REFUSAL_TEXT];
    hd_missing_text(&plan->layer[plan->failed].problem, &plan->layer[plan->failed].best, reason);
    hd_json_text(json, "why", reason);
    hd_json_close(json, '}');
}

static void write_run(hd_json *json, const hd_plan *plan) {
    hd_json_open(json, "run", '{');
    hd_json_double(json, "seconds", plan->seconds);
    hd_json_int(json, "threads", plan->options.threads);
    hd_json_open(json, "layers", '{');
    for (int l = 0; l < plan->network->layers; l++)
        if (!plan->layer[l].fused) hd_json_double(json, plan->network->layer[l].name, plan->layer[l].seconds);
    hd_json_close(json, '}');
    hd_json_close(json, '}');
}

hd_status hd_result_json(const hd_plan *plan, bool reproducible, const char *version, hd_text *text,
                         hd_error *err) {
    char space[HD_SPACE_WORDS];
    hd_plan_space_words(&plan->options, space);
    hd_json json;
    hd_json_begin(&json, text);
    hd_json_open(&json, NULL, '{');
    write_heading(&json, plan, version, space);
    write_totals(&json, plan);
    hd_json_open(&json, "layers", '[');
    for (int l = 0; l < plan->network->layers; l++)
        if (!plan->layer[l].fused) hd_layer_json(&json, plan, l);
    hd_json_close(&json, ']');
    write_segments(&json, plan);
    write_error(&json, plan);
    if (!reproducible) write_run(&json, plan);
    hd_json_close(&json, '}');
    hd_text_append(text, "\n");
    return hd_text_check(text, err);
}
