/* How does a scheme stand in Timeloop's mapping format (v0.3)?
 *
 * Per level one temporal directive with all dims, a spatial one where the level inside has a fan-out, and
 * what is kept; innermost first.  The updates of heddle's level l are the temporal block of Timeloop's level
 * l-1, its stacks the spatial block inside.  Timeloop's tiles are products of the factors inside them and its
 * residuals the digits of extent - 1 in the mixed radix of the factors: a scheme of any other form is refused
 * with the reason.                                    */
#include <string.h>

#include "base/count.h"
#include "dataflow/radix.h"
#include "formats/heddle/quote.h"
#include "formats/timeloop/parts.h"

typedef struct factor {
    int64_t bound, residual;
} factor;

/* By heddle's level: the loops and copies between it and the level outside. */
typedef struct factors {
    factor loop[HD_MAX_LEVELS][HD_MAX_DIMS], copies[HD_MAX_LEVELS][HD_MAX_DIMS];
} factors;

/* ---- can the format say it? ---- */

static hd_status refuse(const hd_problem *p, int level, int dim, hd_error *err, const char *why) {
    return hd_fail(err, HD_ERR_USAGE, "%s, dim %s: Timeloop's mapping format cannot express %s",
                   p->arch->level[level].name, p->op->dim[dim].name, why);
}

/* Timeloop's spatial block lies inside the temporal one.  Digits stand outermost first. */
static hd_status check_nesting(const hd_problem *p, const hd_radix *radix, int dim, hd_error *err) {
    for (int i = 0; i + 1 < radix->digits; i++) {
        const hd_digit *d = &radix->digit[i], *inner = d + 1;
        if (d->level == inner->level && d->stack >= 0 && inner->loop >= 0)
            return refuse(p, d->level, dim, err, "a stack outside a loop of the same level");
    }
    return HD_OK;
}

/* The digits of one dim become factors, innermost first: `inside` is their product so far, `rest` what is
 * left of the largest index, whose digits are the residuals less one. */
static hd_status factor_dim(const hd_problem *p, const hd_scheme *s, int dim, factors *out, hd_error *err) {
    hd_radix radix;
    hd_refusal why;
    int64_t inside = 1, rest = p->op->dim[dim].extent - 1;
    if (!hd_radix_build(p, s, dim, &radix, &why)) return hd_fail(err, HD_ERR_USAGE, "%s", why.why);
    HD_TRY(check_nesting(p, &radix, dim, err));
    for (int i = radix.digits - 1; i >= 0; i--) {
        const hd_digit *d = &radix.digit[i];
        bool loop = d->loop >= 0;
        factor *f = loop ? &out->loop[d->level][dim] : &out->copies[d->level][dim];
        if (d->shift != inside)
            return refuse(p, d->level, dim, err,
                          "a box that is not the product of the factors inside it (uneven inner pieces)");
        if (f->bound > 1)
            return refuse(p, d->level, dim, err,
                          loop ? "two loops of one dimension at a level"
                               : "two stacks of one dimension at a level");
        *f = (factor){d->count, rest % d->count + 1};
        rest /= d->count;
        inside *= d->count;
    }
    return HD_OK;
}

static hd_status factor_all(const hd_problem *p, const hd_scheme *s, factors *out, hd_error *err) {
    hd_refusal why;
    if (!hd_scheme_is_legal(p, s, &why))
        return hd_fail(err, HD_ERR_USAGE, "the scheme is not legal: %s", why.why);
    if (p->op->vector)
        return hd_fail(err, HD_ERR_USAGE,
                       "Timeloop has multiply-accumulate operators only, no vector operators");
    for (int l = 0; l < HD_MAX_LEVELS; l++)
        for (int d = 0; d < HD_MAX_DIMS; d++) out->loop[l][d] = out->copies[l][d] = (factor){1, 1};
    for (int d = 0; d < p->op->dims; d++) {
        if (strlen(p->op->dim[d].name) != 1)
            return hd_fail(err, HD_ERR_USAGE, "dim %s: Timeloop's dimensions are single letters",
                           p->op->dim[d].name);
        HD_TRY(factor_dim(p, s, d, out, err));
    }
    return HD_OK;
}

/* ---- directives ---- */

static void write_head(const hd_problem *p, int level, const char *type, hd_text *out) {
    hd_text_append(out, "- {target: ");
    hd_quote(out, p->arch->level[level].name);
    hd_text_format(out, ", type: %s", type);
}

static void write_factors(const hd_operator *op, const factor f[HD_MAX_DIMS], hd_text *out) {
    hd_text_append(out, ", factors: \"");
    for (int d = 0; d < op->dims; d++) {
        hd_text_format(out, "%s%s=%lld", d ? " " : "", op->dim[d].name, (long long)f[d].bound);
        if (f[d].residual != f[d].bound) hd_text_format(out, ",%lld", (long long)f[d].residual);
    }
    hd_text_append(out, "\"");
}

/* The dims of `first`, in that order, then all others. */
static void write_order(const hd_operator *op, const int *first, int count, hd_text *out) {
    unsigned seen = 0;
    hd_text_append(out, ", permutation: \"");
    for (int i = 0; i < count; i++) {
        seen |= 1u << first[i];
        hd_text_append(out, op->dim[first[i]].name);
    }
    for (int d = 0; d < op->dims; d++)
        if (!(seen >> d & 1u)) hd_text_append(out, op->dim[d].name);
    hd_text_append(out, "\"");
}

static void write_tensors(const hd_operator *op, const char *key, unsigned roles, hd_text *out) {
    bool first = true;
    hd_text_format(out, ", %s: [", key);
    for (int r = 0; r < HD_ROLES; r++) {
        if (!(roles & HD_ROLE_BIT(r)) || !op->tensor[r].used) continue;
        if (!first) hd_text_append(out, ", ");
        first = false;
        hd_quote(out, hd_tensor_name(op, (hd_role)r));
    }
    hd_text_append(out, "]");
}

static unsigned used_roles(const hd_operator *op) {
    unsigned roles = 0;
    for (int r = 0; r < HD_ROLES; r++)
        if (op->tensor[r].used) roles |= HD_ROLE_BIT(r);
    return roles;
}

static void write_flag(const hd_operator *op, const char *key, unsigned roles, hd_text *out) {
    if (roles & used_roles(op)) write_tensors(op, key, roles, out);
}

static void write_temporal(const hd_problem *p, const hd_scheme *s, const factors *f, int level,
                           hd_text *out) {
    const hd_scheme_level *inner = &s->level[level + 1];
    int order[HD_MAX_DIMS], count = 0;
    unsigned seen = 0;
    for (int i = 0; i < inner->updates; i++) {
        int d = inner->update[i].dim;
        if (f->loop[level + 1][d].bound == 1 || seen >> d & 1u) continue;
        seen |= 1u << d;
        order[count++] = d;
    }
    write_head(p, level, "temporal", out);
    write_factors(p->op, f->loop[level + 1], out);
    write_order(p->op, order, count, out);
    write_flag(p->op, "no_temporal_reuse", p->arch->level[level].timeloop.no_reuse, out);
    hd_text_append(out, "}\n");
}

/* ---- fan-outs ---- */

/* Do units along the axis ever want the same word?  Not where each stack moves a rank of its own. */
static bool wants_wire(const hd_scheme_level *l, const hd_tensor *t, int axis) {
    for (int i = 0; i < l->stacks; i++) {
        bool alone = false;
        for (int k = 0; k < t->ranks; k++)
            alone = alone || (t->rank[k].terms == 1 && t->rank[k].term[0].dim == l->stack[i].dim);
        if (l->stack[i].axis == axis && l->stack[i].copies > 1 && !alone) return true;
    }
    return false;
}

/* Roles that no wire of the fan-out shares; Timeloop has one flag for both axes. */
static hd_status unshared(const hd_problem *p, const hd_scheme *s, int level, unsigned *out, hd_error *err) {
    const hd_level *l = &p->arch->level[level];
    *out = 0;
    for (int r = 0; r < HD_ROLES; r++) {
        bool wires = false, shares = false, splits = false;
        if (!p->op->tensor[r].used) continue;
        for (int axis = 0; axis < HD_AXES; axis++) {
            bool on = r == HD_O ? l->reduce[axis] : l->multicast[axis] >> r & 1u;
            bool wanted = l->fan[axis] > 1 && wants_wire(&s->level[level], &p->op->tensor[r], axis);
            wires = wires || (l->fan[axis] > 1 && on);
            *(on ? &shares : &splits) |= wanted;
        }
        if (splits || !wires) *out |= HD_ROLE_BIT(r);
        if (shares && splits)
            return hd_fail(err, HD_ERR_USAGE,
                           "%s: %s is shared along one axis only; Timeloop's mapping format switches "
                           "multicast and reduction off for both axes or none",
                           l->name, hd_tensor_name(p->op, (hd_role)r));
    }
    return HD_OK;
}

static hd_status write_spatial(const hd_problem *p, const hd_scheme *s, const factors *f, int level,
                               hd_text *out, hd_error *err) {
    const hd_scheme_level *inner = &s->level[level + 1];
    const hd_level *fan = &p->arch->level[level + 1];
    int order[HD_MAX_STACKS], count = 0, split = 0;
    unsigned alone;
    if (fan->fan[HD_X] * fan->fan[HD_Y] == 1) return HD_OK;
    for (int axis = 0; axis < HD_AXES; axis++) {
        for (int i = 0; i < inner->stacks; i++)
            if (inner->stack[i].axis == axis && inner->stack[i].copies > 1)
                order[count++] = inner->stack[i].dim;
        if (axis == HD_X) split = count;
    }
    HD_TRY(unshared(p, s, level + 1, &alone, err));
    write_head(p, level, "spatial", out);
    write_factors(p->op, f->copies[level + 1], out);
    write_order(p->op, order, count, out);
    hd_text_format(out, ", split: %d", split);
    write_flag(p->op, "no_multicast_no_reduction", alone, out);
    write_flag(p->op, "no_link_transfer", fan->timeloop.no_links, out);
    hd_text_append(out, "}\n");
    return HD_OK;
}

static void write_keep(const hd_problem *p, const hd_scheme *s, int level, hd_text *out) {
    unsigned kept = 0;
    for (int r = 0; r < HD_ROLES; r++)
        if (hd_scheme_keeps(p, s, level, (hd_role)r)) kept |= HD_ROLE_BIT(r);
    write_head(p, level, "bypass", out);
    write_tensors(p->op, "keep", kept, out);
    write_tensors(p->op, "bypass", used_roles(p->op) & ~kept, out);
    hd_text_append(out, "}\n");
}

hd_status hd_timeloop_write_mapping(const hd_problem *p, const hd_scheme *s, hd_text *out, hd_error *err) {
    factors f;
    HD_TRY(factor_all(p, s, &f, err));
    hd_text_append(out, "mapping:\n");
    for (int l = 0; l < s->levels - 1; l++) {
        write_temporal(p, s, &f, l, out);
        HD_TRY(write_spatial(p, s, &f, l, out, err));
    }
    for (int l = 0; l < s->levels - 1; l++) write_keep(p, s, l, out);
    return hd_text_check(out, err);
}
