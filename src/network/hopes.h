/* What does a candidate segment cost, or may it cost? */
#ifndef HD_NETWORK_HOPES_H
#define HD_NETWORK_HOPES_H

#include "network/candidates.h"
#include "network/sum.h"

/* hd_stages_refetch of the i-th layer; none where it was not searched. */
hd_sum hd_candidate_refetch(const hd_candidate *c, int i);
/* What more search of the i-th layer, which has an answer, may take off the cost of a network of so much in all, in costs of its
 * mean layer. */
double hd_candidate_stake(const hd_candidates *x, const hd_candidate *c, int i, hd_sum network);
/* INFINITY: impossible, and for prices alone: not all are known. */
hd_sum hd_candidate_sum(const hd_candidates *x, const hd_candidate *c, hd_hope hope);

#endif
