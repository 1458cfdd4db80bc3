/* What does one instance receive over the whole run?  Perfect factors, closed form (a.3).
 *
 * Timeloop evaluates iterations 0 and 1 of every loop and counts the second bound - 1 times.  In that sequence the step of
 * loop j (innermost 0) moves the tile by T_j = step_j - (step_0 + ... + step_{j-1}), because every loop inside wraps from
 * iteration 1.  The direction last credited is T_0 whenever a loop j > 0 steps, and forgotten after a step that differs; so
 * exactly the steps with T_j = T_0 are credited with an overlap, all others bring the whole tile.  Steps of loop j happen
 * (bound_j - 1) x (bounds outside j) times.                                                                      */
#include <string.h>

#include "base/count.h"
#include "cost/timeloop/timeloop.h"

bool hd_tl_keeps_nothing(const tl_nest *n, int block, hd_role role)
{
    const hd_level *inner = &n->p->arch->level[block + 1];
    bool held = (n->off & TL_RULE_REGISTER) && (inner->operand_register & HD_ROLE_BIT(role));
    if (block + 1 == n->mac && !held) return true;
    return !(n->off & TL_RULE_NO_REUSE) && (inner->timeloop.no_reuse & HD_ROLE_BIT(role));
}

/* Overlap of two boxes one step of the innermost loop apart; the strip that moves where it is less than the box. */
static int64_t strip_words(int64_t tile, const int64_t *size, int rank, int64_t by)
{
    return rank < 0 ? 0 : tile / size[rank] * hd_count_min(size[rank], by);
}

/* The steps after which a neighbour may hold what comes next: all, where deltas are whole tiles. */
static void list_steps(const tl_nest *n, const tl_view *v, int last, int64_t tile, tl_motion *out)
{
    int64_t sum[HD_MAX_RANKS] = {0};
    for (int i = last; i >= 0; i--) {
        const tl_loop *l = &n->loop[i];
        int rank = v->rank[l->dim];
        int64_t step = v->coef[l->dim] * l->step;
        int s = out->steps++;
        out->step[s].words = tile;
        out->step[s].times = (l->bound - 1) * n->outside[i];
        for (int r = 0; r < v->ranks; r++) out->step[s].by[r] = (r == rank ? step : 0) - sum[r];
        if (rank >= 0) sum[rank] += step;
    }
}

void hd_tl_motion(const tl_nest *n, const tl_view *v, int block, bool links, tl_motion *out)
{
    int64_t size[HD_MAX_RANKS];
    int last = n->end[block] - 1;
    out->tile = hd_tl_box(n, v, block + 1, size);
    out->steps = 0;
    out->total = out->tile * n->outside[last + 1];
    if (last < 0) return;
    if (hd_tl_keeps_nothing(n, block, v->role)) {
        if (links) list_steps(n, v, last, out->tile, out);
        return;
    }
    const tl_loop *first = &n->loop[last];
    int rank = v->rank[first->dim], moved = rank;       /* the one rank that has moved so far; -1 = none */
    int64_t by = v->coef[first->dim] * first->step, sum = rank < 0 ? 0 : by;
    int64_t strip = strip_words(out->tile, size, rank, by);
    int64_t times = (first->bound - 1) * n->outside[last], again = 0;
    for (int i = last - 1; i >= 0; i--) {               /* later steps in the very direction of the first */
        const tl_loop *l = &n->loop[i];
        int r = v->rank[l->dim];
        int64_t step = v->coef[l->dim] * l->step;
        if (r >= 0 && moved >= 0 && r != moved) break;  /* two ranks have moved: no step undoes both */
        if ((r < 0 ? 0 : step) - sum == (rank < 0 ? 0 : by)) again += (l->bound - 1) * n->outside[i];
        if (r >= 0) {
            moved = r;
            sum += step;
        }
    }
    out->total -= (out->tile - strip) * (times + again);
    if (!links || rank < 0) return;
    if (strip == out->tile) list_steps(n, v, last, out->tile, out);
    else if (again > 0) { /* strip after strip */
        out->steps = 1;
        out->step[0].words = strip;
        out->step[0].times = again + again * (first->bound - 1);
        memset(out->step[0].by, 0, sizeof out->step[0].by);
        out->step[0].by[rank] = by;
    }
}
