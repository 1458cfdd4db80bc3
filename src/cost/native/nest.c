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

/* From the first digit on that does not divide the span above it: pieces again, and which loops are firm: with a second
 * index in every piece.  With units inside it has to be a whole one, lest some of them miss it. */
static void count_ragged(nest *n, nest_dim *nd, int from, int64_t extent)
{
    cutting c;
    int inside = 0; /* stacks further in */
    hd_cutting_start(&c, from > 0 ? nd->digit[from - 1].shift : extent);
    c.pieces = from > 0 ? nd->digit[from - 1].pieces : 1;
    for (int i = 0; i < nd->digits; i++) inside += nd->digit[i].time < 0;
    for (int i = 0; i < from; i++) {
        inside -= nd->digit[i].time < 0;
        nd->rest[i].shorts = 0;
        if (!nd->in_order && nd->digit[i].time >= 0) n->loop[nd->digit[i].time].firm = false;
    }
    for (int i = from; i < nd->digits; i++) {
        nest_digit *g = &nd->digit[i];
        inside -= g->time < 0;
        int64_t least = inside ? 2 * g->shift - 1 : g->shift;
        if (g->time >= 0) n->loop[g->time].firm = nd->in_order && hd_cutting_shortest(&c) > least;
        hd_cutting_all(&c, g->shift);
        g->pieces = hd_cutting_pieces(&c);
        keep_rest(&nd->rest[i], &c);
    }
}

/* Pieces of every level; groups leave out the stacks at its innermost end. */
static void spread_pieces(nest_dim *nd, int last)
{
    int64_t pieces = 1;
    int i = 0;
    for (int l = 0; l <= last; l++) {
        nd->groups[l] = pieces;
        for (; i < nd->digits && nd->digit[i].level == l; i++) {
            pieces = nd->digit[i].pieces;
            if (!(nd->digit[i].stack & nd->trailing)) nd->groups[l] = pieces;
        }
        nd->pieces[l] = pieces;
    }
}

/* Counts follow from the spans. */
static void finish(nest *n, int dim)
{
    nest_dim *nd = &n->dim[dim];
    int64_t extent = n->p->op->dim[dim].extent, span = extent, pieces = 1;
    int latest = -1, first_ragged = -1;
    unsigned outside = 0; /* stacks with a loop of their level inside: two on one axis share a bit */
    nd->even_to = n->mac;
    nd->in_order = true;
    nd->stacks = 0;
    for (int i = 0; i < nd->digits; i++) {
        nest_digit *g = &nd->digit[i];
        g->count = span / g->shift;
        if (g->count * g->shift != span) {
            g->count++;
            if (first_ragged < 0) first_ragged = i, nd->even_to = g->level - 1;
        }
        g->pieces = pieces *= g->count;
        span = g->shift;
        if (g->time < 0) {
            n->split[g->level] |= 1u << dim;
            nd->stacks |= g->stack;
            continue;
        }
        outside |= nd->stacks & ~(NEST_STACK(g->level, 0) - 1);
        n->loop[g->time].count = g->count;
        nd->in_order &= g->time > latest;
        latest = g->time;
    }
    nd->trailing = nd->stacks & ~outside;
    if (first_ragged >= 0) count_ragged(n, nd, first_ragged, extent);
    spread_pieces(nd, n->mac);
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
    n->loops = 0;
    n->stacks = 0;
    for (int d = 0; d < p->op->dims; d++) n->dim[d].digits = 0;
    n->loops_to[0] = 0;
    n->split[0] = 0;
    for (int l = 1; l < s->levels; l++) {
        add_level(n, s, l);
        n->split[l] = 0;
    }
    n->turning = 0;
    for (int d = 0; d < p->op->dims; d++) {
        finish(n, d);
        n->stacks |= n->dim[d].stacks;
        n->turning |= n->dim[d].digits > 0 ? 1u << d : 0;
    }
    n->reduce = ready->reduce & n->stacks;
    for (int r = 0; r < HD_ROLES; r++) n->multicast[r] = ready->multicast[r] & n->stacks;
    for (int l = 1; l < s->levels; l++) n->split[l] |= n->split[l - 1];
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
    const nest_digit *last = digits > 0 ? &nd->digit[digits - 1] : NULL;
    hd_cutting_start(c, n->p->op->dim[dim].extent);
    if (!last) return;
    const nest_rest *rest = &nd->rest[digits - 1];
    if (nd->even_to < n->mac && rest->shorts < 0) {
        for (int i = 0; i < digits; i++) hd_cutting_all(c, nd->digit[i].shift);
        return;
    }
    c->extent = last->shift;
    c->pieces = last->pieces;
    if (nd->even_to == n->mac) return;
    c->shorts = rest->shorts;
    for (int i = 0; i < rest->shorts; i++) {
        c->rest[i].extent = rest->of[i].extent;
        c->rest[i].pieces = rest->of[i].pieces;
        c->pieces -= rest->of[i].pieces;
    }
}
