/* One evaluated step of an imperfect mapping: what every lane receives, and how the network serves it. */
#include <stdlib.h>
#include <string.h>

#include "cost/timeloop/uneven.h"

void hd_tl_uneven_add(uneven_sum *to, const uneven_sum *from, int64_t times)
{
    double t = (double)times;
    to->words += t * from->words;
    to->accesses += t * from->accesses;
    to->linked += t * from->linked;
    to->transfers += t * from->transfers;
    to->hops += t * from->hops;
    to->linked_hops += t * from->linked_hops;
}

/* The lane's tile now; false where it is idle. */
static bool lane_tile(const uneven *u, int lane, uneven_box *out)
{
    const tl_block *b = &u->n->block[u->block];
    bool last[HD_MAX_DIMS];
    memcpy(last, u->last, sizeof last);
    for (int i = u->own - 1; i >= 0; i--, lane /= 3) {
        int d = b->factor[u->own_factor[i]].dim, place = lane % 3;
        if (!last[d]) continue;
        if (place == UNEVEN_PAST) return false;
        last[d] = place == UNEVEN_AT;
    }
    for (int r = 0; r < u->v->ranks; r++) {
        out->low[r] = u->base[r];
        out->size[r] = 1;
    }
    for (int d = 0; d < u->n->p->op->dims; d++)
        if (u->v->rank[d] >= 0) out->size[u->v->rank[d]] += u->v->coef[d] * ((last[d] ? u->tail[d] : u->whole[d]) - 1);
    return true;
}

/* New tile minus old one where they differ in one rank only and overlap in it; false = nothing moves. */
static bool difference(const uneven_box *new, const uneven_box *old, int ranks, uneven_box *out)
{
    int differs = -1;
    *out = *new;
    for (int r = 0; r < ranks; r++) {
        if (new->low[r] == old->low[r] && new->size[r] == old->size[r]) continue;
        if (differs >= 0) return true;
        differs = r;
    }
    if (differs < 0) return false;
    int64_t low = new->low[differs], high = low + new->size[differs];
    int64_t held = old->low[differs], end = held + old->size[differs];
    if (end <= low || held >= high || (held > low && end < high)) return true; /* apart, or inside: no strip */
    if (held <= low && end >= high) return false;
    out->low[differs] = held <= low ? end : low;
    out->size[differs] = held <= low ? high - end : held - low;
    return true;
}

/* Updates the lane's memory; returns whether anything moves. */
static bool lane_delta(const uneven *u, uneven_state *s, const uneven_box *tile, uneven_box *out)
{
    bool moves = true, turned = false;
    int64_t by[HD_MAX_RANKS];
    for (int r = 0; r < u->v->ranks; r++) {
        by[r] = tile->low[r] - s->tile.low[r];
        turned |= s->has_direction && by[r] != s->direction[r];
    }
    if (!s->has_tile || u->anew || (turned && !(u->n->off & TL_RULE_RESET))) {
        *out = *tile;
        s->has_direction = false;
    } else {
        moves = difference(tile, &s->tile, u->v->ranks, out);
        s->has_direction = true;
        memcpy(s->direction, by, sizeof by);
    }
    s->has_tile = true;
    s->tile = *tile;
    return moves;
}

static int64_t words_of(const uneven_box *b, int ranks)
{
    int64_t words = 1;
    for (int r = 0; r < ranks; r++) words *= b->size[r];
    return words;
}

static bool same_here(const uneven *u, const uneven_box *a, int64_t id, const uneven_box *b, int64_t other)
{
    int ranks = u->v->ranks;
    for (int r = 0; r < ranks; r++)
        if (a->size[r] != b->size[r] || a->low[r] + u->offset[id * ranks + r] != b->low[r] + u->offset[other * ranks + r])
            return false;
    return true;
}

static uint64_t hash_of(const uneven *u, const uneven_box *b, int64_t id)
{
    uint64_t h = (uint64_t)u->alone[id] * 0x9e3779b97f4a7c15u;
    for (int r = 0; r < u->v->ranks; r++) {
        h = (h ^ (uint64_t)(b->low[r] + u->offset[id * u->v->ranks + r])) * 0xd6e8feb86659fd93u;
        h = (h ^ (uint64_t)b->size[r] ^ h >> 31) * 0x9e3779b97f4a7c15u;
    }
    return h ^ h >> 32;
}

static void find_groups(uneven *u, const uneven_box *delta, const bool *moves)
{
    uint64_t mask = 1;
    while ((int64_t)mask < 2 * u->grid.units) mask *= 2;
    memset(u->table, 0xff, sizeof u->table[0] * mask);
    mask--;
    for (int64_t id = 0; id < u->grid.units; id++) {
        int lane = u->lane_of[id];
        u->group[id] = -1;
        if (!moves[lane]) continue;
        for (uint64_t at = hash_of(u, &delta[lane], id) & mask;; at = (at + 1) & mask) {
            int32_t first = u->table[at];
            if (first < 0) u->table[at] = first = (int32_t)id;
            if (first != id && (u->alone[first] != u->alone[id] ||
                                !same_here(u, &delta[u->lane_of[first]], first, &delta[lane], id)))
                continue;
            u->group[id] = first;
            break;
        }
    }
}

/* Instances that some neighbour can serve with its delta of the step before. */
static bool neighbour_serves(const uneven *u, const uneven_state *before, const uneven_box *delta, int64_t id)
{
    int64_t other[4];
    int count = hd_tl_neighbours(&u->grid, id, other);
    for (int i = 0; i < count; i++) {
        const uneven_state *s = &before[u->lane_of[other[i]]];
        if (s->has_delta && same_here(u, &delta[u->lane_of[id]], id, &s->delta, other[i])) return true;
    }
    return false;
}

/* Could some neighbour's last delta be some lane's next one, as far as positions reach? */
static bool may_serve(const uneven *u, const uneven_box *delta, const bool *moves, const uneven_state *before)
{
    for (int a = 0; a < u->lanes; a++)
        for (int b = 0; moves[a] && b < u->lanes; b++) {
            bool reaches = before[b].has_delta;
            for (int r = 0; reaches && r < u->v->ranks; r++) {
                int64_t by = delta[a].low[r] - before[b].delta.low[r];
                reaches = delta[a].size[r] == before[b].delta.size[r] && by <= u->range[r] && -by <= u->range[r];
            }
            if (reaches) return true;
        }
    return false;
}

typedef struct interval { int64_t low, end; } interval;

static int by_low(const void *a, const void *b)
{
    int64_t x = ((const interval *)a)->low, y = ((const interval *)b)->low;
    return (x > y) - (x < y);
}

/* Words that the instances still to be served get between them, overlaps once: what they get is a product over ranks. */
static double distinct_words(const uneven *u, const uneven_box *delta)
{
    interval list[TL_MAX_UNEVEN_UNITS];
    double words = 1;
    for (int r = 0; r < u->v->ranks; r++) {
        size_t count = 0;
        int64_t covered = 0;
        for (int64_t id = 0; id < u->grid.units; id++) {
            const uneven_box *box = &delta[u->lane_of[id]];
            int64_t low = box->low[r] + u->offset[id * u->v->ranks + r];
            if (u->group[id] >= 0) list[count++] = (interval){low, low + box->size[r]};
        }
        if (count == 0) return 0;
        qsort(list, count, sizeof *list, by_low);
        for (size_t i = 0, to = 0; i < count; i++) {
            int64_t from = i > 0 && list[i].low < list[to].end ? list[to].end : list[i].low;
            if (list[i].end > from) covered += list[i].end - from;
            if (list[i].end > list[to].end) to = i;
        }
        words *= (double)covered;
    }
    interval apart[TL_MAX_UNEVEN_UNITS];
    size_t count = 0, copies = 1;
    for (int64_t id = 0; id < u->grid.units; id++)
        if (u->group[id] >= 0) apart[count++] = (interval){u->alone[id], 0};
    qsort(apart, count, sizeof *apart, by_low);
    for (size_t i = 1; i < count; i++) copies += apart[i].low != apart[i - 1].low;
    return words * (double)copies;
}

/* Words and hops of all groups, every group once. */
static void serve(uneven *u, const uneven_box *delta, double *accesses, double *hops)
{
    memset(u->members, 0, sizeof u->members[0] * (size_t)u->grid.units);
    for (int64_t id = 0; id < u->grid.units; id++) {
        int32_t g = u->group[id];
        if (g < 0) continue;
        if (++u->members[g] > u->most) u->most = u->members[g];
        if (u->members[g] > 1) continue;
        u->group_words[g] = (double)words_of(&delta[u->lane_of[id]], u->v->ranks);
        if (!(u->n->off & TL_RULE_WHOLE)) *accesses += u->group_words[g];
    }
    if (u->n->off & TL_RULE_WHOLE) *accesses += distinct_words(u, delta);
    if (u->hops) *hops += hd_tl_hops(&u->grid, u->group, u->group_words);
}

static uneven_sum serve_all(uneven *u, const uneven_box *delta, const bool *moves, const uneven_state *before,
                            bool linked)
{
    uneven_sum sum = {0, 0, 0, 0, 0, 0};
    find_groups(u, delta, moves);
    for (int64_t id = 0; id < u->grid.units; id++)
        if (u->group[id] >= 0) sum.words += (double)words_of(&delta[u->lane_of[id]], u->v->ranks);
    serve(u, delta, &sum.accesses, &sum.hops);
    sum.linked = sum.accesses;
    sum.linked_hops = sum.hops;
    if (!linked) return sum;
    sum.linked = sum.linked_hops = 0;
    for (int64_t id = 0; id < u->grid.units; id++)
        if (u->group[id] >= 0 && neighbour_serves(u, before, delta, id)) {
            sum.transfers += (double)words_of(&delta[u->lane_of[id]], u->v->ranks);
            u->group[id] = -1;
        }
    serve(u, delta, &sum.linked, &sum.linked_hops);
    return sum;
}

uneven_sum hd_tl_uneven_step(uneven *u)
{
    uneven_sum sum = {0, 0, 0, 0, 0, 0};
    uneven_state before[TL_MAX_LANES];
    uneven_box delta[TL_MAX_LANES];
    bool moves[TL_MAX_LANES], any = false;
    memcpy(before, u->state, sizeof before[0] * (size_t)u->lanes);
    for (int i = 0; i < u->lanes; i++) {
        uneven_box tile;
        moves[i] = lane_tile(u, i, &tile) && lane_delta(u, &u->state[i], &tile, &delta[i]);
        any |= moves[i];
        u->state[i].has_delta = moves[i] && u->links;
        if (u->state[i].has_delta) u->state[i].delta = delta[i];
    }
    if (!any) return sum;
    bool linked = u->links && may_serve(u, delta, moves, before);
    if (u->grouped || linked || u->hops || (u->n->off & TL_RULE_WHOLE)) return serve_all(u, delta, moves, before, linked);
    double words = (double)words_of(&delta[0], u->v->ranks);
    sum.words = words * (double)u->grid.units;
    sum.accesses = sum.linked = words * (double)u->groups;
    return sum;
}
