/* Classes of states: see classes.h.
 *
 * Digits that run freely cut pieces of full extent and at most one shorter one per enclosing piece, so from the outside
 * in there are only a few different ones, until a digit comes that makes units or restarts.  What lies inside of that
 * is laid out explicitly, once per class.                                                             */
#include "cost/native/classes.h"

#include "base/count.h"
#include "cost/native/cutting.h"

/* The digits from the first one that merges, restarts or advances. */
typedef struct inner {
    nest_dim nd;
    int restarts, merged, free, own; /* own: digit number, -1 = none */
    int restart[HD_MAX_DIGITS], merge[HD_MAX_DIGITS], run[HD_MAX_DIGITS];
} inner;

static bool runs_freely(const nest_digit *g, const nest_view *v, int cut, int own)
{
    if (g->time < 0) return !(g->stack & v->merge);
    return g->time < cut && g->time != own;
}

/* The first digit that is not free. */
static inline int free_digits(const nest_dim *nd, const nest_view *v, int cut, int own)
{
    int i = 0;
    while (i < nd->digits && nd->digit[i].level <= v->event && runs_freely(&nd->digit[i], v, cut, own)) i++;
    return i;
}

static NEST_RARE void split_inner(const nest *n, int dim, const nest_view *v, int cut, int own, int first, inner *in)
{
    const nest_dim *nd = &n->dim[dim];
    in->restarts = in->merged = in->free = in->nd.digits = 0;
    in->own = -1;
    for (int i = first; i < nd->digits && nd->digit[i].level <= v->event; i++) {
        const nest_digit *g = &nd->digit[i];
        int k = in->nd.digits++;
        in->nd.digit[k] = *g;
        if (g->time == own && own >= 0) {
            in->own = k;
            continue;
        }
        if (g->time >= cut) {
            in->restart[in->restarts++] = k;
            continue;
        }
        if (runs_freely(g, v, cut, own))
            in->run[in->free++] = k;
        else
            in->merge[in->merged++] = k;
    }
    hd_digits_by_time(&in->nd, in->restart, in->restarts);
}

static bool add_unit(classes *out, const class_unit *u)
{
    if (out->units == HD_MAX_CLASS_UNITS) return false;
    out->unit[out->units++] = *u;
    return true;
}

/* Close the class whose units start at `first`; one that looks like another single one joins it. */
static bool add_class(classes *out, int first, int64_t states)
{
    if (out->units == first || states == 0) return out->units = first, true;
    const class_unit *u = &out->unit[first];
    for (int i = 0; i < out->n && out->units == first + 1; i++) {
        const class_unit *o = &out->unit[out->of[i].first];
        if (out->of[i].units > 1 || o->hi - o->lo != u->hi - u->lo || o->old_lo - o->lo != u->old_lo - u->lo ||
            o->old_hi - o->lo != u->old_hi - u->lo)
            continue;
        out->of[i].states += states;
        out->units = first;
        return true;
    }
    if (out->n == HD_MAX_CLASSES) return false;
    out->of[out->n].states = states;
    out->of[out->n].first = first;
    out->of[out->n++].units = out->units - first;
    return true;
}

static bool step(const inner *in, const int *digit, int n, int64_t *index)
{
    for (int i = n - 1; i >= 0; i--) {
        if (++index[digit[i]] < in->nd.digit[digit[i]].count) return true;
        index[digit[i]] = 0;
    }
    return false;
}

/* One state, unit by unit; the advancing loop stands at `at`. */
static bool add_state(classes *out, const inner *in, int64_t extent, int64_t at, int64_t *index, int64_t states)
{
    int first = out->units;
    do {
        class_unit u;
        if (in->own >= 0) index[in->own] = at;
        if (!hd_place(&in->nd, in->nd.digits, extent, index, &u.lo, &u.hi)) continue;
        if (in->own >= 0) index[in->own] = at - 1;
        hd_place_last(&in->nd, in->nd.digits, extent, in->restart, in->restarts, index, &u.old_lo, &u.old_hi);
        for (int i = 0; i < in->restarts; i++) index[in->restart[i]] = 0;
        if (!add_unit(out, &u)) return false;
    } while (step(in, in->merge, in->merged, index));
    return add_class(out, first, states);
}

/* All states of the inner digits within one outer piece. */
static bool add_states(classes *out, const inner *in, int64_t extent, int64_t at, int64_t states)
{
    int64_t index[HD_MAX_DIGITS] = {0};
    do {
        if (!add_state(out, in, extent, at, index, states)) return false;
    } while (step(in, in->run, in->free, index));
    return true;
}

/* `states` pieces of one extent, and all that lies inside of them. */
static NEST_RARE bool add_inside(classes *out, const inner *in, int64_t extent, int64_t states)
{
    if (in->own < 0) return add_states(out, in, extent, 0, states);
    if (in->own > 0) { /* the loop advances inside of units: one index after the other */
        for (int64_t at = 1; at < in->nd.digit[in->own].count; at++)
            if (!add_states(out, in, extent, at, states)) return false;
        return true;
    }
    int64_t shift = in->nd.digit[0].shift, full = extent / shift;
    if (full > 1 && !add_states(out, in, extent, 1, states * (full - 1))) return false;
    return full < 1 || extent == full * shift || add_states(out, in, extent, full, states);
}

/* ---- what most dims are: loops that restart, and inside of them nothing but stacks ---- */

/* Digits `loops` to `stacks` restart, `stacks` to `end` make units: merged, or each a state of its own. */
typedef struct layout { const nest_dim *nd; int loops, stacks, end; bool merged; } layout;

/* Where the unit's piece was before, `offset` into its block: loops have run to the last index at which it exists. */
typedef struct before { int64_t lo, extent; } before;

static inline before run_through(const layout *l, int64_t offset, before b)
{
    for (int i = l->loops; i < l->stacks; i++) {
        int64_t shift = l->nd->digit[i].shift, last = (b.extent - 1 - offset) / shift;
        b.lo += last * shift;
        b.extent = hd_count_min(shift, b.extent - last * shift);
    }
    return b;
}

static inline bool put(classes *out, const layout *l, int64_t lo, int64_t extent, int64_t old_lo, int64_t old, int64_t states)
{
    if (out->units == HD_MAX_CLASS_UNITS) return false;
    out->unit[out->units++] = (class_unit){lo, lo + extent, old_lo, old_lo + old};
    return l->merged || add_class(out, out->units - 1, states);
}

/* The piece behind the stack digits, at the unit's indices; 0 where it does not exist. */
static int64_t unit_extent(const layout *l, const int64_t *index, int64_t extent)
{
    for (int i = l->stacks; i < l->end; i++) {
        extent -= index[i] * l->nd->digit[i].shift;
        if (extent <= 0) return 0;
        extent = hd_count_min(extent, l->nd->digit[i].shift);
    }
    return extent;
}

/* Stacks in several directions: every index of all. */
static bool lay_units(classes *out, const layout *l, int64_t block, before old, int64_t states)
{
    int64_t index[HD_MAX_DIGITS], offset = 0;
    int i = l->end;
    for (int k = l->stacks; k < l->end; k++) index[k] = 0;
    while (i >= l->stacks) {
        int64_t extent = unit_extent(l, index, block);
        before b = extent > 0 ? run_through(l, offset, old) : old;
        if (extent > 0 && !put(out, l, offset, extent, b.lo + offset, unit_extent(l, index, b.extent), states)) return false;
        for (i = l->end - 1; i >= l->stacks; i--) {
            offset += l->nd->digit[i].shift;
            if (++index[i] < l->nd->digit[i].count) break;
            offset -= index[i] * l->nd->digit[i].shift;
            index[i] = 0;
        }
    }
    return true;
}

/* `states` pieces of one extent, and the piece before.  Most have one unit, or units side by side. */
static bool lay(classes *out, const layout *l, int64_t extent, before old, int64_t states)
{
    int first = out->units;
    int64_t block = l->loops < l->stacks ? hd_count_min(extent, l->nd->digit[l->stacks - 1].shift) : extent;
    if (l->stacks == l->end) {
        before b = run_through(l, 0, old);
        return put(out, l, 0, block, b.lo, b.extent, states);
    }
    if (l->stacks < l->end - 1 && !lay_units(out, l, block, old, states)) return false;
    int64_t shift = l->nd->digit[l->stacks].shift;
    for (int64_t lo = 0; lo < block && l->stacks == l->end - 1; lo += shift) {
        before b = run_through(l, lo, old);
        int64_t now = hd_count_min(shift, block - lo), then = hd_count_min(shift, b.extent - lo);
        if (!put(out, l, lo, now, b.lo + lo, then, states)) return false;
    }
    return !l->merged || add_class(out, first, states);
}

/* All inside of `states` pieces of one extent; with `own`, the digit before the layout's advances. */
static bool lay_inside(classes *out, const layout *l, bool own, int64_t extent, int64_t states)
{
    if (!own) return lay(out, l, extent, (before){0, extent}, states);
    int64_t shift = l->nd->digit[l->loops - 1].shift, full = extent / shift, rest = extent - full * shift;
    if (full > 1 && !lay(out, l, shift, (before){-shift, shift}, states * (full - 1))) return false;
    return full < 1 || rest == 0 || lay(out, l, rest, (before){-shift, shift}, states);
}

/* False where the digits from `first` on are anything else. */
static bool find_layout(const nest_dim *nd, const nest_view *v, int first, int own, layout *l)
{
    int i = first;
    unsigned stacks = 0;
    bool advances = own >= 0 && i < nd->digits && nd->digit[i].time == own;
    if (!nd->in_order || (own >= 0 && !advances)) return false;
    l->nd = nd;
    l->loops = i += advances;
    while (i < nd->digits && nd->digit[i].level <= v->event && nd->digit[i].time >= 0) i++;
    l->stacks = i;
    for (; i < nd->digits && nd->digit[i].level <= v->event && nd->digit[i].time < 0; i++) stacks |= nd->digit[i].stack;
    l->end = i;
    l->merged = (stacks & v->merge) != 0;
    return (stacks & v->merge) == (l->merged ? stacks : 0) && (i == nd->digits || nd->digit[i].level > v->event);
}

/* Pieces with nothing inside: each is its own unit, and was. */
static bool lay_pieces(const nest_pieces *p, classes *out)
{
    if (p->shorts >= HD_MAX_CLASSES) return false;
    out->n = out->units = 0;
    for (int k = -1; k < p->shorts; k++) {
        int64_t extent = k < 0 ? p->extent : p->of[k].extent, states = k < 0 ? p->full : p->of[k].pieces;
        if (states == 0) continue;
        out->of[out->n].states = states;
        out->of[out->n].first = out->n;
        out->of[out->n].units = 1;
        out->unit[out->n++] = (class_unit){0, extent, 0, extent};
    }
    out->units = out->n;
    return true;
}

__attribute__((flatten)) bool hd_classes_of(const nest *n, int dim, const nest_view *v, int cut, int own, classes *out)
{
    const nest_dim *nd = &n->dim[dim];
    cutting room;
    inner in;
    layout l;
    int first = free_digits(nd, v, cut, own);
    nest_pieces p = hd_nest_pieces(n, dim, first, &room);
    if (own < 0 && (first == nd->digits || nd->digit[first].level > v->event)) return lay_pieces(&p, out);
    bool quick = find_layout(nd, v, first, own, &l), good = true;
    if (!quick) split_inner(n, dim, v, cut, own, first, &in);
    out->n = out->units = 0;
    for (int k = -1; k < p.shorts && good; k++) {
        int64_t extent = k < 0 ? p.extent : p.of[k].extent, states = k < 0 ? p.full : p.of[k].pieces;
        good = quick ? lay_inside(out, &l, own >= 0, extent, states) : add_inside(out, &in, extent, states);
    }
    return good;
}
