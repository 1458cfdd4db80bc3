/* Which ways may still become the best? */
#include "network/front.h"

#include <string.h>

static bool grow(hd_front *f, hd_arena *arena)
{
    if (f->count < f->room) return true;
    int room = f->room > 0 ? 2 * f->room : 4;
    const hd_label **list = hd_arena_alloc(arena, (size_t)room, sizeof *list);
    if (!list) return false;
    if (f->count > 0) memcpy(list, f->label, (size_t)f->count * sizeof *list);
    f->label = list;
    f->room = room;
    return true;
}

hd_status hd_front_add(hd_front *f, hd_objective o, const hd_label *label, hd_arena *arena, hd_error *err)
{
    int kept = 0;
    for (int i = 0; i < f->count; i++)
        if (hd_sum_dominates(o, f->label[i]->sum, label->sum)) return HD_OK;
    for (int i = 0; i < f->count; i++)
        if (!hd_sum_dominates(o, label->sum, f->label[i]->sum)) f->label[kept++] = f->label[i];
    f->count = kept;
    hd_label *copy = grow(f, arena) ? hd_arena_alloc(arena, 1, sizeof *copy) : NULL;
    if (!copy) return hd_fail_memory(err);
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
