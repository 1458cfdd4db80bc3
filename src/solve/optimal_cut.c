/* Where to cut a domain in two.
 *
 * While domains are large, a choice of one option leaves the rest of its own domain to be looked at beside all others again.
 * Halves that differ in what costs most (a tile's words, the copies on an axis, what comes how often) raise the bounds of
 * the other domains' options just as well, for many options at once.  Of every domain and every product its options are cut
 * at their median; that cut is taken whose cheaper half costs most.                                        */
#include <math.h>

#include "solve/optimal_frame.h"

enum { SAMPLE = 1024 };               /* so many options of a domain tell a cut's worth */

typedef struct sampled {
    const opt_block *block;
    int n;
    const double *row[SAMPLE];
    const uint16_t *loops[SAMPLE], *wraps[SAMPLE];
} sampled;

static void take_sample(const opt *o, const opt_domain *d, sampled *s)
{
    s->block = &o->block[d->block];
    s->n = d->n < SAMPLE ? d->n : SAMPLE;
    for (int i = 0; i < s->n; i++) {
        size_t option = (size_t)d->child[(int64_t)i * d->n / s->n].option;
        s->row[i] = opt_row_of(o, s->block, (int)option);
        s->loops[i] = s->block->loops + option * HD_MAX_LEVELS;
        s->wraps[i] = s->block->wraps + option * HD_MAX_LEVELS;
    }
}

/* What the half of the sample costs at least, beside the others at their least; INFINITY: it does not fit. */
static double half_bound(opt *o, const opt_node *others, const sampled *s, int column, double at, int half)
{
    double least[OPT_MAX_ROW];
    opt_node n;
    opt_copy_node(o, others, &n);
    for (int i = 0; i < o->row; i++) least[i] = INFINITY;
    for (int k = 0; k < s->n; k++) {
        const double *row = s->row[k];
        if ((row[column] >= at) != (half == 1)) continue;
        opt_lower(o, row, least);
        for (int l = 1; l <= o->mac; l++) n.may_loop[l] |= s->loops[k][l], n.may_wrap[l] |= s->wraps[k][l];
    }
    opt_multiply(o, n.row, least, n.row);
    o->nodes++;
    return opt_fits(o, n.row) ? opt_bound(o, &n, opt_limit(o)) : INFINITY;
}

/* The k-th smallest of the values, which change places (Hoare's selection). */
static double select_value(double *value, int n, int k)
{
    for (int low = 0, high = n - 1; low < high;) {
        double pivot = value[(low + high) / 2], swapped;
        int i = low, j = high;
        while (i <= j) {
            while (value[i] < pivot) i++;
            while (value[j] > pivot) j--;
            if (i > j) break;
            swapped = value[i], value[i++] = value[j], value[j--] = swapped;
        }
        if (k <= j) high = j;
        else if (k >= i) low = i;
        else break;
    }
    return value[k];
}

/* The median of a column, or the least above it if nothing is below; `*shape`: equal where columns are proportional.  False
 * where all values are equal. */
static bool find_median(const sampled *s, int column, double *at, double *shape)
{
    double value[SAMPLE], sum = 0, low = INFINITY, high = 0, next = INFINITY;
    for (int i = 0; i < s->n; i++) {
        sum += value[i] = s->row[i][column];
        low = opt_lesser(low, value[i]);
        high = opt_greater(high, value[i]);
    }
    if (low == high) return false;
    *at = select_value(value, s->n, s->n / 2);
    for (int i = 0; *at == low && i < s->n; i++)
        if (value[i] > low) next = opt_lesser(next, value[i]);
    if (*at == low) *at = next;
    *shape = sum / high;
    return true;
}

static bool is_known(const double *shape, int n, double one)
{
    for (int i = 0; i < n; i++)
        if (fabs(shape[i] - one) <= 1e-9 * one) return true;
    return false;
}

/* The worth of a cut: what its cheaper half costs, then what the other one does. */
static double worth(const opt_cut *c, double limit)
{
    double low = fmin(c->bound[0], c->bound[1]), high = fmax(c->bound[0], c->bound[1]);
    return fmin(low, limit) + 1e-3 * fmin(high, limit);
}

static void look_for_cuts(opt *o, const opt_frame *f, int i, opt_cut *best)
{
    double shape[OPT_MAX_ROW], limit = opt_limit(o);
    int shapes = 0;
    opt_node others;
    sampled s;
    opt_complete(o, f, i, &others);
    take_sample(o, &f->domain[i], &s);
    for (int column = 0; column < o->row; column++) {
        opt_cut c = {.domain = i, .column = column};
        if (!find_median(&s, column, &c.at, &shape[shapes]) || is_known(shape, shapes, shape[shapes])) continue;
        shapes++;
        c.bound[0] = half_bound(o, &others, &s, column, c.at, 0);
        c.bound[1] = INFINITY;
        if (best->domain >= 0 && worth(&c, limit) <= worth(best, limit)) continue; /* whatever the other half costs */
        c.bound[1] = half_bound(o, &others, &s, column, c.at, 1);
        if (best->domain < 0 || worth(&c, limit) > worth(best, limit)) *best = c;
    }
    if (best->domain == i && f->domain[i].n > SAMPLE) best->bound[0] = best->bound[1] = 0; /* of the sample only */
}

opt_cut opt_find_cut(opt *o, const opt_frame *f)
{
    opt_cut best = {.domain = -1};
    for (int i = 0; i < f->domains; i++)
        if (f->domain[i].n > 1) look_for_cuts(o, f, i, &best);
    return best;
}
