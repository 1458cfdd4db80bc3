/* Counts of one role along the chain of levels that keep it, over the whole chip or in one instance. */
#ifndef HD_COST_NATIVE_TRAFFIC_H
#define HD_COST_NATIVE_TRAFFIC_H

#include "cost/native/nest.h"

/* The levels that keep a role, outermost (its home) first, then the arithmetic level. */
typedef struct chain {
    hd_role role;
    const nest_role *factors;
    int links;                        /* storage levels; level[links] = mac */
    int level[HD_MAX_LEVELS];
    bool twice;                       /* a row that has to be read a second time */
    unsigned between[HD_MAX_LEVELS];  /* stacks between link i - 1 and link i (of the home: up to it), as NEST_STACK bits */
    /* where units hold one tile together (share.c): how many, and their stacks, which then lie inside of the link */
    int64_t members[HD_MAX_LEVELS];   /* 1 where each has its own */
    unsigned pool[HD_MAX_LEVELS];
    /* filled by hd_chain_count, over all instances, per link: words entering its tiles, each unit by itself (0 for the
     * arithmetic level), and merged as the wires from the link outside do; for O how many of those that all units under
     * one unit outside ask for together are loads */
    int64_t arrivals[HD_MAX_LEVELS], wired[HD_MAX_LEVELS], loads[HD_MAX_LEVELS];
} chain;

void hd_chain_of(const nest *n, const nest_role *role, chain *out);
/* Fill arrivals, wired and loads: needed before all that follow. */
void hd_chain_count(const nest *n, chain *c);

/* Which words: of the whole run, of the first step, of the very last leaving. */
typedef enum part { PART_ALL, PART_FIRST, PART_LAST } part;

/* Counts at chain link `i` in one instance: the only one (at NULL), or that with the given stack indices. */
void hd_link_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS], hd_access *out);

/* Words that enter link `i` under the view: `event` and `box` are set here, all else by the caller. */
int64_t hd_link_trips(const nest *n, const chain *c, int i, part which, nest_view v);
/* Old partials that link `i` loads under one group of nodes of mesh level `node`. */
int64_t hd_node_loads(const nest *n, const chain *c, int i, int node, const int64_t (*at)[HD_MAX_DIGITS]);
/* Stacks at levels from + 1 .. to whose wires multicast the role (O: reduce), as NEST_STACK bits. */
unsigned hd_wired_stacks(const nest *n, const chain *c, int from, int to);

#endif
