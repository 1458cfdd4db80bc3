/* What has been solved: one answer per operator, chip, homes and pin, so that nothing is searched twice. */
#ifndef HD_NETWORK_MEMO_H
#define HD_NETWORK_MEMO_H

#include "network/plan.h"

typedef struct hd_solved {
    hd_problem problem;        /* borrows operator and chip */
    int pin;                   /* index in the options' pins, or -1 */
    const hd_constraints *limits; /* instead of the options' own; NULL = those */
    hd_incumbent best;         /* its problem is the one above; no space */
    uint64_t stream;           /* of the random numbers it is searched with */
    double space_log10, seconds;
    bool done, rough;          /* rough: by a short search; the whole one may improve on it */
} hd_solved;

typedef struct hd_memo {
    hd_arena *arena;
    int count, room;
    hd_solved **item;
} hd_memo;

/* The entry of a problem, or NULL. */
hd_solved *hd_memo_find(const hd_memo *memo, const hd_problem *problem, int pin, const hd_constraints *limits);
/* The same, made (not done) where there is none.  HD_ERR_MEMORY. */
hd_status hd_memo_entry(hd_memo *memo, const hd_plan_options *options, const hd_problem *problem, int pin,
                        const hd_constraints *limits, hd_solved **out, hd_error *err);
/* Search what is not done by the options' solver, on the options' threads, `seconds` each (0 = no limit).  `work` > 0: a short
 * search of so many evaluations, by solvers that have an option `work` larger than that; 0: the whole one, also of what is
 * rough. */
hd_status hd_memo_solve(hd_solved *const *item, int count, const hd_plan_options *options, int64_t work, double seconds,
                        hd_error *err);

#endif
