/* Are there as many splits as the research code counts (reference 8.2), in its order, and is every one possible? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dataflow/kapla_partitions.h"

static const int64_t mesh[HD_AXES] = {16, 16};

typedef struct seen { int64_t count; hd_kapla_partition last; } seen;

/* Factors fill the mesh; kinds are a permutation; nothing comes twice in a row. */
static bool check(const hd_kapla_partition *p, void *user)
{
    seen *s = user;
    unsigned kinds = 0;
    for (int axis = 0; axis < HD_AXES; axis++) {
        int64_t nodes = 1;
        for (int k = 0; k < HD_KAPLA_SPLITS; k++) nodes *= p->parts[k][axis];
        assert_int_equal(nodes, mesh[axis]);
    }
    for (int k = 0; k < HD_KAPLA_SPLITS; k++) kinds |= 1u << p->order[k];
    assert_int_equal(kinds, 15);
    assert_true(s->count == 0 || memcmp(p, &s->last, sizeof *p) != 0);
    s->last = *p;
    s->count++;
    return true;
}

static bool stop(const hd_kapla_partition *p, void *user)
{
    memcpy(user, p, sizeof *p);
    return false;
}

static void test_measured_counts(void **state)
{
    static const struct { int64_t c, k, in, out, taps, stride, count; } rows[] = {
        {3, 48, 227, 55, 11, 4, 362}, {48, 128, 31, 27, 5, 1, 575}, {256, 192, 15, 13, 3, 1, 378}};
    (void)state;
    for (int i = 0; i < 3; i++) {
        hd_kapla_layer l = {HD_KAPLA_CONV, 64, rows[i].c, rows[i].k, rows[i].in, rows[i].in, rows[i].out, rows[i].out,
                            rows[i].taps, rows[i].taps, rows[i].stride, rows[i].stride, 1, 1};
        seen s = {0};
        assert_int_equal(hd_kapla_partitions(&l, mesh, check, &s), rows[i].count);
        assert_int_equal(s.count, rows[i].count);
    }
}

/* The first one of a map over the four corners splits the batch: so lie the inputs of the research code's networks. */
static void test_first_one_and_the_naive_one(void **state)
{
    static const int64_t corners[HD_AXES] = {2, 2};
    hd_kapla_layer input = {HD_KAPLA_LOCAL, 64, 256, 256, 15, 15, 15, 15, 1, 1, 1, 1, 1, 1};
    hd_kapla_layer single = {HD_KAPLA_LOCAL, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    hd_kapla_partition p;
    (void)state;
    assert_int_equal(hd_kapla_partitions(&input, corners, stop, &p), 1);
    assert_int_equal(p.parts[HD_KAPLA_BATP][HD_X], 2);
    assert_int_equal(p.parts[HD_KAPLA_BATP][HD_Y], 2);
    assert_int_equal(hd_kapla_partitions(&single, mesh, stop, &p), 1); /* nothing is allowed */
    assert_int_equal(p.parts[HD_KAPLA_OUTP][HD_X] * p.parts[HD_KAPLA_OUTP][HD_Y], 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_measured_counts), cmocka_unit_test(test_first_one_and_the_naive_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
