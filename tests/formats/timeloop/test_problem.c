/* Do problems become the operator that their projections describe, or say what we cannot hold? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "told.h"

#define CONV_SHAPE                                                                                           \
    "problem:\n"                                                                                             \
    "  shape:\n"                                                                                             \
    "    name: CNN-Layer\n"                                                                                  \
    "    dimensions: [C, M, R, S, N, P, Q]\n"                                                                \
    "    coefficients: [{name: Wstride, default: 1}, {name: Hstride, default: 1}, {name: Wdilation, "        \
    "default: 1}]\n"                                                                                         \
    "    data-spaces:\n"                                                                                     \
    "    - {name: Weights, projection: [[[C]], [[M]], [[R]], [[S]]]}\n"                                      \
    "    - {name: Inputs, projection: [[[N]], [[C]], [[R, Wdilation], [P, Wstride]], [[S], [Q, "             \
    "Hstride]]]}\n"                                                                                          \
    "    - {name: Outputs, projection: [[[N]], [[M]], [[Q]], [[P]]], read-write: true}\n"
#define MATMUL(spaces)                                                                                       \
    "problem:\n  shape:\n    dimensions: [M, N, K]\n    data-spaces:\n" spaces                               \
    "  instance: {M: 4, N: 5, K: 6}\n"
#define OUT "    - {name: Z, projection: [M, N], read-write: true}\n"

static void a_convolution_slides(void **state) {
    (void)state;
    const hd_timeloop *t = told_by(
        CONV_SHAPE "  instance: {C: 3, M: 96, R: 11, S: 11, N: 1, P: 55, Q: 54, Wstride: 4, Hstride: 2, "
                   "Wdilation: 2, H: 227, Hpad: 0}\n");
    const hd_operator *op = &t->op;
    assert_true(t->has_op && !t->has_arch && !t->has_mapping);
    assert_string_equal(t->name, "CNN-Layer");
    assert_int_equal(op->kind, HD_CONV);
    assert_int_equal(op->dims, 7);
    assert_string_equal(op->dim[2].name, "R");
    assert_string_equal(hd_tensor_name(op, HD_W), "Weights");
    assert_string_equal(hd_tensor_name(op, HD_I), "Inputs");
    assert_string_equal(hd_tensor_name(op, HD_O), "Outputs");
    const hd_rank *rank = &op->tensor[HD_I].rank[2];
    assert_int_equal(rank->terms, 2);
    assert_int_equal(rank->term[0].dim, 2);
    assert_int_equal(rank->term[0].coef, 2);
    assert_int_equal(rank->term[1].coef, 4);
    assert_int_equal(rank->extent, 10 * 2 + 54 * 4 + 1);
    assert_int_equal(op->tensor[HD_I].rank[3].extent, 10 + 53 * 2 + 1);
    assert_int_equal(hd_tensor_words(op, HD_W), 3 * 96 * 11 * 11);
    assert_false(op->tensor[HD_I2].used);
    told_end();
}

static void other_spellings_mean_the_same(void **state) {
    (void)state;
    const hd_operator op = told_by(CONV_SHAPE "  instance: {C: 2, M: 3, R: 3, S: 3, N: 1, P: 4, Q: 4}\n")->op;
    /* no instance, no shape (the built-in one), a shape by name, underscores, fused ranks */
    static const char *const same[] = {
        CONV_SHAPE "  C: 2\n  M: 3\n  R: 3\n  S: 3\n  N: 1\n  P: 4\n  Q: 4\n",
        "problem: {C: 2, M: 3, R: 3, S: 3, N: 1, P: 4, Q: 4}\n",
        "problem: {shape: cnn-layer, C: 2, M: 3, R: 3, S: 3, N: 1, P: 4, Q: 4, densities: {Weights: 1.0}}\n",
        "problem: {shape: cnn-layer, instance: {C: '2', M: 6 // 2, R: 3, S: 3, N: 1, P: 4, Q: 4, "
        "commonDensity: 1}}\n",
        "problem:\n  version: 0.4\n  shape:\n    dimensions: [C, M, R, S, N, P, Q]\n    data_spaces:\n"
        "    - {name: Weights, projection: [C, M, R, S]}\n"
        "    - {name: Inputs, projection: [N, C, [R, P], [[S], [Q, 1]]], read_write: false}\n"
        "    - {name: Outputs, projection: [[N], [[M]], Q, P], read_write: True}\n"
        "  instance: {C: 2, M: 3, R: 3, S: 3, N: 1, P: 4, Q: 4}\n",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        const hd_timeloop *t = told_by(same[i]);
        if (!hd_operator_equal(&t->op, &op)) fail_msg("another operator: %s", same[i]);
    }
    told_end();
}

static void tensors_take_roles_in_order(void **state) {
    (void)state;
    const hd_operator *op =
        &told_by(MATMUL(OUT
                        "    - {name: A, projection: [M, K]}\n    - {name: B, projection: [[[K]], [[N]]]}\n"
                        "    - {name: bias, projection: [N]}\n"))
             ->op;
    assert_int_equal(op->kind, HD_MATMUL);
    assert_string_equal(op->tensor[HD_W].name, "A");
    assert_string_equal(op->tensor[HD_I].name, "B");
    assert_string_equal(op->tensor[HD_I2].name, "bias");
    assert_string_equal(op->tensor[HD_O].name, "Z");
    told_end();
}

static void what_we_cannot_hold_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int line, column;
        const char *part;
    } rows[] = {
        {MATMUL(OUT "    - {name: A, projection: [M, X]}\n"), 6, 33, "one of the shape's dimensions"},
        {MATMUL(OUT "    - {name: A, projection: [M, [M, K]]}\n"), 6, 34, "M occurs twice"},
        {MATMUL(OUT "    - {name: A, projection: [[M, N, K]]}\n"), 6, 37, "more than 2 terms"},
        {MATMUL(OUT "    - {name: A, projection: [[[M, stride]]]}\n"), 6, 35, "the name of a coefficient"},
        {MATMUL(OUT "    - {name: A, projection: [[[M, 0]]]}\n"), 6, 35, "coefficient"},
        {MATMUL(OUT "    - {name: A, projection: [[]]}\n"), 6, 30, "a rank without terms"},
        {MATMUL(OUT "    - {name: A}\n"), 6, 7, "no projection"},
        {MATMUL(OUT "    - {name: Z, projection: [M]}\n"), 6, 14, "stands there twice"},
        {MATMUL(OUT "    - {name: Y, projection: [M], read-write: true}\n"), 6, 7,
         "a second read-write tensor"},
        {MATMUL("    - {name: A, projection: [M]}\n"), 5, 5, "no tensor is read-write"},
        {MATMUL(OUT "    - {name: A, projection: [M], read-write: perhaps}\n"), 6, 46,
         "expected true or false"},
        {MATMUL(OUT "    - {name: A, projection: [M]}\n    - {name: B, projection: [N]}\n    - {name: C, "
                    "projection: [K]}\n"
                    "    - {name: D, projection: [K]}\n"),
         9, 7, "a fourth read-only tensor"},
        {"problem: {shape: {dimensions: [M, MM]}, M: 1}", 1, 35, "expected one letter"},
        {"problem: {shape: {dimensions: [M, M]}, M: 1}", 1, 35, "stands there twice"},
        {"problem: {shape: {dimensions: []}, M: 1}", 1, 31, "expected 1 to 12"},
        {"problem: {shape: {dimensions: [M, N]}, instance: {M: 1}}", 1, 50, "no size of dimension N"},
        {"problem: {shape: {dimensions: [M]}, instance: {M: 0}}", 1, 51, "expected 1 to"},
        {"problem: {shape: {dimensions: [M]}, instance: {M: 1}}", 1, 18, "no data-spaces"},
        {"problem: {shape: {dimensions: [M], coefficients: [{name: w}]}, instance: {M: 1}}", 1, 58,
         "no default"},
        {"problem: {shape: {dimensions: [M], coefficients: [{name: w, default: -1}]}, instance: {M: 1}}", 1,
         70, "1 or more"},
        {"problem: {shape: gemm, M: 1}", 1, 18, "expected cnn-layer"},
        {"problem: {shape: [1], M: 1}", 1, 18, "shape"},
        {"problem: [1]", 1, 10, "expected a map"},
        {"problem: {shape: cnn-layer, densities: {Weights: 0.4}, C: 1, M: 1, R: 1, S: 1, N: 1, P: 1, Q: 1}",
         1, 50, "sparse"},
        {"problem: {shape: cnn-layer, densities: {W: {distribution: banded, density: 0.5}}}", 1, 76,
         "sparse"},
        {"problem: {shape: cnn-layer, common_density: 0.9}", 1, 45, "sparse"},
        {"problem: {shape: {dimensions: [M], flatten: [{name: X, dimensions: [M]}]}, M: 1}", 1, 45,
         "flatten"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        told_refused(rows[i].text, rows[i].line, rows[i].column, rows[i].part);
}

static void counts_stay_exact_or_are_refused(void **state) {
    (void)state;
    told_refused("problem: {shape: cnn-layer, C: 100000, M: 100000, R: 100000, S: 100000, N: 1, P: 1, Q: 1}",
                 1, 10, "2^53 points");
    told_refused(
        "problem: {shape: cnn-layer, C: 1, M: 1, R: 2, S: 1, N: 1, P: 2, Q: 1, Wdilation: 9007199254740992}",
        1, 10, "2^53");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_convolution_slides),
        cmocka_unit_test(other_spellings_mean_the_same),
        cmocka_unit_test(tensors_take_roles_in_order),
        cmocka_unit_test(what_we_cannot_hold_is_refused),
        cmocka_unit_test(counts_stay_exact_or_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
