/* Is a network solved once per distinct operator, the same on any number of threads, and summed as it should be? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "network/plan.h"
#include "small_level.h"
#include "workload/kinds.h"

enum { LAYERS = 6 };

typedef struct fixture {
    hd_network net;
    hd_layer layer[LAYERS];
    hd_arch arch;
    hd_plan_options options;
} fixture;

static void make(fixture *f)
{
    static const char *const text[LAYERS] = {"conv(N=1,K=8,C=4,P=8,Q=8,R=3,S=3)", "matmul(M=8,N=16,K=32)",
                                             "conv(N=1,K=8,C=4,P=8,Q=8,R=3,S=3)", "pool(N=1,K=8,P=4,Q=4,R=2,S=2,stride=2)",
                                             "matmul(M=8,N=16,K=32)", "softmax(N=8,M=16)"};
    static const char *const name[LAYERS] = {"a", "b", "c", "d", "e", "f"};
    hd_error err = {0};
    memset(f, 0, sizeof *f);
    for (int i = 0; i < LAYERS; i++) {
        assert_int_equal(hd_kind_parse(text[i], &f->layer[i].op, &err), HD_OK);
        f->layer[i].name = name[i];
        f->layer[i].op_name = "Op";
        f->layer[i].fused_into = -1;
        f->layer[i].repeats = i == 1 ? 3 : 1;
    }
    f->layer[3].fused_into = 2;
    f->net.name = "test";
    f->net.layers = LAYERS;
    f->net.layer = f->layer;
    small_level(&f->arch.level[0], "DRAM", 200, 0, false);
    small_level(&f->arch.level[1], "GLB", 6, 256, false);
    small_level(&f->arch.level[2], "RF", 1, 32, false);
    small_level(&f->arch.level[3], "MAC", 0, 0, false);
    f->arch.level[2].fan[HD_X] = 4;
    f->arch.level[2].multicast[HD_X] = 0xf;
    f->arch.levels = 4;
    f->arch.vector_at = 3;
    f->arch.mac_pj = 1;
    assert_int_equal(hd_arch_check(&f->arch, &err), HD_OK);
    f->options = (hd_plan_options){.solver = &hd_solver_descend, .model = &hd_model_native, .objective = HD_ENERGY,
                                   .seed = 5, .evaluations = 300, .threads = 1};
}

static void equal_operators_are_solved_once(void **state)
{
    fixture f;
    hd_plan *plan;
    hd_error err = {0};
    double energy = 0;
    int64_t cycles = 0, evaluations = 0;
    static const int same[LAYERS] = {-1, -1, 0, -1, 1, -1};
    (void)state;
    make(&f);
    assert_int_equal(hd_plan_solve(&f.net, &f.arch, &f.options, &plan, &err), HD_OK);
    assert_int_equal(plan->failed, -1);
    for (int i = 0; i < LAYERS; i++) {
        const hd_plan_layer *l = &plan->layer[i];
        assert_int_equal(l->same_as, same[i]);
        assert_int_equal(l->fused, i == 3);
        if (l->fused) continue;
        assert_true(l->best.found);
        assert_true(l->best.lower_bound <= l->best.cost);
        energy += l->best.price.energy_pj * f.layer[i].repeats;
        cycles += l->best.price.latency_cycles * f.layer[i].repeats;
        if (same[i] < 0) evaluations += l->best.evaluations;
    }
    assert_true(plan->energy_pj == energy);
    assert_int_equal(plan->latency_cycles, cycles);
    assert_int_equal(plan->evaluations, evaluations);
    assert_true(plan->edp == energy * (double)cycles);
    assert_int_equal(plan->macs, 2 * 8 * 4 * 8 * 8 * 9 + 4 * 8 * 16 * 32);
    assert_true(plan->lower_bound > 0 && plan->gap >= 0 && plan->gap < 1);
    hd_plan_free(plan);
}

static void threads_do_not_change_the_answer(void **state)
{
    fixture f;
    hd_plan *one, *two;
    hd_error err = {0};
    (void)state;
    make(&f);
    assert_int_equal(hd_plan_solve(&f.net, &f.arch, &f.options, &one, &err), HD_OK);
    f.options.threads = 3;
    assert_int_equal(hd_plan_solve(&f.net, &f.arch, &f.options, &two, &err), HD_OK);
    assert_true(one->energy_pj == two->energy_pj);
    for (int i = 0; i < LAYERS; i++) {
        assert_int_equal(one->layer[i].best.evaluations, two->layer[i].best.evaluations);
        assert_true(hd_scheme_equal(&one->layer[i].best.scheme, &two->layer[i].best.scheme));
    }
    hd_plan_free(one);
    hd_plan_free(two);
}

static void solved_schemes_price_to_the_same(void **state)
{
    fixture f;
    hd_plan *solved, *priced;
    hd_scheme scheme[LAYERS];
    hd_error err = {0};
    (void)state;
    make(&f);
    assert_int_equal(hd_plan_solve(&f.net, &f.arch, &f.options, &solved, &err), HD_OK);
    for (int i = 0; i < LAYERS; i++) scheme[i] = solved->layer[i].best.scheme;
    assert_int_equal(hd_plan_price(&f.net, &f.arch, scheme, &f.options, &priced, &err), HD_OK);
    assert_true(priced->energy_pj == solved->energy_pj);
    assert_int_equal(priced->latency_cycles, solved->latency_cycles);
    hd_plan_free(priced);
    scheme[1].level[3].tensor[0] = 7;
    assert_int_equal(hd_plan_price(&f.net, &f.arch, scheme, &f.options, &priced, &err), HD_ERR_INPUT);
    assert_null(priced);
    hd_plan_free(solved);
}

static void a_layer_that_cannot_fit_is_named(void **state)
{
    fixture f;
    hd_plan *plan;
    hd_error err = {0};
    (void)state;
    make(&f);
    f.arch.level[2].capacity = 2; /* three roles do not fit, softmax with two does */
    assert_int_equal(hd_plan_solve(&f.net, &f.arch, &f.options, &plan, &err), HD_OK);
    assert_int_equal(plan->failed, 0);
    assert_int_equal(plan->layer[0].best.outcome, HD_OUTCOME_INFEASIBLE);
    assert_int_equal(plan->layer[0].best.nearest.level, 2);
    assert_int_equal(plan->layer[2].best.outcome, HD_OUTCOME_INFEASIBLE);
    assert_true(plan->layer[5].best.found);
    assert_false(plan->proved);
    hd_plan_free(plan);
}

static void pins_hold_for_the_layers_they_name(void **state)
{
    fixture f;
    hd_plan *plan;
    hd_error err = {0};
    hd_pin pin = {.layers = "e*"};
    (void)state;
    make(&f);
    hd_problem p = {.op = &f.layer[4].op, .arch = &f.arch};
    hd_scheme_trivial(&p, &pin.scheme);
    for (int l = 1; l < 4; l++) pin.pinned[l] = 15;
    f.options.pins = 1;
    f.options.pin = &pin;
    assert_int_equal(hd_plan_solve(&f.net, &f.arch, &f.options, &plan, &err), HD_OK);
    assert_int_equal(plan->layer[4].same_as, -1); /* equal operators, unequal pins */
    assert_true(hd_scheme_equal(&plan->layer[4].best.scheme, &pin.scheme));
    assert_false(hd_scheme_equal(&plan->layer[1].best.scheme, &pin.scheme));
    hd_plan_free(plan);
}

static bool at_once(void *user)
{
    (void)user;
    return true;
}

/* Out of time or interrupted before anything is searched: every layer has an answer all the same. */
static void no_time_still_gives_a_schedule(void **state)
{
    static const hd_solver *const solver[] = {&hd_solver_descend, &hd_solver_random, &hd_solver_exhaustive};
    (void)state;
    for (int turn = 0; turn < 6; turn++) {
        fixture f;
        hd_plan *plan;
        hd_error err = {0};
        make(&f);
        f.options.solver = solver[turn / 2];
        f.options.evaluations = 0;
        if (turn % 2) f.options.cancel = at_once;
        else f.options.seconds = 1e-9;
        assert_int_equal(hd_plan_solve(&f.net, &f.arch, &f.options, &plan, &err), HD_OK);
        assert_int_equal(plan->failed, -1);
        for (int i = 0; i < LAYERS; i++) {
            const hd_incumbent *best = &plan->layer[i].best;
            if (plan->layer[i].fused) continue;
            assert_true(best->found && best->cost >= best->lower_bound);
            assert_int_equal(best->outcome, turn % 2 ? HD_OUTCOME_INTERRUPTED : HD_OUTCOME_EXHAUSTED);
            if (turn < 2) assert_true(best->evaluations > 1); /* one growth */
        }
        hd_plan_free(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_operators_are_solved_once),  cmocka_unit_test(threads_do_not_change_the_answer),
        cmocka_unit_test(solved_schemes_price_to_the_same), cmocka_unit_test(a_layer_that_cannot_fit_is_named),
        cmocka_unit_test(pins_hold_for_the_layers_they_name), cmocka_unit_test(no_time_still_gives_a_schedule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
