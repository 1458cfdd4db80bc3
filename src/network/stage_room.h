/* May a layer of a segment fit on its region?  To be asked before a search: showing that nothing fits takes one very long. */
#ifndef HD_NETWORK_STAGE_ROOM_H
#define HD_NETWORK_STAGE_ROOM_H

#include "network/plan.h"

/* False where the tiles that the limits leave are too large for the nodes of the mesh (level 1), however they are shared out.
 * `handed`: roles that must be in the buffers whole. */
bool hd_stage_may_fit(const hd_plan_options *options, const hd_problem *problem, unsigned handed, const hd_constraints *limits);

#endif
