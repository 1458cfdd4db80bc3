/* Build the nest: digits of all dimensions with their place in time. */
#include "cost/native/nest.h"

#include <assert.h>

static void set(nest_digit *d, int64_t shift, int64_t count, int level, int time, unsigned stack)
{
    d->shift = shift;
    d->count = count;
    d->level = level;
    d->time = time;
    d->stack = stack;
}

/* Put a digit among those of its level by falling shift.  Of equal ones all but one have one index only and are left
 * out: the stack that counts stays, else the loop that comes first in time (dataflow/radix.c says why). */
static void squeeze(nest_dim *nd, int64_t shift, int64_t count, int level, int time, unsigned stack)
{
    int k = nd->digits;
    while (k > 0 && nd->digit[k - 1].level == level && nd->digit[k - 1].shift < shift) k--;
    bool same = k > 0 && nd->digit[k - 1].level == level && nd->digit[k - 1].shift == shift;
    if (same && (count <= 1 || nd->digit[k - 1].count > 1)) return;
    if (same) {
        k--;
    } else {
        assert(nd->digits < HD_MAX_DIGITS);
        for (int i = nd->digits++; i > k; i--) nd->digit[i] = nd->digit[i - 1];
    }
    set(&nd->digit[k], shift, count, level, time, stack);
}

/* Most digits are the first of their dim at a level. */
static inline void insert(nest_dim *nd, int64_t shift, int64_t count, int level, int time, unsigned stack)
{
    if (nd->digits == 0 || nd->digit[nd->digits - 1].level < level) {
        assert(nd->digits < HD_MAX_DIGITS);
        set(&nd->digit[nd->digits++], shift, count, level, time, stack);
    } else {
        squeeze(nd, shift, count, level, time, stack);
    }
}

static bool keep_short(nest_rest *rest, int64_t extent, int64_t pieces)
{
    int i = 0;
    while (i < rest->shorts && rest->of[i].extent != extent) i++;
    if (i < rest->shorts) return rest->of[i].pieces += pieces, true;
    if (i == NEST_SHORTS) return false;
    rest->of[rest->shorts].extent = extent;
    rest->of[rest->shorts++].pieces = pieces;
    return true;
}

/* Every index of a digit cuts a piece of its own out of those behind the digit before, whose full ones span so much. */
static bool cut_rest(const nest_rest *from, int64_t span, int64_t shift, nest_rest *to)
{
    int64_t count = span / shift, left = span - count * shift;
    bool few = true;
    to->full = from->full * count;
    to->shorts = 0;
    for (int i = 0; i < from->shorts; i++) {
        int64_t extent = from->of[i].extent, indices = extent / shift;
        to->full += from->of[i].pieces * indices;
        extent -= indices * shift;
        if (extent > 0) few &= keep_short(to, extent, from->of[i].pieces);
    }
    if (left > 0) few &= keep_short(to, left, from->full);
    return few;
}

static int64_t shortest(const nest_rest *rest, int64_t span)
{
    int64_t least = rest->full > 0 ? span : INT64_MAX;
    for (int i = 0; i < rest->shorts; i++) least = rest->of[i].extent < least ? rest->of[i].extent : least;
    return least;
}

static int64_t pieces_of(const nest_rest *rest)
{
    int64_t pieces = rest->full;
    for (int i = 0; i < rest->shorts; i++) pieces += rest->of[i].pieces;
    return pieces;
}

/* More different pieces than a rest has room for. */
static void cut_slowly(nest *n, int dim, int i, int64_t least)
{
    nest_dim *nd = &n->dim[dim];
    nest_digit *g = &nd->digit[i];
    cutting c;
    nd->rest[i].shorts = -1;
    hd_nest_cut(n, dim, i, &c);
    if (g->time >= 0) n->loop[g->time].firm = hd_cutting_shortest(&c) > least;
    hd_cutting_all(&c, g->shift);
    g->pieces = hd_cutting_pieces(&c);
}

/* From the first digit on that does not divide: pieces, and which loops are firm: with a second index in every piece.
 * With units inside it has to be a whole one, lest some of them miss it. */
static void cut_digits(nest *n, int dim, int last_stack, int64_t span)
{
    nest_dim *nd = &n->dim[dim];
    nest_rest whole = {.full = nd->even_digits > 0 ? nd->digit[nd->even_digits - 1].pieces : 1};
    const nest_rest *outside = &whole;
    for (int i = nd->even_digits; i < nd->digits; span = nd->digit[i].shift, outside = &nd->rest[i++]) {
        nest_digit *g = &nd->digit[i];
        int64_t least = i < last_stack ? 2 * g->shift - 1 : g->shift;
        if (outside->shorts < 0 || !cut_rest(outside, span, g->shift, &nd->rest[i])) {
            cut_slowly(n, dim, i, least);
            continue;
        }
        if (g->time >= 0) n->loop[g->time].firm = nd->in_order && shortest(outside, span) > least;
        g->pieces = pieces_of(&nd->rest[i]);
    }
    for (int i = 0; i < nd->digits && !nd->in_order; i++) /* in any other order all may stay where it is */
        if (nd->digit[i].time >= 0) n->loop[nd->digit[i].time].firm = false;
}

/* Steps of unit 0, and units of each level, of a ragged dim with stacks: what is cut from the first one on. */
static void count_units(nest *n, int dim, int last_stack)
{
    const nest_dim *nd = &n->dim[dim];
    cutting steps, units;
    int i = 0;
    while (nd->digit[i].time >= 0) i++;
    if (i == last_stack && i == nd->digits - 1) { /* unit 0 has all that loops cut */
        for (int l = nd->digit[i].level; l <= n->mac; l++) n->used[l] *= nd->digit[i].count;
        n->steps *= i > 0 ? nd->digit[i - 1].pieces : 1;
        return;
    }
    hd_nest_cut(n, dim, i, &steps);
    hd_cutting_start(&units, i > 0 ? nd->digit[i - 1].shift : n->p->op->dim[dim].extent);
    for (int l = nd->digit[i].level; l <= n->mac; l++) {
        for (; i < nd->digits && nd->digit[i].level == l; i++) {
            bool loop = nd->digit[i].time >= 0;
            (loop ? hd_cutting_all : hd_cutting_first)(&steps, nd->digit[i].shift);
            (loop ? hd_cutting_first : hd_cutting_all)(&units, nd->digit[i].shift);
        }
        n->used[l] *= hd_cutting_pieces(&units);
    }
    n->steps *= hd_cutting_pieces(&steps);
}

/* The same where every shift divides. */
static void multiply_units(nest *n, const nest_dim *nd)
{
    int64_t units = 1;
    for (int l = 1, i = 0; l <= n->mac; l++) {
        for (; i < nd->digits && nd->digit[i].level == l; i++)
            *(nd->digit[i].time >= 0 ? &n->steps : &units) *= nd->digit[i].count;
        n->used[l] *= units;
    }
}

/* Counts follow from the spans; returns the number of the last stack, and the span above the first digit that does not
 * divide. */
static int count_digits(nest *n, int dim, int64_t *ragged_span)
{
    nest_dim *nd = &n->dim[dim];
    int64_t span = n->p->op->dim[dim].extent, pieces = 1;
    int latest = -1, last_stack = -1, even = nd->digits;
    unsigned stacks = 0;
    unsigned outside = 0; /* stacks with a loop of their level inside: two on one axis share a bit */
    bool in_order = true;
    for (int i = 0; i < nd->digits; i++) {
        nest_digit *g = &nd->digit[i];
        int64_t count = span / g->shift;
        if (count * g->shift != span) {
            count++;
            if (even == nd->digits) even = i, *ragged_span = span;
        }
        g->count = count;
        g->pieces = pieces *= count;
        span = g->shift;
        stacks |= g->stack;
        if (g->time < 0) {
            last_stack = i;
            n->split[g->level] |= 1u << dim;
            continue;
        }
        outside |= stacks & ~(NEST_STACK(g->level, 0) - 1);
        n->loop[g->time].count = count;
        in_order &= g->time > latest;
        latest = g->time;
    }
    nd->even_digits = even;
    nd->even_to = even < nd->digits ? nd->digit[even].level - 1 : n->mac;
    nd->in_order = in_order;
    nd->stacks = stacks;
    nd->trailing = stacks & ~outside;
    return last_stack;
}

static void finish(nest *n, int dim)
{
    nest_dim *nd = &n->dim[dim];
    int64_t ragged_span = 0, pieces = 1;
    int last_stack = count_digits(n, dim, &ragged_span), l = 0;
    bool ragged = nd->even_digits < nd->digits;
    if (ragged) cut_digits(n, dim, last_stack, ragged_span);
    for (int i = 0; i < nd->digits; pieces = nd->digit[i++].pieces)
        while (l < nd->digit[i].level) nd->pieces[l++] = pieces;
    while (l <= n->mac) nd->pieces[l++] = pieces;
    if (last_stack < 0)
        n->steps *= pieces;
    else if (ragged)
        count_units(n, dim, last_stack);
    else
        multiply_units(n, nd);
}

/* A shift as large as the box outside has one index only: no digit. */
static void add_level(nest *n, const hd_scheme *s, int level)
{
    const hd_scheme_level *l = &s->level[level];
    const int64_t *outside = s->level[level - 1].tensor;
    for (int i = l->updates - 1; i >= 0; i--) { /* listed innermost first */
        const hd_update *u = &l->update[i];
        if (u->step >= outside[u->dim]) continue;
        assert(n->loops < HD_MAX_LOOPS);
        nest_loop *loop = &n->loop[n->loops];
        loop->dim = u->dim;
        loop->firm = true;
        loop->count = 1;
        loop->shift = u->step;
        insert(&n->dim[u->dim], u->step, 1, level, n->loops++, 0);
    }
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *u = &l->stack[i];
        if (u->shift >= outside[u->dim]) continue;
        insert(&n->dim[u->dim], u->shift, u->copies, level, -1, NEST_STACK(level, u->axis));
    }
    n->loops_to[level] = n->loops;
}

void hd_nest_build(nest *n, const native_ready *ready, const hd_scheme *s)
{
    const hd_problem *p = ready->p;
    n->ready = ready;
    n->p = p;
    n->s = s;
    n->mac = s->levels - 1;
    n->loops = n->loops_to[0] = 0;
    n->split[0] = n->stacks = n->turning = 0;
    n->steps = n->used[0] = 1;
    for (int d = 0; d < p->op->dims; d++) n->dim[d].digits = 0;
    for (int l = 1; l <= n->mac; l++) {
        n->split[l] = 0;
        n->used[l] = 1;
        add_level(n, s, l);
    }
    for (int d = 0; d < p->op->dims; d++) {
        finish(n, d);
        n->stacks |= n->dim[d].stacks;
        n->turning |= n->dim[d].digits > 0 ? 1u << d : 0;
    }
    for (int l = 1; l <= n->mac; l++) n->split[l] |= n->split[l - 1];
}

int64_t hd_nest_groups(const nest_dim *nd, int level)
{
    int64_t groups = 1;
    for (int i = 0; i < nd->digits && nd->digit[i].level <= level; i++)
        if (nd->digit[i].level < level || !(nd->digit[i].stack & nd->trailing)) groups = nd->digit[i].pieces;
    return groups;
}

unsigned hd_nest_ragged(const nest *n)
{
    unsigned dims = 0;
    for (int d = 0; d < n->p->op->dims; d++) dims |= n->dim[d].even_to < n->mac ? 1u << d : 0;
    return dims;
}

void hd_nest_cut(const nest *n, int dim, int digits, cutting *c)
{
    const nest_dim *nd = &n->dim[dim];
    hd_cutting_start(c, n->p->op->dim[dim].extent);
    if (digits == 0) return;
    const nest_rest *rest = &nd->rest[digits - 1];
    bool ragged = digits > nd->even_digits;
    if (ragged && rest->shorts < 0) {
        for (int i = 0; i < digits; i++) hd_cutting_all(c, nd->digit[i].shift);
        return;
    }
    c->extent = nd->digit[digits - 1].shift;
    c->pieces = ragged ? rest->full : nd->digit[digits - 1].pieces;
    c->shorts = ragged ? rest->shorts : 0;
    for (int i = 0; i < c->shorts; i++) {
        c->rest[i].extent = rest->of[i].extent;
        c->rest[i].pieces = rest->of[i].pieces;
    }
}
