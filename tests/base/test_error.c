/* Does a failure keep its code, position and message, and survive what is too long? */
#include "base/error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

static hd_status inner(hd_error *err) { return hd_fail(err, HD_ERR_USAGE, "found %d", 3); }

static hd_status outer(hd_error *err) {
    HD_TRY(inner(err));
    return hd_fail(err, HD_ERR_INTERNAL, "never reached");
}

static void first_error_wins(void **state) {
    (void)state;
    hd_error err;
    assert_int_equal(outer(&err), HD_ERR_USAGE);
    assert_int_equal(err.code, HD_ERR_USAGE);
    assert_string_equal(err.message, "found 3");
    assert_string_equal(err.file, "");
    assert_int_equal(err.line, 0);
}

static void position_is_kept(void **state) {
    (void)state;
    hd_error err;
    assert_int_equal(hd_fail_at(&err, HD_ERR_INPUT, "chip.yaml", 7, 9, "bad %s", "level"), HD_ERR_INPUT);
    assert_string_equal(err.file, "chip.yaml");
    assert_int_equal(err.line, 7);
    assert_int_equal(err.column, 9);
    assert_string_equal(err.message, "bad level");
}

static void long_texts_are_cut(void **state) {
    (void)state;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    hd_error err;
    hd_fail_at(&err, HD_ERR_INPUT, text, 1, 1, "%s", text);
    assert_int_equal(strlen(err.file), sizeof err.file - 1);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
}

static void nobody_listens(void **state) {
    (void)state;
    assert_int_equal(outer(NULL), HD_ERR_USAGE);
    assert_int_equal(hd_fail_memory(NULL), HD_ERR_MEMORY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_error_wins),
        cmocka_unit_test(position_is_kept),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(nobody_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
