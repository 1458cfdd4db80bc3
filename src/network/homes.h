/* Tensors that stay in a buffer between layers (`home`, DESIGN 2): which ones, so that the network costs least?
 *
 * A state is the set of values that are in the buffer when a layer has run; a step chooses whether the next layer leaves
 * its output there.  Each step is one operator with homes inside and with as much less capacity as the others take.  Steps
 * are searched only while bounds of what they cost and of all that follows allow a better network: nothing that could be
 * the best is ever left out (KAPLA's inter-layer pruning, with an admissible bound).                                 */
#ifndef HD_NETWORK_HOMES_H
#define HD_NETWORK_HOMES_H

#include "network/memo.h"

/* Does the chip have a buffer that a tensor can stay in?  The outermost bounded pool of one instance that may keep inputs and
 * outputs; -1 where there is none. */
int hd_homes_level(const hd_arch *arch);
/* Solve all layers, with homes.  `prune` false: every step is searched.  As hd_plan_solve where there is no such buffer. */
hd_status hd_homes_solve(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, bool prune,
                         hd_plan **out, hd_error *err);

#endif
