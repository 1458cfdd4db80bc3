/* What the search discards, noted for a proof (dataflow/proof.h).  Nothing is done where o->ledger is NULL.
 *
 * A part is one keep set and mask.  Its blocks' options come with weights (choices of chains that an option stands for) and
 * the levels at which they loop; a product of option sets counts only choices that loop at every level of the mask, by
 * inclusion and exclusion, since the others belong to smaller masks.                                       */
#ifndef HD_SOLVE_OPTIMAL_LEDGER_H
#define HD_SOLVE_OPTIMAL_LEDGER_H

#include "solve/optimal.h"

/* The options left of a block, `stride` bytes apart. */
typedef struct opt_left { int block, n; const int *option; size_t stride; } opt_left;

/* Start, if a proof is asked for and the space can be counted; o->memory may go. */
void opt_ledger_begin(opt *o);
/* A part that was never opened. */
void opt_ledger_whole(opt *o, const unsigned *keep, unsigned mask, hd_argument why, double bound);
/* The part that opt_enter has laid out is searched now; what its options do not hold has no room. */
void opt_ledger_open(opt *o);
void opt_ledger_close(opt *o);
/* One option dropped ... */
void opt_ledger_note(opt *o, hd_argument why, int option, double bound);
static inline void opt_ledger_drop(opt *o, hd_argument why, int option, double bound)
{
    if (o->ledger) opt_ledger_note(o, why, option, bound);
}
/* ... all dropped since the last time were of this block: each with all that is left of `n` other blocks, and with the
 * chosen options of the rest. */
void opt_ledger_settle(opt *o, int block, const opt_left *left, int n);
/* All blocks are chosen; after so many prices nothing below `bound` was there (or was left unseen). */
void opt_ledger_leaf(opt *o, int64_t prices, double bound);

/* Write the declaration of a space into a proof. */
void hd_form_declare(const hd_form *form, hd_proof *proof);

#endif
