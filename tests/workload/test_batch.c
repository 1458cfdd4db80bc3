/* Does a batch change what counts samples, and nothing else? */
#include "workload/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "workload/kinds.h"

static hd_network *of_line(const char *line, int64_t batch) {
    hd_error err;
    hd_arena *arena = hd_arena_new(NULL, 0);
    assert_non_null(arena);
    hd_network *net = hd_arena_alloc(arena, 1, sizeof *net);
    assert_non_null(net);
    *net = (hd_network){.arena = arena, .name = "n", .batch = batch, .layers = 1};
    net->layer = hd_arena_alloc(arena, 1, sizeof *net->layer);
    assert_non_null(net->layer);
    *net->layer = (hd_layer){.name = "x", .op_name = "x", .fused_into = -1, .repeats = 1};
    if (hd_kind_parse(line, &net->layer->op, &err) != HD_OK) fail_msg("%s", err.message);
    return net;
}

/* The operator of a larger batch is the one that the line with the larger extent names. */
static void operators_grow_as_if_written_so(void **state) {
    (void)state;
    static const struct { int64_t from, to; const char *line, *expected; } cases[] = {
        {1, 8, "conv(N=1,K=4,C=3,P=5,Q=5,R=3,S=3,pad=1)", "conv(N=8,K=4,C=3,P=5,Q=5,R=3,S=3,pad=1)"},
        {1, 8, "conv(K=4,C=3,PQ=5,RS=2,stride=2)", "conv(N=8,K=4,C=3,P=5,Q=5,R=2,S=2,stride=2)"},
        {2, 3, "conv_transpose(N=2,K=4,C=3,PQ=5,RS=3)", "conv_transpose(N=3,K=4,C=3,P=5,Q=5,R=3,S=3)"},
        {1, 4, "fc(K=10,C=3,RS=6)", "conv(N=4,K=10,C=3,R=6,S=6)"},
        {1, 4, "matmul(M=128,N=768,K=64)", "matmul(M=512,N=768,K=64)"},
        {1, 4, "matmul(B=12,M=128,N=128,K=64)", "matmul(B=48,M=128,N=128,K=64)"},
        {1, 4, "softmax(N=96,M=128)", "softmax(N=384,M=128)"},
        {1, 4, "reduce_sum(E=3,N=7)", "reduce_sum(E=3,N=28)"},
        {1, 4, "reduce_sum(E=3,K=5,PQ=2)", "reduce_sum(E=3,N=4,K=5,P=2,Q=2)"},
        {1, 4, "eltwise(A=5,inputs=2)", "eltwise(A=20,inputs=2)"},
        {4, 6, "pool(N=8,K=2,PQ=2,RS=2,stride=2)", "pool(N=12,K=2,PQ=2,RS=2,stride=2)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hd_error err;
        hd_operator expected;
        hd_network *net = of_line(cases[i].line, cases[i].from);
        if (hd_network_rebatch(net, cases[i].to, &err) != HD_OK) fail_msg("%s: %s", cases[i].line, err.message);
        assert_int_equal(hd_kind_parse(cases[i].expected, &expected, &err), HD_OK);
        if (!hd_operator_equal(&net->layer->op, &expected)) fail_msg("%s is not %s", cases[i].line, cases[i].expected);
        assert_true(net->layer->macs == hd_operator_macs(&expected) && net->layer->ops == hd_operator_ops(&expected));
        assert_int_equal(net->batch, cases[i].to);
        hd_network_free(net);
    }
}

static void what_does_not_come_out_whole_is_refused(void **state) {
    (void)state;
    hd_error err;
    hd_network *net = of_line("conv(N=3,K=4)", 4);
    assert_int_equal(hd_network_rebatch(net, 2, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "operator 'x'"));
    assert_int_equal(hd_network_rebatch(net, 0, &err), HD_ERR_USAGE);
    hd_network_free(net);
    net = of_line("conv(N=3,K=4)", 3);
    assert_int_equal(hd_network_rebatch(net, INT64_C(1) << 54, &err), HD_ERR_USAGE);
    hd_network_free(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(operators_grow_as_if_written_so),
                                       cmocka_unit_test(what_does_not_come_out_whole_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
