/* See grid.h. */
#include "cost/native/grid.h"

#include "cost/native/spans.h"

/* Union of intervals at every point of the grid, one by one: where neighbours leave gaps that others fill. */
static int64_t one_by_one(const grid *g, int64_t length)
{
    int64_t at[HD_NATIVE_MAX_UNITS];
    span_set set;
    int units = 1;
    at[0] = 0;
    for (int i = 0; i < g->n; i++) {
        int below = units;
        for (int64_t c = 1; c < g->side[i].count; c++)
            for (int k = 0; k < below; k++) at[units++] = at[k] + c * g->side[i].step;
    }
    hd_spans_clear(&set);
    for (int k = 0; k < units; k++) hd_spans_add(&set, (span){at[k], at[k] + length}, (span){0, 0});
    return hd_spans_covered(&set);
}

int64_t hd_grid_words(const grid *g, int64_t length)
{
    int64_t words = length, hull = length;
    if (length == 0) return 0;
    for (int i = 0; i < g->n; i++) { /* steps ascend */
        int64_t step = g->side[i].step, count = g->side[i].count;
        if (step >= hull)
            words *= count;
        else if (words == hull)
            words += (count - 1) * step;
        else
            return one_by_one(g, length);
        hull += (count - 1) * step;
    }
    return words;
}

void hd_grid_add(grid *g, int64_t step, int64_t count)
{
    int k = g->n++;
    for (; k > 0 && g->side[k - 1].step > step; k--) g->side[k] = g->side[k - 1];
    g->side[k].step = step;
    g->side[k].count = count;
    g->points *= count;
}
