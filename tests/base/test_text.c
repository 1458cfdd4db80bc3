/* Do numbers survive text, is text bounded, and does no locale matter? */
#include "base/text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

static const struct {
    double value;
    const char *text;
} DOUBLES[] = {
    {0.0, "0"},
    {-0.0, "-0"},
    {0.1, "0.1"},
    {1.0 / 3, "0.3333333333333333"},
    {3, "3"},
    {1e20, "1e+20"},
    {0.1 + 0.2, "0.30000000000000004"},
    {5e-324, "5e-324"},
    {DBL_MAX, "1.7976931348623157e+308"},
    {DBL_MIN, "2.2250738585072014e-308"},
    {123456789012345678.0, "1.2345678901234568e+17"},
    {-2.5, "-2.5"},
    {INFINITY, "inf"},
    {-INFINITY, "-inf"},
    {NAN, "nan"},
};

static void doubles_print_shortest(void **state) {
    (void)state;
    char text[HD_NUMBER];
    for (size_t i = 0; i < sizeof DOUBLES / sizeof *DOUBLES; i++) {
        hd_print_double(DOUBLES[i].value, text);
        assert_string_equal(text, DOUBLES[i].text);
    }
}

static void random_doubles_come_back(void **state) {
    (void)state;
    hd_random r;
    hd_random_seed(&r, 1, 0);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = hd_random_next(&r);
        if (i % 4 == 0) bits &= 0x800fffffffffffffu; /* subnormal */
        double value, back;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        char text[HD_NUMBER];
        hd_print_double(value, text);
        assert_true(hd_parse_double(text, strlen(text), &back));
        assert_memory_equal(&back, &value, sizeof value);
    }
}

static void comma_locales_change_nothing(void **state) {
    (void)state;
    static const char *const LOCALES[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"};
    for (size_t i = 0; i < sizeof LOCALES / sizeof *LOCALES; i++) {
        if (!setlocale(LC_ALL, LOCALES[i])) continue;
        char text[HD_NUMBER];
        double value = 0;
        hd_print_double(1.5, text);
        assert_string_equal(text, "1.5");
        assert_true(hd_parse_double("2.25", 4, &value) && value == 2.25);
    }
    setlocale(LC_ALL, "C");
}

static const struct {
    const char *text;
    bool is_int;
    int64_t value;
    bool is_double;
} NUMBERS[] = {
    {"0", true, 0, true},
    {"-7", true, -7, true},
    {"+7", true, 7, true},
    {"007", true, 7, true},
    {"9223372036854775807", true, INT64_MAX, true},
    {"9223372036854775808", false, 0, true},
    {"-9223372036854775808", true, INT64_MIN, true},
    {"-9223372036854775809", false, 0, true},
    {"", false, 0, false},
    {"-", false, 0, false},
    {" 1", false, 0, false},
    {"1 ", false, 0, false},
    {"1.5", false, 0, true},
    {".5", false, 0, true},
    {"5.", false, 0, true},
    {".", false, 0, false},
    {"1e3", false, 0, true},
    {"1e", false, 0, false},
    {"1e+", false, 0, false},
    {"1e999", false, 0, false},
    {"0x10", false, 0, false},
    {"inf", false, 0, false},
    {"nan", false, 0, false},
    {"1,5", false, 0, false},
    {"12a", false, 0, false},
    {"--1", false, 0, false},
};

static void parsing_is_strict(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        const char *text = NUMBERS[i].text;
        int64_t n = 0;
        double x;
        assert_int_equal(hd_parse_int(text, strlen(text), &n), NUMBERS[i].is_int);
        assert_true(n == NUMBERS[i].value);
        assert_int_equal(hd_parse_double(text, strlen(text), &x), NUMBERS[i].is_double);
    }
    int64_t n;
    assert_true(hd_parse_int("123abc", 3, &n) && n == 123);
}

static void text_grows(void **state) {
    (void)state;
    hd_text text;
    hd_text_init(&text, NULL, 0);
    assert_null(text.data);
    hd_text_append(&text, "");
    assert_string_equal(text.data, "");
    for (int i = 0; i < 1000; i++) hd_text_format(&text, "%04d,", i);
    hd_text_int(&text, -5);
    hd_text_double(&text, 0.25);
    hd_text_appendn(&text, "xyz", 1);
    assert_int_equal(text.length, 5000 + 2 + 4 + 1);
    assert_string_equal(text.data + 4995, "0999,-50.25x");
    assert_int_equal(hd_text_check(&text, NULL), HD_OK);
    hd_text_free(&text);
}

static void limit_is_sticky(void **state) {
    (void)state;
    hd_text text;
    hd_error err;
    hd_text_init(&text, NULL, 10);
    hd_text_append(&text, "123456789");
    assert_int_equal(hd_text_check(&text, &err), HD_OK);
    hd_text_append(&text, "0");
    hd_text_append(&text, "");
    assert_string_equal(text.data, "123456789");
    assert_int_equal(hd_text_check(&text, &err), HD_ERR_MEMORY);
    hd_text_free(&text);
    assert_int_equal(hd_text_check(&text, &err), HD_OK);
}

static void *refuse(void *user, void *p, size_t size) {
    (void)user;
    (void)p;
    (void)size;
    return NULL;
}

static void failing_memory_is_told(void **state) {
    (void)state;
    hd_allocator allocator = {.reallocate = refuse};
    hd_text text;
    hd_text_init(&text, &allocator, 0);
    hd_text_format(&text, "%d", 1);
    assert_int_equal(hd_text_check(&text, NULL), HD_ERR_MEMORY);
    hd_text_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_print_shortest),
        cmocka_unit_test(random_doubles_come_back),
        cmocka_unit_test(comma_locales_change_nothing),
        cmocka_unit_test(parsing_is_strict),
        cmocka_unit_test(text_grows),
        cmocka_unit_test(limit_is_sticky),
        cmocka_unit_test(failing_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
