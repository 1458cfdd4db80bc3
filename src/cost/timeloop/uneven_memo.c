/* What the loops inside do from one relative state, remembered.  Full is full: the walk then goes on by itself. */
#include <string.h>

#include "cost/timeloop/uneven.h"

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15u;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93u;
    return h ^ h >> 29;
}

static uint64_t mix_box(uint64_t h, const uneven_box *b, const int64_t *base, int ranks)
{
    for (int r = 0; r < ranks; r++) h = mix(mix(h, (uint64_t)(b->low[r] - base[r])), (uint64_t)b->size[r]);
    return h;
}

uint64_t hd_tl_memo_key(const uneven *u, int loop, const bool *idle)
{
    uint64_t h = mix(0x243f6a8885a308d3u, (uint64_t)loop);
    for (int d = 0; d < u->n->p->op->dims; d++)
        if (u->dims >> d & 1u) h = mix(h, (uint64_t)u->last[d] + 2 * (uint64_t)u->gated[d]);
    for (int i = 0; i < u->lanes; i++) {
        const uneven_state *s = &u->state[i];
        if (idle[i]) continue;
        h = mix(h, (uint64_t)i + 32 * (uint64_t)s->has_tile + 64 * (uint64_t)s->has_direction + 128 * (uint64_t)s->has_delta);
        if (s->has_tile && !u->anew) h = mix_box(h, &s->tile, u->base, u->v->ranks);
        if (s->has_delta) h = mix_box(h, &s->delta, u->base, u->v->ranks);
        for (int r = 0; s->has_direction && r < u->v->ranks; r++) h = mix(h, (uint64_t)s->direction[r]);
    }
    return h;
}

static void move(uneven_state *s, const int64_t *base, int ranks, int sign)
{
    for (int r = 0; r < ranks; r++) {
        s->tile.low[r] += sign * base[r];
        s->delta.low[r] += sign * base[r];
    }
}

bool hd_tl_memo_find(uneven *u, uint64_t key, const bool *idle, uneven_sum *sum)
{
    for (int i = u->entries - 1; i >= 0; i--) {
        if (u->entry[i].key != key) continue;
        *sum = u->entry[i].sum;
        for (int k = 0; k < u->lanes; k++) {
            if (idle[k]) continue;
            u->state[k] = u->slot[u->entry[i].slot + k];
            move(&u->state[k], u->base, u->v->ranks, 1);
        }
        return true;
    }
    return false;
}

void hd_tl_memo_store(uneven *u, uint64_t key, const uneven_sum *sum)
{
    if (u->entries == UNEVEN_ENTRIES || u->slots + u->lanes > UNEVEN_SLOTS) return;
    u->entry[u->entries++] = (uneven_entry){key, *sum, u->slots};
    memcpy(&u->slot[u->slots], u->state, sizeof u->state[0] * (size_t)u->lanes);
    for (int k = 0; k < u->lanes; k++) move(&u->slot[u->slots + k], u->base, u->v->ranks, -1);
    u->slots += u->lanes;
}
