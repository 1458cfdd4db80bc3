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

/* A total order: what is worth less, then less energy, then fewer cycles. */
static inline bool hd_sum_better(hd_objective o, hd_sum a, hd_sum b)
{
    double x = hd_sum_worth(o, a), y = hd_sum_worth(o, b);
    return x < y || (x == y && (a.energy_pj < b.energy_pj || (a.energy_pj == b.energy_pj && a.cycles < b.cycles)));
}

/* Does a part that costs `a` make one that costs `b` needless, whatever follows? */
static inline bool hd_sum_dominates(hd_objective o, hd_sum a, hd_sum b)
{
    if (o == HD_EDP) return a.energy_pj <= b.energy_pj && a.cycles <= b.cycles;
    return !hd_sum_better(o, b, a);
}

static inline hd_sum hd_sum_times(hd_sum s, double times) { return (hd_sum){s.energy_pj * times, s.cycles * times}; }

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
