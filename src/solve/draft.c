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

int64_t hd_draft_units(const hd_form *form, const hd_draft *draft)
{
    const hd_arch *a = form->space->problem->arch;
    int64_t units = 1;
    if (!hd_draft_axes_hold(form, draft)) return 0;
    for (int l = 1; l < form->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) {
            int64_t used = 1;
            if (a->level[l].fan[axis] <= 1) continue;
            for (int d = 0; d < form->dims; d++) {
                int k = form->at[d][l][axis];
                if (k >= 0 && !hd_count_mul(used, hd_draft_count(form, draft, d, k), &used)) return 0;
            }
            if (used > a->level[l].fan[axis]) return 0;
            units *= used;
        }
    return units;
}

bool hd_draft_fans_hold(const hd_form *form, const hd_draft *draft)
{
    return hd_draft_units(form, draft) >= hd_count_max(1, form->units);
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

/* From the inside out, past all slots that count one: boxes, stacks, and which levels have a loop of the dim. */
static bool decode_dim(const hd_form *form, const hd_draft *draft, int dim, hd_scheme *out, unsigned loops[HD_MAX_LEVELS])
{
    int inside = form->levels; /* levels from here on have their boxes */
    for (int k = form->slots[dim] - 1; k >= 0; k--) {
        int64_t above = hd_draft_above(form, draft, dim, k), span = draft->span[dim][k];
        if (span == above) continue;
        const hd_slot *s = &form->slot[dim][k];
        hd_scheme_level *level = &out->level[s->level];
        while (inside > s->level) out->level[--inside].tensor[dim] = span;
        if (s->kind == HD_SLOT_UPDATE) {
            loops[s->level] |= 1u << dim;
            continue;
        }
        if (level->stacks == HD_MAX_STACKS) return false;
        level->stack[level->stacks++] = (hd_stack){dim, s->kind, span, hd_count_ceil_div(above, span)};
    }
    while (inside > 0) out->level[--inside].tensor[dim] = form->space->problem->op->dim[dim].extent;
    return true;
}

static void decode_updates(const hd_form *form, const hd_draft *draft, int l, unsigned loops, hd_scheme_level *level)
{
    for (int i = 0; loops && i < form->dims; i++) {
        int d = draft->order[l][i];
        if (loops >> d & 1u) level->update[level->updates++] = (hd_update){d, draft->span[d][form->at[d][l][HD_SLOT_UPDATE]]};
    }
}

bool hd_draft_decode(const hd_form *form, const hd_draft *draft, hd_scheme *out)
{
    unsigned loops[HD_MAX_LEVELS] = {0};
    out->levels = form->levels;
    for (int l = 0; l < form->levels; l++) { /* what lies past the levels, the stacks and the updates is nobody's */
        memset(out->level[l].tensor, 0, sizeof out->level[l].tensor);
        out->level[l].stacks = out->level[l].updates = 0;
        out->level[l].keep = draft->keep[l];
    }
    for (int d = 0; d < form->dims; d++)
        if (!decode_dim(form, draft, d, out, loops)) return false;
    for (int l = 1; l < form->levels; l++) {
        hd_form_arrange_stacks(form, l, &out->level[l]);
        decode_updates(form, draft, l, loops[l], &out->level[l]);
    }
    return true;
}
