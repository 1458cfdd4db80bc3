/* How is text built, and how do numbers pass through it unharmed?
 *
 * A double prints with the fewest digits that read back to the same bits.  For normal numbers 15 digits
 * suffice whenever anything shorter does ("%g" strips zeros); subnormal ones carry fewer digits, so there
 * every count is tried.  The C locale is set for the calling thread around the library calls, so that the
 * host's locale never changes a comma into a point or back.                                         */
#include "base/text.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 256, STANDARD_LIMIT = 1 << 30, LONGEST_NUMBER = 1024 };

void hd_text_init(hd_text *text, const hd_allocator *allocator, size_t limit) {
    memset(text, 0, sizeof *text);
    if (allocator) text->allocator = *allocator;
    text->limit = limit > 0 ? limit : STANDARD_LIMIT;
}

void hd_text_free(hd_text *text) {
    hd_reallocate(&text->allocator, text->data, 0);
    text->data = NULL;
    text->length = text->capacity = 0;
    text->failed = false;
}

/* Room for `more` bytes and the terminator. */
static bool reserve(hd_text *text, size_t more) {
    if (text->failed) return false;
    if (more >= text->limit || text->length >= text->limit - more) {
        text->failed = true;
        return false;
    }
    size_t need = text->length + more + 1;
    if (need <= text->capacity) return true;
    size_t capacity = text->capacity > 0 ? text->capacity : FIRST_CAPACITY;
    while (capacity < need) capacity *= 2;
    if (capacity > text->limit) capacity = text->limit;
    char *data = hd_reallocate(&text->allocator, text->data, capacity);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void hd_text_appendn(hd_text *text, const char *piece, size_t length) {
    if (!reserve(text, length)) return;
    if (length > 0) memcpy(text->data + text->length, piece, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void hd_text_append(hd_text *text, const char *piece) { hd_text_appendn(text, piece, strlen(piece)); }

void hd_text_format(hd_text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        text->failed = true;
    } else if (reserve(text, (size_t)length)) {
        vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void hd_text_int(hd_text *text, int64_t value) { hd_text_format(text, "%lld", (long long)value); }

void hd_text_double(hd_text *text, double value) {
    char number[HD_NUMBER];
    hd_print_double(value, number);
    hd_text_append(text, number);
}

hd_status hd_text_check(const hd_text *text, hd_error *err) {
    if (!text->failed) return HD_OK;
    return hd_fail(err, HD_ERR_MEMORY,
                   "text of %zu bytes cannot grow: out of memory, or its limit of %zu bytes is reached",
                   text->length, text->limit);
}

/* The thread's former locale, to be given back to `leave`. */
static locale_t enter_c_locale(locale_t *c) {
    *c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return uselocale(*c);
}

static void leave_c_locale(locale_t c, locale_t former) {
    uselocale(former);
    if (c != (locale_t)0) freelocale(c);
}

void hd_print_double(double value, char out[HD_NUMBER]) {
    if (!isfinite(value)) {
        snprintf(out, HD_NUMBER, "%s", isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
        return;
    }
    locale_t c, former = enter_c_locale(&c);
    int digits = fabs(value) < DBL_MIN ? 1 : 15;
    for (; digits <= 17; digits++) {
        snprintf(out, HD_NUMBER, "%.*g", digits, value);
        double back = strtod(out, NULL);
        if (memcmp(&back, &value, sizeof value) == 0) break;
    }
    leave_c_locale(c, former);
}

static size_t count_digits(const char *text, size_t length, size_t at) {
    size_t start = at;
    while (at < length && text[at] >= '0' && text[at] <= '9') at++;
    return at - start;
}

bool hd_parse_int(const char *text, size_t length, int64_t *out) {
    size_t at = length > 0 && (text[0] == '-' || text[0] == '+');
    bool negative = at > 0 && text[0] == '-';
    size_t digits = count_digits(text, length, at);
    if (digits == 0 || at + digits != length) return false;
    int64_t value = 0;
    for (; at < length; at++) {
        int64_t digit = text[at] - '0';
        if (__builtin_mul_overflow(value, 10, &value)) return false;
        if (__builtin_sub_overflow(value, digit, &value)) return false; /* negative side reaches further */
    }
    if (!negative && __builtin_sub_overflow(0, value, &value)) return false;
    *out = value;
    return true;
}

/* [+-] digits [. digits] [e [+-] digits], at least one digit before the exponent. */
static bool is_decimal(const char *text, size_t length) {
    size_t at = length > 0 && (text[0] == '-' || text[0] == '+');
    size_t whole = count_digits(text, length, at), fraction = 0;
    at += whole;
    if (at < length && text[at] == '.') {
        fraction = count_digits(text, length, ++at);
        at += fraction;
    }
    if (whole + fraction == 0) return false;
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < length && (text[at] == '-' || text[at] == '+')) at++;
        size_t exponent = count_digits(text, length, at);
        if (exponent == 0) return false;
        at += exponent;
    }
    return at == length;
}

bool hd_parse_double(const char *text, size_t length, double *out) {
    char copy[LONGEST_NUMBER];
    if (length >= sizeof copy || !is_decimal(text, length)) return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    locale_t c, former = enter_c_locale(&c);
    double value = strtod(copy, NULL);
    leave_c_locale(c, former);
    if (!isfinite(value)) return false;
    *out = value;
    return true;
}

size_t hd_utf8(const unsigned char *s, unsigned *out) {
    static const struct {
        unsigned char mask, lead;
        unsigned least;
        size_t length;
    } form[] = {{0xE0, 0xC0, 0x80, 2}, {0xF0, 0xE0, 0x800, 3}, {0xF8, 0xF0, 0x10000, 4}};
    *out = s[0];
    if (s[0] < 0x80) return 1;
    for (size_t f = 0; f < 3; f++) {
        if ((s[0] & form[f].mask) != form[f].lead) continue;
        unsigned point = s[0] & (unsigned char)~form[f].mask;
        for (size_t i = 1; i < form[f].length; i++) {
            if ((s[i] & 0xC0) != 0x80) return 0;
            point = point << 6 | (s[i] & 0x3F);
        }
        bool bad = point < form[f].least || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000);
        *out = point;
        return bad ? 0 : form[f].length;
    }
    return 0;
}
