/* What the two exhaustive searches of KAPLA's study have in common (Li & Gao 2023; reference sections 6.2, 6.3, 8.1, 8.2):
 * a layer is split over the nodes, every node's part is mapped on its array, and the loops over input channels, output
 * channels and batch are cut in three, in the buffer's loops, the array's loops and the registers, in divisors of what is
 * left, in every order.  They differ in their rules. */
#ifndef HD_SOLVE_PARTITIONED_H
#define HD_SOLVE_PARTITIONED_H

#include "dataflow/kapla_convert.h"
#include "dataflow/kapla_partitions.h"
#include "solve/kapla.h"
#include "solve/solver.h"

/* What is cut: channels in and out, samples, blocks of rows (those turn with the samples). */
enum { HD_CUT_C, HD_CUT_K, HD_CUT_N, HD_CUT_Y, HD_CUTS };
enum { HD_CUT_OUTSIDE, HD_CUT_ARRAY, HD_CUT_REGISTERS, HD_CUT_LEVELS };

typedef struct hd_partitioned_rules {
    bool rows;                     /* blocks of rows are cut, too; else a pass of the array takes all rows */
    bool unfold_taps;              /* filter rows that are folded may lie on idle columns */
    bool few_orders;               /* dense layers: only the innermost loop of a level is a choice, and not always (8.1) */
    unsigned repeats[HD_AXES];     /* bit set of what may be repeated on idle rows and columns of the array */
} hd_partitioned_rules;

/* Parts repeated on the array, per side. */
typedef struct hd_repeats { int64_t copies[HD_AXES][HD_CUTS]; } hd_repeats;

typedef struct hd_partitioned {
    const hd_partitioned_rules *rules;
    const hd_space *space;
    hd_problem read;               /* the space's problem; gradients, which have no mapping here, as the nests that they are */
    hd_budget *budget;
    hd_incumbent *inc;
    int64_t most;                  /* prices */
    bool over;                     /* out of budget: not all was seen */
    hd_kapla_chip chip;
    hd_kapla_layer layer, part;    /* the whole, and one node's */
    hd_kapla_side width, height;   /* of the part's rows and filter rows on the array */
    int64_t unit[HD_CUTS], count[HD_CUTS]; /* extents of a pass, and how many there are */
    int64_t cut[HD_CUT_LEVELS][HD_CUTS];
    hd_kapla_scheme form;
} hd_partitioned;

/* The dim of KAPLA's that a cut is of. */
int hd_cut_dim(int cut);
/* All cuts and orders of one part under one mapping: `unit`, `count`, stacks are set. */
void hd_partitioned_cut(hd_partitioned *p);
/* "most": prices where the budget names none. */
extern const hd_option hd_partitioned_options[];
/* The whole search: the outcome is IMPROVED where all was seen, else EXHAUSTED.  `option_values` may be NULL. */
hd_status hd_partitioned_run(const hd_solver *self, const hd_partitioned_rules *rules, const hd_space *space,
                             const double *option_values, hd_budget *budget, hd_incumbent *incumbent);

#endif
