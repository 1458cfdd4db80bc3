/* Exact counts far beyond 2^63: the sizes of search spaces and of their parts, up to 2^320. */
#ifndef HD_BASE_WIDE_H
#define HD_BASE_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HD_WIDE_LIMBS = 10, HD_WIDE_DIGITS = 104 }; /* 32 bits each, the least first; room for its decimal with '\0' */

/* Sums and differences are modulo 2^320, so that differences may pass below zero on the way to a sum above it. */
typedef struct hd_wide { uint32_t limb[HD_WIDE_LIMBS]; } hd_wide;

hd_wide hd_wide_of(uint64_t value);
void hd_wide_add(hd_wide *to, const hd_wide *more);
void hd_wide_subtract(hd_wide *from, const hd_wide *less);
/* False, and nothing changed, where the product passes 2^320. */
bool hd_wide_multiply(hd_wide *to, uint64_t by);
bool hd_wide_times(hd_wide *to, const hd_wide *by);
bool hd_wide_is_zero(const hd_wide *w);
int hd_wide_compare(const hd_wide *a, const hd_wide *b); /* negative, zero, positive */
uint64_t hd_wide_value(const hd_wide *w);                /* UINT64_MAX where it is more */
double hd_wide_log10(const hd_wide *w);                  /* -INFINITY of zero */
void hd_wide_print(const hd_wide *w, char out[HD_WIDE_DIGITS]);
/* The whole of `text` is a decimal below 2^320. */
bool hd_wide_parse(const char *text, size_t length, hd_wide *out);

#endif
