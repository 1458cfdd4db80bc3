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

/* Held words of one unit. */
static inline int64_t held_by_one(const class_unit *u, const class_unit *w)
{
    span now = box(u->lo, u->hi, w->lo, w->hi), old = box(u->old_lo, u->old_hi, w->old_lo, w->old_hi);
    return hd_count_max(0, hd_count_min(now.hi, old.hi) - hd_count_max(now.lo, old.lo));
}

/* Words that the units of one pair of classes cover together; `held`: those that all held already. */
static int64_t covered_by_pair(const classes *a, int i, const classes *b, int k, int64_t *held)
{
    span_set set;
    hd_spans_clear(&set);
    for (int x = a->of[i].first; x < a->of[i].first + a->of[i].units; x++)
        for (int y = b->of[k].first; y < b->of[k].first + b->of[k].units; y++) {
            const class_unit *u = &a->unit[x], *w = &b->unit[y];
            hd_spans_add(&set, box(u->lo, u->hi, w->lo, w->hi), box(u->old_lo, u->old_hi, w->old_lo, w->old_hi));
        }
    int64_t words = hd_spans_covered(&set);
    if (held) *held = words - hd_spans_needed(&set);
    return words;
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

/* Held words of one pair of classes, of all units together; `apart`: of each by itself. */
static inline int64_t held_by_pair(const classes *a, int i, const classes *b, int k, int64_t *apart)
{
    int first = a->of[i].first, after = first + a->of[i].units, other = b->of[k].first, end = other + b->of[k].units;
    if (after == first + 1 && end == other + 1) return *apart = held_by_one(&a->unit[first], &b->unit[other]);
    *apart = 0;
    for (int x = first; x < after; x++)
        for (int y = other; y < end; y++) *apart += held_by_one(&a->unit[x], &b->unit[y]);
    int64_t words = held_in_a_row(a, i, b, k);
    if (words < 0) covered_by_pair(a, i, b, k, &words);
    return words;
}

/* Boxes of states that share nothing: so many of either term (1 of a missing one), whose pieces have these extents in all. */
static inline int64_t lengths(const nest_reach *r, const int64_t states[HD_MAX_TERMS], const int64_t extents[HD_MAX_TERMS])
{
    int64_t first = states[0] + r->coef[0] * (extents[0] - states[0]);
    return first * states[1] + r->coef[1] * (extents[1] - states[1]) * states[0];
}

/* Units of term t that merge by simply being one: they lie side by side and their boxes leave no gap. */
static inline bool units_join(const nest *n, const nest_reach *r, const nest_view *v, int t, unsigned merged)
{
    const nest_dim *nd = &n->dim[r->dim[t]];
    unsigned here = nd->stacks & (NEST_STACK(v->event + 1, 0) - NEST_STACK(v->event, 0));
    int64_t other = 1;
    if (merged != here || (merged & ~nd->trailing)) return false;
    if (r->coef[t] == 1) return true;
    if (n->dim[r->dim[!t]].even_to >= v->event) other += r->coef[!t] * (n->s->level[v->event].tensor[r->dim[!t]] - 1);
    return r->coef[t] <= other;
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

/* Held words of all pairs of classes of both terms, of which term t has just advanced its loop j (none: -1): of units together,
 * and of each by itself; false where they are too many. */
static bool held_in_classes(window *w, window_way *y, int t, int j, int64_t *together, int64_t *apart)
{
    ready(w, y);
    const classes *a = classes_of(w, y, 0, t == 0 ? j : -1), *b = a ? classes_of(w, y, 1, t == 1 ? j : -1) : NULL;
    if (!b) return false;
    *together = *apart = 0;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < b->n; k++) {
            int64_t states = a->of[i].states * b->of[k].states, alone;
            *together += states * held_by_pair(a, i, b, k, &alone);
            *apart += states * alone;
        }
    return true;
}

/* The same one way; -1 where they are too many.  What merged units are, one by one, answers for both ways at once. */
static int64_t held_one_way(window *w, int way, int t, int j)
{
    int question = 2 * j + (t >= 0);
    int64_t apart;
    if (w->answered != question) {
        bool two = w->ways > 1;
        if (!held_in_classes(w, &w->way[two], t, j, &w->answer[two], two ? &w->answer[0] : &apart)) {
            w->answer[0] = w->answer[1] = -1;
            if (two) held_in_classes(w, &w->way[0], t, j, &w->answer[0], &apart);
        }
        w->answered = question;
    }
    return w->answer[way];
}

/* Units that merge otherwise than by being one, with all loops (HD_ALL_FREE) or none (0) free. */
static NEST_RARE int64_t covered(const nest *n, const nest_role *role, int k, const nest_view *v, int cut)
{
    window w;
    window_way *y = &w.way[0];
    hd_window_begin(&w, n, role, k, v, 1);
    w.cut[0] = w.cut[1] = cut;
    ready(&w, y);
    if (y->even) return (cut > 0 ? y->states : y->unmerged) * y->covered;
    const classes *a = classes_of(&w, y, 0, -1), *b = a ? classes_of(&w, y, 1, -1) : NULL;
    if (!b) return hd_slide_sums(n, w.rank, v, cut, -1).covered;
    int64_t words = 0;
    for (int i = 0; i < a->n; i++)
        for (int c = 0; c < b->n; c++) words += a->of[i].states * b->of[c].states * covered_by_pair(a, i, b, c, NULL);
    return words;
}

int64_t hd_window_covered_together(const nest *n, const nest_role *role, int k, const nest_view *v)
{
    const nest_reach *r = &role->reach[k];
    const int64_t *whole = n->s->level[0].tensor, extents[] = {whole[r->dim[0]], whole[r->dim[1]]};
    int64_t states[] = {1, 1};
    bool strided = r->coef[1] == 0 && r->coef[0] > 1; /* boxes with gaps never share anything */
    if (!role->of[role->number[k]].open) return hd_slide_sums(n, role->of[role->number[k]].rank, v, HD_ALL_FREE, -1).covered;
    for (int t = 0; t < HD_MAX_TERMS && r->coef[t] > 0; t++) {
        const nest_dim *nd = &n->dim[r->dim[t]];
        unsigned merged = nd->stacks & v->merge & (NEST_STACK(v->event + 1, 0) - 1);
        states[t] = n->pieces[v->event][r->dim[t]];
        if (!merged || strided) continue;
        if (!units_join(n, r, v, t, merged)) return covered(n, role, k, v, HD_ALL_FREE);
        states[t] = hd_nest_groups(nd, merged);
    }
    return lengths(r, states, extents);
}

/* Units of term t at the first step, joined ones once, and the extents of their pieces; false where they join otherwise. */
static bool first_units(const nest *n, const nest_reach *r, const nest_view *v, int t, int64_t *units, int64_t *extents)
{
    int dim = r->dim[t];
    const nest_dim *nd = &n->dim[dim];
    unsigned stacks = nd->stacks & (NEST_STACK(v->event + 1, 0) - 1), merged = stacks & v->merge;
    bool joined = merged && units_join(n, r, v, t, merged) && merged == stacks;
    if (merged && !joined) return false;
    *units = stacks && !joined ? hd_piece_first(n, dim, v, true) : 1;
    *extents = hd_piece_first(n, dim, v, false);
    return true;
}

int64_t hd_window_first(const nest *n, const nest_role *role, int k, const nest_view *v)
{
    const nest_reach *r = &role->reach[k];
    int64_t units[] = {1, 1}, extents[] = {1, 1};
    if (!role->of[role->number[k]].open) return hd_slide_sums(n, role->of[role->number[k]].rank, v, 0, -1).covered;
    for (int t = 0; t < HD_MAX_TERMS && r->coef[t] > 0; t++)
        if (!first_units(n, r, v, t, &units[t], &extents[t])) return covered(n, role, k, v, 0);
    return lengths(r, units, extents);
}

int64_t hd_window_held(window *w, int way, int j)
{
    window_way *y = &w->way[way];
    if (w->ahead >= w->longest) return 0;
    if (!w->open) return hd_slide_sums(w->n, w->rank, y->view, j, -1).stale;
    ready(w, y);
    if (y->even) return y->states / w->turns * held(y, w->ahead);
    int64_t words = held_one_way(w, way, -1, j);
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

int64_t hd_window_advance(window *w, int way, int t, int j)
{
    window_way *y = &w->way[way];
    if (w->open && is_next(w, y->view, t)) return reach_over(w, y->view, j, t);
    if (!w->open) return hd_slide_sums(w->n, w->rank, y->view, j, j).stale;
    ready(w, y);
    if (y->even) {
        const nest_loop *l = &w->n->loop[j];
        int64_t ahead = w->ahead - w->coef[t] * l->shift;
        return y->states / (w->turns * l->count) * (l->count - 1) * held(y, ahead);
    }
    int64_t words = held_one_way(w, way, t, j);
    return words >= 0 ? words : hd_slide_sums(w->n, w->rank, y->view, j, j).stale;
}
