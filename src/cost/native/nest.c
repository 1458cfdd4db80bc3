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

static void keep_rest(nest_rest *rest, const cutting *c)
{
    rest->shorts = c->shorts <= NEST_SHORTS ? c->shorts : -1;
    for (int i = 0; i < rest->shorts; i++) {
        rest->of[i].extent = c->rest[i].extent;
        rest->of[i].pieces = c->rest[i].pieces;
    }
}

/* A digit of a ragged dim: its pieces, and (of a loop) whether it is firm: with a second index in every piece.  With
 * units inside it has to be a whole one, lest some of them miss it. */
static int64_t cut_digit(nest *n, nest_dim *nd, int i, int inside, cutting *c)
{
    const nest_digit *g = &nd->digit[i];
    if (g->time >= 0) n->loop[g->time].firm = hd_cutting_shortest(c) > (inside ? 2 * g->shift - 1 : g->shift);
    hd_cutting_all(c, g->shift);
    keep_rest(&nd->rest[i], c);
    return hd_cutting_pieces(c);
}

/* Loops of a dim that come in another order than in the radix may leave anything where it is. */
static void soften(nest *n, const nest_dim *nd)
{
    for (int i = 0; i < nd->digits; i++)
        if (nd->digit[i].time >= 0) n->loop[nd->digit[i].time].firm = false;
}

/* Steps of unit 0, and units of each level, of a ragged dim with stacks: what is cut from the first one on. */
static void count_units(nest *n, int dim)
{
    const nest_dim *nd = &n->dim[dim];
    cutting steps, units;
    int i = 0;
    while (nd->digit[i].time >= 0) i++;
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

/* Counts follow from the spans. */
static void finish(nest *n, int dim)
{
    nest_dim *nd = &n->dim[dim];
    int64_t span = n->p->op->dim[dim].extent, pieces = 1;
    int latest = -1, level = 0, inside = 0;
    unsigned outside = 0; /* stacks with a loop of their level inside: two on one axis share a bit */
    cutting c;
    nd->even_to = n->mac;
    nd->in_order = true;
    nd->stacks = 0;
    nd->groups[0] = 1;
    for (int i = 0; i < nd->digits; i++) {
        nest_digit *g = &nd->digit[i];
        bool ragged = nd->even_to < n->mac;
        for (; level < g->level; level++) nd->pieces[level] = nd->groups[level + 1] = pieces;
        g->count = span / g->shift;
        if (g->count * g->shift != span) {
            g->count++;
            if (!ragged) {
                nd->even_to = level - 1;
                nd->even_digits = i;
                for (int k = i; k < nd->digits; k++) inside += nd->digit[k].time < 0;
                hd_cutting_start(&c, span);
                c.pieces = pieces;
                ragged = true;
            }
        }
        span = g->shift;
        inside -= ragged && g->time < 0;
        g->pieces = pieces = ragged ? cut_digit(n, nd, i, inside, &c) : pieces * g->count;
        if (g->time < 0) {
            nd->units++;
            nd->stacks |= g->stack;
            n->split[level] |= 1u << dim;
            if (g->stack & outside) nd->groups[level] = pieces;
            continue;
        }
        outside |= nd->stacks & ~(NEST_STACK(level, 0) - 1);
        nd->groups[level] = pieces;
        n->loop[g->time].count = g->count;
        nd->in_order &= g->time > latest;
        latest = g->time;
    }
    for (; level < n->mac; level++) nd->pieces[level] = nd->groups[level + 1] = pieces;
    nd->pieces[level] = pieces;
    nd->trailing = nd->stacks & ~outside;
    if (!nd->in_order && nd->even_to < n->mac) soften(n, nd);
    if (nd->units == 0)
        n->steps *= pieces;
    else if (nd->even_to == n->mac)
        multiply_units(n, nd);
    else
        count_units(n, dim);
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
    for (int d = 0; d < p->op->dims; d++) n->dim[d].digits = n->dim[d].units = 0;
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
    n->reduce = ready->reduce & n->stacks;
    for (int r = 0; r < HD_ROLES; r++) n->multicast[r] = ready->multicast[r] & n->stacks;
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
    bool ragged = nd->even_to < n->mac && digits > nd->even_digits;
    if (ragged && rest->shorts < 0) {
        for (int i = 0; i < digits; i++) hd_cutting_all(c, nd->digit[i].shift);
        return;
    }
    c->extent = nd->digit[digits - 1].shift;
    c->pieces = nd->digit[digits - 1].pieces;
    if (!ragged) return;
    c->shorts = rest->shorts;
    for (int i = 0; i < rest->shorts; i++) {
        c->rest[i].extent = rest->of[i].extent;
        c->rest[i].pieces = rest->of[i].pieces;
        c->pieces -= rest->of[i].pieces;
    }
}
