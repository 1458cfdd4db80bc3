/* Build the nest: digits of all dimensions with their place in time.
 *
 * Most digits are the innermost of their dim when they come, and are counted at once.  A dim is counted when all are there only
 * where a level lists them in another order. */
#include "cost/native/nest.h"

#include <assert.h>
#include <string.h>

/* A digit as it is counted.  `last`: the last index that every piece has; `whole`: where that cuts, nothing is left. */
typedef struct turn { int64_t count, last, pieces; bool whole; } turn;

static inline void set(nest_digit *d, int64_t shift, turn t, int level, int time, unsigned stack)
{
    d->shift = shift;
    d->count = t.count;
    d->level = level;
    d->time = time;
    d->stack = stack;
    d->pieces = t.pieces;
}

/* Put a digit among those of its level by falling shift.  Of equal ones all but one have one index only and are left
 * out: the stack that counts stays, else the loop that comes first in time (dataflow/radix.c says why). */
static NEST_RARE void squeeze(nest *n, nest_dim *nd, int64_t shift, int64_t copies, int level, int time, unsigned stack)
{
    int k = nd->digits;
    while (k > 0 && nd->digit[k - 1].level == level && nd->digit[k - 1].shift < shift) k--;
    nest_digit *same = k > 0 && nd->digit[k - 1].level == level && nd->digit[k - 1].shift == shift ? &nd->digit[k - 1] : NULL;
    if (same && (copies <= 1 || (same->stack && same->count > 1))) return;
    if (same) {
        if (same->time >= 0) n->loop[same->time].count = 1; /* its loop has but one */
        if (same->time >= 0) n->loop[same->time].last = 0;
        k--;
    } else {
        assert(nd->digits < HD_MAX_DIGITS);
        for (int i = nd->digits++; i > k; i--) nd->digit[i] = nd->digit[i - 1];
    }
    set(&nd->digit[k], shift, (turn){.count = copies}, level, time, stack);
}

static inline bool keep_short(nest_rest *rest, int64_t extent, int64_t pieces)
{
    int i = 0;
    while (i < rest->shorts && rest->of[i].extent != extent) i++;
    if (i < rest->shorts) return rest->of[i].pieces += pieces, true;
    if (i == NEST_SHORTS) return false;
    rest->of[i].extent = extent;
    rest->of[i].pieces = pieces;
    rest->shorts = i + 1;
    return true;
}

/* More different pieces than a rest has room for. */
static NEST_RARE turn cut_slowly(nest *n, int dim, int i, int64_t shift, int64_t count)
{
    cutting c;
    n->dim[dim].rest[i].shorts = -1;
    hd_nest_cut(n, dim, i, &c);
    int64_t last = (hd_cutting_shortest(&c) - 1) / shift;
    bool whole = hd_cutting_shortest(&c) == (last + 1) * shift;
    hd_cutting_all(&c, shift);
    return (turn){count, last, hd_cutting_pieces(&c), whole};
}

/* The first digit that does not divide: all pieces outside are alike. */
static inline turn cut_first(nest_dim *nd, int i, int level, int64_t count, int64_t left, int64_t outer)
{
    nest_rest *to = &nd->rest[i];
    nd->even_to = level - 1;
    to->full = outer * count;
    to->shorts = 1;
    to->of[0].extent = left;
    to->of[0].pieces = outer;
    return (turn){count + 1, count, to->full + outer, false};
}

/* From then on every index of a digit cuts a piece of its own out of those behind the digit before, whose full ones have room for
 * `count` and what is left.  The shortest one says which index all have: a full one is longer than the others. */
static inline turn cut_next(nest *n, int dim, int i, int64_t shift, int64_t count, int64_t left)
{
    const nest_rest *from = &n->dim[dim].rest[i - 1];
    nest_rest *to = &n->dim[dim].rest[i];
    int64_t full = from->full * count, others = 0, least = INT64_MAX, last = left > 0 ? count : count - 1;
    bool few = from->shorts >= 0, whole = left == 0;
    count += left > 0;
    to->shorts = 0;
    for (int k = 0; k < from->shorts; k++) {
        int64_t extent = from->of[k].extent, pieces = from->of[k].pieces, indices = extent / shift;
        int64_t rest = extent - indices * shift;
        full += pieces * indices;
        if (extent < least) least = extent, whole = rest == 0, last = indices - whole;
        if (rest > 0) few &= keep_short(to, rest, pieces), others += pieces;
    }
    if (left > 0) few &= keep_short(to, left, from->full), others += from->full;
    to->full = full;
    return few ? (turn){count, last, full + others, whole} : cut_slowly(n, dim, i, shift, count);
}

/* Digit i of a dim, the innermost so far. */
static inline turn count_digit(nest *n, int dim, int i, int64_t shift, int level)
{
    nest_dim *nd = &n->dim[dim];
    int64_t outer = n->pieces[level][dim], count = nd->span / shift, left = nd->span - count * shift;
    nd->span = shift;
    if (i > nd->even_digits) return cut_next(n, dim, i, shift, count, left);
    if (left > 0) return cut_first(nd, i, level, count, left, outer);
    nd->even_digits = i + 1;
    return (turn){count, count - 1, outer * count, true};
}

/* What is left of a piece is no index to count on where units lie inside: some of them miss it. */
static inline void count_loop(nest *n, int dim, int i, int64_t shift, int level, int time)
{
    nest_dim *nd = &n->dim[dim];
    turn t = count_digit(n, dim, i, shift, level);
    set(&nd->digit[i], shift, t, level, time, 0);
    n->pieces[level][dim] = t.pieces;
    n->loop[time] = (nest_loop){dim, t.last, t.count, shift};
    nd->unsure |= (unsigned)(!t.whole && t.last > 0) << i;
}

static inline void count_stack(nest *n, int dim, int i, int64_t shift, int level, unsigned stack)
{
    nest_dim *nd = &n->dim[dim];
    turn t = count_digit(n, dim, i, shift, level);
    set(&nd->digit[i], shift, t, level, -1, stack);
    n->pieces[level][dim] = t.pieces;
    nd->stacks |= stack;
    nd->trailing |= stack;
    nd->last_stack = i;
    n->split[level] |= 1u << dim;
    for (; nd->unsure; nd->unsure &= nd->unsure - 1) n->loop[nd->digit[__builtin_ctz(nd->unsure)].time].last--;
}

static inline void clear_dim(nest *n, int dim)
{
    nest_dim *nd = &n->dim[dim];
    nd->even_digits = 0;
    nd->even_to = n->mac;
    nd->in_order = true;
    nd->stacks = nd->trailing = nd->unsure = 0;
    nd->last_stack = -1;
    nd->span = n->p->op->dim[dim].extent;
}

/* All digits anew, where one was not the innermost when it came: only then do loops come in another order than in time, or inside
 * of stacks of their level. */
static NEST_RARE void recount(nest *n, int dim)
{
    nest_dim *nd = &n->dim[dim];
    int64_t pieces = 1;
    int l = 0, latest = -1;
    unsigned outside = 0; /* stacks with a loop of their level inside */
    clear_dim(n, dim);
    for (int i = 0; i < nd->digits; pieces = nd->digit[i++].pieces) {
        const nest_digit *g = &nd->digit[i];
        while (l <= g->level) n->pieces[l++][dim] = pieces;
        if (g->time < 0) {
            count_stack(n, dim, i, g->shift, g->level, g->stack);
            continue;
        }
        count_loop(n, dim, i, g->shift, g->level, g->time);
        outside |= nd->stacks & ~(NEST_STACK(g->level, 0) - 1);
        nd->in_order &= g->time > latest;
        latest = g->time;
    }
    while (l <= n->mac) n->pieces[l++][dim] = pieces;
    nd->trailing &= ~outside;
    if (nd->in_order || nd->even_digits == nd->digits) return;
    for (int i = 0; i < nd->digits; i++) /* in any other order all may stay where it is */
        if (nd->digit[i].time >= 0) n->loop[nd->digit[i].time].last = 0;
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
    if (nd->digits == 0) return;
    n->stacks |= nd->stacks;
    n->turning |= 1u << dim;
    if (!nd->stacks)
        n->steps *= n->pieces[n->mac][dim];
    else if (ragged)
        count_units(n, dim);
    else
        multiply_units(n, nd);
}

/* Does the digit come inside of all that its dim has so far, and turn?  If not, its dim is counted anew in the end. */
static inline bool comes_innermost(nest *n, int dim, int64_t shift, int64_t copies)
{
    assert(n->dim[dim].digits < HD_MAX_DIGITS);
    if (shift < n->dim[dim].span && copies != 1) return true;
    n->dim[dim].span = 0; /* nor do those to come */
    n->unsorted |= 1u << dim;
    return false;
}

/* A shift as large as the box outside has one index only: no digit. */
static inline void add_loop(nest *n, const hd_update *u, int level)
{
    int dim = u->dim, time = n->loops++;
    assert(time < HD_MAX_LOOPS);
    if (comes_innermost(n, dim, u->step, 0)) {
        count_loop(n, dim, n->dim[dim].digits++, u->step, level, time);
        return;
    }
    n->loop[time] = (nest_loop){dim, 0, 1, u->step};
    squeeze(n, &n->dim[dim], u->step, 0, level, time, 0);
}

static inline void add_stack(nest *n, const hd_stack *u, int level)
{
    unsigned stack = NEST_STACK(level, u->axis);
    if (comes_innermost(n, u->dim, u->shift, u->copies))
        count_stack(n, u->dim, n->dim[u->dim].digits++, u->shift, level, stack);
    else
        squeeze(n, &n->dim[u->dim], u->shift, u->copies, level, -1, stack);
}

static void add_level(nest *n, const hd_scheme *s, int level)
{
    const hd_scheme_level *l = &s->level[level];
    const int64_t *outside = s->level[level - 1].tensor;
    memcpy(n->pieces[level], n->pieces[level - 1], sizeof n->pieces[level]);
    n->split[level] = 0;
    n->used[level] = 1;
    for (const hd_update *u = l->update + l->updates; u-- > l->update;) /* listed innermost first */
        if (u->step < outside[u->dim]) add_loop(n, u, level);
    for (const hd_stack *u = l->stack + l->stacks; u-- > l->stack;)
        if (u->shift < outside[u->dim]) add_stack(n, u, level);
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
    n->split[0] = n->stacks = n->turning = n->unsorted = 0;
    n->steps = n->used[0] = 1;
    for (int d = 0; d < p->op->dims; d++) {
        n->dim[d].digits = 0;
        n->pieces[0][d] = 1;
        clear_dim(n, d);
    }
    for (int l = 1; l <= n->mac; l++) add_level(n, s, l);
    for (unsigned dims = n->unsorted; dims; dims = hd_dims_after(dims)) recount(n, hd_dim_of(dims));
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
