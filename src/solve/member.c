/* Is a scheme one of a space's?  Only then may what is proved of the space be held against it.  And which of its drafts is most
 * like a scheme of another operator?                                                                           */
#include "solve/draft.h"

#include <string.h>

/* The dim's only stack on an axis of the level, NULL = none; false where it has more. */
static bool find_stack(const hd_scheme_level *l, int dim, int axis, const hd_stack **out)
{
    *out = NULL;
    for (int i = 0; i < l->stacks; i++) {
        if (l->stack[i].dim != dim || l->stack[i].axis != axis) continue;
        if (*out) return false;
        *out = &l->stack[i];
    }
    return true;
}

static int64_t resized(int64_t span, double scale)
{
    if (scale == 1 || span == 1) return span;
    return hd_count_max(1, (int64_t)((double)span * scale + 0.5));
}

/* The spans below a dim's slots, `scale` times as large (1 stays 1); false where two directives share one slot. */
static bool read_spans(const hd_form *form, const hd_scheme *s, int dim, double scale, hd_draft *out)
{
    for (int k = 0; k < form->slots[dim]; k++) {
        const hd_slot *slot = &form->slot[dim][k];
        const hd_scheme_level *l = &s->level[slot->level];
        const hd_stack *stack = NULL;
        const hd_update *stepped = NULL;
        int64_t *span = &out->span[dim][k];
        *span = hd_draft_above(form, out, dim, k);
        if (slot->kind != HD_SLOT_UPDATE && !find_stack(l, dim, slot->kind, &stack)) return false;
        for (int i = 0; i < l->updates && slot->kind == HD_SLOT_UPDATE; i++)
            if (l->update[i].dim == dim) stepped = &l->update[i];
        if (stack || stepped) *span = resized(stack ? stack->shift : stepped->step, scale);
    }
    return true;
}

/* The loops that the scheme has first, in its order; the rest does not count. */
static void read_order(const hd_form *form, const hd_scheme_level *l, unsigned char *out)
{
    unsigned seen = 0;
    int n = 0;
    for (int i = 0; i < l->updates; i++) {
        if (seen >> l->update[i].dim & 1u) continue;
        seen |= 1u << l->update[i].dim;
        out[n++] = (unsigned char)l->update[i].dim;
    }
    for (int d = 0; d < form->dims; d++)
        if (!(seen >> d & 1u)) out[n++] = (unsigned char)d;
}

/* Equal copies on an axis; where nodes have places, nested alike, too. */
static bool same_stacks(const hd_scheme_level *a, const hd_scheme_level *b, bool placed)
{
    if (a->stacks != b->stacks) return false;
    for (int axis = 0; axis < HD_AXES; axis++)
        for (int i = 0, next = 0; i < a->stacks; i++) {
            const hd_stack *t = &a->stack[i], *match = NULL;
            if (t->axis != axis) continue;
            for (int k = placed ? next : 0; k < b->stacks && !match; k++) {
                if (b->stack[k].axis != axis || (b->stack[k].dim != t->dim && !placed)) continue;
                match = &b->stack[k];
                next = k + 1;
            }
            if (!match || match->dim != t->dim || match->shift != t->shift || match->copies != t->copies) return false;
        }
    return true;
}

static bool same(const hd_form *form, const hd_scheme *s, const hd_scheme *back)
{
    for (int l = 1; l < form->levels; l++) {
        const hd_scheme_level *a = &s->level[l], *b = &back->level[l];
        if (memcmp(a->tensor, b->tensor, (size_t)form->dims * sizeof *a->tensor) != 0 || a->updates != b->updates) return false;
        for (int i = 0; i < a->updates; i++)
            if (a->update[i].dim != b->update[i].dim || a->update[i].step != b->update[i].step) return false;
        if (!same_stacks(a, b, form->space->problem->arch->level[l].mesh.ports > 0)) return false;
    }
    return true;
}

bool hd_draft_read(const hd_form *form, const hd_scheme *s, hd_draft *out)
{
    hd_draft_least(form, out);
    for (int d = 0; d < form->dims; d++)
        if (!read_spans(form, s, d, 1, out) || !hd_draft_chain_holds(form, out, d)) return false;
    for (int l = 0; l < form->levels; l++) out->keep[l] = s->level[l].keep;
    for (int l = 1; l < form->levels; l++) read_order(form, &s->level[l], out->order[l]);
    return hd_draft_fans_hold(form, out);
}

bool hd_draft_follow(const hd_form *form, const hd_lead *lead, bool scaled, hd_draft *out)
{
    const hd_scheme_level *level = lead->scheme->level;
    hd_draft_least(form, out);
    for (int d = 0; d < form->dims; d++) {
        double scale = (double)form->extent[d] / (double)lead->op->dim[d].extent;
        if (!read_spans(form, lead->scheme, d, scaled ? scale : 1, out) || !hd_draft_snap(form, out, d)) return false;
    }
    for (int l = 0; l < form->levels; l++) out->keep[l] = form->keep_most[l] & (level[l].keep | ~form->keep_free[l]);
    for (int l = 1; l < form->levels; l++) {
        if (!form->ordered[l]) continue;
        read_order(form, &level[l], out->order[l]);
        hd_form_arrange(form, l, out->order[l]);
    }
    return true;
}

bool hd_space_has(const hd_space *space, const hd_scheme *s)
{
    hd_form form;
    hd_draft draft;
    hd_scheme back;
    if (hd_form_init(&form, space, NULL) != HD_OK || form.refusal.kind != HD_LEGAL) return false;
    if (!hd_constraints_hold(space, s, NULL)) return false;
    if (form.verbatim) return hd_scheme_equal(s, space->pin);
    if (!hd_draft_read(&form, s, &draft)) return false;
    for (int l = 1; l < form.levels - 1; l++)
        if (form.keep_most[l] & ~form.keep_free[l] & ~s->level[l].keep) return false;
    return hd_draft_decode(&form, &draft, &back) && same(&form, s, &back);
}
