/* Given where every tensor is at home: what else is in a buffer while a layer runs, and which layers that ties together. */
#ifndef HD_NETWORK_RESIDENTS_H
#define HD_NETWORK_RESIDENTS_H

#include "network/plan.h"

/* The chip of each layer, with as much less room as values take that stay in a buffer and are not the layer's own.
 * HD_ERR_INPUT where a layer would read a value elsewhere than its producer leaves it, or where there is no room. */
hd_status hd_residents_chips(const hd_network *net, const hd_arch *arch, const int (*home)[HD_ROLES], hd_arena *arena,
                             const hd_arch *const **chip, hd_error *err);
/* Layers tied together by values that stay on chip, in order, into the plan. */
hd_status hd_residents_segments(hd_plan *plan, hd_arena *arena, hd_error *err);

#endif
