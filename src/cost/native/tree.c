/* A row of the tree reaches from the port to the outermost columns, and a part of each column from the port's row to the
 * outermost nodes. */
#include "cost/native/tree.h"

static int64_t farthest(int64_t port, int64_t low, int64_t span)
{
    return hd_count_max(low + span - port, port - low);
}

node_tree hd_tree_from_ports(const hd_mesh *mesh, unsigned role, const node_grid *g)
{
    node_tree best = {-1, INT64_MAX, 0};
    for (int i = 0; i < mesh->ports; i++) {
        const int *at = mesh->port[i];
        if (!hd_mesh_serves(mesh, i, (int)role)) continue;
        int64_t links = hd_tree_reach(at[HD_X], g->low[HD_X], g->span[HD_X]) +
                        g->columns * hd_tree_reach(at[HD_Y], g->low[HD_Y], g->span[HD_Y]);
        if (links >= best.links) continue;
        best = (node_tree){i, links, farthest(at[HD_X], g->low[HD_X], g->span[HD_X]) +
                                         farthest(at[HD_Y], g->low[HD_Y], g->span[HD_Y])};
    }
    return best;
}

int64_t hd_tree_inside(const node_grid *g) { return g->span[HD_X] + g->columns * g->span[HD_Y]; }
