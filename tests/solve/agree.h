/* Does the optimal solver agree with the exhaustive one on a space? */
#ifndef HD_TESTS_SOLVE_AGREE_H
#define HD_TESTS_SOLVE_AGREE_H

#include <math.h>

#include "rich.h"

static inline bool same(double a, double b) { return fabs(a - b) <= 1e-12 * fabs(b); }

/* The seed is an option of the optimal solver: without it a wrong bound cannot hide behind a good first answer. */
static inline hd_status run(const hd_solver *solver, const hd_space *space, hd_objective objective, bool seed,
                     hd_incumbent *out)
{
    hd_error err = {0};
    hd_random random;
    hd_budget budget = {.evaluations = 0};
    const double values[] = {seed, small_cut(space)};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_incumbent_init(out, &hd_model_native, space->problem, objective);
    hd_budget_start(&budget);
    hd_random_seed(&random, 1, 0);
    const double *options = solver == &hd_solver_optimal ? values : NULL;
    hd_status status = solver->run(solver, space, options, &budget, &random, arena, out, &err);
    hd_arena_free(arena);
    return status;
}

static inline void compare(const hd_space *space, hd_objective objective, uint64_t i)
{
    hd_incumbent best, found;
    hd_status wanted = run(&hd_solver_exhaustive, space, objective, true, &best);
    assert_int_equal(run(&hd_solver_optimal, space, objective, i % 4 == 0, &found), wanted);
    if (wanted != HD_OK) return;
    if (best.found != found.found || (best.found && !same(found.cost, best.cost)) || best.outcome != found.outcome)
        fail_msg("case %llu (%s%s%s): exhaustive %.17g, optimal %.17g, outcomes %d and %d", (unsigned long long)i,
                 hd_objective_name(objective), space->bypass ? ", bypass" : "", space->ragged ? ", ragged" : "", best.cost,
                 found.cost, (int)best.outcome, (int)found.outcome);
    if (!best.found) return;
    assert_true(found.lower_bound <= best.cost);
    assert_true(hd_scheme_is_legal(space->problem, &found.scheme, NULL));
}

#endif
