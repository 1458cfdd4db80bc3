/* Build the nest: digits of all dimensions with their place in time. */
#include "cost/native/nest.h"

#include <assert.h>

#include "cost/native/cutting.h"

/* Put a digit among those of its level by falling shift.  Of equal ones all but one have one index only and are left
 * out: the stack that counts stays, else the loop that comes first in time (dataflow/radix.c says why). */
static void insert(nest_dim *nd, nest_digit d)
{
    int k = nd->digits;
    while (k > 0 && nd->digit[k - 1].level == d.level && nd->digit[k - 1].shift < d.shift) k--;
    nest_digit *outside = k > 0 ? &nd->digit[k - 1] : NULL;
    if (outside && outside->level == d.level && outside->shift == d.shift) {
        if (d.count > 1 && outside->count <= 1) *outside = d;
        return;
    }
    assert(nd->digits < HD_MAX_DIGITS);
    for (int i = nd->digits++; i > k; i--) nd->digit[i] = nd->digit[i - 1];
    nd->digit[k] = d;
}

/* Indices that every piece has at least. */
static int64_t least_count(const cutting *c, int64_t shift)
{
    int64_t extent = hd_cutting_shortest(c);
    return extent / shift + (extent % shift != 0);
}

/* From the first digit on that does not divide the span above it: pieces again, and which loops are firm.  Idle units
 * (stacks inside) need a third index: the second one may be theirs to miss. */
static void count_ragged(nest *n, nest_dim *nd, int from, int64_t extent)
{
    cutting c;
    int inside = 0; /* stacks further in */
    for (int i = 0; i < nd->digits; i++) inside += nd->digit[i].time < 0;
    hd_cutting_start(&c, extent);
    for (int i = 0; i < nd->digits; i++) {
        const nest_digit *g = &nd->digit[i];
        inside -= g->time < 0;
        if (i >= from && g->time >= 0) n->loop[g->time].firm = least_count(&c, g->shift) > (inside ? 2 : 1);
        if (!nd->in_order && g->time >= 0) n->loop[g->time].firm = false;
        if (!(g->stack & nd->trailing)) nd->groups[g->level] = 0;
        hd_cutting_all(&c, g->shift);
        nd->pieces[g->level] = hd_cutting_pieces(&c);
        if (!(g->stack & nd->trailing)) nd->groups[g->level] = nd->pieces[g->level];
    }
}

/* Levels without digits have the pieces of the level outside. */
static void spread_pieces(nest_dim *nd, int last)
{
    int64_t pieces = 1;
    for (int l = 0, i = 0; l <= last; l++) {
        bool cut = i < nd->digits && nd->digit[i].level == l;
        while (i < nd->digits && nd->digit[i].level == l) i++;
        if (!cut) nd->pieces[l] = pieces;
        if (!cut || nd->groups[l] == 0) nd->groups[l] = pieces;
        pieces = nd->pieces[l];
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
        if (i == 0 || g[-1].level != g->level) nd->groups[g->level] = 0;
        pieces *= g->count;
        span = g->shift;
        nd->pieces[g->level] = pieces;
        if (g->time < 0) {
            n->split[g->level] |= 1u << dim;
            nd->stacks |= g->stack;
            continue;
        }
        nd->groups[g->level] = pieces;
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
        assert(n->loops < HD_MAX_LOOPS);
        if (u->step < outside[u->dim]) insert(&n->dim[u->dim], (nest_digit){u->step, 1, level, n->loops, 0});
        n->loop[n->loops++] = (nest_loop){u->dim, true, 1, u->step};
    }
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *u = &l->stack[i];
        if (u->shift < outside[u->dim])
            insert(&n->dim[u->dim], (nest_digit){u->shift, u->copies, level, -1, NEST_STACK(level, u->axis)});
    }
    n->loops_to[level] = n->loops;
}

/* What the wires in use can do. */
static void find_wires(nest *n)
{
    n->reduce = 0;
    for (int r = 0; r < HD_ROLES; r++) n->multicast[r] = 0;
    for (int l = 1; l <= n->mac; l++)
        for (int axis = 0; axis < HD_AXES; axis++) {
            const hd_level *al = &n->p->arch->level[l];
            unsigned bit = NEST_STACK(l, axis);
            if (!(n->stacks & bit)) continue;
            if (al->reduce[axis]) n->reduce |= bit;
            for (int r = 0; r < HD_ROLES; r++)
                if (al->multicast[axis] & HD_ROLE_BIT(r)) n->multicast[r] |= bit;
        }
}

void hd_nest_build(nest *n, const hd_problem *p, const hd_scheme *s)
{
    n->p = p;
    n->s = s;
    n->mac = s->levels - 1;
    n->loops = 0;
    for (int d = 0; d < p->op->dims; d++) n->dim[d].digits = 0;
    n->loops_to[0] = 0;
    n->split[0] = 0;
    for (int l = 1; l < s->levels; l++) {
        add_level(n, s, l);
        n->split[l] = 0;
    }
    n->stacks = 0;
    for (int d = 0; d < p->op->dims; d++) {
        finish(n, d);
        n->stacks |= n->dim[d].stacks;
    }
    find_wires(n);
    for (int l = 1; l < s->levels; l++) n->split[l] |= n->split[l - 1];
}

unsigned hd_nest_ragged(const nest *n)
{
    unsigned dims = 0;
    for (int d = 0; d < n->p->op->dims; d++) dims |= n->dim[d].even_to < n->mac ? 1u << d : 0;
    return dims;
}

void hd_nest_role(const nest *n, hd_role role, nest_role *out)
{
    const hd_operator *op = n->p->op;
    const hd_tensor *t = &op->tensor[role];
    out->n = 0;
    out->plain = true;
    out->words = out->points = 1;
    for (int d = 0; d < op->dims; d++) out->of_dim[d] = -1;
    for (int r = 0; r < t->ranks; r++) {
        const hd_rank *rank = &t->rank[r];
        bool plain = hd_rank_is_plain(op, rank);
        for (int k = 0; k < rank->terms; k++) out->of_dim[rank->term[k].dim] = out->n;
        out->of[out->n].rank = rank;
        out->of[out->n++].dim = plain ? rank->term[0].dim : -1;
        out->plain &= plain;
        out->words *= plain ? op->dim[rank->term[0].dim].extent : 1;
        if (!plain) out->points *= hd_rank_real_points(op, rank);
    }
    out->ranks = out->n;
    out->points *= out->words;
    for (int d = 0; d < op->dims; d++) {
        if (out->of_dim[d] >= 0 || n->dim[d].digits == 0) continue;
        out->of[out->n].rank = NULL;
        out->of[out->n].dim = d;
        out->of_dim[d] = out->n++;
        out->points *= op->dim[d].extent;
    }
}

int64_t hd_nest_tile(const nest *n, const nest_role *role, int level)
{
    const int64_t *box = n->s->level[level].tensor;
    int64_t words = 1;
    for (int i = 0; i < role->ranks; i++) {
        const hd_rank *rank = role->of[i].rank;
        int64_t hull = 1;
        if (role->of[i].dim >= 0) {
            words *= box[role->of[i].dim];
            continue;
        }
        for (int t = 0; t < rank->terms; t++) hull += rank->term[t].coef * (box[rank->term[t].dim] - 1);
        words *= hull < rank->extent ? hull : rank->extent;
    }
    return words;
}
