/* The table of vector operations answers known names and defaults to one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "workload/vector_ops.h"

static void names_are_found(void **state)
{
    (void)state;
    assert_int_equal(hd_vector_ops("Add"), 1);
    assert_int_equal(hd_vector_ops("Relu"), 1);
    assert_int_equal(hd_vector_ops("Sigmoid"), 4);
    assert_int_equal(hd_vector_ops("Gelu"), 8);
    assert_int_equal(hd_vector_ops("nobody knows"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
