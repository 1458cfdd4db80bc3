/* What a memory of prices knows a draft by: equal traces, equal schemes. */
#ifndef HD_SOLVE_TRACE_H
#define HD_SOLVE_TRACE_H

#include "solve/draft.h"

/* Its live slots, their spans as one number for each dim (and all of these added up), and what each level keeps and in which
 * order it loops, as one number, too. */
typedef struct hd_trace { hd_live live; uint64_t spans[HD_MAX_DIMS], sum, level[HD_MAX_LEVELS]; } hd_trace;

static inline uint64_t hd_trace_mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

/* Number the spans of a dim whose live slots are known. */
static inline void hd_trace_spans(const hd_draft *draft, int dim, hd_trace *out)
{
    uint64_t h = ((uint64_t)dim + 1) * 0xbf58476d1ce4e5b9u;
    for (uint64_t live = out->live.slots[dim]; live; live &= live - 1) {
        int k = __builtin_ctzll(live);
        h = hd_trace_mix(h, (uint64_t)draft->span[dim][k] * HD_MAX_SLOTS + (uint64_t)k);
    }
    out->sum += h - out->spans[dim];
    out->spans[dim] = h;
}

/* Look again at a dim whose spans may have changed. */
static inline void hd_trace_dim(const hd_form *form, const hd_draft *draft, int dim, hd_trace *out)
{
    hd_draft_renew_live(form, draft, dim, &out->live);
    hd_trace_spans(draft, dim, out);
}

/* The number of a level that has these loops (dims as bits). */
static inline uint64_t hd_trace_level(const hd_form *form, const hd_draft *draft, int l, unsigned loops)
{
    uint64_t order = draft->keep[l];
    if (!form->ordered[l] || !(loops & (loops - 1))) return order;
    for (const unsigned char *next = draft->order[l]; loops; next++) {
        if (!(loops >> *next & 1u)) continue;
        loops ^= 1u << *next;
        order = order * (HD_MAX_DIMS + 1) + *next + 1;
    }
    return order;
}

static inline void hd_trace_levels(const hd_form *form, const hd_draft *draft, hd_trace *out)
{
    for (int l = 0; l < form->levels; l++) out->level[l] = hd_trace_level(form, draft, l, out->live.loops[l]);
}

/* Look at all dims of a draft, but not at its levels. */
static inline void hd_trace_dims(const hd_form *form, const hd_draft *draft, hd_trace *out)
{
    *out = (hd_trace){.sum = 0};
    for (int d = 0; d < form->dims; d++) hd_trace_dim(form, draft, d, out);
}

#endif
