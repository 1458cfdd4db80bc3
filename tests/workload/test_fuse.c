/* Fusion on small networks made by hand: chains, residual sums, and what must not fuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "workload/kinds.h"
#include "workload/network.h"

enum { MOST = 8, M = 4, N = 6, K = 5 };

static hd_network *begin(void)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    assert_non_null(arena);
    hd_network *net = hd_arena_alloc(arena, 1, sizeof *net);
    assert_non_null(net);
    net->arena = arena;
    net->layer = hd_arena_alloc(arena, MOST, sizeof *net->layer);
    assert_non_null(net->layer);
    return net;
}

static hd_layer *add(hd_network *net, int inputs, int first, int second)
{
    hd_layer *l = &net->layer[net->layers++];
    l->name = l->op_name = "layer";
    l->input = hd_arena_alloc(net->arena, 2, sizeof *l->input);
    assert_non_null(l->input);
    l->inputs = inputs;
    l->input[0] = first;
    l->input[1] = second;
    l->fused_into = -1;
    l->repeats = 1;
    return l;
}

static void product(hd_network *net, int from)
{
    hd_layer *l = add(net, 1, from, -1);
    assert_int_equal(hd_kind_matmul(1, M, N, K, false, &l->op, NULL), HD_OK);
    l->macs = hd_operator_macs(&l->op);
}

static void eltwise(hd_network *net, int inputs, int first, int second)
{
    const int64_t extent[2] = {M, N};
    hd_layer *l = add(net, inputs, first, second);
    assert_int_equal(hd_kind_eltwise(2, extent, inputs == 2, 0, 1, &l->op, NULL), HD_OK);
    l->ops = hd_operator_ops(&l->op);
}

static void chains_go_to_their_root(void **state)
{
    (void)state;
    hd_network *net = begin();
    product(net, -1);
    eltwise(net, 1, 0, 0);
    eltwise(net, 1, 1, 0);
    assert_int_equal(hd_network_fuse(net, NULL), HD_OK);
    assert_int_equal(net->layer[1].fused_into, 0);
    assert_int_equal(net->layer[2].fused_into, 0);
    assert_int_equal(net->layer[0].op.fused_ops, 2 * M * N);
    assert_int_equal(net->layer[0].op.extra_reads, 0);
    hd_network_free(net);
}

static void residual_sums_go_to_the_later_producer(void **state)
{
    (void)state;
    hd_network *net = begin();
    product(net, -1);
    product(net, -1);
    eltwise(net, 1, 1, 0);
    eltwise(net, 2, 0, 2);
    assert_int_equal(hd_network_fuse(net, NULL), HD_OK);
    assert_int_equal(net->layer[3].fused_into, 1);
    assert_int_equal(net->layer[1].op.extra_reads, M * N);
    assert_int_equal(net->layer[0].op.extra_reads, 0);
    hd_network_free(net);
}

static void shared_words_do_not_fuse(void **state)
{
    (void)state;
    hd_network *net = begin();
    product(net, -1);
    eltwise(net, 1, 0, 0); /* both read layer 0 */
    eltwise(net, 2, 0, 1); /* fuses into the first of them */
    assert_int_equal(hd_network_fuse(net, NULL), HD_OK);
    assert_int_equal(net->layer[1].fused_into, -1);
    assert_int_equal(net->layer[2].fused_into, 1);
    assert_int_equal(net->layer[1].op.extra_reads, M * N);
    hd_network_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_go_to_their_root),
        cmocka_unit_test(residual_sums_go_to_the_later_producer),
        cmocka_unit_test(shared_words_do_not_fuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
