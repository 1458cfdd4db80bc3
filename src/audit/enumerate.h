/* A declared space, enumerated the naive way: from its words alone, by no code that searches use. */
#ifndef HD_AUDIT_ENUMERATE_H
#define HD_AUDIT_ENUMERATE_H

#include "cost/model.h"
#include "dataflow/proof.h"

/* All chains of one dim: `n` rows of `slots` spans, outermost slot first, the last span 1. */
typedef struct hd_chains {
    int slots, level[3 * HD_MAX_LEVELS], kind[3 * HD_MAX_LEVELS]; /* HD_X, HD_Y, HD_AXES = the loop */
    int64_t n, *span;
} hd_chains;

typedef struct hd_enumeration {
    const hd_problem *problem;
    const hd_model *model;
    const hd_proof *proof;            /* the declaration */
    hd_chains dim[HD_MAX_DIMS];
    unsigned ordered;                 /* levels whose order of loops is open */
    hd_wide orders, size;             /* as hd_proof */
} hd_enumeration;

/* Does the native machine count (under native, and under kapla where it is exact)? */
bool hd_counts_natively(const hd_model *model, const hd_problem *p);
/* The slots of a dim's chains, without rows. */
void hd_chain_slots(const hd_enumeration *e, int dim, hd_chains *out);
/* May a tile of `span` stand under one of `above`? */
bool hd_is_size(const hd_enumeration *e, int64_t above, int64_t span);
/* `orders`, of chains whose slots are there; false past 2^320. */
bool hd_count_orders(hd_enumeration *e);
/* The chains of every dim; HD_ERR_USAGE where they are too many to list. */
hd_status hd_enumerate(const hd_problem *p, const hd_model *model, const hd_proof *proof, hd_arena *arena,
                       hd_enumeration *out, hd_error *err);
/* Does dim `dim` have a loop that turns at the level, in row `row` of its chains? */
bool hd_chain_loops(const hd_enumeration *e, int dim, int64_t row, int level);
/* Does one of the row's copies by itself pass the units of its axis? */
bool hd_chain_bursts(const hd_enumeration *e, int dim, int64_t row);
/* The cheapest of all orders under one row per dim and one keep set, by the model's price; INFINITY where none is legal
 * and fits.  Adds the number of prices to `*prices`. */
double hd_least_price(const hd_enumeration *e, const int64_t *row, const unsigned *keep, hd_objective objective,
                      int64_t *prices);

#endif
