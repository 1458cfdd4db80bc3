/* See border.h. */
#include "cost/native/border.h"

#include "base/count.h"

typedef struct piece { int64_t lo, hi; } piece;

/* The piece of the dim at the level that holds position x. */
static piece piece_at(const nest *n, int dim, int level, int64_t x)
{
    const nest_dim *nd = &n->dim[dim];
    int64_t lo = 0, extent = n->p->op->dim[dim].extent;
    for (int i = 0; i < nd->digits && nd->digit[i].level <= level; i++) {
        int64_t shift = nd->digit[i].shift, offset = (x - lo) / shift * shift;
        lo += offset;
        extent = hd_count_min(shift, extent - offset);
    }
    return (piece){lo, lo + extent};
}

/* Of one piece of the second term (at coordinates base .. base + length - 1), with the pieces of the first that reach over
 * a border. */
static int64_t cut_off(const nest *n, const hd_rank *r, int level, int64_t base, int64_t length)
{
    int64_t words = 0, end = n->p->op->dim[r->term[0].dim].extent, coef = r->term[0].coef;
    int64_t x = 0;
    while (x < end && base + coef * x < 0) { /* over the low one, and perhaps over both */
        piece a = piece_at(n, r->term[0].dim, level, x);
        int64_t lo = base + coef * a.lo, hi = base + coef * (a.hi - 1) + length;
        words += hi - lo - hd_count_max(0, hd_count_min(hi, r->extent) - hd_count_max(lo, 0));
        x = a.hi;
    }
    while (end > x && base + coef * (end - 1) + length > r->extent) {
        piece a = piece_at(n, r->term[0].dim, level, end - 1);
        int64_t lo = base + coef * a.lo, hi = base + coef * (a.hi - 1) + length;
        words += hi - hd_count_max(lo, r->extent);
        end = a.lo;
    }
    return words;
}

int64_t hd_border_words(const nest *n, const hd_rank *r, int level)
{
    if (r->terms == 1) return cut_off(n, r, level, r->offset, 1);
    int64_t words = 0, end = n->p->op->dim[r->term[1].dim].extent, coef = r->term[1].coef;
    for (int64_t x = 0; x < end;) {
        piece b = piece_at(n, r->term[1].dim, level, x);
        words += cut_off(n, r, level, r->offset + coef * b.lo, coef * (b.hi - b.lo - 1) + 1);
        x = b.hi;
    }
    return words;
}
