/* The contract of every search method for one operator on one chip.
 * A solver is a card plus one run function; state lives in the arena; the answer in the incumbent.  */
#ifndef HD_SOLVE_SOLVER_H
#define HD_SOLVE_SOLVER_H

#include "base/arena.h"
#include "base/options.h"
#include "base/random.h"
#include "cost/model.h"
#include "dataflow/proof.h"

/* ---- what a user or a foreign file forbids: all hard, on top of wires and templates ---- */
typedef struct hd_limit { int64_t least, most; } hd_limit; /* of a count; 0 = no limit */
typedef enum hd_said { HD_SAID_LOOPS, HD_SAID_COPIES, HD_SAID_KINDS } hd_said;
typedef struct hd_constraints {
    hd_limit loop[HD_MAX_LEVELS][HD_MAX_DIMS];    /* iterations of the level's update of a dim (1 = no loop) */
    hd_limit copies[HD_MAX_LEVELS][HD_MAX_DIMS];  /* copies of a dim in the fan-out into the level, both axes together */
    bool one_axis[HD_MAX_LEVELS];                 /* a dim may unroll on X or on Y of the level, not on both */
    /* A fixed order of the dims of the fan-out into the level (all 0 = any), innermost first, of which the first ones lie on
     * X: among dims with copies above 1, no dim on X has a larger rank than one on Y, and the stacks of an axis stand in
     * ascending rank (equal is fine).  And so many dims at most (0 = any number) of those in axis_open lie on each axis. */
    unsigned char axis_rank[HD_MAX_LEVELS][HD_MAX_DIMS], axis_dims[HD_MAX_LEVELS][HD_AXES];
    unsigned axis_open[HD_MAX_LEVELS];
    /* order of the level's loops: the first `inner` of inner_dim are innermost (innermost first), the `outer` of
     * outer_dim outermost (innermost first); the other dims lie between, in any order */
    int inner[HD_MAX_LEVELS], outer[HD_MAX_LEVELS];
    unsigned char inner_dim[HD_MAX_LEVELS][HD_MAX_DIMS], outer_dim[HD_MAX_LEVELS][HD_MAX_DIMS];
    unsigned must_keep[HD_MAX_LEVELS], must_bypass[HD_MAX_LEVELS]; /* roles; a role in neither is free (if bypass) */
    double least_utilization;                     /* share of the arithmetic units in use, 0 = any */
    const char *said[HD_MAX_LEVELS][HD_SAID_KINDS]; /* how the user's file calls these loops, copies; NULL = by the level */
} hd_constraints;

/* The best scheme found of another operator with the same loops on the same chip: a place to start from. */
typedef struct hd_lead { const hd_operator *op; const hd_scheme *scheme; } hd_lead;

/* ---- the declared space, shared by all solvers, so that overheads mean something ---- */
typedef struct hd_space {
    const hd_problem *problem;
    const hd_model *model;       /* whose rules narrow the space; NULL = native */
    bool ragged;                 /* tile sizes: divisors, or also the useful non-divisors */
    bool bypass;                 /* explore keep / bypass; false = what the chip may keep */
    bool all_orders;             /* loop orders explored (true by default) */
    /* dims (bit set) that may go on X and Y of the fan-out into each level (wires and template) */
    unsigned unroll[HD_MAX_LEVELS][HD_AXES];
    const hd_constraints *constraints; /* NULL = none */
    const hd_scheme *pin;        /* NULL, or a partial scheme: see pinned */
    unsigned pinned[HD_MAX_LEVELS]; /* bit 0 tensor, 1 stack, 2 update order, 3 keep */
    const hd_lead *lead;         /* where a search may start; what the space holds does not depend on them */
    int leads;
    bool glance;                 /* there is an answer already: nothing but what the leads show is looked at */
} hd_space;

typedef enum hd_space_kind { HD_SPACE_TEMPLATE, HD_SPACE_FREE } hd_space_kind;
/* Fill the space of a problem: `template` narrows the innermost fan-out, `free` leaves the wires only. */
void hd_space_init(hd_space *space, const hd_problem *p, hd_space_kind kind, bool ragged, bool bypass);
/* The same for a model of its own: only native narrows the space of sliding outputs. */
void hd_space_init_for(hd_space *space, const hd_problem *p, const hd_model *model, hd_space_kind kind, bool ragged,
                       bool bypass);
/* Does the native machine count (under native, and under kapla where it is exact)?  Is it kapla's exact mode? */
bool hd_space_is_native(const hd_space *space);
bool hd_space_is_kapla(const hd_space *space);
/* Dims of a result that slides over a window, under the native machine: units along them add to each other's words. */
unsigned hd_space_slides(const hd_space *space);
/* Does a legal scheme meet the space's constraints?  Independent of how searches honour them. */
bool hd_constraints_hold(const hd_space *space, const hd_scheme *s, hd_refusal *out);
/* The level's loops or copies in the words of whoever constrained them, for messages. */
const char *hd_space_place(const hd_space *space, int level, hd_said what);
/* Is a legal scheme one of the space's?  Some published methods have schemes of their own, of which nothing is proved here. */
bool hd_space_has(const hd_space *space, const hd_scheme *s);
double hd_space_log10(const hd_space *space); /* size of the space; never an integer */
/* Useful tile sizes of a dim of extent e: divisors ascending, or with ragged also ceil(e / n).  Returns the count. */
int hd_space_sizes(const hd_space *space, int64_t extent, int64_t *out, int max);
/* A random legal-by-construction scheme of the space (capacity not checked); untouched where constraints leave none. */
void hd_space_sample(const hd_space *space, hd_random *random, hd_scheme *out);

/* ---- budget: stopping is written once ---- */
#define HD_NO_END INT64_MAX      /* evaluations: on and on, past a method's own end, until time or the caller stops it */
typedef struct hd_budget {
    int64_t evaluations, used;   /* limit (0 = none) and count */
    double seconds;              /* outer limit, 0 = none */
    bool cpu;                    /* seconds that the calling thread works, not those that pass */
    double started;              /* seconds of its clock, set by hd_budget_start */
    bool (*cancel)(void *user);  /* may be NULL */
    void *user;
    bool interrupted;
    int64_t polls;               /* how often hd_budget_out was asked */
    int64_t next, stride;        /* the poll at which the clock is read again, and polls between two readings */
    double looked;               /* when it was read */
} hd_budget;
void hd_budget_start(hd_budget *budget);
double hd_budget_elapsed(const hd_budget *budget); /* seconds since the start */
/* True when the solver must return; hd_budget_look: the part that reads the clock, for every so many of its calls. */
bool hd_budget_look(hd_budget *budget);
static inline bool hd_budget_out(hd_budget *budget)
{
    if (budget->interrupted || budget->seconds < 0) return true;
    if (budget->evaluations > 0 && budget->used >= budget->evaluations) return true;
    if (budget->polls++ < budget->next || (!budget->cancel && budget->seconds <= 0)) return false;
    return hd_budget_look(budget);
}

/* ---- incumbent: the best so far under a total order (objective, then edp, then scheme) ---- */
typedef struct hd_incumbent {
    const hd_model *model;
    const hd_problem *problem;
    hd_pricer pricer;            /* of both */
    const hd_space *space;       /* set by solvers: checked builds assert its constraints; may be NULL */
    hd_objective objective;
    bool unserved;               /* the model does not price this problem at all; `nearest` says why */
    bool found;
    double cost;
    hd_scheme scheme;
    hd_breakdown price;
    double lower_bound;          /* of the objective over the space; raised by solvers that prove more */
    hd_outcome outcome;
    int64_t evaluations;
    hd_proof *proof;             /* filled by solvers that can, where one is asked for; else NULL */
    hd_refusal nearest;          /* smallest capacity violation seen, for the answer "nothing fits" */
} hd_incumbent;
/* Asks once whether the model serves the problem; where not, the outcome is infeasible at once. */
void hd_incumbent_init(hd_incumbent *inc, const hd_model *model, const hd_problem *p, hd_objective objective);
/* Price a legal scheme if it fits and keep it when better.  Counts one evaluation in both.  Returns its cost,
 * or INFINITY when it does not fit. */
double hd_incumbent_offer(hd_incumbent *inc, hd_budget *budget, const hd_scheme *s);
/* The same, and hands out the price (untouched where the scheme does not fit). */
double hd_incumbent_probe(hd_incumbent *inc, hd_budget *budget, const hd_scheme *s, hd_breakdown *price);
/* The same of a scheme that hd_incumbent_fits has let pass. */
double hd_incumbent_take(hd_incumbent *inc, hd_budget *budget, const hd_scheme *s, hd_breakdown *price);
/* The same for whoever has no use for a cost above the limit (or that of the best, if that is more): where it is seen early to be
 * above, the number returned is the limit, with an edp of INFINITY in a price otherwise in disorder. */
double hd_incumbent_take_below(hd_incumbent *inc, hd_budget *budget, const hd_scheme *s, double limit, hd_breakdown *price);
/* Does a legal scheme fit?  Not an evaluation; a refusal is remembered as `nearest` while nothing is found. */
bool hd_incumbent_fits(hd_incumbent *inc, const hd_scheme *s);
/* Remember a refusal as `nearest` while nothing is found. */
void hd_incumbent_refused(hd_incumbent *inc, const hd_refusal *why);
/* The method `solver` has no way to go about this problem, and why: nothing is searched. */
void hd_incumbent_decline(hd_incumbent *inc, const char *solver, const hd_refusal *why);
/* How a search that ended by itself ends: `all` = the whole space was seen. */
void hd_incumbent_close(hd_incumbent *inc, const hd_budget *budget, bool all);

/* ---- the card ---- */
enum { HD_SOLVER_EXACT = 1, HD_SOLVER_RANDOMISED = 2, HD_SOLVER_ANYTIME = 4, HD_SOLVER_GRADIENT = 8,
       HD_SOLVER_PROVES = 16, /* fills hd_incumbent.proof */
       HD_SOLVER_LISTS = 32, /* goes through all of a space of its own: outcome IMPROVED = it has seen it whole */
       HD_SOLVER_LOOKS_BACK = 64, /* at hd_problem.makes */
       HD_SOLVER_FOLLOWS = 128 /* hd_space.lead */ };
typedef struct hd_solver {
    const char *name, *title, *paper;
    unsigned traits;
    const hd_option *options; /* may be NULL */
    hd_status (*run)(const struct hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err);
} hd_solver;

extern const hd_solver hd_solver_exhaustive, hd_solver_random, hd_solver_descend, hd_solver_kapla, hd_solver_optimal;
extern const hd_solver hd_solver_directives, hd_solver_nn_dataflow;
extern const hd_solver hd_solver_anneal; /* where the build has XGBoost */

#endif
