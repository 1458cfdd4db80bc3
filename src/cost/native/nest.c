/* Build the nest: digits of all dimensions with their place in time. */
#include "cost/native/nest.h"

#include <assert.h>

#include "cost/native/cutting.h"

/* Put a digit among those of its level by falling shift; of equal ones the stack that counts is the outer one, then the
 * loop that comes first in time (dataflow/radix.c says why). */
static void insert(nest_dim *nd, int64_t shift, int64_t copies, int level, int time, unsigned stack)
{
    int k = nd->digits++;
    assert(k < HD_MAX_DIGITS);
    for (; k > 0 && nd->digit[k - 1].level == level; k--) {
        const nest_digit *out = &nd->digit[k - 1];
        if (shift < out->shift || (shift == out->shift && (copies <= 1 || out->count > 1))) break;
        nd->digit[k] = *out;
    }
    nd->digit[k] = (nest_digit){shift, copies, level, time, stack};
}

/* From the first digit on that does not divide the span above it; returns the level of the last one. */
static int finish_ragged(nest_dim *nd, int digits, int from, int64_t extent, int level)
{
    cutting c;
    hd_cutting_start(&c, extent);
    for (int i = 0; i < from; i++) hd_cutting_all(&c, nd->digit[i].shift);
    for (int i = from; i < digits; i++) {
        const nest_digit *g = &nd->digit[i];
        for (; level < g->level; level++) nd->pieces[level] = hd_cutting_pieces(&c);
        if (nd->firm_to >= g->level && (g->stack || hd_cutting_shortest(&c) <= g->shift)) nd->firm_to = g->level - 1;
        hd_cutting_all(&c, g->shift);
    }
    nd->pieces[level] = hd_cutting_pieces(&c);
    return level;
}

/* Counts follow from the spans; digits that count one are dropped. */
static void finish(nest *n, int dim)
{
    nest_dim *nd = &n->dim[dim];
    int64_t extent = n->p->op->dim[dim].extent, span = extent, pieces = 1;
    int kept = 0, level = 0, latest = -1, first_ragged = -1, ragged_level = 0;
    nd->even_to = n->mac;
    nd->in_order = true;
    nd->stacks = 0;
    for (int i = 0; i < nd->digits; i++) {
        nest_digit g = nd->digit[i];
        if (g.shift == span) continue;
        for (; level < g.level; level++) nd->pieces[level] = pieces;
        g.count = span / g.shift;
        if (g.count * g.shift != span) {
            g.count++;
            if (first_ragged < 0) first_ragged = kept, ragged_level = level, nd->even_to = g.level - 1;
        }
        pieces *= g.count;
        span = g.shift;
        nd->digit[kept++] = g;
        if (g.time < 0) {
            n->split[g.level] |= 1u << dim;
            nd->stacks |= g.stack;
            continue;
        }
        n->loop[g.time].count = g.count;
        nd->in_order &= g.time > latest;
        latest = g.time;
    }
    nd->digits = kept;
    nd->firm_to = n->mac;
    if (first_ragged >= 0) {
        if (!nd->in_order) nd->firm_to = nd->even_to;
        level = finish_ragged(nd, kept, first_ragged, extent, ragged_level);
        pieces = nd->pieces[level++];
    }
    for (; level <= n->mac; level++) nd->pieces[level] = pieces;
}

static void add_level(nest *n, const hd_scheme_level *l, int level)
{
    for (int i = l->updates - 1; i >= 0; i--) { /* listed innermost first */
        const hd_update *u = &l->update[i];
        assert(n->loops < HD_MAX_LOOPS);
        insert(&n->dim[u->dim], u->step, 1, level, n->loops, 0);
        n->loop[n->loops++] = (nest_loop){u->dim, level, 1, u->step};
    }
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *s = &l->stack[i];
        insert(&n->dim[s->dim], s->shift, s->copies, level, -1, NEST_STACK(level, s->axis));
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
    for (int l = 0; l < s->levels; l++) {
        add_level(n, &s->level[l], l);
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

void hd_nest_role(const nest *n, hd_role role, nest_role *out)
{
    const hd_operator *op = n->p->op;
    const hd_tensor *t = &op->tensor[role];
    out->role = role;
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
