/* What a price is at least, while it is counted: of each role what is known, of all else no less than its floor. */
#ifndef HD_COST_NATIVE_LEAST_H
#define HD_COST_NATIVE_LEAST_H

#include "cost/native/native.h"

/* Of a price that nobody wants above its limit. */
typedef struct native_least {
    hd_objective objective;
    double limit, static_pj;       /* static: a cycle's */
    double pj, role_pj[HD_ROLES];  /* all but static energy; of it that of the roles, by their numbers */
    int64_t cycles;
} native_least;

/* Nothing is counted: floors, and the steps of all units if all of them work all the time. */
void hd_native_least(native_least *out, const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit);
/* More is known of role number k. */
static inline void hd_native_know_role(native_least *least, int k, double pj)
{
    least->pj += pj - least->role_pj[k];
    least->role_pj[k] = pj;
}
/* Is the price above the limit?  Then no more has to be counted. */
static inline bool hd_native_is_above(const native_least *least)
{
    double pj = least->pj + (double)least->cycles * least->static_pj;
    return hd_native_exceeds(pj, least->cycles, least->objective, least->limit);
}

#endif
