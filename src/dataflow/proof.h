/* What a search says of the space that it proved something about: how large it is, and into which parts it fell, each
 * part with the argument that discards it.  Plain data: solvers fill it, formats write and read it, audit recounts it.
 *
 * The space is declared, not built: every chain of tile sizes of every dim x every order of the loops whose order is open
 * x every keep set.  A *part* has one keep set and one set of levels with loops (those levels, no others, have a loop
 * that turns); in it dims are joined to blocks, and an option of a block stands for one or several choices of the
 * chains of its dims (several where prices cannot tell them apart).  A *step* discards a product of option sets.
 * Chains with more copies of a dim on one axis than it has units are in no part: there is no room for them.        */
#ifndef HD_DATAFLOW_PROOF_H
#define HD_DATAFLOW_PROOF_H

#include "base/arena.h"
#include "base/wide.h"
#include "dataflow/scheme.h"

typedef enum hd_argument {
    HD_BY_BOUND,      /* none costs less than the bound */
    HD_BY_ROOM,       /* none fits: capacity, fan-outs, stacks that a scheme can hold */
    HD_BY_PRICE,      /* looked at by the model's price (of a step: or equal in price to one that was) */
    HD_BY_ORDER,      /* another order of the same tiles costs no more: orders collapse, or are bounded */
    HD_BY_MERGING,    /* other tiles, with equal products at every level, cost the same */
    HD_UNSEEN,        /* left when time was out: none costs less than the bound */
    HD_ARGUMENTS
} hd_argument;

enum { HD_PROOF_DEPTHS = HD_MAX_DIMS + 2 }; /* 0: whole parts; d + 1: below d chosen blocks */

/* `size` schemes in `times` pieces; `bound`: the least bound among them, INFINITY where nothing fits. */
typedef struct hd_proof_sum {
    hd_wide size;
    int64_t times;
    double bound, log10;           /* log10: of the size, as a file says; NAN where nobody says */
} hd_proof_sum;

typedef struct hd_proof_set { int n, *option; } hd_proof_set;
typedef struct hd_proof_step {
    hd_argument argument;
    int depth;
    double bound;
    int64_t prices;                /* HD_BY_PRICE: how many were asked for */
    hd_proof_set *set;             /* one per block; NULL: the whole part, which has no blocks then */
    struct hd_proof_step *next;
} hd_proof_step;

/* Option o: members[o] choices; a choice is one chain of spans per dim of the block, outermost slot first. */
typedef struct hd_proof_block {
    int dims, dim[HD_MAX_DIMS], options;
    int slots;                     /* of all its dims together */
    int64_t *members, **span;      /* span[o]: members[o] x slots */
} hd_proof_block;

typedef struct hd_proof_part {
    unsigned keep[HD_MAX_LEVELS], loops; /* bit set of levels */
    int blocks;
    hd_proof_block block[HD_MAX_DIMS];
    hd_proof_step *first, *last;
    struct hd_proof_part *next;
} hd_proof_part;

typedef struct hd_proof {
    hd_arena *arena;               /* owns it all, the proof itself as well */
    bool counted;                  /* false: too large to count, or nothing to search (all is pinned): no sizes */
    hd_wide size, orders;          /* of the space; orders under each choice of tiles and keep sets */
    double log10;                  /* of the size, as hd_proof_sum */
    hd_proof_sum sum[HD_ARGUMENTS][HD_PROOF_DEPTHS];
    /* the declaration; steps are recounted where it says all (no pins, no constraints) */
    bool plain, ragged;
    int levels, seen;              /* levels of the chip; innermost level whose loops count for `loops` of a part */
    unsigned unroll[HD_MAX_LEVELS][HD_AXES], keep_most[HD_MAX_LEVELS], keep_free[HD_MAX_LEVELS];
    bool stepwise;                 /* every step is there */
    int64_t entries;               /* options and members noted: steps are dropped where they are too many */
    hd_proof_part *first, *last;
} hd_proof;

enum { HD_PROOF_ENTRIES = 200000 };

hd_proof *hd_proof_new(void);      /* NULL where memory is out */
void hd_proof_free(hd_proof *proof); /* NULL is fine */
/* Add to one of the sums. */
void hd_proof_add(hd_proof *proof, hd_argument argument, int depth, const hd_wide *size, double bound);
/* What no sum has yet. */
hd_wide hd_proof_rest(const hd_proof *proof);
const char *hd_argument_name(hd_argument argument); /* "bound" "room" "price" "order" "merging" "unseen" */

#endif
