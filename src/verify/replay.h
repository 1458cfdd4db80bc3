/* The slow machine of docs/cost-model.md, executed step by step with explicit sets of held words.
 * It shares no formula with the cost models, and knows none. */
#ifndef HD_VERIFY_REPLAY_H
#define HD_VERIFY_REPLAY_H

#include "dataflow/scheme.h"

typedef struct hd_replay_access {
    int64_t reads, fills, updates;
} hd_replay_access;

/* Counts are elements of the tensors, summed over all instances.  Arrays are [level][role]. */
typedef struct hd_replay {
    hd_replay_access access[HD_MAX_LEVELS][HD_ROLES];
    int64_t deliveries[HD_MAX_LEVELS][HD_ROLES];
    int64_t hops[HD_MAX_LEVELS][HD_ROLES]; /* words x links of the mesh into the level */
    bool shared[HD_MAX_LEVELS][HD_ROLES];  /* nodes of the mesh held one tile together */
    int64_t steps;    /* of the loop nest, idle ones included */
    int64_t computes; /* points executed */
    int64_t compute_cycles, level_cycles[HD_MAX_LEVELS], fill_cycles, drain_cycles, latency_cycles;
} hd_replay;

/* Execute `s`.  Refuses (HD_ERR_USAGE) a nest of more than `max_steps` steps or instances, tiles too large
 * for explicit sets, and what is no scheme at all; it does not ask for capacity or wires. */
hd_status hd_replay_scheme(const hd_problem *p, const hd_scheme *s, int64_t max_steps, hd_replay *out,
                           hd_error *err);

#endif
