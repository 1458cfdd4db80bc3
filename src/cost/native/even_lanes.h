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

enum { EVEN_LOOPS = 64, EVEN_STACKS = 48, EVEN_WINDOWS = 3 };

typedef struct lanes { double of[EVEN_LANES]; } lanes;

#define EACH_LANE(x) for (int x = 0; x < EVEN_LANES; x++)

static inline lanes all(double value)
{
    lanes a;
    EACH_LANE(x) a.of[x] = value;
    return a;
}

static inline lanes times(const lanes *a, const lanes *b)
{
    lanes c;
    EACH_LANE(x) c.of[x] = a->of[x] * b->of[x];
    return c;
}

static inline lanes over(const lanes *a, const lanes *b)
{
    lanes c;
    EACH_LANE(x) c.of[x] = a->of[x] / b->of[x];
    return c;
}

typedef struct even_loop { int dim; lanes count, shift; } even_loop;
typedef struct even_stack { int dim; unsigned bit; lanes count, shift; } even_stack; /* bit: NEST_STACK */

typedef struct even_nest {
    const native_ready *ready;
    const hd_scheme *const *s;     /* [lane] */
    int mac, loops, stacks;
    int loops_to[HD_MAX_LEVELS], stacks_to[HD_MAX_LEVELS]; /* at levels <= l; they come first */
    unsigned wires;                /* of all stacks */
    lanes steps, used[HD_MAX_LEVELS]; /* all loops; all stacks at levels <= l */
    even_loop loop[EVEN_LOOPS];    /* in time order */
    even_stack stack[EVEN_STACKS];
} even_nest;

/* Counts of a run; those of the edges only of levels with a bandwidth, which have no stacks. */
typedef struct even_access { lanes reads, fills, updates; } even_access;
typedef struct even_counts {
    even_access access[HD_MAX_LEVELS][HD_ROLES];
    even_access first[HD_MAX_LEVELS][HD_ROLES]; /* moved in the first step; of O: in the last */
    lanes tile_words[HD_MAX_LEVELS][HD_ROLES], deliveries[HD_MAX_LEVELS][HD_ROLES];
} even_counts;

/* ---- the nest ---- */

/* Indices of a digit: what its dim spans above it divided by its shift; 0 where that does not divide.  Of a loop and a
 * stack with the same shift the one that counts is the stack. */
static int64_t indices(const hd_scheme_level *l, int dim, int64_t shift, int64_t outside, bool loop)
{
    int64_t span = outside;
    for (int i = 0; i < l->updates; i++)
        if (l->update[i].dim == dim && l->update[i].step > shift && l->update[i].step < span) span = l->update[i].step;
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *u = &l->stack[i];
        if (u->dim != dim) continue;
        if (loop && u->shift == shift && u->copies > 1) return 1;
        if (u->shift > shift && u->shift < span) span = u->shift;
    }
    return span % shift ? 0 : span / shift;
}

/* A shift as wide as the box outside has one index. `stacked`: dims with stacks at the level. */
static bool add_loop(even_nest *n, int level, int i, unsigned stacked, unsigned *looped)
{
    int dim = n->s[0]->level[level].update[i].dim;
    even_loop *loop = &n->loop[n->loops];
    double remainder = 0;
    if (*looped >> dim & 1u || n->loops == EVEN_LOOPS) return false;
    *looped |= 1u << dim;
    loop->dim = dim;
    EACH_LANE(x) {
        const hd_scheme_level *l = &n->s[x]->level[level];
        int64_t step = l->update[i].step, outside = l[-1].tensor[dim];
        loop->shift.of[x] = (double)step;
        loop->count.of[x] = step >= outside ? 1 : (double)(stacked >> dim & 1u ? indices(l, dim, step, outside, true) : outside / step);
        remainder += stacked >> dim & 1u ? loop->count.of[x] == 0 : (double)outside - loop->count.of[x] * (double)step;
    }
    n->steps = times(&n->steps, &loop->count);
    n->loops++;
    return remainder == 0;
}

static bool add_stack(even_nest *n, int level, int i, unsigned *stacked)
{
    const hd_stack *u = &n->s[0]->level[level].stack[i];
    even_stack *stack = &n->stack[n->stacks];
    bool even = true;
    if (n->stacks == EVEN_STACKS) return false;
    *stacked |= 1u << u->dim;
    *stack = (even_stack){.dim = u->dim, .bit = NEST_STACK(level, u->axis)};
    EACH_LANE(x) {
        const hd_scheme_level *l = &n->s[x]->level[level];
        int64_t count = l->stack[i].copies, shift = l->stack[i].shift, outside = l[-1].tensor[u->dim];
        if (count > 1 && count * shift != outside) count = indices(l, u->dim, shift, outside, false);
        stack->count.of[x] = (double)count;
        stack->shift.of[x] = (double)shift;
        even &= count > 0;
    }
    n->wires |= stack->bit;
    n->used[level] = times(&n->used[level], &stack->count);
    n->stacks++;
    return even;
}

/* False where a shift does not divide or a level with a bandwidth is split. */
static bool build(even_nest *n, const native_ready *ready, const hd_scheme *const *s)
{
    n->ready = ready;
    n->s = s;
    n->mac = ready->mac;
    n->loops = n->stacks = n->loops_to[0] = n->stacks_to[0] = 0;
    n->wires = 0;
    n->steps = n->used[0] = all(1);
    for (int l = 1; l <= n->mac; l++) {
        unsigned stacked = 0, looped = 0;
        n->used[l] = n->used[l - 1];
        for (int i = 0; i < s[0]->level[l].stacks; i++)
            if (!add_stack(n, l, i, &stacked)) return false;
        for (int i = s[0]->level[l].updates - 1; i >= 0; i--) /* listed innermost first */
            if (!add_loop(n, l, i, stacked, &looped)) return false;
        n->loops_to[l] = n->loops;
        n->stacks_to[l] = n->stacks;
        if (l < n->mac && n->stacks > 0 && (ready->limited >> l & 1u)) return false;
    }
    return true;
}

/* ---- one role, from the outermost level inwards ---- */

typedef struct even_role {
    const nest_role *role;
    uint64_t own;                  /* loops of its dims so far, as bits */
    unsigned spread;               /* stacks of the dims of its windows */
    lanes pending, settled;        /* loops of dims that it lacks: all; those outside of the innermost loop of its own */
    lanes outside[EVEN_LOOPS];     /* of own loops: `pending` there */
    lanes units, merged[HD_MAX_LEVELS]; /* stacks of dims that it lacks: all; per level, those whose wires merge them */
    lanes window[EVEN_WINDOWS];    /* loops of each window */
    int outer;                     /* the last level that keeps it */
    lanes tile, arrivals;          /* at that level, each unit by itself; the home has what it is told */
    lanes units_outer;
    lanes first;                   /* of O: words that the level never loaded */
} even_role;

static void enter_level(const even_nest *n, int level, even_role *r)
{
    const nest_role *role = r->role;
    for (int j = n->loops_to[level - 1]; j < n->loops_to[level]; j++) {
        const even_loop *loop = &n->loop[j];
        if (!(role->dims >> loop->dim & 1u)) {
            r->pending = times(&r->pending, &loop->count);
            continue;
        }
        r->own |= (uint64_t)1 << j;
        r->outside[j] = r->pending;
        EACH_LANE(x) r->settled.of[x] = loop->count.of[x] > 1 ? r->pending.of[x] : r->settled.of[x];
        if (role->general >> loop->dim & 1u) {
            lanes *window = &r->window[role->general_of[loop->dim]];
            *window = times(window, &loop->count);
        }
    }
    r->merged[level] = r->merged[level - 1];
    for (int i = n->stacks_to[level - 1]; i < n->stacks_to[level]; i++) {
        const even_stack *stack = &n->stack[i];
        if (role->general >> stack->dim & 1u) r->spread |= stack->bit;
        if (role->dims >> stack->dim & 1u) continue;
        r->units = times(&r->units, &stack->count);
        if (stack->bit & role->wires) r->merged[level] = times(&r->merged[level], &stack->count);
    }
}

/* Stacks of dims that the role lacks at levels up to this one, those of `merge` once. */
static lanes absent_units(const even_nest *n, const even_role *r, int level, unsigned merge)
{
    lanes units = all(1);
    if (!merge) return r->units;
    for (int i = 0; i < n->stacks_to[level]; i++)
        if (!(r->role->dims >> n->stack[i].dim & 1u) && !(n->stack[i].bit & merge)) units = times(&units, &n->stack[i].count);
    return units;
}

typedef struct even_window {
    const hd_rank *rank;
    lanes length, covered;         /* of one unit's box; by the units of one state */
    lanes states;                  /* at the present cut */
    lanes unmerged;                /* stacks that are not merged */
    lanes ahead;                   /* how far the old boxes lie ahead of the new ones */
    lanes stale;                   /* words held at the present cut */
    bool merged;
    grid grid[EVEN_LANES];         /* of merged units */
} even_window;

static void add_units(even_window *w, const even_stack *stack, int64_t coef, bool merge)
{
    if (!merge) {
        w->unmerged = times(&w->unmerged, &stack->count);
        return;
    }
    EACH_LANE(x) {
        if (!w->merged) hd_grid_clear(&w->grid[x]);
        if (stack->count.of[x] > 1) hd_grid_add(&w->grid[x], coef * (int64_t)stack->shift.of[x], (int64_t)stack->count.of[x]);
    }
    w->merged = true;
}

/* Every loop free.  Units that merge lie on a grid, the others each alone; false where there are too many. */
static bool open_window(const even_nest *n, const even_role *r, int g, int level, unsigned merge, even_window *w)
{
    const hd_rank *rank = w->rank = r->role->of[r->role->number[g]].rank;
    w->merged = false;
    w->length = w->unmerged = all(1);
    w->ahead = all(0);
    for (int t = 0; t < rank->terms; t++)
        EACH_LANE(x) w->length.of[x] += (double)(rank->term[t].coef * (n->s[x]->level[level].tensor[rank->term[t].dim] - 1));
    for (int i = 0; i < n->stacks_to[level] && r->spread; i++)
        for (int t = 0; t < rank->terms; t++)
            if (rank->term[t].dim == n->stack[i].dim) add_units(w, &n->stack[i], rank->term[t].coef, n->stack[i].bit & merge);
    w->covered = w->length;
    for (int x = 0; x < EVEN_LANES && w->merged; x++) {
        if (w->grid[x].points > HD_NATIVE_MAX_UNITS) return false;
        w->covered.of[x] = (double)hd_grid_words(&w->grid[x], (int64_t)w->length.of[x]);
    }
    w->states = times(&r->window[g], &w->unmerged);
    w->stale = times(&w->states, &w->covered);
    return true;
}

/* Words of a state that old boxes so far ahead (or, if negative, behind) share with the new ones. */
static lanes held(const even_window *w, const lanes *ahead)
{
    lanes words;
    EACH_LANE(x) {
        double strip = ahead->of[x] < 0 ? -ahead->of[x] : ahead->of[x];
        if (w->merged && strip < w->length.of[x])
            words.of[x] = w->covered.of[x] - (double)hd_grid_words(&w->grid[x], (int64_t)strip);
        else
            words.of[x] = strip < w->length.of[x] ? w->covered.of[x] - strip : 0;
    }
    return words;
}

static lanes multiply(const even_window *w, int windows, const even_window *but)
{
    lanes words = all(1);
    for (int i = 0; i < windows; i++)
        if (&w[i] != but) words = times(&words, &w[i].stale);
    return words;
}

/* Loop of the window's own advances (returned: words held then), and restarts from here on. */
static lanes turn(even_window *w, const even_loop *loop)
{
    double coef = (double)w->rank->term[w->rank->term[0].dim == loop->dim ? 0 : 1].coef;
    lanes before, words;
    EACH_LANE(x) {
        w->states.of[x] /= loop->count.of[x];
        before.of[x] = w->ahead.of[x] - coef * loop->shift.of[x];
        w->ahead.of[x] += coef * loop->shift.of[x] * (loop->count.of[x] - 1);
    }
    words = held(w, &before);
    w->stale = held(w, &w->ahead);
    EACH_LANE(x) {
        words.of[x] *= w->states.of[x] * (loop->count.of[x] - 1);
        w->stale.of[x] *= w->states.of[x];
    }
    return words;
}

/* Turn the role's loops from the inside out, as hd_moved does (moved.c), and take away what stays held.  `live`: 1 until a
 * plain rank changes. */
static void take_held(const even_nest *n, const even_role *r, even_window *w, const lanes *units, lanes *words)
{
    const nest_role *role = r->role;
    lanes live = all(1), behind = times(units, &r->settled);
    for (uint64_t own = r->own; own;) {
        int j = 63 - __builtin_clzll(own), left = 0;
        const even_loop *loop = &n->loop[j];
        if (role->general >> loop->dim & 1u) {
            even_window *now = &w[role->general_of[loop->dim]];
            lanes held_now = turn(now, loop), others = multiply(w, role->generals, now);
            EACH_LANE(x) words->of[x] -= live.of[x] * held_now.of[x] * others.of[x] * behind.of[x];
            left = 1;
        } else {
            EACH_LANE(x) live.of[x] = loop->count.of[x] > 1 ? 0 : live.of[x];
            EACH_LANE(x) left += live.of[x] > 0;
        }
        if (!left) return;
        own ^= (uint64_t)1 << j;
        lanes absent = own ? times(units, &r->outside[63 - __builtin_clzll(own)]) : *units, stale = multiply(w, role->generals, NULL);
        EACH_LANE(x) words->of[x] -= live.of[x] * stale.of[x] * (behind.of[x] - absent.of[x]);
        behind = absent;
    }
}

/* Words into the tiles of a level, the stacks of `merge` once, of a role with windows; at the arithmetic level what is asked
 * for at every step.  False where too many units merge. */
static bool windows_moved(const even_nest *n, const even_role *r, int level, unsigned merge, lanes *words)
{
    even_window w[EVEN_WINDOWS];
    lanes units = absent_units(n, r, level, merge), whole = all((double)r->role->words);
    bool kept = level < n->mac;
    for (int g = 0; g < r->role->generals; g++)
        if (!open_window(n, r, g, level, merge, &w[g])) return false;
    lanes stale = multiply(w, r->role->generals, NULL), behind = times(&units, kept ? &r->settled : &r->pending);
    *words = times(&stale, &behind);
    if (kept) take_held(n, r, w, &units, words);
    *words = times(words, &whole);
    return true;
}

/* The same of the first step. */
static bool windows_first(const even_nest *n, const even_role *r, int level, unsigned merge, lanes *words)
{
    even_window w;
    *words = absent_units(n, r, level, merge);
    for (int i = 0; i < r->role->plains; i++)
        EACH_LANE(x) words->of[x] *= (double)n->s[x]->level[level].tensor[r->role->plain[i]];
    for (int i = 0; i < n->stacks_to[level]; i++)
        if ((r->role->dims & ~r->role->general) >> n->stack[i].dim & 1u) *words = times(words, &n->stack[i].count);
    for (int g = 0; g < r->role->generals; g++) {
        if (!open_window(n, r, g, level, merge, &w)) return false;
        EACH_LANE(x) words->of[x] *= w.unmerged.of[x] * w.covered.of[x];
    }
    return true;
}

/* ---- links: from one level that keeps the role to the next ---- */

static unsigned between(int outer, int inner) { return NEST_STACK(inner + 1, 0) - NEST_STACK(outer + 1, 0); }

static lanes tile(const even_nest *n, const nest_role *role, int level)
{
    lanes words;
    if (level == 0 || level == n->mac) return all(level == 0 ? (double)role->whole : 1);
    EACH_LANE(x) words.of[x] = (double)hd_nest_tile(n->s[x]->level[level].tensor, role);
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
