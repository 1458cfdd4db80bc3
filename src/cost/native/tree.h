/* Trees on a mesh of nodes, in closed form (docs/cost-model.md, "Meshes"). */
#ifndef HD_COST_NATIVE_TREE_H
#define HD_COST_NATIVE_TREE_H

#include "base/count.h"
#include "cost/native/ready.h"

/* A regular grid of nodes: the lowest one, and from there the last column and row, and how many columns. */
typedef struct node_grid { int64_t low[HD_AXES], span[HD_AXES], columns; } node_grid;

/* The X-then-Y tree from a port to every node of a grid: links in all, links to the farthest node. */
typedef struct node_tree { int port; int64_t links, depth; } node_tree;

/* From the port with the shortest tree, the first of equals. */
node_tree hd_tree_from_ports(const hd_mesh *mesh, unsigned role, const node_grid *grid);
/* Links along one axis from a port to all of [low, low + span]. */
static inline int64_t hd_tree_reach(int64_t port, int64_t low, int64_t span)
{
    return hd_count_max(port, low + span) - hd_count_min(port, low);
}
/* The same from the nearest port: with ports at every crossing of their columns and rows the shortest tree has the least of
 * either axis, its columns as often as there are. */
static inline int64_t hd_tree_along(const ready_ports *port, int64_t low, int64_t span)
{
    int64_t links = INT64_MAX;
    for (int i = 0; i < port->n; i++) links = hd_count_min(links, hd_tree_reach(port->at[i], low, span));
    return links;
}
/* From one of its own nodes. */
int64_t hd_tree_inside(const node_grid *grid);

#endif
