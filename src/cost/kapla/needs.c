/* What one node of a partition needs of each tensor (kapla.md 5.3): its part of the output, and the input and weights that
 * part takes; back layers look from the gradient of the output to the gradient of the input.                          */
#include "base/count.h"
#include "cost/kapla/form.h"

typedef struct interval { int64_t from, to; } interval;

/* Index along a kind of split as one number, h before w. */
static interval cut(int64_t extent, const hd_kapla_partition *p, int64_t split[HD_KAPLA_SPLITS][HD_AXES], int kind)
{
    interval out;
    int64_t wide = p->parts[kind][HD_X];
    hd_kapla_part(0, extent, split[kind][HD_Y] * wide + split[kind][HD_X], wide * p->parts[kind][HD_Y], &out.from, &out.to);
    return out;
}

/* Gradient rows that touch input rows [from, to): the first whose window reaches `from`, the last that begins before `to`;
 * the research code leaves the last one out. */
static interval reversed(unsigned fixes, interval out, int64_t extent, int64_t filter, int64_t stride)
{
    int64_t last = extent - out.to < filter ? (extent - filter) / stride : (out.to - 1) / stride;
    interval in = {out.from < filter ? 0 : hd_count_ceil_div(out.from + 1 - filter, stride),
                   last + (fixes & HD_KAPLA_FIX_REGION ? 1 : 0)};
    return in.to < in.from ? (interval){in.from, in.from} : in;
}

static interval pixels(const hd_kapla_layer *l, unsigned fixes, interval out, bool rows)
{
    int64_t filter = rows ? l->hfil : l->wfil, stride = rows ? l->htrd : l->wtrd, extent = rows ? l->hofm : l->wofm;
    if (hd_kapla_is_back(l->type)) return reversed(fixes, out, extent, filter, stride);
    return (interval){out.from * stride, hd_count_max(out.from * stride, (out.to - 1) * stride + filter)};
}

/* The research code lets a local layer read a channel more than its region has, and an element-wise one too few. */
static interval channels(const hd_kapla_layer *l, unsigned fixes, interval in, interval out)
{
    if (!hd_kapla_is_channelwise(l->type)) return in;
    if (!hd_kapla_is_local(l->type)) return out;
    if (!(fixes & HD_KAPLA_FIX_REGION))
        return (interval){hd_count_max(0, out.from - l->nreg / 2), hd_count_min(l->nifm, out.to + l->nreg - l->nreg / 2)};
    if (hd_kapla_is_back(l->type)) return (interval){out.from / l->ntrd, hd_count_ceil_div(out.to, l->ntrd)};
    return (interval){out.from * l->ntrd, hd_count_max(out.from, out.to) * l->ntrd};
}

static void put(hd_kapla_range *r, int rank, interval i) { r->from[rank] = i.from, r->to[rank] = i.to; }

void hd_kapla_needs(const hd_kapla_scheme *s, unsigned fixes, const int64_t at[HD_AXES], hd_kapla_range need[HD_KAPLA_TENSORS])
{
    enum { BATCH, CHANNELS, ROWS, COLUMNS };
    const hd_kapla_layer *l = &s->layer;
    const hd_kapla_partition *p = &s->partition;
    int64_t split[HD_KAPLA_SPLITS][HD_AXES];
    hd_kapla_split_at(p, at, split);
    interval batch = cut(l->batch, p, split, HD_KAPLA_BATP), out = cut(l->nofm, p, split, HD_KAPLA_OUTP),
             in = cut(l->nifm, p, split, HD_KAPLA_INPP), row, column, point = {0, 1};
    hd_kapla_part(0, l->hofm, split[HD_KAPLA_OFMP][HD_Y], p->parts[HD_KAPLA_OFMP][HD_Y], &row.from, &row.to);
    hd_kapla_part(0, l->wofm, split[HD_KAPLA_OFMP][HD_X], p->parts[HD_KAPLA_OFMP][HD_X], &column.from, &column.to);
    put(&need[HD_KAPLA_O], BATCH, batch);
    put(&need[HD_KAPLA_O], CHANNELS, out);
    put(&need[HD_KAPLA_O], ROWS, row);
    put(&need[HD_KAPLA_O], COLUMNS, column);
    put(&need[HD_KAPLA_I], BATCH, batch);
    put(&need[HD_KAPLA_I], CHANNELS, channels(l, fixes, in, out));
    put(&need[HD_KAPLA_I], ROWS, pixels(l, fixes, row, true));
    put(&need[HD_KAPLA_I], COLUMNS, pixels(l, fixes, column, false));
    put(&need[HD_KAPLA_W], BATCH, hd_kapla_is_channelwise(l->type) ? point : in); /* its input channels */
    put(&need[HD_KAPLA_W], CHANNELS, out);
    put(&need[HD_KAPLA_W], ROWS, (interval){0, hd_kapla_is_local(l->type) ? 0 : l->hfil});
    put(&need[HD_KAPLA_W], COLUMNS, (interval){0, l->wfil});
}
