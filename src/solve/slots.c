/* The slots of one dimension: what wires, pins and constraints let a level do with it, and the smallest spans that
 * follow.  Constraints that leave a dimension nothing are named.                                           */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "solve/draft.h"

static bool pinned(const hd_space *space, int level, unsigned bit)
{
    return space->pin && (space->pinned[level] & bit);
}

void hd_form_refuse(hd_form *form, int level, int role, int dim, int64_t need, int64_t have, const char *format, ...)
{
    va_list args;
    if (form->refusal.kind != HD_LEGAL) return;
    form->refusal = (hd_refusal){HD_REFUSE_CONSTRAINT, level, role, dim, need, have, ""};
    va_start(args, format);
    vsnprintf(form->refusal.why, sizeof form->refusal.why, format, args);
    va_end(args);
}

/* Pins that nothing can meet are a user's error; with constraints beside them nothing is left to search. */
__attribute__((format(printf, 7, 8))) static hd_status contradict(hd_form *form, hd_error *err, int level, int dim, int64_t need,
                                                                  int64_t have, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!form->limited) return hd_fail(err, HD_ERR_USAGE, "pin: %s", text);
    hd_form_refuse(form, level, -1, dim, need, have, "%s", text);
    return HD_OK;
}

enum { LIMIT_LOOP, LIMIT_COPIES, LIMITS };

/* A limit with its zeros filled in; limits not looked at yet (see blame) are none. */
static hd_limit limit_of(const hd_form *form, int level, int dim, int what)
{
    const hd_constraints *c = form->space->constraints;
    hd_limit l = {0, 0};
    if (c && LIMITS * level + what < form->limits) l = what == LIMIT_LOOP ? c->loop[level][dim] : c->copies[level][dim];
    return (hd_limit){hd_count_max(l.least, 1), l.most > 0 ? l.most : INT64_MAX};
}

static bool is_one_axis(const hd_form *form, int level)
{
    return form->space->constraints && form->space->constraints->one_axis[level];
}

static hd_slot *add_slot(hd_form *form, int dim, int level, int kind, int64_t count)
{
    int k = form->slots[dim]++;
    form->slot[dim][k] = (hd_slot){.level = level, .kind = kind, .count = count, .fewest = 1, .most = INT64_MAX,
                                   .room = INT64_MAX};
    if (kind == HD_SLOT_UPDATE) form->looped[level][dim] = k;
    else form->slot[dim][k].room = form->space->problem->arch->level[level].fan[kind];
    form->stacked[dim] |= (uint64_t)(kind != HD_SLOT_UPDATE) << k;
    for (int l = level; l < form->levels; l++) form->inmost[l][dim] = k;
    form->at[dim][level][kind] = k;
    return &form->slot[dim][k];
}

/* The loops or copies of a limit, of a slot, as messages call them. */
static const char *place_of(const hd_form *form, int level, int what)
{
    return hd_space_place(form->space, level, what == LIMIT_LOOP ? HD_SAID_LOOPS : HD_SAID_COPIES);
}

static const char *level_name(const hd_form *form, int level) { return form->space->problem->arch->level[level].name; }

static const char *slot_place(const hd_form *form, const hd_slot *s)
{
    return place_of(form, s->level, s->kind == HD_SLOT_UPDATE ? LIMIT_LOOP : LIMIT_COPIES);
}

static const char *dim_name(const hd_form *form, int dim) { return form->space->problem->op->dim[dim].name; }

/* Where a count is asked and the space has no place for it. */
static void ask_for(hd_form *form, int dim, int level, int what, int64_t have)
{
    hd_limit l = limit_of(form, level, dim, what);
    if (have < l.least || have > l.most)
        hd_form_refuse(form, level, -1, dim, have < l.least ? l.least : l.most, have,
                       "%s: %s %lld %s of %s, where only %lld can be", place_of(form, level, what),
                       have < l.least ? "at least" : "at most", (long long)(have < l.least ? l.least : l.most),
                       what == LIMIT_LOOP ? "iterations" : "copies", dim_name(form, dim), (long long)have);
}

static void add_loop(hd_form *form, int dim, int level)
{
    hd_limit l = limit_of(form, level, dim, LIMIT_LOOP);
    if (l.most == 1) {
        ask_for(form, dim, level, LIMIT_LOOP, 1);
        return;
    }
    hd_slot *s = add_slot(form, dim, level, HD_SLOT_UPDATE, 0);
    s->fewest = l.least;
    s->most = l.most;
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
        if (shift[top] > 0 && top == HD_SLOT_UPDATE) add_loop(form, dim, level);
        else if (shift[top] > 0 && copies[top]) add_slot(form, dim, level, top, copies[top]);
        shift[top] = 0;
    }
    int64_t all = hd_count_max(1, copies[HD_X]) * hd_count_max(1, copies[HD_Y]);
    ask_for(form, dim, level, LIMIT_COPIES, all);
    if (is_one_axis(form, level) && copies[HD_X] && copies[HD_Y])
        hd_form_refuse(form, level, -1, dim, 1, 2, "%s: %s may not unroll on both axes, as pinned",
                       place_of(form, level, LIMIT_COPIES), dim_name(form, dim));
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

/* The stacks of a level that is not pinned; limits hold for both axes together. */
static void add_stacks(hd_form *form, int dim, int level)
{
    const hd_space *space = form->space;
    hd_limit l = limit_of(form, level, dim, LIMIT_COPIES);
    bool x = space->unroll[level][HD_X] >> dim & 1u, y = space->unroll[level][HD_Y] >> dim & 1u;
    if ((!x && !y) || l.most == 1) {
        ask_for(form, dim, level, LIMIT_COPIES, 1);
        return;
    }
    bool pair = x && y && (l.least > 1 || l.most < INT64_MAX || is_one_axis(form, level));
    for (int axis = HD_AXES - 1; axis >= 0; axis--) {
        if (!(space->unroll[level][axis] >> dim & 1u)) continue;
        hd_slot *s = add_slot(form, dim, level, axis, 0);
        s->fewest = l.least;
        s->most = l.most;
        s->one_axis = is_one_axis(form, level);
        if (pair) s->pair = axis == HD_Y ? HD_PAIR_FIRST : HD_PAIR_SECOND;
    }
}

static hd_status add_level(hd_form *form, int dim, int level, hd_error *err)
{
    const hd_problem *p = form->space->problem;
    int last = form->levels - 1;
    bool slides = hd_space_is_native(form->space) && slides_over(p->op, dim);
    if (p->op->dim[dim].extent == 1 || slides || (p->op->vector && level > p->arch->vector_at)) {
        if (level == last && p->op->dim[dim].extent > 1) add_loop(form, dim, level);
        else ask_for(form, dim, level, LIMIT_LOOP, 1);
        if (slides) add_stacks(form, dim, level); /* where the space lets units share results */
        else ask_for(form, dim, level, LIMIT_COPIES, 1);
        return HD_OK;
    }
    if (pinned(form->space, level, HD_PIN_STACK)) return add_pinned(form, dim, level, err);
    add_loop(form, dim, level);
    add_stacks(form, dim, level);
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
        if (box < 1 || box > op->dim[dim].extent)
            return hd_fail(err, HD_ERR_USAGE, "pin: the box of %s at %s is %lld, expected 1 to its extent %lld",
                           op->dim[dim].name, level_name(form, l), (long long)box, (long long)op->dim[dim].extent);
        if (before > 0 && before != box)
            return contradict(form, err, l, dim, box, before, "the box of %s at %s must be %lld, the box outside is %lld, but no "
                              "loop or stack is left open between them", dim_name(form, dim), level_name(form, l),
                              (long long)box, (long long)before);
        if (last >= 0) form->slot[dim][last].span = box;
    }
    return HD_OK;
}

/* How often a slot counts at least: pinned copies, or a limit (of a pair: at its first slot). */
static int64_t fewest_of(const hd_slot *s)
{
    return s->count > 0 ? s->count : s->pair == HD_PAIR_SECOND ? 1 : s->fewest;
}

/* The smallest span above a slot that counts at least `times` pieces of `least`: the last may be ragged. */
static int64_t least_above(const hd_form *form, const hd_slot *s, int64_t least, int64_t times)
{
    bool ragged = form->space->ragged && s->count == 0;
    int64_t whole;
    if (!hd_count_mul(least, ragged ? times - 1 : times, &whole)) return INT64_MAX;
    return hd_count_max(least, ragged ? whole + 1 : whole);
}

/* From the inside out: the smallest spans that pins and limits allow. */
static hd_status find_least(hd_form *form, int dim, hd_error *err)
{
    const hd_dim *d = &form->space->problem->op->dim[dim];
    int64_t below = 1, even = 1;
    for (int k = form->slots[dim] - 1; k >= 0; k--) {
        hd_slot *s = &form->slot[dim][k];
        int64_t outer = k > 0 ? form->slot[dim][k - 1].span : d->extent, times = fewest_of(s);
        if (s->span > 0 && s->span < below)
            return contradict(form, err, s->level, dim, s->span, below,
                              "the box of %s at %s is %lld, but further inside %lld is needed", d->name,
                              slot_place(form, s), (long long)s->span, (long long)below);
        s->least = s->span > 0 ? s->span : below;
        s->even = s->span > 0 ? s->span : hd_count_max(even, below);
        below = least_above(form, s, s->least, times);
        if (!hd_count_mul(s->even, times, &even)) even = INT64_MAX;
        if (outer > 0 && hd_count_ceil_div(outer, s->least) == times) below = even = outer;
        if (below > d->extent || (outer > 0 && below > outer))
            return contradict(form, err, s->level, dim, below, outer > 0 ? outer : d->extent,
                              "%lld pieces of %lld of %s at %s do not fit the %lld outside", (long long)times,
                              (long long)s->least, d->name, slot_place(form, s),
                              (long long)(outer > 0 ? outer : d->extent));
        even = hd_count_min(even, d->extent);
    }
    return HD_OK;
}

static hd_status build_dim(hd_form *form, int dim, hd_error *err)
{
    form->slots[dim] = 0;
    form->stacked[dim] = 0;
    for (int l = 0; l < form->levels; l++) form->inmost[l][dim] = -1;
    memset(form->at[dim], -1, sizeof form->at[dim]);
    for (int l = 1; l < form->levels; l++) HD_TRY(add_level(form, dim, l, err));
    HD_TRY(pin_spans(form, dim, err));
    if (form->refusal.kind != HD_LEGAL) return HD_OK;
    return find_least(form, dim, err);
}

/* Which limit leaves a dim nothing?  The first that does when they are added from the outermost level inwards. */
static hd_status blame(hd_form *form, int dim, hd_error *err)
{
    int all = form->limits;
    for (form->limits = 1; form->limits < all; form->limits++) {
        HD_TRY(build_dim(form, dim, err));
        if (form->refusal.kind != HD_LEGAL || !hd_form_find_ends(form, dim)) break;
    }
    int level = (form->limits - 1) / LIMITS, what = (form->limits - 1) % LIMITS;
    hd_limit l = limit_of(form, level, dim, what);
    bool exact = l.least == l.most, most = !exact && l.most < INT64_MAX;
    int64_t asked = most ? l.most : l.least, extent = form->space->problem->op->dim[dim].extent;
    form->limits = all;
    hd_form_refuse(form, level, -1, dim, asked, extent,
                   "%s: %s %lld %s of %s cannot be met with its extent %lld and the limits of the levels outside",
                   place_of(form, level, what), exact ? "exactly" : most ? "at most" : "at least", (long long)asked,
                   what == LIMIT_LOOP ? "iterations" : "copies", dim_name(form, dim), (long long)extent);
    return HD_OK;
}

/* Do constraints say anything about counts at all? */
void hd_form_find_limits(hd_form *form)
{
    const hd_constraints *c = form->space->constraints;
    const hd_arch *a = form->space->problem->arch;
    form->limits = LIMITS * form->levels;
    if (!c) return;
    form->units = (int64_t)ceil(c->least_utilization * (double)hd_arch_instances(a, form->levels - 1) - 1e-9);
    form->limited = form->units > 1;
    for (int l = 1; l < form->levels; l++) {
        bool axes = c->axis_dims[l][HD_X] > 0 || c->axis_dims[l][HD_Y] > 0;
        for (int d = 0; d < form->dims; d++) axes = axes || c->axis_rank[l][d] > 0;
        if (axes) form->axis_levels = form->levels;
        form->limited = form->limited || c->one_axis[l] || axes;
        for (int d = 0; d < form->dims; d++)
            for (int what = 0; what < LIMITS; what++) {
                hd_limit n = limit_of(form, l, d, what);
                form->limited = form->limited || n.least > 1 || n.most < INT64_MAX;
            }
    }
}

hd_status hd_form_add_dim(hd_form *form, int dim, hd_error *err)
{
    HD_TRY(build_dim(form, dim, err));
    if (!form->limited || form->refusal.kind != HD_LEGAL || hd_form_find_ends(form, dim)) return HD_OK;
    return blame(form, dim, err);
}
