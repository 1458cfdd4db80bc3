/* Segments on a mesh: which layers run at the same time on regions of their own, handing tensors on without the outermost
 * memory?  KAPLA (Li & Gao 2023) and Tangram (Gao et al. 2019), on the machine of docs/cost-model.md.
 *
 * A chain of segments covers the layers in order.  A segment is one layer on the whole mesh, or a run of stages: each a
 * weighted layer and what follows it without weights, on a strip of columns as wide as its share of the work.  The batch
 * goes through in groups; what a stage hands on is whole in its buffers once per group, so that it is written once and
 * read once.  Chains are searched hope first, as homes are (homes.h): nothing that bounds do not exclude is left out. */
#ifndef HD_NETWORK_PIPELINE_H
#define HD_NETWORK_PIPELINE_H

#include "network/plan.h"

/* Solve all layers of a network on a chip with a mesh (hd_arch_mesh).  `prune` false: every segment is searched. */
hd_status hd_pipeline_solve(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, bool prune,
                            hd_plan **out, hd_error *err);

#endif
