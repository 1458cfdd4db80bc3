/* Unpadded windows: see window.h.
 *
 * With every count dividing, a state's units are one interval of `length`, copied on a grid; the tile before is the
 * same, shifted by `ahead`.  Needed are then strips of min(|ahead|, length) on the grid, all on the same side.
 * Otherwise the few classes of states of either dim are paired.                                           */
#include "cost/native/window.h"

#include <stdlib.h>

#include "base/count.h"
#include "cost/native/spans.h"

_Static_assert(HD_MAX_CLASS_UNITS * HD_MAX_CLASS_UNITS <= HD_MAX_SPANS, "every pair of classes has room");

enum { MAX_UNITS = HD_NATIVE_MAX_UNITS };

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Union of intervals at every point of the grid, one by one: where neighbours leave gaps that others fill. */
static int64_t measure_each(const window_grid *g, int64_t length)
{
    int64_t at[MAX_UNITS], words = 0, end = 0;
    int units = 1;
    at[0] = 0;
    for (int i = 0; i < g->n; i++) {
        int below = units;
        for (int64_t c = 1; c < g->side[i].count; c++)
            for (int k = 0; k < below; k++) at[units++] = at[k] + c * g->side[i].step;
    }
    qsort(at, (size_t)units, sizeof *at, by_value);
    for (int k = 0; k < units; k++) {
        words += at[k] + length - hd_count_max(at[k], end);
        end = at[k] + length;
    }
    return words;
}

/* Words that intervals of `length` at every point of the grid cover together. */
static int64_t measure(const window_grid *g, int64_t length)
{
    int64_t words = length, hull = length;
    if (length == 0) return 0;
    for (int i = 0; i < g->n; i++) { /* steps ascend */
        int64_t step = g->side[i].step, count = g->side[i].count;
        if (step >= hull)
            words *= count;
        else if (words == hull)
            words += (count - 1) * step;
        else
            return measure_each(g, length);
        hull += (count - 1) * step;
    }
    return words;
}

static void add_side(window_grid *g, int64_t step, int64_t count)
{
    int k = g->n++;
    for (; k > 0 && g->side[k - 1].step > step; k--) g->side[k] = g->side[k - 1];
    g->side[k].step = step;
    g->side[k].count = count;
}

static int64_t coefficient(const hd_rank *r, int dim)
{
    for (int t = 0; t < r->terms; t++)
        if (r->term[t].dim == dim) return r->term[t].coef;
    return 0;
}

static int64_t held(const window *w, int64_t ahead)
{
    int64_t strip = hd_count_min(llabs(ahead), w->length);
    return strip == w->length ? 0 : w->covered - measure(&w->grid, strip);
}

static bool even_init(window *w)
{
    const nest *n = w->n;
    int64_t units = 1;
    w->states = w->length = w->unmerged = 1;
    w->ahead = 0;
    w->grid.n = 0;
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
            units *= g->count;
            add_side(&w->grid, w->rank->term[t].coef * g->shift, g->count);
        }
        w->length += w->rank->term[t].coef * (piece - 1);
    }
    if (units > MAX_UNITS) return false;
    w->covered = measure(&w->grid, w->length);
    w->all = w->states * w->covered;
    return true;
}

/* ---- not even ---- */

typedef enum question { COVERED, HELD } question;

static const classes none = {.n = 1, .units = 1, .of = {{1, 0, 1}}, .unit = {{0, 1, 0, 1}}}; /* of a rank's missing term */

static span box(const hd_rank *r, int64_t alo, int64_t ahi, int64_t blo, int64_t bhi)
{
    int64_t ca = r->term[0].coef, cb = r->terms > 1 ? r->term[1].coef : 0;
    return (span){ca * alo + cb * blo, ca * (ahi - 1) + cb * (bhi - 1) + 1};
}

/* One unit each, as most are. */
static int64_t one_pair(const hd_rank *r, const class_unit *u, const class_unit *w, question q)
{
    span now = box(r, u->lo, u->hi, w->lo, w->hi), old = box(r, u->old_lo, u->old_hi, w->old_lo, w->old_hi);
    if (q == COVERED) return now.hi - now.lo;
    return hd_count_max(0, hd_count_min(now.hi, old.hi) - hd_count_max(now.lo, old.lo));
}

/* Words of one pair of classes. */
static int64_t pair_words(const hd_rank *r, const classes *a, int i, const classes *b, int k, question q)
{
    span_set set;
    if (a->of[i].units == 1 && b->of[k].units == 1) return one_pair(r, &a->unit[a->of[i].first], &b->unit[b->of[k].first], q);
    hd_spans_clear(&set);
    for (int x = a->of[i].first; x < a->of[i].first + a->of[i].units; x++)
        for (int y = b->of[k].first; y < b->of[k].first + b->of[k].units; y++) {
            const class_unit *u = &a->unit[x], *w = &b->unit[y];
            hd_spans_add(&set, box(r, u->lo, u->hi, w->lo, w->hi), box(r, u->old_lo, u->old_hi, w->old_lo, w->old_hi));
        }
    return q == COVERED ? hd_spans_covered(&set) : hd_spans_covered(&set) - hd_spans_needed(&set);
}

static int64_t sum_pairs(const hd_rank *r, const classes *a, const classes *b, question q)
{
    int64_t words = 0;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < b->n; k++) words += a->of[i].states * b->of[k].states * pair_words(r, a, i, b, k, q);
    return words;
}

/* The classes of term t at the cut. */
static const classes *classes_at(window *w, int t, int cut)
{
    if (t >= w->rank->terms) return &none;
    if (!w->known[t] || w->cut[t] != cut) w->known[t] = hd_classes_of(w->n, w->rank->term[t].dim, w->view, cut, -1, &w->of[t]);
    w->cut[t] = cut;
    return w->known[t] ? &w->of[t] : NULL;
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

/* Boxes of states that share nothing: their lengths add up term by term.  False where units merge in another way. */
static bool lengths(const window *w, int64_t *words)
{
    const hd_rank *r = w->rank;
    int64_t states[HD_MAX_TERMS] = {1, 1}, more[HD_MAX_TERMS] = {0, 0};
    for (int t = 0; t < r->terms; t++) {
        const nest_dim *nd = &w->n->dim[r->term[t].dim];
        unsigned merged = nd->stacks & w->view->merge;
        bool apart = r->terms == 1 && r->term[0].coef > 1;
        if (merged && !apart && !units_join(w, t, merged)) return false;
        states[t] = merged && !apart ? nd->groups[w->view->event] : nd->pieces[w->view->event];
        more[t] = r->term[t].coef * (w->n->p->op->dim[r->term[t].dim].extent - states[t]);
    }
    *words = states[0] * states[1] + more[0] * states[1] + more[1] * states[0];
    return true;
}

/* What restarts and advances look at: only made when there is one. */
static void ready(window *w)
{
    if (w->ready) return;
    w->even = w->even && even_init(w);
    for (int t = 0; t < w->rank->terms; t++) {
        w->known[t] = false;
        w->cut[t] = HD_ALL_FREE;
    }
    w->ready = true;
}

/* Words that units cover together, the loops behind the cut at their start. */
static bool covered(window *w, int cut)
{
    const classes *a = classes_at(w, 0, cut), *b = classes_at(w, 1, cut);
    if (a && b) w->all = sum_pairs(w->rank, a, b, COVERED);
    return a && b;
}

/* What every use needs; `stacks`: NEST_STACK bits of the rank's dims. */
static bool begin(window *w, const nest *n, const hd_rank *rank, const nest_view *v, unsigned *stacks)
{
    if (v->fixed >= 0 || v->box != v->event || !hd_rank_is_open(n->p->op, rank)) return false;
    w->n = n;
    w->rank = rank;
    w->view = v;
    w->even = true;
    w->ready = false;
    *stacks = 0;
    for (int t = 0; t < rank->terms; t++) {
        const nest_dim *nd = &n->dim[rank->term[t].dim];
        w->even &= nd->even_to >= v->event;
        *stacks |= nd->stacks;
    }
    return true;
}

bool hd_window_init(window *w, const nest *n, const hd_rank *rank, const nest_view *v)
{
    unsigned stacks;
    if (!begin(w, n, rank, v, &stacks)) return false;
    if (lengths(w, &w->all)) return true;
    ready(w);
    return w->even || covered(w, HD_ALL_FREE);
}

bool hd_window_first(window *w, const nest *n, const hd_rank *rank, const nest_view *v)
{
    unsigned stacks;
    if (!begin(w, n, rank, v, &stacks)) return false;
    if (stacks & (NEST_STACK(v->event + 1, 0) - 1)) {
        ready(w);
        if (!w->even) return covered(w, 0);
        w->all = w->unmerged * w->covered;
        return true;
    }
    w->all = 1;
    for (int t = 0; t < rank->terms; t++) w->all += rank->term[t].coef * (n->s->level[v->event].tensor[rank->term[t].dim] - 1);
    return true;
}

int64_t hd_window_restart(window *w, int j)
{
    const nest_loop *l = &w->n->loop[j];
    ready(w);
    if (w->even) {
        w->states /= l->count;
        w->ahead += coefficient(w->rank, l->dim) * (l->count - 1) * l->shift;
        return w->states * held(w, w->ahead);
    }
    int t = w->rank->term[0].dim == l->dim ? 0 : 1;
    const classes *changed = classes_at(w, t, j), *other = classes_at(w, !t, w->cut[!t]);
    if (!changed || !other) return hd_slide_sums(w->n, w->rank, w->view, j, -1).stale;
    return sum_pairs(w->rank, t == 0 ? changed : other, t == 0 ? other : changed, HELD);
}

int64_t hd_window_advance(window *w, int j)
{
    const nest_loop *l = &w->n->loop[j];
    ready(w);
    if (w->even) {
        int64_t states = w->states / l->count * (l->count - 1);
        return states * held(w, w->ahead - coefficient(w->rank, l->dim) * l->shift);
    }
    classes moved;
    int t = w->rank->term[0].dim == l->dim ? 0 : 1;
    const classes *other = classes_at(w, !t, w->cut[!t]);
    if (!other || !hd_classes_of(w->n, l->dim, w->view, j, j, &moved))
        return hd_slide_sums(w->n, w->rank, w->view, j, j).stale;
    return sum_pairs(w->rank, t == 0 ? &moved : other, t == 0 ? other : &moved, HELD);
}
