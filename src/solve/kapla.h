/* The parts of KAPLA's intra-layer solver (Li & Gao 2023; reference sections 6.1, 6.4, 7.6, 7.7): a template says how
 * one pass runs on the array of elements, filling spends elements, registers, nodes and buffers from the inside out,
 * directives write the result down.  All pure functions.  The w side is X, the h side Y.   */
#ifndef HD_SOLVE_KAPLA_H
#define HD_SOLVE_KAPLA_H

#include "cost/kapla/kapla.h"

enum { HD_KAPLA_NODE, HD_KAPLA_ELEMENT, HD_KAPLA_UNITS }; /* a node with its buffer, an element with its registers */

/* The space there is to spend. */
typedef struct hd_kapla_room {
    int64_t units[HD_KAPLA_UNITS][HD_AXES];
    double words[HD_KAPLA_UNITS];             /* usable words of one unit */
    bool share;                               /* nodes with equal blocks hold a part each */
} hd_kapla_room;

/* How one pass runs on the array (6.1, 6.4): at most two stacks; it slides, folds rows and taps, sums maps. */
enum { HD_KAPLA_BASE_STACKS = 2, HD_KAPLA_BASE_UPDATES = 4 };
typedef struct hd_kapla_template {
    hd_kapla_layer layer;
    bool systolic;
    int64_t loops[HD_KAPLA_DIMS];             /* passes left along each dim of the three loops; 1 elsewhere */
    int64_t copies[HD_AXES];                  /* how often the logical array fits */
    int64_t used[HD_AXES];                    /* columns and rows of the logical array */
    int64_t tensor[HD_KAPLA_UNITS][HD_KAPLA_DIMS];
    int stacks, updates;
    hd_kapla_move stack[HD_KAPLA_BASE_STACKS], update[HD_KAPLA_BASE_UPDATES];
    int64_t unit_ops;
} hd_kapla_template;

/* One side of the logical array on the real one: `folds` pieces in time, or `copies` in space. */
typedef struct hd_kapla_side { int64_t folds, copies, used; } hd_kapla_side;
hd_kapla_side hd_kapla_lay(int64_t wanted, int64_t units);
/* Folds of one side that the copies of the other can take (6.2). */
void hd_kapla_unfold(hd_kapla_side *from, hd_kapla_side *onto, int64_t wanted);

/* False where the template does not serve the type (no training on the systolic array). */
bool hd_kapla_row_stationary(const hd_kapla_layer *layer, const hd_kapla_room *room, hd_kapla_template *out);
bool hd_kapla_systolic(const hd_kapla_layer *layer, const hd_kapla_room *room, hd_kapla_template *out);

/* What a segment asks of a layer (7.4): iterations of the outermost buffer loops per loop, 0 = free. */
typedef struct hd_kapla_demand {
    int64_t top[HD_KAPLA_LOOPS];
    bool source_on_chip, destination_on_chip;
} hd_kapla_demand;

/* A candidate while it is filled: which factor went where. */
typedef struct hd_kapla_fill {
    const hd_kapla_template *base;
    int order[HD_KAPLA_UNITS][HD_KAPLA_LOOPS];               /* position of each loop, 0 = innermost */
    int64_t rest[HD_KAPLA_DIMS];                             /* iterations left outside */
    int64_t tensor[HD_KAPLA_UNITS][HD_KAPLA_DIMS];
    int64_t copies[HD_KAPLA_UNITS][HD_AXES][HD_KAPLA_DIMS];
    int64_t growth[HD_KAPLA_UNITS][HD_KAPLA_DIMS];           /* of the tensors, once the units are spent */
    int64_t top[HD_KAPLA_LOOPS];
} hd_kapla_fill;

/* Spend `slots` units of each axis on the level's loops against refetching; what is left in `slots` found no use. */
void hd_kapla_fill_stack(hd_kapla_fill *f, int level, int64_t slots[HD_AXES]);
/* Grow the level's tensors (the registers' together with the buffer's) while they fit; false where they do not to begin
 * with. */
bool hd_kapla_fill_tensor(hd_kapla_fill *f, const hd_kapla_room *room, int level);
/* Steps A to D under one pair of orders and a demand; false where the pair is pruned or leads nowhere.  `any_nodes`: some
 * nodes may stay idle. */
bool hd_kapla_descend(const hd_kapla_template *base, const hd_kapla_room *room, const hd_kapla_demand *demand,
                      const int order[HD_KAPLA_UNITS][HD_KAPLA_LOOPS], bool any_nodes, hd_kapla_fill *out);
/* The directives of a filled candidate (7.7). */
void hd_kapla_write(const hd_kapla_fill *f, hd_kapla_scheme *out);

/* The six orders of three loops as positions, in the order in which they are tried; a pair for nodes and for elements. */
enum { HD_KAPLA_ORDERS = 6, HD_KAPLA_PAIRS = HD_KAPLA_ORDERS * HD_KAPLA_ORDERS };
_Static_assert((int)HD_KAPLA_PAIRS == (int)HD_KAPLA_TRIES, "a partition per pair");
extern const int hd_kapla_orders[HD_KAPLA_ORDERS][HD_KAPLA_LOOPS];

/* The room of a chip of which the layer has a region. */
hd_kapla_room hd_kapla_room_of(const hd_kapla_chip *chip, unsigned fixes, const hd_kapla_region *region);
/* Show the candidate of every pair that leads to one, until `visit` returns false; false where there is none. */
typedef bool hd_kapla_visit(const hd_kapla_scheme *candidate, void *user);
bool hd_kapla_each(const hd_kapla_layer *layer, bool systolic, const hd_kapla_room *room, const hd_kapla_demand *demand,
                   hd_kapla_visit *visit, void *user);

/* One layer on a region of a chip, priced by KAPLA's evaluator. */
typedef struct hd_kapla_problem {
    hd_kapla_layer layer;
    bool systolic;
    const hd_kapla_chip *chip;
    unsigned fixes;                           /* of the evaluator; 0 = as the research code */
    const hd_kapla_place *place;
    hd_kapla_demand demand;
    hd_objective objective;
} hd_kapla_problem;
/* The partitions of a layer's candidates; those of a compat problem's, none where KAPLA has no such layer. */
void hd_kapla_find_tries(const hd_kapla_layer *layer, bool systolic, const hd_kapla_room *room, hd_kapla_tries *out);
void hd_kapla_tries_of(const hd_problem *p, hd_kapla_tries *out);

/* What the research code compares: energy, or the three times of a layer added up, or the product of both. */
double hd_kapla_value(const hd_kapla_cost *cost, hd_objective objective);
/* The first of the cheapest; false where no pair leads to a scheme. */
bool hd_kapla_search(const hd_kapla_problem *p, hd_kapla_scheme *best, hd_kapla_cost *cost);

#endif
