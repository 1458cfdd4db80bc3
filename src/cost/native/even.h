/* The straight road: every shift divides, ranks are plain or open windows, no operand register, no row read twice, and
 * levels with a bandwidth are not split.  All counts are then products of loop and stack counts, but for what windows
 * hold (docs/cost-model.md, "Closed form"); the numbers are those of the general parts, several times sooner. */
#ifndef HD_COST_NATIVE_EVEN_H
#define HD_COST_NATIVE_EVEN_H

#include "cost/native/native.h"

enum { HD_EVEN_STACKS = HD_MAX_STACKS * HD_MAX_LEVELS };

typedef struct even_loop { int dim; int64_t count, shift; } even_loop;
typedef struct even_stack { int dim, level; unsigned bit; int64_t count, shift; } even_stack; /* bit: NEST_STACK */

typedef struct even_nest {
    const hd_problem *p;
    const hd_scheme *s;
    int mac, loops, stacks;
    int loops_to[HD_MAX_LEVELS], stacks_to[HD_MAX_LEVELS]; /* at levels <= l; they come first */
    unsigned wires, multicast[HD_ROLES], reduce;           /* as in a nest; wires: all stacks */
    even_loop loop[HD_MAX_LOOPS];                          /* in time order */
    even_stack stack[HD_EVEN_STACKS];
} even_nest;

/* One role, and the levels that keep it. */
typedef struct even_role {
    hd_role role;
    unsigned dims, window_dims;
    int plains, windows;
    int plain[HD_MAX_RANKS];       /* dims of plain ranks */
    const hd_rank *window[HD_MAX_RANKS];
    unsigned spread;               /* stacks of window dims */
    int64_t words, points;         /* of plain ranks; of the operator */
    int links, level[HD_MAX_LEVELS];
    int64_t arrivals[HD_MAX_LEVELS], loads[HD_MAX_LEVELS]; /* as in a chain */
} even_role;

/* False where a shift does not divide or a level with a bandwidth is split. */
bool hd_even_build(even_nest *n, const hd_problem *p, const hd_scheme *s);
/* All roles of the operator, without their levels; returns how many, 0 where it is not even. */
int hd_even_roles(const hd_problem *p, even_role role[HD_ROLES]);
void hd_even_links(const even_nest *n, even_role *role);

/* Units at levels up to this one that differ in dims the role lacks, merged ones once. */
int64_t hd_even_units(const even_nest *n, const even_role *role, int level, unsigned merge);
/* Words into the tiles of a level, the stacks of `merge` once, as hd_moved, hd_moved_every_step and hd_moved_first count
 * them; of O hd_moved_last is the same as the first.  False where too many units merge. */
bool hd_even_moved(const even_nest *n, const even_role *role, int level, unsigned merge, int64_t *words);
bool hd_even_every_step(const even_nest *n, const even_role *role, int level, unsigned merge, int64_t *words);
bool hd_even_one_step(const even_nest *n, const even_role *role, int level, unsigned merge, int64_t *words);

#endif
