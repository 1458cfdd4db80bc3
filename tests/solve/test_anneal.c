/* Does `anneal` obey its budget, repeat itself, stay above the optimum, and learn? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "rich.h"

/* Small enough to be tried a hundred times under the sanitizers. */
static const double quick[] = {200, 4, 16, 20, 10};

static void solve(const hd_space *space, hd_objective objective, uint64_t seed, int64_t evaluations, const double *values,
                  hd_incumbent *out)
{
    hd_error err = {0};
    hd_random random;
    hd_budget budget = {.evaluations = evaluations};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_incumbent_init(out, &hd_model_native, space->problem, objective);
    hd_budget_start(&budget);
    hd_random_seed(&random, seed, 0);
    hd_status status = hd_solver_anneal.run(&hd_solver_anneal, space, values, &budget, &random, arena, out, &err);
    hd_arena_free(arena);
    if (status != HD_OK) assert_int_equal(status, HD_ERR_USAGE); /* pins that contradict each other */
    assert_true(out->evaluations == budget.used);
}

static void repeats_itself_and_ends_in_time(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 12; i++) {
        small_case c;
        hd_space space;
        hd_incumbent a, b;
        rich_problem(71, i, &c);
        hd_space_init(&space, &c.problem, HD_SPACE_FREE, c.ragged, c.bypass);
        solve(&space, c.objective, i, 150, quick, &a);
        solve(&space, c.objective, i, 150, quick, &b);
        assert_true(a.evaluations <= 150);
        assert_int_equal(a.found, b.found);
        assert_true(a.evaluations == b.evaluations);
        if (a.found) assert_true(a.cost == b.cost && hd_scheme_equal(&a.scheme, &b.scheme));
    }
}

static void never_below_the_optimum(void **state)
{
    (void)state;
    int seen = 0, reached = 0;
    for (uint64_t i = 0; seen < 25; i++) {
        small_case c;
        hd_space space;
        hd_incumbent best, a;
        small_problem(72, i, &c);
        if (small_log10(&c) > 3.5) continue;
        hd_space_init(&space, &c.problem, HD_SPACE_TEMPLATE, c.ragged, c.bypass);
        assert_int_equal(small_solve(&hd_solver_exhaustive, &c, 1, 0, &best), HD_OK);
        solve(&space, c.objective, i, 0, quick, &a);
        assert_int_equal(a.found, best.found);
        if (!best.found) continue;
        assert_true(a.cost >= best.cost * (1 - 1e-12));
        reached += a.cost <= best.cost * 1.01;
        seen++;
    }
    assert_true(reached > seen / 2);
}

/* What it finds is legal and in the space, whatever constraints and pins say. */
static void spaces_with_constraints_and_pins(void **state)
{
    (void)state;
    int found = 0;
    for (uint64_t i = 0; i < 60; i++) {
        rich_space s;
        hd_incumbent a;
        hd_refusal why = {0};
        rich_draw_space(73, i, &s);
        solve(&s.space, s.c.objective, i, 60, quick, &a);
        if (!a.found) continue;
        found++;
        assert_true(hd_scheme_is_legal(&s.c.problem, &a.scheme, &why));
        if (s.space.constraints) assert_true(hd_constraints_hold(&s.space, &a.scheme, &why));
    }
    assert_true(found > 10);
}

/* With the same number of prices it finds cheaper schemes than chance does. */
static void learns(void **state)
{
    enum { SEEDS = 6 };
    static const double thorough[] = {600, 8, 64, 60, 10};
    (void)state;
    int better = 0;
    double sum = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        small_case c = {.objective = HD_ENERGY};
        hd_error err = {0};
        hd_space space;
        hd_incumbent a, r;
        assert_int_equal(hd_kind_parse("conv(N=4,K=96,C=48,P=27,Q=27,R=5,S=5)", &c.op, &err), HD_OK);
        small_array(&c.arch, true);
        c.problem = (hd_problem){.op = &c.op, .arch = &c.arch};
        hd_space_init(&space, &c.problem, HD_SPACE_TEMPLATE, false, false);
        solve(&space, c.objective, seed, 0, thorough, &a);
        assert_int_equal(small_solve(&hd_solver_random, &c, seed, a.evaluations, &r), HD_OK);
        better += a.cost < r.cost;
        sum += log(a.cost / r.cost);
    }
    if (!(sum < SEEDS * log(0.98))) print_message("%g of chance, better %d times\n", exp(sum / SEEDS), better);
    assert_true(better >= SEEDS - 1 && sum < SEEDS * log(0.98));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(repeats_itself_and_ends_in_time),
                                       cmocka_unit_test(never_below_the_optimum),
                                       cmocka_unit_test(spaces_with_constraints_and_pins), cmocka_unit_test(learns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
