/* Counts of one role along the chain of levels that keep it, over the whole chip or in one instance. */
#ifndef HD_COST_NATIVE_TRAFFIC_H
#define HD_COST_NATIVE_TRAFFIC_H

#include "cost/native/nest.h"

/* A level that keeps a role, and what its tiles see of the whole run, over all instances. */
typedef struct chain_link {
    int level;
    unsigned between;              /* stacks between the link outside and this one (of the home: up to it), as NEST_STACK bits */
    unsigned pool;                 /* stacks of units that hold one tile together (share.c), which then lie inside of the link */
    int64_t members;               /* how many these are, where there are such stacks */
    /* filled by hd_native_count_role: words that enter, those that units hold together once; how many of them are loads (of O);
     * and those that wires bring: what the link outside is asked for (O: gets); words of one tile, none clipped */
    int64_t held, loads, asked, tile;
} chain_link;

/* The levels that keep a role, outermost (its home) first, then the arithmetic level. */
typedef struct chain {
    hd_role role;
    const nest_role *factors;
    bool twice;                    /* a row that has to be read a second time */
    int links;                     /* so many; link[links] is the arithmetic level, which holds nothing */
    chain_link link[HD_MAX_LEVELS];
} chain;

void hd_chain_of(const nest *n, const nest_role *role, chain *out);

/* Which words: of the whole run, of the first step, of the very last leaving. */
typedef enum part { PART_ALL, PART_FIRST, PART_LAST } part;

/* Words that enter link `i` under a view of its level. */
int64_t hd_link_words(const nest *n, const chain *c, int i, part which, const nest_view *v);
/* Words that all units of link `i` ask for in the first step (O: give in the last), with these stacks once. */
int64_t hd_link_edge(const nest *n, const chain *c, int i, unsigned merge);
/* Stacks at levels from + 1 .. to whose wires multicast the role (O: reduce), as NEST_STACK bits. */
unsigned hd_wired_stacks(const nest *n, const chain *c, int from, int to);

/* ---- instance.c ---- */

/* Counts at chain link `i` in the instance with these stack indices, of which there are others. */
void hd_link_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS], hd_access *out);
/* Words that enter link `i` under the view: `event` and `box` are set here, all else by the caller. */
int64_t hd_link_trips(const nest *n, const chain *c, int i, part which, nest_view v);
/* Old partials that link `i` loads under one group of nodes of mesh level `node`. */
int64_t hd_node_loads(const nest *n, const chain *c, int i, int node, const int64_t (*at)[HD_MAX_DIGITS]);

#endif
