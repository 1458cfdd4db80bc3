/* How patient should the search of a layer be? */
#ifndef HD_NETWORK_PATIENCE_H
#define HD_NETWORK_PATIENCE_H

#include "network/plan.h"

/* Of each of so many layers to solve (`first` of their equals): by how much its search may be longer or shorter than that of a
 * mean one.  From bounds alone, so that no answer changes it. */
void hd_find_patience(const hd_plan *plan, const int *first, int count, double *out);

#endif
