/* Nodes of a mesh for stages that run at the same time (KAPLA 4.4, 7.2). */
#ifndef HD_NETWORK_STAGE_NODES_H
#define HD_NETWORK_STAGE_NODES_H

#include "dataflow/kapla_region.h"

enum { HD_MAX_STAGES = 64 };

/* Nodes in proportion to the operations of the stages, in multiples of the largest divisor of the mesh's height with which at
 * least 95 % of the chip is busy; false where there is none.  One stage takes the whole mesh. */
bool hd_stage_nodes(const int64_t *ops, int stages, const int64_t mesh[HD_AXES], int64_t nodes[HD_MAX_STAGES]);
/* Where they lie: stripes as high as the common divisor of all, filled to the right and back. */
void hd_stage_regions(const int64_t *nodes, int stages, const int64_t mesh[HD_AXES], hd_kapla_region region[HD_MAX_STAGES]);

#endif
