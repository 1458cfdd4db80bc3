/* Groups of nodes that a role's words visit together, by runs of groups that look alike. */
#ifndef HD_COST_NATIVE_GROUPS_H
#define HD_COST_NATIVE_GROUPS_H

#include "cost/native/traffic.h"
#include "cost/native/tree.h"

/* A stack of the mesh level, as a digit of its dim's radix and of a node's place. */
typedef struct group_digit { int dim, digit, axis; bool absent; int64_t count, weight; } group_digit;

typedef struct groups {
    const nest *n;
    const chain *c;
    int role;                      /* its number among the problem's */
    int level;                     /* the mesh */
    int link;                      /* the first one of the chain at that level or inside */
    node_grid shape;               /* of every group, from node (0, 0) */
    int64_t members;
    int digits, inner;             /* stacks that part the groups (of a dim from the outside in); those inside of a group */
    group_digit digit[HD_MAX_STACKS], member[HD_MAX_STACKS]; /* the members' as listed: the lowest index comes first */
    /* the run that is visited: groups with indices start .. start + run - 1 */
    int64_t start[HD_MAX_STACKS], run[HD_MAX_STACKS];
    int64_t at[HD_MAX_DIMS][HD_MAX_DIGITS]; /* the first of them, as a view takes it */
} groups;

/* The role of the chain at a mesh level inside its home. */
void hd_groups_of(const nest *n, const chain *c, int level, groups *out);
/* Visit all groups by runs: the words of all groups of a run are alike at every time. */
typedef void hd_groups_visit(groups *g, void *user);
void hd_groups_walk(groups *g, hd_groups_visit *visit, void *user);
/* Go through the groups of the run: indices as counts beyond `start`, all 0 at first; false after the last. */
bool hd_groups_next(const groups *g, int64_t index[HD_MAX_STACKS]);
/* Where the group of these indices stands. */
node_grid hd_groups_place(const groups *g, const int64_t index[HD_MAX_STACKS]);

#endif
