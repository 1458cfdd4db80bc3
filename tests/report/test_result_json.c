/* Is the result valid JSON with every key of the contract, and the same bytes for the same run? */
#include "report/result_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#include "formats/heddle/arch_yaml.h"
#include "formats/heddle/network_yaml.h"
#include "report/show_json.h"

static const char NET[] =
    "heddle: network/1\nname: t\noperators:\n- {name: \"c\\\"1\", op: \"conv(K=4,C=3,P=5,R=3)\"}\n"
    "- {name: c2, op: \"conv(K=4,C=3,P=5,R=3)\", repeats: 3}\n- {name: f, op: \"matmul(M=2,N=4,K=4)\"}\n";
static const char ARCH[] =
    "heddle: arch/1\nname: x\nmac: {energy_pj: 0.1}\nlevels:\n- {name: DRAM, energy_pj: 200}\n"
    "- {name: GLB, capacity: {words: %WORDS}, energy_pj: 6}\n- {name: MAC, fanout: {x: 2, y: 2, multicast: "
    "true}}\n";

typedef struct run {
    hd_network *net;
    hd_arch arch;
    hd_plan *plan;
} run;

static void solve(run *r, bool fits) {
    hd_error err;
    char arch[sizeof ARCH];
    memcpy(arch, ARCH, sizeof ARCH);
    memcpy(strstr(arch, "%WORDS"), fits ? "100000" : "000000", 6);
    assert_int_equal(hd_network_read(NET, sizeof NET - 1, NULL, &r->net, &err), HD_OK);
    assert_int_equal(hd_arch_read(arch, sizeof ARCH - 1, NULL, &r->arch, &err), HD_OK);
    hd_plan_options options = {
        .solver = &hd_solver_random, .model = &hd_model_native, .seed = 7, .evaluations = 200, .threads = 1};
    if (hd_plan_solve(r->net, &r->arch, &options, &r->plan, &err) != HD_OK) fail_msg("%s", err.message);
}

static void finish(run *r) {
    hd_plan_free(r->plan);
    hd_network_free(r->net);
}

static json_t *result(const run *r, bool reproducible) {
    hd_text text;
    hd_error err;
    json_error_t problem;
    hd_text_init(&text, NULL, 0);
    assert_int_equal(hd_result_json(r->plan, reproducible, "1", &text, &err), HD_OK);
    json_t *root = json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES, &problem);
    if (!root) fail_msg("line %d: %s", problem.line, problem.text);
    hd_text_free(&text);
    return root;
}

static void has_keys(const json_t *object, const char *const *keys) {
    for (; *keys; keys++)
        if (!json_object_get(object, *keys)) fail_msg("the key %s is missing", *keys);
}

static const char *const TOP[] = {"heddle", "network", "arch",     "batch", "objective",
                                  "solver", "model",   "space",    "seed",  "version",
                                  "totals", "layers",  "segments", "error", NULL};
static const char *const TOTALS[] = {"macs",        "computes",    "energy_pj", "latency_cycles",
                                     "edp",         "lower_bound", "gap",       "proved",
                                     "evaluations", "utilization", "bound_of",  "bound_between", NULL};
static const char *const LAYER[] = {"name",        "op",          "dims",     "same_as",   "repeats",
                                    "macs",        "ops",         "computes", "energy_pj", "latency_cycles",
                                    "utilization", "lower_bound", "gap",      "proved",    "stop",
                                    "space_log10", "evaluations", "energy",   "cycles",    "bound_by",
                                    "accesses",    "levels",      "model",    "scheme",    "bound_of",       NULL};

static void found_schedules(void **state) {
    (void)state;
    run r;
    solve(&r, true);
    json_t *root = result(&r, true), *timed = result(&r, false);
    has_keys(root, TOP);
    has_keys(json_object_get(root, "totals"), TOTALS);
    assert_null(json_object_get(root, "run"));
    assert_non_null(json_object_get(timed, "run"));
    assert_true(json_is_null(json_object_get(root, "error")));
    const json_t *layers = json_object_get(root, "layers");
    assert_int_equal(json_array_size(layers), 3);
    int64_t macs = 0, evaluations = 0;
    for (size_t i = 0; i < 3; i++) {
        const json_t *layer = json_array_get(layers, i);
        has_keys(layer, LAYER);
        macs += json_integer_value(json_object_get(layer, "macs")) *
                json_integer_value(json_object_get(layer, "repeats"));
        evaluations += json_integer_value(json_object_get(layer, "evaluations"));
    }
    const json_t *totals = json_object_get(root, "totals");
    assert_true(json_integer_value(json_object_get(totals, "macs")) == macs);
    assert_true(json_integer_value(json_object_get(totals, "evaluations")) == evaluations);
    assert_string_equal(json_string_value(json_object_get(json_array_get(layers, 1), "same_as")), "c\"1");
    json_decref(root);
    json_decref(timed);
    finish(&r);
}

static void nothing_fits(void **state) {
    (void)state;
    run r;
    solve(&r, false);
    json_t *root = result(&r, true);
    has_keys(json_array_get(json_object_get(root, "layers"), 0), LAYER);
    const json_t *error = json_object_get(root, "error");
    assert_string_equal(json_string_value(json_object_get(error, "layer")), "c\"1");
    assert_non_null(strstr(json_string_value(json_object_get(error, "why")), "level GLB"));
    assert_true(json_is_null(json_object_get(json_object_get(root, "totals"), "energy_pj")));
    json_decref(root);
    finish(&r);
}

static void networks_show(void **state) {
    (void)state;
    run r;
    hd_text text;
    hd_error err;
    solve(&r, true);
    hd_text_init(&text, NULL, 0);
    assert_int_equal(hd_show_json(r.net, &text, &err), HD_OK);
    json_t *root = json_loadb(text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    const json_t *first = json_array_get(json_object_get(root, "operators"), 0);
    assert_int_equal(json_integer_value(json_object_get(first, "macs")), 4 * 3 * 5 * 3);
    assert_true(json_is_null(json_object_get(first, "fused_into")));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "totals"), "operators")), 3);
    json_decref(root);
    hd_text_free(&text);
    finish(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(found_schedules), cmocka_unit_test(nothing_fits),
                                       cmocka_unit_test(networks_show)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
