/* xoshiro256** with splitmix seeding: one stream per (seed, index), never seeded by time. */
#ifndef HD_BASE_RANDOM_H
#define HD_BASE_RANDOM_H

#include <assert.h>
#include <stdint.h>

typedef struct hd_random { uint64_t s[4]; } hd_random;

void hd_random_seed(hd_random *r, uint64_t seed, uint64_t stream);
double hd_random_unit(hd_random *r); /* [0, 1) */

static inline uint64_t hd_random_rotate(uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

/* In line, like the next: a walk asks for several with every proposal, most of them below a constant. */
static inline uint64_t hd_random_next(hd_random *r)
{
    uint64_t *s = r->s;
    uint64_t result = hd_random_rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = hd_random_rotate(s[3], 45);
    return result;
}

/* 0 .. n-1, n >= 1, unbiased: draws in the incomplete last period of n are thrown away, those whose period ends past the largest
 * number. */
static inline int64_t hd_random_below(hd_random *r, int64_t n)
{
    assert(n >= 1);
    uint64_t range = (uint64_t)n, x, out;
    do {
        x = hd_random_next(r);
        out = x % range;
    } while (x - out > UINT64_MAX - (range - 1));
    return (int64_t)out;
}

#endif
