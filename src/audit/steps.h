/* Walking through the steps of a proof over an enumerated space. */
#ifndef HD_AUDIT_STEPS_H
#define HD_AUDIT_STEPS_H

#include "audit/enumerate.h"
#include "audit/recount.h"

typedef struct hd_steps {
    const hd_claim *claim;
    const hd_enumeration *space;
    hd_recount *out;
    int64_t tiles;                  /* choices of chains under one keep set */
    unsigned char *seen;            /* by keep set and choice: a step has it */
    double *least;                  /* the cheapest order of it */
    unsigned char *mark;            /* by choice of chains; zero between uses */
    hd_proof_sum sum[HD_ARGUMENTS][HD_PROOF_DEPTHS];
} hd_steps;

/* Number of a keep set among those that the declaration allows; -1: not one of them. */
int64_t hd_keep_index(const hd_proof *proof, const unsigned *keep);
/* Note the first difference, printf style; returns false. */
__attribute__((format(printf, 2, 3))) bool hd_differs(hd_recount *out, const char *format, ...);
/* Add what was not checked, printf style. */
__attribute__((format(printf, 2, 3))) void hd_unchecked(hd_recount *out, const char *format, ...);
/* The sums against each other and the answer. */
bool hd_sums_hold(const hd_claim *claim, hd_recount *out);
/* Recount every step; false where one is not as claimed. */
bool hd_recount_steps(hd_steps *s);

#endif
