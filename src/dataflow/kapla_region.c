/* See kapla_region.h. */
#include "dataflow/kapla_region.h"

#include <string.h>

#include "base/count.h"

int64_t hd_kapla_nodes(const hd_kapla_region *region) { return region->size[HD_X] * region->size[HD_Y]; }

bool hd_kapla_region_equal(const hd_kapla_region *a, const hd_kapla_region *b)
{
    for (int k = 0; k < HD_AXES; k++)
        if (a->origin[k] != b->origin[k] || a->size[k] != b->size[k] || a->step[k] != b->step[k]) return false;
    return a->wtot == b->wtot && a->wbeg == b->wbeg;
}

void hd_kapla_node(const hd_kapla_region *r, const int64_t at[HD_AXES], int64_t out[HD_AXES])
{
    int64_t x = at[HD_X], y = at[HD_Y];
    if (r->wtot > 0) {
        int64_t begin = r->wbeg > 0 ? r->wbeg : -r->wbeg, run = x + r->wtot - begin;
        bool right = (r->wbeg > 0) != (run / r->wtot % 2 == 1);
        y += run / r->wtot * r->size[HD_Y];
        x = right ? run % r->wtot : r->wtot - 1 - run % r->wtot;
        x -= r->wbeg > 0 ? r->wtot - r->wbeg : -r->wbeg - 1;
    }
    out[HD_X] = r->origin[HD_X] + x * r->step[HD_X];
    out[HD_Y] = r->origin[HD_Y] + y * r->step[HD_Y];
}

void hd_kapla_split_at(const hd_kapla_partition *p, const int64_t at[HD_AXES], int64_t out[HD_KAPLA_SPLITS][HD_AXES])
{
    for (int axis = 0; axis < HD_AXES; axis++) {
        int64_t rest = at[axis];
        for (int i = HD_KAPLA_SPLITS - 1; i >= 0; i--) {
            int kind = p->order[i];
            out[kind][axis] = rest % p->parts[kind][axis];
            rest /= p->parts[kind][axis];
        }
    }
}

void hd_kapla_part(int64_t from, int64_t to, int64_t index, int64_t parts, int64_t *out_from, int64_t *out_to)
{
    *out_from = from + index * (to - from) / parts;
    *out_to = from + (index + 1) * (to - from) / parts;
}

hd_kapla_range hd_kapla_part_of(const hd_kapla_range *whole, const hd_kapla_partition *p, const int64_t at[HD_AXES])
{
    static const int kind_of[HD_KAPLA_RANKS] = {HD_KAPLA_BATP, HD_KAPLA_OUTP, HD_KAPLA_OFMP, HD_KAPLA_OFMP};
    int64_t split[HD_KAPLA_SPLITS][HD_AXES];
    hd_kapla_range out;
    hd_kapla_split_at(p, at, split);
    for (int k = 0; k < HD_KAPLA_RANKS; k++) {
        int kind = kind_of[k];
        int64_t wide = p->parts[kind][HD_X], parts = wide * p->parts[kind][HD_Y],
                index = split[kind][HD_Y] * wide + split[kind][HD_X];
        if (kind == HD_KAPLA_OFMP) { /* rows along h, columns along w */
            int axis = k == 2 ? HD_Y : HD_X;
            parts = p->parts[kind][axis];
            index = split[kind][axis];
        }
        hd_kapla_part(whole->from[k], whole->to[k], index, parts, &out.from[k], &out.to[k]);
    }
    return out;
}

hd_kapla_partition hd_kapla_project(const hd_kapla_partition *p, const int64_t size[HD_AXES])
{
    hd_kapla_partition out = *p;
    for (int axis = 0; axis < HD_AXES; axis++) {
        int64_t product = 1, room = size[axis];
        out.parts[HD_KAPLA_INPP][axis] = 1;
        for (int kind = 0; kind < HD_KAPLA_SPLITS; kind++) product *= out.parts[kind][axis];
        if (room > product) {
            out.parts[HD_KAPLA_BATP][axis] *= room / product;
            continue;
        }
        for (int i = HD_KAPLA_SPLITS - 1; i >= 0; i--) {
            int64_t *parts = &out.parts[p->order[i]][axis];
            *parts = hd_count_min(*parts, room);
            room /= *parts;
        }
    }
    return out;
}

bool hd_kapla_partition_equal(const hd_kapla_partition *a, const hd_kapla_partition *b)
{
    return memcmp(a->order, b->order, sizeof a->order) == 0 && memcmp(a->parts, b->parts, sizeof a->parts) == 0;
}

int64_t hd_kapla_range_words(const hd_kapla_range *r) { return hd_kapla_overlap_words(r, r); }

int64_t hd_kapla_overlap_words(const hd_kapla_range *a, const hd_kapla_range *b)
{
    int64_t words = 1;
    for (int k = 0; k < HD_KAPLA_RANKS; k++) {
        int64_t from = hd_count_max(a->from[k], b->from[k]), to = hd_count_min(a->to[k], b->to[k]);
        words *= hd_count_max(to - from, 0);
    }
    return words;
}
