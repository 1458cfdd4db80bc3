/* Traffic and time where every shift divides: see even.h; the formulas are those of traffic.c and cycles.c. */
#include <string.h>

#include "cost/native/even.h"

/* One pair of levels that keep a role, the next one inward from `outer` being `inner` (the arithmetic level at last). */
typedef struct even_link {
    const nest_role *role;
    int k, outer, inner;
    int64_t tile;                  /* words of a tile of `inner` */
    int64_t arrivals;              /* words into the tiles of `inner`, each unit by itself; points at the arithmetic level */
    int64_t kept, first;           /* arrivals at `outer` (0 at home); of O: words that it never loaded */
} even_link;

/* Words and time at the edges of the run: what every level with a bandwidth moves in the first step, and at last. */
typedef struct even_edges { hd_access first[HD_MAX_LEVELS][HD_ROLES], last[HD_MAX_LEVELS][HD_ROLES]; } even_edges;

static unsigned between(int outer, int inner) { return NEST_STACK(inner + 1, 0) - NEST_STACK(outer + 1, 0); }

static bool count_arrivals(const even_nest *n, even_link *e)
{
    const even_turns *turns = &n->turns[e->inner][e->k];
    if (e->inner == n->mac)
        e->arrivals = e->role->points;
    else if (e->role->generals)
        return hd_even_moved(n, e->k, e->inner, 0, &e->arrivals);
    else
        e->arrivals = e->role->words * turns->loops * turns->units;
    return true;
}

/* Words entering `inner` with the wires from `outer` on merging what they can. */
static bool entering(const even_nest *n, const even_link *e, int outer, int64_t *words)
{
    unsigned merge = e->role->wires & n->wires & between(outer, e->inner);
    if (merge & n->spread[e->k])
        return e->inner < n->mac ? hd_even_moved(n, e->k, e->inner, merge, words) : hd_even_every_step(n, e->k, merge, words);
    *words = e->arrivals;
    if (!merge) return true;
    int64_t copies = n->turns[e->inner][e->k].merged, apart = n->turns[outer][e->k].merged;
    if (copies != apart) *words /= copies / apart;
    return true;
}

/* Of O: words that meet an old partial sum. */
static int64_t loads(const even_nest *n, const even_link *e)
{
    int64_t copies = n->turns[e->inner][e->k].units, apart = n->turns[e->outer][e->k].units;
    return (copies != apart ? e->arrivals / (copies / apart) : e->arrivals) - e->first;
}

static bool count_deliveries(const even_nest *n, const even_link *e, int64_t loaded, hd_breakdown *out)
{
    unsigned levels = e->role->delivered & ((2u << e->inner) - (2u << e->outer));
    for (; levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        if (!entering(n, e, l, &out->deliveries[l][e->role->role])) return false;
        out->deliveries[l][e->role->role] += loaded;
    }
    return true;
}

/* What `outer`, without stacks, moves in the first step; of O: in the last.  All tiles are alike. */
static bool count_edges(const even_nest *n, const even_link *e, int64_t own_tile, even_edges *edges)
{
    const even_turns *turns = &n->turns[e->inner][e->k];
    hd_role role = e->role->role;
    unsigned merge = e->role->wires & between(e->outer, e->inner);
    int64_t all = e->tile * n->used[e->inner], own = e->outer > e->role->home ? own_tile : 0;
    if (role == HD_O) {
        edges->last[e->outer][role] = (hd_access){all / turns->merged - all / turns->units + own, 0, all / turns->merged};
        return true;
    }
    edges->first[e->outer][role] = (hd_access){all / turns->merged, own, 0};
    return !(merge & n->spread[e->k]) || hd_even_one_step(n, e->k, e->inner, merge, &edges->first[e->outer][role].reads);
}

static bool count_link(const even_nest *n, even_link *e, hd_breakdown *out, even_edges *edges)
{
    hd_role role = e->role->role;
    hd_access *a = &out->access[e->outer][role];
    int64_t words, own_tile = e->tile, loaded = 0;
    out->tile_words[e->outer][role] = own_tile;
    e->tile = e->inner < n->mac ? hd_nest_tile(n->s->level[e->inner].tensor, e->role) : 1;
    if (!count_arrivals(n, e) || !entering(n, e, e->outer, &words)) return false;
    if (role == HD_O) {
        loaded = loads(n, e);
        *a = (hd_access){words - e->first + e->kept, a->fills, words};
        e->first = e->arrivals - loaded;
        if (e->inner < n->mac) out->access[e->inner][role].fills = loaded;
    } else {
        *a = (hd_access){words, e->kept, 0};
    }
    e->kept = e->arrivals;
    if (!count_deliveries(n, e, loaded, out)) return false;
    return !(n->ready->limited >> e->outer & 1u) || count_edges(n, e, own_tile, edges);
}

static bool count_role(const even_nest *n, int k, hd_breakdown *out, even_edges *edges)
{
    const nest_role *role = &n->ready->role[k];
    even_link e = {.role = role, .k = k, .outer = role->home, .tile = role->whole, .first = role->words};
    if (role->home > 0) e.tile = hd_nest_tile(n->s->level[role->home].tensor, role);
    for (int l = role->home + 1; l <= n->mac; l++) {
        if (l < n->mac && !(n->s->level[l].keep & HD_ROLE_BIT(role->role))) continue;
        e.inner = l;
        if (!count_link(n, &e, out, edges)) return false;
        e.outer = l;
    }
    return true;
}

static void count_cycles(const even_nest *n, const even_edges *edges, hd_breakdown *out)
{
    out->fill_cycles = out->drain_cycles = 0;
    for (int l = 0; l <= n->mac; l++) {
        out->level_cycles[l] = 0;
        if (l == n->mac || !(n->ready->limited >> l & 1u)) continue;
        out->level_cycles[l] = hd_native_port_cycles(n->ready, l, out->access[l]);
        out->fill_cycles += hd_native_port_cycles(n->ready, l, edges->first[l]);
        out->drain_cycles += hd_native_port_cycles(n->ready, l, edges->last[l]);
    }
    hd_native_latency(n->ready, n->steps, out);
}

bool hd_native_even(const native_ready *ready, const hd_scheme *s, hd_breakdown *out)
{
    even_nest n;
    even_edges edges;
    if (!ready->straight || !hd_even_build(&n, ready, s)) return false;
    hd_native_clear(out, s->levels);
    for (int l = 0; l < n.mac; l++) {
        if (!(ready->limited >> l & 1u)) continue;
        memset(edges.first[l], 0, sizeof edges.first[l]);
        memset(edges.last[l], 0, sizeof edges.last[l]);
    }
    for (int k = 0; k < ready->roles; k++)
        if (!count_role(&n, k, out, &edges)) return false;
    out->access[ready->p->home[HD_I2]][HD_I2].reads += ready->p->op->extra_reads;
    for (int l = 0; l <= n.mac; l++) out->instances_used[l] = n.used[l];
    count_cycles(&n, &edges, out);
    return true;
}
