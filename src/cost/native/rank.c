/* What one rank is, whatever the scheme. */
#include "base/count.h"
#include "cost/native/nest.h"

bool hd_rank_is_open(const hd_operator *op, const hd_rank *r)
{
    int64_t last = r->offset;
    for (int t = 0; t < r->terms; t++) last += r->term[t].coef * (op->dim[r->term[t].dim].extent - 1);
    return r->offset >= 0 && last < r->extent;
}

int64_t hd_rank_real_points(const hd_operator *op, const hd_rank *r)
{
    int64_t ea = op->dim[r->term[0].dim].extent, eb = r->terms > 1 ? op->dim[r->term[1].dim].extent : 1;
    int64_t ca = r->term[0].coef, cb = r->terms > 1 ? r->term[1].coef : 0, points = 0;
    if (hd_rank_is_open(op, r)) return ea * eb;
    for (int64_t j = 0; j < eb; j++) { /* first and last index a with 0 <= offset + ca a + cb j < extent */
        int64_t base = r->offset + cb * j;
        int64_t lo = base >= 0 ? 0 : hd_count_ceil_div(-base, ca);
        int64_t hi = r->extent - 1 - base < 0 ? -1 : hd_count_min(ea - 1, (r->extent - 1 - base) / ca);
        if (hi >= lo) points += hi - lo + 1;
    }
    return points;
}

int64_t hd_rank_touched(const hd_operator *op, const hd_rank *r)
{
    int64_t words = 0, end = 0; /* coordinates below end are counted */
    int64_t ea = op->dim[r->term[0].dim].extent, eb = r->terms > 1 ? op->dim[r->term[1].dim].extent : 1;
    int64_t ca = r->term[0].coef, cb = r->terms > 1 ? r->term[1].coef : 1;
    if (r->terms > 1 && cb > ca) { /* walk along the larger step */
        int64_t t = ca;
        ca = cb, cb = t, t = ea, ea = eb, eb = t;
    }
    if (cb == 1) { /* runs of eb coordinates at steps of ca */
        for (int64_t i = 0; i < ea; i++) {
            int64_t lo = hd_count_max(r->offset + ca * i, end), hi = hd_count_min(r->offset + ca * i + eb, r->extent);
            if (hi > lo) words += hi - lo;
            end = hd_count_max(end, hi);
        }
        return words;
    }
    for (int64_t x = 0; x < r->extent; x++) { /* dilated windows: rare, small */
        bool hit = false;
        for (int64_t i = 0; i < ea && !hit; i++) {
            int64_t rest = x - r->offset - ca * i;
            hit = rest >= 0 && rest % cb == 0 && rest / cb < eb;
        }
        words += hit;
    }
    return words;
}
