/* Facts of a model as JSON, and two models side by side: judged with a model that is native but for what stands here. */
#include "report/compare.h"
#include "report/model_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#include "formats/heddle/arch_yaml.h"
#include "report/arch_json.h"
#include "report/names.h"
#include "workload/kinds.h"

static void facts(const hd_problem *p, const hd_scheme *s, hd_fact_sink *sink, void *user)
{
    (void)p;
    (void)s;
    static const hd_fact all[] = {
        {-1, -1, false, "utilization", 0.5}, {1, HD_W, false, "reads", 7},     {0, -1, false, "throttling", 1},
        {1, HD_W, true, "multicast", 2},     {1, HD_O, false, "updates", 3.5}, {1, -1, true, "hops", 4},
        {1, HD_W, false, "fills", 9},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) sink(user, &all[i]);
}

static bool refuse_small_k(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    if (p->settings && p->settings[0] == 0) return hd_model_native.fits(p, s, out);
    if (out) {
        *out = (hd_refusal){.kind = HD_REFUSE_MODEL};
        memcpy(out->why, "K is too small for it", 22);
    }
    return false;
}

static void price(const hd_problem *p, const hd_scheme *s, hd_breakdown *out)
{
    hd_model_native.price(p, s, out);
    out->access[0][HD_W].reads += 41;
    out->latency_cycles += 2;
}

static void why(const hd_problem *p, const hd_scheme *s, int level, hd_role role, hd_count_kind count, char out[256])
{
    (void)p;
    (void)s;
    if (level == 0 && role == HD_W && count == HD_COUNT_READS) memcpy(out, "rule of the test", 17);
}

static void why_term(const hd_problem *p, const hd_scheme *s, hd_price_term term, int level, const hd_breakdown *other,
                     char out[256])
{
    (void)p;
    (void)s;
    (void)level;
    if (term == HD_TERM_LATENCY && other->latency_cycles > 0) memcpy(out, "two more", 9);
}

static const hd_option options[] = {{"strict", "refuse everything", 1, 0, 1}, {0}};

typedef struct world { hd_operator op; hd_arch arch; hd_problem problem; hd_scheme scheme; hd_model model; } world;

static void make(world *w)
{
    static const char chip[] = "heddle: arch/1\nname: x\nmac: {energy_pj: 0.1}\nlevels:\n- {name: DRAM, energy_pj: 200}\n"
                               "- {name: GLB, capacity: {words: 1000}, energy_pj: 6}\n- {name: MAC}\n";
    hd_error err = {0};
    memset(w, 0, sizeof *w);
    assert_int_equal(hd_kind_parse("matmul(M=4,N=2,K=3)", &w->op, &err), HD_OK);
    memcpy(w->op.tensor[HD_W].name, "Weights", 8);
    memcpy(w->op.tensor[HD_I].name, "Ins", 4);
    memcpy(w->op.tensor[HD_O].name, "Outs", 5);
    assert_int_equal(hd_arch_read(chip, sizeof chip - 1, NULL, &w->arch, &err), HD_OK);
    w->problem = (hd_problem){.op = &w->op, .arch = &w->arch};
    hd_scheme_trivial(&w->problem, &w->scheme);
    w->model = hd_model_native;
    w->model.name = "test";
    w->model.options = options;
    w->model.facts = facts;
    w->model.fits = refuse_small_k;
    w->model.price = price;
    w->model.why = why;
    w->model.why_term = why_term;
}

static json_t *load(hd_text *text)
{
    json_error_t problem;
    json_t *root = json_loadb(text->data, text->length, JSON_REJECT_DUPLICATES, &problem);
    if (!root) fail_msg("line %d: %s in %s", problem.line, problem.text, text->data);
    hd_text_free(text);
    return root;
}

static double number(const json_t *at, const char *a, const char *b, const char *c, const char *d)
{
    const char *const path[] = {a, b, c, d};
    for (int i = 0; i < 4; i++) {
        if (!path[i]) continue;
        at = json_object_get(at, path[i]);
        if (!at) fail_msg("the key %s is missing", path[i]);
    }
    return json_number_value(at);
}

static void facts_stand_under_their_names(void **state)
{
    (void)state;
    world w;
    hd_text text;
    hd_json json;
    make(&w);
    hd_text_init(&text, NULL, 0);
    hd_json_begin(&json, &text);
    hd_json_open(&json, NULL, '{');
    hd_model_json(&json, &w.model, &w.problem, &w.scheme);
    hd_json_close(&json, '}');
    json_t *root = load(&text);
    assert_true(number(root, "model", "utilization", NULL, NULL) == 0.5);
    assert_true(number(root, "model", "levels", "GLB", NULL) == 0);
    json_t *glb = json_object_get(json_object_get(json_object_get(root, "model"), "levels"), "GLB");
    assert_true(number(glb, "Weights", "reads", NULL, NULL) == 7);
    assert_true(number(glb, "Weights", "fills", NULL, NULL) == 9);
    assert_true(number(glb, "Outs", "updates", NULL, NULL) == 3.5);
    assert_null(json_object_get(glb, "Ins"));
    assert_true(number(root, "model", "levels", "DRAM", "throttling") == 1);
    json_t *network = json_object_get(json_object_get(json_object_get(root, "model"), "networks"), "GLB");
    assert_true(number(network, "hops", NULL, NULL, NULL) == 4);
    assert_true(number(network, "Weights", "multicast", NULL, NULL) == 2);
    assert_null(json_object_get(json_object_get(json_object_get(root, "model"), "networks"), "DRAM"));
    json_decref(root);
    hd_text_init(&text, NULL, 0);
    hd_json_begin(&json, &text);
    hd_json_open(&json, NULL, '{');
    hd_model_json(&json, &hd_model_native, &w.problem, &w.scheme);
    hd_json_close(&json, '}');
    root = load(&text);
    assert_int_equal(json_object_size(json_object_get(root, "model")), 0);
    json_decref(root);
}

static void differences_name_their_rule(void **state)
{
    (void)state;
    world w;
    hd_text text;
    make(&w);
    static const double lenient[] = {0};
    hd_judge judge[2] = {{&hd_model_native, w.problem}, {&w.model, w.problem}};
    hd_text_init(&text, NULL, 0);
    assert_true(hd_compare_models(judge, 2, &w.scheme, &text)); /* native alone remains */
    assert_non_null(strstr(text.data, "test refuses the scheme: K is too small for it"));
    assert_null(strstr(text.data, "difference"));
    hd_text_free(&text);
    hd_text_init(&text, NULL, 0);
    assert_false(hd_compare_models(judge + 1, 1, &w.scheme, &text));
    hd_text_free(&text);
    judge[1].problem.settings = lenient;
    hd_text_init(&text, NULL, 0);
    assert_true(hd_compare_models(judge, 2, &w.scheme, &text));
    const char *line = strstr(text.data, "Weights reads");
    assert_non_null(line);
    assert_non_null(strstr(line, "+41  rule of the test\n"));
    line = strstr(text.data, "cycles in all");
    assert_non_null(line);
    assert_non_null(strstr(line, "+2  two more\n"));
    assert_non_null(strstr(text.data, "energy in all"));
    hd_text_free(&text);
}

static void foreign_names_replace_roles(void **state)
{
    (void)state;
    world w;
    make(&w);
    assert_true(hd_role_shown(&w.op, HD_W));
    assert_false(hd_role_shown(&w.op, HD_I2));
    assert_int_equal(hd_names_width(&w.op), 7);
    memset(w.op.tensor[HD_W].name, 0, sizeof w.op.tensor[HD_W].name);
    memset(w.op.tensor[HD_I].name, 0, sizeof w.op.tensor[HD_I].name);
    memset(w.op.tensor[HD_O].name, 0, sizeof w.op.tensor[HD_O].name);
    assert_true(hd_role_shown(&w.op, HD_I2)); /* our own: all four stand there */
}

static void chips_are_shown(void **state)
{
    (void)state;
    world w;
    hd_text text;
    hd_error err = {0};
    make(&w);
    hd_text_init(&text, NULL, 0);
    assert_int_equal(hd_arch_to_json(&w.arch, &text, &err), HD_OK);
    json_t *root = load(&text);
    assert_string_equal(json_string_value(json_object_get(root, "heddle")), "arch/1");
    json_t *levels = json_object_get(root, "levels"), *glb = json_array_get(levels, 1);
    assert_int_equal(json_array_size(levels), 3);
    assert_int_equal(json_integer_value(json_object_get(glb, "capacity_words")), 1000);
    assert_true(json_is_null(json_object_get(json_array_get(levels, 0), "capacity_words")));
    assert_true(number(glb, "energy_pj", "W", "read", NULL) == 6);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_stand_under_their_names), cmocka_unit_test(differences_name_their_rule),
        cmocka_unit_test(foreign_names_replace_roles), cmocka_unit_test(chips_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
