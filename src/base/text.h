/* Text that grows to a limit, and numbers as text: locale ignored, shortest digits that read back exactly. */
#ifndef HD_BASE_TEXT_H
#define HD_BASE_TEXT_H

#include "base/error.h"

/* A growing string.  `data` always ends in '\0' once something was appended; NULL before.
 * After a failure (memory or limit) `failed` stays set and appends do nothing: ask once at the end. */
typedef struct hd_text {
    char *data;
    size_t length, capacity, limit;
    hd_allocator allocator;
    bool failed;
} hd_text;

/* `allocator` NULL = malloc; `limit` bytes at most, 0 = 1 GiB.  Nothing is allocated yet. */
void hd_text_init(hd_text *text, const hd_allocator *allocator, size_t limit);
void hd_text_free(hd_text *text); /* back to the state after init */
void hd_text_append(hd_text *text, const char *piece);
void hd_text_appendn(hd_text *text, const char *piece, size_t length);
__attribute__((format(printf, 2, 3))) void hd_text_format(hd_text *text, const char *format, ...);
void hd_text_int(hd_text *text, int64_t value);
void hd_text_double(hd_text *text, double value);
/* HD_OK, or HD_ERR_MEMORY if any append failed. */
hd_status hd_text_check(const hd_text *text, hd_error *err);

enum { HD_NUMBER = 48 }; /* room for any number with its '\0' */
/* Shortest decimal that reads back exactly: "0.1", "3", "1e+20"; "nan", "inf", "-inf". */
void hd_print_double(double value, char out[HD_NUMBER]);

/* Bytes of the valid UTF-8 sequence at `s` (0 if there is none) and its code point. */
size_t hd_utf8(const unsigned char *s, unsigned *point);

/* Strict: the whole of `text` (`length` bytes) is one number, no spaces, no hex, no inf or nan, in range. */
bool hd_parse_int(const char *text, size_t length, int64_t *out);
bool hd_parse_double(const char *text, size_t length, double *out);

#endif
