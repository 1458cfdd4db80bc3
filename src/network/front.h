/* The ways to one point of a search that may still become the best: no label's sums make another's needless. */
#ifndef HD_NETWORK_FRONT_H
#define HD_NETWORK_FRONT_H

#include "network/sum.h"

typedef struct hd_label {
    hd_sum sum;
    const struct hd_label *from; /* NULL: the start */
    const void *by;              /* the step that led here, as the search has it */
} hd_label;

typedef struct hd_front { int count, room; const hd_label **label; } hd_front;

/* Add a copy, and drop what it makes needless; nothing where another label makes it so.  HD_ERR_MEMORY. */
hd_status hd_front_add(hd_front *front, hd_objective objective, const hd_label *label, hd_arena *arena, hd_error *err);
/* The label worth most by the objective; NULL where there is none. */
const hd_label *hd_front_best(const hd_front *front, hd_objective objective);

#endif
