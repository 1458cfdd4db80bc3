/* Which indices of a stack leave its units the same work? */
#ifndef HD_COST_NATIVE_ALIKE_H
#define HD_COST_NATIVE_ALIKE_H

#include "cost/native/nest.h"

/* Stacks at levels from .. to stand at the indices in at[]; all other digits run. */
typedef struct alike {
    const nest *n;
    int from, to;
    const int64_t (*at)[HD_MAX_DIGITS];
    unsigned roles;                /* whose padding matters: bits of the ready problem's roles */
} alike;

/* The first index from `index + 1` on whose units have pieces other than those of `index`, or touch a border of a padded
 * rank as it does not; the digit's count where there is none. */
int64_t hd_alike_end(const alike *a, int dim, int digit, int64_t index);
/* The first index whose units touch no border of a padded rank; -1 where all do. */
int64_t hd_alike_inner(const alike *a, int dim, int digit);

#endif
