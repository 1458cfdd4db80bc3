/* Words of a unit follow from the pieces that its indices leave of every enclosing piece.  Along one stack these are the same
 * for all indices between two ends of pieces; only where a rank is padded can indices also differ by the border that
 * they touch.  So the units fall into few runs, most often one or two per stack. */
#include "cost/native/alike.h"

#include "base/count.h"

static bool stands(const alike *a, const nest_digit *d) { return d->time < 0 && d->level >= a->from && d->level <= a->to; }

/* Pieces that enclose a digit. */
static void enclose(const alike *a, int dim, int digit, cutting *c)
{
    const nest_dim *nd = &a->n->dim[dim];
    hd_cutting_start(c, a->n->p->op->dim[dim].extent);
    for (int k = 0; k < digit; k++) {
        if (stands(a, &nd->digit[k]))
            hd_cutting_at(c, nd->digit[k].shift, a->at[dim][k]);
        else
            hd_cutting_all(c, nd->digit[k].shift);
    }
}

/* Coordinates of the dim that units of an index reach. */
static void reach(const alike *a, int dim, int digit, int64_t index, int64_t *low, int64_t *high)
{
    const nest_dim *nd = &a->n->dim[dim];
    int64_t span = nd->digit[digit].shift;
    *low = index * span;
    for (int k = 0; k < digit; k++) {
        if (stands(a, &nd->digit[k]))
            *low += a->at[dim][k] * nd->digit[k].shift;
        else
            span += (nd->digit[k].count - 1) * nd->digit[k].shift;
    }
    *high = hd_count_min(*low + span, a->n->p->op->dim[dim].extent);
}

/* Does a rank's box reach outside the tensor somewhere while the dim is in [low, high)? */
static bool is_clipped(const hd_operator *op, const hd_rank *r, int dim, int64_t low, int64_t high)
{
    int64_t first = r->offset, last = r->offset;
    bool own = false;
    for (int t = 0; t < r->terms; t++) {
        bool here = r->term[t].dim == dim;
        own |= here;
        first += here ? r->term[t].coef * low : 0;
        last += r->term[t].coef * ((here ? high : op->dim[r->term[t].dim].extent) - 1);
    }
    return own && (first < 0 || last >= r->extent);
}

static bool touches(const alike *a, int dim, int digit, int64_t index)
{
    int64_t low, high;
    reach(a, dim, digit, index, &low, &high);
    for (int k = 0; k < a->n->ready->roles; k++) {
        const nest_role *role = &a->n->ready->role[k];
        if (!(a->roles >> k & 1u) || !(role->general >> dim & 1u)) continue;
        for (int i = 0; i < role->ranks; i++)
            if (role->of[i].dim < 0 && is_clipped(a->n->p->op, role->of[i].rank, dim, low, high)) return true;
    }
    return false;
}

int64_t hd_alike_end(const alike *a, int dim, int digit, int64_t index)
{
    const nest_digit *d = &a->n->dim[dim].digit[digit];
    int64_t end = d->count;
    cutting c;
    enclose(a, dim, digit, &c);
    for (int i = -1; i < c.shorts; i++) {
        int64_t extent = i < 0 ? c.extent : c.rest[i].extent, full = extent / d->shift;
        if (i < 0 && c.pieces == 0) continue;
        if (full > index) end = hd_count_min(end, full);
        else if (full == index && extent % d->shift) end = hd_count_min(end, index + 1);
    }
    if (touches(a, dim, digit, index)) return hd_count_min(end, index + 1);
    for (int64_t k = index + 1; k < end; k++)
        if (touches(a, dim, digit, k)) return k;
    return end;
}

int64_t hd_alike_inner(const alike *a, int dim, int digit)
{
    int64_t index = 0, count = a->n->dim[dim].digit[digit].count;
    while (index < count && touches(a, dim, digit, index)) index++;
    return index < count ? index : -1;
}
