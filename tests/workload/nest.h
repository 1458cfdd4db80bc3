/* A nest run for real, word by word: small enough to be right at sight.  For tests of operators that are derived. */
#ifndef HD_TESTS_WORKLOAD_NEST_H
#define HD_TESTS_WORKLOAD_NEST_H

#include "workload/operator.h"

/* Where the coordinates `at` (one per rank) of a tensor stand in somebody's array. */
typedef int64_t nest_place(void *user, const hd_operator *op, hd_role role, const int64_t *at);

/* At every point of the nest whose words exist: O += product of the operands that are there (value[role] NULL: 1). */
void nest_run(const hd_operator *op, double *const value[HD_ROLES], nest_place *place, void *user);

#endif
