/* Where do the instances below one parent stand?  Timeloop lays them out by linear id modulo the physical row width, so a
 * mapping narrower than the array is packed into its rows, and neighbours and hops are those of the packed layout (a.4). */
#include "cost/timeloop/timeloop.h"

void hd_tl_grid(const tl_nest *n, int block, tl_grid *out)
{
    const hd_level *l = &n->p->arch->level[block + 1];
    out->units = n->block[block].units;
    out->width = l->fan[HD_X];
    out->height = l->fan[HD_Y];
    out->torus = hd_tl_setting(n->p, TL_TOROIDAL_LINKS);
}

int hd_tl_neighbours(const tl_grid *g, int64_t id, int64_t out[4])
{
    static const int step[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    int count = 0;
    for (int i = 0; i < 4; i++) {
        int64_t x = id % g->width + step[i][0], y = id / g->width + step[i][1];
        if (g->torus) {
            x = (x + g->width) % g->width;
            y = (y + g->height) % g->height;
        }
        if (x < 0 || x >= g->width || y < 0 || y >= g->height) continue;
        int64_t other = x + y * g->width;
        if (other < g->units && other != id) out[count++] = other;
    }
    return count;
}

/* Twice the hops of one group: from the left edge, middle row, along X to its farthest column, then up and down each of its
 * columns to the extreme rows.  `next` chains the members. */
static int64_t group_hops(const tl_grid *g, int32_t head, const int32_t *next, int32_t *low, int32_t *high)
{
    int64_t hops = 0, far = 0;
    for (int32_t id = head; id >= 0; id = next[id]) {
        int32_t x = (int32_t)(id % g->width), y = (int32_t)(id / g->width);
        if (x > far) far = x;
        if (low[x] < 0 || y < low[x]) low[x] = y;
        if (y > high[x]) high[x] = y;
    }
    for (int32_t id = head; id >= 0; id = next[id]) {
        int64_t x = id % g->width, up = 2 * (int64_t)high[x] - (g->height - 1), down = g->height - 1 - 2 * (int64_t)low[x];
        if (low[x] < 0) continue;          /* column done */
        hops += (up > 0 ? up : 0) + (down > 0 ? down : 0);
        low[x] = high[x] = -1;
    }
    return hops + 2 * far;
}

double hd_tl_hops(const tl_grid *g, const int32_t *group, const double *words)
{
    int32_t head[TL_MAX_UNITS], next[TL_MAX_UNITS], low[TL_MAX_UNITS], high[TL_MAX_UNITS];
    double twice = 0;
    if (g->units == 1) return 0;
    for (int64_t i = 0; i < g->units; i++) head[i] = -1;
    for (int64_t x = 0; x < g->width && x < g->units; x++) low[x] = high[x] = -1;
    for (int64_t id = g->units - 1; id >= 0; id--) {
        if (group[id] < 0) continue;
        next[id] = head[group[id]];
        head[group[id]] = (int32_t)id;
    }
    for (int64_t i = 0; i < g->units; i++)
        if (head[i] >= 0) twice += (words ? words[i] : 1) * (double)group_hops(g, head[i], next, low, high);
    return twice / 2;
}
