/* The rules of docs/timeloop.md taken literally: every evaluated iteration, every instance, every box.  Slow, and
 * shares nothing with src/cost/timeloop.  Averages are per instance. */
#ifndef HD_TESTS_COST_TIMELOOP_WALKER_H
#define HD_TESTS_COST_TIMELOOP_WALKER_H

#include "cost/model.h"

typedef struct walker_counts {
    double reads[HD_MAX_LEVELS][HD_ROLES], fills[HD_MAX_LEVELS][HD_ROLES], updates[HD_MAX_LEVELS][HD_ROLES];
    double transfers[HD_MAX_LEVELS][HD_ROLES]; /* into the level, all instances */
    double hops[HD_MAX_LEVELS][HD_ROLES];      /* of the network into the level, all instances */
    double cycles, computes;
} walker_counts;

/* False where the case is too large to walk. */
bool walker_count(const hd_problem *p, const hd_scheme *s, walker_counts *out);

#endif
