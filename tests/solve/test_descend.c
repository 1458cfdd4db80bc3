/* Is the default solver close to the optimum, on problems small enough to know it? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "small.h"
#include "solve/optimal.h"

enum { PROBLEMS = 200 };

static void at_most_a_tenth_above_the_optimum(void **state)
{
    double sum = 0, worst = 1;
    int solved = 0, none = 0;
    (void)state;
    for (uint64_t i = 0; solved + none < PROBLEMS; i++) {
        small_case c;
        hd_incumbent best, found;
        small_problem(1, i, &c);
        if (small_log10(&c) > 4.3) continue;
        assert_int_equal(small_solve(&hd_solver_exhaustive, &c, 1, 0, &best), HD_OK);
        assert_int_equal(small_solve(&hd_solver_descend, &c, 1, 0, &found), HD_OK);
        assert_int_equal(best.found, found.found);
        if (!best.found) {
            assert_int_equal(found.outcome, HD_OUTCOME_INFEASIBLE);
            none++;
            continue;
        }
        assert_int_equal(best.outcome, HD_OUTCOME_OPTIMAL);
        assert_true(hd_scheme_is_legal(&c.problem, &found.scheme, NULL));
        assert_true(found.cost >= best.cost);
        double ratio = best.cost > 0 ? found.cost / best.cost : 1;
        if (ratio > 1.1)
            print_message("case %d: %.4f above the optimum after %lld of %lld\n", (int)i, ratio - 1,
                          (long long)found.evaluations, (long long)best.evaluations);
        worst = fmax(worst, ratio);
        sum += ratio;
        solved++;
    }
    print_message("descend: %d problems, mean %.5f, worst %.5f, %d fit nothing\n", solved, sum / solved, worst, none);
    assert_true(solved > PROBLEMS / 2);
    assert_true(worst <= 1.10);
    assert_true(sum / solved <= 1.03);
}

static void same_seed_same_answer(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        small_case c;
        hd_incumbent a, b;
        small_problem(2, i, &c);
        assert_int_equal(small_solve(&hd_solver_descend, &c, 7, 500, &a), HD_OK);
        assert_int_equal(small_solve(&hd_solver_descend, &c, 7, 500, &b), HD_OK);
        assert_int_equal(a.found, b.found);
        assert_int_equal(a.evaluations, b.evaluations);
        if (a.found) assert_true(hd_scheme_equal(&a.scheme, &b.scheme));
    }
}

static hd_incumbent solve_in(small_case *c, hd_space_kind kind, bool ragged, bool bypass, int64_t evaluations)
{
    hd_error err = {0};
    hd_space space;
    hd_random random;
    hd_incumbent out;
    hd_budget budget = {.evaluations = evaluations};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_space_init(&space, &c->problem, kind, ragged, bypass);
    hd_incumbent_init(&out, &hd_model_native, &c->problem, c->objective);
    hd_budget_start(&budget);
    hd_random_seed(&random, 1, 0);
    const double options[] = {400, 9, 3, 20000, 0}; /* so little that luck would show */
    assert_int_equal(hd_solver_descend.run(&hd_solver_descend, &space, options, &budget, &random, arena, &out, &err), HD_OK);
    assert_int_equal(budget.used, out.evaluations);
    hd_arena_free(arena);
    return out;
}

/* Over a problem that a few hundred prices do not exhaust. */
static void a_larger_space_never_ends_worse(void **state)
{
    int better = 0;
    (void)state;
    for (uint64_t i = 0; i < 12; i++) {
        small_case c;
        hd_error err = {0};
        double cost[8];
        small_problem(9, i, &c);
        assert_int_equal(hd_kind_parse("conv(K=48,C=20,P=14,Q=14,R=3,S=3,stride=2)", &c.op, &err), HD_OK);
        for (int parts = 0; parts < 8; parts++)
            cost[parts] = solve_in(&c, parts & 1 ? HD_SPACE_FREE : HD_SPACE_TEMPLATE, parts & 2, parts & 4, 0).cost;
        for (int parts = 0; parts < 8; parts++)
            for (int part = 1; part < 8; part <<= 1) {
                assert_true(cost[parts | part] <= cost[parts]);
                better += cost[parts | part] < cost[parts];
            }
    }
    assert_true(better > 50);
}

static void evaluations_are_spent_and_not_passed(void **state)
{
    (void)state;
    for (int64_t n = 1; n < 20000; n = 3 * n + 1) {
        small_case c;
        hd_error err = {0};
        hd_incumbent drawn;
        small_problem(9, 0, &c);
        assert_int_equal(hd_kind_parse("conv(K=48,C=20,P=14,Q=14,R=3,S=3,stride=2)", &c.op, &err), HD_OK);
        hd_incumbent out = solve_in(&c, HD_SPACE_FREE, false, true, n);
        assert_int_equal(out.evaluations, n);
        assert_int_equal(small_solve(&hd_solver_random, &c, 1, n, &drawn), HD_OK);
        assert_int_equal(drawn.evaluations, n);
    }
}

/* However small the memory of prices is. */
static void little_work_finds_something(void **state)
{
    const double works[] = {1, 3, 20, 300};
    double values[HD_OPTIONS_MOST];
    (void)state;
    hd_option_values(hd_solver_descend.options, NULL, values);
    for (uint64_t i = 0; i < 40; i++) {
        small_case c;
        hd_incumbent whole, best;
        small_problem(5, i, &c);
        assert_int_equal(small_solve(&hd_solver_descend, &c, 1, 0, &whole), HD_OK);
        values[hd_option_find(hd_solver_descend.options, "work")] = works[i % 4];
        assert_int_equal(small_solve_with(&hd_solver_descend, values, &c, 1, 0, &best), HD_OK);
        assert_int_equal(whole.found, best.found);
        if (best.found) assert_true(hd_scheme_is_legal(&c.problem, &best.scheme, NULL));
        if (best.found && whole.outcome == HD_OUTCOME_OPTIMAL) assert_true(best.cost >= whole.cost);
    }
}

/* Windows that overlap, and a gap neither near nor far. */
static void exact_searches_are_left_out_in_the_middle_alone(void **state)
{
    hd_operator product, conv;
    hd_error err = {0};
    hd_conv_shape shape = {.axes = 2, .n = 1, .groups = 1, .k = 4, .c = 4, .out = {8, 8, 1}, .kernel = {3, 3, 1},
                           .stride = {1, 1, 1}, .dilation = {1, 1, 1}};
    (void)state;
    assert_int_equal(hd_kind_matmul(1, 8, 8, 8, false, &product, &err), HD_OK);
    assert_int_equal(hd_kind_conv(&shape, &conv, &err), HD_OK);
    assert_true(opt_is_loose(&conv, 0.2, 0.06));
    assert_false(opt_is_loose(&conv, 0.02, 0.06));
    assert_false(opt_is_loose(&conv, 0.5, 0.06));
    assert_false(opt_is_loose(&conv, 0.2, 1));
    assert_false(opt_is_loose(&product, 0.2, 0.06));
    shape.kernel[0] = shape.kernel[1] = 1;
    assert_int_equal(hd_kind_conv(&shape, &conv, &err), HD_OK);
    assert_false(opt_is_loose(&conv, 0.2, 0.06));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_most_a_tenth_above_the_optimum),
        cmocka_unit_test(same_seed_same_answer),
        cmocka_unit_test(a_larger_space_never_ends_worse),
        cmocka_unit_test(evaluations_are_spent_and_not_passed),
        cmocka_unit_test(little_work_finds_something),
        cmocka_unit_test(exact_searches_are_left_out_in_the_middle_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
