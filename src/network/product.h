/* Energy x latency of a whole network, where layers may share the chip. */
#ifndef HD_NETWORK_PRODUCT_H
#define HD_NETWORK_PRODUCT_H

#include "network/plan.h"

/* A search between layers, as hd_pipeline_solve and hd_homes_solve. */
typedef hd_status hd_inter_search(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, bool prune,
                                  hd_plan **out, hd_error *err);

/* The better by the product of what the search finds for it (options->objective = HD_EDP) and for energy, the latter
 * in what is left of a time limit, if that is half of it at least.  With proofs asked for, the first alone.  As hd_plan_solve. */
hd_status hd_product_solve(hd_inter_search *search, const hd_network *net, const hd_arch *arch, const hd_plan_options *options,
                           bool prune, hd_plan **out, hd_error *err);

#endif
