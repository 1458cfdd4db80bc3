/* Under compat each layer finds its input where the one before left it: MLP-L in training as the research code adds it up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "formats/heddle/arch_yaml.h"
#include "formats/heddle/network_yaml.h"
#include "dataflow/kapla_region.h"
#include "network/layouts.h"
#include "workload/backward.h"

typedef struct fixture { hd_network *net; hd_arch arch; hd_plan *plan; } fixture;

static void read_files(fixture *f, const char *net)
{
    hd_error err = {0};
    if (hd_network_read_file(net, &f->net, &err) != HD_OK) fail_msg("%s: %s", net, err.message);
    assert_int_equal(hd_arch_read_file("zoo/arch/kapla-16x16.yaml", &f->arch, &err), HD_OK);
    assert_int_equal(hd_network_rebatch(f->net, 64, &err), HD_OK);
}

static void solve(fixture *f, const hd_solver *solver, const double *settings)
{
    hd_error err = {0};
    hd_plan_options o = {.solver = solver, .model = &hd_model_kapla, .settings = settings, .threads = 2, .evaluations = 50};
    if (hd_plan_solve(f->net, &f->arch, &o, &f->plan, &err) != HD_OK) fail_msg("%s", err.message);
}

static void tear_down(fixture *f)
{
    hd_plan_free(f->plan);
    hd_network_free(f->net);
}

/* All is as recorded but 6272 word-hops (tests/solve/test_kapla_search.c says why). */
static void test_training_of_a_perceptron(void **state)
{
    static const double compat[] = {1, 0, 0};
    fixture f;
    hd_error err = {0};
    (void)state;
    read_files(&f, "zoo/nets/kapla-mlp-l.yaml");
    assert_int_equal(hd_network_train(f.net, &(hd_training){.input_gradients = true}, &err), HD_OK);
    solve(&f, &hd_solver_kapla, compat);
    assert_int_equal(f.plan->failed, -1);
    assert_int_equal(f.plan->layers, 12);
    assert_int_equal(f.plan->latency_cycles, 445360);
    assert_true(fabs(f.plan->energy_pj + 9.76 * 6272 - 6.67293028e9) < 5);
    assert_null(f.plan->layer[0].problem.input_at);
    assert_non_null(f.plan->layer[3].problem.input_at);
    tear_down(&f);
}

/* Sums read all their summands side by side; nobody is told under other models, or of other solvers. */
static void test_who_is_told(void **state)
{
    static const double compat[] = {1, 0, 0};
    fixture f;
    (void)state;
    read_files(&f, "zoo/nets/kapla-lstm-gnmt.yaml");
    solve(&f, &hd_solver_kapla, compat);
    assert_true(hd_plan_has_layouts(f.plan));
    int joined = 0;
    for (int i = 0; i < f.plan->layers; i++) {
        const hd_kapla_layout *at = f.plan->layer[i].problem.input_at;
        joined += at && at->pieces == 2 && at->piece[1].range.from[1] == at->piece[0].range.to[1];
    }
    assert_true(joined > 0);
    hd_plan_free(f.plan);
    solve(&f, &hd_solver_kapla, NULL);
    assert_false(hd_plan_has_layouts(f.plan));
    for (int i = 0; i < f.plan->layers; i++) assert_null(f.plan->layer[i].problem.input_at);
    hd_plan_free(f.plan);
    solve(&f, &hd_solver_random, compat);
    assert_false(hd_plan_has_layouts(f.plan));
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_training_of_a_perceptron), cmocka_unit_test(test_who_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
