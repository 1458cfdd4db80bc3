/* Under compat each layer finds its input where the one before left it: MLP-L in training as the research code adds it up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "formats/heddle/arch_yaml.h"
#include "formats/heddle/network_yaml.h"
#include "formats/heddle/schedule_yaml.h"
#include "dataflow/kapla_region.h"
#include "network/inter_layer.h"
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

/* As recorded, hops that the research code remembers wrongly included (tests/solve/test_kapla_search.c). */
static void test_training_of_a_perceptron(void **state)
{
    static const double compat[] = {1, 0, 0, 1};
    fixture f;
    hd_error err = {0};
    (void)state;
    read_files(&f, "zoo/nets/kapla-mlp-l.yaml");
    assert_int_equal(hd_network_train(f.net, &(hd_training){.input_gradients = true}, &err), HD_OK);
    solve(&f, &hd_solver_kapla, compat);
    assert_int_equal(f.plan->failed, -1);
    assert_int_equal(f.plan->layers, 12);
    assert_int_equal(f.plan->latency_cycles, 445360);
    assert_true(fabs(f.plan->energy_pj - 6.67293028e9) < 5);
    assert_null(f.plan->layer[0].problem.input_at);
    assert_non_null(f.plan->layer[0].problem.tries);
    assert_non_null(f.plan->layer[3].problem.input_at);
    tear_down(&f);
}

/* Sums read all their summands side by side; nobody is told under other models, or of other solvers. */
static void test_who_is_told(void **state)
{
    static const double compat[] = {1, 0, 0, 1};
    fixture f;
    (void)state;
    read_files(&f, "zoo/nets/kapla-lstm-gnmt.yaml");
    solve(&f, &hd_solver_kapla, compat);
    assert_true(hd_plan_has_layouts(&f.plan->options));
    int joined = 0;
    for (int i = 0; i < f.plan->layers; i++) {
        const hd_kapla_layout *at = f.plan->layer[i].problem.input_at;
        joined += at && at->pieces == 2 && at->piece[1].range.from[1] == at->piece[0].range.to[1];
    }
    assert_true(joined > 0);
    hd_plan_free(f.plan);
    solve(&f, &hd_solver_kapla, NULL);
    assert_false(hd_plan_has_layouts(&f.plan->options));
    for (int i = 0; i < f.plan->layers; i++)
        assert_true(!f.plan->layer[i].problem.input_at && !f.plan->layer[i].problem.tries);
    hd_plan_free(f.plan);
    solve(&f, &hd_solver_random, compat);
    assert_false(hd_plan_has_layouts(&f.plan->options));
    tear_down(&f);
}

/* Written and read, every layer finds its input where it was found, gradients too: the price is the same to the last bit. */
static void assert_priced_alike(const fixture *f)
{
    hd_error err = {0};
    hd_schedule *schedule, *again;
    hd_text text;
    hd_plan *plan;
    hd_text_init(&text, NULL, 0);
    assert_int_equal(hd_schedule_of_plan(f->plan, &schedule, &err), HD_OK);
    assert_int_equal(hd_schedule_write(schedule, &text, &err), HD_OK);
    if (hd_schedule_read(text.data, text.length, "text", &again, &err) != HD_OK) fail_msg("%s", err.message);
    assert_int_equal(again->network->hash, f->net->hash);
    hd_scheme *scheme = test_calloc((size_t)f->net->layers, sizeof *scheme);
    for (int i = 0; i < f->net->layers; i++) scheme[i] = again->layer[i].scheme;
    if (hd_plan_price(again->network, &again->arch, scheme, &f->plan->options, &plan, &err) != HD_OK) fail_msg("%s", err.message);
    assert_true(plan->energy_pj == f->plan->energy_pj && plan->lower_bound == f->plan->lower_bound);
    assert_int_equal(plan->latency_cycles, f->plan->latency_cycles);
    for (int i = 0; i < plan->layers; i++)
        assert_int_equal(!plan->layer[i].problem.input_at, !f->plan->layer[i].problem.input_at);
    hd_plan_free(plan);
    test_free(scheme);
    hd_text_free(&text);
    hd_schedule_free(again);
    hd_schedule_free(schedule);
}

/* No layer of a training pass undercuts the model's bound; among them gradients that read two maps. */
static void assert_bounds_hold(const fixture *f)
{
    for (int i = 0; i < f->plan->layers; i++) {
        const hd_plan_layer *layer = &f->plan->layer[i];
        hd_bound bound;
        if (layer->fused) continue;
        f->plan->options.model->bound(&layer->problem, &bound);
        if (layer->best.price.energy_pj >= bound.energy_pj && (double)layer->best.price.latency_cycles >= bound.latency_cycles)
            continue;
        fail_msg("%s costs %.17g, bound %.17g", f->net->layer[i].name, layer->best.price.energy_pj, bound.energy_pj);
    }
}

static void test_priced_as_solved(void **state)
{
    static const char *const nets[] = {"zoo/nets/kapla-mlp-s.yaml", "zoo/nets/kapla-lstm-showtell.yaml"};
    static const double compat[] = {1, 0, 0, 1};
    hd_error err = {0};
    (void)state;
    for (int n = 0; n < 2; n++) {
        fixture f;
        read_files(&f, nets[n]);
        assert_int_equal(hd_network_train(f.net, &(hd_training){.input_gradients = true}, &err), HD_OK);
        solve(&f, &hd_solver_kapla, compat);
        assert_int_equal(f.plan->failed, -1);
        assert_priced_alike(&f);
        assert_bounds_hold(&f);
        double apart = f.plan->energy_pj;
        hd_plan_options o = f.plan->options;
        hd_plan_free(f.plan);
        o.inter_layer = HD_INTER_KAPLA; /* nothing can stay, so nothing is dearer */
        assert_int_equal(hd_inter_layer_solve(f.net, &f.arch, &o, &f.plan, &err), HD_OK);
        assert_true(f.plan->energy_pj == apart);
        tear_down(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_training_of_a_perceptron), cmocka_unit_test(test_who_is_told),
                                       cmocka_unit_test(test_priced_as_solved)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
