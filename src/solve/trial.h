/* A draft beside where a walk stands: dims move and come back, and what is known of the others is not asked again. */
#ifndef HD_SOLVE_TRIAL_H
#define HD_SOLVE_TRIAL_H

#include "solve/trace.h"

typedef struct hd_trial {
    hd_draft draft;
    hd_trace trace;     /* of it, but for the levels' numbers, which are those of where the walk stands, and `fresh` */
    unsigned moved;     /* dims (bits) whose spans may differ from where the walk stands; HD_EVERY_DIM: all else, too */
    unsigned fresh;     /* those of them that the trace has not seen yet */
} hd_trial;

/* Say so before the spans of a dim change. */
static inline void hd_trial_touch(hd_trial *t, int dim)
{
    t->moved |= 1u << dim;
    t->fresh |= 1u << dim;
}

/* Bring the trace up to date. */
static inline void hd_trial_look(const hd_form *form, hd_trial *t)
{
    for (; t->fresh; t->fresh &= t->fresh - 1) hd_trace_dim(form, &t->draft, __builtin_ctz(t->fresh), &t->trace);
}

#endif
