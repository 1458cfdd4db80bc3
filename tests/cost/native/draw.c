/* See draw.h.  Nothing here asks the code under test but for the digits, which test_nest.c checks. */
#include "draw.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"

static int64_t below(hd_random *r, int64_t n) { return hd_random_below(r, n); }

static void draw_chip(hd_random *r, hd_arch *a)
{
    memset(a, 0, sizeof *a);
    a->levels = 2 + (int)below(r, 3);
    for (int l = 0; l < a->levels; l++) {
        hd_level *level = &a->level[l];
        hd_arch_default_level(level);
        for (int axis = 0; axis < HD_AXES; axis++) {
            level->multicast[axis] = (unsigned)below(r, 16);
            level->reduce[axis] = below(r, 2);
        }
    }
}

/* Loops are listed at random, so they may come in time in another order than in the radix. */
static bool add_loop(hd_random *r, hd_scheme_level *l, int dim, int64_t step)
{
    if (l->updates == HD_MAX_UPDATES) return false;
    int at = (int)below(r, ++l->updates);
    memmove(l->update + at + 1, l->update + at, (size_t)(l->updates - 1 - at) * sizeof *l->update);
    l->update[at] = (hd_update){dim, step};
    return true;
}

/* One digit around the `span` inside; returns the span outside. */
static int64_t add_digit(hd_random *r, drawn *w, int dim, int level, int64_t span, bool ragged)
{
    hd_scheme_level *l = &w->scheme.level[level];
    int64_t count = 2 + (below(r, 3) == 0 ? below(r, 3) : 0);
    int64_t outside = count * span - (ragged && span > 1 && below(r, 2) ? 1 + below(r, span - 1) : 0);
    if (outside > DRAW_EXTENT) return span;
    if (below(r, 2)) return add_loop(r, l, dim, span) ? outside : span;
    int axis = (int)below(r, HD_AXES);
    if (l->stacks == HD_MAX_STACKS) return span;
    l->stack[l->stacks++] = (hd_stack){dim, axis, span, count};
    w->arch.level[level].fan[axis] *= count;
    return outside;
}

void draw_nest(hd_random *r, int dims, bool ragged, drawn *w)
{
    memset(w, 0, sizeof *w);
    draw_chip(r, &w->arch);
    w->op = (hd_operator){.kind = HD_CONV, .dims = dims};
    w->problem = (hd_problem){.op = &w->op, .arch = &w->arch};
    w->scheme.levels = w->arch.levels;
    w->op.tensor[HD_O].used = true;
    for (int d = 0; d < dims; d++) {
        int64_t span = 1;
        snprintf(w->op.dim[d].name, sizeof w->op.dim[d].name, "%c", 'A' + d);
        for (int l = w->arch.levels - 1; l > 0; l--) {
            w->scheme.level[l].tensor[d] = span;
            /* one index only: another digit has its shift, or the box outside is as large */
            if (below(r, 4) == 0) add_loop(r, &w->scheme.level[l], d, span);
            for (int64_t tries = below(r, 4); tries > 0; tries--) span = add_digit(r, w, d, l, span, ragged);
        }
        w->scheme.level[0].tensor[d] = w->op.dim[d].extent = span;
        hd_rank *rank = &w->op.tensor[HD_O].rank[w->op.tensor[HD_O].ranks++];
        *rank = (hd_rank){.terms = 1, .extent = span};
        rank->term[0].dim = d;
        rank->term[0].coef = 1;
    }
    bool legal = hd_scheme_is_legal(&w->problem, &w->scheme, NULL);
    assert(legal);
    (void)legal;
    hd_native_ready(&w->ready, &w->problem);
    hd_nest_build(&w->n, &w->ready, &w->scheme);
}

bool brute_piece(const nest_dim *nd, int digits, int64_t extent, const int64_t *index, int64_t *lo, int64_t *hi)
{
    *lo = 0;
    *hi = extent;
    for (int i = 0; i < digits; i++) {
        *lo += index[i] * nd->digit[i].shift;
        *hi = hd_count_min(*hi, *lo + nd->digit[i].shift);
        if (*lo >= *hi) return false;
    }
    return true;
}

bool brute_next(const nest_dim *nd, unsigned digits, int64_t *index)
{
    for (int i = nd->digits - 1; i >= 0; i--) {
        if (!(digits >> i & 1u)) continue;
        if (++index[i] < nd->digit[i].count) return true;
        index[i] = 0;
    }
    return false;
}

int brute_digits_to(const nest_dim *nd, int level)
{
    int digits = 0;
    while (digits < nd->digits && nd->digit[digits].level <= level) digits++;
    return digits;
}

/* Which of two indices comes later in time? */
static bool is_later(const nest *n, const nest_dim *nd, unsigned loops, const int64_t *a, const int64_t *b)
{
    for (int time = 0; time < n->loops; time++)
        for (int i = 0; i < nd->digits; i++)
            if ((loops >> i & 1u) && nd->digit[i].time == time && a[i] != b[i]) return a[i] > b[i];
    return false;
}

/* The last tile that the unit had while the loops ran. */
static void last_piece(const nest *n, const nest_dim *nd, int digits, int64_t extent, unsigned loops, int64_t *index,
                       class_unit *u)
{
    int64_t latest[HD_MAX_DIGITS], lo, hi;
    bool found = false;
    do {
        if (!brute_piece(nd, digits, extent, index, &lo, &hi) || (found && !is_later(n, nd, loops, index, latest))) continue;
        found = true;
        memcpy(latest, index, sizeof latest);
        u->old_lo = lo;
        u->old_hi = hi;
    } while (brute_next(nd, loops, index));
    assert(found);
}

typedef struct split { unsigned free, merged, restarted; int own; } split;

static split split_digits(const nest *n, int dim, const nest_view *v, int cut, int own, int64_t *index)
{
    split s = {0, 0, 0, -1};
    for (int i = 0; i < n->dim[dim].digits && n->dim[dim].digit[i].level <= v->event; i++) {
        const nest_digit *g = &n->dim[dim].digit[i];
        unsigned bit = 1u << i;
        if (g->time < 0 && g->level <= v->fixed)
            index[i] = v->at[dim][i];
        else if (g->time < 0)
            *(g->stack & v->merge ? &s.merged : &s.free) |= bit;
        else if (g->time == own)
            s.own = i, s.free |= bit;
        else
            *(g->time < cut ? &s.free : &s.restarted) |= bit;
    }
    return s;
}

int brute_states(const nest *n, int dim, const nest_view *v, int cut, int own, brute_state out[DRAW_EXTENT])
{
    const nest_dim *nd = &n->dim[dim];
    int64_t index[HD_MAX_DIGITS] = {0}, extent = n->p->op->dim[dim].extent;
    int states = 0, digits = brute_digits_to(nd, v->event);
    split s = split_digits(n, dim, v, cut, own, index);
    do {
        brute_state state = {.units = 0};
        if (s.own >= 0 && index[s.own] == 0) continue;
        do {
            class_unit u;
            if (!brute_piece(nd, digits, extent, index, &u.lo, &u.hi)) continue;
            if (s.own >= 0) index[s.own]--;
            last_piece(n, nd, digits, extent, s.restarted, index, &u);
            if (s.own >= 0) index[s.own]++;
            state.unit[state.units++] = u;
        } while (brute_next(nd, s.merged, index));
        assert(state.units == 0 || states < DRAW_EXTENT);
        if (state.units > 0) out[states++] = state;
    } while (brute_next(nd, s.free, index));
    return states;
}
