/* No scheme of the model kapla undercuts its bound, and no scheme does less than the layer's work: exact and compat, whatever
 * solvers come upon.                                                                                               */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cost/kapla/machine.h"
#include "cost/kapla/model.h"
#include "solve/solver.h"
#include "workload/kinds.h"

static const char *const operators[] = {
    "conv(N=2,K=6,C=5,P=7,Q=7,R=3,S=3)",          "conv(N=3,K=4,C=4,P=6,Q=6,R=3,S=3,stride=2,pad=1)",
    "conv(N=2,K=8,C=6,P=5,Q=5,R=1,S=1)",          "conv(N=1,K=3,C=3,P=9,Q=5,R=5,S=2,stride=1)",
    "conv(N=4,K=4,C=2,P=4,Q=4,R=1,S=1,stride=2)", "depthwise(N=2,G=6,P=6,Q=6,R=3,S=3)",
    "matmul(M=8,N=10,K=12)",                      "matmul(M=5,N=7,K=11)",
    "pool(N=2,K=6,P=5,Q=5,R=3,S=3,stride=2)",     "pool(N=2,K=4,P=3,Q=3,R=2,S=2,stride=2)",
    "conv_transpose(N=2,K=6,C=5,P=4,Q=4,R=3,S=3)", "conv_transpose(N=2,K=4,C=6,P=3,Q=3,R=2,S=2,stride=2)",
};
enum { OPERATORS = sizeof operators / sizeof *operators, SAMPLES = 200, CHIPS = 3 };

static hd_kapla_chip chip_of(int i)
{
    static const int64_t side[CHIPS] = {1, 2, 4};
    int64_t nodes = side[i];
    return (hd_kapla_chip){.nodes = {nodes, nodes}, .array = {4, i == 1 ? 2 : 4}, .gbuf_words = i ? 96 : 300,
                           .regf_words = i == 2 ? 12 : 24, .access_pj = {200, 6, 2, 1}, .op_pj = 1, .hop_pj = 3,
                           .static_pj = 10, .dram_bw = 5.5, .bus_bw = 2};
}


/* The scheme that was best, and every objective's bound. */
static void check(const hd_problem *p, const hd_scheme *s, bool compat)
{
    hd_bound bound;
    hd_breakdown b;
    hd_model_kapla.bound(p, &bound);
    hd_model_kapla.price(p, s, &b);
    assert_true(bound.energy_pj > 0 && bound.latency_cycles >= 1);
    assert_true(b.energy_pj >= bound.energy_pj);
    assert_true((double)b.latency_cycles >= bound.latency_cycles);
    assert_true(b.edp >= bound.edp);
    assert_true(b.computes >= hd_operator_points(p->op));
    if (!compat) assert_int_equal(b.computes, hd_operator_points(p->op));
}

static bool solve(const hd_solver *solver, const hd_problem *p, hd_objective objective, bool ragged, uint64_t seed, bool compat)
{
    hd_error err = {0};
    hd_space space;
    hd_random random;
    hd_incumbent inc;
    hd_budget budget = {.evaluations = SAMPLES};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_space_init(&space, p, HD_SPACE_TEMPLATE, ragged, false);
    hd_incumbent_init(&inc, &hd_model_kapla, p, objective);
    hd_budget_start(&budget);
    hd_random_seed(&random, seed, 0);
    assert_int_equal(solver->run(solver, &space, NULL, &budget, &random, arena, &inc, &err), HD_OK);
    if (inc.found) check(p, &inc.scheme, compat);
    bool found = inc.found;
    hd_arena_free(arena);
    return found;
}

static void test_nothing_undercuts_the_bound(void **state)
{
    (void)state;
    int found = 0, cases = 0;
    for (int k = 0; k < OPERATORS * CHIPS; k++) {
        hd_kapla_chip chip = chip_of(k % CHIPS);
        hd_operator op;
        hd_arch arch;
        assert_int_equal(hd_kind_parse(operators[k / CHIPS], &op, NULL), HD_OK);
        machine_of(&chip, k % 2 != 0, &arch);
        for (int compat = 0; compat < 2; compat++, cases++) {
            double settings[] = {compat, 0, 0};
            hd_problem p = {.op = &op, .arch = &arch, .model = &hd_model_kapla, .settings = settings};
            /* few schemes drawn by chance are of KAPLA's form */
            const hd_solver *solver = compat || k % 2 ? &hd_solver_descend : &hd_solver_random;
            found += solve(solver, &p, (hd_objective)((k + compat) % HD_OBJECTIVES), k % 4 < 2, (uint64_t)k, compat != 0);
        }
    }
    print_message("%d answers of %d searches\n", found, cases);
    assert_true(found > cases / 2);
}

/* Outputs that slide: registers too small for whole windows (25 words of W and of O), windows that leave gaps. */
static void test_sliding_results_pass_small_registers(void **state)
{
    static const char *const sliding[] = {"conv_transpose(N=2,K=4,C=6,P=3,Q=3,R=5,S=5)",
                                          "conv_transpose(N=2,K=4,C=3,P=4,Q=4,R=2,S=2,dilation=2)"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        hd_kapla_chip chip = chip_of(0);
        hd_operator op;
        hd_arch arch;
        assert_int_equal(hd_kind_parse(sliding[i], &op, NULL), HD_OK);
        machine_of(&chip, false, &arch);
        hd_problem p = {.op = &op, .arch = &arch, .model = &hd_model_kapla};
        assert_int_equal(hd_kapla_may_pass(&p, 2), HD_ROLE_BIT(HD_O) | HD_ROLE_BIT(HD_W));
        assert_int_equal(hd_kapla_may_pass(&p, 1), i == 0 ? 0 : HD_ROLE_BIT(HD_O));
        for (int objective = 0; objective < HD_OBJECTIVES; objective++)
            if (!solve(&hd_solver_descend, &p, (hd_objective)objective, false, 1, false)) fail_msg("%s", sliding[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_undercuts_the_bound),
                                       cmocka_unit_test(test_sliding_results_pass_small_registers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
