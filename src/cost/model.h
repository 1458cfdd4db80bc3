/* What a scheme costs.  One descriptor per model; prices are pure functions without allocation. */
#ifndef HD_COST_MODEL_H
#define HD_COST_MODEL_H

#include "base/options.h"
#include "cost/native/ready.h"

typedef struct hd_access { int64_t reads, fills, updates; } hd_access;

/* Counts are elements of the tensors, summed over all instances, exact.  Arrays are [level][role]; rows past the chip's
 * levels mean nothing. */
typedef struct hd_breakdown {
    hd_access access[HD_MAX_LEVELS][HD_ROLES];
    int64_t deliveries[HD_MAX_LEVELS][HD_ROLES];   /* words x receiving / sending instances of the level */
    int64_t hops[HD_MAX_LEVELS][HD_ROLES];         /* words x links of the mesh into the level (DESIGN 2: `mesh`) */
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

/* Prices of HD_LANES schemes at once, [..][lane]; counts and cycles are whole numbers below 2^53.  Rows of levels past the
 * chip's, and of roles that a level does not move or deliver, mean nothing. */
enum { HD_LANES = 8 };
typedef struct hd_batch {
    unsigned moves[HD_MAX_LEVELS]; /* roles that the level moves, as bits: reads to tile_words and level_pj say how much */
    unsigned delivers[HD_MAX_LEVELS]; /* those whose deliveries have a price there: deliveries and network_pj */
    double reads[HD_MAX_LEVELS][HD_ROLES][HD_LANES], fills[HD_MAX_LEVELS][HD_ROLES][HD_LANES];
    double updates[HD_MAX_LEVELS][HD_ROLES][HD_LANES], deliveries[HD_MAX_LEVELS][HD_ROLES][HD_LANES];
    double tile_words[HD_MAX_LEVELS][HD_ROLES][HD_LANES];
    double level_pj[HD_MAX_LEVELS][HD_ROLES][HD_LANES], network_pj[HD_MAX_LEVELS][HD_ROLES][HD_LANES];
    double instances_used[HD_MAX_LEVELS][HD_LANES], level_cycles[HD_MAX_LEVELS][HD_LANES];
    double compute_cycles[HD_LANES], fill_cycles[HD_LANES], drain_cycles[HD_LANES], latency_cycles[HD_LANES];
    double static_pj[HD_LANES], energy_pj[HD_LANES], edp[HD_LANES];
} hd_batch;

typedef enum hd_objective { HD_ENERGY, HD_LATENCY, HD_EDP, HD_OBJECTIVES } hd_objective;

/* A lower bound of each objective over all schemes that the model serves. */
typedef struct hd_bound { double energy_pj, latency_cycles, edp; } hd_bound;

/* One of a model's own numbers, under its own name: of a level (or of the network into it) and a role; -1 = of neither. */
typedef struct hd_fact { int level, role; bool network; const char *name; double value; } hd_fact;
typedef void hd_fact_sink(void *user, const hd_fact *fact);
typedef enum hd_count_kind { HD_COUNT_READS, HD_COUNT_FILLS, HD_COUNT_UPDATES } hd_count_kind;
/* What a price is made of beside counts; those of a level have one. */
typedef enum hd_price_term {
    HD_TERM_COMPUTES, HD_TERM_WORK_CYCLES, HD_TERM_LEVEL_CYCLES, HD_TERM_FILL_CYCLES, HD_TERM_DRAIN_CYCLES, HD_TERM_LATENCY,
    HD_TERM_MAC_ENERGY, HD_TERM_VECTOR_ENERGY, HD_TERM_LEVEL_ENERGY, HD_TERM_NETWORK_ENERGY, HD_TERM_STATIC_ENERGY,
    HD_TERM_ENERGY
} hd_price_term;

typedef struct hd_model {
    const char *name, *title;
    const hd_option *options;  /* values in hd_problem.settings, in this order; may be NULL */
    /* Does the model price this operator on this chip at all?  Asked once per problem; NULL = always. */
    bool (*serves)(const hd_problem *p, hd_refusal *out);
    /* Does the scheme fit and does the model serve it? (legality is asked before) */
    bool (*fits)(const hd_problem *p, const hd_scheme *s, hd_refusal *out);
    /* The same without a reason, of a problem that is ready; NULL = no sooner. */
    bool (*fits_ready)(const native_ready *ready, const hd_scheme *s);
    /* Price of a legal scheme that fits. */
    void (*price)(const hd_problem *p, const hd_scheme *s, hd_breakdown *out);
    bool whole_buffers; /* no room is set aside for words under way, whatever the chip says of double buffers */
    bool vector_on_macs; /* vector work is the arithmetic units', an operation like a MAC's, whatever other units the chip has */
    /* The same of a problem that is ready, for many prices; NULL where nothing can be worked out beforehand. */
    void (*price_ready)(const native_ready *ready, const hd_scheme *s, hd_breakdown *out);
    /* See hd_pricer_price_below; NULL = every price in full. */
    bool (*price_below)(const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit, hd_breakdown *out);
    /* HD_LANES schemes at once, all legal and fitting; false where they are not alike (the same directives and keeps in the
     * same order) or the model has to price them one by one.  NULL = never at once. */
    bool (*batch)(const native_ready *ready, const hd_scheme *const s[HD_LANES], hd_batch *out);
    void (*lane)(const native_ready *ready, const hd_batch *batch, int lane, hd_breakdown *out);
    void (*bound)(const hd_problem *p, hd_bound *out);
    /* The model's own numbers of a scheme that it prices, for reports; may be NULL. */
    void (*facts)(const hd_problem *p, const hd_scheme *s, hd_fact_sink *sink, void *user);
    /* Which of the model's rules make this count differ from the native one?  Empty text = none known; may be NULL. */
    void (*why)(const hd_problem *p, const hd_scheme *s, int level, hd_role role, hd_count_kind count, char out[256]);
    /* The same for another term of the price; `other` is the native price.  May be NULL. */
    void (*why_term)(const hd_problem *p, const hd_scheme *s, hd_price_term term, int level, const hd_breakdown *other,
                     char out[256]);
} hd_model;

/* The chip that the model's problems are of, where it has no use for vector units of their own (vector_on_macs): its vector work
 * stands at the MACs.  False: it takes the chip as it is, `out` is untouched. */
bool hd_model_chip(const hd_model *model, const hd_arch *given, hd_arch *out);

/* Value of option `index`: as the problem sets it, else the table's standard. */
double hd_model_setting(const hd_model *model, const hd_problem *p, int index);

extern const hd_model hd_model_native, hd_model_timeloop, hd_model_kapla;

/* A model with what it works out once of a problem (neither is copied): for whoever asks for many prices.  Plain data. */
typedef struct hd_pricer { const hd_model *model; const hd_problem *problem; native_ready ready; } hd_pricer;
void hd_pricer_init(hd_pricer *out, const hd_model *model, const hd_problem *p);
/* Does the model's rule of capacity hold, and does it serve the scheme (legality is asked before)? */
bool hd_pricer_fits(const hd_pricer *pricer, const hd_scheme *s);
void hd_pricer_price(const hd_pricer *pricer, const hd_scheme *s, hd_breakdown *out);
/* The same for whoever has no use for a price whose objective is above the limit: false, with `out` in disorder, where that is
 * seen early (not always, and never of one that is not above). */
bool hd_pricer_price_below(const hd_pricer *pricer, const hd_scheme *s, hd_objective objective, double limit, hd_breakdown *out);
/* See hd_model.batch; hd_pricer_lane: the price of one of them, the very one that hd_pricer_price gives. */
bool hd_pricer_batch(const hd_pricer *pricer, const hd_scheme *const s[HD_LANES], hd_batch *out);
void hd_pricer_lane(const hd_pricer *pricer, const hd_batch *batch, int lane, hd_breakdown *out);

double hd_price_objective(const hd_breakdown *price, hd_objective objective);
const char *hd_objective_name(hd_objective objective); /* "energy" "latency" "edp" */

#endif
