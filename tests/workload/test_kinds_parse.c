/* Does an operator string mean the same as its numbers, and is every slip found at its column? */
#include "workload/kinds.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/random.h"

static hd_operator parse(const char *text) {
    hd_operator op;
    hd_error err = {0};
    if (hd_kind_parse(text, &op, &err) != HD_OK) fail_msg("%s: %s", text, err.message);
    return op;
}

static int64_t extent(const hd_operator *op, const char *dim) {
    return op->dim[hd_operator_dim(op, dim)].extent;
}

static void conv_of_the_design(void **state) {
    (void)state;
    hd_operator op = parse("conv(N=1,K=64,C=3,P=112,Q=112,R=7,S=7,stride=2)"), same;
    hd_conv_shape s = {.axes = 2,
                       .n = 1,
                       .groups = 1,
                       .k = 64,
                       .c = 3,
                       .out = {112, 112},
                       .kernel = {7, 7},
                       .stride = {2, 2},
                       .dilation = {1, 1}};
    assert_int_equal(hd_kind_conv(&s, &same, NULL), HD_OK);
    assert_true(hd_operator_equal(&op, &same));
    op = parse("  conv ( K = 64 , C=3, P=112,Q=112,R=7,S=7,stride_q=2, stride_p=2 ) ");
    assert_true(hd_operator_equal(&op, &same));
}

static void padding_sets_the_real_input(void **state) {
    (void)state;
    hd_operator op = parse("conv(K=64,C=3,P=112,Q=112,R=7,S=7,stride=2,pad=3,H=224)");
    assert_int_equal(op.tensor[HD_I].rank[3].offset, -3);
    assert_int_equal(op.tensor[HD_I].rank[3].extent, 224);
    assert_int_equal(op.tensor[HD_I].rank[4].extent, 223);
    op = parse("conv(P=8,R=3,pad_p=1)");
    assert_int_equal(op.dims, 8);
    assert_int_equal(op.tensor[HD_I].rank[3].extent, 8);
    assert_int_equal(extent(&op, "Q"), 1);
}

static void other_kinds(void **state) {
    (void)state;
    hd_operator op = parse("matmul(M=512,N=768,K=3072)");
    assert_int_equal(hd_operator_macs(&op), (int64_t)512 * 768 * 3072);
    assert_int_equal(op.tensor[HD_W].ranks, 2);
    op = parse("matmul(B=4,M=2,N=2,K=2)");
    assert_int_equal(op.tensor[HD_W].ranks, 3);
    op = parse("depthwise(C=32,P=8,Q=8,R=3,S=3)");
    assert_int_equal(extent(&op, "G"), 32);
    assert_int_equal(extent(&op, "C"), 1);
    op = parse("depthwise(G=32)");
    assert_int_equal(extent(&op, "G"), 32);
    op = parse("conv_transpose(K=8,C=4,P=5,Q=5,R=4,S=4,stride=2,pad=1)");
    assert_int_equal(op.kind, HD_CONV_TRANSPOSE);
    assert_int_equal(op.tensor[HD_O].rank[3].extent, 10);
    op = parse("pool(C=8,P=4,Q=4,R=2,S=2,stride=2)");
    assert_int_equal(extent(&op, "K"), 8);
    op = parse("softmax(N=12,M=64)");
    assert_int_equal(op.row_dims, 2);
    op = parse("norm(N=12,M=64,ops=3)");
    assert_int_equal(hd_operator_ops(&op), 12 * 64 * 3);
    op = parse("eltwise(A=10,B=20,inputs=2)");
    assert_int_equal(hd_tensor_words(&op, HD_I2), 200);
    op = parse("reduce_sum(E=3,N=7)");
    assert_int_equal(hd_tensor_words(&op, HD_I), 21);
    op = parse("conv(P=2,Q=2,T=2,U=3)");
    assert_int_equal(op.dims, 10);
    op = parse("conv()");
    assert_int_equal(hd_operator_macs(&op), 1);
}

static const struct {
    const char *text;
    int column;
    const char *found;
} SLIPS[] = {
    {"", 1, "the end"},
    {"convolution(N=1)", 1, "'convolution'"},
    {"conv", 5, "the end"},
    {"conv N=1", 6, "'N'"},
    {"conv(", 6, "the end"},
    {"conv(X=1)", 6, "'X'"},
    {"conv(n=1)", 6, "'n'"},
    {"conv(N=1,,K=2)", 10, "','"},
    {"conv(N=1 K=2)", 10, "'K'"},
    {"conv(N)", 7, "')'"},
    {"conv(N=)", 8, "')'"},
    {"conv(N=x)", 8, "'x'"},
    {"conv(N=0)", 8, "'0'"},
    {"conv(N=-3)", 8, "'-3'"},
    {"conv(N=1.5)", 8, "'1.5'"},
    {"conv(N=9007199254740992)", 8, "'9007199254740992'"},
    {"conv(N=1,K=2,N=3)", 14, "'N'"},
    {"conv(N=1)x", 10, "'x'"},
    {"conv(N=1", 9, "the end"},
    {"conv(pad=-1)", 10, "'-1'"},
    {"matmul(P=3)", 8, "'P'"},
    {"depthwise(G=2,C=2)", 15, "twice"},
    {"conv(P=12,PQ=12)", 6, "P is given twice, by PQ as well; give either PQ or P and Q"},
    {"pool(RS=3,Q=2,S=3)", 15, "S is given twice"},
    {"conv(P=2,pad=9)", 1, "padding"},
    {"conv(stride_=2)", 6, "'stride_'"},
};

static void slips_are_found(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof SLIPS / sizeof *SLIPS; i++) {
        hd_operator op;
        hd_error err = {0};
        assert_int_equal(hd_kind_parse(SLIPS[i].text, &op, &err), HD_ERR_USAGE);
        if (err.column != SLIPS[i].column || !strstr(err.message, SLIPS[i].found))
            fail_msg("%s: column %d: %s", SLIPS[i].text, err.column, err.message);
    }
    hd_operator op;
    assert_int_equal(hd_kind_parse("conv(N=9000000000000000,K=9000000000000000)", &op, NULL), HD_ERR_USAGE);
}

/* Random texts from the grammar's own pieces: an answer or a usage error, nothing else. */
static void mutations_never_crash(void **state) {
    (void)state;
    static const char *const PIECE[] = {"conv",
                                        "pool",
                                        "matmul",
                                        "(",
                                        ")",
                                        "=",
                                        ",",
                                        "N",
                                        "K",
                                        "P",
                                        "R",
                                        "pad",
                                        "stride",
                                        "H",
                                        "1",
                                        "7",
                                        "0",
                                        "-2",
                                        "9007199254740991",
                                        " ",
                                        "\xff",
                                        "_t"};
    hd_random r;
    hd_random_seed(&r, 11, 0);
    for (int i = 0; i < 20000; i++) {
        char text[400] = "conv(";
        int pieces = (int)hd_random_below(&r, 20);
        if (i % 4 == 0) text[0] = '\0';
        for (int p = 0; p < pieces; p++) {
            if (i % 2 && p % 4 == 1)
                snprintf(text + strlen(text), sizeof text - strlen(text), "%s", "=");
            else if (i % 2 && p % 4 == 3)
                snprintf(text + strlen(text), sizeof text - strlen(text), "%s", ",");
            else
                snprintf(text + strlen(text), sizeof text - strlen(text), "%s",
                         PIECE[hd_random_below(&r, sizeof PIECE / sizeof *PIECE)]);
        }
        if (i % 2) snprintf(text + strlen(text), sizeof text - strlen(text), "%s", ")");
        hd_operator op;
        hd_status status = hd_kind_parse(text, &op, NULL);
        if (status == HD_OK)
            assert_int_equal(hd_operator_check(&op, NULL), HD_OK);
        else
            assert_int_equal(status, HD_ERR_USAGE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conv_of_the_design),    cmocka_unit_test(padding_sets_the_real_input),
        cmocka_unit_test(other_kinds),           cmocka_unit_test(slips_are_found),
        cmocka_unit_test(mutations_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
