/* The least that the options of one block offer within the room that others leave. */
#ifndef HD_SOLVE_OPTIMAL_LADDER_H
#define HD_SOLVE_OPTIMAL_LADDER_H

#include "solve/optimal.h"

enum { OPT_MAX_LADDERS = 8, OPT_MAX_COLUMNS = (HD_AXES + 1 + HD_ROLES) * HD_MAX_LEVELS + OPT_MAX_PARTS };

typedef struct opt_rung { double value; int option; } opt_rung;
typedef struct opt_ladder { int column; opt_rung *rung; double *least; } opt_ladder;
typedef struct opt_ladders {
    const opt_block *block;
    int n, row, ladders;
    const double *least;              /* of all options */
    opt_ladder ladder[OPT_MAX_LADDERS];
    int of[OPT_MAX_COLUMNS];          /* ladder of each column that takes room, -1 = none; how many times its value */
    double ratio[OPT_MAX_COLUMNS];
} opt_ladders;

/* Over `n` options of a block whose least products are `least`; false where memory is out. */
bool opt_ladders_build(const opt *o, const opt_block *b, const int *option, int n, const double *least, opt_ladders *out);
/* Least products of the options that may fit beside `row`; NULL where none does. */
const double *opt_ladders_least(const opt *o, opt_ladders *l, const double *row);

#endif
