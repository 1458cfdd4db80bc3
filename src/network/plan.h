/* A plan: every layer of a network scheduled on one chip.  Equal operators are solved once. */
#ifndef HD_NETWORK_PLAN_H
#define HD_NETWORK_PLAN_H

#include "dataflow/segment.h"
#include "solve/solver.h"
#include "workload/network.h"

/* Part of a scheme that the user fixes, for layers whose name or op_name matches the glob `layers`. */
typedef struct hd_pin {
    const char *layers;
    hd_scheme scheme;
    unsigned pinned[HD_MAX_LEVELS]; /* as hd_space.pinned */
} hd_pin;

/* What stays on chip between layers (homes, segments): nothing, the best that bounds allow to find, or all looked at. */
typedef enum hd_inter_layer { HD_INTER_NONE, HD_INTER_KAPLA, HD_INTER_EXHAUSTIVE, HD_INTERS } hd_inter_layer;

typedef struct hd_plan_options {
    const hd_solver *solver;
    const double *option_values;    /* in the solver's option order; NULL = standards */
    const hd_model *model;
    const double *settings;         /* in the model's option order, for every layer; NULL = standards */
    hd_objective objective;
    hd_space_kind space;
    bool space_given;               /* false: the chip's template */
    bool ragged, bypass;
    bool proofs;                    /* note what was discarded: hd_plan_layer.proof */
    const hd_constraints *constraints;          /* on every layer's space; NULL = none */
    const unsigned (*unroll)[HD_AXES];          /* as hd_space.unroll, instead of the space's own; NULL = none */
    const int (*home)[HD_ROLES];                /* per network layer, as hd_problem.home; NULL = outermost */
    const hd_arch *const *chip;                 /* per network layer, with less room in a level; NULL = the plan's own */
    const hd_constraints *const *limits;        /* per network layer, instead of `constraints`; NULL = those for all */
    const struct hd_memo *known;                /* answers that need no search; NULL = none */
    hd_inter_layer inter_layer;
    const double *pipeline;                     /* in the order of hd_pipeline_options (candidates.h); NULL = standards */
    bool judge;                                 /* hd_plan_price: an illegal scheme is an answer, not an error */
    uint64_t seed;
    int64_t evaluations;            /* per distinct operator, 0 = the solver's own end */
    double seconds;                 /* outer limit for the whole network, 0 = none */
    bool cpu;                       /* ... in CPU seconds of the thread (one thread only) */
    int threads;                    /* >= 1 */
    int pins;
    const hd_pin *pin;
    bool (*cancel)(void *user);
    void (*progress)(void *user, int done, int total, const char *layer); /* may be NULL */
    void *user;
} hd_plan_options;

typedef struct hd_plan_layer {
    int same_as;                    /* the first equal layer, or -1 */
    bool fused;                     /* lives in another layer: nothing solved */
    hd_problem problem;
    hd_proof *proof;                /* of layers that were solved, where asked for; owned */
    hd_incumbent best;              /* copied for same_as layers; found = false where nothing fits */
    double space_log10, seconds;
} hd_plan_layer;

typedef struct hd_plan {
    hd_arena *arena;
    const hd_network *network;      /* borrowed: must outlive the plan */
    const hd_arch *arch;            /* borrowed */
    hd_plan_options options;
    int layers;
    hd_plan_layer *layer;           /* one per network layer */
    int failed;                     /* first layer without a legal scheme, or -1 */
    double seconds;
    /* with an inter-layer search: layers on chip together, what the network costs where nothing stays, problems considered
     * and searched, values that could have stayed but were passed over */
    int segments;
    hd_segment *segment;
    double apart_pj, apart_cycles;
    int considered, searched, passed_over;
    hd_arena *kept;                 /* what an inter-layer search leaves: chips, segments; freed with the plan */
    /* totals over layers that are not fused, each times its repeats */
    int64_t macs, computes, latency_cycles, evaluations;
    double energy_pj, edp, lower_bound, gap, utilization;
    bool proved;
} hd_plan;

/* The pin that holds for a layer, or -1. */
int hd_plan_pin(const hd_plan_options *options, const hd_layer *layer);
/* Is a gradient something else than an equal operator of the way forward: to the solver, or to the model? */
bool hd_plan_looks_back(const hd_plan_options *options);
/* A layer on a chip as the options ask for it, all at home outside. */
hd_problem hd_plan_problem(const hd_plan_options *options, const hd_layer *layer, const hd_arch *arch);
/* The space that the options mean for one problem; `pin` may be NULL.  Borrows what the options borrow. */
void hd_plan_space(const hd_plan_options *options, const hd_problem *problem, const hd_pin *pin, hd_space *out);
/* Solve all layers.  HD_OK also when some layer has no schedule (plan->failed tells). */
hd_status hd_plan_solve(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, hd_plan **out,
                        hd_error *err);
/* Price given schemes, one per layer (ignored for fused layers), with bounds, no search. */
hd_status hd_plan_price(const hd_network *net, const hd_arch *arch, const hd_scheme *schemes,
                        const hd_plan_options *options, hd_plan **out, hd_error *err);
void hd_plan_free(hd_plan *plan);
/* "template,ragged" and the like: the space in the words of the user. */
enum { HD_SPACE_WORDS = 64 };
void hd_plan_space_words(const hd_plan_options *options, char out[HD_SPACE_WORDS]);

#endif
