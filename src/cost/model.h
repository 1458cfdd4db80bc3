/* What a scheme costs.  One descriptor per model; prices are pure functions without allocation. */
#ifndef HD_COST_MODEL_H
#define HD_COST_MODEL_H

#include "dataflow/scheme.h"

typedef struct hd_access { int64_t reads, fills, updates; } hd_access;

/* Counts are elements of the tensors, summed over all instances, exact.  Arrays are [level][role]. */
typedef struct hd_breakdown {
    hd_access access[HD_MAX_LEVELS][HD_ROLES];
    int64_t deliveries[HD_MAX_LEVELS][HD_ROLES];   /* words x receiving / sending instances of the level */
    int64_t tile_words[HD_MAX_LEVELS][HD_ROLES];
    int64_t instances[HD_MAX_LEVELS], instances_used[HD_MAX_LEVELS];
    int64_t computes;                              /* points executed (native: = points) */
    int64_t compute_cycles, level_cycles[HD_MAX_LEVELS], fill_cycles, drain_cycles;
    int64_t latency_cycles;
    int bound_by;                                  /* -1 compute, else the level that limits */
    double mac_pj, vector_pj, level_pj[HD_MAX_LEVELS][HD_ROLES], network_pj[HD_MAX_LEVELS][HD_ROLES], static_pj;
    double energy_pj;                              /* the lines above, added in the order listed here */
    double edp;                                    /* energy_pj * latency_cycles */
} hd_breakdown;

typedef enum hd_objective { HD_ENERGY, HD_LATENCY, HD_EDP, HD_OBJECTIVES } hd_objective;

/* A lower bound of each objective over all schemes that the model serves. */
typedef struct hd_bound { double energy_pj, latency_cycles, edp; } hd_bound;

typedef struct hd_model {
    const char *name, *title;
    /* Does the scheme fit and does the model serve it? (legality is asked before) */
    bool (*fits)(const hd_problem *p, const hd_scheme *s, hd_refusal *out);
    /* Price of a legal scheme that fits. */
    void (*price)(const hd_problem *p, const hd_scheme *s, hd_breakdown *out);
    void (*bound)(const hd_problem *p, hd_bound *out);
} hd_model;

extern const hd_model hd_model_native;

double hd_price_objective(const hd_breakdown *price, hd_objective objective);
const char *hd_objective_name(hd_objective objective); /* "energy" "latency" "edp" */

#endif
