/* One operator on one chip, its schemes and their price: the part a compiler calls in its inner loop. */
#include "api/handles.h"

#include <string.h>

#include "catalogue/catalogue.h"

_Static_assert((int)HD_COST_LEVELS == (int)HD_MAX_LEVELS && (int)HD_COST_ROLES == (int)HD_ROLES, "public sizes");

/* What hd_problem_new makes: the problem, and room for the settings of its model. */
typedef struct own_problem { hd_problem problem; double settings[HD_MAX_SETTINGS]; } own_problem;

static int find_role(const char *name)
{
    for (int r = 0; r < HD_ROLES; r++)
        if (strcmp(hd_role_name((hd_role)r), name) == 0) return r;
    return -1;
}

static const hd_model *model_of(const hd_problem *problem)
{
    return problem->model ? problem->model : &hd_model_native;
}

HD_API hd_status hd_problem_new(hd_context *context, const hd_operator *op, const hd_arch *arch, hd_problem **out,
                                hd_error *err)
{
    void *memory;
    HD_TRY(hd_context_alloc(context, sizeof(own_problem), &memory, err));
    own_problem *own = memory;
    own->problem = (hd_problem){.op = op, .arch = arch};
    *out = &own->problem;
    return HD_OK;
}

HD_API hd_status hd_problem_model(hd_problem *problem, const char *model, hd_error *err)
{
    own_problem *own = (own_problem *)problem;
    HD_TRY(hd_catalogue_model(model, &problem->model, err));
    problem->settings = own->settings;
    return hd_settings_read(problem->model, 0, NULL, own->settings, err);
}

HD_API hd_status hd_problem_set(hd_problem *problem, const char *option, double value, hd_error *err)
{
    const hd_model *model = model_of(problem);
    size_t name = strlen(model->name);
    if (strncmp(option, model->name, name) != 0 || option[name] != '.')
        return hd_fail(err, HD_ERR_USAGE, "option '%s': the problem's model is %s, \"%s.OPTION\" expected", option,
                       model->name, model->name);
    for (int i = 0; model->options && model->options[i].name; i++) {
        const hd_option *o = &model->options[i];
        if (strcmp(o->name, option + name + 1) != 0) continue;
        if (!(value >= o->low && value <= o->high))
            return hd_fail(err, HD_ERR_USAGE, "option '%s': a number from %g to %g expected", option, o->low, o->high);
        ((own_problem *)problem)->settings[i] = value;
        return HD_OK;
    }
    return hd_fail(err, HD_ERR_USAGE, "model %s has no option '%s'", model->name, option + name + 1);
}

HD_API hd_status hd_problem_home(hd_problem *problem, const char *role, const char *level, hd_error *err)
{
    int r = find_role(role), l = hd_arch_level(problem->arch, level);
    if (r < 0) return hd_fail(err, HD_ERR_USAGE, "no role '%s'; there is: W I O I2", role);
    if (l < 0 || l >= problem->arch->levels - 1)
        return hd_fail(err, HD_ERR_USAGE, "no memory level '%s' in chip %s", level, problem->arch->name);
    problem->home[r] = l;
    return HD_OK;
}

HD_API void hd_problem_free(hd_context *context, hd_problem *problem) { hd_context_release(context, problem); }

HD_API hd_status hd_scheme_new(hd_context *context, const hd_problem *problem, hd_scheme **out, hd_error *err)
{
    void *memory;
    HD_TRY(hd_context_alloc(context, sizeof(hd_scheme), &memory, err));
    *out = memory;
    hd_scheme_trivial(problem, *out);
    return HD_OK;
}

HD_API void hd_scheme_free(hd_context *context, hd_scheme *scheme) { hd_context_release(context, scheme); }

HD_API void hd_scheme_clear(const hd_problem *problem, hd_scheme *scheme)
{
    memset(scheme, 0, sizeof *scheme);
    scheme->levels = problem->arch->levels;
    for (int l = 0; l < scheme->levels; l++)
        for (int d = 0; d < problem->op->dims; d++)
            scheme->level[l].tensor[d] = l == 0 ? problem->op->dim[d].extent : 1;
    for (int r = 0; r < HD_ROLES; r++)
        if (problem->op->tensor[r].used) scheme->level[problem->home[r]].keep |= HD_ROLE_BIT(r);
}

HD_API hd_status hd_scheme_add(const hd_problem *problem, hd_scheme *scheme, const hd_step *step, hd_error *err)
{
    if (step->level < 0 || step->level >= scheme->levels)
        return hd_fail(err, HD_ERR_USAGE, "level %d: the chip has 0 to %d", step->level, scheme->levels - 1);
    hd_scheme_level *level = &scheme->level[step->level];
    int index = step->kind == HD_STEP_KEEP ? find_role(step->name) : hd_operator_dim(problem->op, step->name);
    if (index < 0) return hd_fail(err, HD_ERR_USAGE, "the operator has no '%s'", step->name);
    switch (step->kind) {
    case HD_STEP_KEEP: level->keep |= HD_ROLE_BIT(index); return HD_OK;
    case HD_STEP_TENSOR: level->tensor[index] = step->extent; return HD_OK;
    case HD_STEP_STACK:
        if (level->stacks == HD_MAX_STACKS) break;
        if (step->axis != HD_X && step->axis != HD_Y) return hd_fail(err, HD_ERR_USAGE, "axis 0 or 1 expected");
        level->stack[level->stacks++] = (hd_stack){index, step->axis, step->extent, step->copies};
        return HD_OK;
    case HD_STEP_UPDATE:
        if (level->updates == HD_MAX_UPDATES) break;
        level->update[level->updates++] = (hd_update){index, step->extent};
        return HD_OK;
    }
    return hd_fail(err, HD_ERR_USAGE, "level %d has no room for another stack or update", step->level);
}

/* All directives of one level; false when the visitor wants no more. */
static bool walk_level(const hd_problem *p, const hd_scheme_level *level, int index,
                       bool (*visit)(void *user, const hd_step *step), void *user)
{
    for (int r = 0; r < HD_ROLES; r++) {
        hd_step step = {.kind = HD_STEP_KEEP, .level = index, .name = hd_role_name((hd_role)r)};
        if ((level->keep & HD_ROLE_BIT(r)) && !visit(user, &step)) return false;
    }
    for (int d = 0; d < p->op->dims; d++) {
        hd_step step = {.kind = HD_STEP_TENSOR, .level = index, .name = p->op->dim[d].name,
                        .extent = level->tensor[d]};
        if (!visit(user, &step)) return false;
    }
    for (int i = 0; i < level->stacks; i++) {
        const hd_stack *s = &level->stack[i];
        hd_step step = {HD_STEP_STACK, index, p->op->dim[s->dim].name, s->shift, s->copies, s->axis};
        if (!visit(user, &step)) return false;
    }
    for (int i = 0; i < level->updates; i++) {
        const hd_update *u = &level->update[i];
        hd_step step = {.kind = HD_STEP_UPDATE, .level = index, .name = p->op->dim[u->dim].name, .extent = u->step};
        if (!visit(user, &step)) return false;
    }
    return true;
}

HD_API void hd_scheme_walk(const hd_problem *problem, const hd_scheme *scheme,
                           bool (*visit)(void *user, const hd_step *step), void *user)
{
    for (int l = 0; l < scheme->levels; l++)
        if (!walk_level(problem, &scheme->level[l], l, visit, user)) return;
}

static void fill_cost(const hd_breakdown *price, int levels, hd_cost *out)
{
    hd_cost cost = {
        .energy_pj = price->energy_pj, .edp = price->edp, .mac_pj = price->mac_pj, .vector_pj = price->vector_pj,
        .static_pj = price->static_pj, .latency_cycles = price->latency_cycles, .computes = price->computes,
        .compute_cycles = price->compute_cycles, .fill_cycles = price->fill_cycles,
        .drain_cycles = price->drain_cycles, .bound_by = price->bound_by,
    };
    for (int l = 0; l < levels; l++) {
        cost.level_cycles[l] = price->level_cycles[l];
        for (int r = 0; r < HD_ROLES; r++) {
            const hd_access *a = &price->access[l][r];
            cost.traffic[l][r] = (hd_traffic){a->reads, a->fills, a->updates, price->deliveries[l][r],
                                              price->level_pj[l][r], price->network_pj[l][r]};
        }
    }
    hd_stamp_give(out, &cost, sizeof cost);
}

HD_API hd_status hd_price(const hd_problem *problem, const hd_scheme *scheme, hd_cost *out, hd_error *err)
{
    hd_refusal refusal = {0};
    const hd_model *model = model_of(problem);
    if (!hd_scheme_is_legal(problem, scheme, &refusal) || (model->serves && !model->serves(problem, &refusal)) ||
        !model->fits(problem, scheme, &refusal))
        return hd_fail(err, HD_ERR_USAGE, "%s", refusal.why);
    hd_breakdown price;
    model->price(problem, scheme, &price);
    fill_cost(&price, problem->arch->levels, out);
    return HD_OK;
}

/* ---- solving one problem ---- */

static hd_status search(const hd_context *context, const hd_problem *problem, const hd_plan_options *o,
                        hd_arena *arena, hd_incumbent *best, hd_error *err)
{
    hd_space space;
    hd_plan_space(o, problem, o->pins > 0 ? &o->pin[0] : NULL, &space);
    hd_budget budget = {.evaluations = o->evaluations, .seconds = o->seconds, .cancel = context->options.cancel,
                        .user = context->options.user};
    hd_random random;
    hd_incumbent_init(best, o->model, problem, o->objective);
    if (best->unserved) return HD_OK; /* the model has said why */
    hd_random_seed(&random, o->seed, 0);
    hd_budget_start(&budget);
    return o->solver->run(o->solver, &space, o->option_values, &budget, &random, arena, best, err);
}

/* Options, then search; `layer` is the operator as a network of one layer, for pins. */
static hd_status solve_in(const hd_context *context, const hd_problem *problem, const hd_solve_options *options,
                          const hd_network *layer, hd_arena *arena, hd_solution *out, hd_error *err)
{
    hd_plan_options o;
    HD_TRY(hd_options_resolve(context, options, problem, layer, problem->arch, arena, &o, err));
    out->problem = *problem;
    out->problem.model = o.model;
    out->problem.settings = out->settings;
    for (int i = 0; o.model->options && o.model->options[i].name && i < HD_MAX_SETTINGS; i++)
        out->settings[i] = o.settings[i];
    return search(context, &out->problem, &o, arena, &out->best, err);
}

HD_API hd_status hd_solve(hd_context *context, const hd_problem *problem, const hd_solve_options *options,
                          hd_solution **out, hd_error *err)
{
    void *memory;
    HD_TRY(hd_context_alloc(context, sizeof(hd_solution), &memory, err));
    hd_solution *solution = memory;
    hd_network *layer = NULL;
    hd_arena *arena = hd_arena_new(hd_context_memory(context), 0);
    const char *kind = hd_kind_name(problem->op->kind);
    hd_status status = arena ? HD_OK : hd_fail_memory(err);
    if (status == HD_OK) status = hd_network_of_operator(problem->op, kind, kind, &layer, err);
    if (status == HD_OK) status = solve_in(context, problem, options, layer, arena, solution, err);
    hd_network_free(layer);
    hd_arena_free(arena);
    if (status != HD_OK) {
        hd_context_release(context, solution);
        return status;
    }
    *out = solution;
    return HD_OK;
}

HD_API hd_outcome hd_solution_outcome(const hd_solution *solution) { return solution->best.outcome; }
HD_API double hd_solution_bound(const hd_solution *solution) { return solution->best.lower_bound; }
HD_API int64_t hd_solution_evaluations(const hd_solution *solution) { return solution->best.evaluations; }

HD_API const hd_scheme *hd_solution_scheme(const hd_solution *solution)
{
    return solution->best.found ? &solution->best.scheme : NULL;
}

HD_API hd_status hd_solution_cost(const hd_solution *solution, hd_cost *out, hd_error *err)
{
    const hd_incumbent *best = &solution->best;
    if (!best->found) return hd_fail(err, HD_ERR_USAGE, "no scheme was found: %s", best->nearest.why);
    fill_cost(&best->price, best->problem->arch->levels, out);
    return HD_OK;
}

HD_API void hd_solution_free(hd_context *context, hd_solution *solution) { hd_context_release(context, solution); }
