/* A draft beside where a walk stands: dims move and come back, and what is known of the others is not asked again. */
#ifndef HD_SOLVE_TRIAL_H
#define HD_SOLVE_TRIAL_H

#include "solve/trace.h"

typedef struct hd_trial {
    hd_draft draft;
    hd_trace trace;     /* of it, but for the levels' numbers, which are those of where the walk stands */
    unsigned moved;     /* dims (bits) whose spans may differ from where the walk stands, HD_EVERY_DIM: it may be anywhere */
    unsigned reordered; /* levels (bits) whose order or keep set may differ */
} hd_trial;

/* See what has become of a dim whose spans were changed. */
static inline void hd_trial_look(const hd_form *form, hd_trial *t, int dim)
{
    t->moved |= 1u << dim;
    hd_trace_dim(form, &t->draft, dim, &t->trace);
}

/* Move one of the factors that hd_draft_factors finds in the count of slot `from` to slot `to`; false where that leaves the
 * space, and the dim must come back. */
static inline bool hd_trial_transfer(const hd_form *form, hd_trial *t, int dim, int from, int to, int64_t factor)
{
    t->moved |= 1u << dim;
    if (!form->divides) {
        if (!hd_draft_transfer(form, &t->draft, dim, from, to, factor)) return false;
        hd_trace_dim(form, &t->draft, dim, &t->trace);
        return true;
    }
    hd_draft_give(form, &t->draft, dim, from, to, factor);
    uint64_t slots = t->trace.live.slots[dim] | (uint64_t)1 << to; /* no other slot's count has changed but that of `from` */
    if (hd_draft_count(form, &t->draft, dim, from) == 1) slots ^= (uint64_t)1 << from;
    hd_live_set(form, dim, slots, &t->trace.live);
    hd_trace_spans(&t->draft, dim, &t->trace);
    return true;
}

static inline void hd_trial_reorder(const hd_form *form, hd_trial *t, int level, int dim, bool innermost)
{
    hd_draft_reorder(form, &t->draft, level, dim, innermost);
    t->reordered |= 1u << level;
}

#endif
