/* Are operators counted, checked, compared and hashed as their header says? */
#include "workload/operator.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

/* O[A,P] = sum over R of I[A, 2P + R - 1] * W[R], real input 9. */
static hd_operator small(void) {
    hd_operator op = {.kind = HD_CONV, .dims = 3, .dim = {{"A", 4}, {"P", 5}, {"R", 3}}};
    op.tensor[HD_W] = (hd_tensor){.used = true, .bits = 16, .ranks = 1, .rank = {{.terms = 1, .extent = 3}}};
    op.tensor[HD_W].rank[0].term[0].dim = 2;
    op.tensor[HD_W].rank[0].term[0].coef = 1;
    op.tensor[HD_I] = (hd_tensor){.used = true, .bits = 16, .ranks = 2, .rank = {{.terms = 1, .extent = 4}}};
    op.tensor[HD_I].rank[0].term[0].coef = 1;
    op.tensor[HD_I].rank[1] = (hd_rank){.terms = 2, .offset = -1, .extent = 9};
    op.tensor[HD_I].rank[1].term[0].dim = 1;
    op.tensor[HD_I].rank[1].term[0].coef = 2;
    op.tensor[HD_I].rank[1].term[1].dim = 2;
    op.tensor[HD_I].rank[1].term[1].coef = 1;
    op.tensor[HD_O] = (hd_tensor){.used = true, .bits = 16, .ranks = 2};
    for (int r = 0; r < 2; r++) {
        op.tensor[HD_O].rank[r] = (hd_rank){.terms = 1, .extent = op.dim[r].extent};
        op.tensor[HD_O].rank[r].term[0].dim = r;
        op.tensor[HD_O].rank[r].term[0].coef = 1;
    }
    return op;
}

static void counts(void **state) {
    (void)state;
    hd_operator op = small();
    assert_int_equal(hd_operator_check(&op, NULL), HD_OK);
    assert_int_equal(hd_operator_points(&op), 60);
    assert_int_equal(hd_operator_macs(&op), 60);
    op.fused_ops = 20;
    assert_int_equal(hd_operator_ops(&op), 20);
    op.vector = true;
    op.ops_per_point = 2;
    assert_int_equal(hd_operator_macs(&op), 0);
    assert_int_equal(hd_operator_ops(&op), 140);
    assert_int_equal(hd_tensor_words(&op, HD_I), 36);
    assert_int_equal(hd_tensor_words(&op, HD_W), 3);
    assert_int_equal(hd_tensor_words(&op, HD_O), 20);
    assert_int_equal(hd_tensor_words(&op, HD_I2), 0);
    assert_int_equal(hd_tensor_dims(&op, HD_I), 7);
    assert_int_equal(hd_tensor_dims(&op, HD_O), 3);
    assert_int_equal(hd_tensor_dims(&op, HD_I2), 0);
    assert_int_equal(hd_operator_dim(&op, "R"), 2);
    assert_int_equal(hd_operator_dim(&op, "Q"), -1);
}

static void names(void **state) {
    (void)state;
    assert_string_equal(hd_role_name(HD_I2), "I2");
    assert_string_equal(hd_kind_name(HD_CONV_TRANSPOSE), "conv_transpose");
    for (int k = 0; k < HD_KINDS; k++) assert_true(strlen(hd_kind_name((hd_kind)k)) > 1);
    assert_string_equal(hd_kind_name(HD_KINDS), "?");
}

static void no_dims(hd_operator *op) { op->dims = 0; }
static void zero_extent(hd_operator *op) { op->dim[1].extent = 0; }
static void double_name(hd_operator *op) { snprintf(op->dim[1].name, sizeof op->dim[1].name, "%s", "A"); }
static void no_name(hd_operator *op) { op->dim[1].name[0] = '\0'; }
static void huge(hd_operator *op) { op->dim[0].extent = (int64_t)1 << 50; }
static void overflow(hd_operator *op) { op->dim[0].extent = op->dim[1].extent = INT64_MAX; }
static void no_output(hd_operator *op) { op->tensor[HD_O].used = false; }
static void no_bits(hd_operator *op) { op->tensor[HD_I].bits = 0; }
static void far_dim(hd_operator *op) { op->tensor[HD_I].rank[1].term[1].dim = 3; }
static void zero_coef(hd_operator *op) { op->tensor[HD_I].rank[1].term[0].coef = 0; }
static void repeated_dim(hd_operator *op) { op->tensor[HD_I].rank[0].term[0].dim = 2; }
static void three_terms(hd_operator *op) { op->tensor[HD_I].rank[1].terms = 3; }
static void two_terms_of_matmul(hd_operator *op) { op->kind = HD_MATMUL; }
static void wide_padding(hd_operator *op) { op->tensor[HD_I].rank[1].offset = -((int64_t)1 << 52); }
static void wild_padding(hd_operator *op) { op->tensor[HD_I].rank[1].offset = INT64_MIN; }
static void wide_stride(hd_operator *op) { op->tensor[HD_I].rank[1].term[0].coef = INT64_MAX / 2; }
static void mac_with_ops(hd_operator *op) { op->ops_per_point = 1; }
static void negative_ops(hd_operator *op) { op->fused_ops = -1; }
static void row_outside(hd_operator *op) { op->row_dims = 8; }
static void bad_kind(hd_operator *op) { op->kind = HD_KINDS; }

static void (*const BREAK[])(hd_operator *) = {
    no_dims,
    zero_extent,
    double_name,
    no_name,
    huge,
    overflow,
    no_output,
    no_bits,
    far_dim,
    zero_coef,
    repeated_dim,
    three_terms,
    two_terms_of_matmul,
    wide_padding,
    wild_padding,
    wide_stride,
    mac_with_ops,
    negative_ops,
    row_outside,
    bad_kind,
};

static void every_broken_invariant_is_told(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof BREAK / sizeof *BREAK; i++) {
        hd_operator op = small();
        hd_error err = {0};
        BREAK[i](&op);
        assert_int_equal(hd_operator_check(&op, &err), HD_ERR_USAGE);
        assert_true(strlen(err.message) > 10);
    }
}

static void equality_sees_what_prices_see(void **state) {
    (void)state;
    hd_operator a = small(), b;
    memset(&b, 0x5a, sizeof b); /* unused places hold rubbish */
    b = small();
    memset(&b.dim[5], 0x5a, sizeof b.dim[5]);
    memset(&b.tensor[HD_W].rank[3], 0x5a, sizeof b.tensor[HD_W].rank[3]);
    b.tensor[HD_I2].bits = 7;
    b.partial_bits = 16; /* as O */
    assert_true(hd_operator_equal(&a, &b));
    assert_true(hd_operator_hash(&a) == hd_operator_hash(&b));
    b.partial_bits = 32;
    assert_false(hd_operator_equal(&a, &b));
    b = a;
    b.tensor[HD_I].rank[1].offset = 0;
    assert_false(hd_operator_equal(&a, &b));
    assert_true(hd_operator_hash(&a) != hd_operator_hash(&b));
    b = a;
    snprintf(b.dim[0].name, sizeof b.dim[0].name, "%s", "N");
    assert_false(hd_operator_equal(&a, &b));
    b = a;
    b.extra_reads = 1;
    assert_false(hd_operator_equal(&a, &b));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(names),
        cmocka_unit_test(every_broken_invariant_is_told),
        cmocka_unit_test(equality_sees_what_prices_see),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
