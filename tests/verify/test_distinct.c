/* Distinct keys of one step, many of them, and again after clearing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verify/distinct.h"

static void keeps_the_order_of_first_meeting(void **state) {
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_distinct set;
    int64_t order;
    bool fresh;
    assert_int_equal(hd_distinct_init(&set, arena, NULL), HD_OK);
    for (int round = 0; round < 3; round++) {
        hd_distinct_clear(&set);
        for (int64_t i = 0; i < 2000; i++) {
            int64_t key = i * 7919 % 1000;
            assert_int_equal(hd_distinct_add(&set, key, &order, &fresh, NULL), HD_OK);
            assert_int_equal(fresh, i < 1000);
            assert_int_equal(order, i % 1000);
        }
        assert_int_equal(set.members, 1000);
    }
    hd_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_the_order_of_first_meeting)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
