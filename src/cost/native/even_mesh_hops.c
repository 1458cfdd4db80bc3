/* Hops and shared tiles where everything divides (docs/cost-model.md, "Meshes").  Every group of nodes takes the same words,
 * so they are counted once; and with ports at every crossing of their columns and rows the shortest tree is shortest
 * along X and along Y by itself, so its links are summed over all groups one axis at a time.                        */
#include "base/count.h"
#include "cost/native/even_mesh.h"
#include "cost/native/tree.h"

/* The stacks of the mesh on one axis: those that part a role's groups, and those inside of a group, as counts and weights. */
typedef struct axis_digits {
    int digits, inner;
    struct { int64_t count, weight; bool own; } digit[HD_MAX_STACKS];
    int64_t groups;                /* indices of the digits */
} axis_digits;

typedef struct member_digit { int axis; int64_t count, weight; } member_digit;

/* How a role's nodes stand: as groups.h has it, axis by axis. */
typedef struct layout {
    const ready_ports *port;       /* by axis */
    axis_digits axis[HD_AXES];
    int inner;
    member_digit member[HD_MAX_STACKS]; /* in the order in which members are dealt words */
    int64_t members, own;          /* nodes of a group; indices of stacks of dims of the role's own */
    node_grid shape;
} layout;

static void lay_out(const native_ready *ready, const hd_scheme *s, const nest_role *role, layout *out)
{
    const hd_scheme_level *l = &s->level[ready->mesh];
    int64_t weight[HD_AXES] = {1, 1};
    out->port = ready->port[role->role];
    out->inner = 0;
    out->members = out->own = 1;
    out->shape = (node_grid){{0, 0}, {0, 0}, 1};
    for (int axis = 0; axis < HD_AXES; axis++) out->axis[axis].digits = 0, out->axis[axis].groups = 1;
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *k = &l->stack[i];
        axis_digits *a = &out->axis[k->axis];
        bool own = role->dims >> k->dim & 1u;
        int64_t w = weight[k->axis];
        if (k->copies == 1) continue;
        weight[k->axis] *= k->copies;
        if (own) out->own *= k->copies;
        if (own || !(role->wires & NEST_STACK(ready->mesh, k->axis))) {
            a->digit[a->digits].count = k->copies;
            a->digit[a->digits].weight = w;
            a->digit[a->digits++].own = own;
            a->groups *= k->copies;
            continue;
        }
        out->member[out->inner++] = (member_digit){k->axis, k->copies, w};
        out->members *= k->copies;
        out->shape.span[k->axis] += (k->copies - 1) * w;
        if (k->axis == HD_X) out->shape.columns *= k->copies;
    }
}

/* Links along one axis, summed over the groups that begin at `low` and have any index of digits from number `k` on; `loaders`:
 * digits of dims that the role lacks stand at 0. */
static int64_t sum_axis(const ready_ports *port, const axis_digits *a, int k, int64_t low, int64_t span, bool loaders)
{
    int64_t sum = 0;
    if (k == a->digits) return hd_tree_along(port, low, span);
    int64_t count = loaders && !a->digit[k].own ? 1 : a->digit[k].count, weight = a->digit[k].weight;
    for (int64_t i = 0; i < count && k + 1 == a->digits; i++) sum += hd_tree_along(port, low + i * weight, span);
    for (int64_t i = 0; i < count && k + 1 < a->digits; i++) sum += sum_axis(port, a, k + 1, low + i * weight, span, loaders);
    return sum;
}

static int64_t groups_along(const axis_digits *a, bool loaders)
{
    int64_t groups = 1;
    for (int k = 0; k < a->digits; k++) groups *= loaders && !a->digit[k].own ? 1 : a->digit[k].count;
    return groups;
}

/* Links of the trees of all groups of this shape. */
static int64_t sum_trees(const layout *at, const node_grid *shape, bool loaders)
{
    int64_t sum[HD_AXES], groups[HD_AXES];
    for (int axis = 0; axis < HD_AXES; axis++) {
        sum[axis] = sum_axis(&at->port[axis], &at->axis[axis], 0, shape->low[axis], shape->span[axis], loaders);
        groups[axis] = groups_along(&at->axis[axis], loaders);
    }
    return groups[HD_Y] * sum[HD_X] + groups[HD_X] * shape->columns * sum[HD_Y];
}

/* ---- one tile for all members ---- */

/* Links to member number h, in all groups. */
static int64_t routes_to(const layout *at, int64_t h)
{
    node_grid alone = {{0, 0}, {0, 0}, 1};
    for (int i = 0; i < at->inner; i++) {
        const member_digit *d = &at->member[i];
        alone.low[d->axis] += h % d->count * d->weight;
        h /= d->count;
    }
    return sum_trees(at, &alone, false);
}

/* Links to all nodes. */
static int64_t routes_to_all(const layout *at)
{
    layout all = *at;
    node_grid alone = {{0, 0}, {0, 0}, 1};
    for (int i = 0; i < at->inner; i++) {
        axis_digits *a = &all.axis[at->member[i].axis];
        a->digit[a->digits].count = at->member[i].count;
        a->digit[a->digits].weight = at->member[i].weight;
        a->digit[a->digits++].own = false;
    }
    return sum_trees(&all, &alone, false);
}

/* Hops of words dealt to the members in turn, in all groups. */
static int64_t hops_of_dealt(const layout *at, int64_t words)
{
    int64_t hops = words >= at->members ? words / at->members * routes_to_all(at) : 0;
    for (int64_t h = 0; h < words % at->members; h++) hops += routes_to(at, h);
    return hops;
}

static int64_t shared_hops(const layout *at, const mesh_role *m, int i, int64_t words, int64_t old, const hd_access *moved)
{
    bool output = m->factors->role == HD_O;
    int64_t used = output ? moved->updates + m->loads[i + 1] : moved->reads;
    return hops_of_dealt(at, words - old) + 2 * hops_of_dealt(at, old) + used * hd_tree_inside(&at->shape);
}

/* ---- both ---- */

int64_t hd_mesh_hops(const native_ready *ready, const hd_scheme *s, const mesh_role *m, int64_t nodes, const hd_access *moved)
{
    const node_grid alone = {{0, 0}, {0, 0}, 1};
    layout at;
    int i = 1;
    while (m->level[i] < ready->mesh) i++;
    lay_out(ready, s, m->factors, &at);
    int64_t words = m->passing[ready->mesh] / nodes, old = m->factors->role == HD_O ? m->loads[i] / at.own : 0;
    if (m->members > 1) return shared_hops(&at, m, i, words, old, moved);
    return words * sum_trees(&at, &at.shape, false) + (old > 0 ? old * sum_trees(&at, &alone, true) : 0);
}
