/* Can neighbours pass on what the parent would send?  Perfect factors (a.4).
 *
 * An instance whose delta equals the one that a neighbour got in the step before may take it from there; the parent then
 * serves only groups with a member left.  All instances move alike, so one displacement decides it for each kind of
 * step: the neighbour's position must differ by exactly that much.  Most displacements reach past every instance, which
 * is seen without looking at the instances.                                                                       */
#include "base/count.h"
#include "cost/timeloop/timeloop.h"

/* The instances of one block: projected positions as one number, and which of them get equal deltas. */
typedef struct field {
    tl_grid grid;
    int64_t range[HD_MAX_RANKS], radix[HD_MAX_RANKS];
    int64_t key[TL_MAX_UNITS];
    int32_t group[TL_MAX_UNITS];      /* id of the first member */
} field;

static void find_ranges(const tl_nest *n, const tl_view *v, int block, int64_t *range)
{
    const tl_block *b = &n->block[block];
    for (int r = 0; r < v->ranks; r++) range[r] = 0;
    for (int i = 0; i < b->factors; i++) {
        const tl_factor *f = &b->factor[i];
        if (v->rank[f->dim] >= 0) range[v->rank[f->dim]] += v->coef[f->dim] * f->shift * (f->copies - 1);
    }
}

static bool reaches(const tl_view *v, const int64_t *range, const int64_t *by)
{
    for (int r = 0; r < v->ranks; r++)
        if (by[r] > range[r] || -by[r] > range[r]) return false;
    return true;
}

/* Differences of ranks up to twice their range must not meet in one number.  Tiles of 2^47 words and more, whose positions
 * do not fit into one, have no neighbours. */
static bool find_radices(const tl_view *v, field *f)
{
    int64_t radix = 1;
    for (int r = 0; r < v->ranks; r++) {
        f->radix[r] = radix;
        if (!hd_count_mul(radix, 4 * f->range[r] + 1, &radix)) return false;
    }
    return true;
}

/* The first member of the group: digits that do not tell deltas apart are zero, sums of two are told by the smaller second. */
static int64_t first_of(const tl_nest *n, const tl_view *v, int block, const int64_t *index)
{
    const tl_block *b = &n->block[block];
    int64_t first[TL_MAX_FACTORS], id = 0, stride = 1;
    for (int i = 0; i < b->factors; i++) {
        bool merges = hd_tl_merges(n, block, b->factor[i].axis, v->role);
        first[i] = merges && v->rank[b->factor[i].dim] < 0 ? 0 : index[i];
    }
    for (int i = 0; i < b->factors; i++)
        for (int j = i + 1; j < b->factors; j++) {
            const tl_factor *f = &b->factor[i], *g = &b->factor[j];
            if (v->rank[f->dim] < 0 || v->rank[f->dim] != v->rank[g->dim]) continue;
            if (!hd_tl_merges(n, block, f->axis, v->role) || !hd_tl_merges(n, block, g->axis, v->role)) continue;
            int64_t x = v->coef[f->dim] * f->shift, y = v->coef[g->dim] * g->shift, a = x, c = y;
            while (c) {
                int64_t rest = a % c;
                a = c;
                c = rest;
            }
            int64_t moves = (f->copies - 1 - first[i]) / (y / a), others = first[j] / (x / a);
            if (others < moves) moves = others;
            first[i] += moves * (y / a);
            first[j] -= moves * (x / a);
        }
    for (int i = 0; i < b->factors; i++) {
        id += first[i] * stride;
        stride *= b->factor[i].copies;
    }
    return id;
}

/* False: grouped, but without keys. */
static bool place(const tl_nest *n, const tl_view *v, int block, field *f)
{
    const tl_block *b = &n->block[block];
    int64_t index[TL_MAX_FACTORS] = {0};
    hd_tl_grid(n, block, &f->grid);
    bool keys = find_radices(v, f);
    for (int64_t id = 0; id < f->grid.units; id++) {
        int64_t key = 0;
        for (int i = 0; i < b->factors; i++) {
            const tl_factor *a = &b->factor[i];
            if (keys && v->rank[a->dim] >= 0) key += f->radix[v->rank[a->dim]] * v->coef[a->dim] * a->shift * index[i];
        }
        f->key[id] = key;
        f->group[id] = (int32_t)first_of(n, v, block, index);
        for (int i = 0; i < b->factors && ++index[i] == b->factor[i].copies; i++) index[i] = 0;
    }
    return keys;
}

/* Instances that a neighbour serves after a move, and groups that still need the parent. */
typedef struct served { int64_t covered, groups; double hops; } served;

static bool is_covered(const field *f, int64_t id, int64_t x, int64_t want)
{
    const int64_t *key = f->key, wide = f->grid.width, units = f->grid.units, sought = key[id] + want;
    if (f->grid.torus) {
        int64_t other[4];
        for (int i = hd_tl_neighbours(&f->grid, id, other) - 1; i >= 0; i--)
            if (key[other[i]] == sought) return true;
        return false;
    }
    return (x + 1 < wide && id + 1 < units && key[id + 1] == sought) || (x > 0 && key[id - 1] == sought) ||
           (wide < units - id && key[id + wide] == sought) || (id >= wide && key[id - wide] == sought);
}

static served serve(const tl_view *v, const field *f, const int64_t *by, bool hops)
{
    unsigned char seen[TL_MAX_UNITS];
    int32_t left[TL_MAX_UNITS];
    served out = {0, 0, 0};
    int64_t want = 0;
    for (int r = 0; by && r < v->ranks; r++) want += f->radix[r] * by[r];
    for (int64_t id = 0; id < f->grid.units; id++) seen[id] = 0;
    for (int64_t id = 0, x = 0; id < f->grid.units; id++, x = x + 1 == f->grid.width ? 0 : x + 1) {
        bool covered = by && is_covered(f, id, x, want);
        left[id] = covered ? -1 : f->group[id];
        out.covered += covered;
        if (covered || seen[f->group[id]]) continue;
        seen[f->group[id]] = 1;
        out.groups++;
    }
    if (hops) out.hops = hd_tl_hops(&f->grid, left, NULL);
    return out;
}

static bool any_reaches(const tl_view *v, const tl_motion *m, const int64_t *range)
{
    for (int i = 0; i < m->steps; i++)
        if (m->step[i].words > 0 && m->step[i].times > 0 && reaches(v, range, m->step[i].by)) return true;
    return false;
}

static int64_t largest_group(const field *f)
{
    int32_t members[TL_MAX_UNITS];
    int64_t most = 0;
    for (int64_t i = 0; i < f->grid.units; i++) members[i] = 0;
    for (int64_t i = 0; i < f->grid.units; i++)
        if (++members[f->group[i]] > most) most = members[f->group[i]];
    return most;
}

void hd_tl_links(const tl_nest *n, const tl_view *v, int block, const tl_motion *motion, bool hops, tl_flow *flow)
{
    field f;
    double parents = (double)n->instances[block], accesses = 0, moved = 0, words_left = (double)motion->total, hop_sum = 0;
    find_ranges(n, v, block, f.range);
    bool links = hd_tl_may_link(n, block, v->role) && any_reaches(v, motion, f.range);
    if (n->block[block].units == 1 || (!links && !hops)) return;
    links = place(n, v, block, &f) && links;
    served all = serve(v, &f, NULL, hops);
    if (hops) flow->most = (double)largest_group(&f);
    for (int i = 0; links && i < motion->steps; i++) {
        double words = (double)motion->step[i].words * (double)motion->step[i].times;
        if (words <= 0 || !reaches(v, f.range, motion->step[i].by)) continue;
        served s = serve(v, &f, motion->step[i].by, hops);
        accesses += words * (double)s.groups;
        moved += words * (double)s.covered;
        hop_sum += words * s.hops;
        words_left -= words;
    }
    accesses += words_left * (double)all.groups;
    hop_sum += words_left * all.hops;
    if (accesses * parents < flow->accesses) {
        flow->accesses = accesses * parents;
        flow->transfers = moved * parents;
        flow->delivered -= flow->transfers;
        flow->hops = hop_sum * parents;
    } else {
        flow->hops = all.hops * (double)motion->total * parents;
    }
}
