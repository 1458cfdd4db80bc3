/* How to draw a scheme of a space by chance, legal by construction. */
#include <string.h>

#include "base/count.h"
#include "solve/draft.h"

typedef int64_t fans_left[HD_MAX_LEVELS][HD_AXES];

/* One random chain under the units that are left; false at a dead end. */
static bool draw_chain(const hd_form *form, hd_random *random, int dim, fans_left left, const hd_axes *axes, hd_draft *out)
{
    int64_t value[HD_MAX_SIZES], above = form->extent[dim];
    for (int k = 0; k < form->slots[dim]; k++) {
        const hd_slot *s = &form->slot[dim][k];
        int from = 0, n = hd_form_spans(form, dim, k, out->span[dim], value, HD_MAX_SIZES);
        if (s->kind != HD_SLOT_UPDATE) {
            int64_t room = hd_axes_admit(form, axes, dim, s->level, s->kind) ? left[s->level][s->kind] : 1;
            while (from < n && hd_count_ceil_div(above, value[from]) > room) from++;
        }
        if (from == n) return false;
        above = out->span[dim][k] = value[from + (int)hd_random_below(random, n - from)];
    }
    return true;
}

static void take_fans(const hd_form *form, const hd_draft *draft, int dim, fans_left left)
{
    for (int k = 0; k < form->slots[dim]; k++) {
        const hd_slot *s = &form->slot[dim][k];
        if (s->kind != HD_SLOT_UPDATE) left[s->level][s->kind] /= hd_draft_count(form, draft, dim, k);
    }
}

static void shuffle(unsigned char *list, int n, hd_random *random)
{
    for (int i = n - 1; i > 0; i--) {
        int j = (int)hd_random_below(random, i + 1);
        unsigned char t = list[i];
        list[i] = list[j];
        list[j] = t;
    }
}

/* Units that pinned or asked copies take are set aside before anything is drawn. */
static void reserve_copies(const hd_form *form, int dim, fans_left left, bool give_back)
{
    for (int k = 0; k < form->slots[dim]; k++) {
        const hd_slot *s = &form->slot[dim][k];
        int64_t copies = s->count > 0 ? s->count : s->pair == HD_ALONE ? s->fewest : 1;
        if (s->kind == HD_SLOT_UPDATE || copies <= 1) continue;
        if (give_back) left[s->level][s->kind] *= copies;
        else left[s->level][s->kind] /= copies;
    }
}

/* Chains of all dims in random order; false where limits let one find no room. */
static bool draw_chains(const hd_form *form, hd_random *random, hd_draft *out)
{
    enum { TRIES = 8 };
    fans_left left;
    hd_axes axes;
    unsigned char dims[HD_MAX_DIMS];
    hd_axes_init(&axes);
    for (int l = 0; l < form->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) left[l][axis] = form->space->problem->arch->level[l].fan[axis];
    for (int d = 0; d < form->dims; d++) {
        dims[d] = (unsigned char)d;
        reserve_copies(form, d, left, false);
    }
    shuffle(dims, form->dims, random);
    for (int i = 0; i < form->dims; i++) {
        int d = dims[i], tries = 0;
        reserve_copies(form, d, left, true);
        while (tries < TRIES && !draw_chain(form, random, d, left, &axes, out)) tries++;
        if (tries == TRIES && form->limited) return false;
        for (int k = 0; tries == TRIES && k < form->slots[d]; k++) out->span[d][k] = form->slot[d][k].least;
        take_fans(form, out, d, left);
        if (!hd_axes_place(form, &axes, out, d)) return false;
    }
    return true;
}

/* Turn part of a random loop into copies; false where the one drawn cannot be, or too few units would be in use. */
static bool unroll_one(const hd_form *form, hd_random *random, int64_t units, hd_draft *draft)
{
    int d = (int)hd_random_below(random, form->dims), slots = form->slots[d];
    if (slots < 2) return false;
    int from = (int)hd_random_below(random, slots), to = (int)hd_random_below(random, slots);
    int64_t factor[4], count = hd_draft_count(form, draft, d, from);
    int64_t saved[HD_MAX_SLOTS];
    if (form->slot[d][to].kind == HD_SLOT_UPDATE || form->slot[d][from].kind != HD_SLOT_UPDATE || count == 1) return false;
    int n = hd_draft_factors(form, count, factor, 4);
    if (n == 0) return false;
    memcpy(saved, draft->span[d], sizeof saved);
    if (hd_draft_transfer(form, draft, d, from, to, factor[hd_random_below(random, n)]) &&
        hd_draft_units(form, draft) >= units)
        return true;
    memcpy(draft->span[d], saved, sizeof saved);
    return false;
}

/* Unroll until as many units are in use as must be. */
static bool use_units(const hd_form *form, hd_random *random, hd_draft *draft)
{
    enum { TRIES = 400 };
    for (int i = 0; i < TRIES; i++) {
        if (hd_draft_fans_hold(form, draft)) return true;
        unroll_one(form, random, 1, draft);
    }
    return false;
}

void hd_draft_fill(const hd_form *form, hd_random *random, hd_draft *draft)
{
    enum { TRIES = 60 };
    for (int i = 0; i < TRIES; i++) unroll_one(form, random, hd_count_max(1, form->units), draft);
}

void hd_draft_sample(const hd_form *form, hd_random *random, hd_draft *out)
{
    enum { TRIES = 8 };
    int tries = 0;
    hd_draft_least(form, out);
    while (tries < TRIES && (!draw_chains(form, random, out) || (form->units > 1 && !use_units(form, random, out)))) tries++;
    if (tries == TRIES) memcpy(out->span, form->base.span, sizeof out->span);
    for (int l = 1; l < form->levels; l++) {
        if (form->ordered[l]) {
            shuffle(out->order[l], form->dims, random);
            hd_form_arrange(form, l, out->order[l]);
        }
        out->keep[l] &= ~(form->keep_free[l] & (unsigned)hd_random_next(random));
    }
}

/* Take span k down to the next smaller member and all spans inside it along. */
static bool shrink_at(const hd_form *form, hd_draft *draft, int dim, int k)
{
    int64_t value[HD_MAX_SIZES], saved[HD_MAX_SLOTS];
    if (draft->span[dim][k] <= form->slot[dim][k].least) return false;
    int n = hd_form_spans(form, dim, k, draft->span[dim], value, HD_MAX_SIZES);
    int64_t smaller = 0;
    for (int i = 0; i < n && value[i] < draft->span[dim][k]; i++) smaller = value[i];
    if (smaller == 0) return false;
    memcpy(saved, draft->span[dim], sizeof saved);
    draft->span[dim][k] = smaller;
    if (hd_draft_snap(form, draft, dim) && hd_draft_fans_hold(form, draft)) return true;
    memcpy(draft->span[dim], saved, sizeof saved);
    return false;
}

static bool is_smaller(const hd_form *form, const hd_draft *a, const hd_draft *b, int dim)
{
    bool smaller = false;
    for (int k = 0; k < form->slots[dim]; k++) {
        if (a->span[dim][k] > b->span[dim][k]) return false;
        smaller = smaller || a->span[dim][k] < b->span[dim][k];
    }
    return smaller;
}

/* Where counts are limited: a factor of an inner slot to one outside it, in random order.  The dim, -1 where there is none. */
static int shrink_limited(const hd_form *form, hd_random *random, hd_draft *draft)
{
    enum { MOST_FACTORS = 4 };
    int slots = 1;
    for (int d = 0; d < form->dims; d++) slots = slots > form->slots[d] ? slots : form->slots[d];
    int choices = form->dims * slots * slots, first = (int)hd_random_below(random, choices);
    for (int i = 0; i < choices; i++) {
        int at = (first + i) % choices, d = at % form->dims, from = at / form->dims / slots, to = at / form->dims % slots;
        if (from <= to || from >= form->slots[d]) continue;
        int64_t factor[MOST_FACTORS], count = hd_draft_count(form, draft, d, from);
        int n = count == 1 ? 0 : hd_draft_factors(form, count, factor, MOST_FACTORS);
        for (int k = 0; k < n; k++) {
            hd_draft moved = *draft;
            if (hd_draft_transfer(form, &moved, d, from, to, factor[k]) && hd_draft_fans_hold(form, &moved) &&
                is_smaller(form, &moved, draft, d)) {
                *draft = moved;
                return d;
            }
        }
    }
    return -1;
}

/* Make one random tile smaller: its dim, -1 where no tile can shrink. */
static int shrink(const hd_form *form, hd_random *random, hd_draft *draft)
{
    if (form->limited) return shrink_limited(form, random, draft);
    int dims = form->dims, most = 0, choices = dims * HD_MAX_SLOTS, first = (int)hd_random_below(random, choices);
    for (int d = 0; d < dims; d++) most = form->slots[d] > most ? form->slots[d] : most;
    for (int i = 0, d = first % dims, k = first / dims; i < choices; i++) {
        if (k < form->slots[d] && shrink_at(form, draft, d, k)) return d;
        if (++d < dims) continue;
        d = 0;
        if (++k < most) continue;
        i += (HD_MAX_SLOTS - k) * dims; /* no dim has so many */
        k = 0;
    }
    return -1;
}

bool hd_draft_shrink(const hd_form *form, hd_random *random, hd_draft *draft) { return shrink(form, random, draft) >= 0; }

bool hd_draft_make_fit(const hd_form *form, hd_random *random, hd_incumbent *inc, hd_draft *draft, hd_scheme *scheme)
{
    enum { SHRINKS = 128 };
    hd_live live;
    hd_draft_find_live(form, draft, &live);
    unsigned stale = HD_EVERY_DIM;
    for (int i = 0; i < SHRINKS; i++) {
        if (!hd_draft_decode_live(form, draft, &live, stale, scheme)) return false;
        if (hd_incumbent_fits(inc, scheme)) return true;
        int dim = shrink(form, random, draft);
        if (dim < 0) return false;
        hd_draft_renew_live(form, draft, dim, &live);
        stale = 1u << dim;
    }
    return false;
}

bool hd_draft_draw(const hd_form *form, hd_random *random, hd_incumbent *inc, hd_draft *draft, hd_scheme *scheme)
{
    hd_draft_sample(form, random, draft);
    if (hd_random_below(random, 2)) hd_draft_fill(form, random, draft); /* few draws use a large array by chance */
    return hd_draft_make_fit(form, random, inc, draft, scheme);
}
