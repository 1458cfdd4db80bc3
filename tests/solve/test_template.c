/* Do templates put the right dimensions on the wires, and leave no array idle for want of them? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "small.h"

static hd_arch chip(hd_template t)
{
    hd_arch a;
    hd_error err;
    memset(&a, 0, sizeof a);
    small_level(&a.level[0], "DRAM", 200, 0, false);
    small_level(&a.level[1], "RF", 1, 64, false);
    small_level(&a.level[2], "MAC", 0, 0, false);
    a.levels = 3;
    a.vector_at = 2;
    a.template_ = t;
    a.level[1].fan[HD_X] = 14;
    a.level[1].fan[HD_Y] = 12;
    assert_int_equal(hd_arch_check(&a, &err), HD_OK);
    return a;
}

static void assert_axis(const hd_operator *op, unsigned set, const char *names)
{
    char found[64] = "";
    size_t n = 0;
    for (int d = 0; d < op->dims; d++)
        if (set >> d & 1u) n += (size_t)snprintf(found + n, sizeof found - n, "%s", op->dim[d].name);
    assert_string_equal(found, names);
}

static void check(hd_template t, const char *op_text, const char *x, const char *y)
{
    hd_arch a = chip(t);
    hd_operator op;
    hd_space space;
    hd_error err = {0};
    assert_int_equal(hd_kind_parse(op_text, &op, &err), HD_OK);
    hd_problem p = {.op = &op, .arch = &a};
    hd_space_init(&space, &p, HD_SPACE_TEMPLATE, false, false);
    assert_axis(&op, space.unroll[1][HD_X], x);
    assert_axis(&op, space.unroll[1][HD_Y], y);
}

static void tables_say_what_unrolls(void **state)
{
    (void)state;
    const char *conv = "conv(N=1,K=8,C=4,P=6,Q=6,R=3,S=3)", *product = "matmul(M=8,N=4,K=6)";
    check(HD_ROW_STATIONARY, conv, "KCP", "KCR");
    check(HD_WEIGHT_STATIONARY, conv, "K", "CRS");
    check(HD_OUTPUT_STATIONARY, conv, "KP", "KQ");
    check(HD_ROW_STATIONARY, product, "MNK", "MNK"); /* no R: the wires decide */
    check(HD_WEIGHT_STATIONARY, product, "N", "K");
    check(HD_OUTPUT_STATIONARY, product, "M", "N");
    check(HD_FREE, conv, "KCPQRS", "KCPQRS");
}

static void absent_dims_fall_back_to_the_wires(void **state)
{
    (void)state;
    check(HD_WEIGHT_STATIONARY, "conv(N=1,K=8,C=1,P=6,Q=6,R=3,S=3)", "K", "KPQRS");
    check(HD_ROW_STATIONARY, "conv(N=1,K=8,C=4,P=6,Q=6,R=1,S=1)", "KCP", "KCPQ");
}

static void vector_work_is_not_unrolled_inside_its_level(void **state)
{
    hd_arch a = chip(HD_ROW_STATIONARY);
    hd_operator op;
    hd_space space;
    hd_error err = {0};
    (void)state;
    a.vector_at = 0;
    assert_int_equal(hd_kind_parse("softmax(N=8,M=16)", &op, &err), HD_OK);
    hd_problem p = {.op = &op, .arch = &a};
    hd_space_init(&space, &p, HD_SPACE_FREE, false, false);
    assert_int_equal(space.unroll[1][HD_X] | space.unroll[1][HD_Y], 0);
}

static void only_native_narrows_sliding_outputs(void **state)
{
    hd_arch a = chip(HD_FREE);
    hd_operator op;
    hd_space native, other;
    hd_error err = {0};
    (void)state;
    assert_int_equal(hd_kind_parse("conv_transpose(K=4,C=4,P=4,Q=4,R=3,S=3,stride=2)", &op, &err), HD_OK);
    hd_problem p = {.op = &op, .arch = &a};
    hd_space_init(&native, &p, HD_SPACE_FREE, false, false);
    hd_space_init_for(&other, &p, &hd_model_timeloop, HD_SPACE_FREE, false, false);
    assert_true(native.bypass);
    assert_false(other.bypass);
    assert_axis(&op, native.unroll[1][HD_X], "KCPQRS"); /* nobody asks who is the busiest there */
    a.level[1].read_bw = 1;
    hd_space_init(&native, &p, HD_SPACE_FREE, false, false);
    assert_axis(&op, native.unroll[1][HD_X], "KC");
    assert_axis(&op, other.unroll[1][HD_X], "KCPQRS");
    p.model = &hd_model_timeloop; /* the problem's own model speaks where the space names none */
    hd_space_init(&other, &p, HD_SPACE_FREE, false, false);
    assert_axis(&op, other.unroll[1][HD_X], "KCPQRS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_say_what_unrolls),
        cmocka_unit_test(absent_dims_fall_back_to_the_wires),
        cmocka_unit_test(vector_work_is_not_unrolled_inside_its_level),
        cmocka_unit_test(only_native_narrows_sliding_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
