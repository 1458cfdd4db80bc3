/* Where is everybody at this step?  Pieces are cut digit by digit from the outermost inwards; a digit whose
 * start lies beyond the enclosing piece leaves nothing, and the instance is idle. */
#include "verify/machine.h"

#include "base/count.h"

int64_t hd_machine_index(const hd_machine *m, int level, int64_t unit, int slot) {
    const hd_machine_level *l = &m->level[level];
    return unit % l->copies / l->below[slot] % m->scheme->level[level].stack[slot].copies;
}

static hd_status build_level(hd_arena *arena, hd_machine *m, int level, int64_t max_units, hd_error *err) {
    hd_machine_level *l = &m->level[level];
    const hd_scheme_level *s = &m->scheme->level[level];
    l->copies = 1;
    for (int i = 0; i < s->stacks; i++) {
        l->below[i] = l->copies;
        if (s->stack[i].copies < 1 || !hd_count_mul(l->copies, s->stack[i].copies, &l->copies))
            return hd_fail(err, HD_ERR_USAGE, "level %d: copies out of range", level);
    }
    int64_t outside = level == 0 ? 1 : m->level[level - 1].units;
    if (!hd_count_mul(outside, l->copies, &l->units) || l->units > max_units)
        return hd_fail(err, HD_ERR_USAGE, "level %d: too many instances to replay", level);
    l->unit = hd_arena_alloc(arena, (size_t)l->units, sizeof *l->unit);
    return l->unit ? HD_OK : hd_fail_memory(err);
}

/* Note for each level where its digits lie and how often its loops count. */
static void spread_cuts(hd_machine *m, int dim) {
    const hd_cuts *cuts = &m->cuts[dim];
    for (int level = 0, at = 0; level < m->scheme->levels; level++) {
        hd_machine_level *l = &m->level[level];
        l->first[dim] = at;
        for (; at < cuts->count && cuts->cut[at].level == level; at++)
            if (!cuts->cut[at].space) l->count[cuts->cut[at].slot] = cuts->cut[at].count;
        l->last[dim] = at;
    }
}

hd_status hd_machine_build(hd_arena *arena, const hd_problem *p, const hd_scheme *s, int64_t max_steps,
                           hd_machine **out, hd_error *err) {
    hd_machine *m = hd_arena_alloc(arena, 1, sizeof *m);
    if (!m) return hd_fail_memory(err);
    m->problem = p;
    m->scheme = s;
    for (int level = 0; level < s->levels; level++) HD_TRY(build_level(arena, m, level, max_steps, err));
    for (int dim = 0; dim < p->op->dims; dim++) {
        HD_TRY(hd_cuts_of(p, s, dim, &m->cuts[dim], err));
        spread_cuts(m, dim);
        m->level[0].unit[0].length[dim] = p->op->dim[dim].extent;
    }
    m->level[0].unit[0].exists = true;
    m->steps = 1;
    for (int level = 1; level < s->levels; level++)
        for (int i = 0; i < s->level[level].updates; i++)
            if (!hd_count_mul(m->steps, m->level[level].count[i], &m->steps) || m->steps > max_steps)
                return hd_fail(err, HD_ERR_USAGE, "the nest has more than %lld steps to replay",
                               (long long)max_steps);
    *out = m;
    return HD_OK;
}

int hd_machine_tick(hd_machine *m) {
    for (int level = m->scheme->levels - 1; level > 0; level--) {
        hd_machine_level *l = &m->level[level];
        for (int i = 0; i < m->scheme->level[level].updates; i++) {
            if (++l->index[i] < l->count[i]) return level;
            l->index[i] = 0;
        }
    }
    return 0;
}

static void place_unit(hd_machine *m, int level, int64_t unit) {
    const hd_machine_level *l = &m->level[level];
    const hd_unit *outer = &m->level[level - 1].unit[unit / l->copies];
    hd_unit *u = &l->unit[unit];
    u->exists = outer->exists;
    for (int dim = 0; u->exists && dim < m->problem->op->dims; dim++) {
        int64_t lo = outer->lo[dim], length = outer->length[dim];
        for (int i = l->first[dim]; i < l->last[dim]; i++) {
            const hd_cut *d = &m->cuts[dim].cut[i];
            int64_t start = d->shift * (d->space ? hd_machine_index(m, level, unit, d->slot) : l->index[d->slot]);
            if (start >= length) {
                u->exists = false;
                break;
            }
            lo += start;
            length = hd_count_min(length - start, d->shift);
        }
        u->lo[dim] = lo;
        u->length[dim] = length;
    }
}

void hd_machine_place(hd_machine *m, int from) {
    for (int level = from > 1 ? from : 1; level < m->scheme->levels; level++)
        for (int64_t unit = 0; unit < m->level[level].units; unit++) place_unit(m, level, unit);
}

int64_t hd_machine_above(const hd_machine *m, int outer, int inner, int64_t unit) {
    for (int level = inner; level > outer; level--) unit /= m->level[level].copies;
    return unit;
}

int64_t hd_machine_group(const hd_machine *m, int outer, int inner, int64_t unit, hd_role role,
                         bool outward) {
    return hd_machine_group_under(m, hd_machine_above(m, outer, inner, unit), outer, inner, unit, role, outward);
}

int64_t hd_machine_group_under(const hd_machine *m, int64_t store, int outer, int inner, int64_t unit, hd_role role,
                               bool outward) {
    int64_t group = store;
    for (int level = outer + 1; level <= inner; level++) {
        const hd_scheme_level *s = &m->scheme->level[level];
        const hd_level *chip = &m->problem->arch->level[level];
        int64_t own = hd_machine_above(m, level, inner, unit);
        for (int i = 0; i < s->stacks; i++) {
            int axis = s->stack[i].axis;
            bool shared = outward ? chip->reduce[axis] : (chip->multicast[axis] & HD_ROLE_BIT(role)) != 0;
            if (!shared) group = group * s->stack[i].copies + hd_machine_index(m, level, own, i);
        }
    }
    return group;
}
