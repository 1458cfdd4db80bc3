/* The splits of a mesh under one keep set and mask: see optimal_split.c. */
#ifndef HD_SOLVE_OPTIMAL_SPLIT_H
#define HD_SOLVE_OPTIMAL_SPLIT_H

#include "solve/optimal.h"
#include "solve/optimal_links.h"

enum { OPT_MOST_SPLITS = 1 << 17 };

/* What options have in common. */
typedef struct opt_common { double *least; uint16_t may_loop[HD_MAX_LEVELS], may_wrap[HD_MAX_LEVELS]; } opt_common;

/* The ways in which a block's options lie on the mesh. */
typedef struct opt_splits_block {
    int ways, *of;                    /* [option] */
    uint64_t *key;                    /* copies by kindred set and axis, a byte each; ascending */
    opt_common *way;
} opt_splits_block;

/* What is decided further in than the mesh costs at least (opt_inner_least). */
typedef struct opt_inner { bool known; double pj, all_pj; } opt_inner;

typedef struct opt_splits {
    opt *o;
    uint64_t *split, key;             /* all of them; the one being searched */
    opt_way *way;                     /* those looked up so far: [role][axis][lacked][own copies] */
    unsigned padded[HD_ROLES];
    opt_inner inner[1 << HD_ROLES];   /* by the roles that nodes hold together */
    double ones[OPT_MAX_ROW];
    opt_splits_block block[HD_MAX_DIMS];
    uint64_t others[HD_MAX_DIMS][OPT_MAX_PARTS]; /* bit n - 1: the blocks but this one can make n copies */
} opt_splits;

/* Dims of the role whose copies may take different numbers of words: padding is cut off at the borders. */
unsigned opt_padded_dims(const opt *o, int role);
/* The links of a role under the copies of the split. */
void opt_split_links(opt_splits *all, opt_split *split, int role);

#endif
