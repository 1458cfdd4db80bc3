/* Has every kind of layer the dimensions, ranks and words that its name promises? */
#include "workload/kinds.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

/* "N1 K64": dims with extents. */
static void assert_dims(const hd_operator *op, const char *expected) {
    char text[400] = "";
    for (int d = 0; d < op->dims; d++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s%lld", d ? " " : "", op->dim[d].name,
                 (long long)op->dim[d].extent);
    assert_string_equal(text, expected);
}

/* "N:1 2P+1R-3:224": ranks as offset + terms : extent. */
static void assert_ranks(const hd_operator *op, hd_role role, const char *expected) {
    char text[400] = "";
    for (int r = 0; r < op->tensor[role].ranks; r++) {
        const hd_rank *rank = &op->tensor[role].rank[r];
        if (r > 0) snprintf(text + strlen(text), sizeof text - strlen(text), "%s", " ");
        for (int k = 0; k < rank->terms; k++) {
            if (k > 0) snprintf(text + strlen(text), sizeof text - strlen(text), "%s", "+");
            if (rank->terms > 1 || rank->term[k].coef != 1)
                snprintf(text + strlen(text), sizeof text - strlen(text), "%lld",
                         (long long)rank->term[k].coef);
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s", op->dim[rank->term[k].dim].name);
        }
        if (rank->offset)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%lld", (long long)rank->offset);
        snprintf(text + strlen(text), sizeof text - strlen(text), ":%lld", (long long)rank->extent);
    }
    assert_string_equal(text, expected);
}

static hd_conv_shape resnet_stem(void) {
    return (hd_conv_shape){.axes = 2,
                           .n = 1,
                           .groups = 1,
                           .k = 64,
                           .c = 3,
                           .out = {112, 112},
                           .kernel = {7, 7},
                           .stride = {2, 2},
                           .dilation = {1, 1},
                           .pad_low = {3, 3},
                           .in = {224, 224}};
}

static void conv_slides_over_padding(void **state) {
    (void)state;
    hd_conv_shape s = resnet_stem();
    hd_operator op;
    assert_int_equal(hd_kind_conv(&s, &op, NULL), HD_OK);
    assert_dims(&op, "N1 G1 K64 C3 P112 Q112 R7 S7");
    assert_ranks(&op, HD_W, "G:1 K:64 C:3 R:7 S:7");
    assert_ranks(&op, HD_I, "N:1 G:1 C:3 2P+1R-3:224 2Q+1S-3:224");
    assert_ranks(&op, HD_O, "N:1 G:1 K:64 P:112 Q:112");
    assert_int_equal(hd_operator_macs(&op), 118013952);
    assert_int_equal(hd_tensor_words(&op, HD_I), 3 * 224 * 224);
    assert_int_equal(hd_operator_ops(&op), 0);
}

static void conv_without_padding_derives_its_input(void **state) {
    (void)state;
    hd_conv_shape s = resnet_stem();
    hd_operator op;
    s.pad_low[0] = s.pad_low[1] = s.in[0] = s.in[1] = 0;
    s.dilation[1] = 2;
    assert_int_equal(hd_kind_conv(&s, &op, NULL), HD_OK);
    assert_ranks(&op, HD_I, "N:1 G:1 C:3 2P+1R:229 2Q+2S:235");
    s.pad_low[0] = 1; /* padding of what? */
    assert_int_equal(hd_kind_conv(&s, &op, NULL), HD_ERR_USAGE);
}

static void windows_apart_are_two_ranks(void **state) {
    (void)state;
    /* a patch embedding whose input is larger than touched on one axis; padded on the other */
    hd_conv_shape s = {.axes = 2,
                       .n = 2,
                       .groups = 1,
                       .k = 8,
                       .c = 3,
                       .out = {4, 4},
                       .kernel = {2, 3},
                       .stride = {4, 4},
                       .dilation = {3, 1},
                       .pad_low = {0, 1},
                       .in = {17, 14}};
    hd_operator op;
    assert_int_equal(hd_kind_conv(&s, &op, NULL), HD_OK);
    assert_ranks(&op, HD_I, "N:2 G:1 C:3 P:4 R:2 4Q+1S-1:14");
    s.dilation[0] = 4; /* kernel reaches 5 > stride 4 */
    assert_int_equal(hd_kind_conv(&s, &op, NULL), HD_OK);
    assert_ranks(&op, HD_I, "N:2 G:1 C:3 4P+4R:17 4Q+1S-1:14");
}

static void other_numbers_of_axes(void **state) {
    (void)state;
    hd_conv_shape s = {.axes = 1,
                       .n = 1,
                       .groups = 2,
                       .k = 4,
                       .c = 5,
                       .out = {6, 7, 8},
                       .kernel = {3, 3, 3},
                       .stride = {1, 1, 1},
                       .dilation = {1, 1, 1}};
    hd_operator op;
    assert_int_equal(hd_kind_conv(&s, &op, NULL), HD_OK);
    assert_dims(&op, "N1 G2 K4 C5 P6 R3");
    assert_ranks(&op, HD_I, "N:1 G:2 C:5 1P+1R:8");
    s.axes = 3;
    assert_int_equal(hd_kind_conv(&s, &op, NULL), HD_OK);
    assert_dims(&op, "N1 G2 K4 C5 P6 Q7 R3 S3 T8 U3");
    assert_ranks(&op, HD_W, "G:2 K:4 C:5 R:3 S:3 U:3");
    assert_ranks(&op, HD_I, "N:1 G:2 C:5 1P+1R:8 1Q+1S:9 1T+1U:10");
    for (int a = 0; a < 3; a++) s.stride[a] = 3;
    assert_int_equal(hd_kind_conv(&s, &op, NULL), HD_OK);
    assert_ranks(&op, HD_I, "N:1 G:2 C:5 P:6 R:3 Q:7 S:3 3T+1U:24");
    s.axes = 4;
    assert_int_equal(hd_kind_conv(&s, &op, NULL), HD_ERR_USAGE);
}

static void transposed_output_slides(void **state) {
    (void)state;
    hd_conv_shape s = {.axes = 2,
                       .n = 1,
                       .groups = 1,
                       .k = 8,
                       .c = 16,
                       .out = {10, 10},
                       .kernel = {4, 2},
                       .stride = {2, 2},
                       .dilation = {1, 1},
                       .pad_low = {1, 0},
                       .in = {20, 20}};
    hd_operator op;
    assert_int_equal(hd_kind_conv_transpose(&s, &op, NULL), HD_OK);
    assert_ranks(&op, HD_W, "G:1 C:16 K:8 R:4 S:2");
    assert_ranks(&op, HD_I, "N:1 G:1 C:16 P:10 Q:10");
    assert_ranks(&op, HD_O, "N:1 G:1 K:8 2P+1R-1:20 Q:10 S:2");
    assert_int_equal(hd_operator_macs(&op), 10 * 10 * 4 * 2 * 8 * 16);
}

static void product_shares_or_batches_weights(void **state) {
    (void)state;
    hd_operator op;
    assert_int_equal(hd_kind_matmul(12, 64, 32, 48, true, &op, NULL), HD_OK);
    assert_dims(&op, "B12 M64 N32 K48");
    assert_ranks(&op, HD_W, "B:12 K:48 N:32");
    assert_ranks(&op, HD_I, "B:12 M:64 K:48");
    assert_ranks(&op, HD_O, "B:12 M:64 N:32");
    assert_int_equal(hd_kind_matmul(12, 64, 32, 48, false, &op, NULL), HD_OK);
    assert_ranks(&op, HD_W, "K:48 N:32");
    assert_int_equal(hd_kind_matmul(1, 0, 32, 48, false, &op, NULL), HD_ERR_USAGE);
}

static void pooling_reads_windows(void **state) {
    (void)state;
    hd_conv_shape s = resnet_stem();
    hd_operator op;
    assert_int_equal(hd_kind_pool(&s, &op, NULL), HD_OK);
    assert_dims(&op, "N1 K64 P112 Q112 R7 S7");
    assert_ranks(&op, HD_I, "N:1 K:64 2P+1R-3:224 2Q+1S-3:224");
    assert_ranks(&op, HD_O, "N:1 K:64 P:112 Q:112");
    assert_false(op.tensor[HD_W].used);
    assert_true(op.vector);
    assert_int_equal(hd_operator_macs(&op), 0);
    assert_int_equal(hd_operator_ops(&op), 64 * 112 * 112 * 49);
}

static void elementwise_collapses(void **state) {
    (void)state;
    const int64_t extent[] = {2, 3, 1, 5, 7, 1, 11, 13};
    hd_operator op;
    assert_int_equal(hd_kind_eltwise(8, extent, false, 0xff, 1, &op, NULL), HD_OK);
    assert_dims(&op, "A30030");
    assert_false(op.tensor[HD_I2].used);
    assert_int_equal(hd_kind_eltwise(8, extent, true, 1u << 4, 1, &op, NULL), HD_OK);
    assert_dims(&op, "A30 B7 D143");
    assert_ranks(&op, HD_I, "A:30 B:7 D:143");
    assert_ranks(&op, HD_I2, "A:30 D:143");
    assert_ranks(&op, HD_O, "A:30 B:7 D:143");
    assert_int_equal(hd_kind_eltwise(8, extent, true, 0xff, 1, &op, NULL), HD_OK);
    assert_int_equal(hd_tensor_words(&op, HD_I2), 1);
    assert_int_equal(hd_kind_eltwise(0, extent, true, 0, 1, &op, NULL), HD_OK);
    assert_dims(&op, "A1");
    const int64_t many[] = {2, 2, 2, 2, 2, 2, 2};
    assert_int_equal(hd_kind_eltwise(7, many, true, 0x55, 1, &op, NULL), HD_ERR_USAGE);
    const int64_t none[] = {2, 0};
    assert_int_equal(hd_kind_eltwise(2, none, false, 0, 1, &op, NULL), HD_ERR_USAGE);
}

static void rows_and_sums(void **state) {
    (void)state;
    hd_operator op;
    assert_int_equal(hd_kind_reduce_sum(3, 100, &op, NULL), HD_OK);
    assert_dims(&op, "E3 N100");
    assert_ranks(&op, HD_I, "E:3 N:100");
    assert_ranks(&op, HD_O, "N:100");
    assert_int_equal(hd_kind_rowwise(HD_SOFTMAX, 12, 64, 5, &op, NULL), HD_OK);
    assert_ranks(&op, HD_I, "N:12 M:64");
    assert_int_equal(op.row_dims, 2);
    assert_int_equal(hd_operator_ops(&op), 12 * 64 * 5);
    assert_int_equal(hd_kind_rowwise(HD_CONV, 12, 64, 5, &op, NULL), HD_ERR_USAGE);
}

static void wild_numbers_are_refused(void **state) {
    (void)state;
    const int64_t wild[] = {-1, 0, INT64_MIN, INT64_MAX, (int64_t)1 << 53};
    for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
        hd_conv_shape good = resnet_stem(), s;
        int64_t *const field[] = {&s.n,      &s.groups,    &s.k,         &s.c,
                                  &s.out[1], &s.kernel[1], &s.stride[1], &s.dilation[1]};
        for (size_t f = 0; f < sizeof field / sizeof *field; f++) {
            hd_operator op;
            s = good;
            *field[f] = wild[i];
            assert_int_equal(hd_kind_conv(&s, &op, NULL), HD_ERR_USAGE);
            assert_int_equal(hd_kind_conv_transpose(&s, &op, NULL), HD_ERR_USAGE);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conv_slides_over_padding),
        cmocka_unit_test(conv_without_padding_derives_its_input),
        cmocka_unit_test(windows_apart_are_two_ranks),
        cmocka_unit_test(other_numbers_of_axes),
        cmocka_unit_test(transposed_output_slides),
        cmocka_unit_test(product_shares_or_batches_weights),
        cmocka_unit_test(pooling_reads_windows),
        cmocka_unit_test(elementwise_collapses),
        cmocka_unit_test(rows_and_sums),
        cmocka_unit_test(wild_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
