/* A price that is wrong on purpose: does verify see it, and is the case that it writes small, readable and still wrong? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/handles.h"
#include "formats/heddle/schedule_yaml.h"

static void wrong_price(const hd_problem *p, const hd_scheme *s, hd_breakdown *out)
{
    hd_model_native.price(p, s, out);
    if (p->op->dim[hd_operator_dim(p->op, "K")].extent > 3) out->access[1][HD_O].updates++; /* small K is priced right */
}

typedef struct world { hd_context *context; hd_arch *arch; hd_network *network; hd_answer *answer; } world;

static void solve_on(world *w, const char *op, const char *chip, const hd_solve_options *o)
{
    hd_error err = {0};
    hd_context_options c = {.size = sizeof c};
    assert_int_equal(hd_context_new(&c, &w->context, &err), HD_OK);
    assert_int_equal(hd_arch_open(w->context, chip, &w->arch, &err), HD_OK);
    assert_int_equal(hd_network_open(w->context, op, NULL, &w->network, &err), HD_OK);
    assert_int_equal(hd_solve_network(w->context, w->network, w->arch, o, &w->answer, &err), HD_OK);
}

static void solve(world *w, const char *op)
{
    const hd_solve_options o = {.size = sizeof o, .solver = "random", .evaluations = 100};
    solve_on(w, op, "eyeriss", &o);
}

static void finish(world *w)
{
    hd_answer_free(w->context, w->answer);
    hd_network_free(w->network);
    hd_arch_free(w->context, w->arch);
    hd_context_free(w->context);
}

static void differences_are_written_small(void **state)
{
    (void)state;
    world w;
    hd_error err = {0};
    char *text = NULL;
    hd_verdict v = {.size = sizeof v};
    solve(&w, "conv(N=1,K=32,C=16,P=28,Q=28,R=3,S=3)");
    assert_int_equal(hd_verify_layer(w.context, w.answer, 0, 1, &v, &err), HD_OK);
    assert_true(v.agrees);
    assert_int_equal(hd_verify_case(w.context, w.answer, 0, 1, &text, &err), HD_ERR_USAGE);
    hd_model wrong = hd_model_native;
    wrong.price = wrong_price;
    w.answer->options.model = &wrong;
    assert_int_equal(hd_verify_layer(w.context, w.answer, 0, 1, &v, &err), HD_OK);
    assert_false(v.agrees);
    assert_non_null(strstr(v.difference, "updates"));
    if (hd_verify_case(w.context, w.answer, 0, 1, &text, &err) != HD_OK) fail_msg("%s", err.message);
    hd_schedule *schedule = NULL;
    assert_int_equal(hd_schedule_read(text, strlen(text), "case.yaml", &schedule, &err), HD_OK);
    assert_int_equal(schedule->network->layers, 1);
    const hd_operator *op = &schedule->network->layer[0].op;
    assert_true(hd_operator_points(op) < 3612672 / 100); /* of the layer */
    assert_true(op->dim[hd_operator_dim(op, "K")].extent > 3);
    hd_problem p = {.op = op, .arch = &schedule->arch};
    memcpy(p.home, schedule->layer[0].home, sizeof p.home);
    assert_true(hd_scheme_is_legal(&p, &schedule->layer[0].scheme, NULL));
    hd_schedule_free(schedule);
    hd_string_free(w.context, text);
    finish(&w);
}

static bool refuse_parts(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    if (hd_operator_points(p->op) < 1000000) return hd_refuse_model(out, 1, "no parts are served");
    return hd_model_native.fits(p, s, out);
}

/* What the model serves whole it may refuse in part: there a price would mean nothing, and no replay is no agreement. */
static void parts_that_are_not_served_are_left_out(void **state)
{
    (void)state;
    world w;
    hd_error err = {0};
    char *text = NULL;
    hd_verdict v = {.size = sizeof v};
    hd_solve_options o = {.size = sizeof o, .objective = "latency", .space = "ragged", .seed = 2};
    solve_on(&w, "conv_transpose(K=28,C=26,G=2,N=1,P=10,Q=13,R=3,S=4,stride=2,pad=1)", "simba-like", &o);
    assert_int_equal(hd_verify_layer(w.context, w.answer, 0, 0, &v, &err), HD_OK);
    assert_true(v.agrees && v.replayed > 0);
    hd_model strict = hd_model_native;
    strict.fits = refuse_parts;
    w.answer->options.model = &strict;
    assert_int_equal(hd_verify_layer(w.context, w.answer, 0, 0, &v, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "no parts are served"));
    assert_int_equal(hd_verify_case(w.context, w.answer, 0, 0, &text, &err), HD_ERR_USAGE);
    finish(&w);
}

static void other_models_are_not_replayed(void **state)
{
    (void)state;
    world w;
    hd_error err = {0};
    hd_verdict v = {.size = sizeof v};
    solve(&w, "matmul(M=8,N=8,K=8)");
    hd_model other = hd_model_native;
    other.name = "other";
    w.answer->options.model = &other;
    assert_int_equal(hd_verify_layer(w.context, w.answer, 0, 1, &v, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "native"));
    finish(&w);
}

/* Kapla counts the same machine without room for words on their way; what it adds up to cycles is its own.  Its compat
 * counts nothing that can be replayed. */
static void kapla_is_replayed_where_it_is_exact(void **state)
{
    static const char *const compat[] = {"kapla.compat=true"};
    hd_solve_options o = {.size = sizeof o, .solver = "kapla", .model = "kapla"};
    hd_verdict v = {.size = sizeof v};
    hd_error err = {0};
    world w;
    (void)state;
    solve_on(&w, "matmul(M=16,N=64,K=128)", "kapla-4x4", &o); /* fills its buffers: native would not hold it */
    assert_false(hd_model_native.fits(&w.answer->plan->layer[0].problem, &w.answer->plan->layer[0].best.scheme, NULL));
    assert_int_equal(hd_verify_serves(w.answer, &err), HD_OK);
    if (hd_verify_layer(w.context, w.answer, 0, 1, &v, &err) != HD_OK) fail_msg("%s", err.message);
    if (!v.agrees) fail_msg("%s", v.difference);
    assert_true(v.compared >= 60);
    finish(&w);
    o.set = compat;
    o.sets = 1;
    solve_on(&w, "matmul(M=16,N=64,K=128)", "kapla-4x4", &o);
    assert_int_equal(hd_verify_serves(w.answer, &err), HD_ERR_USAGE);
    assert_int_equal(hd_verify_layer(w.context, w.answer, 0, 1, &v, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "research code"));
    finish(&w);
}

/* KAPLA runs local layers on its array, also on a chip with vector units beside it: its solver as recorded, AlexNet's pool1_a
 * on one node (8.1718e-05 J, 32425 cycles), and the exact machine, replayed.  Native takes the chip as it is. */
static void kapla_runs_local_layers_on_the_array(void **state)
{
    static const char *const compat[] = {"kapla.compat=true"};
    const char *pool = "pool(N=1,K=48,P=27,Q=27,R=3,S=3,stride=2)";
    hd_solve_options o = {.size = sizeof o, .solver = "kapla", .model = "kapla", .set = compat, .sets = 1};
    hd_totals totals = {.size = sizeof totals};
    hd_verdict v = {.size = sizeof v};
    hd_error err = {0};
    world w;
    (void)state;
    solve_on(&w, pool, "kapla-edge", &o);
    assert_true(w.arch->vector_at < w.arch->levels - 1);
    hd_answer_totals(w.answer, &totals);
    assert_int_equal(totals.latency_cycles, 32425);
    assert_int_equal((int64_t)(totals.energy_pj / 1e3 + 0.5), 81718);
    finish(&w);
    o.sets = 0;
    solve_on(&w, pool, "kapla-edge", &o);
    if (hd_verify_layer(w.context, w.answer, 0, 1, &v, &err) != HD_OK) fail_msg("%s", err.message);
    if (!v.agrees) fail_msg("%s", v.difference);
    finish(&w);
    o.model = "native";
    solve_on(&w, pool, "kapla-edge", &o);
    assert_ptr_equal(w.answer->arch, w.arch);
    finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(differences_are_written_small),
                                       cmocka_unit_test(parts_that_are_not_served_are_left_out),
                                       cmocka_unit_test(other_models_are_not_replayed),
                                       cmocka_unit_test(kapla_is_replayed_where_it_is_exact),
                                       cmocka_unit_test(kapla_runs_local_layers_on_the_array)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
