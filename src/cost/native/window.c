/* Unpadded windows: see window.h.
 *
 * With every count dividing, a state's units are one interval of `length`, copied on a grid; the tile before is the
 * same, shifted by `ahead`.  Needed are then strips of min(|ahead|, length) on the grid, all on the same side.
 * Otherwise the few classes of states of either dim are paired.                                           */
#include "cost/native/window.h"

#include <stdlib.h>

#include "base/count.h"
#include "cost/native/border.h"
#include "cost/native/spans.h"

_Static_assert(HD_MAX_CLASS_UNITS * HD_MAX_CLASS_UNITS <= HD_MAX_SPANS, "every pair of classes has room");

static int64_t held(const window_way *y, int64_t ahead)
{
    int64_t strip = hd_count_min(llabs(ahead), y->length);
    return strip == y->length ? 0 : y->covered - hd_grid_words(&y->grid, strip);
}

static bool lay_grid(const window *w, window_way *y)
{
    const nest *n = w->n;
    y->states = y->length = y->unmerged = 1;
    hd_grid_clear(&y->grid);
    for (int t = 0; t < w->rank->terms; t++) {
        int dim = w->rank->term[t].dim;
        const nest_dim *nd = &n->dim[dim];
        for (int i = 0; i < nd->digits && nd->digit[i].level <= y->view->event; i++) {
            const nest_digit *g = &nd->digit[i];
            if (!(g->stack & y->view->merge)) {
                y->states *= g->count;
                if (g->stack) y->unmerged *= g->count;
                continue;
            }
            hd_grid_add(&y->grid, w->rank->term[t].coef * g->shift, g->count);
        }
        y->length += w->rank->term[t].coef * (n->s->level[y->view->event].tensor[dim] - 1);
    }
    if (y->grid.points > HD_NATIVE_MAX_UNITS) return false;
    y->covered = hd_grid_words(&y->grid, y->length);
    return true;
}

/* ---- not even ---- */

typedef enum question { COVERED, HELD, HELD_APART } question; /* by units together; by each alone */

static const classes none = {.n = 1, .units = 1, .of = {{1, 0, 1}}, .unit = {{0, 1, 0, 1}}}; /* of a rank's missing term */

/* Pieces in words of the rank: from its first point's to behind its last one's. */
static void scale(classes *c, int64_t coef)
{
    for (int i = 0; i < c->units && coef > 1; i++) {
        class_unit *u = &c->unit[i];
        *u = (class_unit){coef * u->lo, coef * (u->hi - 1) + 1, coef * u->old_lo, coef * (u->old_hi - 1) + 1};
    }
}

/* Of a piece of either term, in words. */
static inline span box(int64_t alo, int64_t ahi, int64_t blo, int64_t bhi) { return (span){alo + blo, ahi + bhi - 1}; }

/* One unit each, as most are. */
static inline int64_t one_pair(const class_unit *u, const class_unit *w, question q)
{
    span now = box(u->lo, u->hi, w->lo, w->hi), old = box(u->old_lo, u->old_hi, w->old_lo, w->old_hi);
    if (q == COVERED) return now.hi - now.lo;
    return hd_count_max(0, hd_count_min(now.hi, old.hi) - hd_count_max(now.lo, old.lo));
}

/* Words of one pair of classes of many units, in any order. */
static int64_t pair_words(const classes *a, int i, const classes *b, int k, question q)
{
    span_set set;
    hd_spans_clear(&set);
    for (int x = a->of[i].first; x < a->of[i].first + a->of[i].units; x++)
        for (int y = b->of[k].first; y < b->of[k].first + b->of[k].units; y++) {
            const class_unit *u = &a->unit[x], *w = &b->unit[y];
            hd_spans_add(&set, box(u->lo, u->hi, w->lo, w->hi), box(u->old_lo, u->old_hi, w->old_lo, w->old_hi));
        }
    return q == COVERED ? hd_spans_covered(&set) : hd_spans_covered(&set) - hd_spans_needed(&set);
}

static inline span seen(span s, bool backwards) { return backwards ? (span){-s.hi, -s.lo} : s; }

/* Held words of units side by side: what they cover less what some unit needs, both by rising coordinates where new boxes lie
 * before old ones, else the other way around.  -1 where a unit needs words at the wrong end or they come in another order. */
static int64_t held_in_a_row(const classes *a, int i, const classes *b, int k)
{
    const class_unit *u = &a->unit[a->of[i].first], *w = &b->unit[b->of[k].first];
    int64_t words = 0, end = INT64_MIN, needed_end = INT64_MIN, last = INT64_MIN;
    bool backwards = box(u->old_lo, u->old_hi, w->old_lo, w->old_hi).lo < box(u->lo, u->hi, w->lo, w->hi).lo;
    int step = backwards ? -1 : 1, x = backwards ? a->of[i].units - 1 : 0, from_y = backwards ? b->of[k].units - 1 : 0;
    for (; x >= 0 && x < a->of[i].units; x += step)
        for (int y = from_y; y >= 0 && y < b->of[k].units; y += step) {
            span now = seen(box(u[x].lo, u[x].hi, w[y].lo, w[y].hi), backwards);
            span old = seen(box(u[x].old_lo, u[x].old_hi, w[y].old_lo, w[y].old_hi), backwards);
            if (now.lo < last || old.lo < now.lo || old.hi < now.hi) return -1;
            last = now.lo;
            int64_t need = hd_count_min(old.lo, now.hi), from = hd_count_max(now.lo, needed_end);
            words += hd_count_max(0, now.hi - hd_count_max(now.lo, end)) - hd_count_max(0, need - from);
            end = hd_count_max(end, now.hi);
            needed_end = hd_count_max(needed_end, need);
        }
    return words;
}

/* Held words of each unit by itself. */
static int64_t held_apart(const classes *a, int i, const classes *b, int k)
{
    int64_t words = 0;
    for (int x = a->of[i].first; x < a->of[i].first + a->of[i].units; x++)
        for (int y = b->of[k].first; y < b->of[k].first + b->of[k].units; y++)
            words += one_pair(&a->unit[x], &b->unit[y], HELD);
    return words;
}

/* Words of one pair of classes. */
static inline int64_t words_of(const classes *a, int i, const classes *b, int k, question q)
{
    if (a->of[i].units == 1 && b->of[k].units == 1) return one_pair(&a->unit[a->of[i].first], &b->unit[b->of[k].first], q);
    if (q == HELD_APART) return held_apart(a, i, b, k);
    int64_t words = q == HELD ? held_in_a_row(a, i, b, k) : -1;
    return words >= 0 ? words : pair_words(a, i, b, k, q);
}

static int64_t sum_pairs(const classes *a, const classes *b, question q)
{
    int64_t words = 0;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < b->n; k++) words += a->of[i].states * b->of[k].states * words_of(a, i, b, k, q);
    return words;
}

/* Boxes of states that share nothing: so many of either term, whose pieces have these extents in all. */
static int64_t lengths(const hd_rank *r, const int64_t states[HD_MAX_TERMS], const int64_t extents[HD_MAX_TERMS])
{
    int64_t first = states[0] + r->term[0].coef * (extents[0] - states[0]);
    return r->terms == 1 ? first : first * states[1] + r->term[1].coef * (extents[1] - states[1]) * states[0];
}

/* Units of term t that merge by simply being one: they lie side by side and their boxes leave no gap. */
static inline bool units_join(const nest *n, const hd_rank *r, const nest_view *v, int t, unsigned merged)
{
    const nest_dim *nd = &n->dim[r->term[t].dim];
    unsigned here = nd->stacks & (NEST_STACK(v->event + 1, 0) - NEST_STACK(v->event, 0));
    int64_t other = 1;
    if (merged != here || (merged & ~nd->trailing)) return false;
    if (r->term[t].coef == 1) return true;
    if (r->terms > 1 && n->dim[r->term[!t].dim].even_to >= v->event)
        other += r->term[!t].coef * (n->s->level[v->event].tensor[r->term[!t].dim] - 1);
    return r->term[t].coef <= other;
}

/* What restarts and advances look at: only made when there is one that may hold anything. */
static void ready(window *w, window_way *y)
{
    if (y->ready) return;
    y->even = w->even && lay_grid(w, y);
    y->known[0] = y->known[1] = y->advanced = -1;
    y->ready = true;
}

/* The classes of term t at the present cut, or (j >= 0) those in which its loop j has just advanced; NULL where they are too
 * many. */
static const classes *classes_of(window *w, window_way *y, int t, int j)
{
    if (t >= w->rank->terms) return &none;
    int *known = j < 0 ? &y->known[t] : &y->advanced, cut = j < 0 ? w->cut[t] : j;
    classes *c = j < 0 ? &y->of[t] : &y->moved;
    if (*known == cut) return c;
    *known = hd_classes_of(w->n, w->rank->term[t].dim, y->view, cut, j, c) ? cut : -1;
    if (*known < 0) return NULL;
    scale(c, w->rank->term[t].coef);
    return c;
}

/* Words of the pairs of classes of both terms, of which term t has just advanced its loop j (none: -1); -1 where they are too
 * many. */
static int64_t words_of_all(window *w, window_way *y, int t, int j, question q)
{
    ready(w, y);
    const classes *a = classes_of(w, y, 0, t == 0 ? j : -1), *b = a ? classes_of(w, y, 1, t == 1 ? j : -1) : NULL;
    return b ? sum_pairs(a, b, q) : -1;
}

/* Held words.  What merged units are, one by one, serves both ways. */
static int64_t held_in_classes(window *w, int way, int t, int j)
{
    int64_t words = -1;
    if (way < w->ways - 1) words = words_of_all(w, &w->way[way + 1], t, j, HELD_APART);
    return words >= 0 ? words : words_of_all(w, &w->way[way], t, j, HELD);
}

void hd_window_begin(window *w, const nest *n, const hd_rank *r, bool open, const nest_view *v, int ways)
{
    const int64_t *box = n->s->level[v->event].tensor;
    w->n = n;
    w->rank = r;
    w->open = open;
    w->even = true;
    w->longest = 1;
    w->reach[1] = 0;
    for (int t = 0; t < r->terms; t++) {
        int dim = r->term[t].dim;
        w->even &= n->dim[dim].even_to >= v->event;
        w->reach[t] = r->term[t].coef * (box[dim] - 1);
        w->longest += w->reach[t];
    }
    w->cut[0] = w->cut[1] = HD_ALL_FREE;
    w->turns = 1;
    w->ahead = 0;
    w->ways = ways;
    for (int i = 0; i < ways; i++) {
        w->way[i].view = &v[i];
        w->way[i].ready = false;
    }
}

/* Units that merge otherwise than by being one. */
static NEST_RARE int64_t covered(const nest *n, const hd_rank *r, const nest_view *v, int cut)
{
    window w;
    window_way *y = &w.way[0];
    hd_window_begin(&w, n, r, true, v, 1);
    w.cut[0] = w.cut[1] = cut;
    ready(&w, y);
    if (y->even) return (cut > 0 ? y->states : y->unmerged) * y->covered;
    int64_t words = words_of_all(&w, y, -1, -1, COVERED);
    return words >= 0 ? words : hd_slide_sums(n, r, v, cut, -1).covered;
}

int64_t hd_window_covered_together(const nest *n, const hd_rank *r, bool open, const nest_view *v)
{
    int64_t states[HD_MAX_TERMS], extents[HD_MAX_TERMS];
    if (!open) return hd_slide_sums(n, r, v, HD_ALL_FREE, -1).covered;
    for (int t = 0; t < r->terms; t++) {
        int dim = r->term[t].dim;
        const nest_dim *nd = &n->dim[dim];
        unsigned merged = nd->stacks & v->merge & (NEST_STACK(v->event + 1, 0) - 1);
        states[t] = n->pieces[v->event][dim];
        extents[t] = n->p->op->dim[dim].extent;
        if (!merged || (r->terms == 1 && r->term[0].coef > 1)) continue;
        if (!units_join(n, r, v, t, merged)) return covered(n, r, v, HD_ALL_FREE);
        states[t] = hd_nest_groups(nd, v->event);
    }
    return lengths(r, states, extents);
}

/* Units of term t at the first step, joined ones once, and the extents of their pieces; false where they join otherwise. */
static bool first_units(const nest *n, const hd_rank *r, const nest_view *v, int t, int64_t *units, int64_t *extents)
{
    int dim = r->term[t].dim;
    const nest_dim *nd = &n->dim[dim];
    unsigned stacks = nd->stacks & (NEST_STACK(v->event + 1, 0) - 1), merged = stacks & v->merge;
    bool joined = merged && units_join(n, r, v, t, merged) && merged == stacks;
    if (merged && !joined) return false;
    *units = stacks && !joined ? hd_piece_first(n, dim, v, true) : 1;
    *extents = hd_piece_first(n, dim, v, false);
    return true;
}

int64_t hd_window_first(const nest *n, const hd_rank *r, bool open, const nest_view *v)
{
    int64_t units[HD_MAX_TERMS], extents[HD_MAX_TERMS];
    if (!open) return hd_slide_sums(n, r, v, 0, -1).covered;
    for (int t = 0; t < r->terms; t++)
        if (!first_units(n, r, v, t, &units[t], &extents[t])) return covered(n, r, v, 0);
    return lengths(r, units, extents);
}

int64_t hd_window_held(window *w, int way, int j)
{
    window_way *y = &w->way[way];
    if (w->ahead >= w->longest) return 0;
    if (!w->open) return hd_slide_sums(w->n, w->rank, y->view, j, -1).stale;
    ready(w, y);
    if (y->even) return y->states / w->turns * held(y, w->ahead);
    int64_t words = held_in_classes(w, way, -1, -1);
    return words >= 0 ? words : hd_slide_sums(w->n, w->rank, y->view, j, -1).stale;
}

/* The box before ends where the new one's first point is: loops alone, at steps of one, and the other dim where it was. */
static bool is_next(const window *w, const nest_view *v, int t)
{
    const nest_dim *nd = &w->n->dim[w->rank->term[t].dim], *other = &w->n->dim[w->rank->term[!t].dim];
    return w->rank->term[t].coef == 1 && w->cut[!t] == HD_ALL_FREE && nd->in_order && !(other->stacks & v->merge) &&
           !(nd->stacks & (NEST_STACK(v->event + 1, 0) - 1));
}

/* Both then share what the other dim's piece reaches over. */
static int64_t reach_over(const window *w, const nest_view *v, int j, int t)
{
    const nest_dim *nd = &w->n->dim[w->rank->term[t].dim];
    int i = 0, dim = w->rank->term[!t].dim;
    while (nd->digit[i].time != j) i++;
    int64_t advances = nd->digit[i].pieces - (i > 0 ? nd->digit[i - 1].pieces : 1);
    return advances * w->rank->term[!t].coef * (w->n->p->op->dim[dim].extent - w->n->pieces[v->event][dim]);
}

int64_t hd_window_advance(window *w, int way, int j)
{
    const nest_loop *l = &w->n->loop[j];
    window_way *y = &w->way[way];
    int t = hd_window_term(w, l->dim);
    if (w->open && is_next(w, y->view, t)) return reach_over(w, y->view, j, t);
    if (!w->open) return hd_slide_sums(w->n, w->rank, y->view, j, j).stale;
    ready(w, y);
    if (y->even) {
        int64_t ahead = w->ahead - w->rank->term[t].coef * l->shift;
        return y->states / (w->turns * l->count) * (l->count - 1) * held(y, ahead);
    }
    int64_t words = held_in_classes(w, way, t, j);
    return words >= 0 ? words : hd_slide_sums(w->n, w->rank, y->view, j, j).stale;
}
