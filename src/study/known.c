/* Does a layer need a search on this chip, or do answers on its neighbours settle it?
 *
 * Where more of a number only helps, every schedule of a chip stands on those that offer at least as much: bounds found there
 * hold here.  A scheme found elsewhere that fits here and costs no more than such a bound is the best there is.  So a curve
 * needs searches only where the optimum changes, layer by layer.                                                    */
#include "study/known.h"

#include <math.h>
#include <string.h>

#include "network/memo.h"
#include "study/knob.h"

struct hd_finding {
    hd_finding *older;
    const hd_arch *chip;
    double lower_bound;
    const hd_scheme *scheme; /* NULL = none found */
};

static const double ROUNDING = 1e-12; /* proofs round in the 13th digit */

hd_status hd_known_new(const hd_network *net, const hd_plan_options *options, hd_known **out, hd_error *err)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_known *known = arena ? hd_arena_alloc(arena, 1, sizeof *known) : NULL;
    if (known) *known = (hd_known){.arena = arena, .net = net, .options = *options};
    if (known) known->of = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *known->of);
    if (!known || !known->of) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    known->options.progress = NULL;
    known->options.proofs = false;
    known->options.known = NULL;
    known->options.cpu = options->threads <= 1; /* what is left unproved should not depend on who else works here */
    *out = known;
    return HD_OK;
}

void hd_known_free(hd_known *known)
{
    if (known) hd_arena_free(known->arena);
}

static bool is_distinct(const hd_plan_layer *l) { return !l->fused && l->same_as < 0 && !l->best.unserved; }

/* What was settled by other findings adds nothing to them. */
static hd_status note(hd_known *known, const hd_plan *plan, const hd_memo *settled, hd_error *err)
{
    hd_arch *chip = hd_arena_alloc(known->arena, 1, sizeof *chip);
    if (!chip) return hd_fail_memory(err);
    *chip = *plan->arch;
    for (int i = 0; i < plan->layers; i++) {
        const hd_plan_layer *l = &plan->layer[i];
        int pin = hd_plan_pin(&plan->options, &known->net->layer[i]);
        if (!is_distinct(l) || l->best.outcome == HD_OUTCOME_INFEASIBLE) continue;
        if (settled && hd_memo_find(settled, &l->problem, pin, NULL)) continue;
        hd_finding *f = hd_arena_alloc(known->arena, 1, sizeof *f);
        hd_scheme *scheme = l->best.found ? hd_arena_alloc(known->arena, 1, sizeof *scheme) : NULL;
        if (!f || (l->best.found && !scheme)) return hd_fail_memory(err);
        if (scheme) *scheme = l->best.scheme;
        *f = (hd_finding){known->of[i], chip, l->best.lower_bound, scheme};
        known->of[i] = f;
    }
    return HD_OK;
}

hd_status hd_known_note(hd_known *known, const hd_plan *plan, hd_error *err) { return note(known, plan, NULL, err); }

static bool same_sides(const hd_arch *a, const hd_arch *b)
{
    bool same = true;
    for (int l = 0; l < a->levels; l++) same = same && memcmp(a->level[l].fan, b->level[l].fan, sizeof a->level[l].fan) == 0;
    return same;
}

/* Constraints may ask for a share of the array, or for all of it: what they leave depends on its sides. */
static bool offers(const hd_known *known, const hd_arch *more, const hd_arch *less)
{
    return (!known->options.constraints || same_sides(more, less)) && hd_knob_offers(more, less, known->options.model);
}

static double bound_of(const hd_known *known, int layer, const hd_arch *chip)
{
    double bound = -INFINITY;
    for (const hd_finding *f = known->of[layer]; f; f = f->older)
        if (f->lower_bound > bound && offers(known, f->chip, chip)) bound = f->lower_bound;
    return bound;
}

/* Schemes of a larger array may lie outside the space of a smaller one. */
static bool in_space(const hd_known *known, const hd_finding *f, const hd_arch *chip)
{
    return same_sides(f->chip, chip) || offers(known, chip, f->chip);
}

/* Offer known schemes to the entry until one is as cheap as the bound. */
static void settle(const hd_known *known, int layer, hd_solved *s)
{
    hd_budget budget = {0};
    hd_incumbent *best = &s->best;
    double bound = bound_of(known, layer, s->problem.arch);
    for (const hd_finding *f = known->of[layer]; f && bound >= 0 && !s->effort; f = f->older) {
        if (!f->scheme || !in_space(known, f, s->problem.arch) || !hd_scheme_is_legal(&s->problem, f->scheme, NULL)) continue;
        hd_incumbent_offer(best, &budget, f->scheme);
        if (best->found && best->cost <= bound * (1 + ROUNDING)) s->effort = HD_EFFORT_WHOLE;
    }
    if (!s->effort) return;
    best->lower_bound = best->cost;
    best->outcome = HD_OUTCOME_OPTIMAL;
}

/* Entries of all layers that need no search. */
static hd_status find_settled(hd_known *known, const hd_arch *chip, hd_memo *memo, hd_error *err)
{
    const hd_plan_options *o = &known->options;
    for (int i = 0; i < known->net->layers; i++) {
        hd_solved *s;
        hd_problem problem = hd_plan_problem(o, &known->net->layer[i], chip);
        if (!known->of[i]) continue;
        HD_TRY(hd_memo_entry(memo, o, &problem, hd_plan_pin(o, &known->net->layer[i]), NULL, &s, err));
        if (!s->effort && !s->best.unserved) settle(known, i, s);
        if (!s->effort) memo->count--; /* to be searched: the entry just made goes again */
    }
    return HD_OK;
}

static hd_status solve(hd_known *known, const hd_arch *chip, hd_memo *memo, hd_plan **out, hd_error *err)
{
    hd_plan_options o = known->options;
    bool alone = !o.solver || !(o.solver->traits & HD_SOLVER_LOOKS_BACK); /* else a layer depends on those before it */
    if (alone) HD_TRY(find_settled(known, chip, memo, err));
    if (memo->count > 0) o.known = memo;
    hd_plan *plan;
    HD_TRY(hd_plan_solve(known->net, chip, &o, &plan, err));
    plan->options.known = NULL; /* gone when this returns */
    hd_status status = note(known, plan, memo, err);
    if (status != HD_OK) {
        hd_plan_free(plan);
        return status;
    }
    for (int i = 0; i < plan->layers; i++) known->searched += is_distinct(&plan->layer[i]);
    known->searched -= memo->count;
    known->spared += memo->count;
    *out = plan;
    return HD_OK;
}

hd_status hd_known_solve(hd_known *known, const hd_arch *chip, hd_plan **out, hd_error *err)
{
    hd_memo memo = {.arena = hd_arena_new(NULL, 0)};
    if (!memo.arena) return hd_fail_memory(err);
    hd_status status = solve(known, chip, &memo, out, err);
    hd_arena_free(memo.arena);
    return status;
}
