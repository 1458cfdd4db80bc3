/* What a price is at least, while it is counted: of each role what is known, of all else no less than its floor. */
#ifndef HD_COST_NATIVE_LEAST_H
#define HD_COST_NATIVE_LEAST_H

#include "cost/native/native.h"

/* Of a price that nobody wants above its limit; role_pj: by the roles' numbers. */
typedef struct native_least {
    const native_ready *ready;
    hd_objective objective;
    double limit;
    double fixed_pj, role_pj[HD_ROLES];
    int64_t cycles;
} native_least;

/* Nothing is counted: floors, and the steps of all units if all of them work all the time. */
void hd_native_least(native_least *out, const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit);
/* Is that above the limit?  Then no more has to be counted. */
bool hd_native_is_above(const native_least *least);

#endif
