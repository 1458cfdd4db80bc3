/* Are factors and loop orders read in all their spellings, and errors placed at the character? */
#include "formats/timeloop/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/yaml.h"

static const hd_operator OP = {.dims = 4, .dim = {{"C", 4}, {"M", 8}, {"P", 6}, {"R", 3}}};

typedef struct fixture {
    hd_arena *arena;
    hd_error err;
    tl_factors factors;
    tl_order order;
} fixture;

static const hd_node *node_of(fixture *f, const char *text) {
    hd_node *node = NULL;
    f->arena = hd_arena_new(NULL, 0);
    assert_int_equal(hd_yaml_read(text, strlen(text), "f.yaml", f->arena, &node, &f->err), HD_OK);
    return hd_node_get(node, "x");
}

/* "C=2 M=4,3" after reading `text`, with the relations. */
static void expect_factors(const char *text, const char *expected) {
    fixture f;
    hd_text shown;
    hd_text_init(&shown, NULL, 0);
    if (hd_tl_read_factors(node_of(&f, text), &OP, &f.factors, &f.err) != HD_OK)
        fail_msg("%s: %s", text, f.err.message);
    for (int i = 0; i < f.factors.count; i++) {
        static const char *const relation[] = {"=", "<=", ">="};
        const tl_factor *t = &f.factors.factor[i];
        hd_text_format(&shown, "%s%s%s%d", i ? " " : "", OP.dim[t->dim].name, relation[t->relation],
                       (int)t->bound);
        if (t->residual != t->bound) hd_text_format(&shown, ",%d", (int)t->residual);
    }
    assert_string_equal(shown.data ? shown.data : "", expected);
    hd_text_free(&shown);
    hd_arena_free(f.arena);
}

static void expect_error(hd_status status, fixture *f, int column, const char *part) {
    assert_int_equal(status, HD_ERR_INPUT);
    if (f->err.column != column || !strstr(f->err.message, part))
        fail_msg("found column %d: %s; expected column %d: %s", f->err.column, f->err.message, column, part);
    assert_string_equal(f->err.file, "f.yaml");
    hd_arena_free(f->arena);
}

static void refuse_factors(const char *text, int column, const char *part) {
    fixture f;
    hd_status status = hd_tl_read_factors(node_of(&f, text), &OP, &f.factors, &f.err);
    expect_error(status, &f, column, part);
}

static void refuse_order(const char *text, int column, const char *part) {
    fixture f;
    hd_status status = hd_tl_read_permutation(node_of(&f, text), &OP, &f.order, &f.err);
    expect_error(status, &f, column, part);
}

static void factors_in_every_spelling(void **state) {
    (void)state;
    expect_factors("x: C=2 M=4 P=6 R=3", "C=2 M=4 P=6 R=3");
    expect_factors("x: C2 M4", "C=2 M=4");
    expect_factors("x: C 2  M 4", "C=2 M=4");
    expect_factors("x: C = 2, M = 4", "C=2 M=4");
    expect_factors("x: C=2,M=4,P=6", "C=2 M=4 P=6");
    expect_factors("x: 'C=1 M=4,3 P=5'", "C=1 M=4,3 P=5");
    expect_factors("x: 'M=4,3,P=5, 1'", "M=4,3 P=5,1");
    expect_factors("x: R=0", "R=0");
    expect_factors("x: C<=2 C>=1 M <= 4", "C<=2 C>=1 M<=4");
    expect_factors("x: [C=2, M=4, 3, P5]", "C=2 M=4,3 P=5"); /* joined by commas, as Timeloop does */
    expect_factors("x: {C: 2, M: '<=8', P: '5,1'}", "C=2 M<=8 P=5,1");
    expect_factors("x:", "");
    expect_factors("x: []", "");
}

static void wrong_factors_have_a_place(void **state) {
    (void)state;
    refuse_factors("x: C=2 Z=4", 8, "found 'Z=4', expected a dimension of the problem: C M P R");
    refuse_factors("x: 'C=2 Z=4'", 9, "found 'Z=4'");
    refuse_factors("x: C=2 M=", 10, "expected a factor");
    refuse_factors("x: C=2.5", 7, "a blank or a comma");
    refuse_factors("x: C=99999999999999999999", 6, "whole number");
    refuse_factors("x: C=-1", 6, "whole number");
    refuse_factors("x: C<=0", 7, "at least 1");
    refuse_factors("x: C<2", 6, "'<=' or '>='");
    refuse_factors("x: C=2 3", 8, "a residual follows its factor and a comma");
    refuse_factors("x: M=4,5", 8, "not above its factor");
    refuse_factors("x: M=4,0", 8, "at least 1");
    refuse_factors("x: C=2 C=4", 4, "given twice");
    refuse_factors("x: C=2 C<=4", 4, "given twice");
    refuse_factors("x: [C=2, [M=3]]", 10, "expected a value");
    refuse_factors("x: {C: [2]}", 8, "expected a value");
}

static void expect_order(const char *text, const char *inner, const char *outer) {
    fixture f;
    if (hd_tl_read_permutation(node_of(&f, text), &OP, &f.order, &f.err) != HD_OK)
        fail_msg("%s: %s", text, f.err.message);
    char found[2][16] = {"", ""};
    for (int i = 0; i < f.order.inner; i++) found[0][i] = OP.dim[f.order.inner_dim[i]].name[0];
    for (int i = 0; i < f.order.outer; i++) found[1][i] = OP.dim[f.order.outer_dim[i]].name[0];
    assert_string_equal(found[0], inner);
    assert_string_equal(found[1], outer);
    hd_arena_free(f.arena);
}

static void orders_in_every_spelling(void **state) {
    (void)state;
    expect_order("x: CMPR", "CMPR", "");
    expect_order("x: RP CM", "RPCM", "");
    expect_order("x: RP_CM", "RP", "CM");
    expect_order("x: _CM", "", "CM");
    expect_order("x: [R, P]", "RP", "");
    expect_order("x: [R, _, P]", "R", "P");
    expect_order("x: 'R, P'", "RP", "");
    expect_order("x: ''", "", "");
    expect_order("x: []", "", "");
}

static void wrong_orders_have_a_place(void **state) {
    (void)state;
    refuse_order("x: CMX", 6, "found 'X', expected a dimension of the problem: C M P R");
    refuse_order("x: CMC", 6, "each dimension once");
    refuse_order("x: C_M_P", 7, "a single '_'");
    refuse_order("x: {C: 1}", 4, "expected a value");
    refuse_order("x: [C, [M]]", 8, "expected a value");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_in_every_spelling),
        cmocka_unit_test(wrong_factors_have_a_place),
        cmocka_unit_test(orders_in_every_spelling),
        cmocka_unit_test(wrong_orders_have_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
