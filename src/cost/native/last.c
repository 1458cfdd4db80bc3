/* What the units hold at the very end: each its own last tile (idle units keep theirs), or, where nothing is held
 * between steps, only the words of the last step.                                                    */
#include "base/count.h"
#include "cost/native/nest.h"

enum { LAST_OF_EACH, LAST_STEP };

typedef struct last_walk {
    const nest_dim *nd;
    int digits, loops, stacks;
    int loop[HD_MAX_DIGITS], stack[HD_MAX_DIGITS];
    int64_t extent, index[HD_MAX_DIGITS];
} last_walk;

/* Does a stack have the index that the view gives it? */
static bool stands(const nest_digit *d, const nest_view *v, bool absent)
{
    return d->level <= v->fixed || (d->level == v->node && !(absent && (d->stack & v->merge)));
}

/* Split the digits of a dim; stacks that the view fixes, or (for an absent dim) merges, stay where they are. */
static void begin(last_walk *w, const nest *n, int dim, const nest_view *v, bool absent)
{
    *w = (last_walk){.nd = &n->dim[dim], .extent = n->p->op->dim[dim].extent};
    while (w->digits < w->nd->digits && w->nd->digit[w->digits].level <= v->event) w->digits++;
    for (int i = 0; i < w->digits; i++) {
        const nest_digit *d = &w->nd->digit[i];
        if (d->time >= 0)
            w->loop[w->loops++] = i;
        else if (stands(d, v, absent))
            w->index[i] = v->at[dim][i];
        else if (!(absent && (d->stack & (v->merge | v->pool))))
            w->stack[w->stacks++] = i;
    }
    hd_digits_by_time(w->nd, w->loop, w->loops);
}

static bool next_unit(last_walk *w)
{
    for (int i = w->stacks - 1; i >= 0; i--) {
        if (++w->index[w->stack[i]] < w->nd->digit[w->stack[i]].count) return true;
        w->index[w->stack[i]] = 0;
    }
    return false;
}

/* Loops at the last step that anybody makes: the last of the unit with index 0 everywhere. */
static void go_to_last_step(last_walk *w)
{
    int64_t zero[HD_MAX_DIGITS] = {0}, lo, hi;
    hd_place_last(w->nd, w->digits, w->extent, w->loop, w->loops, zero, &lo, &hi);
    for (int i = 0; i < w->loops; i++) w->index[w->loop[i]] = zero[w->loop[i]];
}

/* Visit the last piece of every unit; returns how many units have one, and the sum of their extents. */
static int64_t last_pieces(const nest *n, int dim, const nest_view *v, int which, bool absent, int64_t *extents)
{
    last_walk w;
    int64_t units = 0, lo, hi;
    begin(&w, n, dim, v, absent);
    if (which == LAST_STEP) go_to_last_step(&w);
    *extents = 0;
    do {
        if (which == LAST_OF_EACH) {
            for (int i = 0; i < w.loops; i++) w.index[w.loop[i]] = 0;
            if (!hd_place(w.nd, w.digits, w.extent, w.index, &lo, &hi)) continue; /* never works */
            hd_place_last(w.nd, w.digits, w.extent, w.loop, w.loops, w.index, &lo, &hi);
        } else if (!hd_place(w.nd, w.digits, w.extent, w.index, &lo, &hi)) {
            continue;
        }
        units++;
        *extents += hi - lo;
    } while (next_unit(&w));
    return units;
}

/* A sliding or clipped rank.  Units along it are served only where all steps look alike (fits.c): the last is as the first. */
static int64_t clipped_last(const nest *n, const hd_rank *r, const nest_view *v)
{
    int64_t lo = r->offset, hi = r->offset + 1;
    for (int t = 0; t < r->terms; t++)
        if (n->split[v->event] >> r->term[t].dim & 1u) return hd_slide_sums(n, r, v, 0, -1).covered;
    for (int t = 0; t < r->terms; t++) {
        last_walk w;
        int64_t a, b;
        begin(&w, n, r->term[t].dim, v, true);
        hd_place_last(w.nd, w.digits, w.extent, w.loop, w.loops, w.index, &a, &b);
        lo += r->term[t].coef * a;
        hi += r->term[t].coef * (b - 1);
    }
    if (lo < 0) lo = 0;
    if (hi > r->extent) hi = r->extent;
    return hi > lo ? hi - lo : 0;
}

/* Of a dim with units or where some pieces are shorter.  Most need no walk over units: there is one, or all are alike. */
static int64_t last_of_dim(const nest *n, int dim, const nest_view *v, int which, bool absent)
{
    const nest_dim *nd = &n->dim[dim];
    int64_t count = 1, extents;
    if (nd->even_to < v->event) {
        int64_t units = last_pieces(n, dim, v, which, absent, &extents);
        return absent ? units : extents;
    }
    for (int i = 0; i < nd->digits && nd->digit[i].level <= v->event; i++) {
        const nest_digit *g = &nd->digit[i];
        if (g->time < 0 && !stands(g, v, absent) && !(absent && (g->stack & (v->merge | v->pool)))) count *= g->count;
    }
    return absent ? count : count * n->s->level[v->event].tensor[dim];
}

/* Of a dim with loops alone, each in order: all end at its end. */
static inline int64_t last_piece(const nest *n, int dim, int level)
{
    const nest_dim *nd = &n->dim[dim];
    int i = nd->even_digits;
    int64_t extent = i > 0 ? nd->digit[i - 1].shift : n->p->op->dim[dim].extent;
    for (; i < nd->digits && nd->digit[i].level <= level; i++)
        extent -= (hd_count_ceil_div(extent, nd->digit[i].shift) - 1) * nd->digit[i].shift;
    return extent;
}

static int64_t moved(const nest *n, const nest_role *role, const nest_view *v, int which)
{
    const int64_t *box = n->s->level[v->event].tensor;
    unsigned split = n->split[v->event];
    int64_t words = 1;
    for (int i = 0; i < role->plains; i++) {
        int dim = role->plain[i];
        if (split >> dim & 1u)
            words *= last_of_dim(n, dim, v, which, false);
        else if (n->dim[dim].even_to >= v->event)
            words *= box[dim];
        else
            words *= n->dim[dim].in_order ? last_piece(n, dim, v->event) : last_of_dim(n, dim, v, which, false);
    }
    for (int i = 0; i < role->generals; i++) words *= clipped_last(n, role->of[role->number[i]].rank, v);
    for (unsigned dims = role->absent & split; dims; dims = hd_dims_after(dims))
        words *= last_of_dim(n, hd_dim_of(dims), v, which, true);
    return words;
}

int64_t hd_moved_last(const nest *n, const nest_role *role, const nest_view *v) { return moved(n, role, v, LAST_OF_EACH); }

int64_t hd_moved_last_step(const nest *n, const nest_role *role, const nest_view *v) { return moved(n, role, v, LAST_STEP); }
