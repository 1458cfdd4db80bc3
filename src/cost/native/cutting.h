/* Pieces of one dim as digits cut it, from the outside in: all of one extent, but for the last ones of their enclosing
 * pieces.                                                                                              */
#ifndef HD_COST_NATIVE_CUTTING_H
#define HD_COST_NATIVE_CUTTING_H

#include "dataflow/radix.h"

typedef struct cutting_short { int64_t extent, pieces; } cutting_short;
typedef struct cutting {
    int64_t extent, pieces;        /* the full ones */
    int shorts;
    cutting_short rest[HD_MAX_DIGITS + 1];
} cutting;

static inline void hd_cutting_start(cutting *c, int64_t extent)
{
    c->extent = extent;
    c->pieces = 1;
    c->shorts = 0;
}

/* Every index of a digit its own piece; `shift` <= the extent of the full ones. */
void hd_cutting_all(cutting *c, int64_t shift);
/* Index 0 of a digit only. */
void hd_cutting_first(cutting *c, int64_t shift);
/* One index of a digit only. */
void hd_cutting_at(cutting *c, int64_t shift, int64_t index);
int64_t hd_cutting_pieces(const cutting *c);
int64_t hd_cutting_words(const cutting *c); /* their extents added up */
int64_t hd_cutting_shortest(const cutting *c);

#endif
