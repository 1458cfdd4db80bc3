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

static void the_nearest_is_meant(void **state)
{
    static const char *const names[] = {"solve", "show", "eval"};
    static const struct { const char *word, *meant, *hint; } words[] = {
        {"slove", "solve", " (did you mean solve?)"}, {"shwo", "show", " (did you mean show?)"}, {"xyzzy", NULL, ""}};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char hint[HD_HINT];
        hd_guess guess = hd_guess_of(words[i].word);
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) hd_guess_offer(&guess, names[k]);
        assert_int_equal(guess.name == NULL, words[i].meant == NULL);
        assert_string_equal(hd_guess_hint(&guess, hint), words[i].hint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(slips_are_counted), cmocka_unit_test(the_nearest_is_meant)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
