/* What a part of a network costs: both sums, since what is worth most depends on the objective. */
#ifndef HD_NETWORK_SUM_H
#define HD_NETWORK_SUM_H

#include "network/memo.h"

typedef struct hd_sum { double energy_pj, cycles; } hd_sum;

static inline hd_sum hd_sum_add(hd_sum a, hd_sum b) { return (hd_sum){a.energy_pj + b.energy_pj, a.cycles + b.cycles}; }

static inline double hd_sum_worth(hd_objective objective, hd_sum s)
{
    return objective == HD_ENERGY ? s.energy_pj : objective == HD_LATENCY ? s.cycles : s.energy_pj * s.cycles;
}

/* What a search found. */
static inline hd_sum hd_sum_price(const hd_solved *s)
{
    return (hd_sum){s->best.price.energy_pj, (double)s->best.price.latency_cycles};
}

/* No scheme costs less: cheap bounds, or what a search has proved. */
hd_sum hd_sum_least(hd_objective objective, const hd_solved *solved, const hd_bound *bound);
/* What a search would give: its price where there was one, else at least the bounds. */
hd_sum hd_sum_hope(hd_objective objective, const hd_solved *solved, const hd_bound *bound);

#endif
