/* The sums of a plan. */
#ifndef HD_NETWORK_TOTAL_H
#define HD_NETWORK_TOTAL_H

#include "network/plan.h"

/* Sum all layers that are not fused, in their order, each times its repeats; find the first that failed. */
void hd_plan_total(hd_plan *plan);
/* Energy and latency of a plan with segments: the sums of theirs, since stages overlap.  And what of it is idle. */
void hd_plan_sum_segments(hd_plan *plan);
/* A lower bound of the objective over a space larger than that of the homes chosen. */
void hd_plan_set_bound(hd_plan *plan, double lower_bound);

#endif
