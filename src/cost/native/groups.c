/* Which groups of nodes look alike?
 *
 * Words of a group follow from the pieces that its indices leave of every enclosing piece.  Along one stack these are the same
 * for all indices between two ends of pieces; only where a rank is padded can indices also differ by the border they
 * touch.  So the groups fall into few runs, most often one or two per stack.                          */
#include "cost/native/groups.h"

#include <string.h>

#include "base/count.h"

/* The digit of the nest that a stack became; -1 where it counts one. */
static int digit_of(const nest *n, const hd_stack *s, int level)
{
    const nest_dim *nd = &n->dim[s->dim];
    for (int k = 0; k < nd->digits; k++)
        if (nd->digit[k].level == level && nd->digit[k].time < 0 && nd->digit[k].shift == s->shift) return k;
    return -1;
}

/* By dim, outer digits first. */
static void insert(group_digit *list, int *n, group_digit d)
{
    int k = (*n)++;
    for (; k > 0 && (list[k - 1].dim > d.dim || (list[k - 1].dim == d.dim && list[k - 1].digit > d.digit)); k--)
        list[k] = list[k - 1];
    list[k] = d;
}

void hd_groups_of(const nest *n, const chain *c, int level, groups *g)
{
    const hd_scheme_level *l = &n->s->level[level];
    unsigned wired = hd_wired_stacks(n, c, level - 1, level);
    int64_t weight[HD_AXES] = {1, 1};
    g->n = n;
    g->c = c;
    g->level = level;
    g->link = 1;
    while (c->level[g->link] < level) g->link++;
    g->shape = (node_grid){{0, 0}, {0, 0}, 1};
    g->members = 1;
    g->digits = g->inner = 0;
    memset(g->at, 0, sizeof g->at);
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *s = &l->stack[i];
        int digit = s->copies > 1 ? digit_of(n, s, level) : -1;
        if (digit < 0) continue;
        bool absent = !(c->factors->dims >> s->dim & 1u);
        group_digit d = {s->dim, digit, s->axis, absent, s->copies, weight[s->axis]};
        weight[s->axis] *= s->copies;
        if (!absent || !(wired & NEST_STACK(level, s->axis))) {
            insert(g->digit, &g->digits, d);
            continue;
        }
        g->member[g->inner++] = d;
        g->members *= d.count;
        g->shape.span[d.axis] += (d.count - 1) * d.weight;
        if (d.axis == HD_X) g->shape.columns *= d.count;
    }
}

/* ---- runs ---- */

/* Pieces that enclose a digit, for the indices that the run has so far. */
static void enclose(const groups *g, const group_digit *d, cutting *c)
{
    const nest_dim *nd = &g->n->dim[d->dim];
    hd_cutting_start(c, g->n->p->op->dim[d->dim].extent);
    for (int k = 0; k < d->digit; k++) {
        const nest_digit *outer = &nd->digit[k];
        if (outer->time < 0 && outer->level == g->level)
            hd_cutting_at(c, outer->shift, g->at[d->dim][k]);
        else
            hd_cutting_all(c, outer->shift);
    }
}

/* Does a piece of the dim reach over a border of a padded rank while the digit has this index? */
static bool touches(const groups *g, const group_digit *d, int64_t index)
{
    const hd_operator *op = g->n->p->op;
    const nest_dim *nd = &g->n->dim[d->dim];
    int64_t low = index * nd->digit[d->digit].shift, span = nd->digit[d->digit].shift;
    for (int k = 0; k < d->digit; k++) {
        bool fixed = nd->digit[k].time < 0 && nd->digit[k].level == g->level;
        low += fixed ? g->at[d->dim][k] * nd->digit[k].shift : 0;
        span += fixed ? 0 : (nd->digit[k].count - 1) * nd->digit[k].shift;
    }
    int64_t high = hd_count_min(low + span, op->dim[d->dim].extent);
    for (int i = 0; i < g->c->factors->ranks; i++) {
        const hd_rank *r = g->c->factors->of[i].rank;
        int64_t first = r->offset, last = r->offset;
        bool own = false;
        for (int t = 0; t < r->terms; t++) {
            bool here = r->term[t].dim == d->dim;
            own |= here;
            first += here ? r->term[t].coef * low : 0;
            last += r->term[t].coef * ((here ? high : op->dim[r->term[t].dim].extent) - 1);
        }
        if (own && g->c->factors->of[i].dim < 0 && (first < 0 || last >= r->extent)) return true;
    }
    return false;
}

static bool is_padded(const groups *g, int dim)
{
    for (int i = 0; i < g->c->factors->ranks; i++) {
        const hd_rank *r = g->c->factors->of[i].rank;
        for (int t = 0; t < r->terms; t++)
            if (r->term[t].dim == dim && g->c->factors->of[i].dim < 0 && !hd_rank_is_open(g->n->p->op, r)) return true;
    }
    return false;
}

/* Does an index look different from the one before? */
static bool breaks(const groups *g, const group_digit *d, const cutting *c, bool padded, int64_t index)
{
    int64_t shift = g->n->dim[d->dim].digit[d->digit].shift;
    if (d->absent && index == 1 && g->c->role == HD_O) return true; /* old partials go to index 0 */
    for (int i = -1; i < c->shorts; i++) {
        int64_t extent = i < 0 ? c->extent : c->rest[i].extent, pieces = i < 0 ? c->pieces : c->rest[i].pieces;
        if (pieces > 0 && (index == extent / shift || index == hd_count_ceil_div(extent, shift))) return true;
    }
    return padded && (touches(g, d, index - 1) || touches(g, d, index));
}

static void walk(groups *g, int k, hd_groups_visit *visit, void *user)
{
    cutting c;
    if (k == g->digits) {
        visit(g, user);
        return;
    }
    const group_digit *d = &g->digit[k];
    bool padded = is_padded(g, d->dim);
    enclose(g, d, &c);
    for (int64_t from = 0, to; from < d->count; from = to) {
        for (to = from + 1; to < d->count && !breaks(g, d, &c, padded, to); to++) {}
        g->start[k] = g->at[d->dim][d->digit] = from;
        g->run[k] = to - from;
        walk(g, k + 1, visit, user);
    }
    g->at[d->dim][d->digit] = 0;
}

void hd_groups_walk(groups *g, hd_groups_visit *visit, void *user) { walk(g, 0, visit, user); }

bool hd_groups_next(const groups *g, int64_t index[HD_MAX_STACKS])
{
    for (int k = 0; k < g->digits; k++) {
        if (++index[k] < g->run[k]) return true;
        index[k] = 0;
    }
    return false;
}

node_grid hd_groups_place(const groups *g, const int64_t index[HD_MAX_STACKS])
{
    node_grid place = g->shape;
    for (int k = 0; k < g->digits; k++) place.low[g->digit[k].axis] += (g->start[k] + index[k]) * g->digit[k].weight;
    return place;
}
