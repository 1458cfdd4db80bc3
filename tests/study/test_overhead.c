/* Is an answer below a proved bound noticed, and are overheads those that a method pays? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "study/overhead.h"
#include "study_net.h"

/* Takes what descend finds for proved, times a factor: a judge that is wrong, or a bound that is. */
static hd_status claim(const hd_space *space, hd_budget *budget, hd_random *random, hd_arena *arena, hd_incumbent *inc,
                       hd_error *err, int64_t evaluations, bool proved, double raise)
{
    hd_budget few = *budget;
    few.evaluations = evaluations;
    HD_TRY(hd_solver_random.run(&hd_solver_random, space, NULL, &few, random, arena, inc, err));
    if (proved) inc->outcome = HD_OUTCOME_OPTIMAL;
    inc->lower_bound = proved ? inc->cost : inc->lower_bound * raise;
    return HD_OK;
}

static hd_status hasty_run(const hd_solver *self, const hd_space *space, const double *values, hd_budget *budget,
                           hd_random *random, hd_arena *arena, hd_incumbent *inc, hd_error *err)
{
    (void)self, (void)values;
    return claim(space, budget, random, arena, inc, err, 1, true, 1);
}

static hd_status boastful_run(const hd_solver *self, const hd_space *space, const double *values, hd_budget *budget,
                              hd_random *random, hd_arena *arena, hd_incumbent *inc, hd_error *err)
{
    (void)self, (void)values;
    return claim(space, budget, random, arena, inc, err, 50, false, 1e3);
}

static hd_status denying_run(const hd_solver *self, const hd_space *space, const double *values, hd_budget *budget,
                             hd_random *random, hd_arena *arena, hd_incumbent *inc, hd_error *err)
{
    (void)self, (void)space, (void)values, (void)budget, (void)random, (void)arena, (void)err;
    inc->outcome = HD_OUTCOME_INFEASIBLE;
    return HD_OK;
}

/* Finds what optimal finds and then sells it below its price. */
static hd_status cheating_run(const hd_solver *self, const hd_space *space, const double *values, hd_budget *budget,
                              hd_random *random, hd_arena *arena, hd_incumbent *inc, hd_error *err)
{
    (void)self, (void)values;
    HD_TRY(hd_solver_descend.run(&hd_solver_descend, space, NULL, budget, random, arena, inc, err));
    inc->cost *= 0.5;
    inc->lower_bound = 0;
    inc->outcome = HD_OUTCOME_IMPROVED;
    return HD_OK;
}

static const hd_solver hasty = {.name = "hasty", .run = hasty_run}, boastful = {.name = "boastful", .run = boastful_run},
                       denying = {.name = "denying", .traits = HD_SOLVER_EXACT, .run = denying_run},
                       unlucky = {.name = "unlucky", .run = denying_run}, cheating = {.name = "cheating", .run = cheating_run};

/* Two methods against a judge on the network of study_net.h. */
static hd_overheads *bench(study_net *w, const hd_solver *judge, const hd_solver *first, const hd_solver *second, int threads)
{
    hd_error err = {0};
    hd_overheads *x = NULL;
    const hd_method method[] = {{.solver = first}, {.solver = second}};
    const hd_network *net = &w->net;
    const hd_arch *chip[] = {&w->arch, &w->narrow};
    hd_overhead_options o = {.plan = w->options, .judge = {.solver = judge}, .methods = 2, .method = method};
    o.plan.threads = threads;
    assert_int_equal(hd_overheads_run(&net, 1, chip, 2, &o, &x, &err), HD_OK);
    assert_non_null(x);
    return x;
}

static void overheads_are_what_the_methods_pay(void **state)
{
    study_net w;
    (void)state;
    study_net_make(&w);
    hd_overheads *x = bench(&w, &hd_solver_exhaustive, &hd_solver_descend, &hd_solver_random, 1);
    assert_int_equal(x->odd, -1);
    assert_int_equal(x->contests, 4); /* two operators, one of them twice, on two chips */
    for (int i = 0; i < x->contests; i++) {
        const hd_contest *c = &x->contest[i];
        assert_true(hd_contest_proved(c));
        for (int m = 0; m < 2; m++) {
            assert_true(c->method[m].found);
            assert_true(fabs(c->judge.cost * (1 + hd_contest_overhead(c, m)) - c->method[m].cost) <= 1e-9 * c->judge.cost);
        }
    }
    assert_int_equal(x->contest[0].layers, 4); /* once, and three times more */
    hd_overhead_sum sum;
    hd_method_sum each;
    hd_overheads_sum(x, -1, &sum);
    hd_overheads_method(x, -1, 1, &each);
    assert_int_equal(sum.proved, 4);
    assert_int_equal(each.compared, 4);
    double most = 0, all = 0;
    for (int i = 0; i < 4; i++) {
        most = fmax(most, hd_contest_overhead(&x->contest[i], 1));
        all += hd_contest_overhead(&x->contest[i], 1);
    }
    assert_true(each.most == most && fabs(each.mean - all / 4) < 1e-12);
    hd_overheads_free(x);
}

static void text_does_not_depend_on_threads(void **state)
{
    study_net w;
    hd_text text[2];
    (void)state;
    study_net_make(&w);
    for (int t = 0; t < 2; t++) {
        hd_overheads *x = bench(&w, &hd_solver_optimal, &hd_solver_descend, &hd_solver_random, t + 1);
        hd_text_init(&text[t], NULL, 0);
        hd_overheads_json(x, true, "0", &text[t]);
        hd_overheads_csv(x, true, &text[t]);
        hd_overheads_free(x);
        assert_null(strstr(text[t].data, "seconds"));
    }
    assert_string_equal(text[0].data, text[1].data);
    hd_text_free(&text[0]);
    hd_text_free(&text[1]);
}

/* The run must stop with the case in words and, where there is a schedule, with that. */
static void expect_odd(const hd_solver *judge, const hd_solver *first, const char *words)
{
    study_net w;
    study_net_make(&w);
    hd_overheads *x = bench(&w, judge, first, &hd_solver_random, 1);
    assert_true(x->odd >= 0);
    const hd_contest *c = &x->contest[x->odd];
    assert_non_null(strstr(c->what, words));
    assert_non_null(c->odd);
    assert_true(c->odd->layer[0].best.found);
    for (int i = x->odd + 1; i < x->contests; i++) assert_false(x->contest[i].done);
    hd_overheads_free(x);
}

static void a_wrong_proof_is_noticed(void **state)
{
    (void)state;
    expect_odd(&hasty, &hd_solver_descend, "hasty says that there is at least");
}

static void a_method_below_the_optimum_is_noticed(void **state)
{
    (void)state;
    expect_odd(&hd_solver_optimal, &cheating, "cheating found a scheme");
}

static void a_wrong_bound_is_noticed(void **state)
{
    (void)state;
    expect_odd(&hd_solver_optimal, &boastful, "boastful says that there is at least");
}

static void a_wrong_no_is_noticed(void **state)
{
    (void)state;
    expect_odd(&denying, &hd_solver_descend, "denying says that there is none");
}

/* A method that does not look at all can find nothing without saying that there is nothing. */
static void finding_nothing_is_no_claim(void **state)
{
    study_net w;
    (void)state;
    study_net_make(&w);
    hd_overheads *x = bench(&w, &hd_solver_optimal, &unlucky, &hd_solver_descend, 1);
    assert_int_equal(x->odd, -1);
    hd_overheads_free(x);
}

static bool stop(void *user)
{
    int *left = user;
    return (*left)-- <= 0;
}

static void interrupt_keeps_what_is_done(void **state)
{
    study_net w;
    int left = 40;
    (void)state;
    study_net_make(&w);
    w.options.cancel = stop;
    w.options.user = &left;
    hd_overheads *x = bench(&w, &hd_solver_random, &hd_solver_descend, &hd_solver_exhaustive, 1);
    int done = 0;
    for (int i = 0; i < x->contests; i++) done += x->contest[i].done;
    assert_true(x->interrupted);
    assert_in_range(done, 0, x->contests - 1);
    assert_int_equal(x->odd, -1);
    hd_overheads_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overheads_are_what_the_methods_pay), cmocka_unit_test(text_does_not_depend_on_threads),
        cmocka_unit_test(a_wrong_proof_is_noticed),           cmocka_unit_test(a_method_below_the_optimum_is_noticed),
        cmocka_unit_test(a_wrong_bound_is_noticed),           cmocka_unit_test(a_wrong_no_is_noticed),
        cmocka_unit_test(finding_nothing_is_no_claim),
        cmocka_unit_test(interrupt_keeps_what_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
