/* Bits reach the tensors that exist, and the hash sees what it should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "workload/kinds.h"
#include "workload/network.h"

static hd_network *one_product(void)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    assert_non_null(arena);
    hd_network *net = hd_arena_alloc(arena, 1, sizeof *net);
    assert_non_null(net);
    net->arena = arena;
    net->layers = 1;
    net->layer = hd_arena_alloc(arena, 1, sizeof *net->layer);
    assert_non_null(net->layer);
    net->layer->name = "product";
    net->layer->op_name = "MatMul";
    net->layer->fused_into = -1;
    net->layer->repeats = 1;
    assert_int_equal(hd_kind_matmul(1, 2, 3, 4, false, &net->layer->op, NULL), HD_OK);
    hd_network_seal(net);
    return net;
}

static void bits_are_set_where_given(void **state)
{
    (void)state;
    hd_network *net = one_product();
    const int bits[HD_ROLES] = {4, 0, 8, 8};
    uint64_t before = net->hash;
    hd_network_bits(net, bits, 32);
    const hd_operator *op = &net->layer->op;
    assert_int_equal(op->tensor[HD_W].bits, 4);
    assert_int_equal(op->tensor[HD_I].bits, 16);
    assert_int_equal(op->tensor[HD_O].bits, 8);
    assert_int_equal(op->partial_bits, 32);
    assert_true(net->hash != before);
    hd_network_free(net);
}

static void hash_sees_names_batch_and_counts(void **state)
{
    (void)state;
    hd_network *a = one_product(), *b = one_product();
    assert_true(a->hash == b->hash);
    b->layer->name = "other";
    hd_network_seal(b);
    assert_true(a->hash != b->hash);
    b->layer->name = a->layer->name;
    b->batch++;
    hd_network_seal(b);
    assert_true(a->hash != b->hash);
    b->batch = a->batch;
    b->layer->macs++;
    hd_network_seal(b);
    assert_true(a->hash != b->hash);
    hd_network_free(a);
    hd_network_free(b);
    hd_network_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_set_where_given),
        cmocka_unit_test(hash_sees_names_batch_and_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
