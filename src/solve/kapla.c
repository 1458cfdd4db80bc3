/* KAPLA's published algorithm for one operator on one chip (Li & Gao 2023; reference section 7.6; docs/kapla-solver.md).
 *
 * Every pair of loop orders gives one candidate, filled bottom up; each is written as a scheme of ours and priced by the
 * model at hand, at most 36 evaluations.  Its tile sizes are the algorithm's own: they need not divide, and the space
 * narrows them only by constraints.  Chips: DRAM > a buffer (one, or one per node of a mesh) > an array of register files >
 * MAC; others are refused, as are pins and operators that KAPLA has no layer for.                                     */
#include <stdio.h>

#include "dataflow/kapla_convert.h"
#include "solve/kapla.h"
#include "solve/solver.h"

enum { BUFFER = 1, REGISTERS = 2 };

typedef struct offering {
    const hd_space *space;
    hd_budget *budget;
    hd_incumbent *inc;
} offering;

/* Words of a level that a tile may take under the model's capacity rule. */
static double usable(const hd_problem *p, const hd_model *model, int level)
{
    const hd_level *l = &p->arch->level[level];
    double words = (double)l->capacity;
    if (model == &hd_model_kapla && hd_kapla_is_compat(p)) return HD_KAPLA_USABLE * words;
    if (model != &hd_model_kapla && l->double_buffer) words /= 2;
    return words + 0.5; /* it may be full */
}

static hd_kapla_room room_of(const hd_problem *p, const hd_model *model)
{
    hd_kapla_room room = {.share = p->arch->level[BUFFER].mesh.share};
    for (int unit = 0; unit < HD_KAPLA_UNITS; unit++) {
        const hd_level *l = &p->arch->level[unit == HD_KAPLA_NODE ? BUFFER : REGISTERS];
        room.words[unit] = usable(p, model, unit == HD_KAPLA_NODE ? BUFFER : REGISTERS);
        for (int axis = 0; axis < HD_AXES; axis++) room.units[unit][axis] = l->fan[axis];
    }
    return room;
}

/* Offer a candidate as a scheme of ours, if it is one that the chip's wires and the space's constraints admit. */
static bool offer(const hd_kapla_scheme *candidate, void *user)
{
    offering *o = user;
    hd_scheme scheme;
    hd_refusal why = {0};
    hd_kapla_to_scheme(o->space->problem, candidate, &scheme);
    if (!hd_scheme_is_legal(o->space->problem, &scheme, &why) || !hd_constraints_hold(o->space, &scheme, &why))
        hd_incumbent_refused(o->inc, &why);
    else
        hd_incumbent_offer(o->inc, o->budget, &scheme);
    return !hd_budget_out(o->budget);
}

/* May the algorithm run at all?  It knows one machine, its own layers, and no pins. */
static bool is_known(const hd_space *space, hd_kapla_layer *layer, hd_refusal *why)
{
    hd_kapla_chip chip;
    hd_kapla_dims dims;
    if (!hd_kapla_chip_of(space->problem->arch, &chip, why)) return false;
    if (!hd_kapla_layer_of(space->problem->op, layer, &dims, why)) return false;
    if (!space->pin) return true;
    *why = (hd_refusal){.kind = HD_REFUSE_CONSTRAINT, .level = -1, .role = -1, .dim = -1};
    snprintf(why->why, sizeof why->why, "the solver kapla places everything itself: it takes no pins");
    return false;
}

static hd_status run(const hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err)
{
    (void)self, (void)option_values, (void)random, (void)arena, (void)err;
    offering o = {space, budget, incumbent};
    hd_kapla_layer layer;
    hd_refusal why = {0};
    incumbent->space = space;
    if (incumbent->unserved) return HD_OK;
    if (!is_known(space, &layer, &why)) {
        incumbent->unserved = true;
        incumbent->nearest = why;
        incumbent->outcome = HD_OUTCOME_INFEASIBLE;
        return HD_OK;
    }
    hd_kapla_room room = room_of(space->problem, incumbent->model);
    hd_kapla_each(&layer, false, &room, &(hd_kapla_demand){0}, offer, &o);
    hd_incumbent_close(incumbent, budget, false);
    return HD_OK;
}

const hd_solver hd_solver_kapla = {
    .name = "kapla",
    .title = "KAPLA's bottom-up cost descending as published: 36 pairs of loop orders, one candidate each",
    .paper = "Li and Gao, KAPLA, 2023",
    .traits = 0,
    .options = NULL,
    .run = run,
};
