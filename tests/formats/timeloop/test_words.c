/* Are keys found in both spellings, expressions evaluated as Python does, ranges and names understood? */
#include "formats/timeloop/parts.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/yaml.h"

static hd_arena *arena;

static hd_node *yaml(const char *text) {
    hd_node *node = NULL;
    hd_error err;
    hd_arena_free(arena);
    arena = hd_arena_new(NULL, 0);
    if (hd_yaml_read(text, strlen(text), "w.yaml", arena, &node, &err) != HD_OK)
        fail_msg("%s: %s", text, err.message);
    return node;
}

static int drop_arena(void **state) {
    (void)state;
    hd_arena_free(arena);
    arena = NULL;
    return 0;
}

static void hyphens_are_underscores(void **state) {
    (void)state;
    const hd_node *map = yaml("{block-size: 4, word_bits: 8, meshX: 2}");
    assert_true(hd_node_is(hd_tl_get(map, "block_size"), "4"));
    assert_true(hd_node_is(hd_tl_get(map, "block-size"), "4"));
    assert_true(hd_node_is(hd_tl_get(map, "word-bits"), "8"));
    assert_null(hd_tl_get(map, "blocksize"));
    assert_null(hd_tl_get(map, "meshx"));
    assert_null(hd_tl_get(NULL, "meshx"));
}

/* The value of x where the other keys of the map are its scope; NAN if refused, with the message in `err`. */
static double value_of(const char *text, hd_error *err) {
    tl_scope scope = {.maps = 1, .map = {yaml(text)}};
    double out = NAN;
    return hd_tl_double(hd_tl_get(scope.map[0], "x"), "x", &scope, -1e12, 1e12, &out, err) == HD_OK ? out
                                                                                                    : NAN;
}

static void expressions_have_pythons_values(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"x: 12", 12},
        {"x: '12'", 12},
        {"x: 2.5e2", 250},
        {"x: 2 * 8", 16},
        {"x: 2 + 3 * 4 - 1", 13},
        {"x: (2 + 3) * 4", 20},
        {"x: 7 // 2", 3},
        {"x: -7 // 2", -4},
        {"x: -7 % 4", 1},
        {"x: 7 / 2", 3.5},
        {"x: 2 ** 3 ** 2", 512},
        {"x: -2 ** 2", -4},
        {"x: 2 ** -1", 0.5},
        {"x: '- 3 + + 5'", 2},
        {"x: ceil(7 / 2) + floor(7 / 2)", 7},
        {"x: min(4, 2, 3) * max(1, 6)", 12},
        {"x: math.log2(64)", 6},
        {"x: int(3.9) + round(2.5) + abs(-1)", 6},
        {"x: sqrt(pow(3, 2) + 4 ** 2)", 5},
        {"{x: depth * width // 8, depth: 64, width: 2 * word, word: 16}", 256},
        {"{x: block_size, block-size: 4}", 4},
    };
    hd_error err;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double found = value_of(rows[i].text, &err);
        if (isnan(found)) fail_msg("%s: %s", rows[i].text, err.message);
        if (found != rows[i].value) fail_msg("%s: found %g, expected %g", rows[i].text, found, rows[i].value);
    }
}

static void wrong_expressions_say_why(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } rows[] = {
        {"x: 2 *", "expected a number or an expression"},
        {"x: 2 3", "expected a number or an expression"},
        {"x: (2", "closing ')'"},
        {"x: depth", "no attribute or variable 'depth'"},
        {"x: 1 / 0", "division by zero"},
        {"x: 1 // (2 - 2)", "division by zero"},
        {"x: x + 1", "fewer steps"},
        {"{x: a, a: b, b: a}", "fewer steps"},
        {"{x: a+a+a+a+a+a, a: b+b+b+b+b+b, b: c+c+c+c+c+c, c: d+d+d+d+d+d, d: e+e+e+e+e+e, e: f+f+f+f+f+f, "
         "f: 1}",
         "fewer steps"},
        {"x: sin(1)", "one of the functions"},
        {"x: ceil(1, 2)", "number of arguments"},
        {"x: ceil 1", "no attribute or variable 'ceil'"},
        {"x: [1]", "found a list"},
        {"x: ''", "found nothing"},
        {"x: 1e300 * 1e300", "a finite number"},
        {"x: __import__('os')", "expected a number"},
        {"x: 1e13", "expected -1000000000000 to 1000000000000"},
    };
    hd_error err;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double found = value_of(rows[i].text, &err);
        if (!isnan(found)) fail_msg("%s: found %g", rows[i].text, found);
        if (!strstr(err.message, rows[i].part) || err.line != 1 || err.column < 2)
            fail_msg("%s: found %d:%d %s, expected %s", rows[i].text, err.line, err.column, err.message,
                     rows[i].part);
    }
}

static void whole_numbers_stay_whole(void **state) {
    (void)state;
    hd_error err;
    int64_t out = 0;
    const hd_node *map = yaml("{big: 9007199254740993, half: 7 / 2, fits: 14 / 2}");
    assert_int_equal(hd_tl_int(hd_tl_get(map, "big"), "big", NULL, 0, INT64_MAX, &out, &err), HD_OK);
    assert_true(out == 9007199254740993);
    assert_int_equal(hd_tl_int(hd_tl_get(map, "fits"), "fits", NULL, 0, 7, &out, &err), HD_OK);
    assert_int_equal(out, 7);
    assert_int_equal(hd_tl_int(hd_tl_get(map, "half"), "half", NULL, 0, 7, &out, &err), HD_ERR_INPUT);
    assert_non_null(strstr(err.message, "expected a whole number"));
    assert_int_equal(hd_tl_int(hd_tl_get(map, "fits"), "fits", NULL, 0, 6, &out, &err), HD_ERR_INPUT);
    assert_non_null(strstr(err.message, "found 7, expected 0 to 6"));
}

static void ranges_count_copies(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int length, count; /* count 0: refused */
    } rows[] = {{"PE", 2, 1},         {"PE[0..167]", 2, 168},
                {"PE[1..14]", 2, 14}, {"PE[3..3]", 2, 1},
                {"PE [0..3]", 2, 4},  {"'PE[0..'", 0, 0},
                {"'PE[2..1]'", 0, 0}, {"'PE[0..1]x'", 0, 0},
                {"'[0..1]'", 0, 0},   {"'PE[-1..1]'", 0, 0},
                {"'PE[0..1'", 0, 0},  {"'PE]0..1['", 0, 0},
                {"PE[0]", 0, 0},      {"''", 0, 0}};
    hd_error err;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64];
        size_t length = 0;
        int64_t count = 0;
        snprintf(text, sizeof text, "x: %s", rows[i].text);
        const hd_node *node = hd_tl_get(yaml(text), "x");
        hd_status status = hd_tl_range(node, "x", &length, &count, &err);
        assert_int_equal(status, rows[i].count ? HD_OK : HD_ERR_INPUT);
        if (rows[i].count) assert_true((int)length == rows[i].length && count == rows[i].count);
    }
}

static void dims_and_tensors_go_by_name(void **state) {
    (void)state;
    const hd_operator op = {.dims = 2,
                            .dim = {{"C", 4}, {"M", 8}},
                            .tensor = {[HD_W] = {.used = true, .name = "Weights"},
                                       [HD_O] = {.used = true},
                                       [HD_I] = {.name = "Inputs"}}};
    assert_int_equal(hd_tl_dim(&op, "M=3", 1), 1);
    assert_int_equal(hd_tl_dim(&op, "MC", 2), -1);
    assert_int_equal(hd_tl_role(&op, "Weights"), HD_W);
    assert_int_equal(hd_tl_role(&op, "O"), HD_O);
    assert_int_equal(hd_tl_role(&op, "Inputs"), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(hyphens_are_underscores, drop_arena),
        cmocka_unit_test_teardown(expressions_have_pythons_values, drop_arena),
        cmocka_unit_test_teardown(wrong_expressions_say_why, drop_arena),
        cmocka_unit_test_teardown(whole_numbers_stay_whole, drop_arena),
        cmocka_unit_test_teardown(ranges_count_copies, drop_arena),
        cmocka_unit_test(dims_and_tensors_go_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
