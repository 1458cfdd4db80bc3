/* Is a proof true?  Its sums are added again; where it is written step by step for a small space, the space is enumerated
 * from its declaration, every scheme priced, and every step recounted: no scheme in two parts, none below the bound
 * that discards it, none that fits where there is said to be no room, none below the best.           */
#ifndef HD_AUDIT_RECOUNT_H
#define HD_AUDIT_RECOUNT_H

#include "cost/model.h"
#include "dataflow/proof.h"

/* What is claimed of one operator. */
typedef struct hd_claim {
    const hd_proof *proof;
    const hd_problem *problem;
    const hd_model *model;
    hd_objective objective;
    bool found, proved;
    double cost, lower_bound;
    hd_scheme scheme;              /* where found */
    const char *space;             /* its words, "template,bypass"; NULL = not known */
} hd_claim;

typedef struct hd_recount {
    bool holds, whole;             /* whole: every scheme of the space was looked at */
    hd_wide schemes;               /* looked at: orders of loops that do not turn included */
    int64_t prices;
    char difference[512];          /* the first thing that is not as claimed */
    char unchecked[512];           /* what was taken as it is said; "" = nothing */
} hd_recount;

enum { HD_RECOUNT_MOST = 2000000 }; /* schemes of a space that is enumerated */

/* HD_OK also where the claim does not hold; errors are of memory alone. */
hd_status hd_recount_claim(const hd_claim *claim, hd_recount *out, hd_error *err);

#endif
