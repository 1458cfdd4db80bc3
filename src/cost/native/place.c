/* Where one state of one dim lies: piece of given indices, and the last piece a unit reaches. */
#include <assert.h>

#include "base/count.h"
#include "cost/native/nest.h"

bool hd_place(const nest_dim *nd, int digits, int64_t extent, const int64_t *index, int64_t *lo, int64_t *hi)
{
    int64_t position = 0;
    for (int i = 0; i < digits; i++) {
        int64_t offset = index[i] * nd->digit[i].shift;
        if (offset >= extent) return false;
        position += offset;
        extent = hd_count_min(nd->digit[i].shift, extent - offset);
    }
    *lo = position;
    *hi = position + extent;
    return true;
}

void hd_digits_by_time(const nest_dim *nd, int *digit, int n)
{
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && nd->digit[digit[j - 1]].time > nd->digit[digit[j]].time; j--) {
            int d = digit[j];
            digit[j] = digit[j - 1];
            digit[j - 1] = d;
        }
}

void hd_place_last(const nest_dim *nd, int digits, int64_t extent, const int *loop, int loops, int64_t *index,
                   int64_t *lo, int64_t *hi)
{
    bool exists;
    for (int i = 0; i < loops; i++) {
        int d = loop[i];
        index[d] = nd->digit[d].count - 1;
        while (index[d] > 0 && !hd_place(nd, digits, extent, index, lo, hi)) index[d]--;
    }
    exists = hd_place(nd, digits, extent, index, lo, hi);
    assert(exists);
    (void)exists;
}
