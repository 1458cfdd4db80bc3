/* See stage_nodes.h. */
#include "network/stage_nodes.h"

#include <assert.h>
#include <math.h>

#include "base/count.h"

/* The stage whose nodes are furthest above (or below) its share, first of equals. */
static int most_off(const int64_t *nodes, const double *share, int stages, bool above)
{
    int best = 0;
    for (int i = 1; i < stages; i++) {
        double d = (double)nodes[i] - share[i], b = (double)nodes[best] - share[best];
        if (above ? d > b : d < b) best = i;
    }
    return best;
}

/* Units of `unit` nodes each; halves round to even, everyone gets one. */
static bool deal(const int64_t *ops, int stages, double sum, int64_t total, int64_t *nodes)
{
    double share[HD_MAX_STAGES];
    int64_t left = total;
    for (int i = 0; i < stages; i++) {
        share[i] = (double)ops[i] / sum * (double)total;
        nodes[i] = hd_count_max(1, (int64_t)nearbyint(share[i]));
        left -= nodes[i];
    }
    for (; left != 0; left += left < 0 ? 1 : -1) {
        int i = most_off(nodes, share, stages, left < 0);
        nodes[i] += left < 0 ? -1 : 1;
        if (nodes[i] == 0) return false;
    }
    return true;
}

static bool is_busy(const int64_t *ops, const int64_t *nodes, int stages, double sum, int64_t total)
{
    double slowest = 0;
    for (int i = 0; i < stages; i++) slowest = fmax(slowest, (double)ops[i] / (double)nodes[i]);
    return sum >= 0.95 * slowest * (double)total;
}

bool hd_stage_nodes(const int64_t *ops, int stages, const int64_t mesh[HD_AXES], int64_t nodes[HD_MAX_STAGES])
{
    int64_t total = mesh[HD_X] * mesh[HD_Y];
    double sum = 0;
    if (stages > HD_MAX_STAGES || stages > total) return false;
    nodes[0] = total;
    if (stages == 1) return true;
    for (int i = 0; i < stages; i++) sum += (double)ops[i];
    for (int64_t unit = mesh[HD_Y]; unit >= 1; unit--) {
        if (mesh[HD_Y] % unit != 0 || total / unit < stages || !deal(ops, stages, sum, total / unit, nodes)) continue;
        for (int i = 0; i < stages; i++) nodes[i] *= unit;
        if (is_busy(ops, nodes, stages, sum, total)) return true;
    }
    return false;
}

static int64_t gcd(int64_t a, int64_t b) { return b == 0 ? a : gcd(b, a % b); }

void hd_stage_regions(const int64_t *nodes, int stages, const int64_t mesh[HD_AXES], hd_kapla_region region[HD_MAX_STAGES])
{
    int64_t high = mesh[HD_Y], wide = mesh[HD_X], column = 0; /* along the folded stripes */
    for (int i = 0; i < stages; i++) high = gcd(high, nodes[i]);
    for (int i = 0; i < stages; i++) {
        int64_t columns = nodes[i] / high, stripe = column / wide, done = column % wide;
        bool right = stripe % 2 == 0;
        int64_t run = hd_count_min(wide - done, columns);
        region[i] = (hd_kapla_region){.origin = {right ? done : wide - 1 - done, stripe * high}, .size = {columns, high},
                                      .step = {1, 1}, .wtot = wide, .wbeg = right ? run : -run};
        column += columns;
    }
    assert(column * high <= wide * mesh[HD_Y]);
}
