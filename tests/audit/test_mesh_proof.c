/* On a mesh a proof of a space that is too large for steps has whole parts: are they the space, do they say what was proved, and
 * is the answer that of a search without a proof?                                                          */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "audit/recount.h"
#include "formats/heddle/arch_yaml.h"
#include "solve/solver.h"
#include "workload/kinds.h"

typedef struct proved {
    hd_arch arch;
    hd_operator op;
    hd_problem problem;
    hd_space space;
    hd_incumbent best;
    hd_proof *proof;
} proved;

static void solve(proved *x, const char *op, hd_budget budget)
{
    hd_error err = {0};
    hd_random random;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_random_seed(&random, 1, 0);
    assert_int_equal(hd_arch_read_file("zoo/arch/kapla-4x4.yaml", &x->arch, &err), HD_OK);
    assert_int_equal(hd_kind_parse(op, &x->op, &err), HD_OK);
    x->problem = (hd_problem){.op = &x->op, .arch = &x->arch};
    hd_space_init(&x->space, &x->problem, HD_SPACE_TEMPLATE, false, false);
    hd_incumbent_init(&x->best, &hd_model_native, &x->problem, HD_ENERGY);
    x->best.proof = x->proof;
    hd_budget_start(&budget);
    assert_int_equal(hd_solver_optimal.run(&hd_solver_optimal, &x->space, NULL, &budget, &random, arena, &x->best, &err), HD_OK);
    hd_arena_free(arena);
}

static hd_claim claim_of(const proved *x)
{
    return (hd_claim){.proof = x->proof, .problem = &x->problem, .model = &hd_model_native, .objective = HD_ENERGY, .found = true,
                      .proved = x->best.outcome == HD_OUTCOME_OPTIMAL, .cost = x->best.cost, .scheme = x->best.scheme,
                      .lower_bound = x->best.lower_bound, .space = "template"};
}

static double least_bound(const hd_proof *proof)
{
    double least = INFINITY;
    for (int a = 0; a < HD_ARGUMENTS; a++)
        for (int d = 0; d < HD_PROOF_DEPTHS; d++) least = fmin(least, proof->sum[a][d].bound);
    return least;
}

static void whole_parts_make_the_space(void **state)
{
    static const char *const ops[] = {"matmul(M=8,N=12,K=16)", "conv(N=2,K=8,C=4,P=4,Q=1,R=3,S=1)"};
    static proved with, without;
    hd_error err = {0};
    hd_recount r;
    (void)state;
    for (int i = 0; i < 2; i++) {
        with.proof = hd_proof_new();
        without.proof = NULL;
        solve(&with, ops[i], (hd_budget){0});
        solve(&without, ops[i], (hd_budget){0});
        assert_true(with.best.outcome == HD_OUTCOME_OPTIMAL && without.best.outcome == HD_OUTCOME_OPTIMAL);
        assert_true(with.best.cost == without.best.cost);
        assert_false(with.proof->stepwise);
        hd_claim claim = claim_of(&with);
        assert_int_equal(hd_recount_claim(&claim, &r, &err), HD_OK);
        if (!r.holds) fail_msg("%s: %s", ops[i], r.difference);
        assert_true(least_bound(with.proof) <= with.best.cost);
        claim.cost *= 0.99, claim.lower_bound *= 0.99; /* and a lie is found */
        assert_int_equal(hd_recount_claim(&claim, &r, &err), HD_OK);
        assert_false(r.holds);
        hd_proof_free(with.proof);
    }
}

static void what_time_leaves_is_unseen(void **state)
{
    static proved x;
    hd_error err = {0};
    hd_recount r;
    (void)state;
    x.proof = hd_proof_new();
    solve(&x, "conv(N=64,K=64,C=64,P=56,Q=56,R=3,S=3)", (hd_budget){.seconds = 0.1, .cpu = true});
    assert_true(x.best.outcome != HD_OUTCOME_OPTIMAL && x.best.lower_bound < x.best.cost);
    hd_claim claim = claim_of(&x);
    assert_int_equal(hd_recount_claim(&claim, &r, &err), HD_OK);
    if (!r.holds) fail_msg("%s", r.difference);
    hd_proof_free(x.proof);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_parts_make_the_space),
        cmocka_unit_test(what_time_leaves_is_unseen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
