/* Build the nest: digits of all dimensions with their place in time.
 *
 * Most digits are the innermost of their dim when they come, and are counted at once.  A dim is counted when all are there only
 * where a level lists them in another order. */
#include "cost/native/nest.h"

#include <assert.h>
#include <string.h>

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
static void squeeze(nest *n, nest_dim *nd, int64_t shift, int64_t copies, int level, int time, unsigned stack)
{
    int k = nd->digits;
    while (k > 0 && nd->digit[k - 1].level == level && nd->digit[k - 1].shift < shift) k--;
    nest_digit *same = k > 0 && nd->digit[k - 1].level == level && nd->digit[k - 1].shift == shift ? &nd->digit[k - 1] : NULL;
    if (same && (copies <= 1 || (same->stack && same->count > 1))) return;
    if (same) {
        if (same->time >= 0) { /* its loop has but one */
            n->loop[same->time].count = 1;
            n->loop[same->time].last = 0;
        }
        k--;
    } else {
        assert(nd->digits < HD_MAX_DIGITS);
        for (int i = nd->digits++; i > k; i--) nd->digit[i] = nd->digit[i - 1];
    }
    set(&nd->digit[k], shift, copies, level, time, stack);
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

/* Every index of a digit cuts a piece of its own out of those behind the digit before, whose full ones have room for `count`
 * and what is left. */
static bool cut_rest(const nest_rest *from, int64_t count, int64_t left, int64_t shift, nest_rest *to)
{
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

/* More different pieces than a rest has room for.  Returns the shortest one outside. */
static int64_t cut_slowly(nest *n, int dim, int i)
{
    nest_dim *nd = &n->dim[dim];
    cutting c;
    nd->rest[i].shorts = -1;
    hd_nest_cut(n, dim, i, &c);
    int64_t least = hd_cutting_shortest(&c);
    hd_cutting_all(&c, nd->digit[i].shift);
    nd->digit[i].pieces = hd_cutting_pieces(&c);
    return least;
}

/* What is left of a piece is no index to count on where units lie inside: some of them miss it. */
static inline void set_last(nest *n, nest_dim *nd, int i, int64_t last, bool whole)
{
    n->loop[nd->digit[i].time].last = last;
    if (last > 0 && !whole) nd->unsure |= 1u << i;
}

/* The first digit that does not divide: all pieces outside are alike. */
static inline void cut_first(nest *n, int dim, int i, int64_t count, int64_t left, int64_t outer)
{
    nest_dim *nd = &n->dim[dim];
    nd->even_to = nd->digit[i].level - 1;
    nd->rest[i].full = outer * count;
    nd->rest[i].shorts = 1;
    nd->rest[i].of[0].extent = left;
    nd->rest[i].of[0].pieces = outer;
    nd->digit[i].pieces = outer * (count + 1);
    if (nd->digit[i].time >= 0) set_last(n, nd, i, count, false);
}

/* From then on: pieces, and the last index that a loop has in every piece. */
static void cut_next(nest *n, int dim, int i, int64_t count, int64_t left)
{
    nest_dim *nd = &n->dim[dim];
    nest_digit *g = &nd->digit[i];
    const nest_rest *outside = &nd->rest[i - 1];
    int64_t least;
    if (outside->shorts >= 0 && cut_rest(outside, count, left, g->shift, &nd->rest[i])) {
        g->pieces = pieces_of(&nd->rest[i]);
        least = shortest(outside, count * g->shift + left);
    } else {
        least = cut_slowly(n, dim, i);
    }
    if (g->time < 0) return;
    int64_t last = (least - 1) / g->shift;
    set_last(n, nd, i, last, least == (last + 1) * g->shift);
}

static void count_stack(nest *n, int dim, int i)
{
    nest_dim *nd = &n->dim[dim];
    nd->stacks |= nd->digit[i].stack;
    nd->last_stack = i;
    n->split[nd->digit[i].level] |= 1u << dim;
    for (; nd->unsure; nd->unsure &= nd->unsure - 1) n->loop[nd->digit[__builtin_ctz(nd->unsure)].time].last--;
}

/* Digit i of a dim, the innermost so far.  `pieces` of its level: those outside, then its own. */
static inline void count_digit(nest *n, int dim, int i)
{
    nest_dim *nd = &n->dim[dim];
    nest_digit *g = &nd->digit[i];
    int64_t *pieces = &n->pieces[g->level][dim], count = nd->span / g->shift, left = nd->span - count * g->shift;
    nd->span = g->shift;
    g->count = count + (left > 0);
    if (i > nd->even_digits) {
        cut_next(n, dim, i, count, left);
    } else if (left > 0) {
        cut_first(n, dim, i, count, left, *pieces);
    } else {
        nd->even_digits++;
        g->pieces = *pieces * count;
        if (g->time >= 0) n->loop[g->time].last = count - 1;
    }
    *pieces = g->pieces;
    if (g->time < 0) {
        count_stack(n, dim, i);
        return;
    }
    n->loop[g->time].count = g->count;
    nd->outside |= nd->stacks & ~(NEST_STACK(g->level, 0) - 1);
    nd->in_order &= g->time > nd->latest;
    nd->latest = g->time;
}

static void clear_dim(nest *n, int dim)
{
    nest_dim *nd = &n->dim[dim];
    nd->even_digits = 0;
    nd->even_to = n->mac;
    nd->in_order = true;
    nd->stacks = nd->outside = nd->unsure = 0;
    nd->latest = nd->last_stack = -1;
    nd->span = n->p->op->dim[dim].extent;
}

/* All digits anew, where one was not the innermost when it came. */
static void recount(nest *n, int dim)
{
    const nest_dim *nd = &n->dim[dim];
    int64_t pieces = 1;
    int l = 0;
    clear_dim(n, dim);
    for (int i = 0; i < nd->digits; pieces = nd->digit[i++].pieces) {
        const nest_digit *g = &nd->digit[i];
        while (l <= g->level) n->pieces[l++][dim] = pieces;
        count_digit(n, dim, i);
    }
    while (l <= n->mac) n->pieces[l++][dim] = pieces;
}

/* Steps of unit 0, and units of each level, of a ragged dim with stacks: what is cut from the first one on. */
static void count_units(nest *n, int dim)
{
    const nest_dim *nd = &n->dim[dim];
    cutting steps, units;
    int i = 0;
    while (nd->digit[i].time >= 0) i++;
    bool alone = i == nd->last_stack;
    if (alone)
        for (int l = nd->digit[i].level; l <= n->mac; l++) n->used[l] *= nd->digit[i].count;
    if (alone && i == nd->digits - 1) { /* unit 0 has all that loops cut */
        n->steps *= i > 0 ? nd->digit[i - 1].pieces : 1;
        return;
    }
    hd_nest_cut(n, dim, i, &steps);
    for (int k = i; k < nd->digits; k++)
        (nd->digit[k].time >= 0 ? hd_cutting_all : hd_cutting_first)(&steps, nd->digit[k].shift);
    n->steps *= hd_cutting_pieces(&steps);
    hd_cutting_start(&units, i > 0 ? nd->digit[i - 1].shift : n->p->op->dim[dim].extent);
    for (int l = nd->digit[i].level; l <= n->mac && !alone; l++) {
        for (; i < nd->digits && nd->digit[i].level == l; i++)
            (nd->digit[i].time >= 0 ? hd_cutting_first : hd_cutting_all)(&units, nd->digit[i].shift);
        n->used[l] *= hd_cutting_pieces(&units);
    }
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

static void finish(nest *n, int dim)
{
    nest_dim *nd = &n->dim[dim];
    bool ragged = nd->even_digits < nd->digits;
    nd->trailing = nd->stacks & ~nd->outside;
    n->stacks |= nd->stacks;
    n->turning |= nd->digits > 0 ? 1u << dim : 0;
    for (int i = 0; i < nd->digits && ragged && !nd->in_order; i++) /* in any other order all may stay where it is */
        if (nd->digit[i].time >= 0) n->loop[nd->digit[i].time].last = 0;
    if (!nd->stacks)
        n->steps *= n->pieces[n->mac][dim];
    else if (ragged)
        count_units(n, dim);
    else
        multiply_units(n, nd);
}

/* `copies`: of a stack; 0 of a loop.  Dims to count anew are noted in `unsorted`. */
static inline void add_digit(nest *n, int dim, int64_t shift, int64_t copies, int level, int time, unsigned stack,
                             unsigned *unsorted)
{
    nest_dim *nd = &n->dim[dim];
    int i = nd->digits;
    bool innermost = i == 0 || nd->digit[i - 1].level < level || nd->digit[i - 1].shift > shift;
    if (!innermost || copies == 1) *unsorted |= 1u << dim;
    if (!innermost) {
        squeeze(n, nd, shift, copies, level, time, stack);
        return;
    }
    assert(i < HD_MAX_DIGITS);
    set(&nd->digit[nd->digits++], shift, copies, level, time, stack);
    if (!(*unsorted >> dim & 1u)) count_digit(n, dim, i);
}

/* A shift as large as the box outside has one index only: no digit. */
static void add_level(nest *n, const hd_scheme *s, int level, unsigned *unsorted)
{
    const hd_scheme_level *l = &s->level[level];
    const int64_t *outside = s->level[level - 1].tensor;
    memcpy(n->pieces[level], n->pieces[level - 1], sizeof n->pieces[level]);
    n->split[level] = 0;
    n->used[level] = 1;
    for (int i = l->updates - 1; i >= 0; i--) { /* listed innermost first */
        const hd_update *u = &l->update[i];
        if (u->step >= outside[u->dim]) continue;
        assert(n->loops < HD_MAX_LOOPS);
        nest_loop *loop = &n->loop[n->loops];
        loop->dim = u->dim;
        loop->last = 0;
        loop->count = 1;
        loop->shift = u->step;
        add_digit(n, u->dim, u->step, 0, level, n->loops++, 0, unsorted);
    }
    for (int i = l->stacks - 1; i >= 0; i--) {
        const hd_stack *u = &l->stack[i];
        if (u->shift >= outside[u->dim]) continue;
        add_digit(n, u->dim, u->shift, u->copies, level, -1, NEST_STACK(level, u->axis), unsorted);
    }
    n->loops_to[level] = n->loops;
}

void hd_nest_build(nest *n, const native_ready *ready, const hd_scheme *s)
{
    const hd_problem *p = ready->p;
    unsigned unsorted = 0;
    n->ready = ready;
    n->p = p;
    n->s = s;
    n->mac = s->levels - 1;
    n->loops = n->loops_to[0] = 0;
    n->split[0] = n->stacks = n->turning = 0;
    n->steps = n->used[0] = 1;
    for (int d = 0; d < p->op->dims; d++) {
        n->dim[d].digits = 0;
        n->pieces[0][d] = 1;
        clear_dim(n, d);
    }
    for (int l = 1; l <= n->mac; l++) add_level(n, s, l, &unsorted);
    for (; unsorted; unsorted = hd_dims_after(unsorted)) recount(n, hd_dim_of(unsorted));
    for (int d = 0; d < p->op->dims; d++) finish(n, d);
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
