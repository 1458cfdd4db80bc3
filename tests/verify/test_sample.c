/* Small stand-ins for a large layer: legal, within the limit, and still with the loops and ragged ends of the
 * original. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tiny.h"
#include "verify/sample.h"
#include "workload/kinds.h"

enum { N, G, K, C, P, Q, R, S };

/* 3x3 convolution of 64 x 64 channels on 56 x 56, ragged on K, C and P, two stacks. */
static void large(tiny *t) {
    static const int64_t BOX[3][8] = {
        {4, 1, 64, 64, 56, 56, 3, 3}, {1, 1, 24, 10, 9, 56, 3, 3}, {1, 1, 1, 1, 1, 1, 1, 1}};
    hd_conv_shape shape = {.axes = 2,
                           .n = 4,
                           .groups = 1,
                           .k = 64,
                           .c = 64,
                           .out = {56, 56},
                           .kernel = {3, 3},
                           .stride = {1, 1},
                           .dilation = {1, 1},
                           .pad_low = {1, 1},
                           .in = {56, 56}};
    tiny_product(t);
    assert_int_equal(hd_kind_conv(&shape, &t->op, NULL), HD_OK);
    for (int l = 0; l < 3; l++)
        for (int d = 0; d < 8; d++) t->scheme.level[l].tensor[d] = BOX[l][d];
    hd_scheme_level *buf = &t->scheme.level[1], *mac = &t->scheme.level[2];
    buf->updates = mac->updates = 0;
    buf->update[buf->updates++] = (hd_update){P, 9};
    buf->update[buf->updates++] = (hd_update){C, 10};
    buf->update[buf->updates++] = (hd_update){K, 24};
    buf->update[buf->updates++] = (hd_update){N, 1};
    static const int INNER[] = {R, S, Q, P, C};
    for (int i = 0; i < 5; i++) mac->update[mac->updates++] = (hd_update){INNER[i], 1};
    mac->update[mac->updates++] = (hd_update){K, 5};
    mac->stack[mac->stacks++] = (hd_stack){K, HD_X, 1, 5};
    t->arch.level[2].fan[HD_X] = 5;
    hd_refusal why;
    if (!hd_scheme_is_legal(&t->problem, &t->scheme, &why)) fail_msg("%s", why.why);
}

static void assert_sound(const tiny *small, int64_t max_points) {
    hd_refusal why;
    hd_replay out;
    hd_error err = {0};
    assert_int_equal(hd_operator_check(&small->op, NULL), HD_OK);
    if (!hd_scheme_is_legal(&small->problem, &small->scheme, &why)) fail_msg("%s", why.why);
    assert_true(hd_operator_points(&small->op) <= max_points);
    if (hd_replay_scheme(&small->problem, &small->scheme, 16 * max_points, &out, &err) != HD_OK)
        fail_msg("%s", err.message);
    assert_int_equal(out.computes, hd_operator_points(&small->op));
}

static void scaling_keeps_loops_and_ragged_ends(void **state) {
    (void)state;
    tiny t, small;
    large(&t);
    small = t;
    assert_int_equal(
        hd_sample_scale(&t.problem, &t.scheme, 20000, &small.op, &small.problem, &small.scheme, NULL), HD_OK);
    assert_sound(&small, 20000);
    assert_int_equal(small.scheme.level[1].updates, t.scheme.level[1].updates);
    assert_int_equal(small.scheme.level[2].updates, t.scheme.level[2].updates);
    assert_int_equal(small.scheme.level[2].stacks, 1);
    assert_true(small.op.dim[K].extent % small.scheme.level[1].tensor[K] != 0);
    assert_true(small.op.dim[P].extent % small.scheme.level[1].tensor[P] != 0);
    assert_int_equal(small.op.tensor[HD_I].rank[3].offset, -1);
}

static void scaling_to_one_point(void **state) {
    (void)state;
    tiny t, small;
    large(&t);
    small = t;
    assert_int_equal(
        hd_sample_scale(&t.problem, &t.scheme, 1, &small.op, &small.problem, &small.scheme, NULL), HD_OK);
    assert_sound(&small, 1);
}

static void windows_are_parts_of_the_layer(void **state) {
    (void)state;
    tiny t, small;
    hd_replay replay;
    large(&t);
    for (uint64_t seed = 0; seed < 20; seed++) {
        small = t;
        assert_int_equal(hd_replay_outer(&t.problem, &t.scheme, 30000, seed, &small.op, &small.problem,
                                         &small.scheme, &replay, NULL),
                         HD_OK);
        assert_sound(&small, 30000);
        assert_int_equal(small.op.dim[S].extent, 3);
        for (int d = 0; d < t.op.dims; d++) assert_true(small.op.dim[d].extent <= t.op.dim[d].extent);
    }
}

static void the_same_seed_gives_the_same_window(void **state) {
    (void)state;
    tiny t, a, b;
    large(&t);
    a = b = t;
    assert_int_equal(hd_sample_window(&t.problem, &t.scheme, 5000, 7, &a.op, &a.problem, &a.scheme, NULL),
                     HD_OK);
    assert_int_equal(hd_sample_window(&t.problem, &t.scheme, 5000, 7, &b.op, &b.problem, &b.scheme, NULL),
                     HD_OK);
    assert_true(hd_operator_equal(&a.op, &b.op));
    assert_true(hd_scheme_equal(&a.scheme, &b.scheme));
}

static void no_points_are_no_sample(void **state) {
    (void)state;
    tiny t, small;
    hd_error err = {0};
    large(&t);
    assert_int_equal(
        hd_sample_scale(&t.problem, &t.scheme, 0, &small.op, &small.problem, &small.scheme, &err),
        HD_ERR_USAGE);
    assert_true(err.message[0] != '\0');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scaling_keeps_loops_and_ragged_ends),
        cmocka_unit_test(scaling_to_one_point),
        cmocka_unit_test(windows_are_parts_of_the_layer),
        cmocka_unit_test(the_same_seed_gives_the_same_window),
        cmocka_unit_test(no_points_are_no_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
