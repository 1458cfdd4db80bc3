/* Gradients in KAPLA's own accounts: under compat they are its back layers to every solver. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/handles.h"

typedef struct world { hd_context *context; hd_arch *arch; hd_network *network; } world;

static hd_totals train(const world *w, const hd_solve_options *o)
{
    hd_answer *answer = NULL;
    hd_error err = {0};
    hd_totals totals = {.size = sizeof totals};
    if (hd_solve_network(w->context, w->network, w->arch, o, &answer, &err) != HD_OK) fail_msg("%s", err.message);
    if (!hd_answer_complete(answer, &err)) fail_msg("%s", err.message);
    hd_answer_totals(answer, &totals);
    hd_answer_free(w->context, answer);
    return totals;
}

/* A stride makes the gradient of the weights a dilated convolution, which forward KAPLA has no layer for; `kapla.recall` would
 * let what `kapla` pays for hops depend on what it tried. */
static void descend_trains_in_compat(void **state)
{
    static const char *const net[] = {"conv(N=4,K=16,C=8,P=16,Q=16,R=3,S=3,stride=2)", "conv(N=4,G=32,P=8,Q=8,R=3,S=3,stride=2)",
                                      "matmul(M=16,N=64,K=64)"};
    static const char *const set[] = {"kapla.compat=true", "kapla.recall=false"};
    const hd_network_options training = {.size = sizeof training, .training = true, .input_gradients = true};
    const hd_context_options c = {.size = sizeof c};
    (void)state;
    for (size_t i = 0; i < sizeof net / sizeof *net; i++) {
        hd_solve_options o = {.size = sizeof o, .model = "kapla", .set = set, .sets = 2, .evaluations = 2000};
        hd_error err = {0};
        world w;
        assert_int_equal(hd_context_new(&c, &w.context, &err), HD_OK);
        assert_int_equal(hd_arch_open(w.context, "kapla-edge", &w.arch, &err), HD_OK);
        if (hd_network_open(w.context, net[i], &training, &w.network, &err) != HD_OK) fail_msg("%s", err.message);
        o.solver = "kapla";
        hd_totals published = train(&w, &o);
        o.solver = "descend";
        hd_totals ours = train(&w, &o);
        assert_int_equal(ours.layers, published.layers);
        if (ours.energy_pj > published.energy_pj)
            fail_msg("%s: descend %.6g pJ, kapla %.6g pJ", net[i], ours.energy_pj, published.energy_pj);
        assert_true(ours.lower_bound <= ours.energy_pj);
        hd_network_free(w.network);
        hd_arch_free(w.context, w.arch);
        hd_context_free(w.context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(descend_trains_in_compat)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
