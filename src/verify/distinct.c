/* Has this been seen in this step?  Open addressing, doubled when half full; a question costs a constant. */
#include "verify/distinct.h"

static struct hd_distinct_slot *find(const hd_distinct *set, int64_t key) {
    uint64_t hash = (uint64_t)key * UINT64_C(0x9E3779B97F4A7C15);
    uint64_t mask = (uint64_t)set->slots - 1;
    for (uint64_t at = hash >> 32;; at++) {
        struct hd_distinct_slot *slot = &set->slot[at & mask];
        if (slot->round != set->round || slot->key == key) return slot;
    }
}

static hd_status grow(hd_distinct *set, hd_error *err) {
    struct hd_distinct_slot *old = set->slot;
    int64_t count = set->slots;
    struct hd_distinct_slot *slot = hd_arena_alloc(set->arena, (size_t)count * 2, sizeof *slot);
    if (!slot) return hd_fail_memory(err);
    set->slot = slot;
    set->slots = count * 2;
    for (int64_t i = 0; i < count; i++)
        if (old[i].round == set->round) *find(set, old[i].key) = old[i];
    return HD_OK;
}

hd_status hd_distinct_init(hd_distinct *set, hd_arena *arena, hd_error *err) {
    *set = (hd_distinct){.arena = arena, .slots = 64, .round = 1};
    set->slot = hd_arena_alloc(arena, (size_t)set->slots, sizeof *set->slot);
    return set->slot ? HD_OK : hd_fail_memory(err);
}

void hd_distinct_clear(hd_distinct *set) {
    set->members = 0;
    set->round++;
}

hd_status hd_distinct_add(hd_distinct *set, int64_t key, int64_t *order, bool *fresh, hd_error *err) {
    struct hd_distinct_slot *slot = find(set, key);
    *fresh = slot->round != set->round;
    if (*fresh) {
        if (set->members * 2 >= set->slots) {
            HD_TRY(grow(set, err));
            slot = find(set, key);
        }
        *slot = (struct hd_distinct_slot){.key = key, .order = set->members++, .round = set->round};
    }
    *order = slot->order;
    return HD_OK;
}
