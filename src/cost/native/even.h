/* The straight road: every shift divides, ranks are plain or open windows, no operand register, no row read twice, and
 * levels with a bandwidth are not split.  All counts are then products of loop and stack counts, but for what windows
 * hold (docs/cost-model.md, "Closed form"); the numbers are those of the general parts, several times sooner. */
#ifndef HD_COST_NATIVE_EVEN_H
#define HD_COST_NATIVE_EVEN_H

#include "cost/native/native.h"

enum { HD_EVEN_STACKS = HD_MAX_STACKS * HD_MAX_LEVELS, HD_EVEN_LOOPS = 64, HD_EVEN_WINDOWS = 3 };

typedef struct even_loop { int dim; int64_t count, shift; } even_loop;
typedef struct even_stack { int dim; unsigned bit; int64_t count, shift; } even_stack; /* bit: NEST_STACK */

/* Of one role, at levels up to one: counts of the dims that it lacks, multiplied. */
typedef struct even_turns {
    int64_t loops;                 /* those outside of the innermost loop of the role's own: the others bring it nothing */
    int64_t pending;               /* all of them */
    int64_t units, merged;         /* stacks: all, and those whose wires merge them for the role */
    int64_t window[HD_EVEN_WINDOWS]; /* all loops of the role's windows, one after the other */
} even_turns;

typedef struct even_nest {
    const native_ready *ready;
    const hd_scheme *s;
    int mac, loops, stacks;
    int loops_to[HD_MAX_LEVELS], stacks_to[HD_MAX_LEVELS]; /* at levels <= l; they come first */
    int64_t steps, used[HD_MAX_LEVELS];                    /* all loops; all stacks at levels <= l */
    unsigned wires;                                        /* of all stacks */
    uint64_t own[HD_ROLES];                                /* loops of a role's dims, as bits; by its number, as below */
    unsigned spread[HD_ROLES];                             /* stacks of the dims of its windows */
    even_turns turns[HD_MAX_LEVELS][HD_ROLES];
    even_loop loop[HD_EVEN_LOOPS];                         /* in time order */
    int64_t outside[HD_ROLES][HD_EVEN_LOOPS];              /* of own loops only: those outside that the role lacks, multiplied */
    even_stack stack[HD_EVEN_STACKS];
} even_nest;

/* False where a shift does not divide, a level with a bandwidth is split, or there are too many loops or windows. */
bool hd_even_build(even_nest *n, const native_ready *ready, const hd_scheme *s);
/* Words into the tiles of a level, the stacks of `merge` once, as hd_moved and hd_moved_every_step count them, of role
 * number k with windows.  False where too many units merge. */
bool hd_even_moved(const even_nest *n, int k, int level, unsigned merge, int64_t *words);
bool hd_even_every_step(const even_nest *n, int k, unsigned merge, int64_t *words);
/* The same of the first step, where windows merge. */
bool hd_even_one_step(const even_nest *n, int k, int level, unsigned merge, int64_t *words);

#endif
