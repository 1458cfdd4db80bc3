/* See spans.h. */
#include "cost/native/spans.h"

#include <assert.h>
#include <stddef.h>

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

/* By rising lo, in place: qsort may allocate. */
static void sort(span *s, int n)
{
    static const int GAPS[] = {1750, 701, 301, 132, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < sizeof GAPS / sizeof *GAPS; g++)
        for (int i = GAPS[g]; i < n; i++) {
            span moving = s[i];
            int k = i;
            for (; k >= GAPS[g] && s[k - GAPS[g]].lo > moving.lo; k -= GAPS[g]) s[k] = s[k - GAPS[g]];
            s[k] = moving;
        }
}

static int64_t joined(span *s, int n, bool in_order)
{
    int64_t words = 0, end = INT64_MIN;
    if (!in_order) sort(s, n);
    for (int i = 0; i < n; i++) {
        int64_t lo = hd_count_max(s[i].lo, end);
        if (s[i].hi > lo) words += s[i].hi - lo;
        end = hd_count_max(end, s[i].hi);
    }
    return words;
}

int64_t hd_spans_covered(span_set *s) { return joined(s->cover, s->covered, s->covered_in_order); }

int64_t hd_spans_needed(span_set *s) { return joined(s->need, s->needed, s->needed_in_order); }
