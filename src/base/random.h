/* xoshiro256** with splitmix seeding: one stream per (seed, index), never seeded by time. */
#ifndef HD_BASE_RANDOM_H
#define HD_BASE_RANDOM_H

#include <stdint.h>

typedef struct hd_random { uint64_t s[4]; } hd_random;

void hd_random_seed(hd_random *r, uint64_t seed, uint64_t stream);
uint64_t hd_random_next(hd_random *r);
int64_t hd_random_below(hd_random *r, int64_t n); /* 0 .. n-1, n >= 1, unbiased */
double hd_random_unit(hd_random *r);              /* [0, 1) */

#endif
