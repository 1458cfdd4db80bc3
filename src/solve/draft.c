/* From chains of spans to a scheme and back into the space: see draft.h. */
#include "solve/draft.h"

#include <string.h>

static bool order_is_pinned(const hd_form *form, int level)
{
    return form->space->pin && (form->space->pinned[level] & HD_PIN_ORDER);
}

void hd_form_arrange(const hd_form *form, int level, unsigned char *order)
{
    const hd_constraints *c = form->space->constraints;
    unsigned char arranged[HD_MAX_DIMS];
    unsigned fixed = 0;
    int n = 0;
    if (!c || c->inner[level] + c->outer[level] == 0 || order_is_pinned(form, level)) return;
    for (int i = 0; i < c->outer[level]; i++) fixed |= 1u << c->outer_dim[level][i];
    for (int i = 0; i < c->inner[level]; i++) fixed |= 1u << (arranged[n++] = c->inner_dim[level][i]);
    for (int i = 0; i < form->dims; i++)
        if (!(fixed >> order[i] & 1u)) arranged[n++] = order[i];
    for (int i = 0; i < c->outer[level]; i++) arranged[n++] = c->outer_dim[level][i];
    memcpy(order, arranged, (size_t)form->dims);
}

/* Pinned orders first, then the remaining dims. */
static void first_orders(const hd_form *form, hd_draft *out)
{
    for (int l = 1; l < form->levels; l++) {
        unsigned seen = 0;
        int n = 0;
        const hd_scheme_level *pin = form->space->pin ? &form->space->pin->level[l] : NULL;
        for (int i = 0; pin && order_is_pinned(form, l) && i < pin->updates; i++) {
            if (seen >> pin->update[i].dim & 1u) continue;
            seen |= 1u << pin->update[i].dim;
            out->order[l][n++] = (unsigned char)pin->update[i].dim;
        }
        for (int d = 0; d < form->dims; d++)
            if (!(seen >> d & 1u)) out->order[l][n++] = (unsigned char)d;
        hd_form_arrange(form, l, out->order[l]);
    }
}

void hd_draft_least(const hd_form *form, hd_draft *out)
{
    memset(out, 0, sizeof *out);
    for (int d = 0; d < form->dims; d++)
        for (int k = 0; k < form->slots[d]; k++) out->span[d][k] = form->slot[d][k].least;
    if (form->limited) memcpy(out->span, form->base.span, sizeof out->span);
    for (int d = 0; form->space->pin && !form->limited && d < form->dims; d++) hd_draft_snap(form, out, d); /* spread counts */
    memcpy(out->keep, form->keep_most, sizeof out->keep);
    first_orders(form, out);
}

bool hd_draft_chain_holds_in(const hd_form *form, const hd_draft *draft, int dim, int first, int last)
{
    if (form->limited) first = 0, last = form->slots[dim] - 1; /* pairs look two slots far */
    for (int k = first; k <= last; k++)
        if (!hd_form_has(form, dim, k, draft->span[dim], draft->span[dim][k])) return false;
    return true;
}

bool hd_draft_chain_holds(const hd_form *form, const hd_draft *draft, int dim)
{
    return hd_draft_chain_holds_in(form, draft, dim, 0, form->slots[dim] - 1);
}

void hd_draft_find_live(const hd_form *form, const hd_draft *draft, hd_live *live)
{
    for (int d = 0; d < form->dims; d++) live->slots[d] = 0;
    for (int l = 0; l < form->levels; l++) live->loops[l] = 0;
    for (int d = 0; d < form->dims; d++) hd_draft_renew_live(form, draft, d, live);
}

/* Copies of a dim, times those of others on each fan-out; false where they are more than it has. */
static bool take_units(const hd_form *form, const hd_draft *draft, int dim, int64_t used[HD_MAX_LEVELS][HD_AXES])
{
    for (uint64_t stacks = form->stacked[dim]; stacks; stacks &= stacks - 1) {
        int k = __builtin_ctzll(stacks);
        const hd_slot *s = &form->slot[dim][k];
        int64_t count = hd_draft_count(form, draft, dim, k), *product = &used[s->level][s->kind];
        if (count > 1 && (!hd_count_mul(*product, count, product) || *product > s->room)) return false;
    }
    return true;
}

int64_t hd_draft_units(const hd_form *form, const hd_draft *draft)
{
    int64_t used[HD_MAX_LEVELS][HD_AXES], units = 1;
    if (!hd_draft_axes_hold(form, draft)) return 0;
    for (int l = 1; l < form->levels; l++) used[l][HD_X] = used[l][HD_Y] = 1;
    for (int d = 0; d < form->dims; d++)
        if (!take_units(form, draft, d, used)) return 0;
    for (int l = 1; l < form->levels; l++) units *= used[l][HD_X] * used[l][HD_Y];
    return units;
}

bool hd_draft_fans_hold(const hd_form *form, const hd_draft *draft)
{
    return hd_draft_units(form, draft) >= hd_count_max(1, form->units);
}

/* Has the axis the units that all dims together take of it? */
static bool axis_holds(const hd_form *form, const hd_draft *draft, int level, int axis)
{
    int64_t used = 1, room = form->space->problem->arch->level[level].fan[axis];
    for (int d = 0; d < form->dims; d++) {
        int k = form->at[d][level][axis];
        if (k >= 0 && (!hd_count_mul(used, hd_draft_count(form, draft, d, k), &used) || used > room)) return false;
    }
    return true;
}

bool hd_draft_fans_hold_beside(const hd_form *form, const hd_draft *from, const hd_draft *draft, unsigned moved,
                               const hd_live *live)
{
    if (moved == HD_EVERY_DIM || form->limited) return hd_draft_fans_hold(form, draft);
    for (; moved; moved &= moved - 1) {
        int d = __builtin_ctz(moved);
        for (uint64_t stacks = live->slots[d] & form->stacked[d]; stacks; stacks &= stacks - 1) {
            int k = __builtin_ctzll(stacks);
            const hd_slot *s = &form->slot[d][k];
            bool more = hd_draft_count(form, draft, d, k) > hd_draft_count(form, from, d, k);
            if (more && !axis_holds(form, draft, s->level, s->kind)) return false;
        }
    }
    return true;
}

/* Where counts are limited: the largest span that is not too large and can go on, else the smallest that can. */
static bool snap_limited(const hd_form *form, hd_draft *draft, int dim)
{
    int64_t value[HD_MAX_SIZES];
    for (int k = 0; k < form->slots[dim]; k++) {
        int64_t *span = &draft->span[dim][k];
        if (hd_form_allows(form, dim, k, draft->span[dim], *span)) continue;
        int n = hd_form_spans(form, dim, k, draft->span[dim], value, HD_MAX_SIZES), i = 0;
        if (n == 0) return false;
        while (i + 1 < n && value[i + 1] <= *span) i++;
        *span = value[i];
    }
    return true;
}

bool hd_draft_snap(const hd_form *form, hd_draft *draft, int dim)
{
    if (form->limited) return snap_limited(form, draft, dim);
    for (int k = 0; k < form->slots[dim]; k++) {
        const hd_slot *s = &form->slot[dim][k];
        int64_t above = hd_draft_above(form, draft, dim, k);
        int64_t span = s->span > 0 ? s->span : hd_count_min(draft->span[dim][k], above);
        if (s->count > 0 && s->span == 0) span = hd_count_ceil_div(above, s->count);
        if (span < s->least) span = s->least;
        if (!form->space->ragged && s->span == 0 && s->count == 0)
            while (span > s->least && above % span != 0) span--;
        if (form->space->ragged && s->span == 0 && s->count == 0 && span != s->least)
            span = hd_count_ceil_div(above, hd_count_ceil_div(above, span));
        if (!hd_form_allows(form, dim, k, draft->span[dim], span)) return false;
        draft->span[dim][k] = span;
    }
    return true;
}

/* What follows is asked for with every new draft: parts out of line, else compilers unroll their short loops and run out of
 * registers. */
#define DECODE_PART static __attribute__((noinline))

DECODE_PART void decode_boxes(const hd_form *form, const hd_draft *draft, int dim, hd_scheme *out)
{
    const int64_t *span = draft->span[dim];
    for (int l = 0; l < form->levels; l++) {
        int k = form->inmost[l][dim];
        out->level[l].tensor[dim] = k < 0 ? form->extent[dim] : span[k];
    }
}

/* From the inside out; false where a level has no room for another one. */
DECODE_PART bool decode_stacks(const hd_form *form, const hd_draft *draft, int dim, uint64_t stacks, hd_scheme *out)
{
    enum { LAST_BIT = 63 };
    const int64_t *span = draft->span[dim];
    const hd_slot *slot = form->slot[dim];
    while (stacks) {
        int k = LAST_BIT ^ __builtin_clzll(stacks);
        hd_scheme_level *level = &out->level[slot[k].level];
        int64_t above = k > 0 ? span[k - 1] : form->extent[dim];
        if (level->stacks == HD_MAX_STACKS) return false;
        level->stack[level->stacks++] = (hd_stack){dim, slot[k].kind, span[k], hd_count_ceil_div(above, span[k])};
        stacks ^= (uint64_t)1 << k;
    }
    return true;
}

DECODE_PART void decode_updates(const hd_form *form, const hd_draft *draft, int l, unsigned loops, hd_scheme_level *level)
{
    const int *slot = form->looped[l];
    hd_update *out = level->update;
    for (const unsigned char *next = draft->order[l]; loops; next++) {
        int d = *next;
        if (!(loops >> d & 1u)) continue;
        loops ^= 1u << d;
        out->dim = d;
        out->step = draft->span[d][slot[d]];
        out++;
    }
    level->updates = (int)(out - level->update);
}

/* What lies past the levels, the stacks and the updates is nobody's. */
bool hd_draft_decode_live(const hd_form *form, const hd_draft *draft, const hd_live *live, unsigned stale, hd_scheme *out)
{
    out->levels = form->levels;
    for (int l = 0; l < form->levels; l++) {
        out->level[l].stacks = out->level[l].updates = 0;
        out->level[l].keep = draft->keep[l];
        if (live->loops[l]) decode_updates(form, draft, l, live->loops[l], &out->level[l]);
    }
    if (stale == HD_EVERY_DIM) {
        for (int l = 0; l < form->levels; l++) memset(out->level[l].tensor, 0, sizeof out->level[l].tensor);
        stale = (1u << form->dims) - 1;
    }
    for (; stale; stale &= stale - 1) decode_boxes(form, draft, __builtin_ctz(stale), out);
    for (int d = 0; d < form->dims; d++) {
        uint64_t stacks = live->slots[d] & form->stacked[d];
        if (stacks && !decode_stacks(form, draft, d, stacks, out)) return false;
    }
    for (int l = 1; l < form->axis_levels; l++) hd_form_arrange_stacks(form, l, &out->level[l]);
    return true;
}

bool hd_draft_decode(const hd_form *form, const hd_draft *draft, hd_scheme *out)
{
    hd_live live;
    hd_draft_find_live(form, draft, &live);
    return hd_draft_decode_live(form, draft, &live, HD_EVERY_DIM, out);
}
