/* Which dims may lie on which axis of a fan-out?  Constraints may ask for one order of its dims, of which the first ones
 * lie on X, and for so many of some dims at most on an axis: what the dims placed so far leave to the others.        */
#include "base/count.h"
#include "solve/draft.h"

void hd_axes_init(hd_axes *axes)
{
    for (int l = 0; l < HD_MAX_LEVELS; l++) axes->level[l] = (hd_axis_use){.last_x = 0, .first_y = UINT8_MAX};
}

bool hd_axes_admit(const hd_form *form, const hd_axes *axes, int dim, int level, int axis)
{
    const hd_constraints *c = form->space->constraints;
    if (level >= form->axis_levels) return true;
    const hd_axis_use *use = &axes->level[level];
    int rank = c->axis_rank[level][dim], most = c->axis_open[level] >> dim & 1u ? c->axis_dims[level][axis] : 0;
    return (axis == HD_X ? rank <= use->first_y : rank >= use->last_x) && (most == 0 || use->dims[axis] < most);
}

bool hd_axes_place(const hd_form *form, hd_axes *axes, const hd_draft *draft, int dim)
{
    for (int k = 0; form->axis_levels > 0 && k < form->slots[dim]; k++) {
        const hd_slot *s = &form->slot[dim][k];
        if (s->kind == HD_SLOT_UPDATE || s->level >= form->axis_levels || hd_draft_count(form, draft, dim, k) == 1) continue;
        if (!hd_axes_admit(form, axes, dim, s->level, s->kind)) return false;
        hd_axis_use *use = &axes->level[s->level];
        int rank = form->space->constraints->axis_rank[s->level][dim];
        if (form->space->constraints->axis_open[s->level] >> dim & 1u) use->dims[s->kind]++;
        if (s->kind == HD_X) use->last_x = (int)hd_count_max(use->last_x, rank);
        else use->first_y = (int)hd_count_min(use->first_y, rank);
    }
    return true;
}

bool hd_draft_axes_hold(const hd_form *form, const hd_draft *draft)
{
    hd_axes axes;
    if (form->axis_levels == 0) return true;
    hd_axes_init(&axes);
    for (int d = 0; d < form->dims; d++)
        if (!hd_axes_place(form, &axes, draft, d)) return false;
    return true;
}

void hd_form_arrange_stacks(const hd_form *form, int level, hd_scheme_level *out)
{
    if (level >= form->axis_levels) return;
    const unsigned char *rank = form->space->constraints->axis_rank[level];
    for (int i = 1; i < out->stacks; i++) {
        hd_stack moved = out->stack[i];
        int at = i;
        for (; at > 0 && rank[out->stack[at - 1].dim] > rank[moved.dim]; at--) out->stack[at] = out->stack[at - 1];
        out->stack[at] = moved;
    }
}
