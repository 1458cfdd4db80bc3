/* The same step by step, with every choice of chains, as long as the space is small: what audit can recount. */
#ifndef HD_SOLVE_OPTIMAL_STEPS_H
#define HD_SOLVE_OPTIMAL_STEPS_H

#include "solve/optimal_ledger.h"

/* Each does nothing where proof->stepwise is off, and turns it off where it gets too much. */
void opt_steps_whole(const opt *o, hd_proof *proof, const unsigned *keep, unsigned mask, hd_argument why, double bound);
void opt_steps_open(const opt *o, hd_proof *proof);
/* A product of option sets in the part opened last, one set per block. */
void opt_steps_add(const opt *o, hd_proof *proof, hd_argument why, int depth, double bound, int64_t prices,
                   const opt_left *left);

#endif
