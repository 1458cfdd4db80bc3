/* How to draw a scheme of a space by chance, legal by construction. */
#include <string.h>

#include "base/count.h"
#include "solve/draft.h"

typedef int64_t fans_left[HD_MAX_LEVELS][HD_AXES];

/* One random chain under the units that are left; false at a dead end. */
static bool draw_chain(const hd_form *form, hd_random *random, int dim, fans_left left, hd_draft *out)
{
    int64_t value[HD_MAX_SIZES], above = form->space->problem->op->dim[dim].extent;
    for (int k = 0; k < form->slots[dim]; k++) {
        const hd_slot *s = &form->slot[dim][k];
        int from = 0, n = hd_form_spans(form, dim, k, above, value, HD_MAX_SIZES);
        if (s->kind != HD_SLOT_UPDATE)
            while (from < n && hd_count_ceil_div(above, value[from]) > left[s->level][s->kind]) from++;
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

/* Units that pinned copies take are set aside before anything is drawn. */
static void reserve_pins(const hd_form *form, int dim, fans_left left, bool give_back)
{
    for (int k = 0; k < form->slots[dim]; k++) {
        const hd_slot *s = &form->slot[dim][k];
        if (s->count <= 1) continue;
        if (give_back) left[s->level][s->kind] *= s->count;
        else left[s->level][s->kind] /= s->count;
    }
}

void hd_draft_sample(const hd_form *form, hd_random *random, hd_draft *out)
{
    enum { TRIES = 8 };
    fans_left left;
    unsigned char dims[HD_MAX_DIMS];
    hd_draft_least(form, out);
    for (int l = 0; l < form->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) left[l][axis] = form->space->problem->arch->level[l].fan[axis];
    for (int d = 0; d < form->dims; d++) {
        dims[d] = (unsigned char)d;
        reserve_pins(form, d, left, false);
    }
    shuffle(dims, form->dims, random);
    for (int i = 0; i < form->dims; i++) {
        int d = dims[i], tries = 0;
        reserve_pins(form, d, left, true);
        while (tries < TRIES && !draw_chain(form, random, d, left, out)) tries++;
        for (int k = 0; tries == TRIES && k < form->slots[d]; k++) out->span[d][k] = form->slot[d][k].least;
        take_fans(form, out, d, left);
    }
    for (int l = 1; l < form->levels; l++) {
        if (form->ordered[l]) shuffle(out->order[l], form->dims, random);
        out->keep[l] &= ~(form->keep_free[l] & (unsigned)hd_random_next(random));
    }
}

/* Take span k down to the next smaller member and all spans inside it along. */
static bool shrink_at(const hd_form *form, hd_draft *draft, int dim, int k)
{
    int64_t value[HD_MAX_SIZES];
    hd_draft saved = *draft;
    int n = hd_form_spans(form, dim, k, hd_draft_above(form, draft, dim, k), value, HD_MAX_SIZES);
    int64_t smaller = 0;
    for (int i = 0; i < n && value[i] < draft->span[dim][k]; i++) smaller = value[i];
    if (smaller == 0) return false;
    draft->span[dim][k] = smaller;
    if (hd_draft_snap(form, draft, dim) && hd_draft_fans_hold(form, draft)) return true;
    *draft = saved;
    return false;
}

bool hd_draft_shrink(const hd_form *form, hd_random *random, hd_draft *draft)
{
    int choices = form->dims * HD_MAX_SLOTS, first = (int)hd_random_below(random, choices);
    for (int i = 0; i < choices; i++) {
        int at = (first + i) % choices, d = at % form->dims, k = at / form->dims;
        if (k < form->slots[d] && shrink_at(form, draft, d, k)) return true;
    }
    return false;
}

bool hd_draft_make_fit(const hd_form *form, hd_random *random, hd_incumbent *inc, hd_draft *draft, hd_scheme *scheme)
{
    enum { SHRINKS = 128 };
    for (int i = 0; i < SHRINKS; i++) {
        if (!hd_draft_decode(form, draft, scheme)) return false;
        if (hd_incumbent_fits(inc, scheme)) return true;
        if (!hd_draft_shrink(form, random, draft)) return false;
    }
    return false;
}
