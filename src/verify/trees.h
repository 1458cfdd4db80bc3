/* Which links does a word cross on the way to its nodes?  The nodes of one mesh level, the groups that one role's words
 * visit together, and their trees, built link by link (docs/cost-model.md, "Meshes"). */
#ifndef HD_VERIFY_TREES_H
#define HD_VERIFY_TREES_H

#include "verify/machine.h"

/* From a port to all nodes of a group: links in all, links to the farthest node. */
typedef struct hd_tree {
    int port;
    int64_t links, depth;
} hd_tree;

typedef struct hd_trees {
    int64_t units, members; /* of the level; of every group */
    int64_t joined;         /* links of the tree that joins the members of a group */
    int64_t *first;         /* per unit: the lowest one of its group */
    hd_tree *group;         /* per unit: of its group, from the port with the shortest tree */
    hd_tree *alone;         /* per unit: from the nearest port to its node alone */
    bool whole;             /* all nodes with equal tiles are in one group */
} hd_trees;

/* Of words that go inwards, of O those that go outwards. */
hd_status hd_trees_build(hd_arena *arena, const hd_machine *m, int level, hd_role role, hd_trees *out, hd_error *err);
/* Member number `k` of the group that begins with unit `first`. */
int64_t hd_trees_member(const hd_trees *trees, int64_t first, int64_t k);

#endif
