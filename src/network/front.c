/* Which ways may still become the best? */
#include "network/front.h"

hd_status hd_front_add(hd_front *f, hd_objective o, const hd_label *label, hd_arena *arena, hd_error *err)
{
    int kept = 0;
    for (int i = 0; i < f->count; i++)
        if (hd_sum_dominates(o, f->label[i]->sum, label->sum)) return HD_OK;
    for (int i = 0; i < f->count; i++)
        if (!hd_sum_dominates(o, label->sum, f->label[i]->sum)) f->label[kept++] = f->label[i];
    f->count = kept;
    const hd_label **list = hd_arena_grow(arena, f->label, sizeof *list, f->count, &f->room, 4);
    hd_label *copy = list ? hd_arena_alloc(arena, 1, sizeof *copy) : NULL;
    if (!copy) return hd_fail_memory(err);
    f->label = list;
    *copy = *label;
    f->label[f->count++] = copy;
    return HD_OK;
}

const hd_label *hd_front_best(const hd_front *f, hd_objective o)
{
    const hd_label *best = NULL;
    for (int i = 0; i < f->count; i++)
        if (!best || hd_sum_better(o, f->label[i]->sum, best->sum)) best = f->label[i];
    return best;
}
