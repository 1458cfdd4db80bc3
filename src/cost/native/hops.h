/* Words times links on the meshes of a chip (docs/cost-model.md, "Meshes"). */
#ifndef HD_COST_NATIVE_HOPS_H
#define HD_COST_NATIVE_HOPS_H

#include "cost/native/groups.h"

/* What one role moves across a mesh: hops, and words in and out by port (where links have limits). */
typedef struct mesh_trips {
    int64_t hops, words[2][HD_MAX_PORTS]; /* inwards, outwards */
} mesh_trips;

/* Across a mesh that the role crosses; of the whole run, the first step or the last leaving; nobody shares. */
void hd_mesh_trips(const nest *n, const chain *c, int level, part which, mesh_trips *out);
/* Links of the longest route from a group's port to its nodes. */
int64_t hd_longest_route(const nest *n, const chain *c, int level);
/* Hops at a level where link `i` shares, of the whole run; `moved`: its accesses there. */
int64_t hd_shared_hops(const nest *n, const chain *c, int i, const hd_access *moved);

#endif
