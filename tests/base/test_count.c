/* Do checked counts notice overflow? (a header without a source of its own) */
#include "base/count.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

static void overflow_is_noticed(void **state) {
    (void)state;
    int64_t x;
    assert_true(hd_count_mul(1 << 20, 1 << 20, &x) && x == (int64_t)1 << 40);
    assert_false(hd_count_mul((int64_t)1 << 40, (int64_t)1 << 40, &x));
    assert_true(hd_count_add(INT64_MAX, 0, &x));
    assert_false(hd_count_add(INT64_MAX, 1, &x));
}

static void division_rounds_up(void **state) {
    (void)state;
    assert_int_equal(hd_count_ceil_div(0, 3), 0);
    assert_int_equal(hd_count_ceil_div(9, 3), 3);
    assert_int_equal(hd_count_ceil_div(10, 3), 4);
    assert_true(hd_count_ceil_div(INT64_MAX, 1) == INT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(overflow_is_noticed),
                                       cmocka_unit_test(division_rounds_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
