/* Does a scheme meet the constraints of its space?  Read off the scheme alone, by its mixed radix; searches honour them
 * otherwise (form.c, spans.c).                                                                         */
#include "dataflow/radix.h"
#include "solve/solver.h"

const char *hd_space_place(const hd_space *space, int level, hd_said what)
{
    const char *said = space->constraints ? space->constraints->said[level][what] : NULL;
    return said ? said : space->problem->arch->level[level].name;
}

static bool is_within(const hd_space *space, hd_limit limit, int64_t count, int level, int dim, hd_said kind, hd_refusal *out)
{
    const char *where = hd_space_place(space, level, kind), *name = space->problem->op->dim[dim].name;
    const char *what = kind == HD_SAID_LOOPS ? "iterations" : "copies";
    if (limit.least > 0 && count < limit.least)
        return hd_refuse(out, HD_REFUSE_CONSTRAINT, level, -1, dim, limit.least, count,
                         "%s: %lld %s of %s, at least %lld are asked", where, (long long)count, what, name,
                         (long long)limit.least);
    if (limit.most > 0 && count > limit.most)
        return hd_refuse(out, HD_REFUSE_CONSTRAINT, level, -1, dim, limit.most, count,
                         "%s: %lld %s of %s, at most %lld are allowed", where, (long long)count, what, name,
                         (long long)limit.most);
    return true;
}

typedef int64_t loop_counts[HD_MAX_LEVELS][HD_MAX_DIMS];

/* Iterations and copies of one dimension at every level. */
static bool counts_hold(const hd_space *space, const hd_scheme *s, int dim, loop_counts loops, int64_t *units, hd_refusal *out)
{
    const hd_problem *p = space->problem;
    const hd_constraints *c = space->constraints;
    hd_radix radix;
    if (!hd_radix_build(p, s, dim, &radix, out)) return false;
    for (int l = 1; l < s->levels; l++) {
        int64_t loop = 1, copies[HD_AXES] = {1, 1};
        for (int i = 0; i < radix.digits; i++) {
            const hd_digit *digit = &radix.digit[i];
            if (digit->level == l) *(digit->loop >= 0 ? &loop : &copies[s->level[l].stack[digit->stack].axis]) *= digit->count;
        }
        if (!is_within(space, c->loop[l][dim], loop, l, dim, HD_SAID_LOOPS, out) ||
            !is_within(space, c->copies[l][dim], copies[HD_X] * copies[HD_Y], l, dim, HD_SAID_COPIES, out))
            return false;
        if (c->one_axis[l] && copies[HD_X] > 1 && copies[HD_Y] > 1)
            return hd_refuse(out, HD_REFUSE_CONSTRAINT, l, -1, dim, 1, 2, "%s: %s may not unroll on both axes",
                             hd_space_place(space, l, HD_SAID_COPIES), p->op->dim[dim].name);
        loops[l][dim] = loop;
        *units *= copies[HD_X] * copies[HD_Y];
    }
    return true;
}

/* Place of a dim in the order that the constraints ask for: fixed inner ones, the free ones, fixed outer ones. */
static int place_of(const hd_constraints *c, int level, int dim)
{
    for (int i = 0; i < c->inner[level]; i++)
        if (c->inner_dim[level][i] == dim) return i;
    for (int i = 0; i < c->outer[level]; i++)
        if (c->outer_dim[level][i] == dim) return HD_MAX_DIMS + 1 + i;
    return HD_MAX_DIMS;
}

static bool order_holds(const hd_space *space, const hd_scheme *s, int level, loop_counts loops, hd_refusal *out)
{
    const hd_scheme_level *l = &s->level[level];
    int last = -1, before = -1;
    for (int i = 0; i < l->updates; i++) {
        int dim = l->update[i].dim, place = place_of(space->constraints, level, dim);
        if (loops[level][dim] == 1) continue;
        if (place < last)
            return hd_refuse(out, HD_REFUSE_CONSTRAINT, level, -1, dim, 0, 0, "%s: the loop of %s must be inside that of %s",
                             hd_space_place(space, level, HD_SAID_LOOPS), space->problem->op->dim[dim].name,
                             space->problem->op->dim[before].name);
        last = place;
        before = dim;
    }
    return true;
}

/* The dims of a fan-out with copies, innermost first: those on X in one order, then those on Y. */
static bool axes_hold(const hd_space *space, const hd_scheme *s, int level, hd_refusal *out)
{
    const hd_operator *op = space->problem->op;
    const hd_constraints *c = space->constraints;
    const char *where = hd_space_place(space, level, HD_SAID_COPIES);
    const hd_scheme_level *l = &s->level[level];
    for (int axis = 0, inner = -1; axis < HD_AXES; axis++) {
        unsigned dims = 0;
        int most = c->axis_dims[level][axis];
        for (int i = 0; i < l->stacks; i++) {
            int dim = l->stack[i].dim;
            if (l->stack[i].axis != axis || l->stack[i].copies <= 1) continue;
            if (inner >= 0 && c->axis_rank[level][dim] < c->axis_rank[level][inner])
                return hd_refuse(out, HD_REFUSE_CONSTRAINT, level, -1, dim, 0, 0,
                                 "%s: copies of %s on %c may not come after those of %s", where, op->dim[dim].name, "XY"[axis],
                                 op->dim[inner].name);
            inner = dim;
            dims |= 1u << dim & c->axis_open[level];
        }
        if (most > 0 && __builtin_popcount(dims) > most)
            return hd_refuse(out, HD_REFUSE_CONSTRAINT, level, -1, inner, most, __builtin_popcount(dims),
                             "%s: at most %d of the free dimensions on %c", where, most, "XY"[axis]);
    }
    return true;
}

static bool keeps_hold(const hd_problem *p, const hd_constraints *c, const hd_scheme *s, int level, hd_refusal *out)
{
    for (int r = 0; r < HD_ROLES; r++) {
        if (!p->op->tensor[r].used || level < p->home[r]) continue;
        bool keeps = hd_scheme_keeps(p, s, level, (hd_role)r);
        if ((c->must_keep[level] & HD_ROLE_BIT(r)) && !keeps)
            return hd_refuse(out, HD_REFUSE_CONSTRAINT, level, r, -1, 1, 0, "%s: %s must be kept", p->arch->level[level].name,
                             hd_tensor_name(p->op, (hd_role)r));
        if ((c->must_bypass[level] & HD_ROLE_BIT(r)) && keeps)
            return hd_refuse(out, HD_REFUSE_CONSTRAINT, level, r, -1, 0, 1, "%s: %s must pass", p->arch->level[level].name,
                             hd_tensor_name(p->op, (hd_role)r));
    }
    return true;
}

bool hd_constraints_hold(const hd_space *space, const hd_scheme *s, hd_refusal *out)
{
    const hd_problem *p = space->problem;
    const hd_constraints *c = space->constraints;
    loop_counts loops;
    int64_t units = 1;
    if (out) *out = (hd_refusal){HD_LEGAL, -1, -1, -1, 0, 0, ""};
    if (!c) return true;
    for (int d = 0; d < p->op->dims; d++)
        if (!counts_hold(space, s, d, loops, &units, out)) return false;
    for (int l = 0; l < s->levels - 1; l++)
        if (!keeps_hold(p, c, s, l, out)) return false;
    for (int l = 1; l < s->levels; l++)
        if (!order_holds(space, s, l, loops, out) || !axes_hold(space, s, l, out)) return false;
    int64_t all = hd_arch_instances(p->arch, s->levels - 1);
    if ((double)units + 1e-9 < c->least_utilization * (double)all)
        return hd_refuse(out, HD_REFUSE_CONSTRAINT, s->levels - 1, -1, -1, (int64_t)(c->least_utilization * (double)all), units,
                         "%s: %lld of %lld units in use, a share of at least %g is asked", p->arch->level[s->levels - 1].name,
                         (long long)units, (long long)all, c->least_utilization);
    return true;
}
