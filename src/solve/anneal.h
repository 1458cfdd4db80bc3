/* The parts of the solver `anneal`: what was measured, where the annealing stands, and what it wants measured next. */
#ifndef HD_SOLVE_ANNEAL_H
#define HD_SOLVE_ANNEAL_H

#include "learn/boost.h"
#include "solve/draft.h"

/* Schemes that were priced: features, cost, and a key that equal schemes share.  A ring: the newest replace the oldest. */
typedef struct hd_trials {
    int64_t room, count, next;
    float *row, *label;          /* label: scratch of the training */
    double *cost;
    uint64_t *key, *sorted;      /* sorted: keys in ascending order, as of the last training */
} hd_trials;

typedef struct hd_wish { float score; uint64_t key; int at; } hd_wish;
/* The schemes of least predicted cost that were not priced yet, best first. */
typedef struct hd_wishes {
    int room, count;
    hd_wish *wish;
    hd_draft *draft;             /* by hd_wish.at */
} hd_wishes;

typedef struct hd_anneal {
    const hd_form *form;
    hd_incumbent *inc;
    hd_budget *budget;
    hd_random *random;
    int columns, points, steps;
    int64_t batch;
    hd_draft *point, *moved;     /* where each walk stands and where it may go */
    int *walk;                   /* points that a step moves */
    float *row, *score;          /* of `point`: features and predicted cost */
    float *moved_row, *moved_score; /* of `moved`, in the order of `walk` */
    hd_trials trials;
    hd_wishes wishes;
} hd_anneal;

/* Features of a draft: log2 of each span and count, the place of each loop in its level's order (0 = no loop), the roles
 * kept by choice.  Two drafts of one form with equal features are the same scheme. */
int hd_draft_feature_count(const hd_form *form);
/* `from` may be NULL, or a draft whose row is known: what they share is taken from there. */
void hd_draft_features(const hd_form *form, const hd_draft *draft, const hd_draft *from, const float *from_row, float *out);
uint64_t hd_features_key(const float *row, int columns);

/* Anneal all points under the trees; fills `wishes`. */
hd_status hd_anneal_wish(hd_anneal *a, const hd_boost *boost, hd_error *err);

#endif
