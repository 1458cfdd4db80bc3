/* The sums of a plan. */
#ifndef HD_NETWORK_TOTAL_H
#define HD_NETWORK_TOTAL_H

#include "network/plan.h"

/* Sum all layers that are not fused, in their order, each times its repeats; find the first that failed. */
void hd_plan_total(hd_plan *plan);

#endif
