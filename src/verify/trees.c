/* See trees.h: every route is walked, every link that it uses is marked. */
#include "verify/trees.h"

#include <string.h>

#include "base/count.h"

enum { LINKS_MAX = 1 << 24 };

typedef struct grid {
    int64_t low[HD_AXES], size[HD_AXES]; /* nodes [low, low + size): those of the level, and ports of a region outside it */
    unsigned char *link; /* per node: bit 0 the link to x + 1, bit 1 to y + 1 */
} grid;

/* Places of a unit among the nodes. */
static void node_of(const hd_machine *m, int level, int64_t unit, int64_t at[HD_AXES]) {
    const hd_scheme_level *s = &m->scheme->level[level];
    int64_t weight[HD_AXES] = {1, 1};
    at[HD_X] = at[HD_Y] = 0;
    for (int i = 0; i < s->stacks; i++) {
        int axis = s->stack[i].axis;
        at[axis] += weight[axis] * hd_machine_index(m, level, unit, i);
        weight[axis] *= s->stack[i].copies;
    }
}

/* Walk from `from` to `to`, first along X; returns the length, and how many links were new. */
static int64_t walk(grid *g, const int64_t from[HD_AXES], const int64_t to[HD_AXES], int64_t *fresh) {
    int64_t at[HD_AXES] = {from[HD_X], from[HD_Y]}, length = 0;
    for (int axis = HD_X; axis <= HD_Y; axis++)
        while (at[axis] != to[axis]) {
            int64_t step = to[axis] > at[axis] ? 1 : -1, low[HD_AXES] = {at[HD_X], at[HD_Y]};
            if (step < 0) low[axis]--;
            int64_t node = (low[HD_Y] - g->low[HD_Y]) * g->size[HD_X] + low[HD_X] - g->low[HD_X];
            unsigned char *link = &g->link[node], bit = (unsigned char)(1 << axis);
            *fresh += (*link & bit) == 0;
            *link |= bit;
            at[axis] += step;
            length++;
        }
    return length;
}

/* The tree from a node to all units whose group begins with `first`, or (`only`) to one unit. */
static hd_tree grow(grid *g, const hd_machine *m, int level, const hd_trees *t, int64_t unit, bool only,
                    const int64_t root[HD_AXES]) {
    hd_tree tree = {0};
    memset(g->link, 0, (size_t)(g->size[HD_X] * g->size[HD_Y]));
    for (int64_t u = 0; u < t->units; u++) {
        int64_t to[HD_AXES];
        if (only ? u != unit : t->first[u] != t->first[unit]) continue;
        node_of(m, level, u, to);
        tree.depth = hd_count_max(tree.depth, walk(g, root, to, &tree.links));
    }
    return tree;
}

static hd_tree best(grid *g, const hd_machine *m, int level, hd_role role, const hd_trees *t, int64_t unit, bool only) {
    const hd_mesh *mesh = &m->problem->arch->level[level].mesh;
    hd_tree least = {.links = INT64_MAX};
    for (int port = 0; port < mesh->ports; port++) {
        if (!hd_mesh_serves(mesh, port, (int)role)) continue;
        int64_t root[HD_AXES] = {mesh->port[port][HD_X], mesh->port[port][HD_Y]};
        hd_tree tree = grow(g, m, level, t, unit, only, root);
        if (tree.links >= least.links) continue;
        least = tree;
        least.port = port;
    }
    return least;
}

/* The lowest unit of the group. */
static int64_t first_of(const hd_machine *m, int level, int64_t unit, hd_role role) {
    const hd_level *chip = &m->problem->arch->level[level];
    const hd_scheme_level *s = &m->scheme->level[level];
    unsigned own = hd_tensor_dims(m->problem->op, role);
    for (int i = 0; i < s->stacks; i++) {
        int axis = s->stack[i].axis;
        bool wired = role == HD_O ? chip->reduce[axis] : (chip->multicast[axis] & HD_ROLE_BIT(role)) != 0;
        if (wired && !(own >> s->stack[i].dim & 1u)) unit -= hd_machine_index(m, level, unit, i) * m->level[level].below[i];
    }
    return unit;
}

/* Do only dims that the role has, or wires that merge, part the nodes? */
static bool is_whole(const hd_machine *m, int level, hd_role role) {
    const hd_level *chip = &m->problem->arch->level[level];
    const hd_scheme_level *s = &m->scheme->level[level];
    for (int i = 0; i < s->stacks; i++) {
        int axis = s->stack[i].axis;
        bool wired = role == HD_O ? chip->reduce[axis] : (chip->multicast[axis] & HD_ROLE_BIT(role)) != 0;
        bool has = hd_tensor_dims(m->problem->op, role) >> s->stack[i].dim & 1u;
        if (s->stack[i].copies > 1 && !has && !wired) return false;
    }
    return true;
}

static void make_room(grid *g, const hd_level *chip) {
    for (int axis = 0; axis < HD_AXES; axis++) {
        int64_t high = chip->fan[axis] - 1;
        g->low[axis] = 0;
        for (int i = 0; i < chip->mesh.ports; i++) {
            g->low[axis] = hd_count_min(g->low[axis], chip->mesh.port[i][axis]);
            high = hd_count_max(high, chip->mesh.port[i][axis]);
        }
        g->size[axis] = high - g->low[axis] + 1;
    }
}

hd_status hd_trees_build(hd_arena *arena, const hd_machine *m, int level, hd_role role, hd_trees *out, hd_error *err) {
    const hd_level *chip = &m->problem->arch->level[level];
    grid g = {0};
    int64_t nodes, root[HD_AXES], units = m->level[level].units;
    make_room(&g, chip);
    if (!hd_count_mul(g.size[HD_X], g.size[HD_Y], &nodes) || nodes > LINKS_MAX)
        return hd_fail(err, HD_ERR_USAGE, "level %d: too many nodes to replay", level);
    *out = (hd_trees){.units = units, .whole = is_whole(m, level, role)};
    g.link = hd_arena_alloc(arena, (size_t)nodes, 1);
    out->first = hd_arena_alloc(arena, (size_t)units, sizeof *out->first);
    out->group = hd_arena_alloc(arena, (size_t)units, sizeof *out->group);
    out->alone = hd_arena_alloc(arena, (size_t)units, sizeof *out->alone);
    if (!g.link || !out->first || !out->group || !out->alone) return hd_fail_memory(err);
    for (int64_t u = 0; u < units; u++) {
        out->first[u] = first_of(m, level, u, role);
        out->members += out->first[u] == 0;
    }
    for (int64_t u = 0; u < units; u++) {
        out->group[u] = out->first[u] == u ? best(&g, m, level, role, out, u, false) : out->group[out->first[u]];
        out->alone[u] = best(&g, m, level, role, out, u, true);
    }
    node_of(m, level, 0, root);
    out->joined = grow(&g, m, level, out, 0, false, root).links;
    return HD_OK;
}

int64_t hd_trees_member(const hd_trees *trees, int64_t first, int64_t k) {
    int64_t unit = first;
    for (; k > 0; k--)
        do unit++;
        while (trees->first[unit] != first);
    return unit;
}
