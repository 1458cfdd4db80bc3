/* See spans.h. */
#include "cost/native/spans.h"

#include <assert.h>
#include <stdlib.h>

#include "base/count.h"

static void put(span *s, int *n, bool *in_order, int64_t lo, int64_t hi)
{
    if (*n > 0 && lo < s[*n - 1].lo) *in_order = false;
    s[(*n)++] = (span){lo, hi};
}

void hd_spans_add(span_set *s, span now, span old)
{
    if (now.hi <= now.lo) return;
    assert(s->covered < HD_MAX_SPANS);
    put(s->cover, &s->covered, &s->covered_in_order, now.lo, now.hi);
    if (old.hi <= now.lo || now.hi <= old.lo) {
        put(s->need, &s->needed, &s->needed_in_order, now.lo, now.hi);
        return;
    }
    if (now.lo < old.lo) put(s->need, &s->needed, &s->needed_in_order, now.lo, old.lo);
    if (old.hi < now.hi) put(s->need, &s->needed, &s->needed_in_order, old.hi, now.hi);
}

static int by_lo(const void *a, const void *b)
{
    int64_t x = ((const span *)a)->lo, y = ((const span *)b)->lo;
    return x < y ? -1 : x > y;
}

static int64_t joined(span *s, int n, bool in_order)
{
    int64_t words = 0, end = INT64_MIN;
    if (!in_order) qsort(s, (size_t)n, sizeof *s, by_lo);
    for (int i = 0; i < n; i++) {
        int64_t lo = hd_count_max(s[i].lo, end);
        if (s[i].hi > lo) words += s[i].hi - lo;
        end = hd_count_max(end, s[i].hi);
    }
    return words;
}

int64_t hd_spans_covered(span_set *s) { return joined(s->cover, s->covered, s->covered_in_order); }

int64_t hd_spans_needed(span_set *s) { return joined(s->need, s->needed, s->needed_in_order); }
