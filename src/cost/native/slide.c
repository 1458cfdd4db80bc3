/* Sums over the states of one general rank: a sliding window (two dims), a stride, or clipped padding.
 *
 * Boxes of such a rank overlap and reach outside the tensor, so states are walked one by one; a state
 * whose units look like the previous one's, shifted, and that touches no border costs only the look. */
#include <assert.h>
#include <string.h>

#include "base/count.h"
#include "cost/native/nest.h"
#include "cost/native/spans.h"

enum { MAX_UNITS = HD_NATIVE_MAX_UNITS };

/* One merged unit of a state: its new and its old piece of the dim. */
typedef struct unit { int64_t lo, hi, old_lo, old_hi; } unit;

/* An odometer over the states of one dim. */
typedef struct walker {
    const nest_dim *nd;            /* NULL: the rank has no such term; one unit [0, 1) */
    int64_t extent;
    int digits, free, merged, restarted, own;
    int free_digit[HD_MAX_DIGITS], merged_digit[HD_MAX_DIGITS], restarted_digit[HD_MAX_DIGITS];
    int64_t start[HD_MAX_DIGITS];  /* index at which each digit starts (and stays, unless free or merged) */
    int64_t index[HD_MAX_DIGITS];
    bool fresh, done;
    int units;
    unit unit[MAX_UNITS];
} walker;

static void classify(walker *w, int i, const nest_view *v, int cut, int own, const int64_t *at)
{
    const nest_digit *d = &w->nd->digit[i];
    w->start[i] = 0;
    if (d->time < 0) {
        if (d->level <= v->fixed || d->level == v->node)
            w->start[i] = at[i];
        else if (d->stack & v->merge)
            w->merged_digit[w->merged++] = i;
        else
            w->free_digit[w->free++] = i;
    } else if (d->time == own) {
        w->start[i] = 1;
        w->own = i;
        w->free_digit[w->free++] = i;
    } else if (d->time < cut) {
        w->free_digit[w->free++] = i;
    } else {
        w->restarted_digit[w->restarted++] = i;
    }
}

static void walker_init(walker *w, const nest *n, int dim, const nest_view *v, int cut, int own)
{
    w->nd = dim < 0 ? NULL : &n->dim[dim];
    w->extent = dim < 0 ? 1 : n->p->op->dim[dim].extent;
    w->digits = w->free = w->merged = w->restarted = 0;
    w->own = -1;
    w->fresh = true;
    w->done = false;
    if (!w->nd) return;
    while (w->digits < w->nd->digits && w->nd->digit[w->digits].level <= v->event) w->digits++;
    for (int i = 0; i < w->digits; i++) {
        classify(w, i, v, cut, own, v->at ? v->at[dim] : NULL);
        w->index[i] = w->start[i];
    }
    hd_digits_by_time(w->nd, w->restarted_digit, w->restarted);
}

/* The tile held before: the advancing loop one back, the restarted loops at their last existing index. */
static void place_old(walker *w, unit *u)
{
    if (w->own >= 0) w->index[w->own]--;
    hd_place_last(w->nd, w->digits, w->extent, w->restarted_digit, w->restarted, w->index, &u->old_lo, &u->old_hi);
    for (int i = 0; i < w->restarted; i++) w->index[w->restarted_digit[i]] = 0;
    if (w->own >= 0) w->index[w->own]++;
}

static bool step(walker *w, const int *digit, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        int d = digit[i];
        if (++w->index[d] < w->nd->digit[d].count) return true;
        w->index[d] = w->start[d];
    }
    return false;
}

static void collect(walker *w)
{
    w->units = 0;
    do {
        unit *u = &w->unit[w->units];
        assert(w->units < MAX_UNITS);
        if (!hd_place(w->nd, w->digits, w->extent, w->index, &u->lo, &u->hi)) continue;
        place_old(w, u);
        w->units++;
    } while (step(w, w->merged_digit, w->merged));
}

/* Go to the next state with at least one unit. */
static bool walker_next(walker *w)
{
    if (!w->nd) {
        bool first = w->fresh;
        w->fresh = false;
        w->units = 1;
        w->unit[0] = (unit){0, 1, 0, 1};
        return first;
    }
    while (!w->done) {
        if (!w->fresh && !step(w, w->free_digit, w->free)) w->done = true;
        w->fresh = false;
        if (w->done) return false;
        collect(w);
        if (w->units > 0) return true;
    }
    return false;
}

static span box(const hd_rank *r, int64_t alo, int64_t ahi, int64_t blo, int64_t bhi)
{
    int64_t ca = r->term[0].coef, cb = r->terms > 1 ? r->term[1].coef : 0;
    int64_t lo = r->offset + ca * alo + cb * blo, hi = r->offset + ca * (ahi - 1) + cb * (bhi - 1) + 1;
    return (span){hd_count_max(lo, 0), hd_count_max(hd_count_min(hi, r->extent), hd_count_max(lo, 0))};
}

static bool covers(const span *s, int64_t x) { return s->lo <= x && x < s->hi; }

/* More units than the span buffer takes: look at every coordinate. */
static rank_sums state_by_coordinate(const hd_rank *r, const walker *a, const walker *b)
{
    rank_sums sums = {0, 0};
    for (int64_t x = 0; x < r->extent; x++) {
        bool covered = false, needed = false;
        for (int i = 0; i < a->units && !needed; i++)
            for (int k = 0; k < b->units && !needed; k++) {
                const unit *u = &a->unit[i], *w = &b->unit[k];
                span now = box(r, u->lo, u->hi, w->lo, w->hi), old = box(r, u->old_lo, u->old_hi, w->old_lo, w->old_hi);
                if (!covers(&now, x)) continue;
                covered = true;
                needed = !covers(&old, x);
            }
        sums.covered += covered;
        sums.stale += covered && !needed;
    }
    return sums;
}

static rank_sums state(const hd_rank *r, const walker *a, const walker *b)
{
    span_set set;
    if ((int64_t)a->units * b->units > HD_MAX_SPANS) return state_by_coordinate(r, a, b);
    hd_spans_clear(&set);
    for (int i = 0; i < a->units; i++)
        for (int k = 0; k < b->units; k++) {
            const unit *u = &a->unit[i], *w = &b->unit[k];
            hd_spans_add(&set, box(r, u->lo, u->hi, w->lo, w->hi), box(r, u->old_lo, u->old_hi, w->old_lo, w->old_hi));
        }
    int64_t covered = hd_spans_covered(&set);
    return (rank_sums){covered, covered - hd_spans_needed(&set)};
}

/* Is the state the previous one shifted, with both wholly inside the tensor? */
static bool repeats(const hd_rank *r, const unit *before, int units, const walker *a, int64_t b_extent)
{
    int64_t shift, lo = INT64_MAX, hi = 0, cb = r->terms > 1 ? r->term[1].coef : 0;
    if (units != a->units || units == 0) return false;
    shift = a->unit[0].lo - before[0].lo;
    for (int i = 0; i < units; i++) {
        const unit *x = &before[i], *y = &a->unit[i];
        if (y->lo - x->lo != shift || y->hi - x->hi != shift || y->old_lo - x->old_lo != shift || y->old_hi - x->old_hi != shift)
            return false;
        lo = hd_count_min(lo, hd_count_min(hd_count_min(x->lo, y->lo), hd_count_min(x->old_lo, y->old_lo)));
        hi = hd_count_max(hi, hd_count_max(hd_count_max(x->hi, y->hi), hd_count_max(x->old_hi, y->old_hi)));
    }
    return r->offset + r->term[0].coef * lo >= 0 &&
           r->offset + r->term[0].coef * (hi - 1) + cb * (b_extent - 1) + 1 <= r->extent;
}

static rank_sums sum_by_state(const nest *n, const hd_rank *r, const nest_view *v, int cut, int own)
{
    walker a, b;
    unit before[MAX_UNITS];
    int before_units = 0;
    rank_sums total = {0, 0}, last = {0, 0};
    int da = r->term[0].dim, db = r->terms > 1 ? r->term[1].dim : -1;
    int own_dim = own >= 0 ? n->loop[own].dim : -1;
    walker_init(&a, n, da, v, cut, own_dim == da ? own : -1);
    while (walker_next(&a)) {
        if (!repeats(r, before, before_units, &a, db < 0 ? 1 : n->p->op->dim[db].extent)) {
            last = (rank_sums){0, 0};
            walker_init(&b, n, db, v, cut, own_dim == db && db >= 0 ? own : -1);
            while (walker_next(&b)) {
                rank_sums one = state(r, &a, &b);
                last.covered += one.covered;
                last.stale += one.stale;
            }
        }
        memcpy(before, a.unit, (size_t)a.units * sizeof *before);
        before_units = a.units;
        total.covered += last.covered;
        total.stale += last.stale;
    }
    return total;
}

/* ---- everything divides: all states look alike but for the borders ---- */

typedef struct border {
    const nest *n;
    const hd_rank *rank;
    const nest_view *view;
    int cut, own_b;
    walker a, b;
    int64_t lowest, highest;       /* reach of a state's units around its position, old ones included */
    int64_t b_extent;
    rank_sums inside, total;       /* of one state that touches no border; of all */
} border;

static rank_sums all_b_states(border *w)
{
    rank_sums sum = {0, 0};
    walker_init(&w->b, w->n, w->rank->terms > 1 ? w->rank->term[1].dim : -1, w->view, w->cut, w->own_b);
    while (walker_next(&w->b)) {
        rank_sums one = state(w->rank, &w->a, &w->b);
        sum.covered += one.covered;
        sum.stale += one.stale;
    }
    return sum;
}

/* Correct the states that reach over a border; whole runs of inner ones are skipped. */
static void correct(border *w, int k, int64_t position)
{
    int64_t rest = 0, cb = w->rank->terms > 1 ? w->rank->term[1].coef : 0, ca = w->rank->term[0].coef;
    for (int i = k; i < w->a.free; i++) {
        int d = w->a.free_digit[i];
        rest += (w->a.nd->digit[d].count - 1 - w->a.start[d]) * w->a.nd->digit[d].shift;
    }
    if (w->rank->offset + ca * (position + w->lowest) >= 0 &&
        w->rank->offset + ca * (position + rest + w->highest - 1) + cb * (w->b_extent - 1) + 1 <= w->rank->extent)
        return;
    if (k == w->a.free) {
        collect(&w->a);
        rank_sums real = all_b_states(w);
        w->total.covered += real.covered - w->inside.covered;
        w->total.stale += real.stale - w->inside.stale;
        return;
    }
    int d = w->a.free_digit[k];
    const nest_digit *g = &w->a.nd->digit[d];
    for (w->a.index[d] = w->a.start[d]; w->a.index[d] < g->count; w->a.index[d]++)
        correct(w, k + 1, position + (w->a.index[d] - w->a.start[d]) * g->shift);
    w->a.index[d] = w->a.start[d];
}

static int64_t free_states(const walker *w)
{
    int64_t states = 1;
    for (int i = 0; i < w->free; i++) states *= w->nd->digit[w->free_digit[i]].count - w->start[w->free_digit[i]];
    return states;
}

static rank_sums sum_even(const nest *n, const hd_rank *r, const nest_view *v, int cut, int own)
{
    border w; /* filled field by field: zeroing the walkers would cost more than the sums */
    int da = r->term[0].dim, db = r->terms > 1 ? r->term[1].dim : -1, own_dim = own >= 0 ? n->loop[own].dim : -1;
    hd_rank open = *r;
    w.n = n;
    w.rank = r;
    w.view = v;
    w.cut = cut;
    w.own_b = own_dim == db && db >= 0 ? own : -1;
    w.b_extent = db < 0 ? 1 : n->p->op->dim[db].extent;
    walker_init(&w.a, n, da, v, cut, own_dim == da ? own : -1);
    walker_init(&w.b, n, db, v, cut, w.own_b);
    int64_t b_states = db < 0 ? 1 : free_states(&w.b), states = free_states(&w.a);
    collect(&w.a);
    walker_next(&w.b);
    open.offset = r->term[0].coef * n->p->op->dim[da].extent; /* a tensor without borders */
    open.extent = INT64_MAX / 4;
    w.inside = state(&open, &w.a, &w.b);
    w.inside.covered *= b_states;
    w.inside.stale *= b_states;
    w.total.covered = w.inside.covered * states;
    w.total.stale = w.inside.stale * states;
    w.lowest = INT64_MAX;
    w.highest = INT64_MIN;
    for (int i = 0; i < w.a.units; i++) {
        w.lowest = hd_count_min(w.lowest, hd_count_min(w.a.unit[i].lo, w.a.unit[i].old_lo));
        w.highest = hd_count_max(w.highest, hd_count_max(w.a.unit[i].hi, w.a.unit[i].old_hi));
    }
    correct(&w, 0, 0);
    return w.total;
}

static bool fixed_dim(const nest *n, int dim, const nest_view *v)
{
    for (int i = 0; i < n->dim[dim].digits; i++) {
        const nest_digit *d = &n->dim[dim].digit[i];
        if (d->time < 0 && (d->level <= v->fixed || d->level == v->node)) return true;
    }
    return false;
}

/* Every point its own state and nobody merges: the points whose coordinate is no padding. */
static bool is_every_point(const nest *n, const hd_rank *r, const nest_view *v, int cut)
{
    if (v->event != n->mac || cut < n->loops) return false;
    for (int t = 0; t < r->terms; t++) {
        const nest_dim *nd = &n->dim[r->term[t].dim];
        if (fixed_dim(n, r->term[t].dim, v)) return false;
        if (nd->stacks & v->merge) return false;
    }
    return true;
}

rank_sums hd_slide_sums(const nest *n, const hd_rank *r, const nest_view *v, int cut, int own)
{
    bool even = true;
    if (is_every_point(n, r, v, cut)) return (rank_sums){hd_rank_real_points(n->p->op, r), 0};
    for (int t = 0; t < r->terms; t++) even &= n->dim[r->term[t].dim].even_to >= v->event;
    return even ? sum_even(n, r, v, cut, own) : sum_by_state(n, r, v, cut, own);
}
