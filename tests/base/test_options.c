/* Rows are found by name; values begin as given or as the table says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/options.h"

static void values_begin_as_given(void **state)
{
    static const hd_option table[] = {{"restarts", "", 8, 0, 100}, {"work", "", 500, 1, 1e6}, {NULL, NULL, 0, 0, 0}};
    double given[] = {3, 4}, values[HD_OPTIONS_MOST] = {0};
    (void)state;
    assert_int_equal(hd_option_find(table, "work"), 1);
    assert_int_equal(hd_option_find(table, "wor"), -1);
    assert_int_equal(hd_option_find(NULL, "work"), -1);
    hd_option_values(table, NULL, values);
    assert_true(values[0] == 8 && values[1] == 500 && values[2] == 0);
    hd_option_values(table, given, values);
    assert_true(values[0] == 3 && values[1] == 4);
    hd_option_values(NULL, NULL, values);
}

static void values_are_scaled_up_to_whole_numbers(void **state)
{
    static const hd_option table[] = {{"restarts", "", 8, 0, 100}, {"work", "", 500, 1, 1e6}, {NULL, NULL, 0, 0, 0}};
    double values[HD_OPTIONS_MOST];
    (void)state;
    hd_option_values(table, NULL, values);
    hd_option_scale(table, "restarts", 0.3, values);
    hd_option_scale(table, "starts", 0.3, values);
    assert_true(values[0] == 3 && values[1] == 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_begin_as_given),
                                       cmocka_unit_test(values_are_scaled_up_to_whole_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
