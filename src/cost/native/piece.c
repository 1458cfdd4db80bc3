/* Sums over the states of one dimension, ragged pieces included.
 *
 * Walking the mixed radix from the outside in, the pieces that a digit cuts from an enclosing piece of
 * extent e are full ones and at most one shorter one, so all states fall into a few classes (extent,
 * how many).  For `stay` a class also carries a lower limit m on the position of what follows: a loop inside
 * the cut has only index 0 exactly for the states whose later digits lie at or past e - shift, because index 1
 * would put them outside.  Existing indices are closed downwards, which makes this exact (docs/cost-model.md). */
#include <assert.h>

#include "base/count.h"
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
        if (d->level == v->node && !(absent && (d->stack & v->merge))) return FIXED;
        if (absent && d->level > v->event) return SKIPPED;
        return absent && (d->stack & (v->merge | v->pool)) ? RESTARTED : SUM;
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

/* Put the digits from `first` on to the classes of all digits outside; sums of what remains. */
static void sum_inside(const nest *n, int dim, const nest_view *v, int cut, bool absent, bool staying, int first,
                       piece_classes *now, int64_t *states, int64_t *extents)
{
    piece_classes other, *next = &other;
    bool settled = false;
    for (int i = first; i < n->dim[dim].digits && now->n > 0; i++) {
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

static void sum_classes(const nest *n, int dim, const nest_view *v, int cut, bool absent, bool staying,
                        int64_t *states, int64_t *extents)
{
    piece_classes whole;
    whole.n = 1;
    whole.c[0] = (piece_class){n->p->op->dim[dim].extent, 0, 1};
    sum_inside(n, dim, v, cut, absent, staying, 0, &whole, states, extents);
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
static void cut_pieces(const nest *n, int dim, const nest_view *v, int cut, bool absent, cutting *c)
{
    const nest_dim *nd = &n->dim[dim];
    int i = 0;
    while (i < nd->digits && nd->digit[i].level <= v->event && treat(&nd->digit[i], v, cut, absent) == SUM) i++;
    hd_nest_cut(n, dim, i, c);
    for (; i < nd->digits && nd->digit[i].level <= v->event; i++) {
        const nest_digit *d = &nd->digit[i];
        if (treat(d, v, cut, absent) == RESTARTED)
            hd_cutting_first(c, d->shift);
        else
            hd_cutting_all(c, d->shift);
    }
}

/* Of a dim that the role lacks: what merges and what restarts, as treat() says. */
static inline bool stands_at_0(const nest_digit *d, unsigned once, int cut) { return (d->stack & once) || d->time >= cut; }

/* Digit `first` stands at 0, and maybe others; some inside of them run freely: they may have fewer pieces there. */
static __attribute__((noinline)) int64_t states_inside(const nest *n, int dim, const nest_view *v, int cut,
                                                       const nest_digit *first)
{
    const nest_dim *nd = &n->dim[dim];
    unsigned once = v->merge | v->pool;
    cutting c, room;
    nest_pieces p = hd_nest_pieces(n, dim, (int)(first - nd->digit), &room);
    hd_cutting_start(&c, first->shift);
    c.pieces = p.full;
    for (int i = 0; i < p.shorts; i++) {
        if (p.of[i].extent >= c.extent) c.pieces += p.of[i].pieces;
        else c.rest[c.shorts++] = p.of[i];
    }
    for (const nest_digit *g = first + 1, *end = nd->digit + nd->digits; g < end && g->level <= v->event; g++) {
        if (stands_at_0(g, once, cut))
            hd_cutting_first(&c, g->shift);
        else
            hd_cutting_all(&c, g->shift);
    }
    return hd_cutting_pieces(&c);
}

int64_t hd_piece_states(const nest *n, int dim, const nest_view *v, int cut)
{
    const nest_dim *nd = &n->dim[dim];
    const nest_digit *g = nd->digit, *end = g + nd->digits;
    unsigned once = v->merge | v->pool;
    int64_t states = 1;
    for (; g < end && g->level <= v->event && !stands_at_0(g, once, cut); g++) states = g->pieces;
    for (const nest_digit *first = g; g < end && g->level <= v->event; g++) {
        if (stands_at_0(g, once, cut)) continue;
        if (nd->even_to < v->event) return states_inside(n, dim, v, cut, first);
        states *= g->count;
    }
    return states;
}

int64_t hd_piece_first_slowly(const nest *n, int dim, const nest_view *v, bool absent)
{
    const nest_dim *nd = &n->dim[dim];
    int64_t count = absent ? 1 : n->s->level[v->event].tensor[dim];
    if (nd->even_to < v->event) {
        cutting c;
        cut_pieces(n, dim, v, 0, absent, &c);
        return absent ? hd_cutting_pieces(&c) : hd_cutting_words(&c);
    }
    for (int i = 0; i < nd->digits && nd->digit[i].level <= v->event; i++)
        if (treat(&nd->digit[i], v, 0, absent) == SUM) count *= nd->digit[i].count;
    return count;
}

/* Loops from `loop` to `unit` restart in a piece of this extent, at most one stack lies inside of them: words of the units past
 * all second indices. */
static inline int64_t stay_past(const nest_digit *loop, const nest_digit *unit, int64_t unit_shift, int64_t extent)
{
    int64_t limit = 0;
    for (; loop < unit; loop++) {
        limit = hd_count_max(limit, extent - loop->shift);
        extent = hd_count_min(extent, loop->shift);
    }
    if (limit == 0) return extent;
    if (limit >= extent) return 0;
    return hd_count_max(0, extent - hd_count_ceil_div(limit, unit_shift) * unit_shift);
}

/* Anything else: class by class. */
static NEST_RARE int64_t stay_slowly(const nest *n, int dim, const nest_view *v, int cut, int outer, const nest_pieces *p)
{
    const nest_digit *loop = &n->dim[dim].digit[outer];
    int64_t states, words;
    piece_classes from;
    from.n = 0; /* pieces of two full indices stay nowhere */
    if (p->extent < 2 * loop->shift) add(&from, p->extent, 0, p->full);
    for (int i = 0; i < p->shorts; i++)
        if (p->of[i].extent < 2 * loop->shift) add(&from, p->of[i].extent, 0, p->of[i].pieces);
    if (from.n == 0) return 0;
    sum_inside(n, dim, v, cut, false, true, outer, &from, &states, &words);
    return words;
}

int64_t hd_piece_stay(const nest *n, int dim, const nest_view *v, int cut)
{
    const nest_dim *nd = &n->dim[dim];
    const nest_digit *d = nd->digit, *end = d + nd->digits;
    while (d < end && d->level <= v->event && d->time < cut) d++;
    if (d == end || d->level > v->event) return n->p->op->dim[dim].extent;
    if (nd->even_to >= v->event) return 0;
    const nest_digit *loop = d;
    while (d < end && d->level <= v->event && d->time >= 0) d++;
    const nest_digit *unit = d;
    while (d < end && d->level <= v->event) d++;
    cutting room;
    int outer = (int)(loop - nd->digit);
    nest_pieces p = hd_nest_pieces(n, dim, outer, &room);
    if (!nd->in_order || d > unit + 1 || v->settle > 0) return stay_slowly(n, dim, v, cut, outer, &p);
    int64_t words = p.full * stay_past(loop, unit, d[-1].shift, p.extent);
    for (int i = 0; i < p.shorts; i++) words += p.of[i].pieces * stay_past(loop, unit, d[-1].shift, p.of[i].extent);
    return words;
}

piece_sums hd_piece_sums(const nest *n, int dim, const nest_view *v, int cut, bool absent)
{
    piece_sums sums = {0, 0, 0};
    bool restarts = false;
    int64_t states;
    for (int i = 0; i < n->dim[dim].digits && !restarts; i++) {
        const nest_digit *d = &n->dim[dim].digit[i];
        restarts = d->time >= cut && d->time >= 0 && d->level <= v->event;
    }
    if (n->dim[dim].even_to >= v->box) return sum_even(n, dim, v, cut, absent, restarts);
    if (hd_view_is_whole(v)) {
        cutting c;
        cut_pieces(n, dim, v, cut, absent, &c);
        sums.states = hd_cutting_pieces(&c);
        sums.extents = hd_cutting_words(&c);
    } else {
        sum_classes(n, dim, v, cut, absent, false, &sums.states, &sums.extents);
    }
    if (absent) return sums;
    if (!restarts)
        sums.stay = sums.extents;
    else
        sum_classes(n, dim, v, cut, absent, true, &states, &sums.stay);
    return sums;
}
