/* KAPLA's published algorithm for one operator on one chip (Li & Gao 2023; reference section 7.6; docs/kapla-solver.md).
 *
 * Every pair of loop orders gives one candidate, filled bottom up; each is written as a scheme of ours and priced by the
 * model at hand, at most 36 evaluations; compat compares them in KAPLA's own form and prices the best.  Tile sizes are the
 * algorithm's own: they need not divide, and the space narrows them only by constraints.  Chips: DRAM > a buffer (one, or
 * one per node of a mesh) > an array of register files > MAC; others are refused, as are pins and operators that KAPLA has
 * no layer for.                                                                                                       */
#include <math.h>
#include <stdio.h>

#include "dataflow/kapla_convert.h"
#include "solve/kapla.h"
#include "solve/solver.h"

enum { BUFFER = 1, REGISTERS = 2 };

typedef struct offering {
    const hd_space *space;
    hd_problem read;                /* the space's problem, gradients as what they are read as */
    hd_budget *budget;
    hd_incumbent *inc;
    /* compat: candidates are compared in KAPLA's own form, as published, and the first of the best is offered */
    const hd_kapla_chip *chip;
    hd_kapla_layout source;
    hd_kapla_place place;
    bool compares;                  /* false: every candidate is offered to the model */
    bool found;
    double least;
    hd_scheme best;
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

void hd_kapla_tries_of(const hd_problem *p, hd_kapla_tries *out)
{
    hd_kapla_room room = room_of(p, &hd_model_kapla);
    hd_kapla_layer layer;
    hd_kapla_dims dims;
    out->partitions = 0;
    if (hd_kapla_layer_of(p->op, p->makes, &layer, &dims, NULL)) hd_kapla_find_tries(&layer, false, &room, out);
}

/* Is it better than the ones before, in its own form? */
static void compare(offering *o, const hd_kapla_scheme *candidate, const hd_scheme *scheme)
{
    hd_kapla_cost cost;
    o->budget->used++;
    o->inc->evaluations++;
    hd_kapla_evaluate(o->chip, 0, candidate, &o->place, &cost);
    double value = hd_kapla_value(&cost, o->inc->objective);
    if (o->found && value >= o->least) return;
    o->found = true;
    o->least = value;
    o->best = *scheme;
}

/* A candidate as a scheme of ours, if it is one that the chip's wires and the space's constraints admit. */
static bool offer(const hd_kapla_scheme *candidate, void *user)
{
    offering *o = user;
    hd_scheme scheme;
    hd_refusal why = {0};
    hd_kapla_to_scheme(&o->read, candidate, &scheme);
    if (!hd_scheme_is_legal(o->space->problem, &scheme, &why) || !hd_constraints_hold(o->space, &scheme, &why))
        hd_incumbent_refused(o->inc, &why);
    else if (o->compares)
        compare(o, candidate, &scheme);
    else
        hd_incumbent_offer(o->inc, o->budget, &scheme);
    return !hd_budget_out(o->budget);
}

/* May the algorithm run at all?  It knows one machine and no pins. */
static bool is_known(const hd_space *space, hd_kapla_chip *chip, hd_refusal *why)
{
    if (!hd_kapla_chip_of(space->problem->arch, chip, why)) return false;
    if (!space->pin) return true;
    *why = (hd_refusal){.kind = HD_REFUSE_CONSTRAINT, .level = -1, .role = -1, .dim = -1};
    snprintf(why->why, sizeof why->why, "it places everything itself and takes no pins");
    return false;
}

/* No pair of orders came to a candidate: the research code goes over to an exhaustive search here, unsaid. */
static bool refuse_all(const hd_kapla_room *room, hd_refusal *why)
{
    const int64_t *nodes = room->units[HD_KAPLA_NODE];
    *why = (hd_refusal){.kind = HD_REFUSE_UTILIZATION, .level = BUFFER, .role = -1, .dim = -1, .need = nodes[HD_X] * nodes[HD_Y]};
    snprintf(why->why, sizeof why->why,
             "none of kapla's %d pairs of loop orders uses all %lld nodes and fits their buffers (descend may leave nodes idle)",
             HD_KAPLA_PAIRS, (long long)why->need);
    return false;
}

/* Offer the candidates of what the operator is read as; false, and why, where KAPLA has no such layer or there are none. */
static bool offer_all(offering *o, hd_refusal *why)
{
    const hd_kapla_demand none = {{0}, false, false};
    hd_kapla_room room = room_of(&o->read, o->inc->model);
    hd_kapla_layer layer;
    hd_kapla_dims dims;
    if (!hd_kapla_layer_of(o->read.op, o->read.makes, &layer, &dims, why)) return false;
    o->found = false;
    o->compares = o->inc->model == &hd_model_kapla && hd_kapla_is_compat(&o->read);
    if (o->compares) o->place = hd_kapla_compat_place(&o->read, o->chip, &layer, &o->source);
    if (!hd_kapla_each(&layer, false, &room, &none, offer, o)) return refuse_all(&room, why);
    if (!o->found || !isinf(hd_incumbent_offer(o->inc, o->budget, &o->best))) return true;
    o->compares = false; /* what our form makes of it does not fit */
    return hd_kapla_each(&layer, false, &room, &none, offer, o);
}

static hd_status run(const hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err)
{
    (void)option_values, (void)random, (void)arena, (void)err;
    offering o = {.space = space, .read = *space->problem, .budget = budget, .inc = incumbent};
    hd_kapla_chip chip;
    hd_refusal why = {0};
    incumbent->space = space;
    if (incumbent->unserved) return HD_OK;
    if (!is_known(space, &chip, &why)) {
        hd_incumbent_decline(incumbent, self->name, &why);
        return HD_OK;
    }
    o.chip = &chip;
    bool offered = offer_all(&o, &why);
    if (!incumbent->found && o.read.makes != HD_MAKES_OUTPUT) { /* the gradient as the nest that it is, too */
        o.read.makes = HD_MAKES_OUTPUT;
        o.read.tries = NULL;
        offered |= offer_all(&o, &(hd_refusal){0}); /* the first reason stays */
    }
    if (!offered) hd_incumbent_decline(incumbent, self->name, &why);
    hd_incumbent_close(incumbent, budget, false);
    if (!incumbent->found && !hd_budget_out(budget)) incumbent->outcome = HD_OUTCOME_INFEASIBLE; /* all refused */
    return HD_OK;
}

const hd_solver hd_solver_kapla = {
    .name = "kapla",
    .title = "KAPLA's bottom-up cost descending as published: 36 pairs of loop orders, one candidate each",
    .paper = "Li and Gao, KAPLA, 2023",
    .traits = HD_SOLVER_LOOKS_BACK,
    .options = NULL,
    .run = run,
};
