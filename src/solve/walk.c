/* Standing, comparing, moving: see walk.h. */
#include "solve/walk.h"

#include <assert.h>
#include <math.h>

bool hd_walk_over(hd_walk *w) { return w->budget->used >= w->limit || hd_budget_out(w->budget); }

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

bool hd_walk_remember(hd_walk *w, hd_arena *arena, int64_t prices)
{
    enum { MOST = 1 << 15, EACH = 4 };
    for (w->entries = 1; w->entries < MOST && (int64_t)w->entries / EACH < prices;) w->entries *= 2;
    w->seen = hd_arena_alloc(arena, w->entries, sizeof *w->seen);
    return w->seen != NULL;
}

/* Spans of one dim as a sum with odd factors, whose products do not wait for each other; which levels loop over it. */
static hd_trace trace_of(const hd_form *form, const hd_draft *draft, int dim)
{
    const hd_slot *slot = form->slot[dim];
    const int64_t *span = draft->span[dim];
    int64_t above = form->space->problem->op->dim[dim].extent;
    uint64_t factor = 0x9e3779b97f4a7c15u;
    hd_trace trace = {0, 0};
    for (int k = 0; k < form->slots[dim]; k++, factor += 0xbf58476d1ce4e5bau) {
        trace.sum += (uint64_t)span[k] * factor;
        trace.loops |= (unsigned)(span[k] < above && slot[k].kind == HD_SLOT_UPDATE) << slot[k].level;
        above = span[k];
    }
    return trace;
}

/* Spans, keeps and the order of loops that count: equal hashes, equal schemes.  Never 0. */
static uint64_t hash_of(const hd_walk *w, const hd_draft *draft, unsigned moved)
{
    const hd_form *form = w->form;
    unsigned loops[HD_MAX_DIMS];
    uint64_t h = 1 + w->form_number;
    for (int d = 0; d < form->dims; d++) {
        hd_trace trace = moved >> d & 1u ? trace_of(form, draft, d) : w->trace[d];
        assert(trace.sum == trace_of(form, draft, d).sum);
        loops[d] = trace.loops;
        h = mix(h, trace.sum);
    }
    for (int l = 0; l < form->levels; l++) {
        uint64_t order = draft->keep[l];
        for (int i = 0; form->ordered[l] && i < form->dims; i++) {
            unsigned dim = draft->order[l][i];
            if (loops[dim] >> l & 1u) order = order * (HD_MAX_DIMS + 1) + dim + 1;
        }
        h = mix(h, order);
    }
    return h ? h : 1;
}

/* Is only known that it costs more than that? */
static bool is_above(const hd_seen *seen) { return isinf(seen->tie) && !isinf(seen->cost); }

/* A cost above the limit need not be the true one.  What is not in the space is known as such the next time, too. */
static bool price(hd_walk *w, const hd_draft *draft, unsigned moved, double limit, double *cost, double *tie)
{
    hd_scheme scheme;
    hd_breakdown p;
    uint64_t hash = hash_of(w, draft, moved);
    hd_seen *seen = &w->seen[hash & (w->entries - 1)];
    *cost = *tie = INFINITY;
    if (seen->hash != hash) {
        if (hd_walk_over(w)) return false;
        *seen = (hd_seen){hash, INFINITY, INFINITY};
        if (hd_draft_fans_hold(w->form, draft) && hd_draft_decode(w->form, draft, &scheme) &&
            hd_incumbent_fits(w->inc, &scheme)) {
            seen->cost = hd_incumbent_take_below(w->inc, w->budget, &scheme, limit, &p);
            seen->tie = p.edp;
        }
    } else if (is_above(seen) && seen->cost < limit && hd_draft_decode(w->form, draft, &scheme)) { /* counted when it was new */
        hd_pricer_price(&w->inc->pricer, &scheme, &p);
        seen->cost = hd_price_objective(&p, w->inc->objective);
        seen->tie = p.edp;
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
    for (int d = 0; d < w->form->dims; d++)
        if (moved >> d & 1u) w->trace[d] = trace_of(w->form, draft, d);
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
