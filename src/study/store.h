/* Runs that have ended, in a file that grows by a line with each: what a study need not do twice. */
#ifndef HD_STUDY_STORE_H
#define HD_STUDY_STORE_H

#include "base/text.h"
#include "network/plan.h"

/* What one method found for one operator. */
typedef struct hd_run {
    bool found;
    hd_outcome outcome;
    double cost, lower_bound, seconds; /* CPU */
    double energy_pj, cycles;  /* of the schedule found */
    int64_t evaluations;
    bool outside;              /* the schedule is none of the space's: no proof speaks of it */
} hd_run;

typedef struct hd_store hd_store;

/* Read what is in the file, which is made where it is not there.  Lines that are damaged are counted and passed over. */
hd_status hd_store_open(const char *path, hd_store **out, hd_error *err);
void hd_store_close(hd_store *store); /* NULL is fine */
int hd_store_damaged(const hd_store *store);
/* All that the answer depends on, as one line of text: operator, chip, model, objective, space, solver, values, seed, limits. */
void hd_store_question(const hd_operator *op, const hd_arch *arch, const hd_plan_options *options, hd_text *text);
/* The last answer to a question.  Both may be called by several threads at once. */
bool hd_store_find(hd_store *store, const char *question, hd_run *out);
/* Append and flush. */
hd_status hd_store_add(hd_store *store, const char *question, const hd_run *run, hd_error *err);

#endif
