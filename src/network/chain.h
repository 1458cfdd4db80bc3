/* Chains of segments over all layers in order: the best by some hope, and the plan that a chain is. */
#ifndef HD_NETWORK_CHAIN_H
#define HD_NETWORK_CHAIN_H

#include "network/hopes.h"

typedef struct hd_chain { hd_sum sum; const hd_candidate **by; } hd_chain; /* by[k]: the segment that ends at layer k, or NULL */

/* An empty one.  HD_ERR_MEMORY. */
hd_status hd_chain_new(const hd_candidates *all, hd_chain *out, hd_error *err);
void hd_chain_clear(const hd_candidates *all, hd_chain *chain);
void hd_chain_copy(const hd_candidates *all, const hd_chain *from, hd_chain *to);
/* The chain's sum, by this hope. */
hd_sum hd_chain_sum(const hd_candidates *all, const hd_chain *chain, hd_hope hope);
/* rest[k], k = 0 .. layers: the least that layers k .. cost by this hope, each sum by itself. */
void hd_chain_rests(const hd_candidates *all, hd_hope hope, hd_sum *rest);
/* The best chain by the hope of `rest`; false where there is none. */
bool hd_chain_best(const hd_candidates *all, hd_hope hope, const hd_sum *rest, hd_chain *chain);
/* The plan of a chain whose segments were all searched.  HD_ERR_MEMORY. */
hd_status hd_chain_plan(const hd_candidates *all, const hd_chain *chain, hd_plan **out, hd_error *err);

#endif
