/* Where do random numbers come from?  xoshiro256** (Blackman & Vigna 2018, doi:10.1145/3460772), its state
 * filled by splitmix64 from the seed and the stream's index, so that every task has a stream of its own.  */
#include "base/random.h"

static uint64_t splitmix(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void hd_random_seed(hd_random *r, uint64_t seed, uint64_t stream) {
    uint64_t state = stream;
    state = seed ^ splitmix(&state);
    for (int i = 0; i < 4; i++) r->s[i] = splitmix(&state);
}

double hd_random_unit(hd_random *r) { return (double)(hd_random_next(r) >> 11) * 0x1.0p-53; }
