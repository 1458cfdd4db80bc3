/* Options that differ in nothing but which copies lie along X and which along Y are one, where both axes of the fan-out have the
 * same wires: no count tells them apart.  Of the axes' own room an option takes the least that one of them takes, of both
 * together what all of them do; when all blocks are chosen, one of each is found with which all axes have room.   */
#include <string.h>

#include "solve/optimal.h"

/* Of a mesh only while its copies are dealt out first: then all ways to deal them are looked at (optimal_split.c). */
static bool has_alike_axes(const opt *o, int level)
{
    const hd_level *l = &o->p->arch->level[level];
    bool dealt = level == o->mesh && l->fan[HD_X] * l->fan[HD_Y] <= OPT_MOST_PART;
    return (l->mesh.ports == 0 || dealt) && l->fan[HD_X] > 1 && l->fan[HD_Y] > 1 && l->multicast[HD_X] == l->multicast[HD_Y] &&
           l->reduce[HD_X] == l->reduce[HD_Y];
}

/* Not where an axis has rules of its own, nor for a proof that counts options. */
void opt_find_alike_axes(opt *o)
{
    o->folded = 0;
    if (!o->rules->alike_axes || (o->ledger && o->mesh == 0) || o->ragged || o->form->space->constraints) return;
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

const opt_chain *opt_chosen_chain(const opt *o, int block, int i) { return chain_of(o, &o->block[block], o->chosen[block], i); }

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
                for (int d = 0; d < o->block[b].dims; d++) copies *= opt_chosen_chain(o, b, d)->copies[l][axis];
            if (copies > o->p->arch->level[l].fan[axis]) return false;
        }
    return true;
}

static int *chosen_chains(const opt *o, const opt_block *b)
{
    return b->chain + (size_t)o->chosen[b - o->block] * (size_t)b->dims;
}

static const int *chains_of_twin(const opt_block *b, int twin) { return b->twins + (size_t)twin * (size_t)b->dims; }

/* Do both deal the copies on the mesh out alike? */
static bool is_dealt_alike(const opt *o, const opt_block *b, const int *one, const int *other)
{
    for (int d = 0; d < b->dims; d++) {
        const opt_chain *chain = o->chain[b->dim[d]];
        if (chain[one[d]].copies[o->mesh][HD_X] != chain[other[d]].copies[o->mesh][HD_X]) return false;
    }
    return true;
}

/* Twins that deal the mesh out as those chosen do, with which all other axes have room. */
static bool fit(opt *o, int b)
{
    if (!axes_hold(o, b)) return false;
    if (b == o->blocks) return true;
    opt_block *block = &o->block[b];
    if (!block->twins) return fit(o, b + 1);
    int *chain = chosen_chains(o, block);
    for (int t = block->twin[o->chosen[b]]; t >= 0; t = block->next_twin[t]) {
        if (!is_dealt_alike(o, block, chain, chains_of_twin(block, t))) continue;
        memcpy(chain, chains_of_twin(block, t), (size_t)block->dims * sizeof *chain);
        if (fit(o, b + 1)) return true;
    }
    return false;
}

/* Has one of the twins before `last` dealt the mesh out as it does? */
static bool is_repeated(const opt *o, const opt_block *b, int first, int last)
{
    int t = first;
    while (t != last && !is_dealt_alike(o, b, chains_of_twin(b, t), chains_of_twin(b, last))) t = b->next_twin[t];
    return t != last;
}

typedef struct unfolding { const opt_node *leaf; void (*offer)(opt *o, const opt_node *leaf); } unfolding;

static void unfold(opt *o, const unfolding *u, int b, int64_t x, int64_t y)
{
    const int64_t *fan = o->p->arch->level[o->mesh].fan;
    if (o->over || (o->mesh > 0 && (x > fan[HD_X] || y > fan[HD_Y]))) return;
    if (b == o->blocks) {
        if (fit(o, 0)) u->offer(o, u->leaf);
        return;
    }
    opt_block *block = &o->block[b];
    int *chain = chosen_chains(o, block), first = block->twins ? block->twin[o->chosen[b]] : 0;
    for (int t = first; t >= 0; t = block->twins ? block->next_twin[t] : -1) {
        int64_t copies[HD_AXES] = {x, y};
        if (block->twins && is_repeated(o, block, first, t)) continue;
        if (block->twins) memcpy(chain, chains_of_twin(block, t), (size_t)block->dims * sizeof *chain);
        for (int d = 0; d < block->dims; d++)
            for (int axis = 0; axis < HD_AXES; axis++) copies[axis] *= o->chain[block->dim[d]][chain[d]].copies[o->mesh][axis];
        unfold(o, u, b + 1, copies[HD_X], copies[HD_Y]);
    }
}

void opt_unfold(opt *o, const opt_node *leaf, void (*offer)(opt *o, const opt_node *leaf))
{
    const unfolding u = {leaf, offer};
    if (!o->folded) offer(o, leaf);
    else unfold(o, &u, 0, 1, 1);
}
