/* The best scheme of a space, with proof, for spaces far too large to enumerate.  docs/optimal.md.
 *
 * `descend` gives the first answer; then every keep set, every set of levels that have loops, and under each every tile is
 * either searched or cut by a bound (optimal_bound.c).  Where the structure is not given (another model, tiles
 * that do not divide, outputs that slide) every scheme is looked at.                                          */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "solve/optimal_ledger.h"

static void find_stacks(opt *o)
{
    for (int l = 1; l <= o->mac; l++)
        for (int axis = 0; axis < HD_AXES; axis++)
            for (int d = 0; d < o->form->dims; d++)
                if (o->p->arch->level[l].fan[axis] > 1 && o->form->at[d][l][axis] >= 0) o->stacks |= NEST_STACK(l, axis);
}

/* Levels where some chain of some dim loops, where every chain of some dim does. */
static void find_looping(opt *o)
{
    for (int d = 0; d < o->form->dims; d++) {
        unsigned all = (2u << o->last) - 2;
        for (int c = 0; c < o->chains[d]; c++) {
            unsigned loops = 0;
            for (int l = 1; l <= o->last; l++) loops |= (unsigned)(o->chain[d][c].loop[l] > 1) << l;
            o->may_loop |= loops;
            all &= loops;
        }
        o->must_loop |= all;
    }
}

/* Does every count of this space divide into products? */
static bool is_even(opt *o)
{
    static const opt_rules *const all[] = {&opt_native, &opt_timeloop, &opt_kapla};
    const hd_space *space = o->form->space;
    const hd_model *own = space->model ? space->model : space->problem->model, *model = own ? own : &hd_model_native;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->model == o->inc->model) o->rules = all[i];
    if (!o->rules || model != o->inc->model || (space->ragged && o->rules != &opt_native)) return false;
    o->ragged = space->ragged;
    find_stacks(o);
    if (!o->rules->begin(o) || !opt_find_chains(o)) return false;
    find_looping(o);
    return true;
}

bool opt_begin(opt *o, const hd_form *form, hd_budget *budget, hd_incumbent *inc, hd_arena *arena)
{
    *o = (opt){.form = form, .p = form->space->problem, .budget = budget, .inc = inc, .arena = arena,
               .mac = form->levels - 1, .memory = true, .priced = inc->evaluations};
    o->memo = hd_arena_alloc(arena, 1, sizeof *o->memo);
    o->memory = o->memo != NULL;
    if (!o->memory || !is_even(o)) return false;
    o->timed = inc->objective != HD_ENERGY || o->p->arch->static_pj_per_cycle > 0;
    o->metered = inc->objective != HD_LATENCY;
    hd_draft_least(form, &o->draft);
    return true;
}

/* A first answer of `solver` with a share of what is left of the budget. */
static hd_status seed(const hd_solver *solver, const double *values, const hd_space *space, hd_budget *budget,
                      hd_random *random, hd_arena *arena, hd_incumbent *inc, hd_error *err)
{
    enum { SHARE = 4 };
    hd_budget share = *budget;
    hd_random own = *random;
    if (budget->evaluations > 0) share.evaluations = budget->used + (budget->evaluations - budget->used + SHARE - 1) / SHARE;
    if (budget->seconds > 0) share.seconds = hd_budget_elapsed(budget) + (budget->seconds - hd_budget_elapsed(budget)) / SHARE;
    hd_status status = solver->run(solver, space, values, &share, &own, arena, inc, err);
    budget->used = share.used;
    budget->interrupted = share.interrupted;
    return status;
}

/* A short descent: what it leaves above the best, the search sees sooner than more starts would. */
static hd_status seed_by_descent(double restarts, const hd_space *space, hd_budget *budget, hd_random *random, hd_arena *arena,
                                 hd_incumbent *inc, hd_error *err)
{
    enum { MESH = 8 }; /* times as many: a search takes seconds there, and what it cuts hangs on the first answer */
    double values[HD_OPTIONS_MOST];
    hd_option_values(hd_solver_descend.options, NULL, values);
    if (hd_arch_nodes(space->problem->arch) > 0) restarts *= MESH;
    values[hd_option_find(hd_solver_descend.options, "restarts")] = restarts;
    values[hd_option_find(hd_solver_descend.options, "exact")] = 0; /* that comes next */
    return seed(&hd_solver_descend, values, space, budget, random, arena, inc, err);
}

/* Ragged tiles are no excuse for an answer worse than the best one that divides. */
static hd_status seed_even(const hd_space *space, hd_budget *budget, hd_random *random, hd_arena *arena, hd_incumbent *inc,
                           hd_error *err)
{
    hd_space even = *space;
    hd_incumbent best;
    even.ragged = false;
    if (space->pin || space->constraints) return HD_OK; /* what these ask for may divide nowhere */
    hd_incumbent_init(&best, inc->model, inc->problem, inc->objective);
    HD_TRY(seed(&hd_solver_optimal, NULL, &even, budget, random, arena, &best, err));
    inc->evaluations += best.evaluations;
    if (best.found && !hd_budget_out(budget)) hd_incumbent_offer(inc, budget, &best.scheme);
    return HD_OK;
}

/* What no part of the search has accounted for. */
static void close_proof(hd_incumbent *inc, hd_argument seen)
{
    if (!inc->proof || !inc->proof->counted) return;
    bool all = inc->outcome == HD_OUTCOME_OPTIMAL || inc->outcome == HD_OUTCOME_INFEASIBLE;
    hd_wide rest = hd_proof_rest(inc->proof);
    inc->proof->stepwise = inc->proof->stepwise && hd_wide_is_zero(&rest);
    hd_proof_add(inc->proof, all ? seen : HD_UNSEEN, 0, &rest, inc->found || !all ? inc->lower_bound : INFINITY);
    for (int d = 0; d < HD_PROOF_DEPTHS; d++) /* the model's own bound may be the better one */
        if (inc->proof->sum[HD_UNSEEN][d].bound < inc->lower_bound) inc->proof->sum[HD_UNSEEN][d].bound = inc->lower_bound;
}

enum { OPTION_SEED, OPTION_CUT };
static const hd_option options[] = {
    {"seed", "start from the answer of descend, which ends after so many starts in vain; 0: the search finds its own", 8, 0, 1e9},
    {"cut", "blocks of dims with more options left are cut in two before their options are tried one by one", 12, 1, 1e6},
    {NULL, NULL, 0, 0, 0},
};

/* With the structure that the space has, or by looking at all of it. */
static hd_status prove(const hd_form *form, opt *o, int cut, hd_budget *budget, hd_random *random, hd_arena *arena,
                       hd_incumbent *inc, hd_error *err)
{
    if (hd_budget_out(budget)) { /* nothing would be looked at, and much made ready for it */
        hd_incumbent_close(inc, budget, false);
        close_proof(inc, HD_UNSEEN);
        return HD_OK;
    }
    enum { BOUNDS = 1000 }; /* for each price of a given number: bounds are work, too */
    bool all = false, even = opt_begin(o, form, budget, inc, arena);
    if (!o->memory) return hd_fail_memory(err);
    o->few = cut;
    if (budget->evaluations > 0 && !hd_count_mul(budget->evaluations, BOUNDS, &o->most_work)) o->most_work = 0;
    if (even) HD_TRY(opt_search_parts(o, &even, &all, err));
    if (even) hd_incumbent_close(inc, budget, all);
    else HD_TRY(hd_solver_exhaustive.run(&hd_solver_exhaustive, form->space, NULL, budget, random, arena, inc, err));
    close_proof(inc, even ? HD_UNSEEN : HD_BY_PRICE);
    return HD_OK;
}

bool opt_is_loose(const hd_operator *op, double gap, double little)
{
    const double much = 0.35;
    bool slides = false;
    for (int r = 0; r < HD_ROLES; r++)
        for (int k = 0; op->tensor[r].used && k < op->tensor[r].ranks; k++)
            slides = slides || (op->tensor[r].rank[k].terms > 1 && !hd_rank_is_plain(op, &op->tensor[r].rank[k]));
    return slides && gap > little && gap < much;
}

hd_status opt_search_shortly(const hd_form *form, int64_t work, hd_budget *budget, hd_incumbent *inc, hd_arena *arena, bool *all,
                             hd_error *err)
{
    hd_mark mark = hd_arena_mark(arena);
    opt *o = hd_arena_alloc(arena, 1, sizeof *o);
    if (!o) return hd_fail_memory(err);
    bool even = opt_begin(o, form, budget, inc, arena);
    o->few = (int)options[OPTION_CUT].standard;
    o->most_work = work;
    hd_status status = even ? opt_search_parts(o, &even, all, err) : HD_OK;
    hd_arena_rewind(arena, mark);
    return status;
}

static double option(const hd_solver *self, const double *values, int which)
{
    return values ? values[which] : self->options[which].standard;
}

static hd_status run(const hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err)
{
    hd_form *form = hd_arena_alloc(arena, 1, sizeof *form);
    opt *o = hd_arena_alloc(arena, 1, sizeof *o);
    bool seeded = option(self, option_values, OPTION_SEED) > 0;
    hd_draft first;
    if (!form || !o) return hd_fail_memory(err);
    incumbent->space = space;
    HD_TRY(hd_form_init(form, space, err));
    if (incumbent->proof) hd_form_declare(form, incumbent->proof);
    if (seeded) HD_TRY(seed_by_descent(option(self, option_values, OPTION_SEED), space, budget, random, arena, incumbent, err));
    if (seeded && space->ragged) HD_TRY(seed_even(space, budget, random, arena, incumbent, err));
    bool done = incumbent->outcome == HD_OUTCOME_OPTIMAL || incumbent->outcome == HD_OUTCOME_INFEASIBLE;
    if (!done && !seeded && (hd_offer_least(form, budget, incumbent, &first) == HD_START_NONE || form->verbatim)) {
        hd_incumbent_close(incumbent, budget, true);
        done = true;
    }
    if (!done) return prove(form, o, (int)option(self, option_values, OPTION_CUT), budget, random, arena, incumbent, err);
    close_proof(incumbent, incumbent->found ? HD_BY_BOUND : HD_BY_ROOM); /* by the model's own bound, or nothing fits */
    return HD_OK;
}

const hd_solver hd_solver_optimal = {
    .name = "optimal",
    .title = "the best scheme of the space, with proof: branch and bound over tiles",
    .paper = "ours; after the structure that Sunstone (2023) and the Turbo-Charged Mapper (2026) use",
    .traits = HD_SOLVER_EXACT | HD_SOLVER_ANYTIME | HD_SOLVER_PROVES,
    .options = options,
    .run = run,
};
