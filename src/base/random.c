/* Where do random numbers come from?  xoshiro256** (Blackman & Vigna 2018, doi:10.1145/3460772), its state
 * filled by splitmix64 from the seed and the stream's index, so that every task has a stream of its own.  */
#include "base/random.h"

#include <assert.h>

static uint64_t splitmix(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t rotate(uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }

void hd_random_seed(hd_random *r, uint64_t seed, uint64_t stream) {
    uint64_t state = stream;
    state = seed ^ splitmix(&state);
    for (int i = 0; i < 4; i++) r->s[i] = splitmix(&state);
}

uint64_t hd_random_next(hd_random *r) {
    uint64_t *s = r->s;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

/* Draws in the incomplete last period of n are thrown away: those whose period ends past the largest number. */
int64_t hd_random_below(hd_random *r, int64_t n) {
    assert(n >= 1);
    uint64_t range = (uint64_t)n, x, out;
    do {
        x = hd_random_next(r);
        out = x % range;
    } while (x - out > UINT64_MAX - (range - 1));
    return (int64_t)out;
}

double hd_random_unit(hd_random *r) { return (double)(hd_random_next(r) >> 11) * 0x1.0p-53; }
