/* The parts of the timeloop model, one file each; docs/timeloop.md has the rules.
 *
 * Words of Timeloop: level k (0 = outermost memory) owns block k: its temporal loops, and inside them the spatial
 * factors of the network below it.  In directives: block k = the updates and stacks of heddle's level k + 1.
 * The *tile* of level k is everything inside block k's loops, k's own spatial factors included.              */
#ifndef HD_COST_TIMELOOP_TIMELOOP_H
#define HD_COST_TIMELOOP_TIMELOOP_H

#include "cost/model.h"

enum {
    TL_MAX_LOOPS = 80,      /* loops of bound > 1: their product stays below 2^65 */
    TL_MAX_FACTORS = 16,    /* spatial factors of one block: their product is at most TL_MAX_UNITS */
    TL_MAX_UNITS = 1 << 16, /* instances below one parent */
    TL_MAX_LANES = 27,      /* kinds of instances below one parent that end unevenly, imperfect mappings only */
    TL_MAX_UNEVEN = 6,      /* uneven spatial factors outside the parent, imperfect mappings only */
    TL_MAX_UNEVEN_UNITS = 1 << 13 /* instances below one parent, imperfect mappings only */
};

/* Rules that an explanation switches off, one bit each, to see what they do: without.c. */
typedef enum tl_rule {
    TL_RULE_LINKS = 1, TL_RULE_RESET = 2, TL_RULE_WRAPS = 4, TL_RULE_STRIPS = 8, TL_RULE_WHOLE = 16, TL_RULE_PROMOTION = 32,
    TL_RULE_UNEVEN = 64, TL_RULE_DRAIN = 128, TL_RULE_RELOAD = 256, TL_RULE_UNELIDED = 512, TL_RULE_REGISTER = 1024,
    TL_RULE_NO_REUSE = 2048, TL_RULE_FLOWS = TL_RULE_RESET | TL_RULE_WRAPS | TL_RULE_STRIPS | TL_RULE_WHOLE
} tl_rule;

typedef enum tl_option { TL_LINK_TRANSFERS, TL_FIRST_READ_ELISION, TL_TOROIDAL_LINKS } tl_option;

typedef struct tl_loop { int dim; int64_t step, bound, residual; } tl_loop;
typedef struct tl_factor { int dim, axis; int64_t shift, copies, residual; } tl_factor;

/* The spatial factors of one block, those on X first, each axis innermost first. */
typedef struct tl_block { int factors; tl_factor factor[TL_MAX_FACTORS]; int64_t units; } tl_block;

typedef struct tl_nest {
    const hd_problem *p;
    const hd_scheme *s;
    int mac;                              /* the arithmetic level; blocks are 0 .. mac - 1 */
    int loops;
    tl_loop loop[TL_MAX_LOOPS];           /* outermost first, bounds > 1 */
    int end[HD_MAX_LEVELS];               /* the loops of blocks 0 .. k are loop[0 .. end[k]) */
    int64_t outside[TL_MAX_LOOPS + 1];    /* product of the bounds of loop[0 .. i) */
    tl_block block[HD_MAX_LEVELS];
    int64_t instances[HD_MAX_LEVELS];     /* utilised ones */
    bool perfect;                         /* every factor divides */
    unsigned off;                         /* rules switched off: 0 but in explanations */
    int64_t computes_each;                /* points executed by the first arithmetic unit */
} tl_nest;

/* Loops and factors of a legal scheme; false where Timeloop cannot express it, with the reason in `out` (may be NULL). */
bool hd_tl_nest_build(tl_nest *n, const hd_problem *p, const hd_scheme *s, hd_refusal *out);

/* One role's view of the dims: which rank moves by how much. */
typedef struct tl_view {
    hd_role role;
    int ranks;
    int rank[HD_MAX_DIMS];                /* -1: the tensor lacks the dim */
    int64_t coef[HD_MAX_DIMS];
} tl_view;
void hd_tl_view(const hd_operator *op, hd_role role, tl_view *out);
/* Extents of the bounding box of a level's tile, not clipped to the tensor; returns its words. */
int64_t hd_tl_box(const tl_nest *n, const tl_view *v, int level, int64_t size[HD_MAX_RANKS]);
int64_t hd_tl_tensor_words(const hd_operator *op, const tl_view *v);

/* Words through the network of one block, summed over all instances of the level above it. */
typedef struct tl_flow {
    double accesses;                      /* reads of (arrivals at) the level above, equal deltas merged */
    double delivered;                     /* words taken by the instances below, neighbours' gifts excepted */
    double transfers;                     /* words that neighbours passed on */
    double hops;                          /* accesses x hops; only where asked for */
    double most;                          /* largest number of instances served at once */
} tl_flow;

/* What one step of the innermost loops brings, and how often: for perfect factors in closed form. */
typedef struct tl_motion {
    int64_t tile, total;                  /* words of the whole tile; words brought to one instance in all */
    int steps;                            /* kinds of steps whose delta might have been a neighbour's one step before */
    struct { int64_t words, times, by[HD_MAX_RANKS]; } step[TL_MAX_LOOPS];
} tl_motion;
/* `links`: fill in `step`. */
void hd_tl_motion(const tl_nest *n, const tl_view *v, int block, bool links, tl_motion *out);

/* Groups of instances below one parent that get equal deltas. */
int64_t hd_tl_groups(const tl_nest *n, const tl_view *v, int block);
/* Different values of x*i + y*j, i < a, j < b. */
int64_t hd_tl_sums(int64_t x, int64_t a, int64_t y, int64_t b);
/* Does the network into the block's lower level merge the role along the axis? */
bool hd_tl_merges(const tl_nest *n, int block, int axis, hd_role role);
bool hd_tl_may_link(const tl_nest *n, int block, hd_role role);
bool hd_tl_keeps_nothing(const tl_nest *n, int block, hd_role role); /* every step brings whole tiles: MACs, no_reuse */

/* Neighbours and hops of perfect mappings: corrects `flow`. */
void hd_tl_links(const tl_nest *n, const tl_view *v, int block, const tl_motion *motion, bool hops, tl_flow *flow);
/* Everything, for imperfect mappings. */
void hd_tl_uneven(const tl_nest *n, const tl_view *v, int block, bool hops, tl_flow *flow);
bool hd_tl_uneven_fits(const tl_nest *n, hd_refusal *out);

/* Where the instances of a block stand: linear ids, rows of the array's own width. */
typedef struct tl_grid {
    int64_t units, width, height;
    bool torus;
} tl_grid;
void hd_tl_grid(const tl_nest *n, int block, tl_grid *out);
/* Ids of up to four neighbours. */
int hd_tl_neighbours(const tl_grid *g, int64_t id, int64_t out[4]);
/* Hops of words[group] (NULL: one) accesses to each group, summed; group[id] = an id, -1 = not served. */
double hd_tl_hops(const tl_grid *g, const int32_t *group, const double *words);

/* All counts of one role: flows per block, accesses of every level after bypass promotion. */
typedef struct tl_counts {
    bool used, kept[HD_MAX_LEVELS];
    int home;
    tl_flow flow[HD_MAX_LEVELS];          /* as walked, before promotion */
    double accesses[HD_MAX_LEVELS];       /* from below, promoted; all instances */
    double partition[HD_MAX_LEVELS];      /* distinct words through one instance; of O, of all where hops are asked for */
    double reads[HD_MAX_LEVELS], fills[HD_MAX_LEVELS], updates[HD_MAX_LEVELS]; /* all instances */
} tl_counts;
/* The last block of the networks between a level and the next one that keeps the role. */
int hd_tl_served(const tl_nest *n, const tl_counts *c, int level);
typedef struct tl_price { tl_nest nest; tl_counts role[HD_ROLES]; } tl_price;
void hd_tl_count(tl_price *t, const hd_problem *p, const hd_scheme *s, bool hops);
/* One role's counts with the rules `off` switched off. */
void hd_tl_count_without(tl_price *t, const hd_problem *p, const hd_scheme *s, hd_role role, unsigned off);
/* The same for the flow of one block of a perfect mapping, which stands in `flow` as the rules have it. */
void hd_tl_flow_without(const tl_nest *n, const tl_view *v, int block, tl_flow *flow);
/* Accesses of the level of block `first` by the instances of the level inside block `last`, as if one network lay between;
 * `all`: every axis merges.  Negative: too many positions.  `each` (may be NULL): words of one instance. */
double hd_tl_direct(const tl_nest *n, const tl_view *v, int first, int last, bool all, double *each);
/* Timeloop's whole number of accesses of one instance. */
int64_t hd_tl_each(const tl_nest *n, int level, double total);

void hd_tl_energy(const tl_price *t, hd_breakdown *out);
double hd_tl_clusters(const tl_nest *n, int level); /* utilised */
void hd_tl_cycles(const tl_price *t, hd_breakdown *out);
/* Accesses on the network of a block and their hops on average; the energy of one role's traffic. */
double hd_tl_ingresses(const tl_price *t, hd_role role, int block);
double hd_tl_network_pj(const tl_price *t, hd_role role, int block);
/* Slow-down of a level by its bandwidths, 1 = none; words per cycle of one instance. */
double hd_tl_throttle(const tl_price *t, int level, double *read_bw, double *write_bw);

bool hd_tl_serves(const hd_problem *p, hd_refusal *out);
bool hd_tl_fits(const hd_problem *p, const hd_scheme *s, hd_refusal *out);
/* Words that a level holds at most (0 = unlimited). */
int64_t hd_tl_capacity(const hd_level *l, int role);
void hd_tl_bound(const hd_problem *p, hd_bound *out);
void hd_tl_facts(const hd_problem *p, const hd_scheme *s, hd_fact_sink *sink, void *user);
void hd_tl_why(const hd_problem *p, const hd_scheme *s, int level, hd_role role, hd_count_kind count, char out[256]);
void hd_tl_why_term(const hd_problem *p, const hd_scheme *s, hd_price_term term, int level, const hd_breakdown *other,
                    char out[256]);
bool hd_tl_setting(const hd_problem *p, tl_option option);

#endif
