/* Checked counting: nobody multiplies loop bounds by hand. */
#ifndef HD_BASE_COUNT_H
#define HD_BASE_COUNT_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

/* Largest count that a double holds exactly: 2^53. */
#define HD_COUNT_EXACT ((int64_t)1 << 53)

static inline bool hd_count_mul(int64_t a, int64_t b, int64_t *out) { return !__builtin_mul_overflow(a, b, out); }
static inline bool hd_count_add(int64_t a, int64_t b, int64_t *out) { return !__builtin_add_overflow(a, b, out); }
/* Ceiling of a / b for a >= 0, b >= 1. */
static inline int64_t hd_count_ceil_div(int64_t a, int64_t b) { assert(a >= 0 && b >= 1); return a / b + (a % b != 0); }
static inline int64_t hd_count_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t hd_count_max(int64_t a, int64_t b) { return a > b ? a : b; }

#endif
