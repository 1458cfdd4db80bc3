/* Slips are counted as people make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/spelling.h"

static void slips_are_counted(void **state)
{
    static const struct { const char *a, *b; int slips; } pairs[] = {
        {"capacity", "capacity", 0}, {"capcity", "capacity", 1}, {"capaccity", "capacity", 1}, {"capasity", "capacity", 1},
        {"capaciyt", "capacity", 1}, {"meshX", "meshY", 1}, {"fan-out", "fan_out", 0}, {"", "ab", 2}, {"abc", "xyz", 3},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_int_equal(hd_spelling_slips(pairs[i].a, pairs[i].b), pairs[i].slips);
        assert_int_equal(hd_spelling_slips(pairs[i].b, pairs[i].a), pairs[i].slips);
    }
    assert_true(hd_spelling_slips("a word that is far longer than any name of ours could be", "name") >=
                hd_spelling_limit("name"));
    assert_int_equal(hd_spelling_limit("xy"), 1); /* none: two letters are another word at once */
    assert_int_equal(hd_spelling_limit("capacity"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(slips_are_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
