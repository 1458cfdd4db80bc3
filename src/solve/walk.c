/* Standing, comparing, moving: see walk.h. */
#include "solve/walk.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

/* What one asks of an entry that is free is its hash. */
static void clear(hd_memory *m, uint64_t from)
{
    for (uint64_t i = from; i < m->entries; i++) m->seen[i].hash = 0;
}

bool hd_walk_remember(hd_walk *w, hd_arena *arena, int64_t prices)
{
    enum { FIRST = 1 << 11, MOST = 1 << 15, EACH = 4 };
    hd_memory *m = w->memory = hd_arena_alloc(arena, 1, sizeof *m);
    if (!m) return false;
    for (m->most = 2; m->most < MOST && (int64_t)m->most / EACH < prices;) m->most *= 2;
    m->entries = m->most < FIRST ? m->most : FIRST;
    m->seen = hd_arena_room(arena, m->most, sizeof *m->seen); /* most of it is never used */
    if (m->seen) clear(m, 0);
    return m->seen != NULL;
}

/* A hash has its place, or that beside it. */
static uint64_t place_for(const hd_memory *m, uint64_t hash)
{
    uint64_t at = hash & (m->entries - 1);
    return m->seen[at].hash && !m->seen[at ^ 1].hash ? at ^ 1 : at;
}

/* Use twice the entries: what has its place in the new half goes there. */
static void widen(hd_memory *m)
{
    uint64_t half = m->entries;
    m->entries *= 2;
    clear(m, half);
    for (uint64_t i = 0; i < half; i++) {
        if (!(m->seen[i].hash & half)) continue;
        m->seen[place_for(m, m->seen[i].hash)] = m->seen[i];
        m->seen[i].hash = 0;
    }
}

/* What is known of a hash, NULL = nothing. */
static hd_seen *find(const hd_memory *m, uint64_t hash)
{
    hd_seen *seen = &m->seen[hash & (m->entries - 1)];
    if (seen->hash != hash) seen = &m->seen[(hash & (m->entries - 1)) ^ 1];
    return seen->hash == hash ? seen : NULL;
}

/* The place of a hash that is new; who had it is forgotten. */
static hd_seen *add(hd_memory *m, uint64_t hash)
{
    enum { LOAD = 2 };
    if (++m->known * LOAD > m->entries && m->entries < m->most) widen(m);
    hd_seen *seen = &m->seen[place_for(m, hash)];
    *seen = (hd_seen){hash, INFINITY, INFINITY};
    return seen;
}

/* The spans of a dim's live slots as one number. */
static uint64_t spans_of(const hd_draft *draft, int dim, uint64_t live)
{
    uint64_t sum = ((uint64_t)dim + 1) * 0xbf58476d1ce4e5b9u;
    for (; live; live &= live - 1) {
        int k = __builtin_ctzll(live);
        sum = mix(sum, (uint64_t)draft->span[dim][k] * HD_MAX_SLOTS + (uint64_t)k);
    }
    return sum;
}

/* What a level keeps and the order of its loops that count as one number. */
static uint64_t level_of(const hd_form *form, const hd_draft *draft, int l, unsigned loops)
{
    uint64_t order = draft->keep[l];
    if (!form->ordered[l] || !(loops & (loops - 1))) return order;
    for (const unsigned char *next = draft->order[l]; loops; next++) {
        if (!(loops >> *next & 1u)) continue;
        loops ^= 1u << *next;
        order = order * (HD_MAX_DIMS + 1) + *next + 1;
    }
    return order;
}

static void trace_levels(const hd_form *form, const hd_draft *draft, hd_trace *out)
{
    for (int l = 0; l < form->levels; l++) out->level[l] = level_of(form, draft, l, out->live.loops[l]);
}

static void trace_all(const hd_form *form, const hd_draft *draft, hd_trace *out)
{
    hd_draft_find_live(form, draft, &out->live);
    out->sum = 0;
    for (int d = 0; d < form->dims; d++) out->sum += out->spans[d] = spans_of(draft, d, out->live.slots[d]);
    trace_levels(form, draft, out);
}

/* The trace of a draft that differs in the dims of `moved` at most from one whose trace is in `out`. */
static void retrace(const hd_form *form, const hd_draft *draft, unsigned moved, hd_trace *out)
{
    for (; moved; moved &= moved - 1) {
        int d = __builtin_ctz(moved);
        hd_draft_renew_live(form, draft, d, &out->live);
        out->sum -= out->spans[d];
        out->sum += out->spans[d] = spans_of(draft, d, out->live.slots[d]);
    }
    trace_levels(form, draft, out);
}

/* Spans, keeps and the order of loops that count: equal hashes, equal schemes.  Never 0. */
static uint64_t hash_of(const hd_walk *w, const hd_draft *draft, hd_live *live)
{
    hd_trace trace;
    trace_all(w->form, draft, &trace);
    *live = trace.live;
    uint64_t h = 1 + w->form_number + trace.sum;
    for (int l = 0; l < w->form->levels; l++) h = mix(h, trace.level[l]);
    return h ? h : 1;
}

/* The same of a draft that differs from where the walk stands in the dims of `moved` at most: what is known there is not asked
 * again, levels that keep and loop as there neither. */
static uint64_t hash_beside(const hd_walk *w, const hd_draft *draft, unsigned moved, hd_live *live)
{
    const hd_form *form = w->form;
    const hd_trace *at = &w->trace;
    uint64_t h = 1 + w->form_number + at->sum;
    *live = at->live;
    for (; moved; moved &= moved - 1) {
        int d = __builtin_ctz(moved);
        hd_draft_renew_live(form, draft, d, live);
        h += spans_of(draft, d, live->slots[d]) - at->spans[d];
    }
    for (int l = 0; l < form->levels; l++) {
        bool same = live->loops[l] == at->live.loops[l] && draft->keep[l] == w->at.keep[l] &&
                    memcmp(draft->order[l], w->at.order[l], sizeof *draft->order) == 0;
        h = mix(h, same ? at->level[l] : level_of(form, draft, l, live->loops[l]));
    }
    return h ? h : 1;
}

/* Is only known that it costs more than that? */
static bool is_above(const hd_seen *seen) { return isinf(seen->tie) && !isinf(seen->cost); }

/* The scheme of a draft, written over the last one; NULL where it is not in the space. */
static const hd_scheme *show(hd_walk *w, const hd_draft *draft, unsigned moved, const hd_live *live)
{
    hd_shown *shown = &w->memory->shown;
    unsigned stale = shown->place == w->place ? shown->stale | moved : HD_EVERY_DIM;
    shown->place = w->place;
    shown->stale = moved;
    return hd_draft_decode_live(w->form, draft, live, stale, &shown->scheme) ? &shown->scheme : NULL;
}

/* Not in the space, too large or priced: what is not in the space is known as such the next time, too. */
static void price_new(hd_walk *w, const hd_draft *draft, unsigned moved, const hd_live *live, double limit, hd_seen *out)
{
    hd_breakdown p;
    if (!hd_draft_fans_hold_beside(w->form, &w->at, draft, moved, live)) return;
    const hd_scheme *scheme = show(w, draft, moved, live);
    if (!scheme || !hd_incumbent_fits(w->inc, scheme)) return;
    out->cost = hd_incumbent_take_below(w->inc, w->budget, scheme, limit, &p);
    out->tie = p.edp;
}

/* What was only known to be above something: it was counted when it was new. */
static void price_again(hd_walk *w, const hd_draft *draft, unsigned moved, const hd_live *live, hd_seen *out)
{
    hd_breakdown p;
    const hd_scheme *scheme = show(w, draft, moved, live);
    if (!scheme) return;
    hd_pricer_price(&w->inc->pricer, scheme, &p);
    out->cost = hd_price_objective(&p, w->inc->objective);
    out->tie = p.edp;
}

/* A cost above the limit need not be the true one. */
static bool price(hd_walk *w, const hd_draft *draft, unsigned moved, double limit, double *cost, double *tie)
{
    hd_live live;
    uint64_t hash = moved == HD_EVERY_DIM ? hash_of(w, draft, &live) : hash_beside(w, draft, moved, &live);
    hd_seen *seen = find(w->memory, hash);
    *cost = *tie = INFINITY;
    if (!seen) {
        if (hd_walk_over(w)) return false;
        seen = add(w->memory, hash);
        price_new(w, draft, moved, &live, limit, seen);
    } else if (is_above(seen) && seen->cost < limit) {
        price_again(w, draft, moved, &live, seen);
    }
    *cost = seen->cost;
    *tie = seen->tie;
    return !isinf(*cost);
}

bool hd_draft_adopt(const hd_form *from, const hd_draft *draft, const hd_form *to, hd_draft *out)
{
    *out = *draft;
    for (int d = 0; d < to->dims; d++) {
        int met = 0;
        for (int k = 0; k < to->slots[d]; k++) {
            int at = from->at[d][to->slot[d][k].level][to->slot[d][k].kind];
            out->span[d][k] = at >= 0 ? draft->span[d][at] : hd_draft_above(to, out, d, k);
            met += at >= 0;
        }
        if (met != from->slots[d] || !hd_draft_chain_holds(to, out, d)) return false;
    }
    return hd_draft_fans_hold(to, out);
}

void hd_walk_move(hd_walk *w, const hd_draft *draft, unsigned moved, double cost, double tie)
{
    w->at = *draft;
    w->cost = cost;
    w->tie = tie;
    hd_shown *shown = &w->memory->shown;
    bool beside = shown->place == w->place;
    w->place = ++w->memory->places;
    if (beside) shown->place = w->place;
    shown->stale |= moved;
    if (moved == HD_EVERY_DIM) trace_all(w->form, draft, &w->trace);
    else retrace(w->form, draft, moved, &w->trace);
}

bool hd_walk_stand(hd_walk *w, const hd_draft *draft)
{
    double cost, tie;
    if (!price(w, draft, HD_EVERY_DIM, INFINITY, &cost, &tie)) return false;
    hd_walk_move(w, draft, HD_EVERY_DIM, cost, tie);
    return true;
}

bool hd_walk_better(hd_walk *w, const hd_draft *draft, unsigned moved, double *cost, double *tie)
{
    if (!price(w, draft, moved, w->cost, cost, tie)) return false;
    return *cost < w->cost || (*cost == w->cost && *tie < w->tie);
}

bool hd_walk_try(hd_walk *w, const hd_draft *draft, unsigned moved)
{
    double cost, tie;
    if (!hd_walk_better(w, draft, moved, &cost, &tie)) return false;
    hd_walk_move(w, draft, moved, cost, tie);
    return true;
}

bool hd_walk_follow(hd_walk *w, const hd_lead *lead)
{
    hd_walk next = *w;
    bool found = false;
    for (int scaled = 0; scaled < 2; scaled++) {
        hd_draft draft;
        hd_scheme scheme;
        if (!hd_draft_follow(w->form, lead, scaled, &draft) || !hd_draft_make_fit(w->form, w->random, w->inc, &draft, &scheme))
            continue;
        if (!hd_walk_stand(&next, &draft)) continue;
        if (!found || next.cost < w->cost) *w = next;
        found = true;
    }
    return found;
}
