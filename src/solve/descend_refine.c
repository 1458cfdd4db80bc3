/* Which small changes make a scheme better?  Neighbours: a factor moved between two slots of a dimension, a span one
 * size up or down, a loop moved within its level, a role kept or dropped, two factors of two dimensions exchanged.  */
#include <string.h>

#include "base/count.h"
#include "solve/walk.h"

void hd_draft_reorder(const hd_form *form, hd_draft *draft, int level, int dim, bool innermost)
{
    unsigned char *order = draft->order[level], moved[HD_MAX_DIMS];
    int n = 0;
    if (innermost) moved[n++] = (unsigned char)dim;
    for (int i = 0; i < form->dims; i++)
        if (order[i] != dim) moved[n++] = order[i];
    if (!innermost) moved[n++] = (unsigned char)dim;
    hd_form_arrange(form, level, moved);
    memcpy(order, moved, (size_t)form->dims);
}

/* Where a span may be no member, or an inner one not fit it: true where the space has them all. */
static bool transfer_raggedly(const hd_form *form, hd_draft *draft, int dim, int from, int to, int64_t factor)
{
    int64_t *span = draft->span[dim];
    for (int k = from; k < to; k++) {
        int64_t above = hd_draft_above(form, draft, dim, k);
        if (!hd_count_mul(span[k], factor, &span[k])) return false;
        span[k] = hd_count_min(span[k], above);
    }
    for (int k = to; k < from; k++) span[k] = hd_count_ceil_div(span[k], factor);
    if (form->space->ragged) return hd_draft_snap(form, draft, dim) && hd_draft_chain_holds(form, draft, dim);
    return hd_draft_chain_holds_in(form, draft, dim, from < to ? from : to, from < to ? to : from);
}

bool hd_draft_transfer(const hd_form *form, hd_draft *draft, int dim, int from, int to, int64_t factor)
{
    if (!form->divides || hd_draft_count(form, draft, dim, from) % factor != 0)
        return transfer_raggedly(form, draft, dim, from, to, factor);
    hd_draft_give(form, draft, dim, from, to, factor);
    return true;
}

/* Is no loop of the level inside (or outside) that of `dim`? */
static bool is_at_end(const hd_form *form, const hd_trial *t, int level, int dim, bool inner)
{
    const unsigned char *order = t->draft.order[level];
    int i = inner ? 0 : form->dims - 1, step = inner ? 1 : -1;
    for (; order[i] != dim; i += step)
        if (t->trace.live.loops[level] >> order[i] & 1u) return false;
    return true;
}

/* Offer a trial (see hd_walk_try) as it is and, where a loop has come to life, with that loop innermost and outermost. */
static bool try_with_orders(hd_walk *w, hd_trial *t, int dim, int slot)
{
    const hd_slot *s = &w->form->slot[dim][slot];
    if (hd_walk_try(w, t)) return true;
    if (s->kind != HD_SLOT_UPDATE || !w->form->ordered[s->level]) return false;
    for (int inner = 1; inner >= 0; inner--) {
        if (is_at_end(w->form, t, s->level, dim, inner)) continue; /* it is the one just tried */
        hd_trial_reorder(w->form, t, s->level, dim, inner);
        if (hd_walk_try(w, t)) return true;
    }
    hd_walk_return_level(w, t, s->level);
    return false;
}

/* What to do with a trial in which a factor of `dim` has moved. */
typedef bool (*after_transfer)(hd_walk *w, hd_trial *t, int dim, int from, int to);

/* Every pair of slots of a dim: the first factor that helps moves. */
static bool move_factors(hd_walk *w, int dim, after_transfer accept)
{
    bool better = false;
    int slots = w->form->slots[dim];
    hd_trial t;
    hd_walk_begin(w, &t);
    for (int move = 0; move < slots * slots && !hd_walk_over(w); move++) {
        int from = move / slots, to = move % slots;
        int64_t factor[HD_MAX_FACTORS], count = hd_draft_count(w->form, &w->at, dim, from);
        int n = from == to || count == 1 ? 0 : hd_draft_factors(w->form, count, factor, HD_MAX_FACTORS);
        for (int i = 0; i < n; i++) {
            if (hd_trial_transfer(w->form, &t, dim, from, to, factor[i]) && accept(w, &t, dim, from, to)) {
                better = true;
                break;
            }
            hd_walk_return(w, &t, dim);
        }
    }
    return better;
}

static bool accept_as_it_is(hd_walk *w, hd_trial *t, int dim, int from, int to)
{
    (void)from;
    return try_with_orders(w, t, dim, to);
}

/* One span to the next size up and down, ragged sizes among them. */
static bool steps(hd_walk *w, int dim)
{
    bool better = false;
    hd_trial t;
    if (!w->form->space->ragged) return false;
    hd_walk_begin(w, &t);
    for (int k = 0; k < w->form->slots[dim] - 1 && !hd_walk_over(w); k++) {
        int64_t value[HD_MAX_SIZES], now = w->at.span[dim][k];
        int n = hd_form_spans(w->form, dim, k, w->at.span[dim], value, HD_MAX_SIZES), i = 0;
        while (i < n && value[i] < now) i++;
        for (int side = 0; side < 2; side++) {
            int j = side ? i + 1 : i - 1;
            if (j < 0 || j >= n) continue;
            t.draft.span[dim][k] = value[j];
            bool snapped = hd_draft_snap(w->form, &t.draft, dim);
            if (snapped) hd_trial_look(w->form, &t, dim);
            if (snapped && try_with_orders(w, &t, dim, k)) {
                better = true;
                break;
            }
            hd_walk_return(w, &t, dim);
        }
    }
    return better;
}

static bool loops(const hd_walk *w, int level, int dim) { return w->trace.live.loops[level] >> dim & 1u; }

/* Every loop of a level to every other place. */
static bool reorders(hd_walk *w, int level)
{
    bool better = false;
    int dims = w->form->dims;
    hd_trial t;
    if (!w->form->ordered[level]) return false;
    hd_walk_begin(w, &t);
    for (int move = 0; move < dims * dims && !hd_walk_over(w); move++) {
        int from = move / dims, to = move % dims;
        unsigned char *order = t.draft.order[level], dim = order[from];
        if (from == to || to == from + 1 || !loops(w, level, order[from]) || !loops(w, level, order[to])) continue;
        if (from < to) memmove(order + from, order + from + 1, (size_t)(to - from));
        else memmove(order + to + 1, order + to, (size_t)(from - to));
        order[to] = dim;
        hd_form_arrange(w->form, level, order);
        t.reordered |= 1u << level;
        if (hd_walk_try(w, &t)) better = true;
        else hd_walk_return_level(w, &t, level);
    }
    return better;
}

static bool keeps(hd_walk *w)
{
    bool better = false;
    hd_trial t;
    hd_walk_begin(w, &t);
    for (int l = 0; l < w->form->levels; l++)
        for (int r = 0; r < HD_ROLES && !hd_walk_over(w); r++) {
            if (!(w->form->keep_free[l] & HD_ROLE_BIT(r))) continue;
            t.draft.keep[l] ^= HD_ROLE_BIT(r);
            t.reordered |= 1u << l;
            if (hd_walk_try(w, &t)) better = true;
            else hd_walk_return_level(w, &t, l);
        }
    return better;
}

static void give_again(const hd_form *form, hd_trial *t, int dim, const int64_t *given)
{
    for (int k = 0; k < form->slots[dim]; k++) t->draft.span[dim][k] = given[k];
    hd_trial_look(form, t, dim);
}

/* `dim` has given a factor from slot `from` to slot `to`; each dim in turn, itself too, gives one back the other way. */
static bool exchange_back(hd_walk *w, hd_trial *t, int dim, int from, int to)
{
    const hd_form *form = w->form;
    const hd_slot *f = &form->slot[dim][from], *s = &form->slot[dim][to];
    int64_t given[HD_MAX_SLOTS];
    for (int k = 0; k < form->slots[dim]; k++) given[k] = t->draft.span[dim][k];
    for (int e = 0; e < form->dims; e++) {
        int back_from = form->at[e][s->level][s->kind], back_to = form->at[e][f->level][f->kind];
        if (back_from < 0 || back_to < 0) continue;
        int64_t factor[HD_MAX_FACTORS], count = hd_draft_count(form, &t->draft, e, back_from);
        int n = count == 1 ? 0 : hd_draft_factors(form, count, factor, HD_MAX_FACTORS);
        for (int i = 0; i < n && !hd_walk_over(w); i++) {
            if (hd_trial_transfer(form, t, e, back_from, back_to, factor[i]) && try_with_orders(w, t, dim, to)) return true;
            if (e == dim) give_again(form, t, dim, given);
            else hd_walk_return(w, t, e);
        }
    }
    return false;
}

/* The kinds of single changes, numbered: keeps, orders by level, moves and steps by dim. */
static bool improve(hd_walk *w, int kind)
{
    int dim = kind - w->form->levels;
    if (kind == 0) return keeps(w);
    if (dim < 0) return reorders(w, kind);
    bool moved = move_factors(w, dim, accept_as_it_is);
    return steps(w, dim) || moved;
}

/* Kind after kind, until each in turn has found nothing since the last change. */
static void improve_all(hd_walk *w)
{
    int kinds = w->form->levels + w->form->dims;
    for (int kind = 0, idle = 0; idle < kinds && !hd_walk_over(w); kind = (kind + 1) % kinds)
        idle = improve(w, kind) ? 0 : idle + 1;
}

void hd_walk_refine(hd_walk *w)
{
    bool better = true;
    while (better && !hd_walk_over(w)) {
        improve_all(w);
        better = false;
        for (int d = 0; !better && d < w->form->dims; d++) better = move_factors(w, d, exchange_back);
    }
}

void hd_draft_nudge(const hd_form *form, hd_random *random, hd_draft *draft)
{
    int d = (int)hd_random_below(random, form->dims), l = 1 + (int)hd_random_below(random, form->levels - 1);
    int slots = form->slots[d];
    if (form->ordered[l] && hd_random_below(random, 4) == 0)
        hd_draft_reorder(form, draft, l, d, hd_random_below(random, 2) == 0);
    if (form->keep_free[l] && hd_random_below(random, 4) == 0) {
        unsigned bit = HD_ROLE_BIT(hd_random_below(random, HD_ROLES));
        draft->keep[l] ^= bit & form->keep_free[l];
    }
    if (slots == 0) return;
    int from = (int)hd_random_below(random, slots), to = (int)hd_random_below(random, slots);
    int64_t factor[HD_MAX_FACTORS], count = hd_draft_count(form, draft, d, from);
    int n = from == to || count == 1 ? 0 : hd_draft_factors(form, count, factor, HD_MAX_FACTORS);
    if (n > 0) hd_draft_transfer(form, draft, d, from, to, factor[hd_random_below(random, n)]);
}
