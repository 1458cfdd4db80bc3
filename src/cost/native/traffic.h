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
    bool branches[HD_MAX_LEVELS];     /* there are stacks between link i - 1 and link i */
    /* filled by hd_chain_count, over all instances, per link: words entering its tiles, each unit by itself (0 for the
     * arithmetic level); the same once where the wires from the link outside merge them; of O also how many of the words
     * that enter with all units under one unit outside merged are loads */
    int64_t arrivals[HD_MAX_LEVELS], crossing[HD_MAX_LEVELS], loads[HD_MAX_LEVELS];
} chain;

void hd_chain_of(const nest *n, const nest_role *role, chain *out);
/* Fill arrivals and loads: needed before all that follows. */
void hd_chain_count(const nest *n, chain *c);
/* Counts at chain link `i` over the whole run and all instances. */
void hd_chain_access(const chain *c, int i, hd_access *out);

/* Which words: of the whole run, of the first step, of the very last leaving. */
typedef enum part { PART_ALL, PART_FIRST, PART_LAST } part;

/* The counts of a part: over all instances (at NULL: not of PART_ALL), or in the instance with the given stack indices. */
void hd_link_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS], hd_access *out);
/* Words x instances that the fan-out into `level` delivers (O: or collects). */
int64_t hd_deliveries(const nest *n, const chain *c, int level);

#endif
