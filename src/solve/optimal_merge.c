/* Dims that no count tells apart are one: where the same roles lack them and every other role has them as plain ranks,
 * all counts see only the products of their boxes, loops and copies (the closed form of hd_moved, docs/optimal.md).
 * Their chains are joined, and of those with equal products one stays.                                   */
#include <string.h>

#include "base/count.h"
#include "solve/optimal.h"

enum { MOST_JOINED = 1 << 20, PRODUCTS = HD_MAX_LEVELS * (HD_AXES + 1) };

typedef struct pair { int a, b; int64_t weight; } pair;

/* May both be one?  Limits that tell dims apart forbid it. */
static bool alike(const opt *o, const opt_block *a, const opt_block *b)
{
    int d = a->dim[0], e = b->dim[0];
    for (int r = 0; r < HD_ROLES; r++) {
        if (!o->p->op->tensor[r].used) continue;
        if (((o->absent[r] >> d) ^ (o->absent[r] >> e)) & 1u) return false;
        if (!((o->absent[r] | o->plain[r]) >> d & 1u) || !((o->absent[r] | o->plain[r]) >> e & 1u)) return false;
    }
    return true;
}

/* Loops and copies of an option at every level, multiplied into `out`. */
static void multiply_into(const opt *o, const opt_block *b, int option, int64_t *out)
{
    for (int i = 0; i < b->dims; i++) {
        const opt_chain *c = &o->chain[b->dim[i]][b->chain[(size_t)option * (size_t)b->dims + (size_t)i]];
        for (int l = 0; l <= o->mac; l++) {
            out[l * (HD_AXES + 1)] *= c->loop[l];
            for (int axis = 0; axis < HD_AXES; axis++) out[l * (HD_AXES + 1) + 1 + axis] *= c->copies[l][axis];
        }
    }
}

static int products_of(const opt *o, const opt_block *a, const opt_block *b, pair p, int64_t *out)
{
    int n = (o->mac + 1) * (HD_AXES + 1);
    for (int i = 0; i < n; i++) out[i] = 1;
    multiply_into(o, a, p.a, out);
    multiply_into(o, b, p.b, out);
    return n;
}

static uint64_t hash_of(const int64_t *products, int n)
{
    uint64_t h = 1469598103934665603u;
    for (int i = 0; i < n; i++) h = (h ^ (uint64_t)products[i]) * 0x9e3779b97f4a7c15u, h ^= h >> 29;
    return h;
}

/* Note the pair unless one with equal products is there; `slot`: a table of pair numbers + 1. */
static void note(const opt *o, const opt_block *a, const opt_block *b, pair p, pair *list, int *n, int *slot, size_t slots)
{
    int64_t mine[PRODUCTS], other[PRODUCTS];
    int count = products_of(o, a, b, p, mine);
    size_t i = (size_t)hash_of(mine, count) & (slots - 1);
    for (; slot[i] != 0; i = (i + 1) & (slots - 1)) {
        products_of(o, a, b, list[slot[i] - 1], other);
        if (memcmp(mine, other, (size_t)count * sizeof *mine) != 0) continue;
        list[slot[i] - 1].weight += p.weight;
        return;
    }
    list[*n] = p;
    slot[i] = ++*n;
}

static int64_t weight_of(const opt_block *b, int option) { return b->weight ? b->weight[option] : 1; }

/* The pairs that fit and differ. */
static int list_pairs(opt *o, const opt_block *a, const opt_block *b, pair **out)
{
    double row[OPT_MAX_ROW];
    int n = 0;
    size_t all = (size_t)a->options * (size_t)b->options, slots = 16;
    while (slots < 2 * all) slots *= 2;
    pair *list = hd_arena_alloc(o->arena, all, sizeof *list);
    int *slot = hd_arena_alloc(o->arena, slots, sizeof *slot);
    o->memory = list && slot;
    for (int i = 0; o->memory && i < a->options; i++)
        for (int k = 0; k < b->options; k++) {
            opt_multiply(o, a->row + (size_t)i * (size_t)o->row, b->row + (size_t)k * (size_t)o->row, row);
            if (opt_fits(o, row)) note(o, a, b, (pair){i, k, weight_of(a, i) * weight_of(b, k)}, list, &n, slot, slots);
        }
    *out = list;
    return n;
}

static void fill(const opt *o, const opt_block *a, const opt_block *b, pair p, opt_block *out)
{
    size_t i = (size_t)out->options++, x = (size_t)p.a, y = (size_t)p.b, row = (size_t)o->row;
    memcpy(out->chain + i * (size_t)out->dims, a->chain + x * (size_t)a->dims, (size_t)a->dims * sizeof *a->chain);
    memcpy(out->chain + i * (size_t)out->dims + a->dims, b->chain + y * (size_t)b->dims, (size_t)b->dims * sizeof *b->chain);
    out->weight[i] = p.weight;
    opt_multiply(o, a->row + x * row, b->row + y * row, out->row + i * row);
    for (size_t l = 0; l < HD_MAX_LEVELS; l++)
        out->loops[i * HD_MAX_LEVELS + l] = a->loops[x * HD_MAX_LEVELS + l] | b->loops[y * HD_MAX_LEVELS + l];
}

static bool merge(opt *o, opt_block *a, const opt_block *b)
{
    pair *list = NULL;
    opt_block out = {.dims = a->dims + b->dims};
    int n = list_pairs(o, a, b, &list);
    if (!o->memory) return false;
    memcpy(out.dim, a->dim, sizeof out.dim);
    memcpy(out.dim + a->dims, b->dim, (size_t)b->dims * sizeof *b->dim);
    out.chain = hd_arena_alloc(o->arena, (size_t)n * (size_t)out.dims, sizeof *out.chain);
    out.row = hd_arena_alloc(o->arena, (size_t)n * (size_t)o->row, sizeof *out.row);
    out.weight = hd_arena_alloc(o->arena, (size_t)n + 1, sizeof *out.weight);
    out.loops = hd_arena_alloc(o->arena, (size_t)n * HD_MAX_LEVELS, sizeof *out.loops);
    out.wraps = hd_arena_alloc(o->arena, (size_t)n * HD_MAX_LEVELS, sizeof *out.wraps);
    o->memory = out.chain && out.row && out.weight && out.loops && out.wraps;
    for (int i = 0; o->memory && i < n; i++) fill(o, a, b, list[i], &out);
    *a = out;
    return o->memory;
}

/* Schemes hold so many stacks at a level: where more might be asked for, dims are told apart by them. */
static bool stacks_may_run_out(const opt *o)
{
    for (int l = 1; l <= o->mac; l++) {
        int most = 0;
        for (int axis = 0; axis < HD_AXES; axis++) {
            int dims = 0, halvings = 0;
            for (int d = 0; d < o->form->dims; d++) dims += o->form->at[d][l][axis] >= 0;
            for (int64_t units = o->p->arch->level[l].fan[axis]; units > 1; units /= 2) halvings++;
            most += dims < halvings ? dims : halvings;
        }
        if (most > HD_MAX_STACKS) return true;
    }
    return false;
}

/* An order that is not open, but seen, tells dims apart; so do places on a mesh. */
static bool orders_are_fixed(const opt *o)
{
    for (int l = 1; l <= o->last; l++)
        if (!o->form->ordered[l] && o->form->loops[l] > 1) return true;
    return false;
}

void opt_merge_blocks(opt *o)
{
    if (o->ragged) return; /* last pieces tell dims apart */
    if (o->linked || opt_has_mesh(o) || o->form->space->constraints || orders_are_fixed(o) || stacks_may_run_out(o)) return;
    for (int a = 0; a < o->blocks; a++)
        for (int b = o->blocks - 1; b > a && o->memory; b--) {
            if (!alike(o, &o->block[a], &o->block[b])) continue;
            if ((size_t)o->block[a].options * (size_t)o->block[b].options > MOST_JOINED) continue;
            merge(o, &o->block[a], &o->block[b]);
            memmove(&o->block[b], &o->block[b + 1], (size_t)(o->blocks - b - 1) * sizeof *o->block);
            o->blocks--;
        }
}
