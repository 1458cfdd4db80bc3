/* The straight road of meshes: every shift divides, ranks are plain or open windows, no operand register, no row read twice, and
 * one mesh, of plain links, whose ports are a grid.  All instances are then alike, and all counts are products of
 * loop and stack counts, but for what windows hold (docs/cost-model.md, "Closed form"); the numbers are those of the
 * general parts, several times sooner. */
#ifndef HD_COST_NATIVE_EVEN_MESH_H
#define HD_COST_NATIVE_EVEN_MESH_H

#include "cost/native/native.h"

enum { HD_EVEN_STACKS = HD_MAX_STACKS * HD_MAX_LEVELS };

typedef struct even_loop { int dim; int64_t count, shift; } even_loop;
typedef struct even_stack { int dim; unsigned bit; int64_t count, shift; } even_stack; /* bit: NEST_STACK */

/* Counts of the dims that a role lacks, multiplied. */
typedef struct even_turns {
    int64_t loops;                 /* those outside of the innermost loop of the role's own: the others bring it nothing */
    int64_t pending;               /* all of them */
    int64_t units, merged;         /* stacks: all, and those whose wires merge them for the role */
} even_turns;

typedef struct even_nest {
    const native_ready *ready;
    const hd_scheme *s;
    int mac, loops, stacks;
    int loops_to[HD_MAX_LEVELS], stacks_to[HD_MAX_LEVELS]; /* at levels <= l; they come first */
    int64_t steps, used[HD_MAX_LEVELS];                    /* all loops; all stacks at levels <= l */
    unsigned wires;                                        /* of all stacks */
    even_turns turns[HD_MAX_LEVELS][HD_ROLES];             /* at levels <= l; [.][number of the role] */
    even_loop loop[HD_MAX_LOOPS];                          /* in time order */
    even_stack stack[HD_EVEN_STACKS];
} even_nest;

/* One role along the levels that keep it; the last one is the arithmetic level, and its arrivals are points. */
typedef struct even_role {
    const nest_role *factors;
    int k;                         /* its number */
    int links, level[HD_MAX_LEVELS];
    unsigned spread;               /* stacks of the dims of windows */
    int64_t members[HD_MAX_LEVELS]; /* units that hold a link's tile together, 1 where each has its own */
    int64_t arrivals[HD_MAX_LEVELS], loads[HD_MAX_LEVELS]; /* as in a chain */
} even_role;

/* Of role number k: its turns. */
void hd_even_turns(even_nest *n, int k);
/* All but them; false where a shift does not divide. */
bool hd_even_build(even_nest *n, const native_ready *ready, const hd_scheme *s);
/* Words into the tiles of a level, the stacks of `merge` once, as hd_moved and hd_moved_every_step count them, of role
 * number k with windows.  False where too many units merge. */
bool hd_even_moved(const even_nest *n, int k, int level, unsigned merge, int64_t *words);
bool hd_even_every_step(const even_nest *n, int k, unsigned merge, int64_t *words);
/* Words of the first step; of O also of the last: all tiles are alike.  `merge` is not empty. */
bool hd_even_one_step(const even_nest *n, int k, int level, unsigned merge, int64_t *words);

/* Words entering link `i` with the wires from `outer` on merging what they can; false where too many units merge. */
bool hd_even_entering(const even_nest *n, const even_role *e, int i, int outer, int64_t *words);
/* Counts of the role, whose members and arrivals are known, into `out`. */
bool hd_even_count_role(const even_nest *n, even_role *e, hd_breakdown *out);
/* Nodes that hold a tile of each role together (1: each its own); false where a stack of the mesh has idle copies. */
bool hd_even_members(const even_nest *n, int64_t members[HD_ROLES]);
/* What the mesh changes: the counts of a role that so many nodes share. */
bool hd_even_share(const even_nest *n, even_role *e, int64_t members, hd_breakdown *out);
/* What it adds: hops. */
bool hd_even_hops(const even_nest *n, const even_role *e, hd_breakdown *out);

#endif
