/* What is there to say about one scheduled layer?  Counts are of one execution; `repeats` stands beside them.
 */
#include "report/layer_json.h"

#include <math.h>

#include "report/model_json.h"
#include "report/names.h"

typedef struct view {
    hd_json *json;
    const hd_arch *arch;
    const hd_problem *problem;
    const hd_incumbent *best;
    const hd_breakdown *price; /* NULL: nothing found */
} view;

static const char *role_name(const view *v, int role) {
    return hd_tensor_name(v->problem->op, (hd_role)role);
}

/* All four roles; where a foreign file named the tensors, those alone. */
static bool shown(const view *v, int role) {
    return hd_role_shown(v->problem->op, (hd_role)role);
}

void hd_dims_json(hd_json *json, const hd_operator *op) {
    hd_json_open_flat(json, "dims", '{');
    for (int d = 0; d < op->dims; d++) hd_json_int(json, op->dim[d].name, op->dim[d].extent);
    hd_json_close(json, '}');
}

static void write_table(const view *v, const char *key, const double pj[HD_MAX_LEVELS][HD_ROLES]) {
    hd_json_open(v->json, key, '{');
    for (int l = 0; l < v->arch->levels; l++) {
        hd_json_open_flat(v->json, v->arch->level[l].name, '{');
        for (int r = 0; r < HD_ROLES; r++)
            if (shown(v, r)) hd_json_double(v->json, role_name(v, r), pj[l][r]);
        hd_json_close(v->json, '}');
    }
    hd_json_close(v->json, '}');
}

static void write_energy(const view *v) {
    hd_json_open(v->json, "energy", '{');
    hd_json_double(v->json, "mac", v->price->mac_pj);
    hd_json_double(v->json, "vector", v->price->vector_pj);
    write_table(v, "levels", v->price->level_pj);
    write_table(v, "networks", v->price->network_pj);
    hd_json_double(v->json, "static", v->price->static_pj);
    hd_json_close(v->json, '}');
}

static void write_cycles(const view *v) {
    hd_json_open_flat(v->json, "cycles", '{');
    hd_json_int(v->json, "compute", v->price->compute_cycles);
    hd_json_open(v->json, "levels", '{');
    for (int l = 0; l < v->arch->levels; l++)
        hd_json_int(v->json, v->arch->level[l].name, v->price->level_cycles[l]);
    hd_json_close(v->json, '}');
    hd_json_int(v->json, "fill", v->price->fill_cycles);
    hd_json_int(v->json, "drain", v->price->drain_cycles);
    hd_json_close(v->json, '}');
}

static void write_accesses(const view *v) {
    hd_json_open(v->json, "accesses", '{');
    for (int l = 0; l < v->arch->levels; l++) {
        hd_json_open(v->json, v->arch->level[l].name, '{');
        for (int r = 0; r < HD_ROLES; r++) {
            const hd_access *a = &v->price->access[l][r];
            if (!shown(v, r)) continue;
            hd_json_open_flat(v->json, role_name(v, r), '{');
            hd_json_int(v->json, "reads", a->reads);
            hd_json_int(v->json, "fills", a->fills);
            hd_json_int(v->json, "updates", a->updates);
            hd_json_close(v->json, '}');
        }
        hd_json_close(v->json, '}');
    }
    hd_json_close(v->json, '}');
}

static void write_levels(const view *v) {
    hd_json_open(v->json, "levels", '{');
    for (int l = 0; l < v->arch->levels; l++) {
        hd_json_open_flat(v->json, v->arch->level[l].name, '{');
        hd_json_int(v->json, "instances", v->price->instances[l]);
        hd_json_int(v->json, "instances_used", v->price->instances_used[l]);
        hd_json_open(v->json, "tile_words", '{');
        for (int r = 0; r < HD_ROLES; r++)
            if (shown(v, r)) hd_json_int(v->json, role_name(v, r), v->price->tile_words[l][r]);
        hd_json_close(v->json, '}');
        hd_json_close(v->json, '}');
    }
    hd_json_close(v->json, '}');
}

static void write_scheme_level(const view *v, const hd_scheme_level *level, const char *name) {
    static const char *const axis[HD_AXES] = {"X", "Y"};
    const hd_operator *op = v->problem->op;
    hd_json_open_flat(v->json, NULL, '{');
    hd_json_text(v->json, "level", name);
    hd_json_open(v->json, "keep", '[');
    for (int r = 0; r < HD_ROLES; r++)
        if (level->keep & HD_ROLE_BIT(r)) hd_json_text(v->json, NULL, role_name(v, r));
    hd_json_close(v->json, ']');
    hd_json_open(v->json, "tensor", '{');
    for (int d = 0; d < op->dims; d++) hd_json_int(v->json, op->dim[d].name, level->tensor[d]);
    hd_json_close(v->json, '}');
    hd_json_open(v->json, "stack", '[');
    for (int i = 0; i < level->stacks; i++) {
        hd_json_open(v->json, NULL, '[');
        hd_json_text(v->json, NULL, op->dim[level->stack[i].dim].name);
        hd_json_int(v->json, NULL, level->stack[i].shift);
        hd_json_int(v->json, NULL, level->stack[i].copies);
        hd_json_text(v->json, NULL, axis[level->stack[i].axis]);
        hd_json_close(v->json, ']');
    }
    hd_json_close(v->json, ']');
    hd_json_open(v->json, "update", '[');
    for (int i = 0; i < level->updates; i++) {
        hd_json_open(v->json, NULL, '[');
        hd_json_text(v->json, NULL, op->dim[level->update[i].dim].name);
        hd_json_int(v->json, NULL, level->update[i].step);
        hd_json_close(v->json, ']');
    }
    hd_json_close(v->json, ']');
    hd_json_close(v->json, '}');
}

static void write_scheme(const view *v) {
    const hd_scheme *s = &v->best->scheme;
    hd_json_open(v->json, "scheme", '{');
    hd_json_open(v->json, "levels", '[');
    for (int l = 0; l < s->levels; l++) write_scheme_level(v, &s->level[l], v->arch->level[l].name);
    hd_json_close(v->json, ']');
    hd_json_close(v->json, '}');
}

static const char *stop_name(hd_outcome outcome) {
    static const char *const name[] = {
        [HD_OUTCOME_NONE] = NULL,
        [HD_OUTCOME_INFEASIBLE] = "infeasible",
        [HD_OUTCOME_IMPROVED] = "improved",
        [HD_OUTCOME_EXHAUSTED] = "exhausted",
        [HD_OUTCOME_INTERRUPTED] = "interrupted",
        [HD_OUTCOME_OPTIMAL] = "optimal",
    };
    return name[outcome];
}

const char *hd_bound_of_json(const hd_incumbent *best) {
    hd_bound each;
    best->model->bound(best->problem, &each);
    const double of_all[HD_OBJECTIVES] = {each.energy_pj, each.latency_cycles, each.edp};
    return best->lower_bound > of_all[best->objective] ? "space" : "model";
}

static void write_numbers(const view *v) {
    const hd_breakdown *price = v->price;
    hd_json *json = v->json;
    double units = (double)hd_arch_instances(v->arch, v->arch->levels - 1);
    double bound = v->best->lower_bound,
           gap = v->best->cost > 0 ? (v->best->cost - bound) / v->best->cost : 0;
    hd_json_int(json, "computes", price->computes);
    hd_json_double(json, "energy_pj", price->energy_pj);
    hd_json_int(json, "latency_cycles", price->latency_cycles);
    hd_json_double(json, "utilization",
                   (double)hd_operator_macs(v->problem->op) /
                       (units * fmax(1.0, (double)price->latency_cycles)));
    hd_json_double(json, "lower_bound", bound);
    hd_json_double(json, "gap", gap);
    hd_json_bool(json, "proved", gap <= 0);
    hd_json_text(json, "bound_of", hd_bound_of_json(v->best));
}

static void write_nulls(hd_json *json, const char *const *keys) {
    for (; *keys; keys++) hd_json_null(json, *keys);
}

/* Where each tensor lives before and after. */
static void write_home(const view *v) {
    hd_json_open(v->json, "home", '{');
    for (int r = 0; r < HD_ROLES; r++)
        if (v->problem->op->tensor[r].used || v->problem->home[r] > 0)
            hd_json_text(v->json, hd_role_name((hd_role)r), v->arch->level[v->problem->home[r]].name);
    hd_json_close(v->json, '}');
}

static void write_details(const view *v) {
    write_energy(v);
    write_cycles(v);
    hd_json_text(v->json, "bound_by",
                 v->price->bound_by < 0 ? "compute" : v->arch->level[v->price->bound_by].name);
    write_accesses(v);
    write_levels(v);
    write_home(v);
    hd_model_json(v->json, v->best->model, v->problem, &v->best->scheme);
    write_scheme(v);
}

void hd_layer_json(hd_json *json, const hd_plan *plan, int layer) {
    static const char *const numbers[] = {"computes",    "energy_pj", "latency_cycles", "utilization",
                                          "lower_bound", "gap",       "proved",         "bound_of", NULL};
    static const char *const details[] = {"energy", "cycles", "bound_by", "accesses",
                                          "levels", "home",   "model",    "scheme", NULL};
    const hd_layer *from = &plan->network->layer[layer];
    const hd_plan_layer *pl = &plan->layer[layer];
    view v = {.json = json, .arch = plan->arch, .problem = &pl->problem, .best = &pl->best};
    v.price = pl->best.found ? &pl->best.price : NULL;
    hd_json_open(json, NULL, '{');
    hd_json_text(json, "name", from->name);
    hd_json_text(json, "op", from->op_name ? from->op_name : hd_kind_name(from->op.kind));
    hd_dims_json(json, &from->op);
    hd_json_text(json, "same_as", pl->same_as >= 0 ? plan->network->layer[pl->same_as].name : NULL);
    hd_json_int(json, "repeats", from->repeats);
    hd_json_int(json, "macs", hd_operator_macs(&from->op));
    hd_json_int(json, "ops", hd_operator_ops(&from->op));
    if (v.price)
        write_numbers(&v);
    else
        write_nulls(json, numbers);
    hd_json_text(json, "stop", stop_name(pl->best.outcome));
    hd_json_double(json, "space_log10", pl->space_log10);
    hd_json_int(json, "evaluations", pl->same_as >= 0 ? 0 : pl->best.evaluations);
    if (v.price)
        write_details(&v);
    else
        write_nulls(json, details);
    hd_json_close(json, '}');
}
