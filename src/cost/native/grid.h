/* Intervals of one length at the points of a grid: the boxes of merged units, where every shift divides. */
#ifndef HD_COST_NATIVE_GRID_H
#define HD_COST_NATIVE_GRID_H

#include "cost/native/nest.h"

/* One side per merged stack, by rising step. */
typedef struct grid { int n; int64_t points; struct { int64_t step, count; } side[HD_MAX_DIGITS]; } grid;

static inline void hd_grid_clear(grid *g)
{
    g->n = 0;
    g->points = 1;
}

void hd_grid_add(grid *g, int64_t step, int64_t count);
/* Words that the intervals cover together; at most HD_NATIVE_MAX_UNITS points. */
int64_t hd_grid_words(const grid *g, int64_t length);

#endif
