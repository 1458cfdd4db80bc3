/* Is the exhaustive answer the best of the space?  No sample beats it, no bound passes it, and what fits nothing says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "small.h"

static void no_sample_beats_it(void **state)
{
    int seen = 0;
    (void)state;
    for (uint64_t i = 0; seen < 60; i++) {
        small_case c;
        hd_incumbent best, sampled;
        small_problem(5, i, &c);
        if (small_log10(&c) > 3.5) continue;
        assert_int_equal(small_solve(&hd_solver_exhaustive, &c, 1, 0, &best), HD_OK);
        assert_int_equal(small_solve(&hd_solver_random, &c, 1, 2000, &sampled), HD_OK);
        assert_int_equal(best.found, sampled.found);
        if (!best.found) continue;
        assert_int_equal(best.outcome, HD_OUTCOME_OPTIMAL);
        assert_true(best.cost == best.lower_bound);
        assert_true(sampled.cost >= best.cost);
        assert_true(sampled.lower_bound <= best.cost);
        assert_true(hd_scheme_is_legal(&c.problem, &best.scheme, NULL));
        seen++;
    }
}

/* Many schemes reach the bound of latency: the answer is the one of the least energy, not the first. */
static void ties_go_to_the_better_product(void **state)
{
    int seen = 0, ties = 0;
    (void)state;
    for (uint64_t i = 0; seen < 40; i++) {
        small_case c;
        hd_incumbent best, sampled;
        small_problem(8, i, &c);
        c.objective = HD_LATENCY;
        if (small_log10(&c) > 3.5) continue;
        assert_int_equal(small_solve(&hd_solver_exhaustive, &c, 1, 0, &best), HD_OK);
        assert_int_equal(small_solve(&hd_solver_random, &c, 1, 2000, &sampled), HD_OK);
        if (!best.found) continue;
        seen++;
        if (sampled.cost > best.cost) continue;
        assert_true(best.price.edp <= sampled.price.edp);
        ties += best.evaluations > 1;
    }
    assert_true(ties > 20);
}

static void a_short_budget_is_not_a_proof(void **state)
{
    small_case c;
    hd_incumbent found;
    uint64_t i = 0;
    (void)state;
    do small_problem(6, i++, &c);
    while (small_log10(&c) < 3.5);
    assert_int_equal(small_solve(&hd_solver_exhaustive, &c, 1, 5, &found), HD_OK);
    assert_true(found.outcome == HD_OUTCOME_EXHAUSTED || found.cost == found.lower_bound);
    assert_int_equal(found.evaluations, 5);
}

static void what_cannot_fit_names_the_smallest_violation(void **state)
{
    static const hd_solver *const solver[] = {&hd_solver_exhaustive, &hd_solver_random, &hd_solver_descend};
    (void)state;
    for (int s = 0; s < 3; s++) {
        small_case c;
        hd_incumbent found;
        hd_error err;
        small_problem(7, 0, &c);
        assert_int_equal(hd_kind_matmul(1, 4, 4, 4, false, &c.op, &err), HD_OK);
        hd_level *rf = &c.arch.level[c.arch.levels - 2];
        rf->capacity = 1;
        rf->double_buffer = false;
        rf->keeps = 7;
        c.bypass = false;
        assert_int_equal(small_solve(solver[s], &c, 1, 0, &found), HD_OK);
        assert_false(found.found);
        assert_int_equal(found.outcome, HD_OUTCOME_INFEASIBLE);
        assert_int_equal(found.nearest.kind, HD_REFUSE_CAPACITY);
        assert_int_equal(found.nearest.level, c.arch.levels - 2);
        assert_int_equal(found.nearest.need, 3);
        assert_int_equal(found.nearest.have, 1);
        c.bypass = true; /* one role may stay */
        assert_int_equal(small_solve(solver[s], &c, 1, 0, &found), HD_OK);
        assert_true(found.found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_sample_beats_it),
        cmocka_unit_test(ties_go_to_the_better_product),
        cmocka_unit_test(a_short_budget_is_not_a_proof),
        cmocka_unit_test(what_cannot_fit_names_the_smallest_violation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
