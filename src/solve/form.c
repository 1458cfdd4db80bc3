/* What is open in a space?  The slots of every dimension (slots.c), the levels whose order matters, the roles that may be
 * dropped; all as pins and constraints leave them.                                                       */
#include <stddef.h>
#include <string.h>

#include "cost/kapla/model.h"
#include "solve/draft.h"

static bool pinned(const hd_space *space, int level, unsigned bit)
{
    return space->pin && (space->pinned[level] & bit);
}

/* A sliding output that skips words cannot be held inside its home at all. */
static bool output_has_gaps(const hd_operator *op)
{
    const hd_tensor *o = &op->tensor[HD_O];
    for (int r = 0; o->used && r < o->ranks; r++) {
        const hd_rank *rank = &o->rank[r];
        if (rank->terms > 1 && (rank->term[1].coef != 1 || rank->term[0].coef > op->dim[rank->term[1].dim].extent)) return true;
    }
    return false;
}

/* What constraints say of the roles that a level may keep; a role not kept that must be is a refusal. */
static void limit_keeps(hd_form *form, int level, unsigned home)
{
    const hd_constraints *c = form->space->constraints;
    const hd_problem *p = form->space->problem;
    const char *name = p->arch->level[level].name;
    bool fixed = pinned(form->space, level, HD_PIN_KEEP);
    if (!c) return;
    for (int r = 0; r < HD_ROLES; r++) {
        unsigned bit = HD_ROLE_BIT(r);
        if (!p->op->tensor[r].used || level < p->home[r]) continue;
        if (c->must_keep[level] & ~form->keep_most[level] & bit)
            hd_form_refuse(form, level, r, -1, 1, 0, "%s: %s must be kept where the chip or a pin does not keep it", name,
                           hd_tensor_name(p->op, (hd_role)r));
        if (c->must_bypass[level] & bit & (fixed ? form->keep_most[level] : home))
            hd_form_refuse(form, level, r, -1, 0, 1, "%s: %s must pass where a pin keeps it or it is at home", name,
                           hd_tensor_name(p->op, (hd_role)r));
    }
    form->keep_most[level] &= ~c->must_bypass[level];
    form->keep_free[level] &= ~(c->must_bypass[level] | c->must_keep[level]);
}

static void find_keeps(hd_form *form)
{
    const hd_problem *p = form->space->problem;
    bool gaps = hd_space_is_native(form->space) && output_has_gaps(p->op);
    for (int l = 0; l < form->levels - 1; l++) {
        unsigned most = 0, home = 0;
        for (int r = 0; r < HD_ROLES; r++) {
            if (!p->op->tensor[r].used || l < p->home[r]) continue;
            if (l == p->home[r]) home |= HD_ROLE_BIT(r);
            if (r == HD_O && l > p->home[r] && gaps) continue;
            most |= p->arch->level[l].keeps & HD_ROLE_BIT(r);
        }
        if (p->op->vector && l > p->arch->vector_at) most = 0;
        if (pinned(form->space, l, HD_PIN_KEEP)) most = form->space->pin->level[l].keep | home;
        form->keep_most[l] = most;
        form->keep_free[l] = form->space->bypass && !pinned(form->space, l, HD_PIN_KEEP) ? most & ~home : 0;
        if (hd_space_is_kapla(form->space)) form->keep_free[l] &= hd_kapla_may_pass(p, l);
        limit_keeps(form, l, home);
    }
}

/* Dims with a loop at the level whose place constraints leave open. */
static int open_loops(const hd_form *form, int level)
{
    const hd_constraints *c = form->space->constraints;
    int n = 0;
    for (int d = 0; d < form->dims; d++) n += form->at[d][level][HD_SLOT_UPDATE] >= 0;
    for (int i = 0; c && i < c->inner[level]; i++) n -= form->at[c->inner_dim[level][i]][level][HD_SLOT_UPDATE] >= 0;
    for (int i = 0; c && i < c->outer[level]; i++) n -= form->at[c->outer_dim[level][i]][level][HD_SLOT_UPDATE] >= 0;
    return n;
}

/* At the MACs the order of loops is only seen by operand registers. */
static void find_orders(hd_form *form)
{
    const hd_arch *a = form->space->problem->arch;
    for (int l = 1; l < form->levels; l++) {
        bool seen = l < form->levels - 1 || (a->level[l].operand_register && !form->space->problem->op->vector);
        form->loops[l] = open_loops(form, l);
        form->ordered[l] = form->space->all_orders && seen && !pinned(form->space, l, HD_PIN_ORDER) && form->loops[l] > 1;
    }
}

/* The smallest draft shows whether the pins can be met at all. */
static hd_status check_least(const hd_form *form, hd_error *err)
{
    hd_draft draft;
    hd_scheme scheme;
    hd_refusal why;
    if (!form->space->pin || form->limited) return HD_OK;
    hd_draft_least(form, &draft);
    for (int d = 0; d < form->dims; d++)
        if (!hd_draft_chain_holds(form, &draft, d))
            return hd_fail(err, HD_ERR_USAGE, "pin: the boxes and copies of %s contradict each other",
                           form->space->problem->op->dim[d].name);
    if (!hd_draft_decode(form, &draft, &scheme)) return hd_fail(err, HD_ERR_USAGE, "pin: too many stacks at one level");
    if (!hd_scheme_is_legal(form->space->problem, &scheme, &why)) return hd_fail(err, HD_ERR_USAGE, "pin: %s", why.why);
    return HD_OK;
}

static hd_status init_verbatim(hd_form *form, hd_error *err)
{
    hd_refusal why;
    if (!hd_scheme_is_legal(form->space->problem, form->space->pin, &why)) return hd_fail(err, HD_ERR_USAGE, "pin: %s", why.why);
    if (!hd_constraints_hold(form->space, form->space->pin, &why)) form->refusal = why;
    return HD_OK;
}

/* A pinned order must be one that the constraints allow. */
static void check_orders(hd_form *form)
{
    hd_draft draft;
    hd_scheme scheme;
    hd_refusal why;
    if (!form->space->pin || !form->space->constraints || form->refusal.kind != HD_LEGAL || form->unknown) return;
    hd_draft_least(form, &draft);
    if (!hd_draft_decode(form, &draft, &scheme)) hd_form_refuse(form, -1, -1, -1, 0, 0, "pin: too many stacks at one level");
    else if (!hd_scheme_is_legal(form->space->problem, &scheme, &why) || !hd_constraints_hold(form->space, &scheme, &why))
        hd_form_refuse(form, why.level, why.role, why.dim, why.need, why.have, "pin: %s", why.why);
}

hd_status hd_form_init(hd_form *form, const hd_space *space, hd_error *err)
{
    memset(form, 0, offsetof(hd_form, sizes));
    form->space = space;
    form->dims = space->problem->op->dims;
    form->levels = space->problem->arch->levels;
    for (int d = 0; d < form->dims; d++) form->extent[d] = space->problem->op->dim[d].extent;
    form->verbatim = space->pin != NULL;
    for (int l = 1; l < form->levels; l++) form->verbatim = form->verbatim && space->pinned[l] == HD_PIN_ALL;
    if (form->verbatim) return init_verbatim(form, err);
    hd_form_find_limits(form);
    form->divides = !form->limited && !space->ragged && !space->pin;
    hd_form_note_factors(form);
    for (int d = 0; d < form->dims && form->refusal.kind == HD_LEGAL; d++) HD_TRY(hd_form_add_dim(form, d, err));
    find_keeps(form);
    if (form->refusal.kind != HD_LEGAL) return HD_OK;
    find_orders(form);
    if (form->limited) hd_form_find_base(form);
    check_orders(form);
    return check_least(form, err);
}
