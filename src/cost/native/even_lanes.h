/* The straight road in as many lanes as EVEN_LANES says: included once for single prices, once for batches.
 *
 * Every shift divides, ranks are plain or open windows, no operand register, no row read twice, and levels with a bandwidth
 * are not split.  All counts are then products of loop and stack counts, but for what windows hold (docs/cost-model.md,
 * "Closed form"); the numbers are those of the general parts, many times sooner.  A lane is a scheme; all have the same
 * directives and differ in extents, so that every choice below is the same for all.  Counts are whole numbers below 2^53
 * (native_ready.straight sees to that): doubles hold them exactly, and divide them exactly where they divide.        */
#include <string.h>

#include "base/count.h"
#include "cost/native/grid.h"
#include "cost/native/native.h"

#include "cost/native/even_nest.h"
#include "cost/native/even_windows.h"

/* Counts of a run; those of the edges only of levels with a bandwidth, which have no stacks. */
typedef struct even_access { lanes reads, fills, updates; } even_access;
typedef struct even_counts {
    even_access access[HD_MAX_LEVELS][HD_ROLES];
    even_access first[HD_MAX_LEVELS][HD_ROLES]; /* moved in the first step; of O: in the last */
    lanes tile_words[HD_MAX_LEVELS][HD_ROLES], deliveries[HD_MAX_LEVELS][HD_ROLES];
} even_counts;

static unsigned between(int outer, int inner) { return NEST_STACK(inner + 1, 0) - NEST_STACK(outer + 1, 0); }

static lanes tile(const even_nest *n, const nest_role *role, int level)
{
    lanes words = all(1);
    for (int i = 0; i < role->plains && level < n->mac; i++) words = times(&words, &n->box[level][role->plain[i]]);
    for (int i = 0; i < role->generals && level < n->mac; i++) {
        const hd_rank *rank = role->of[role->number[i]].rank;
        lanes length = all(1);
        for (int t = 0; t < rank->terms; t++) reach(n, rank, t, level, &length);
        words = times(&words, &length); /* open: never longer than the tensor */
    }
    return words;
}

/* Words entering `inner` with the wires from `outer` on merging what they can; `arrivals`: with nothing merged. */
static bool entering(const even_nest *n, const even_role *r, int outer, int inner, const lanes *arrivals, lanes *words)
{
    unsigned merge = r->role->wires & n->wires & between(outer, inner);
    if (merge & r->spread) return windows_moved(n, r, inner, merge, words);
    *words = *arrivals;
    if (!merge) return true;
    lanes copies = over(&r->merged[inner], &r->merged[outer]);
    *words = over(arrivals, &copies);
    return true;
}

/* What `outer`, without stacks, moves in the first step; of O: in the last.  All tiles are alike. */
static bool count_edges(const even_nest *n, const even_role *r, int inner, const lanes *next_tile, even_counts *out)
{
    hd_role role = r->role->role;
    unsigned merge = r->role->wires & n->wires & between(r->outer, inner);
    even_access *a = &out->first[r->outer][role];
    lanes every = times(next_tile, &n->used[inner]);
    a->reads = over(&every, &r->merged[inner]);
    a->fills = r->outer > r->role->home ? r->tile : all(0);
    a->updates = all(0);
    if (role != HD_O) return !(merge & r->spread) || windows_first(n, r, inner, merge, &a->reads);
    a->updates = a->reads;
    EACH_LANE(x) a->reads.of[x] += a->fills.of[x] - every.of[x] / r->units.of[x];
    a->fills = all(0);
    return true;
}

static bool count_deliveries(const even_nest *n, const even_role *r, int inner, const lanes *arrivals, const lanes *loaded,
                             even_counts *out)
{
    unsigned levels = r->role->delivered & ((2u << inner) - (2u << r->outer));
    for (; levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        lanes *words = &out->deliveries[l][r->role->role];
        if (!entering(n, r, l, inner, arrivals, words)) return false;
        EACH_LANE(x) words->of[x] += loaded->of[x];
    }
    return true;
}

static bool count_link(const even_nest *n, even_role *r, int inner, even_counts *out)
{
    hd_role role = r->role->role;
    even_access *a = &out->access[r->outer][role];
    lanes words, arrivals, loaded = all(0), next_tile = tile(n, r->role, inner);
    EACH_LANE(x) arrivals.of[x] = (double)r->role->words * r->settled.of[x] * r->units.of[x];
    if (inner == n->mac) arrivals = all((double)r->role->points);
    if (inner < n->mac && r->role->generals && !windows_moved(n, r, inner, 0, &arrivals)) return false;
    if (!entering(n, r, r->outer, inner, &arrivals, &words)) return false;
    a->reads = words;
    if (role == HD_O) { /* of what meets an old partial sum, all but the first touches is loaded */
        a->updates = words;
        lanes copies = over(&r->units, &r->units_outer);
        EACH_LANE(x) loaded.of[x] = arrivals.of[x] / copies.of[x] - r->first.of[x];
        EACH_LANE(x) a->reads.of[x] += r->arrivals.of[x] - r->first.of[x];
        EACH_LANE(x) r->first.of[x] = arrivals.of[x] - loaded.of[x];
    } else {
        a->fills = r->arrivals;
        a->updates = all(0);
    }
    out->tile_words[r->outer][role] = r->tile;
    if (!count_deliveries(n, r, inner, &arrivals, &loaded, out)) return false;
    if ((n->ready->limited >> r->outer & 1u) && !count_edges(n, r, inner, &next_tile, out)) return false;
    if (role == HD_O && inner < n->mac) out->access[inner][role].fills = loaded;
    r->outer = inner;
    r->tile = next_tile;
    r->arrivals = arrivals;
    r->units_outer = r->units;
    return true;
}

static bool count_role(const even_nest *n, const nest_role *role, even_counts *out)
{
    even_role r;
    r.role = role;
    r.own = 0;
    r.spread = 0;
    r.pending = r.settled = r.units = r.merged[0] = r.units_outer = all(1);
    for (int g = 0; g < role->generals; g++) r.window[g] = all(1);
    r.outer = role->home;
    r.tile = tile(n, role, role->home);
    r.arrivals = all(0);
    r.first = all((double)role->words);
    if (role->role == HD_O) out->access[role->home][HD_O].fills = all(0);
    for (int l = 1; l <= n->mac; l++) {
        enter_level(n, l, &r);
        if (l == role->home) r.units_outer = r.units;
        if (l <= role->home || (l < n->mac && !(n->s[0]->level[l].keep & HD_ROLE_BIT(role->role)))) continue;
        if (!count_link(n, &r, l, out)) return false;
    }
    return true;
}

/* All counts of the roles that the operator has; false where something is out of the ordinary, with `out` in disorder. */
static bool count_lanes(even_nest *n, const native_ready *ready, const hd_scheme *const *s, even_counts *out)
{
    if (!ready->straight || !build(n, ready, s)) return false;
    for (int k = 0; k < ready->roles; k++)
        if (!count_role(n, &ready->role[k], out)) return false;
    return true;
}
