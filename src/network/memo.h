/* What has been solved: one answer per operator, chip, homes and pin, so that nothing is searched twice. */
#ifndef HD_NETWORK_MEMO_H
#define HD_NETWORK_MEMO_H

#include "network/plan.h"

/* How thoroughly a problem was searched: not, by short searches, where its own and its likes' answers lead, by the solver as it
 * is. */
typedef enum hd_effort {
    HD_EFFORT_NONE, HD_EFFORT_GLANCE, HD_EFFORT_ROUGH, HD_EFFORT_FIRM, HD_EFFORT_WHOLE, HD_EFFORTS
} hd_effort;

typedef struct hd_solved {
    hd_problem problem;        /* borrows operator and chip */
    int pin;                   /* index in the options' pins, or -1 */
    const hd_constraints *limits; /* instead of the options' own; NULL = those */
    hd_incumbent best;         /* its problem is the one above; no space */
    uint64_t stream;           /* of the random numbers it is searched with */
    double space_log10, seconds;
    double stake;              /* most that more search may gain, in costs of a mean layer of the network */
    bool at_home;              /* of a layer with tensors at home: its schemes are many, and a short search is longer */
    hd_effort effort;          /* a larger one may improve on the answer; where nothing was found, none does */
} hd_solved;

typedef struct hd_memo {
    hd_arena *arena;
    int count, room, keys_room;
    hd_solved **item;
    uint64_t *key;             /* equal for equal problems */
} hd_memo;

/* The entry of a problem, or NULL. */
hd_solved *hd_memo_find(const hd_memo *memo, const hd_problem *problem, int pin, const hd_constraints *limits);
/* The same, made (not done) where there is none.  HD_ERR_MEMORY. */
hd_status hd_memo_entry(hd_memo *memo, const hd_plan_options *options, const hd_problem *problem, int pin,
                        const hd_constraints *limits, hd_solved **out, hd_error *err);
/* Search what was searched with less effort, by the options' solver on the options' threads, `seconds` each (0 = no limit).
 * Short searches are for solvers that have an option `work`; the others, and those with a number of evaluations given, search
 * whole.  Problems with limits start from the answers of their likes (leads.h), if the solver can, but for the whole search
 * of those that have something at stake.  A glance costs nothing where a like problem of the memo lends its scheme: the same
 * operator on as many nodes under the same limits, the same of its tensors handed on. */
hd_status hd_memo_solve(const hd_memo *memo, hd_solved *const *item, int count, const hd_plan_options *options, hd_effort effort,
                        double seconds, hd_error *err);

#endif
