/* What would flow without some of Timeloop's rules?  Only explanations ask (why.c), and only for perfect factors: steps,
 * deltas and groups are worked out one by one as the rules that are left have them.
 *
 * With all of them off this is the native machine on tensors without borders: a step brings the new box minus the old
 * one, every loop wraps from its last iteration, and overlapping deltas of several instances are sent once.        */
#include <stdlib.h>

#include "base/count.h"
#include "cost/timeloop/timeloop.h"

/* One kind of step: how far the tile moves, how often; `whole` = it is brought anew. */
typedef struct step { int64_t by[HD_MAX_RANKS], times; bool whole; } step;

static bool is_same(const tl_view *v, const int64_t *a, const int64_t *b)
{
    for (int r = 0; r < v->ranks; r++)
        if (a[r] != b[r]) return false;
    return true;
}

static int ranks_moved(const tl_view *v, const int64_t *by)
{
    int moved = 0;
    for (int r = 0; r < v->ranks; r++) moved += by[r] != 0;
    return moved;
}

/* The first tile, then the steps of every loop, innermost first. */
static int list_steps(const tl_nest *n, const tl_view *v, int block, step out[TL_MAX_LOOPS + 1])
{
    bool anew = hd_tl_keeps_nothing(n, block, v->role);
    int64_t sum[HD_MAX_RANKS] = {0};
    int count = 1;
    out[0] = (step){.times = 1, .whole = true};
    for (int i = n->end[block] - 1; i >= 0; i--) {
        const tl_loop *l = &n->loop[i];
        int rank = v->rank[l->dim];
        int64_t by = v->coef[l->dim] * l->step;
        step *s = &out[count++];
        for (int r = 0; r < v->ranks; r++) s->by[r] = (r == rank ? by : 0) - sum[r];
        s->times = (l->bound - 1) * n->outside[i];
        s->whole = anew || (!(n->off & TL_RULE_RESET) && !is_same(v, s->by, out[1].by)) ||
                   (!(n->off & TL_RULE_STRIPS) && ranks_moved(v, s->by) > 1);
        if (rank >= 0) sum[rank] += n->off & TL_RULE_WRAPS ? by * (l->bound - 1) : by;
    }
    return count;
}

/* ---- where the instances stand along one rank ---- */

typedef struct places { int64_t count, at[TL_MAX_UNITS]; } places;

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool spread(places *p, int64_t by, int64_t copies)
{
    if (p->count > TL_MAX_UNITS / copies) return false;
    for (int64_t i = 1; i < copies; i++)
        for (int64_t k = 0; k < p->count; k++) p->at[i * p->count + k] = p->at[k] + i * by;
    p->count *= copies;
    return true;
}

/* Sorted, each once; false where there are too many. */
static bool find_places(const tl_nest *n, const tl_view *v, int rank, int first, int last, bool all, places *p)
{
    bool sorted = true;
    p->count = 1;
    p->at[0] = 0;
    for (int k = last; k >= first; k--) /* small moves first */
        for (int i = 0; i < n->block[k].factors; i++) {
            const tl_factor *f = &n->block[k].factor[i];
            if (v->rank[f->dim] != rank || !(all || hd_tl_merges(n, k, f->axis, v->role))) continue;
            if (!spread(p, v->coef[f->dim] * f->shift, f->copies)) return false;
        }
    for (int64_t i = 1; i < p->count; i++) sorted &= p->at[i] > p->at[i - 1];
    if (sorted) return true;
    qsort(p->at, (size_t)p->count, sizeof p->at[0], ascending);
    int64_t kept = 1;
    for (int64_t i = 1; i < p->count; i++)
        if (p->at[i] != p->at[kept - 1]) p->at[kept++] = p->at[i];
    p->count = kept;
    return true;
}

/* Coordinates of intervals of that size at all places. */
static double covered(const places *p, int64_t size)
{
    int64_t sum = size;
    for (int64_t i = 1; i < p->count; i++) sum += hd_count_min(size, p->at[i] - p->at[i - 1]);
    return (double)sum;
}

/* ---- accesses ---- */

/* Copies along axes that do not merge. */
static double apart(const tl_nest *n, const tl_view *v, int first, int last)
{
    double copies = 1;
    for (int k = first; k <= last; k++)
        for (int i = 0; i < n->block[k].factors; i++)
            if (!hd_tl_merges(n, k, n->block[k].factor[i].axis, v->role)) copies *= (double)n->block[k].factor[i].copies;
    return copies;
}

double hd_tl_direct(const tl_nest *n, const tl_view *v, int first, int last, bool all, double *each)
{
    step list[TL_MAX_LOOPS + 1];
    int steps = list_steps(n, v, last, list);
    int64_t size[HD_MAX_RANKS];
    double whole[TL_MAX_LOOPS + 1], held[TL_MAX_LOOPS + 1];         /* of one instance */
    double reached[TL_MAX_LOOPS + 1], stale[TL_MAX_LOOPS + 1];      /* of all, each coordinate once */
    double groups = 1, accesses = 0, words = 0;
    places p;
    hd_tl_box(n, v, last + 1, size);
    for (int s = 0; s < steps; s++) whole[s] = held[s] = reached[s] = stale[s] = 1;
    for (int r = 0; r < v->ranks; r++) {
        if (!find_places(n, v, r, first, last, all, &p)) return -1;
        double full = covered(&p, size[r]);
        groups *= (double)p.count;
        for (int s = 0; s < steps; s++) {
            int64_t moved = list[s].by[r] < 0 ? -list[s].by[r] : list[s].by[r], fresh = hd_count_min(size[r], moved);
            whole[s] *= (double)size[r];
            held[s] *= (double)(size[r] - fresh);
            reached[s] *= full;
            stale[s] *= fresh ? full - covered(&p, fresh) : full;
        }
    }
    for (int s = 0; s < steps; s++) {
        double one = list[s].whole ? whole[s] : whole[s] - held[s], once = list[s].whole ? reached[s] : reached[s] - stale[s];
        words += (double)list[s].times * one;
        accesses += (double)list[s].times * (n->off & TL_RULE_WHOLE ? once : one * groups);
    }
    if (each) *each = words;
    return accesses * (double)n->instances[first] * (all ? 1 : apart(n, v, first, last));
}

/* What neighbours do stays in proportion. */
void hd_tl_flow_without(const tl_nest *n, const tl_view *v, int block, tl_flow *flow)
{
    double each, units = (double)n->instances[block + 1], before = flow->delivered + flow->transfers;
    double alone = before / units * (double)(n->instances[block] * hd_tl_groups(n, v, block));
    double direct = hd_tl_direct(n, v, block, block, false, &each);
    if (direct < 0) return;
    flow->accesses = flow->transfers > 0 && alone > 0 ? direct * (flow->accesses / alone) : direct;
    if (flow->transfers > each * units) flow->transfers = each * units;
    flow->delivered = each * units - flow->transfers;
}
