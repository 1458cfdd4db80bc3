/* How little can a part of a network cost? */
#include "network/sum.h"

#include <math.h>

hd_sum hd_sum_least(hd_objective objective, const hd_solved *solved, const hd_bound *bound)
{
    hd_sum s = {bound->energy_pj, bound->latency_cycles};
    if (!solved->effort) return s;
    if (!solved->best.found) return (hd_sum){INFINITY, INFINITY};
    if (objective == HD_ENERGY) s.energy_pj = fmax(s.energy_pj, solved->best.lower_bound);
    if (objective == HD_LATENCY) s.cycles = fmax(s.cycles, solved->best.lower_bound);
    return s;
}

hd_sum hd_sum_hope(hd_objective objective, const hd_solved *solved, const hd_bound *bound)
{
    return solved->effort && solved->best.found ? hd_sum_price(solved) : hd_sum_least(objective, solved, bound);
}
