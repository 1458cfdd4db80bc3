/* Regions folded at the ends of stripes, equal parts of feature maps, and what a partition leaves on other nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "dataflow/kapla_region.h"

static void expect_node(const hd_kapla_region *r, int64_t x, int64_t y, int64_t at_x, int64_t at_y)
{
    int64_t at[HD_AXES] = {x, y}, out[HD_AXES];
    hd_kapla_node(r, at, out);
    assert_int_equal(out[HD_X], at_x);
    assert_int_equal(out[HD_Y], at_y);
}

/* A stripe of 4 rows on 16 columns, begun at column 10: 6 columns to the right, the rest back in the stripe below. */
static void test_folded_region(void **state)
{
    (void)state;
    hd_kapla_region right = {.origin = {10, 0}, .size = {10, 4}, .step = {1, 1}, .wtot = 16, .wbeg = 6};
    hd_kapla_region left = {.origin = {3, 4}, .size = {6, 4}, .step = {1, 1}, .wtot = 16, .wbeg = -4};
    expect_node(&right, 0, 0, 10, 0);
    expect_node(&right, 5, 3, 15, 3);
    expect_node(&right, 6, 0, 15, 4);
    expect_node(&right, 9, 3, 12, 7);
    expect_node(&left, 0, 0, 3, 4);
    expect_node(&left, 3, 1, 0, 5);
    expect_node(&left, 4, 0, 0, 8);
    expect_node(&left, 5, 0, 1, 8);
}

static void test_corners(void **state)
{
    (void)state;
    hd_kapla_region corners = {.size = {2, 2}, .step = {15, 15}};
    expect_node(&corners, 1, 0, 15, 0);
    expect_node(&corners, 0, 1, 0, 15);
    assert_int_equal(hd_kapla_nodes(&corners), 4);
}

/* Every word belongs to one node, whatever the parts; input-channel splits repeat them. */
static void test_parts_cover(void **state)
{
    (void)state;
    hd_kapla_range whole = {{0, 0, 0, 0}, {10, 7, 13, 5}};
    hd_kapla_partition p = {.order = {HD_KAPLA_BATP, HD_KAPLA_OUTP, HD_KAPLA_OFMP, HD_KAPLA_INPP},
                            .parts = {[HD_KAPLA_OUTP] = {2, 4}, [HD_KAPLA_OFMP] = {3, 2}, [HD_KAPLA_BATP] = {1, 4},
                                      [HD_KAPLA_INPP] = {2, 1}}};
    int64_t words = 0, at[HD_AXES];
    for (at[HD_Y] = 0; at[HD_Y] < 4 * 2 * 4; at[HD_Y]++)
        for (at[HD_X] = 0; at[HD_X] < 2 * 3 * 2; at[HD_X]++) {
            hd_kapla_range part = hd_kapla_part_of(&whole, &p, at);
            words += hd_kapla_range_words(&part);
            assert_int_equal(hd_kapla_overlap_words(&part, &whole), hd_kapla_range_words(&part));
        }
    assert_int_equal(words, 2 * 10 * 7 * 13 * 5);
}

static void test_projection(void **state)
{
    (void)state;
    int64_t corners[HD_AXES] = {2, 2};
    hd_kapla_partition nested = {.order = {HD_KAPLA_BATP, HD_KAPLA_OUTP, HD_KAPLA_OFMP, HD_KAPLA_INPP},
                                 .parts = {[HD_KAPLA_OUTP] = {16, 4}, [HD_KAPLA_OFMP] = {1, 1}, [HD_KAPLA_BATP] = {1, 4},
                                           [HD_KAPLA_INPP] = {1, 1}}};
    hd_kapla_partition cut = hd_kapla_project(&nested, corners);
    assert_int_equal(cut.parts[HD_KAPLA_OUTP][HD_X], 2); /* the innermost stays, as far as there is room */
    assert_int_equal(cut.parts[HD_KAPLA_OUTP][HD_Y], 2);
    assert_int_equal(cut.parts[HD_KAPLA_BATP][HD_Y], 1);
    hd_kapla_partition sums = {.order = {HD_KAPLA_INPP, HD_KAPLA_OUTP, HD_KAPLA_OFMP, HD_KAPLA_BATP},
                               .parts = {{1, 1}, {1, 1}, {1, 1}, [HD_KAPLA_INPP] = {16, 16}}};
    hd_kapla_partition spare = hd_kapla_project(&sums, corners);
    assert_int_equal(spare.parts[HD_KAPLA_INPP][HD_X], 1);
    assert_int_equal(spare.parts[HD_KAPLA_BATP][HD_X], 2);
    assert_int_equal(spare.parts[HD_KAPLA_BATP][HD_Y], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_folded_region), cmocka_unit_test(test_corners),
                                       cmocka_unit_test(test_parts_cover), cmocka_unit_test(test_projection)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
