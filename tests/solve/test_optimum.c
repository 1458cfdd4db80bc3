/* Is what `optimal` proves the truth?  Random small problems of both models, one objective each, constraints, pins, bypass,
 * tiles that divide and tiles that need not: its answer must be that of `exhaustive`, exactly, and no other method may ever
 * find less.  Most run without the seed, so that no wrong bound hides behind a good first answer.
 * test_optimum [--cases N] [--from I].                                                                  */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "timely.h"

static int64_t cases = 300, from = 0;

static const hd_solver *const others[] = {&hd_solver_descend, &hd_solver_random};

static bool same(double a, double b) { return fabs(a - b) <= 1e-12 * fabs(b); }

static hd_status run(const hd_solver *solver, const hd_space *space, hd_objective objective, int64_t evaluations, bool seed,
                     hd_incumbent *out)
{
    hd_error err = {0};
    hd_random random;
    hd_budget budget = {.evaluations = evaluations};
    const double values[] = {seed, small_cut(space)};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_incumbent_init(out, space->model ? space->model : &hd_model_native, space->problem, objective);
    hd_budget_start(&budget);
    hd_random_seed(&random, 1, 0);
    const double *options = solver == &hd_solver_optimal ? values : NULL;
    hd_status status = solver->run(solver, space, options, &budget, &random, arena, out, &err);
    hd_arena_free(arena);
    return status;
}

static void compare(const hd_space *space, hd_objective objective, uint64_t i)
{
    hd_incumbent best, found, other;
    hd_status wanted = run(&hd_solver_exhaustive, space, objective, 0, true, &best);
    assert_int_equal(run(&hd_solver_optimal, space, objective, 0, i % 4 == 0, &found), wanted);
    if (wanted != HD_OK) return;
    if (best.found != found.found || (best.found && !same(found.cost, best.cost)) || best.outcome != found.outcome)
        fail_msg("case %llu (%s%s%s): exhaustive %.17g, optimal %.17g, outcomes %d and %d", (unsigned long long)i,
                 hd_objective_name(objective), space->bypass ? ", bypass" : "", space->ragged ? ", ragged" : "", best.cost,
                 found.cost, (int)best.outcome, (int)found.outcome);
    if (!best.found) return;
    assert_true(found.lower_bound <= best.cost);
    assert_true(hd_scheme_is_legal(space->problem, &found.scheme, NULL));
    assert_true(hd_constraints_hold(space, &found.scheme, NULL));
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        assert_int_equal(run(others[k], space, objective, 200, true, &other), HD_OK);
        if (other.found && other.cost < best.cost * (1 - 1e-12))
            fail_msg("case %llu: %s finds %.17g, the proved best is %.17g", (unsigned long long)i, others[k]->name, other.cost,
                     best.cost);
    }
}

/* Case i: which kind of problem, and its space. */
static const hd_space *draw(uint64_t i, hd_objective *objective)
{
    static timely_space s;
    rich_space *x = &s.rich;
    hd_random r;
    hd_random_seed(&r, 71, i);
    uint64_t kind = (uint64_t)hd_random_below(&r, 6);
    bool ragged = hd_random_below(&r, 2);
    if (kind >= 4) timely_draw(75, i, false, &s);
    else if (kind == 3) rich_draw_space(72, i, x);
    else {
        if (kind == 0) small_problem(73, i, &x->c);
        else rich_problem(74, i, &x->c);
        hd_space_init(&x->space, &x->c.problem, kind == 2 ? HD_SPACE_FREE : HD_SPACE_TEMPLATE, ragged, x->c.bypass);
    }
    if (kind == 5) x->space.ragged = ragged;
    *objective = x->c.objective;
    return &x->space;
}

static void optimal_is_exhaustive_and_nobody_beats_it(void **state)
{
    int64_t seen = 0;
    (void)state;
    for (uint64_t i = (uint64_t)from; seen < cases; i++) {
        hd_objective objective;
        const hd_space *space = draw(i, &objective);
        if (hd_space_log10(space) > 3.6) continue;
        compare(space, objective, i);
        seen++;
    }
}

int main(int count, char **arg)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(optimal_is_exhaustive_and_nobody_beats_it)};
    for (int i = 1; i + 1 < count; i += 2) {
        if (strcmp(arg[i], "--cases") == 0) cases = strtoll(arg[i + 1], NULL, 10);
        if (strcmp(arg[i], "--from") == 0) from = strtoll(arg[i + 1], NULL, 10);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
