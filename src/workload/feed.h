/* Does what a layer reads come out of the layers that feed it? */
#ifndef HD_WORKLOAD_FEED_H
#define HD_WORKLOAD_FEED_H

#include "workload/network.h"

enum { HD_FEED_WORDS = 640 };
/* Views between layers are not written down, so all are allowed that could stand there: as many words in another shape; maps of
 * as many channels, padded or cut at their edges, or split among layers that read all of them together; several inputs side by
 * side; for products parts of a tensor, and a second operand that is repeated.  False where none of these leads from the outputs
 * to the input, with both shapes in `why`; what comes from outside beside it fills what is missing.  All layers must be there. */
bool hd_layer_is_fed(const hd_network *net, int layer, char why[HD_FEED_WORDS]);

#endif
