/* The options of a block as a tree of ranges: alike options lie together, and every range knows the least of each product
 * among its own.  Where the bound of a range is too high, all its options go at once.                       */
#ifndef HD_SOLVE_OPTIMAL_TREE_H
#define HD_SOLVE_OPTIMAL_TREE_H

#include "solve/optimal_frame.h"

enum { OPT_TREE_LEAF = 8 };           /* options that are looked at one by one */

/* What the options of a range have in common; halves: number 2 i + 1 and 2 i + 2 of the tree. */
struct opt_range {
    double *least;
    uint16_t loops[HD_MAX_LEVELS], may_loop[HD_MAX_LEVELS], may_wrap[HD_MAX_LEVELS]; /* of all; of some */
};

/* Put the options of every block with many of them in order, and find what their ranges have in common; o->memory may go.  `root`
 * (NULL: none yet) has them by their new numbers then. */
void opt_plant(opt *o, opt_frame *root);
/* A node and a range of options, whichever of them it will be. */
void opt_take_range(const opt *o, const opt_node *from, const opt_range *range, opt_node *out);

#endif
