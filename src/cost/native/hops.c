/* See hops.h: words of every group, times the links of its tree. */
#include "cost/native/hops.h"

#include <string.h>

#include "base/count.h"

/* Words that cross into (O: out of) one group of the run. */
static int64_t crossing(const groups *g, part which)
{
    const chain *c = g->c;
    nest_view v = {.fixed = -1, .node = g->level, .at = (const int64_t (*)[HD_MAX_DIGITS])g->at};
    v.merge = hd_wired_stacks(g->n, c, g->level - 1, c->link[g->link].level);
    return hd_link_trips(g->n, c, g->link, which, v);
}

static bool loads(const groups *g)
{
    for (int k = 0; k < g->digits; k++)
        if (g->digit[k].absent && g->start[k] > 0) return false;
    return g->c->role == HD_O;
}

static node_grid alone(node_grid place)
{
    place.span[HD_X] = place.span[HD_Y] = 0;
    place.columns = 1;
    return place;
}

/* ---- every node a tile of its own ---- */

typedef struct counting {
    part which;
    mesh_trips *out;
} counting;

static void pay(mesh_trips *out, const node_tree *tree, int64_t words, bool outward)
{
    out->hops += words * tree->links;
    out->words[outward][tree->port] += words;
}

/* Links along one axis, summed over the run's indices of stacks of that axis from number `k` on. */
static int64_t along(const groups *g, const ready_ports *port, int axis, int k, int64_t low, int64_t span)
{
    int64_t sum = 0;
    while (k < g->digits && g->digit[k].axis != axis) k++;
    if (k == g->digits) return hd_tree_along(port, low, span);
    for (int64_t i = 0; i < g->run[k]; i++)
        sum += along(g, port, axis, k + 1, low + (g->start[k] + i) * g->digit[k].weight, span);
    return sum;
}

/* Links of the trees of all groups of the run, each of this shape, where ports are a grid: one axis at a time. */
static int64_t links_of_run(const groups *g, const node_grid *shape)
{
    int64_t sum[HD_AXES], indices[HD_AXES] = {1, 1};
    const ready_ports *port = g->n->ready->port[g->c->role];
    for (int k = 0; k < g->digits; k++) indices[g->digit[k].axis] *= g->run[k];
    for (int axis = 0; axis < HD_AXES; axis++) sum[axis] = along(g, &port[axis], axis, 0, shape->low[axis], shape->span[axis]);
    return indices[HD_Y] * sum[HD_X] + indices[HD_X] * shape->columns * sum[HD_Y];
}

/* The same group by group, where it has to be known which port serves whom. */
static void pay_each(groups *g, mesh_trips *out, int64_t words, int64_t old)
{
    const hd_mesh *mesh = &g->n->p->arch->level[g->level].mesh;
    int64_t index[HD_MAX_STACKS] = {0};
    do {
        node_grid place = hd_groups_place(g, index);
        node_tree tree = hd_tree_from_ports(mesh, g->c->role, &place);
        pay(out, &tree, words, g->c->role == HD_O);
        if (old == 0) continue;
        place = alone(place);
        tree = hd_tree_from_ports(mesh, g->c->role, &place);
        pay(out, &tree, old, false);
    } while (hd_groups_next(g, index));
}

static void count_run(groups *g, void *user)
{
    counting *k = user;
    int64_t words = crossing(g, k->which), old = 0;
    node_grid first = alone(g->shape);
    if (k->which == PART_ALL && loads(g))
        old = hd_node_loads(g->n, g->c, g->link, g->level, (const int64_t (*)[HD_MAX_DIGITS])g->at);
    if (g->n->ready->mesh != g->level)
        pay_each(g, k->out, words, old);
    else
        k->out->hops += words * links_of_run(g, &g->shape) + (old > 0 ? old * links_of_run(g, &first) : 0);
}

void hd_mesh_trips(const nest *n, const chain *c, int level, part which, mesh_trips *out)
{
    groups g;
    counting k = {which, out};
    memset(out, 0, sizeof *out);
    hd_groups_of(n, c, level, &g);
    hd_groups_walk(&g, count_run, &k);
}

static void find_longest(groups *g, void *user)
{
    int64_t index[HD_MAX_STACKS] = {0}, *longest = user;
    do {
        node_grid place = hd_groups_place(g, index);
        *longest = hd_count_max(*longest, hd_tree_from_ports(&g->n->p->arch->level[g->level].mesh, g->c->role, &place).depth);
    } while (hd_groups_next(g, index));
}

int64_t hd_longest_route(const nest *n, const chain *c, int level)
{
    groups g;
    int64_t longest = 0;
    hd_groups_of(n, c, level, &g);
    hd_groups_walk(&g, find_longest, &longest);
    return longest;
}

/* ---- one tile for all members ---- */

/* Member number h of the group at `place`. */
static node_grid member(const groups *g, node_grid place, int64_t h)
{
    place = alone(place);
    for (int i = 0; i < g->inner; i++) {
        place.low[g->member[i].axis] += h % g->member[i].count * g->member[i].weight;
        h /= g->member[i].count;
    }
    return place;
}

/* Links from outside to member number h of every group of the run. */
static int64_t routes(const groups *g, int64_t h)
{
    int64_t index[HD_MAX_STACKS] = {0}, links = 0;
    node_grid first = member(g, g->shape, h);
    if (g->n->ready->mesh == g->level) return links_of_run(g, &first);
    do {
        node_grid place = member(g, hd_groups_place(g, index), h);
        links += hd_tree_from_ports(&g->n->p->arch->level[g->level].mesh, g->c->role, &place).links;
    } while (hd_groups_next(g, index));
    return links;
}

/* Of `words` dealt to the members in turn, those that come to number h. */
static int64_t dealt(int64_t words, int64_t h, int64_t members) { return words > h ? (words - h - 1) / members + 1 : 0; }

static void share_run(groups *g, void *user)
{
    int64_t *hops = user, words = crossing(g, PART_ALL), old = 0;
    if (loads(g)) old = hd_node_loads(g->n, g->c, g->link, g->level, (const int64_t (*)[HD_MAX_DIGITS])g->at);
    for (int64_t h = 0; h < g->members; h++) {
        int64_t from_old = dealt(old, h, g->members);
        int64_t mine = g->c->role == HD_O ? 2 * from_old + dealt(words - old, h, g->members) : dealt(words, h, g->members);
        if (mine > 0) *hops += mine * routes(g, h);
    }
}

int64_t hd_shared_hops(const nest *n, const chain *c, int i, const hd_access *moved)
{
    groups g;
    int64_t hops = 0;
    hd_groups_of(n, c, c->link[i].level, &g);
    hd_groups_walk(&g, share_run, &hops);
    if (c->twice) hops *= 2;
    int64_t used = c->role == HD_O ? moved->updates + c->link[i + 1].loads : moved->reads;
    return hops + used * hd_tree_inside(&g.shape);
}
