/* How one dimension is cut: every shift and step of every level is one digit of a mixed radix, listed
 * outermost first. Read from the directives alone, by the rules of docs/cost-model.md; nothing here knows a
 * price, and nothing is shared with the digits that the cost models use. */
#ifndef HD_VERIFY_CUTS_H
#define HD_VERIFY_CUTS_H

#include "dataflow/scheme.h"

enum { HD_MAX_CUTS = 64 };

typedef struct hd_cut {
    int level, slot; /* the directive: level, and number among its stacks (space) or updates (time) */
    bool space;
    int64_t shift, count; /* count = ceil(span above / shift) */
} hd_cut;

typedef struct hd_cuts {
    int count;
    hd_cut cut[HD_MAX_CUTS];
} hd_cuts;

/* The digits of dimension `dim`.  Refuses what is no mixed radix, so that callers need not trust it. */
hd_status hd_cuts_of(const hd_problem *p, const hd_scheme *s, int dim, hd_cuts *out, hd_error *err);

#endif
