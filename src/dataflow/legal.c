/* Which schemes are dataflows at all: every rule of DESIGN section 2 "Legality" but capacity, each refusal
 * with its reason.                                                                                   */
#include "base/count.h"
#include "dataflow/radix.h"

static bool shape_is_sound(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    const hd_arch *a = p->arch;
    if (s->levels != a->levels)
        return hd_refuse(out, HD_REFUSE_SHAPE, -1, -1, -1, a->levels, s->levels, "the scheme has %d levels, the chip %s has %d",
                         s->levels, a->name, a->levels);
    for (int l = 0; l < s->levels; l++) {
        const hd_scheme_level *sl = &s->level[l];
        bool counts = sl->stacks >= 0 && sl->stacks <= HD_MAX_STACKS && sl->updates >= 0 && sl->updates <= HD_MAX_UPDATES;
        if (!counts || (l == 0 && sl->stacks + sl->updates > 0))
            return hd_refuse(out, HD_REFUSE_SHAPE, l, -1, -1, 0, sl->stacks + sl->updates,
                             "%s: too many directives, or any at the outermost level", a->level[l].name);
        for (int i = 0; i < sl->stacks; i++) {
            const hd_stack *st = &sl->stack[i];
            if (st->dim < 0 || st->dim >= p->op->dims || st->axis < 0 || st->axis >= HD_AXES || st->shift < 1 || st->copies < 1)
                return hd_refuse(out, HD_REFUSE_SHAPE, l, -1, -1, 1, 0, "%s: stack %d is malformed", a->level[l].name, i + 1);
        }
        for (int i = 0; i < sl->updates; i++)
            if (sl->update[i].dim < 0 || sl->update[i].dim >= p->op->dims || sl->update[i].step < 1)
                return hd_refuse(out, HD_REFUSE_SHAPE, l, -1, -1, 1, 0, "%s: update %d is malformed", a->level[l].name, i + 1);
    }
    return true;
}

static bool boxes_are_sound(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    const hd_operator *op = p->op;
    int last = s->levels - 1;
    for (int d = 0; d < op->dims; d++)
        for (int l = 0; l <= last; l++) {
            int64_t box = s->level[l].tensor[d];
            int64_t outer = l ? s->level[l - 1].tensor[d] : op->dim[d].extent;
            if (box < 1 || box > outer || (l == 0 && box != outer) || (l == last && box != 1))
                return hd_refuse(out, HD_REFUSE_BOX, l, -1, d, l == last ? 1 : outer, box,
                                 "%s: box %lld of dim %s must be %s %lld", p->arch->level[l].name, (long long)box,
                                 op->dim[d].name, l == 0 || l == last ? "exactly" : "1 to", (long long)(l == last ? 1 : outer));
        }
    return true;
}

/* The extra input of fused work comes from one memory that the work itself can reach. */
static bool extra_home_is_sound(const hd_problem *p, hd_refusal *out)
{
    int home = p->home[HD_I2], last = p->op->vector ? p->arch->vector_at : p->arch->levels - 2;
    if (home == 0 || (home > 0 && home <= last && hd_arch_instances(p->arch, home) == 1)) return true;
    return hd_refuse(out, HD_REFUSE_HOME, home, HD_I2, -1, 0, 0,
                     "the extra input cannot be at home in level %d: a memory of one instance is expected", home);
}

static bool keeps_are_sound(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    const hd_arch *a = p->arch;
    if (p->op->extra_reads > 0 && !p->op->tensor[HD_I2].used && !extra_home_is_sound(p, out)) return false;
    for (int r = 0; r < HD_ROLES; r++) {
        if (!p->op->tensor[r].used) continue;
        int h = p->home[r];
        if (h < 0 || h >= a->levels - 1 || !(a->level[h].keeps & HD_ROLE_BIT(r)))
            return hd_refuse(out, HD_REFUSE_HOME, h, r, -1, 0, 0,
                             "%s cannot be at home in level %d: it does not keep that role", hd_role_name((hd_role)r), h);
        for (int l = 0; l < a->levels; l++) {
            bool allowed = l < a->levels - 1 && (a->level[l].keeps & HD_ROLE_BIT(r));
            if ((s->level[l].keep & HD_ROLE_BIT(r)) && !allowed)
                return hd_refuse(out, HD_REFUSE_KEEP, l, r, -1, 0, 1, "%s may not keep %s", a->level[l].name,
                                 hd_role_name((hd_role)r));
        }
    }
    return true;
}

/* Units along each axis, and which wires carry which dims. */
static bool fanouts_are_sound(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    for (int l = 1; l < s->levels; l++) {
        const hd_level *al = &p->arch->level[l];
        int64_t used[HD_AXES] = {1, 1};
        for (int i = 0; i < s->level[l].stacks; i++) {
            const hd_stack *st = &s->level[l].stack[i];
            if (st->copies == 1) continue;
            const char *dim = p->op->dim[st->dim].name;
            if (!hd_count_mul(used[st->axis], st->copies, &used[st->axis]) || used[st->axis] > al->fan[st->axis])
                return hd_refuse(out, HD_REFUSE_FANOUT, l, -1, st->dim, used[st->axis], al->fan[st->axis],
                                 "%s: stacks use more units on axis %c than the %lld there are", al->name,
                                 st->axis == HD_X ? 'x' : 'y', (long long)al->fan[st->axis]);
            if (!hd_arch_may_unroll(p->arch, l, st->axis, dim))
                return hd_refuse(out, HD_REFUSE_WIRE, l, -1, st->dim, 0, 0, "%s: the wires of axis %c cannot unroll %s",
                                 al->name, st->axis == HD_X ? 'x' : 'y', dim);
            if (p->op->vector && l > p->arch->vector_at)
                return hd_refuse(out, HD_REFUSE_FANOUT, l, -1, st->dim, 1, st->copies,
                                 "%s: vector work runs at %s, nothing unrolls inside it", al->name,
                                 p->arch->level[p->arch->vector_at].name);
            if (l <= p->home[HD_O] && !(hd_tensor_dims(p->op, HD_O) >> st->dim & 1u))
                return hd_refuse(out, HD_REFUSE_HOME, l, HD_O, st->dim, 1, st->copies,
                                 "%s: %s is summed over units outside the home of O, its parts would never meet", al->name,
                                 dim);
        }
    }
    return true;
}

static bool vector_keeps_are_sound(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    if (!p->op->vector) return true;
    for (int l = p->arch->vector_at + 1; l < s->levels; l++)
        if (s->level[l].keep)
            return hd_refuse(out, HD_REFUSE_KEEP, l, -1, -1, 0, 1, "%s: vector work runs at %s, levels inside hold nothing",
                             p->arch->level[l].name, p->arch->level[p->arch->vector_at].name);
    return true;
}

bool hd_scheme_is_legal(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    hd_radix radix;
    if (!shape_is_sound(p, s, out) || !boxes_are_sound(p, s, out) || !keeps_are_sound(p, s, out) ||
        !vector_keeps_are_sound(p, s, out) || !fanouts_are_sound(p, s, out))
        return false;
    for (int d = 0; d < p->op->dims; d++)
        if (!hd_radix_build(p, s, d, &radix, out)) return false;
    if (out) *out = (hd_refusal){HD_LEGAL, -1, -1, -1, 0, 0, ""};
    return true;
}
