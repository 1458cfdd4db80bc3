/* Nest and roles of the straight road: see even.h. */
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

/* Dims with more than one digit at the level. */
static unsigned crowded_dims(const hd_scheme_level *l, const int64_t *outside)
{
    unsigned once = 0, more = 0;
    for (int i = 0; i < l->updates; i++) {
        unsigned dim = l->update[i].step < outside[l->update[i].dim] ? 1u << l->update[i].dim : 0;
        more |= once & dim;
        once |= dim;
    }
    for (int i = 0; i < l->stacks; i++) {
        unsigned dim = l->stack[i].shift < outside[l->stack[i].dim] ? 1u << l->stack[i].dim : 0;
        more |= once & dim;
        once |= dim;
    }
    return more;
}

static void add_stack(even_nest *n, int level, const hd_stack *u, int64_t count)
{
    even_stack *stack = &n->stack[n->stacks++];
    const hd_level *al = &n->p->arch->level[level];
    unsigned bit = NEST_STACK(level, u->axis);
    stack->dim = u->dim;
    stack->level = level;
    stack->bit = bit;
    stack->count = count;
    stack->shift = u->shift;
    n->wires |= bit;
    if (al->reduce[u->axis]) n->reduce |= bit;
    for (int r = 0; r < HD_ROLES; r++)
        if (al->multicast[u->axis] & HD_ROLE_BIT(r)) n->multicast[r] |= bit;
}

static bool add_level(even_nest *n, int level)
{
    const hd_scheme_level *l = &n->s->level[level];
    const int64_t *outside = l[-1].tensor;
    unsigned crowded = crowded_dims(l, outside);
    for (int i = l->updates - 1; i >= 0; i--) { /* listed innermost first */
        const hd_update *u = &l->update[i];
        int64_t span = outside[u->dim], count = span / u->step;
        if (u->step >= span) continue;
        if (crowded >> u->dim & 1u) count = indices(l, u->dim, u->step, span);
        else if (count * u->step != span) return false;
        if (count == 0) return false;
        even_loop *loop = &n->loop[n->loops++];
        loop->dim = u->dim;
        loop->count = count;
        loop->shift = u->step;
    }
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *u = &l->stack[i];
        int64_t span = outside[u->dim], count = u->copies;
        if (u->shift >= span) continue;
        if (crowded >> u->dim & 1u) count = indices(l, u->dim, u->shift, span);
        else if (count * u->shift != span) return false;
        if (count == 0) return false;
        add_stack(n, level, u, count);
    }
    n->loops_to[level] = n->loops;
    n->stacks_to[level] = n->stacks;
    return true;
}

bool hd_even_build(even_nest *n, const hd_problem *p, const hd_scheme *s)
{
    n->p = p;
    n->s = s;
    n->mac = s->levels - 1;
    n->loops = n->stacks = n->loops_to[0] = n->stacks_to[0] = 0;
    n->wires = n->reduce = 0;
    for (int r = 0; r < HD_ROLES; r++) n->multicast[r] = 0;
    for (int l = 1; l < s->levels; l++) {
        if (!add_level(n, l)) return false;
        if (l < n->mac && n->stacks > 0 && hd_native_is_limited(&p->arch->level[l])) return false;
    }
    return true;
}

/* False where a rank is neither plain nor an open window. */
static bool find_ranks(const hd_operator *op, even_role *e)
{
    const hd_tensor *t = &op->tensor[e->role];
    e->dims = e->window_dims = e->spread = 0;
    e->plains = e->windows = 0;
    e->words = 1;
    for (int r = 0; r < t->ranks; r++) {
        const hd_rank *rank = &t->rank[r];
        unsigned dims = 1u << rank->term[0].dim;
        if (rank->terms == 1 && hd_rank_is_plain(op, rank)) {
            e->dims |= dims;
            e->words *= op->dim[rank->term[0].dim].extent;
            e->plain[e->plains++] = rank->term[0].dim;
            continue;
        }
        if (e->role == HD_O || !hd_rank_is_open(op, rank)) return false;
        if (rank->terms > 1) dims |= 1u << rank->term[1].dim;
        e->dims |= dims;
        e->window_dims |= dims;
        e->window[e->windows++] = rank;
    }
    return true;
}

void hd_even_links(const even_nest *n, even_role *e)
{
    int home = n->p->home[e->role];
    e->links = 0;
    e->level[e->links++] = home;
    for (int l = home + 1; l < n->mac; l++)
        if (n->s->level[l].keep & HD_ROLE_BIT(e->role)) e->level[e->links++] = l;
    e->level[e->links] = n->mac;
    for (int i = 0; i < n->stacks; i++)
        if (e->window_dims >> n->stack[i].dim & 1u) e->spread |= n->stack[i].bit;
}

int hd_even_roles(const hd_problem *p, even_role role[HD_ROLES])
{
    int roles = 0;
    int64_t points = hd_operator_points(p->op);
    if (p->op->row_dims || p->arch->level[p->arch->levels - 1].operand_register) return 0;
    for (int r = 0; r < HD_ROLES; r++) {
        even_role *e = &role[roles];
        if (!p->op->tensor[r].used) continue;
        e->role = (hd_role)r;
        e->points = points;
        if (!find_ranks(p->op, e)) return 0;
        roles++;
    }
    return roles;
}
