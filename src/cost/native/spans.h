/* Unions of intervals of one coordinate: what some unit covers, and what some unit does not hold yet. */
#ifndef HD_COST_NATIVE_SPANS_H
#define HD_COST_NATIVE_SPANS_H

#include <stdbool.h>
#include <stdint.h>

enum { HD_MAX_SPANS = 4096 };

typedef struct span { int64_t lo, hi; } span;
typedef struct span_set {
    int covered, needed;
    bool covered_in_order, needed_in_order; /* by rising lo, as most come */
    span cover[HD_MAX_SPANS], need[2 * HD_MAX_SPANS];
} span_set;

static inline void hd_spans_clear(span_set *s)
{
    s->covered = s->needed = 0;
    s->covered_in_order = s->needed_in_order = true;
}

/* A unit's box now and before; empty boxes add nothing.  At most HD_MAX_SPANS units. */
void hd_spans_add(span_set *s, span now, span old);
/* Words of the unions; the sets may be sorted by the call. */
int64_t hd_spans_covered(span_set *s);
int64_t hd_spans_needed(span_set *s);

#endif
