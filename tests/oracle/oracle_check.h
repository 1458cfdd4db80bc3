/* One case judged: price against replay, and which features of the machine it exercises. */
#ifndef HD_TESTS_ORACLE_CHECK_H
#define HD_TESTS_ORACLE_CHECK_H

#include "cost/model.h"
#include "oracle_cases.h"
#include "verify/replay.h"

typedef enum oracle_verdict {
    ORACLE_SAME,
    ORACLE_ILLEGAL,
    ORACLE_NOT_SERVED, /* the model says so: rare, counted */
    ORACLE_NO_REPLAY,
    ORACLE_LAW, /* the replay breaks a law of conservation */
    ORACLE_DIFFERS
} oracle_verdict;

/* Judge a case.  With `laws_only` the price is not asked.  `why`: the reason of anything but ORACLE_SAME. */
oracle_verdict oracle_judge(const oracle_case *c, bool laws_only, hd_replay *replay, hd_breakdown *price,
                            char why[512]);
/* All counts of both, side by side, differences marked. */
void oracle_print_counts(FILE *to, const oracle_case *c, const hd_breakdown *price, const hd_replay *replay);

/* Features that every run must meet in at least 5 % of its cases. */
enum { ORACLE_FEATURES = 18 };
extern const char *const oracle_feature_name[ORACLE_FEATURES];
unsigned oracle_features(const oracle_case *c, const hd_replay *replay);

/* Smallest recipe found that still gets the verdict ORACLE_DIFFERS (or a law broken). */
void oracle_shrink(oracle_recipe *recipe, bool laws_only);

#endif
