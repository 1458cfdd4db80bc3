/* Do the parts that the optimal solver says it discarded add up to the whole space, exactly, whatever ended the search?
 * (tests/audit: is each part discarded for a reason that holds?)                                         */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "rich.h"

static hd_status prove(const hd_space *space, hd_objective objective, bool seed, int64_t evaluations, hd_proof *proof,
                       hd_incumbent *out)
{
    hd_error err = {0};
    hd_random random;
    hd_budget budget = {.evaluations = evaluations};
    const double values[] = {seed, small_cut(space)};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_incumbent_init(out, &hd_model_native, space->problem, objective);
    out->proof = proof;
    hd_budget_start(&budget);
    hd_random_seed(&random, 1, 0);
    hd_status status = hd_solver_optimal.run(&hd_solver_optimal, space, values, &budget, &random, arena, out, &err);
    hd_arena_free(arena);
    return status;
}

static bool anything_unseen(const hd_proof *proof)
{
    for (int d = 0; d < HD_PROOF_DEPTHS; d++)
        if (!hd_wide_is_zero(&proof->sum[HD_UNSEEN][d].size)) return true;
    return false;
}

static void add_up(const hd_space *space, hd_objective objective, uint64_t i, int64_t evaluations)
{
    hd_incumbent best;
    hd_proof *proof = hd_proof_new();
    if (prove(space, objective, i % 4 == 0, evaluations, proof, &best) == HD_OK && proof->counted) {
        hd_wide rest = hd_proof_rest(proof);
        bool proved = best.outcome == HD_OUTCOME_OPTIMAL || best.outcome == HD_OUTCOME_INFEASIBLE;
        if (!hd_wide_is_zero(&rest)) fail_msg("case %llu: parts do not add up", (unsigned long long)i);
        if (anything_unseen(proof) == proved && evaluations == 0)
            fail_msg("case %llu: proved %d", (unsigned long long)i, proved);
        if (proved) assert_false(anything_unseen(proof));
        for (int a = 0; a < HD_ARGUMENTS && best.found; a++)
            for (int d = 0; d < HD_PROOF_DEPTHS; d++)
                if (a == HD_UNSEEN) assert_true(proof->sum[a][d].bound >= best.lower_bound * (1 - 1e-12));
                else assert_true(!(proof->sum[a][d].bound < best.cost * (1 - 1e-12)));
    }
    hd_proof_free(proof);
}

static void parts_add_up(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 300; i++) {
        static rich_space s;
        small_case c;
        hd_space space;
        rich_problem(23, i, &c);
        hd_space_init(&space, &c.problem, HD_SPACE_TEMPLATE, false, c.bypass);
        if (hd_space_log10(&space) < 5) add_up(&space, c.objective, i, 0);
        rich_draw_space(24, i, &s);
        s.space.ragged = false;
        if (hd_space_log10(&s.space) < 4) add_up(&s.space, s.c.objective, i, 0);
    }
}

static void parts_of_a_cut_search_add_up(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 300; i++) {
        small_case c;
        hd_space space;
        rich_problem(25, i, &c);
        hd_space_init(&space, &c.problem, HD_SPACE_TEMPLATE, c.ragged, c.bypass);
        add_up(&space, c.objective, i, 1 + (int64_t)(i % 40));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(parts_of_a_cut_search_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
