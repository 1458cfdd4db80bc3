/* Options that differ in nothing but which copies lie along X and which along Y are one, where both axes of the fan-out have the
 * same wires: no count tells them apart.  Of the axes' own room an option takes the least that one of them takes, of both
 * together what all of them do; when all blocks are chosen, one of each is found with which all axes have room.   */
#include <string.h>

#include "solve/optimal.h"

static bool has_alike_axes(const opt *o, int level)
{
    const hd_level *l = &o->p->arch->level[level];
    return l->mesh.ports == 0 && l->fan[HD_X] > 1 && l->fan[HD_Y] > 1 && l->multicast[HD_X] == l->multicast[HD_Y] &&
           l->reduce[HD_X] == l->reduce[HD_Y];
}

/* Not where an axis has rules of its own, nor for a proof, which counts options. */
void opt_find_alike_axes(opt *o)
{
    o->folded = 0;
    if (!o->rules->alike_axes || o->ledger || o->ragged || o->form->space->constraints) return;
    for (int l = 1; l <= o->mac; l++)
        if (has_alike_axes(o, l)) o->folded |= 1u << l;
}

static bool is_same_chain(const opt *o, const opt_chain *a, const opt_chain *b)
{
    for (int l = 0; l <= o->mac; l++) {
        if (a->box[l] != b->box[l] || a->loop[l] != b->loop[l]) return false;
        bool each = a->copies[l][HD_X] == b->copies[l][HD_X] && a->copies[l][HD_Y] == b->copies[l][HD_Y];
        bool both = a->copies[l][HD_X] * a->copies[l][HD_Y] == b->copies[l][HD_X] * b->copies[l][HD_Y];
        if (!(o->folded >> l & 1u ? both : each)) return false;
    }
    return true;
}

static const opt_chain *chain_of(const opt *o, const opt_block *b, int option, int i)
{
    return &o->chain[b->dim[i]][b->chain[(size_t)option * (size_t)b->dims + (size_t)i]];
}

static bool is_same(const opt *o, const opt_block *b, int i, int k)
{
    for (int d = 0; d < b->dims; d++)
        if (!is_same_chain(o, chain_of(o, b, i, d), chain_of(o, b, k, d))) return false;
    return true;
}

static size_t hash_of(const opt *o, const opt_block *b, int option)
{
    uint64_t h = 1469598103934665603u;
    for (int d = 0; d < b->dims; d++)
        for (int l = 0; l <= o->mac; l++) {
            const opt_chain *c = chain_of(o, b, option, d);
            h = (h ^ (uint64_t)(c->box[l] * 4099 + c->loop[l])) * 0x9e3779b97f4a7c15u;
            h ^= h >> 29;
        }
    return (size_t)h;
}

/* Option `to` takes what option `from` does, if that is less, along single axes. */
static void join_rooms(const opt *o, opt_block *b, int from, int to)
{
    const double *own = b->row + (size_t)from * (size_t)o->row;
    double *row = b->row + (size_t)to * (size_t)o->row;
    for (int f = 0; f < o->fans; f++)
        if (own[f] < row[f]) row[f] = own[f];
}

static void move_option(const opt *o, opt_block *b, int from, int to)
{
    size_t i = (size_t)from, k = (size_t)to, row = (size_t)o->row;
    memmove(b->row + k * row, b->row + i * row, row * sizeof *b->row);
    memmove(b->chain + k * (size_t)b->dims, b->chain + i * (size_t)b->dims, (size_t)b->dims * sizeof *b->chain);
    memmove(b->loops + k * HD_MAX_LEVELS, b->loops + i * HD_MAX_LEVELS, HD_MAX_LEVELS * sizeof *b->loops);
    memmove(b->wraps + k * HD_MAX_LEVELS, b->wraps + i * HD_MAX_LEVELS, HD_MAX_LEVELS * sizeof *b->wraps);
}

/* The first of every kind stays, and leads to the others. */
static bool fold(opt *o, opt_block *b)
{
    size_t n = (size_t)b->options, slots = 16;
    while (slots < 2 * n) slots *= 2;
    b->twins = hd_arena_alloc(o->arena, n * (size_t)b->dims, sizeof *b->twins);
    b->next_twin = hd_arena_alloc(o->arena, n, sizeof *b->next_twin);
    b->twin = hd_arena_alloc(o->arena, n, sizeof *b->twin);
    hd_mark mark = hd_arena_mark(o->arena);
    int *slot = hd_arena_alloc(o->arena, slots, sizeof *slot), kept = 0;
    if (!b->twins || !b->next_twin || !b->twin || !slot) return false;
    memcpy(b->twins, b->chain, n * (size_t)b->dims * sizeof *b->twins);
    memset(slot, 0, slots * sizeof *slot);
    for (int i = 0; i < b->options; i++) {
        size_t at = hash_of(o, b, i) & (slots - 1);
        while (slot[at] > 0 && !is_same(o, b, i, slot[at] - 1)) at = (at + 1) & (slots - 1);
        b->next_twin[i] = slot[at] > 0 ? b->twin[slot[at] - 1] : -1;
        if (slot[at] > 0) {
            join_rooms(o, b, i, slot[at] - 1);
            b->twin[slot[at] - 1] = i;
            continue;
        }
        move_option(o, b, i, kept);
        b->twin[kept++] = i;
        slot[at] = kept;
    }
    b->options = kept;
    hd_arena_rewind(o->arena, mark);
    return true;
}

bool opt_fold(opt *o)
{
    for (int b = 0; o->folded && b < o->blocks && o->memory; b++)
        if (!o->block[b].weight) o->memory = fold(o, &o->block[b]);
    return o->memory;
}

/* Copies along one axis of all blocks as they are chosen, those from number `n` on left out. */
static bool axes_hold(const opt *o, int n)
{
    for (int l = 1; l <= o->mac; l++)
        for (int axis = 0; (o->folded >> l & 1u) && axis < HD_AXES; axis++) {
            int64_t copies = 1;
            for (int b = 0; b < n; b++)
                for (int d = 0; d < o->block[b].dims; d++) copies *= chain_of(o, &o->block[b], o->chosen[b], d)->copies[l][axis];
            if (copies > o->p->arch->level[l].fan[axis]) return false;
        }
    return true;
}

static bool unfold(opt *o, int b)
{
    if (!axes_hold(o, b)) return false;
    if (b == o->blocks) return true;
    opt_block *block = &o->block[b];
    if (!block->twins) return unfold(o, b + 1);
    size_t dims = (size_t)block->dims;
    for (int t = block->twin[o->chosen[b]]; t >= 0; t = block->next_twin[t]) {
        memcpy(block->chain + (size_t)o->chosen[b] * dims, block->twins + (size_t)t * dims, dims * sizeof *block->chain);
        if (unfold(o, b + 1)) return true;
    }
    return false;
}

bool opt_unfold(opt *o) { return !o->folded || unfold(o, 0); }
