/* The nest of the straight road: see even_mesh.h. */
#include "cost/native/even_mesh.h"

/* Indices of a digit: what its dim spans above it divided by its shift; 0 where that does not divide. */
static int64_t indices(const hd_scheme_level *l, int dim, int64_t shift, int64_t outside)
{
    int64_t span = outside;
    int same = 0;
    for (int i = 0; i < l->updates; i++) {
        if (l->update[i].dim != dim) continue;
        same += l->update[i].step == shift;
        if (l->update[i].step > shift && l->update[i].step < span) span = l->update[i].step;
    }
    for (int i = 0; i < l->stacks; i++) {
        if (l->stack[i].dim != dim) continue;
        same += l->stack[i].shift == shift;
        if (l->stack[i].shift > shift && l->stack[i].shift < span) span = l->stack[i].shift;
    }
    return same > 1 || span % shift ? 0 : span / shift;
}

/* A shift as wide as the box outside has one index: no digit.  `stacked`, `looped`: dims with other digits at the level;
 * two loops are left to the general road. */
static bool add_loop(even_nest *n, const hd_scheme_level *l, const hd_update *u, unsigned stacked, unsigned *looped)
{
    int64_t outside = l[-1].tensor[u->dim], count;
    unsigned dim = 1u << u->dim;
    if (u->step >= outside) return true;
    if (*looped & dim) return false;
    *looped |= dim;
    count = outside / u->step;
    if (stacked & dim)
        count = indices(l, u->dim, u->step, outside);
    else if (count * u->step != outside)
        return false;
    n->loop[n->loops++] = (even_loop){u->dim, count, u->step};
    n->steps *= count;
    return count > 0;
}

static bool add_stack(even_nest *n, const hd_scheme_level *l, int level, const hd_stack *u, unsigned *stacked)
{
    int64_t outside = l[-1].tensor[u->dim], count = u->copies;
    if (u->shift >= outside) return true;
    if (count * u->shift != outside) count = indices(l, u->dim, u->shift, outside);
    unsigned bit = NEST_STACK(level, u->axis);
    *stacked |= 1u << u->dim;
    n->stack[n->stacks++] = (even_stack){u->dim, bit, count, u->shift};
    n->wires |= bit;
    n->used[level] *= count;
    return count > 0;
}

/* A role's counts, level `level` added to those outside. */
static void add_turns(even_nest *n, const nest_role *role, int level, const even_turns *outside, even_turns *out)
{
    int64_t pending = outside->pending, loops = outside->loops, units = outside->units, merged = outside->merged;
    for (int j = n->loops_to[level - 1]; j < n->loops_to[level]; j++) {
        bool own = role->dims >> n->loop[j].dim & 1u;
        pending *= own ? 1 : n->loop[j].count;
        loops = own ? pending : loops;
    }
    for (int i = n->stacks_to[level - 1]; i < n->stacks_to[level]; i++) {
        int64_t count = role->dims >> n->stack[i].dim & 1u ? 1 : n->stack[i].count;
        units *= count;
        merged *= n->stack[i].bit & role->wires ? count : 1;
    }
    *out = (even_turns){loops, pending, units, merged};
}

static bool add_level(even_nest *n, int level)
{
    const hd_scheme_level *l = &n->s->level[level];
    unsigned stacked = 0, looped = 0;
    n->used[level] = n->used[level - 1];
    for (int i = 0; i < l->stacks; i++)
        if (!add_stack(n, l, level, &l->stack[i], &stacked)) return false;
    for (int i = l->updates - 1; i >= 0; i--) /* listed innermost first */
        if (!add_loop(n, l, &l->update[i], stacked, &looped)) return false;
    n->loops_to[level] = n->loops;
    n->stacks_to[level] = n->stacks;
    return true;
}

void hd_even_turns(even_nest *n, int k)
{
    n->turns[0][k] = (even_turns){1, 1, 1, 1};
    for (int l = 1; l <= n->mac; l++) add_turns(n, &n->ready->role[k], l, &n->turns[l - 1][k], &n->turns[l][k]);
}

bool hd_even_build(even_nest *n, const native_ready *ready, const hd_scheme *s)
{
    n->ready = ready;
    n->s = s;
    n->mac = ready->mac;
    n->loops = n->stacks = n->loops_to[0] = n->stacks_to[0] = 0;
    n->steps = n->used[0] = 1;
    n->wires = 0;
    for (int l = 1; l <= n->mac; l++)
        if (!add_level(n, l)) return false;
    return true;
}
