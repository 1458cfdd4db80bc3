/* Do true proofs hold when they are recounted, and are proofs made wrong found out? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../solve/timely.h"
#include "audit/recount.h"

enum { RECOUNTED = 120 };

typedef struct proved {
    timely_space s;
    hd_problem *problem;
    hd_objective objective;
    hd_proof *proof;
    hd_incumbent best;
    hd_claim claim;
    char words[64];
} proved;

/* Case `i` under one of the models. */
static const hd_model *draw(uint64_t i, bool ragged, bool timeloop, proved *x)
{
    small_case *c = &x->s.rich.c;
    if (timeloop) timely_draw(32, i, false, &x->s);
    else rich_problem(31, i, c);
    if (!timeloop) hd_space_init(&x->s.rich.space, &c->problem, HD_SPACE_TEMPLATE, ragged, c->bypass);
    x->problem = &c->problem;
    x->objective = c->objective;
    return timeloop ? &hd_model_timeloop : &hd_model_native;
}

/* The same, solved with a proof; false where its space is too large to recount here. */
static bool prove(uint64_t i, bool ragged, bool timeloop, int64_t evaluations, proved *x)
{
    hd_error err = {0};
    hd_random random;
    hd_budget budget = {.evaluations = evaluations};
    const double values[] = {i % 3 == 0, 1 + (double)(i % 2)};
    const hd_model *model = draw(i, ragged, timeloop, x);
    const hd_space *space = &x->s.rich.space;
    if (hd_space_log10(space) > 4.2) return false;
    hd_arena *arena = hd_arena_new(NULL, 0);
    x->proof = hd_proof_new();
    hd_incumbent_init(&x->best, model, x->problem, x->objective);
    x->best.proof = x->proof;
    hd_budget_start(&budget);
    hd_random_seed(&random, 1, 0);
    const hd_solver *solver = &hd_solver_optimal;
    assert_int_equal(solver->run(solver, space, values, &budget, &random, arena, &x->best, &err), HD_OK);
    hd_arena_free(arena);
    x->claim = (hd_claim){.proof = x->proof, .problem = x->problem, .model = model, .objective = x->objective,
                          .found = x->best.found, .cost = x->best.cost, .lower_bound = x->best.lower_bound,
                          .proved = x->best.outcome == HD_OUTCOME_OPTIMAL || x->best.outcome == HD_OUTCOME_INFEASIBLE,
                          .scheme = x->best.scheme, .space = timeloop ? NULL : x->words};
    snprintf(x->words, sizeof x->words, "template%s%s", ragged ? ",ragged" : "", x->s.rich.c.bypass ? ",bypass" : "");
    return true;
}

static bool holds(const hd_claim *claim, hd_recount *out)
{
    hd_error err = {0};
    assert_int_equal(hd_recount_claim(claim, out, &err), HD_OK);
    return out->holds;
}

static void true_proofs_hold(void **state)
{
    static proved x;
    int seen = 0, stepwise = 0;
    hd_recount r;
    (void)state;
    for (uint64_t i = 0; seen < RECOUNTED; i++) {
        if (!prove(i, i % 4 == 1, i % 4 == 2, i % 5 == 2 ? 1 + (int64_t)(i % 60) : 0, &x)) continue;
        if (!holds(&x.claim, &r)) fail_msg("case %llu: %s", (unsigned long long)i, r.difference);
        if (x.proof->counted && x.proof->plain && !r.whole) fail_msg("case %llu is not recounted", (unsigned long long)i);
        stepwise += x.proof->stepwise;
        seen++;
        hd_proof_free(x.proof);
    }
    assert_true(stepwise > RECOUNTED / 3);
}

/* ---- made wrong ---- */

static hd_proof_step *step_of(const hd_proof *proof, hd_argument argument)
{
    for (hd_proof_part *part = proof->first; part; part = part->next)
        for (hd_proof_step *step = part->first; step; step = step->next)
            if (step->argument == argument && (!step->set || step->set[0].n > 0)) return step;
    return NULL;
}

/* The sums after it, so that only the steps speak against the lie. */
static void raise_sum(hd_proof *proof, const hd_proof_step *step, double bound)
{
    hd_proof_sum *sum = &proof->sum[step->argument][step->depth];
    sum->bound = fmax(sum->bound, bound);
}

static bool too_high_a_bound(proved *x)
{
    hd_proof_step *step = step_of(x->proof, HD_BY_BOUND);
    if (!step || !isfinite(step->bound)) return false;
    step->bound *= 1e6;
    raise_sum(x->proof, step, step->bound);
    return true;
}

static bool no_room_where_there_is(proved *x)
{
    hd_proof_step *step = step_of(x->proof, HD_BY_PRICE);
    if (!step || !isfinite(step->bound)) return false;
    step->argument = HD_BY_ROOM;
    return true;
}

static bool too_large_a_part(proved *x)
{
    hd_wide one = hd_wide_of(1);
    for (int d = 0; d < HD_PROOF_DEPTHS; d++)
        if (!hd_wide_is_zero(&x->proof->sum[HD_BY_BOUND][d].size)) {
            hd_wide_add(&x->proof->sum[HD_BY_BOUND][d].size, &one);
            return true;
        }
    return false;
}

/* Total right, parts wrong. */
static bool a_scheme_moved_to_another_part(proved *x)
{
    hd_wide one = hd_wide_of(1);
    if (!x->proof->stepwise) return false;
    for (int d = 0; d < HD_PROOF_DEPTHS; d++)
        if (!hd_wide_is_zero(&x->proof->sum[HD_BY_BOUND][d].size)) {
            hd_wide_subtract(&x->proof->sum[HD_BY_BOUND][d].size, &one);
            hd_wide_add(&x->proof->sum[HD_BY_ROOM][d].size, &one);
            return true;
        }
    return false;
}

static bool another_space(proved *x)
{
    hd_wide one = hd_wide_of(1);
    if (!x->proof->counted) return false;
    hd_wide_add(&x->proof->size, &one);
    hd_wide_add(&x->proof->sum[HD_BY_ROOM][0].size, &one);
    return true;
}

static bool a_better_best(proved *x)
{
    x->claim.cost *= 0.99;
    x->claim.lower_bound *= 0.99;
    return x->claim.found && x->claim.cost > 0;
}

static bool a_bound_above_the_cost(proved *x)
{
    x->claim.lower_bound = x->claim.cost * 1.01;
    return x->claim.found && x->claim.cost > 0;
}

static bool a_step_taken_away(proved *x)
{
    hd_proof_part *part = x->proof->first;
    if (!x->proof->stepwise || !step_of(x->proof, HD_BY_PRICE)) return false;
    for (; part; part = part->next)
        if (part->first && part->last->argument == HD_BY_PRICE && isfinite(part->last->bound)) {
            part->last->set[0].n = 0;
            return true;
        }
    return false;
}

static bool a_part_told_twice(proved *x)
{
    hd_proof_step *step = step_of(x->proof, HD_BY_PRICE);
    hd_proof_step *again = step ? hd_arena_alloc(x->proof->arena, 1, sizeof *again) : NULL;
    if (!again) return false;
    *again = *step;
    step->next = again;
    return true;
}

static bool a_bound_below_the_best(proved *x)
{
    hd_proof_step *step = step_of(x->proof, HD_BY_BOUND);
    if (!step || !x->claim.proved || !(x->claim.cost > 0) || !x->claim.found) return false;
    step->bound = x->proof->sum[HD_BY_BOUND][step->depth].bound = x->claim.cost / 2;
    return true;
}

static bool nothing_fits(proved *x)
{
    if (!x->claim.found || !x->claim.proved || !x->proof->counted) return false;
    x->claim.found = false;
    x->claim.cost = INFINITY;
    return true;
}

static bool prices_of_a_bound(proved *x)
{
    hd_proof_step *step = step_of(x->proof, HD_BY_BOUND);
    if (!step) return false;
    step->prices = 1;
    return true;
}

static bool more_prices_than_orders(proved *x)
{
    hd_proof_step *step = step_of(x->proof, HD_BY_PRICE);
    if (!step || !x->proof->stepwise) return false;
    step->prices = (int64_t)hd_wide_value(&x->proof->orders) + 1;
    return true;
}

/* Of a step whose product has options that loop elsewhere as well: nothing else tells. */
static bool an_option_named_twice(proved *x)
{
    for (hd_proof_part *part = x->proof->first; part; part = part->next)
        for (hd_proof_step *step = part->first; step; step = step->next)
            for (int b = 0; step->set && b < part->blocks; b++) {
                if (step->set[b].n < 2) continue;
                step->set[b].option[0] = step->set[b].option[1];
                return true;
            }
    return false;
}

static bool a_choice_listed_twice(proved *x)
{
    for (hd_proof_part *part = x->proof->first; part; part = part->next)
        for (int b = 0; b < part->blocks; b++) {
            hd_proof_block *block = &part->block[b];
            if (block->options < 2) continue;
            memcpy(block->span[0], block->span[1], (size_t)block->slots * sizeof **block->span);
            return true;
        }
    return false;
}

static bool more_times(proved *x)
{
    for (int d = 1; d < HD_PROOF_DEPTHS && x->proof->stepwise; d++) {
        hd_wide two = hd_wide_of((uint64_t)x->proof->sum[HD_BY_BOUND][d].times + 1);
        if (hd_wide_compare(&x->proof->sum[HD_BY_BOUND][d].size, &two) < 0) continue;
        x->proof->sum[HD_BY_BOUND][d].times++;
        return true;
    }
    return false;
}

/* ---- made wrong where there are no steps to recount: what can be told still is ---- */

static void forget_steps(proved *x)
{
    x->proof->stepwise = false;
    x->proof->first = x->proof->last = NULL;
}

static bool more_orders(proved *x)
{
    forget_steps(x);
    return hd_wide_multiply(&x->proof->orders, 2);
}

/* Size and sums alike, so that they still add up. */
static bool a_larger_space(proved *x)
{
    const hd_wide one = hd_wide_of(1);
    forget_steps(x);
    for (int d = 0; d < HD_PROOF_DEPTHS; d++)
        if (!hd_wide_is_zero(&x->proof->sum[HD_BY_BOUND][d].size)) {
            hd_wide_add(&x->proof->sum[HD_BY_BOUND][d].size, &one);
            hd_wide_add(&x->proof->size, &one);
            return true;
        }
    return false;
}

static bool another_log10(proved *x)
{
    forget_steps(x);
    x->proof->log10 = hd_wide_log10(&x->proof->size) + 0.001;
    return x->proof->counted;
}

static bool more_may_be_dropped(proved *x)
{
    forget_steps(x);
    for (int l = 0; l < x->proof->levels; l++)
        if (x->proof->keep_most[l] & ~x->proof->keep_free[l]) {
            x->proof->keep_free[l] = x->proof->keep_most[l];
            return true;
        }
    return false;
}

static bool less_unrolls(proved *x)
{
    forget_steps(x);
    for (int l = 0; l < x->proof->levels; l++)
        if (x->proof->unroll[l][HD_X]) {
            x->proof->unroll[l][HD_X] &= x->proof->unroll[l][HD_X] - 1;
            return true;
        }
    return false;
}

/* The sum of one argument given to another. */
static bool give(proved *x, hd_argument from, hd_argument to)
{
    forget_steps(x);
    for (int d = 0; d < HD_PROOF_DEPTHS; d++) {
        hd_proof_sum *a = &x->proof->sum[from][d], *b = &x->proof->sum[to][d];
        if (hd_wide_is_zero(&a->size) || !hd_wide_is_zero(&b->size) || !isfinite(a->bound)) continue;
        *b = *a;
        *a = (hd_proof_sum){.bound = INFINITY, .log10 = NAN};
        return true;
    }
    return false;
}

static bool bounds_called_room(proved *x) { return give(x, HD_BY_BOUND, HD_BY_ROOM); }
static bool orders_called_prices(proved *x) { return x->claim.proved && give(x, HD_BY_PRICE, HD_BY_MERGING); }
static bool bounds_called_unseen(proved *x) { return x->claim.proved && give(x, HD_BY_BOUND, HD_UNSEEN); }

/* Then no part can have the best scheme. */
static bool all_bounds_above_the_best(proved *x)
{
    bool any = false;
    forget_steps(x);
    for (int a = 0; a < HD_ARGUMENTS; a++)
        for (int d = 0; d < HD_PROOF_DEPTHS; d++) {
            hd_proof_sum *sum = &x->proof->sum[a][d];
            if (hd_wide_is_zero(&sum->size) || !isfinite(sum->bound)) continue;
            sum->bound = fmax(sum->bound, x->claim.cost) * 1.01;
            any = true;
        }
    return any && x->claim.found;
}

/* What is left unsaid must be named: sums alone do not make a proof whole. */
static void what_is_not_checked_is_named(void **state)
{
    static proved x;
    hd_recount r;
    int seen = 0;
    (void)state;
    for (uint64_t i = 0; seen < 5; i++) {
        if (!prove(i, false, false, 0, &x)) continue;
        if (x.proof->stepwise) {
            assert_true(holds(&x.claim, &r));
            assert_string_equal(r.unchecked, "");
            forget_steps(&x);
            assert_true(holds(&x.claim, &r));
            assert_non_null(strstr(r.unchecked, "bounds and arguments of parts"));
            seen++;
        }
        hd_proof_free(x.proof);
    }
}

static void every_lie_is_found(void **state)
{
    bool (*const lie[])(proved *) = {
        more_orders, a_larger_space, another_log10, more_may_be_dropped, less_unrolls, bounds_called_room, orders_called_prices,
        bounds_called_unseen, all_bounds_above_the_best, too_high_a_bound, no_room_where_there_is, too_large_a_part,
        a_scheme_moved_to_another_part, another_space, a_better_best, a_bound_above_the_cost, a_step_taken_away,
        a_part_told_twice, a_bound_below_the_best, nothing_fits, prices_of_a_bound, more_prices_than_orders,
        an_option_named_twice, a_choice_listed_twice, more_times};
    static proved x;
    hd_recount r;
    (void)state;
    for (size_t k = 0; k < sizeof lie / sizeof *lie; k++) {
        int told = 0;
        for (uint64_t i = 0; told < 5 && i < 4000; i++) {
            if (!prove(i, false, false, 0, &x)) continue;
            if (lie[k](&x)) {
                if (holds(&x.claim, &r)) fail_msg("lie %zu of case %llu is believed", k, (unsigned long long)i);
                told++;
            }
            hd_proof_free(x.proof);
        }
        if (told < 5) fail_msg("lie %zu told only %d times", k, told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(true_proofs_hold),
        cmocka_unit_test(what_is_not_checked_is_named),
        cmocka_unit_test(every_lie_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
