/* Standing, comparing, moving: see walk.h. */
#include "solve/walk.h"

#include <assert.h>
#include <math.h>
#include <string.h>

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

/* Spans, keeps and the order of loops that count: equal hashes, equal schemes.  Levels that keep and loop as where the walk
 * stands are not looked at again.  Never 0. */
static uint64_t hash_of(const hd_walk *w, const hd_trial *t)
{
    const hd_form *form = w->form;
    const hd_trace *at = &w->trace;
    uint64_t h = 1 + w->form_number + t->trace.sum;
    for (int l = 0; l < form->levels; l++) {
        unsigned loops = t->trace.live.loops[l];
        bool same = loops == at->live.loops[l] && !(t->reordered >> l & 1u);
        h = hd_trace_mix(h, same ? at->level[l] : hd_trace_level(form, &t->draft, l, loops));
    }
    return h ? h : 1;
}

/* Is only known that it costs more than that? */
static bool is_above(const hd_seen *seen) { return isinf(seen->tie) && !isinf(seen->cost); }

/* The scheme of a trial, written over the last one; NULL where it is not in the space. */
static const hd_scheme *show(hd_walk *w, const hd_trial *t)
{
    hd_shown *shown = &w->memory->shown;
    unsigned stale = shown->place == w->place ? shown->stale | t->moved : HD_EVERY_DIM;
    shown->place = w->place;
    shown->stale = t->moved;
    return hd_draft_decode_live(w->form, &t->draft, &t->trace.live, stale, &shown->scheme) ? &shown->scheme : NULL;
}

/* Not in the space, too large or priced: what is not in the space is known as such the next time, too. */
static void price_new(hd_walk *w, const hd_trial *t, double limit, hd_seen *out)
{
    hd_breakdown p;
    if (!hd_draft_fans_hold_beside(w->form, &w->at, &t->draft, t->moved, &t->trace.live)) return;
    const hd_scheme *scheme = show(w, t);
    if (!scheme || !hd_incumbent_fits(w->inc, scheme)) return;
    out->cost = hd_incumbent_take_below(w->inc, w->budget, scheme, limit, &p);
    out->tie = p.edp;
}

/* What was only known to be above something: it was counted when it was new. */
static void price_again(hd_walk *w, const hd_trial *t, hd_seen *out)
{
    hd_breakdown p;
    const hd_scheme *scheme = show(w, t);
    if (!scheme) return;
    hd_pricer_price(&w->inc->pricer, scheme, &p);
    out->cost = hd_price_objective(&p, w->inc->objective);
    out->tie = p.edp;
}

/* What is known of a trial now, NULL where the walk is over; a cost above the limit need not be the true one. */
static const hd_seen *price(hd_walk *w, const hd_trial *t, double limit)
{
    uint64_t hash = hash_of(w, t);
    hd_seen *seen = find(w->memory, hash);
    if (!seen) {
        if (hd_walk_over(w)) return NULL;
        seen = add(w->memory, hash);
        price_new(w, t, limit, seen);
    } else if (is_above(seen) && seen->cost < limit) {
        price_again(w, t, seen);
    }
    return seen;
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

/* What is shown is told by its difference to another place now. */
static void go(hd_walk *w, unsigned moved)
{
    hd_shown *shown = &w->memory->shown;
    bool beside = shown->place == w->place;
    w->place = ++w->memory->places;
    if (beside) shown->place = w->place;
    shown->stale |= moved;
}

/* Stand on a trial whose price is known. */
static void stand(hd_walk *w, hd_trial *t, double cost, double tie)
{
    hd_trace_levels(w->form, &t->draft, &t->trace);
    w->at = t->draft;
    w->trace = t->trace;
    w->cost = cost;
    w->tie = tie;
    go(w, t->moved);
    t->moved = t->reordered = 0;
}

/* A trial of a draft from anywhere. */
static void begin_anew(const hd_form *form, const hd_draft *draft, hd_trial *out)
{
    out->draft = *draft;
    hd_trace_dims(form, draft, &out->trace);
    out->moved = HD_EVERY_DIM;
    out->reordered = ~0u;
}

void hd_walk_begin(const hd_walk *w, hd_trial *out)
{
    out->draft = w->at;
    out->trace = w->trace;
    out->moved = out->reordered = 0;
}

void hd_walk_return(const hd_walk *w, hd_trial *t, int dim)
{
    const hd_trace *at = &w->trace;
    for (int k = 0; k < w->form->slots[dim]; k++) t->draft.span[dim][k] = w->at.span[dim][k];
    t->moved &= ~(1u << dim);
    t->trace.sum += at->spans[dim] - t->trace.spans[dim];
    t->trace.spans[dim] = at->spans[dim];
    hd_live_set(w->form, dim, at->live.slots[dim], &t->trace.live);
}

void hd_walk_return_level(const hd_walk *w, hd_trial *t, int level)
{
    memcpy(t->draft.order[level], w->at.order[level], sizeof *t->draft.order);
    t->draft.keep[level] = w->at.keep[level];
    t->reordered &= ~(1u << level);
}

bool hd_walk_stand(hd_walk *w, const hd_draft *draft)
{
    hd_trial t;
    begin_anew(w->form, draft, &t);
    const hd_seen *seen = price(w, &t, INFINITY);
    if (!seen || isinf(seen->cost)) return false;
    stand(w, &t, seen->cost, seen->tie);
    return true;
}

static bool is_better(const hd_walk *w, const hd_seen *seen)
{
    return seen && (seen->cost < w->cost || (seen->cost == w->cost && seen->tie < w->tie));
}

bool hd_walk_better(hd_walk *w, const hd_trial *t, double *cost, double *tie)
{
    const hd_seen *seen = price(w, t, w->cost);
    *cost = seen ? seen->cost : INFINITY;
    *tie = seen ? seen->tie : INFINITY;
    return is_better(w, seen);
}

bool hd_walk_try(hd_walk *w, hd_trial *t)
{
    const hd_seen *seen = price(w, t, w->cost);
    if (!is_better(w, seen)) return false;
    stand(w, t, seen->cost, seen->tie);
    return true;
}

bool hd_walk_stand_if_better(hd_walk *w, const hd_draft *draft)
{
    hd_trial t;
    begin_anew(w->form, draft, &t);
    return hd_walk_try(w, &t);
}

void hd_walk_move(hd_walk *w, const hd_draft *draft, double cost, double tie)
{
    hd_trial t;
    begin_anew(w->form, draft, &t);
    stand(w, &t, cost, tie);
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
