/* What is open in a space?  The slots of every dimension with what the pins say about them, the levels whose order
 * matters, the roles that may be dropped.                                                                */
#include <string.h>

#include "base/count.h"
#include "solve/draft.h"

static bool pinned(const hd_space *space, int level, unsigned bit)
{
    return space->pin && (space->pinned[level] & bit);
}

static void add_slot(hd_form *form, int dim, int level, int kind, int64_t count)
{
    int k = form->slots[dim]++;
    form->slot[dim][k] = (hd_slot){.level = level, .kind = kind, .count = count};
    form->at[dim][level][kind] = k;
}

/* A pinned level: its stacks by falling shift, its update where the pin has it, outermost where it has none. */
static hd_status add_pinned(hd_form *form, int dim, int level, hd_error *err)
{
    const hd_scheme_level *pin = &form->space->pin->level[level];
    int64_t shift[HD_SLOT_KINDS] = {0}, copies[HD_SLOT_KINDS] = {0};
    shift[HD_SLOT_UPDATE] = INT64_MAX;
    for (int i = 0; i < pin->updates; i++)
        if (pin->update[i].dim == dim) shift[HD_SLOT_UPDATE] = pin->update[i].step;
    for (int i = 0; i < pin->stacks; i++) {
        const hd_stack *s = &pin->stack[i];
        if (s->dim != dim || s->copies <= 1) continue;
        if (copies[s->axis])
            return hd_fail(err, HD_ERR_USAGE, "pin: %s has two stacks of %s on one axis; pin every level to use that",
                           form->space->problem->arch->level[level].name, form->space->problem->op->dim[dim].name);
        shift[s->axis] = s->shift;
        copies[s->axis] = s->copies;
    }
    for (int n = 0; n < HD_SLOT_KINDS; n++) {
        int top = HD_SLOT_UPDATE;
        for (int kind = HD_SLOT_UPDATE - 1; kind >= 0; kind--)
            if (shift[kind] > shift[top]) top = kind;
        if (shift[top] > 0 && (top == HD_SLOT_UPDATE || copies[top])) add_slot(form, dim, level, top, copies[top]);
        shift[top] = 0;
    }
    return HD_OK;
}

/* The rank of O that slides over the window `dim`, or NULL: its window stays whole wherever O may be held. */
static const hd_rank *slides_over(const hd_operator *op, int dim)
{
    const hd_tensor *o = &op->tensor[HD_O];
    for (int r = 0; o->used && r < o->ranks; r++)
        if (o->rank[r].terms > 1 && o->rank[r].term[1].dim == dim) return &o->rank[r];
    return NULL;
}

/* A sliding output that skips words cannot be held inside its home at all. */
static bool output_has_gaps(const hd_operator *op)
{
    for (int d = 0; d < op->dims; d++) {
        const hd_rank *r = slides_over(op, d);
        if (r && (r->term[1].coef != 1 || r->term[0].coef > op->dim[d].extent)) return true;
    }
    return false;
}

static hd_status add_level(hd_form *form, int dim, int level, hd_error *err)
{
    const hd_problem *p = form->space->problem;
    int last = form->levels - 1;
    if (p->op->dim[dim].extent == 1) return HD_OK;
    if (slides_over(p->op, dim) || (p->op->vector && level > p->arch->vector_at)) {
        if (level == last) add_slot(form, dim, level, HD_SLOT_UPDATE, 0);
        return HD_OK;
    }
    if (pinned(form->space, level, HD_PIN_STACK)) return add_pinned(form, dim, level, err);
    add_slot(form, dim, level, HD_SLOT_UPDATE, 0);
    for (int axis = HD_AXES - 1; axis >= 0; axis--)
        if (form->space->unroll[level][axis] >> dim & 1u) add_slot(form, dim, level, axis, 0);
    return HD_OK;
}

/* Boxes of pinned levels become spans; the innermost span is one. */
static hd_status pin_spans(hd_form *form, int dim, hd_error *err)
{
    const hd_operator *op = form->space->problem->op;
    for (int l = 1; l < form->levels; l++) {
        int last = -1;
        if (l < form->levels - 1 && !pinned(form->space, l, HD_PIN_TENSOR)) continue;
        int64_t box = l == form->levels - 1 ? 1 : form->space->pin->level[l].tensor[dim];
        for (int k = 0; k < form->slots[dim]; k++)
            if (form->slot[dim][k].level <= l) last = k;
        int64_t before = last < 0 ? op->dim[dim].extent : form->slot[dim][last].span;
        if (box < 1 || (before > 0 && before != box))
            return hd_fail(err, HD_ERR_USAGE, "pin: the box of %s at %s cannot be %lld", op->dim[dim].name,
                           form->space->problem->arch->level[l].name, (long long)box);
        if (last >= 0) form->slot[dim][last].span = box;
    }
    return HD_OK;
}

/* From the inside out: the smallest spans that meet the pins. */
static hd_status find_least(hd_form *form, int dim, hd_error *err)
{
    const hd_dim *d = &form->space->problem->op->dim[dim];
    int64_t below = 1;
    for (int k = form->slots[dim] - 1; k >= 0; k--) {
        hd_slot *s = &form->slot[dim][k];
        int64_t outer = k > 0 ? form->slot[dim][k - 1].span : d->extent;
        if (s->span > 0 && s->span < below)
            return hd_fail(err, HD_ERR_USAGE, "pin: the box of %s grows towards the inside", d->name);
        s->least = s->span > 0 ? s->span : below;
        if (s->count > 1 && !hd_count_mul(s->least, s->count, &below)) below = d->extent;
        if (s->count <= 1) below = s->least;
        if (outer > 0 && hd_count_ceil_div(outer, s->least) == s->count) below = outer;
        if (below > d->extent || (outer > 0 && below > outer))
            return hd_fail(err, HD_ERR_USAGE, "pin: %lld copies of %s at %s do not fit the extent %lld",
                           (long long)s->count, d->name, form->space->problem->arch->level[s->level].name,
                           (long long)d->extent);
    }
    return HD_OK;
}

static void find_keeps(hd_form *form)
{
    const hd_problem *p = form->space->problem;
    for (int l = 0; l < form->levels - 1; l++) {
        unsigned most = 0, home = 0;
        for (int r = 0; r < HD_ROLES; r++) {
            if (!p->op->tensor[r].used || l < p->home[r]) continue;
            if (l == p->home[r]) home |= HD_ROLE_BIT(r);
            if (r == HD_O && l > p->home[r] && output_has_gaps(p->op)) continue;
            most |= p->arch->level[l].keeps & HD_ROLE_BIT(r);
        }
        if (p->op->vector && l > p->arch->vector_at) most = 0;
        if (pinned(form->space, l, HD_PIN_KEEP)) most = form->space->pin->level[l].keep | home;
        form->keep_most[l] = most;
        form->keep_free[l] = form->space->bypass && !pinned(form->space, l, HD_PIN_KEEP) ? most & ~home : 0;
    }
}

/* At the MACs the order of loops is only seen by operand registers. */
static void find_orders(hd_form *form)
{
    const hd_arch *a = form->space->problem->arch;
    for (int l = 1; l < form->levels; l++) {
        bool seen = l < form->levels - 1 || (a->level[l].operand_register && !form->space->problem->op->vector);
        form->ordered[l] = form->space->all_orders && seen && !pinned(form->space, l, HD_PIN_ORDER);
    }
}

/* The smallest draft shows whether the pins can be met at all. */
static hd_status check_least(const hd_form *form, hd_error *err)
{
    hd_draft draft;
    hd_scheme scheme;
    hd_refusal why;
    if (!form->space->pin) return HD_OK;
    hd_draft_least(form, &draft);
    for (int d = 0; d < form->dims; d++)
        if (!hd_draft_chain_holds(form, &draft, d))
            return hd_fail(err, HD_ERR_USAGE, "pin: the boxes and copies of %s contradict each other",
                           form->space->problem->op->dim[d].name);
    if (!hd_draft_decode(form, &draft, &scheme)) return hd_fail(err, HD_ERR_USAGE, "pin: too many stacks at one level");
    if (!hd_scheme_is_legal(form->space->problem, &scheme, &why)) return hd_fail(err, HD_ERR_USAGE, "pin: %s", why.why);
    return HD_OK;
}

hd_status hd_form_init(hd_form *form, const hd_space *space, hd_error *err)
{
    hd_refusal why;
    memset(form, 0, sizeof *form);
    memset(form->at, -1, sizeof form->at);
    form->space = space;
    form->dims = space->problem->op->dims;
    form->levels = space->problem->arch->levels;
    form->verbatim = space->pin != NULL;
    for (int l = 1; l < form->levels; l++) form->verbatim = form->verbatim && space->pinned[l] == HD_PIN_ALL;
    if (form->verbatim) {
        if (hd_scheme_is_legal(space->problem, space->pin, &why)) return HD_OK;
        return hd_fail(err, HD_ERR_USAGE, "pin: %s", why.why);
    }
    for (int d = 0; d < form->dims; d++) {
        for (int l = 1; l < form->levels; l++) HD_TRY(add_level(form, d, l, err));
        HD_TRY(pin_spans(form, d, err));
        HD_TRY(find_least(form, d, err));
    }
    find_keeps(form);
    find_orders(form);
    return check_least(form, err);
}

bool hd_form_allows(const hd_form *form, int dim, int k, int64_t above, int64_t span)
{
    const hd_slot *s = &form->slot[dim][k];
    if (span < s->least || span > above || (s->span > 0 && span != s->span)) return false;
    if (s->count > 0 && hd_count_ceil_div(above, span) != s->count) return false;
    if (s->span > 0 || span == s->least) return true;
    if (!form->space->ragged && s->count == 0) return above % span == 0;
    return hd_count_ceil_div(above, hd_count_ceil_div(above, span)) == span;
}

int hd_form_spans(const hd_form *form, int dim, int k, int64_t above, int64_t *out, int max)
{
    const hd_slot *s = &form->slot[dim][k];
    int64_t one = s->span > 0 ? s->span : s->count > 0 ? hd_count_ceil_div(above, s->count) : 0;
    if (one > 0) {
        out[0] = one;
        return hd_form_allows(form, dim, k, above, one) ? 1 : 0;
    }
    int n = 0, sizes = hd_space_sizes(form->space, above, out, max - 1);
    bool has = false;
    for (int i = 0; i < sizes; i++) {
        if (out[i] < s->least) continue;
        has = has || out[i] == s->least;
        out[n++] = out[i];
    }
    if (has || s->least > above) return n;
    memmove(out + 1, out, (size_t)n * sizeof *out);
    out[0] = s->least;
    return n + 1;
}
