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

static int64_t held(const window *w, int64_t ahead)
{
    int64_t strip = hd_count_min(llabs(ahead), w->length);
    return strip == w->length ? 0 : w->covered - hd_grid_words(&w->grid, strip);
}

static bool even_init(window *w)
{
    const nest *n = w->n;
    w->states = w->length = w->unmerged = 1;
    hd_grid_clear(&w->grid);
    for (int t = 0; t < w->rank->terms; t++) {
        int dim = w->rank->term[t].dim;
        const nest_dim *nd = &n->dim[dim];
        int64_t piece = n->p->op->dim[dim].extent;
        if (nd->even_to < w->view->event) return false;
        for (int i = 0; i < nd->digits && nd->digit[i].level <= w->view->event; i++) {
            const nest_digit *g = &nd->digit[i];
            piece = g->shift;
            if (!(g->stack & w->view->merge)) {
                w->states *= g->count;
                if (g->stack) w->unmerged *= g->count;
                continue;
            }
            hd_grid_add(&w->grid, w->rank->term[t].coef * g->shift, g->count);
        }
        w->length += w->rank->term[t].coef * (piece - 1);
    }
    if (w->grid.points > HD_NATIVE_MAX_UNITS) return false;
    w->covered = hd_grid_words(&w->grid, w->length);
    w->all = w->states * w->covered;
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

/* Units of term t that merge by simply being one: they lie side by side and their boxes leave no gap. */
static bool units_join(const window *w, int t, unsigned merged)
{
    const hd_rank *r = w->rank;
    const nest_dim *nd = &w->n->dim[r->term[t].dim];
    unsigned here = nd->stacks & (NEST_STACK(w->view->event + 1, 0) - NEST_STACK(w->view->event, 0));
    int64_t other = 1;
    if (merged != here || (merged & ~nd->trailing)) return false;
    if (r->term[t].coef == 1) return true;
    if (r->terms > 1 && w->n->dim[r->term[!t].dim].even_to >= w->view->event)
        other += r->term[!t].coef * (w->n->s->level[w->view->event].tensor[r->term[!t].dim] - 1);
    return r->term[t].coef <= other;
}

/* Boxes of all units by themselves: their lengths add up term by term. */
static int64_t lengths_apart(const window *w)
{
    const hd_rank *r = w->rank;
    int a = r->term[0].dim, b = r->terms > 1 ? r->term[1].dim : -1;
    int64_t boxes = w->n->pieces[w->view->event][a], more = r->term[0].coef * (w->n->p->op->dim[a].extent - boxes);
    if (b < 0) return boxes + more;
    int64_t others = w->n->pieces[w->view->event][b], their = r->term[1].coef * (w->n->p->op->dim[b].extent - others);
    return (boxes + more) * others + their * boxes;
}

/* Boxes of states that share nothing: their lengths add up term by term.  False where units merge in another way. */
static bool lengths(const window *w, int64_t *words)
{
    const hd_rank *r = w->rank;
    int64_t states[HD_MAX_TERMS] = {1, 1}, more[HD_MAX_TERMS] = {0, 0};
    for (int t = 0; t < r->terms; t++) {
        int dim = r->term[t].dim;
        const nest_dim *nd = &w->n->dim[dim];
        unsigned merged = nd->stacks & w->view->merge & (NEST_STACK(w->view->event + 1, 0) - 1);
        bool apart = r->terms == 1 && r->term[0].coef > 1;
        if (merged && !apart && !units_join(w, t, merged)) return false;
        states[t] = merged && !apart ? hd_nest_groups(nd, w->view->event) : w->n->pieces[w->view->event][dim];
        more[t] = r->term[t].coef * (w->n->p->op->dim[dim].extent - states[t]);
    }
    *words = states[0] * states[1] + more[0] * states[1] + more[1] * states[0];
    return true;
}

/* What restarts and advances look at: only made when there is one that may hold anything. */
static void ready(window *w)
{
    if (w->ready) return;
    w->even = w->even && even_init(w);
    w->known[0] = w->known[1] = w->advanced = -1;
    w->ready = true;
    if (w->twin) ready(w->twin);
}

/* The classes of term t at the present cut. */
static const classes *classes_of(window *w, int t)
{
    if (t >= w->rank->terms) return &none;
    const classes *theirs = w->twin ? classes_of(w->twin, t) : NULL;
    if (theirs) return theirs;
    if (w->known[t] == w->cut[t]) return &w->of[t];
    w->known[t] = hd_classes_of(w->n, w->rank->term[t].dim, w->view, w->cut[t], -1, &w->of[t]) ? w->cut[t] : -1;
    if (w->known[t] < 0) return NULL;
    scale(&w->of[t], w->rank->term[t].coef);
    return &w->of[t];
}

/* The same where loop j of term t has just advanced. */
static const classes *classes_after(window *w, int j, int t)
{
    const classes *theirs = w->twin ? classes_after(w->twin, j, t) : NULL;
    if (theirs) return theirs;
    if (w->advanced == j) return &w->moved;
    w->advanced = hd_classes_of(w->n, w->rank->term[t].dim, w->view, j, j, &w->moved) ? j : -1;
    if (w->advanced != j) return NULL;
    scale(&w->moved, w->rank->term[t].coef);
    return &w->moved;
}

/* Held words of the classes of both terms; -1 where there are too many. */
static int64_t held_of(const window *w, const classes *a, const classes *b)
{
    return a && b ? sum_pairs(a, b, w->twin ? HELD_APART : HELD) : -1;
}

/* Words that units cover together. */
static bool covered(window *w)
{
    const classes *a = classes_of(w, 0), *b = classes_of(w, 1);
    if (a && b) w->all = sum_pairs(a, b, COVERED);
    return a && b;
}

/* What every use needs; returns NEST_STACK bits of the rank's dims up to the event.  A missing term counts as the first once
 * more, with a coefficient of 0. */
static inline unsigned begin(window *w, const nest *n, const hd_rank *rank, bool open, const nest_view *v)
{
    int a = rank->term[0].dim, b = rank->term[rank->terms - 1].dim;
    const int64_t *box = n->s->level[v->event].tensor;
    w->open = open;
    w->n = n;
    w->rank = rank;
    w->view = v;
    w->even = n->dim[a].even_to >= v->event && n->dim[b].even_to >= v->event;
    w->ready = false;
    w->cut[0] = w->cut[1] = HD_ALL_FREE;
    w->turns = 1;
    w->ahead = 0;
    w->twin = NULL;
    w->longest = 1 + rank->term[0].coef * (box[a] - 1) + (rank->terms > 1 ? rank->term[1].coef * (box[b] - 1) : 0);
    return (n->dim[a].stacks | n->dim[b].stacks) & (NEST_STACK(v->event + 1, 0) - 1);
}

bool hd_window_init(window *w, const nest *n, const hd_rank *rank, bool open, const nest_view *v)
{
    if (!hd_view_is_whole(v)) return false;
    if (!(begin(w, n, rank, open, v) & v->merge)) {
        w->all = lengths_apart(w) - (open ? 0 : hd_border_words(n, rank, v->event));
        return true;
    }
    if (!open) return w->all = hd_slide_sums(n, rank, v, HD_ALL_FREE, -1).covered, true;
    if (lengths(w, &w->all)) return true;
    ready(w);
    return w->even || covered(w);
}

/* Units of term t at the first step, joined ones once, and the extents of their pieces; false where they join otherwise. */
static bool first_units(const window *w, int t, int64_t *units, int64_t *extents)
{
    int dim = w->rank->term[t].dim;
    const nest_dim *nd = &w->n->dim[dim];
    unsigned stacks = nd->stacks & (NEST_STACK(w->view->event + 1, 0) - 1), merged = stacks & w->view->merge;
    bool joined = merged && units_join(w, t, merged) && merged == stacks;
    if (merged && !joined) return false;
    *units = stacks && !joined ? hd_piece_first(w->n, dim, w->view, true) : 1;
    *extents = hd_piece_first(w->n, dim, w->view, false);
    return true;
}

bool hd_window_first(window *w, const nest *n, const hd_rank *rank, bool open, const nest_view *v)
{
    int64_t units[HD_MAX_TERMS] = {1, 1}, extents[HD_MAX_TERMS] = {1, 1}, coef[HD_MAX_TERMS] = {0, 0};
    if (!hd_view_is_whole(v)) return false;
    unsigned stacks = begin(w, n, rank, open, v);
    w->all = w->longest;
    if (!w->open) w->all = hd_slide_sums(n, rank, v, 0, -1).covered;
    if (!w->open || !stacks) return true;
    for (int t = 0; t < rank->terms; t++) {
        coef[t] = rank->term[t].coef;
        if (first_units(w, t, &units[t], &extents[t])) continue;
        ready(w);
        w->cut[0] = w->cut[1] = 0;
        if (!w->even) return covered(w);
        w->all = w->unmerged * w->covered;
        return true;
    }
    w->all = units[0] * units[1] + coef[0] * (extents[0] - units[0]) * units[1] + coef[1] * (extents[1] - units[1]) * units[0];
    return true;
}

static int term_of(const window *w, int dim) { return w->rank->term[0].dim == dim ? 0 : 1; }

void hd_window_restart(window *w, int j)
{
    const nest_loop *l = &w->n->loop[j];
    int t = term_of(w, l->dim);
    w->cut[t] = j;
    if (w->even) w->turns *= l->count;
    w->ahead += w->rank->term[t].coef * l->shift * (w->even ? l->count - 1 : l->last);
}

int64_t hd_window_held(window *w, int j)
{
    if (w->ahead >= w->longest) return 0;
    if (!w->open) return hd_slide_sums(w->n, w->rank, w->view, j, -1).stale;
    ready(w);
    if (w->even) return w->states / w->turns * held(w, w->ahead);
    int64_t words = held_of(w, classes_of(w, 0), classes_of(w, 1));
    return words >= 0 ? words : hd_slide_sums(w->n, w->rank, w->view, j, -1).stale;
}

/* When loop j of term t advances its pieces are others: do gaps between them part the boxes, too? */
static bool parts_boxes(const window *w, const nest_loop *j, int t)
{
    const hd_rank *r = w->rank;
    const int64_t *box = w->n->s->level[w->view->event].tensor;
    bool turned = w->cut[t] < HD_ALL_FREE;
    if (r->terms == 1) return true;
    int64_t gap = turned ? 1 : j->shift - box[j->dim] + 1;
    return w->cut[!t] == HD_ALL_FREE && r->term[!t].coef * (box[r->term[!t].dim] - 1) < r->term[t].coef * gap;
}

/* The box before ends where the new one's first point is: loops alone, at steps of one, and the other dim where it was. */
static bool is_next(const window *w, int t)
{
    const nest_dim *nd = &w->n->dim[w->rank->term[t].dim], *other = &w->n->dim[w->rank->term[!t].dim];
    return w->rank->term[t].coef == 1 && w->cut[!t] == HD_ALL_FREE && nd->in_order && !(other->stacks & w->view->merge) &&
           !(nd->stacks & (NEST_STACK(w->view->event + 1, 0) - 1));
}

/* Both then share what the other dim's piece reaches over. */
static int64_t reach_over(const window *w, int j, int t)
{
    const nest_dim *nd = &w->n->dim[w->rank->term[t].dim];
    int i = 0, dim = w->rank->term[!t].dim;
    while (nd->digit[i].time != j) i++;
    int64_t advances = nd->digit[i].pieces - (i > 0 ? nd->digit[i - 1].pieces : 1);
    return advances * w->rank->term[!t].coef * (w->n->p->op->dim[dim].extent - w->n->pieces[w->view->event][dim]);
}

int64_t hd_window_advance(window *w, int j)
{
    const nest_loop *l = &w->n->loop[j];
    int t = term_of(w, l->dim);
    int64_t ahead = w->ahead - w->rank->term[t].coef * l->shift;
    if (ahead >= w->longest || parts_boxes(w, l, t)) return 0;
    if (w->open && is_next(w, t)) return reach_over(w, j, t);
    if (!w->open) return hd_slide_sums(w->n, w->rank, w->view, j, j).stale;
    ready(w);
    if (w->even) return w->states / (w->turns * l->count) * (l->count - 1) * held(w, ahead);
    const classes *other = classes_of(w, !t), *moved = classes_after(w, j, t);
    int64_t words = held_of(w, t == 0 ? moved : other, t == 0 ? other : moved);
    return words >= 0 ? words : hd_slide_sums(w->n, w->rank, w->view, j, j).stale;
}
