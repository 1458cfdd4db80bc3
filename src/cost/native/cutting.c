/* See cutting.h. */
#include "cost/native/cutting.h"

#include "base/count.h"

static void keep(cutting *c, int at, int64_t extent, int64_t pieces)
{
    for (int i = 0; i < at; i++)
        if (c->rest[i].extent == extent) {
            c->rest[i].pieces += pieces;
            return;
        }
    c->rest[at].extent = extent;
    c->rest[at].pieces = pieces;
    c->shorts = at + 1;
}

void hd_cutting_all(cutting *c, int64_t shift)
{
    int64_t count = c->extent / shift, rest = c->extent - count * shift, cut_from = c->pieces;
    int shorts = c->shorts;
    c->extent = shift;
    c->pieces *= count;
    c->shorts = 0;
    for (int i = 0; i < shorts; i++) {
        int64_t extent = c->rest[i].extent, pieces = c->rest[i].pieces;
        if (extent >= shift) {
            int64_t full = extent / shift;
            c->pieces += pieces * full;
            extent -= full * shift;
        }
        if (extent > 0) keep(c, c->shorts, extent, pieces);
    }
    if (rest > 0) keep(c, c->shorts, rest, cut_from);
}

void hd_cutting_first(cutting *c, int64_t shift)
{
    int shorts = c->shorts;
    c->extent = shift;
    c->shorts = 0;
    for (int i = 0; i < shorts; i++) {
        if (c->rest[i].extent >= shift)
            c->pieces += c->rest[i].pieces;
        else
            keep(c, c->shorts, c->rest[i].extent, c->rest[i].pieces);
    }
}

void hd_cutting_at(cutting *c, int64_t shift, int64_t index)
{
    cutting old = *c;
    hd_cutting_start(c, shift);
    c->pieces = 0;
    for (int i = -1; i < old.shorts; i++) {
        int64_t extent = (i < 0 ? old.extent : old.rest[i].extent) - index * shift;
        int64_t pieces = i < 0 ? old.pieces : old.rest[i].pieces;
        if (extent >= shift) c->pieces += pieces;
        else if (extent > 0 && pieces > 0) keep(c, c->shorts, extent, pieces);
    }
}

int64_t hd_cutting_pieces(const cutting *c)
{
    int64_t sum = c->pieces;
    for (int i = 0; i < c->shorts; i++) sum += c->rest[i].pieces;
    return sum;
}

int64_t hd_cutting_words(const cutting *c)
{
    int64_t sum = c->pieces * c->extent;
    for (int i = 0; i < c->shorts; i++) sum += c->rest[i].pieces * c->rest[i].extent;
    return sum;
}

int64_t hd_cutting_shortest(const cutting *c)
{
    int64_t least = c->pieces > 0 ? c->extent : INT64_MAX;
    for (int i = 0; i < c->shorts; i++) least = hd_count_min(least, c->rest[i].extent);
    return least;
}
