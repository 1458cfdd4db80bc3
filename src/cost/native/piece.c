/* Sums over the states of one dimension, ragged pieces included.
 *
 * Walking the mixed radix from the outside in, the pieces that a digit cuts from an enclosing piece of
 * extent e are full ones and at most one shorter one, so all states fall into a few classes (extent,
 * how many).  For `stay` a class also carries a lower limit m on the position of what follows: a loop inside
 * the cut has only index 0 exactly for the states whose later digits lie at or past e - shift, because index 1
 * would put them outside.  Existing indices are closed downwards, which makes this exact (docs/cost-model.md). */
#include <assert.h>

#include "base/count.h"
#include "cost/native/cutting.h"
#include "cost/native/nest.h"

enum { MAX_CLASSES = 64 };

typedef struct piece_class { int64_t extent, limit, states; } piece_class;
typedef struct piece_classes { int n; piece_class c[MAX_CLASSES]; } piece_classes;

static void add(piece_classes *to, int64_t extent, int64_t limit, int64_t states)
{
    if (limit < 0) limit = 0;
    if (states <= 0 || extent <= 0 || limit >= extent) return;
    for (int i = 0; i < to->n; i++)
        if (to->c[i].extent == extent && to->c[i].limit == limit) {
            to->c[i].states += states;
            return;
        }
    assert(to->n < MAX_CLASSES);
    to->c[to->n++] = (piece_class){extent, limit, states};
}

/* Indices from..to-1 (all that exist) of a digit, each its own state. */
static void spread(piece_classes *to, const piece_class *c, int64_t shift, int64_t from, int64_t end)
{
    int64_t full = c->extent / shift, count = hd_count_ceil_div(c->extent, shift);
    if (end > count) end = count;
    int64_t first = c->limit / shift; /* indices below lie wholly under the limit */
    if (from < first) from = first;
    if (from >= end) return;
    if (c->limit > first * shift && from == first) {
        add(to, hd_count_min(shift, c->extent - first * shift), c->limit - first * shift, c->states);
        from++;
    }
    int64_t whole = hd_count_min(end, full);
    if (whole > from) add(to, shift, 0, c->states * (whole - from));
    if (end == count && count > full && from <= full) add(to, c->extent - full * shift, 0, c->states);
}

typedef enum treatment { SUM, RESTARTED, FIXED, SKIPPED } treatment;

static treatment treat(const nest_digit *d, const nest_view *v, int cut, bool absent)
{
    if (d->time < 0) {
        if (d->level <= v->fixed) return FIXED;
        if (absent && d->level > v->event) return SKIPPED;
        return absent && (d->stack & v->merge) ? RESTARTED : SUM;
    }
    if (d->level > v->event) return absent ? SKIPPED : SUM;
    return d->time < cut ? SUM : RESTARTED;
}

/* One digit applied to every class of `from`, into `to`.  `staying`: restarted loops must have no second index. */
static void apply(const piece_classes *from, piece_classes *to, const nest_digit *d, treatment t, int64_t at, bool staying)
{
    to->n = 0;
    for (int i = 0; i < from->n; i++) {
        const piece_class *k = &from->c[i];
        switch (t) {
        case SUM: spread(to, k, d->shift, 0, INT64_MAX); break;
        case FIXED: spread(to, k, d->shift, at, at + 1); break;
        case RESTARTED: {
            bool loop = d->time >= 0;
            int64_t limit = staying && loop ? hd_count_max(k->limit, k->extent - d->shift) : k->limit;
            add(to, hd_count_min(d->shift, k->extent), limit, k->states);
            break;
        }
        case SKIPPED: break;
        }
    }
}

/* Only states whose tile starts at or past the limit remain. */
static void settle(piece_classes *c)
{
    for (int k = 0; k < c->n; k++)
        if (c->c[k].limit > 0) c->c[k--] = c->c[--c->n];
}

static void sum_classes(const nest *n, int dim, const nest_view *v, int cut, bool absent, bool staying,
                        int64_t *states, int64_t *extents)
{
    piece_classes a, b, *now = &a, *next = &b;
    bool settled = false;
    now->n = 1;
    now->c[0] = (piece_class){n->p->op->dim[dim].extent, 0, 1};
    for (int i = 0; i < n->dim[dim].digits; i++) {
        const nest_digit *d = &n->dim[dim].digit[i];
        if (d->level > v->box) break;
        if (staying && !settled && d->level > (v->settle > 0 ? v->settle : v->event)) {
            settled = true;
            settle(now);
        }
        treatment t = treat(d, v, cut, absent);
        if (t == SKIPPED) continue;
        apply(now, next, d, t, t == FIXED ? v->at[dim][i] : 0, staying);
        piece_classes *swap = now;
        now = next;
        next = swap;
    }
    settle(now);
    *states = *extents = 0;
    for (int i = 0; i < now->n; i++) {
        *states += now->c[i].states;
        *extents += now->c[i].states * now->c[i].extent;
    }
}

/* Everything divides: one class, so states are a product. */
static piece_sums sum_even(const nest *n, int dim, const nest_view *v, int cut, bool absent, bool restarts)
{
    piece_sums sums = {1, n->p->op->dim[dim].extent, 0};
    for (int i = 0; i < n->dim[dim].digits; i++) {
        const nest_digit *d = &n->dim[dim].digit[i];
        if (d->level > v->box) break;
        treatment t = treat(d, v, cut, absent);
        if (t == SUM) sums.states *= d->count;
        if (t != SKIPPED) sums.extents = d->shift;
    }
    sums.extents *= sums.states;
    if (!absent && !restarts) sums.stay = sums.extents;
    return sums;
}

/* Whole views need no indices: the pieces that digits cut, and those of index 0 alone where they restart. */
static void sum_pieces(const nest *n, int dim, const nest_view *v, int cut, bool absent, piece_sums *out)
{
    cutting c;
    hd_cutting_start(&c, n->p->op->dim[dim].extent);
    for (int i = 0; i < n->dim[dim].digits && n->dim[dim].digit[i].level <= v->event; i++) {
        const nest_digit *d = &n->dim[dim].digit[i];
        if (treat(d, v, cut, absent) == RESTARTED)
            hd_cutting_first(&c, d->shift);
        else
            hd_cutting_all(&c, d->shift);
    }
    out->states = hd_cutting_pieces(&c);
    out->extents = hd_cutting_words(&c);
}

/* What a unit 0 does: its loops run, its stacks stand at 0. */
int64_t hd_piece_steps(const nest *n, int dim)
{
    cutting c;
    hd_cutting_start(&c, n->p->op->dim[dim].extent);
    for (int i = 0; i < n->dim[dim].digits; i++) {
        const nest_digit *d = &n->dim[dim].digit[i];
        if (d->time < 0)
            hd_cutting_first(&c, d->shift);
        else
            hd_cutting_all(&c, d->shift);
    }
    return hd_cutting_pieces(&c);
}

piece_sums hd_piece_sums(const nest *n, int dim, const nest_view *v, int cut, bool absent)
{
    piece_sums sums = {0, 0, 0};
    bool restarts = false, whole = v->fixed < 0 && v->box == v->event;
    int64_t states;
    for (int i = 0; i < n->dim[dim].digits && !restarts; i++) {
        const nest_digit *d = &n->dim[dim].digit[i];
        restarts = d->time >= cut && d->time >= 0 && d->level <= v->event;
    }
    if (n->dim[dim].even_to >= v->box) return sum_even(n, dim, v, cut, absent, restarts);
    if (whole)
        sum_pieces(n, dim, v, cut, absent, &sums);
    else
        sum_classes(n, dim, v, cut, absent, false, &sums.states, &sums.extents);
    if (absent) return sums;
    if (!restarts)
        sums.stay = sums.extents;
    else
        sum_classes(n, dim, v, cut, absent, true, &states, &sums.stay);
    return sums;
}
