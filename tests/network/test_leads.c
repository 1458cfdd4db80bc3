/* Do like operators show each other where to start: the nearest ones, the same on any number of threads? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "network/leads.h"
#include "network/plan.h"
#include "small_level.h"
#include "workload/kinds.h"

enum { LAYERS = 6 };

static void parse(const char *text, hd_operator *op)
{
    hd_error err = {0};
    assert_int_equal(hd_kind_parse(text, op, &err), HD_OK);
}

static void only_extents_may_differ(void **state)
{
    hd_arch arch = {.levels = 2};
    hd_operator a, b, c;
    (void)state;
    parse("conv(N=1,K=8,C=4,P=8,Q=8,R=3,S=3)", &a);
    parse("conv(N=2,K=16,C=4,P=4,Q=4,R=5,S=3,stride=2)", &b);
    parse("matmul(M=8,N=16,K=32)", &c);
    hd_problem p = {.op = &a, .arch = &arch}, q = {.op = &b, .arch = &arch}, r = {.op = &c, .arch = &arch};
    assert_true(hd_are_alike(&p, &q) && hd_are_alike(&q, &p));
    assert_false(hd_are_alike(&p, &r));
    q.home[HD_O] = 1; /* kept elsewhere */
    assert_false(hd_are_alike(&p, &q));
}

static void the_nearest_lead(void **state)
{
    static const char *const text[] = {"matmul(M=64,N=64,K=64)", "matmul(M=8,N=8,K=16)", "matmul(M=8,N=8,K=8)",
                                       "matmul(M=32,N=8,K=8)", "matmul(M=8,N=16,K=8)"};
    hd_operator op, other[5];
    hd_scheme scheme = {0};
    hd_leads leads = {0};
    (void)state;
    parse("matmul(M=8,N=8,K=8)", &op);
    for (int i = 0; i < 5; i++) {
        parse(text[i], &other[i]);
        hd_leads_offer(&leads, &op, &other[i], &scheme);
    }
    assert_int_equal(leads.count, HD_LEADS);
    assert_ptr_equal(leads.lead[0].op, &other[2]);
    assert_ptr_equal(leads.lead[1].op, &other[1]); /* as far as the last, and before it */
    assert_ptr_equal(leads.lead[2].op, &other[4]);
}

static void solve_by(const hd_solver *solver, double seconds, int threads, hd_plan **out)
{
    static const char *const text[LAYERS] = {"conv(N=1,K=8,C=4,P=8,Q=8,R=3,S=3)",  "conv(N=1,K=16,C=8,P=8,Q=8,R=3,S=3)",
                                             "conv(N=1,K=32,C=16,P=4,Q=4,R=3,S=3)", "conv(N=1,K=32,C=8,P=4,Q=4,R=1,S=1)",
                                             "matmul(M=8,N=16,K=32)",               "matmul(M=16,N=16,K=64)"};
    static hd_layer layer[LAYERS];
    static hd_network net;
    static hd_arch arch;
    hd_error err = {0};
    memset(&arch, 0, sizeof arch);
    for (int i = 0; i < LAYERS; i++) {
        parse(text[i], &layer[i].op);
        layer[i].name = layer[i].op_name = text[i];
        layer[i].fused_into = -1;
        layer[i].repeats = 1;
    }
    net = (hd_network){.name = "test", .layers = LAYERS, .layer = layer};
    small_level(&arch.level[0], "DRAM", 200, 0, false);
    small_level(&arch.level[1], "GLB", 6, 256, false);
    small_level(&arch.level[2], "RF", 1, 32, false);
    small_level(&arch.level[3], "MAC", 0, 0, false);
    arch.level[2].fan[HD_X] = 4;
    arch.level[2].multicast[HD_X] = 0xf;
    arch.levels = 4;
    arch.vector_at = 3;
    arch.mac_pj = 1;
    assert_int_equal(hd_arch_check(&arch, &err), HD_OK);
    hd_plan_options options = {.solver = solver, .model = &hd_model_native, .objective = HD_ENERGY, .seed = 5, .seconds = seconds,
                               .threads = threads};
    assert_int_equal(hd_plan_solve(&net, &arch, &options, out, &err), HD_OK);
}

static void solve(int threads, hd_plan **out) { solve_by(&hd_solver_descend, 0, threads, out); }

/* Answers lie in the space and above their bounds; threads change nothing, not even the numbers of prices. */
static void threads_change_nothing(void **state)
{
    hd_plan *one, *three;
    (void)state;
    solve(1, &one);
    solve(3, &three);
    assert_int_equal(one->failed, -1);
    for (int i = 0; i < LAYERS; i++) {
        const hd_incumbent *a = &one->layer[i].best, *b = &three->layer[i].best;
        assert_true(a->found && a->lower_bound <= a->cost * (1 + 1e-12));
        assert_true(hd_scheme_is_legal(&one->layer[i].problem, &a->scheme, NULL));
        assert_true(a->cost == b->cost && hd_scheme_equal(&a->scheme, &b->scheme));
        assert_int_equal(a->evaluations, b->evaluations);
    }
    hd_plan_free(one);
    hd_plan_free(three);
}

/* A limit of time that nobody reaches changes nothing, either: the others' answers are still looked at in the end. */
static void time_enough_changes_nothing(void **state)
{
    enum { SECONDS = 100000 };
    hd_plan *free_of, *limited;
    (void)state;
    solve(1, &free_of);
    solve_by(&hd_solver_descend, SECONDS, 1, &limited);
    for (int i = 0; i < LAYERS; i++) {
        const hd_incumbent *a = &free_of->layer[i].best, *b = &limited->layer[i].best;
        assert_true(a->found && a->cost == b->cost && hd_scheme_equal(&a->scheme, &b->scheme));
        assert_int_equal(a->evaluations, b->evaluations);
    }
    hd_plan_free(free_of);
    hd_plan_free(limited);
}

static struct { int calls, again, led, glances; double least; } seen;

/* Ends at once, by itself for convolutions; for products as if time had run out, the first time. */
static hd_status give_up(const hd_solver *self, const hd_space *space, const double *values, hd_budget *budget, hd_random *random,
                         hd_arena *arena, hd_incumbent *inc, hd_error *err)
{
    bool again = inc->found && !space->glance;
    hd_scheme scheme;
    (void)self, (void)values, (void)arena, (void)err;
    seen.calls++;
    seen.again += again;
    seen.glances += space->glance;
    if (again && (seen.least == 0 || budget->seconds < seen.least)) seen.least = budget->seconds;
    seen.led += again && space->leads > 0 && space->lead[0].op == space->problem->op;
    for (int tries = 0; tries < 10000 && !inc->found; tries++) {
        hd_space_sample(space, random, &scheme);
        hd_incumbent_offer(inc, budget, &scheme);
    }
    bool ends = again || space->glance || hd_operator_dim(space->problem->op, "M") < 0;
    inc->outcome = ends ? HD_OUTCOME_IMPROVED : HD_OUTCOME_EXHAUSTED;
    return HD_OK;
}

/* Whoever ran out of time shares what the others left of it, and starts from its own answer; without a limit nobody does. */
static void time_left_is_shared_again(void **state)
{
    enum { PRODUCTS = 2, SECONDS = 600 };
    static const hd_solver solver = {.name = "test", .traits = HD_SOLVER_FOLLOWS, .run = give_up};
    hd_plan *plan;
    (void)state;
    memset(&seen, 0, sizeof seen);
    solve_by(&solver, SECONDS, 1, &plan);
    assert_int_equal(plan->failed, -1);
    hd_plan_free(plan);
    assert_true(seen.glances >= PRODUCTS); /* in the end, of all that have likes, as time is left */
    assert_int_equal(seen.calls, LAYERS + PRODUCTS + seen.glances);
    assert_true(seen.again == PRODUCTS && seen.led == PRODUCTS);
    assert_true(seen.least > 0.9 * SECONDS / PRODUCTS); /* a sixth before */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_extents_may_differ),
        cmocka_unit_test(the_nearest_lead),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(time_enough_changes_nothing),
        cmocka_unit_test(time_left_is_shared_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
