/* Four threads price one problem at once: same answer in each, and nothing for ThreadSanitizer to say.
 * `make test` runs this program a second time in a build with -fsanitize=thread. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heddle/heddle.h"

enum { THREADS = 4, PRICES = 500 };

typedef struct task {
    const hd_problem *problem;
    const hd_scheme *scheme;
    hd_status status;
    double energy_pj;
} task;

static void *price_often(void *user)
{
    task *t = user;
    hd_error err = {0};
    for (int i = 0; i < PRICES && t->status == HD_OK; i++) {
        hd_cost cost = {.size = sizeof cost};
        t->status = hd_price(t->problem, t->scheme, &cost, &err);
        t->energy_pj = cost.energy_pj;
    }
    return NULL;
}

static void threads_agree_under(const char *model)
{
    hd_error err = {0};
    hd_context *context = NULL;
    hd_arch *arch = NULL;
    hd_operator *op = NULL;
    hd_problem *problem = NULL;
    hd_scheme *scheme = NULL;
    hd_cost alone = {.size = sizeof alone};
    pthread_t thread[THREADS];
    task tasks[THREADS];
    assert_int_equal(hd_context_new(NULL, &context, &err), HD_OK);
    assert_int_equal(hd_arch_open(context, "eyeriss", &arch, &err), HD_OK);
    assert_int_equal(hd_operator_parse(context, "conv(N=1,K=8,C=6,P=13,Q=13,R=3,S=3,pad=1)", &op, &err), HD_OK);
    assert_int_equal(hd_problem_new(context, op, arch, &problem, &err), HD_OK);
    assert_int_equal(hd_problem_model(problem, model, &err), HD_OK);
    assert_int_equal(hd_scheme_new(context, problem, &scheme, &err), HD_OK);
    assert_int_equal(hd_price(problem, scheme, &alone, &err), HD_OK);
    for (int i = 0; i < THREADS; i++) {
        tasks[i] = (task){problem, scheme, HD_OK, 0};
        assert_int_equal(pthread_create(&thread[i], NULL, price_often, &tasks[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_int_equal(tasks[i].status, HD_OK);
        assert_true(tasks[i].energy_pj == alone.energy_pj);
    }
    hd_scheme_free(context, scheme);
    hd_problem_free(context, problem);
    hd_operator_free(context, op);
    hd_arch_free(context, arch);
    hd_context_free(context);
}

static void threads_agree(void **state)
{
    (void)state;
    threads_agree_under("native");
    threads_agree_under("timeloop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
