/* What padding cuts off: only boxes at the borders of the tensor lose words. */
#ifndef HD_COST_NATIVE_BORDER_H
#define HD_COST_NATIVE_BORDER_H

#include "cost/native/nest.h"

/* Words outside of the tensor in the boxes of all pieces of the rank at a level, each piece by itself. */
int64_t hd_border_words(const nest *n, const hd_rank *rank, int level);

#endif
