/* Distinct things of one step: a set of whole numbers, each with the order in which it first came. */
#ifndef HD_VERIFY_DISTINCT_H
#define HD_VERIFY_DISTINCT_H

#include "base/arena.h"

typedef struct hd_distinct {
    hd_arena *arena;
    int64_t slots, members; /* slots is a power of two */
    uint64_t round;         /* slots of older rounds count as empty, so clearing is free */
    struct hd_distinct_slot {
        int64_t key, order;
        uint64_t round;
    } * slot;
} hd_distinct;

hd_status hd_distinct_init(hd_distinct *set, hd_arena *arena, hd_error *err);
void hd_distinct_clear(hd_distinct *set);
/* Add `key`; `order` is its place among the distinct keys (0, 1, ...), `fresh` whether it is new. */
hd_status hd_distinct_add(hd_distinct *set, int64_t key, int64_t *order, bool *fresh, hd_error *err);

#endif
