/* Build the nest: digits of all dimensions with their place in time.
 *
 * Most digits are the innermost of their dim when they come, and are counted at once.  A dim is counted when all are there only
 * where a level lists them in another order. */
#include "cost/native/nest.h"

#include <assert.h>
#include <string.h>

#include "base/count.h"

/* A nest while its digits come: of each dim, ... */
typedef struct growing {
    nest *n;
    nest_digit *end[HD_MAX_DIMS];  /* behind its last digit so far */
    int64_t span[HD_MAX_DIMS];     /* shift of that; 0: the dim is to be counted anew */
    int64_t pieces[HD_MAX_DIMS];   /* existing pieces of all its digits */
    unsigned ragged, unsorted;     /* dims with a digit that does not divide; to be counted anew */
} growing;

/* How a digit turns.  `last`: the last index that every piece has; `whole`: where that cuts, nothing is left. */
typedef struct turn { int64_t last; bool whole; } turn;

/* Put a digit among those of its level by falling shift.  Of equal ones all but one have one index only and are left
 * out: the stack that counts stays, else the loop that comes first in time (dataflow/radix.c says why). */
static NEST_RARE void squeeze(growing *b, int dim, int64_t shift, int64_t copies, int level, int time, unsigned stack)
{
    nest_digit *first = b->n->dim[dim].digit, *d = b->end[dim];
    while (d > first && d[-1].level == level && d[-1].shift < shift) d--;
    nest_digit *same = d > first && d[-1].level == level && d[-1].shift == shift ? d - 1 : NULL;
    if (same && (copies <= 1 || (same->stack && same->count > 1))) return;
    if (same) {
        if (same->time >= 0) b->n->loop[same->time].count = 1; /* its loop has but one */
        if (same->time >= 0) b->n->loop[same->time].last = 0;
        d = same;
    } else {
        assert(b->end[dim] - first < HD_MAX_DIGITS);
        for (nest_digit *k = b->end[dim]++; k > d; k--) *k = k[-1];
    }
    *d = (nest_digit){.shift = shift, .count = copies, .level = level, .time = time, .stack = stack};
}

static inline bool keep_short(nest_digit *d, int64_t extent, int64_t pieces)
{
    int i = 0;
    while (i < d->shorts && d->of[i].extent != extent) i++;
    if (i < d->shorts) return d->of[i].pieces += pieces, true;
    if (i == NEST_SHORTS) return false;
    d->of[i].extent = extent;
    d->of[i].pieces = pieces;
    d->shorts = i + 1;
    return true;
}

/* More different pieces than a digit has room for. */
static NEST_RARE turn cut_slowly(const nest *n, int dim, nest_digit *d)
{
    cutting c;
    d->shorts = -1;
    hd_cutting_start(&c, n->p->op->dim[dim].extent);
    for (const nest_digit *g = n->dim[dim].digit; g < d; g++) hd_cutting_all(&c, g->shift);
    int64_t last = (hd_cutting_shortest(&c) - 1) / d->shift;
    bool whole = hd_cutting_shortest(&c) == (last + 1) * d->shift;
    hd_cutting_all(&c, d->shift);
    d->pieces = hd_cutting_pieces(&c);
    return (turn){last, whole};
}

/* The first digit that does not divide: all pieces outside are alike. */
static inline turn cut_first(nest_digit *d, int64_t count, int64_t left, int64_t outer)
{
    d->count = count + 1;
    d->full = outer * count;
    d->pieces = d->full + outer;
    d->shorts = 1;
    d->of[0].extent = left;
    d->of[0].pieces = outer;
    return (turn){count, false};
}

/* From then on every index of a digit cuts a piece of its own out of those behind the digit before, whose full ones have room for
 * `count` and what is left.  The shortest one says which index all have: a full one is longer than the others. */
static inline turn cut_next(const nest *n, int dim, nest_digit *d, int64_t count, int64_t left)
{
    const nest_digit *from = d - 1;
    int64_t full = from->full * count, others = 0, least = INT64_MAX, last = left > 0 ? count : count - 1;
    bool few = from->shorts >= 0, whole = left == 0;
    d->count = count + (left > 0);
    d->shorts = 0;
    for (int k = 0; k < from->shorts; k++) {
        int64_t extent = from->of[k].extent, pieces = from->of[k].pieces, indices = extent / d->shift, rest = extent % d->shift;
        full += pieces * indices;
        if (extent < least) least = extent, whole = rest == 0, last = indices - whole;
        if (rest > 0) few &= keep_short(d, rest, pieces), others += pieces;
    }
    if (left > 0) few &= keep_short(d, left, from->full), others += from->full;
    d->full = full;
    d->pieces = full + others;
    return few ? (turn){last, whole} : cut_slowly(n, dim, d);
}

/* The same where every point is a piece. */
static inline turn cut_points(nest_digit *d, int64_t count, int64_t points)
{
    const nest_digit *from = d - 1;
    int64_t least = count;
    for (int k = 0; k < from->shorts; k++)
        if (from->of[k].extent < least) least = from->of[k].extent;
    d->count = count;
    d->full = d->pieces = points;
    d->shorts = 0;
    return (turn){least - 1, true};
}

/* The next digit of a dim, the innermost so far. */
static inline turn count_digit(growing *b, int dim, nest_digit *d, int64_t shift, int level)
{
    int64_t count = b->span[dim] / shift, left = b->span[dim] % shift, outer = b->pieces[dim];
    turn t = {count - 1, true};
    assert(d < b->n->dim[dim].digit + HD_MAX_DIGITS);
    b->span[dim] = shift;
    d->shift = shift;
    d->level = level;
    if (b->ragged >> dim & 1u) {
        bool points = shift == 1 && d[-1].shorts >= 0;
        t = points ? cut_points(d, count, b->n->p->op->dim[dim].extent) : cut_next(b->n, dim, d, count, left);
    } else if (left > 0) {
        b->ragged |= 1u << dim;
        b->n->dim[dim].even_digits = (int)(d - b->n->dim[dim].digit);
        b->n->dim[dim].even_to = level - 1;
        t = cut_first(d, count, left, outer);
    } else {
        d->count = count;
        d->pieces = outer * count;
    }
    b->pieces[dim] = d->pieces;
    return t;
}

static inline void count_loop(growing *b, int dim, nest_digit *d, int64_t shift, int level, int time)
{
    nest_loop *l = &b->n->loop[time];
    turn t = count_digit(b, dim, d, shift, level);
    d->time = time;
    d->stack = 0;
    l->dim = dim;
    l->unsure = !t.whole && t.last > 0;
    l->last = t.last;
    l->count = d->count;
    l->shift = shift;
}

/* What is left of a piece is no index of a loop to count on where units lie inside: some of them miss it. */
static inline void count_stack(growing *b, int dim, nest_digit *d, int64_t shift, int level, unsigned stack)
{
    nest_dim *nd = &b->n->dim[dim];
    count_digit(b, dim, d, shift, level);
    d->time = -1;
    d->stack = stack;
    nd->stacks |= stack;
    nd->trailing |= stack;
    b->n->stacks |= stack;
    b->n->split[level] |= 1u << dim;
    if (!(b->ragged >> dim & 1u)) return;
    for (const nest_digit *g = d - 1; g >= nd->digit && !g->stack; g--) /* those further out have met a stack */
        b->n->loop[g->time].last -= b->n->loop[g->time].unsure;
}

static inline void clear_dim(growing *b, int dim)
{
    nest_dim *nd = &b->n->dim[dim];
    b->span[dim] = b->n->p->op->dim[dim].extent;
    b->pieces[dim] = 1;
    nd->even_to = b->n->mac;
    nd->even_digits = HD_MAX_DIGITS;
    nd->stacks = nd->trailing = 0;
    nd->in_order = true;
}

/* All digits anew, where one was not the innermost when it came: only then do loops come in another order than in time, or inside
 * of stacks of their level. */
static NEST_RARE void recount(growing *b, int dim)
{
    nest *n = b->n;
    nest_dim *nd = &n->dim[dim];
    int l = 0, latest = -1;
    unsigned outside = 0; /* stacks with a loop of their level inside */
    clear_dim(b, dim);
    b->ragged &= ~(1u << dim);
    for (nest_digit *g = nd->digit; g < b->end[dim]; g++) {
        while (l < g->level) n->pieces[l++][dim] = b->pieces[dim];
        if (g->time < 0) {
            count_stack(b, dim, g, g->shift, g->level, g->stack);
            continue;
        }
        count_loop(b, dim, g, g->shift, g->level, g->time);
        outside |= nd->stacks & ~(NEST_STACK(g->level, 0) - 1);
        nd->in_order &= g->time > latest;
        latest = g->time;
    }
    while (l <= n->mac) n->pieces[l++][dim] = b->pieces[dim];
    for (l = 1; l <= n->mac; l++) n->split[l] |= n->split[l - 1];
    nd->trailing &= ~outside;
    if (nd->in_order || !(b->ragged >> dim & 1u)) return;
    for (const nest_digit *g = nd->digit; g < b->end[dim]; g++) /* in any other order all may stay where it is */
        if (g->time >= 0) n->loop[g->time].last = 0;
}

/* Steps of unit 0 of a ragged dim whose stacks are digits i to `last`, with loops between them. */
static NEST_RARE int64_t steps_slowly(const nest *n, int dim, int i, int last)
{
    const nest_dim *nd = &n->dim[dim];
    cutting c;
    hd_nest_cut(n, dim, i, &c);
    for (; i <= last; i++) (nd->digit[i].time >= 0 ? hd_cutting_all : hd_cutting_first)(&c, nd->digit[i].shift);
    return hd_cutting_words(&c);
}

/* Most have their stacks side by side: unit 0 makes a step for every point of its pieces. */
static int64_t steps_of(const nest *n, int dim, int i, int last)
{
    const nest_dim *nd = &n->dim[dim];
    int64_t shift = nd->digit[last].shift;
    for (int k = i + 1; k < last; k++)
        if (nd->digit[k].time >= 0) return steps_slowly(n, dim, i, last);
    if (i == 0) return shift;
    const nest_digit *before = &nd->digit[i - 1];
    if (i <= nd->even_digits) return before->pieces * shift;
    if (before->shorts < 0) return steps_slowly(n, dim, i, last);
    int64_t steps = before->full * shift;
    for (int k = 0; k < before->shorts; k++) steps += before->of[k].pieces * hd_count_min(before->of[k].extent, shift);
    return steps;
}

/* Units of each level of such a dim, which a piece of this extent has room for; and its steps. */
static void count_units(nest *n, int dim)
{
    const nest_dim *nd = &n->dim[dim];
    int i = 0, last = nd->digits - 1;
    cutting units;
    while (nd->digit[i].time >= 0) i++;
    while (nd->digit[last].time >= 0) last--;
    n->steps *= steps_of(n, dim, i, last);
    if (i == last) {
        for (int l = nd->digit[i].level; l <= n->mac; l++) n->used[l] *= nd->digit[i].count;
        return;
    }
    hd_cutting_start(&units, i > 0 ? nd->digit[i - 1].shift : n->p->op->dim[dim].extent);
    for (int l = nd->digit[i].level; l <= n->mac; l++) {
        for (; i <= last && nd->digit[i].level == l; i++)
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

static inline void count_steps(nest *n, unsigned dims, unsigned ragged)
{
    unsigned split = n->split[n->mac];
    int64_t steps = 1;
    for (unsigned left = dims & ~split; left; left = hd_dims_after(left)) steps *= n->pieces[n->mac][hd_dim_of(left)];
    n->steps = steps;
    for (unsigned left = split & ragged; left; left = hd_dims_after(left)) count_units(n, hd_dim_of(left));
    for (unsigned left = split & ~ragged; left; left = hd_dims_after(left)) multiply_units(n, &n->dim[hd_dim_of(left)]);
}

/* A digit that does not come inside of all that its dim has so far, or does not turn: its dim is counted anew in the end. */
static NEST_RARE void misplace(growing *b, int dim, int64_t shift, int64_t copies, int level, int time, unsigned stack)
{
    b->span[dim] = 0; /* nor do those to come */
    b->unsorted |= 1u << dim;
    if (time >= 0) b->n->loop[time] = (nest_loop){dim, false, 0, 1, shift};
    squeeze(b, dim, shift, copies, level, time, stack);
}

/* Most come inside of all others.  A shift as large as the box outside has one index only: no digit. */
static inline void add_level(growing *b, const hd_scheme *s, int level)
{
    nest *n = b->n;
    const hd_scheme_level *l = &s->level[level];
    const int64_t *outside = s->level[level - 1].tensor;
    int time = n->loops_to[level - 1];
    n->split[level] = n->split[level - 1];
    n->used[level] = 1;
    for (const hd_update *u = l->update + l->updates; u-- > l->update;) { /* listed innermost first */
        assert(time < HD_MAX_LOOPS);
        if (u->step < b->span[u->dim])
            count_loop(b, u->dim, b->end[u->dim]++, u->step, level, time++);
        else if (u->step < outside[u->dim])
            misplace(b, u->dim, u->step, 0, level, time++, 0);
    }
    for (const hd_stack *u = l->stack + l->stacks; u-- > l->stack;) {
        unsigned stack = NEST_STACK(level, u->axis);
        if (u->shift < b->span[u->dim] && u->copies != 1)
            count_stack(b, u->dim, b->end[u->dim]++, u->shift, level, stack);
        else if (u->shift < outside[u->dim])
            misplace(b, u->dim, u->shift, u->copies, level, -1, stack);
    }
    n->loops_to[level] = time;
    memcpy(n->pieces[level], b->pieces, sizeof n->pieces[level]);
}

void hd_nest_build(nest *n, const native_ready *ready, const hd_scheme *s)
{
    growing b;
    int dims = ready->p->op->dims;
    n->ready = ready;
    n->p = ready->p;
    n->s = s;
    n->mac = s->levels - 1;
    n->loops_to[0] = 0;
    n->split[0] = n->stacks = 0;
    n->used[0] = 1;
    b.n = n;
    b.ragged = b.unsorted = 0;
    for (int d = 0; d < dims; d++) {
        b.end[d] = n->dim[d].digit;
        n->pieces[0][d] = 1;
        clear_dim(&b, d);
    }
    for (int l = 1; l <= n->mac; l++) add_level(&b, s, l);
    n->loops = n->loops_to[n->mac];
    for (int d = 0; d < dims; d++) n->dim[d].digits = (int)(b.end[d] - n->dim[d].digit);
    for (unsigned left = b.unsorted; left; left = hd_dims_after(left)) recount(&b, hd_dim_of(left));
    count_steps(n, (1u << dims) - 1, b.ragged);
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
    const nest_digit *d = &nd->digit[digits - 1];
    bool ragged = digits > nd->even_digits;
    if (ragged && d->shorts < 0) {
        for (int i = 0; i < digits; i++) hd_cutting_all(c, nd->digit[i].shift);
        return;
    }
    c->extent = d->shift;
    c->pieces = ragged ? d->full : d->pieces;
    c->shorts = ragged ? d->shorts : 0;
    for (int i = 0; i < c->shorts; i++) {
        c->rest[i].extent = d->of[i].extent;
        c->rest[i].pieces = d->of[i].pieces;
    }
}
