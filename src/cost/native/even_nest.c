/* The nest of the straight road: see even.h. */
#include "cost/native/even.h"

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
    if ((*looped & dim) || n->loops == HD_EVEN_LOOPS) return false;
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

/* Loops of a level, as role number k sees them. */
static void turn_role(even_nest *n, int k, int from, int to, even_turns *now)
{
    const nest_role *role = &n->ready->role[k];
    int64_t pending = now->pending, loops = now->loops, *outside = n->outside[k];
    uint64_t mine = n->own[k];
    for (int j = from; j < to; j++) {
        bool own = role->dims >> n->loop[j].dim & 1u;
        pending *= own ? 1 : n->loop[j].count;
        loops = own ? pending : loops;
        mine |= (uint64_t)own << j;
        outside[j] = pending;
    }
    now->pending = pending;
    now->loops = loops;
    n->own[k] = mine;
    for (int j = from; j < to && role->generals; j++)
        if (role->general >> n->loop[j].dim & 1u) now->window[role->general_of[n->loop[j].dim]] *= n->loop[j].count;
}

static void spread_role(even_nest *n, int k, int from, int to, even_turns *now)
{
    const nest_role *role = &n->ready->role[k];
    int64_t units = now->units, merged = now->merged;
    for (int i = from; i < to; i++) {
        const even_stack *stack = &n->stack[i];
        int64_t count = role->dims >> stack->dim & 1u ? 1 : stack->count;
        units *= count;
        merged *= stack->bit & role->wires ? count : 1;
        n->spread[k] |= role->general >> stack->dim & 1u ? stack->bit : 0;
    }
    now->units = units;
    now->merged = merged;
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
    for (int k = 0; k < n->ready->roles; k++) {
        even_turns *now = &n->turns[level][k];
        *now = n->turns[level - 1][k];
        turn_role(n, k, n->loops_to[level - 1], n->loops, now);
        spread_role(n, k, n->stacks_to[level - 1], n->stacks, now);
    }
    return level == n->mac || n->stacks == 0 || !(n->ready->limited >> level & 1u);
}

bool hd_even_build(even_nest *n, const native_ready *ready, const hd_scheme *s)
{
    n->ready = ready;
    n->s = s;
    n->mac = ready->mac;
    n->loops = n->stacks = n->loops_to[0] = n->stacks_to[0] = 0;
    n->steps = n->used[0] = 1;
    n->wires = 0;
    for (int k = 0; k < ready->roles; k++) {
        if (ready->role[k].generals > HD_EVEN_WINDOWS) return false;
        n->turns[0][k] = (even_turns){1, 1, 1, 1, {1, 1, 1}};
        n->own[k] = n->spread[k] = 0;
    }
    for (int l = 1; l <= n->mac; l++)
        if (!add_level(n, l)) return false;
    return true;
}
