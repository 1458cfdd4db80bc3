/* How far is each search method from the proved optimum, operator by operator? */
#ifndef HD_STUDY_OVERHEAD_H
#define HD_STUDY_OVERHEAD_H

#include <stdatomic.h>

#include "study/store.h"

typedef struct hd_method {
    const hd_solver *solver;
    const double *values;      /* NULL = standards */
    int like;                  /* number of an earlier method whose effort is the budget; 0 = as the options say */
    bool like_seconds;         /* effort in CPU seconds, not in evaluations */
} hd_method;

typedef struct hd_overhead_options {
    hd_plan_options plan;      /* solver and its values unused; seconds per operator and run; evaluations bind the methods */
    hd_method judge;           /* whose proofs are the measure */
    int methods;
    const hd_method *method;
    hd_store *store;           /* runs that need not be done again; NULL = none */
} hd_overhead_options;

/* One distinct operator of a network on a chip: the judge's run, then the methods'. */
typedef struct hd_contest {
    int pair, layers;          /* layers of the network that are this operator */
    bool done;                 /* false: not reached, or cut off by an interrupt */
    hd_network net;            /* the operator alone */
    hd_layer layer;
    hd_run judge, *method;
    hd_plan *odd;              /* a schedule that costs less than somebody's bound */
    char what[512];            /* ... in words */
} hd_contest;

typedef struct hd_pair { const hd_network *net; const hd_arch *arch; int first, count; } hd_pair;

typedef struct hd_overheads {
    hd_arena *arena;
    hd_overhead_options options;
    int pairs, contests, odd;  /* odd: the first contest with a contradiction, -1 = none */
    hd_pair *pair;
    hd_contest *contest;
    atomic_int done;
    bool interrupted;
    double seconds;
} hd_overheads;

/* Of the contests of a pair, or of all. */
typedef struct hd_overhead_sum {
    int operators, done, proved, none;   /* none: proved to have no schedule, or not served by the model */
    double seconds, worst_gap;           /* of the judge; the gap over those that it did not prove */
    int worst;                           /* the contest of worst_gap, or -1 */
} hd_overhead_sum;
typedef struct hd_method_sum {
    int compared, missed, worst;         /* proved and found; proved but not found; the contest of `most`, or -1 */
    double mean, most, seconds;          /* overheads, as shares of the optimum */
    int64_t evaluations;
} hd_method_sum;

/* Networks and chips are borrowed.  HD_OK also where a contradiction stopped the run: ask `odd`. */
hd_status hd_overheads_run(const hd_network *const *net, int nets, const hd_arch *const *arch, int archs,
                           const hd_overhead_options *options, hd_overheads **out, hd_error *err);
void hd_overheads_free(hd_overheads *x); /* NULL is fine */

bool hd_contest_proved(const hd_contest *c);
/* cost / optimum - 1; NAN where that is not known. */
double hd_contest_overhead(const hd_contest *c, int method);
/* pair -1 = all */
void hd_overheads_sum(const hd_overheads *x, int pair, hd_overhead_sum *out);
void hd_overheads_method(const hd_overheads *x, int pair, int method, hd_method_sum *out);

void hd_overheads_table(const hd_overheads *x, hd_text *text);
/* `reproducible` leaves out what varies from run to run. */
void hd_overheads_json(const hd_overheads *x, bool reproducible, const char *version, hd_text *text);
void hd_overheads_csv(const hd_overheads *x, bool reproducible, hd_text *text);

#endif
