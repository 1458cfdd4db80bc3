/* Dims that no count tells apart are one: where the same roles lack them and every other role has them as plain ranks,
 * all counts see only the products of their boxes, loops and copies (the closed form of hd_moved, docs/optimal.md).
 * Their chains are joined, and of those with equal products one stays.                                   */
#include <string.h>

#include "base/count.h"
#include "solve/optimal.h"

enum { MOST_JOINED = 1 << 20, EACH_LEVEL = HD_AXES + 1, PRODUCTS = HD_MAX_LEVELS * EACH_LEVEL };

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

/* Loops and copies of an option at every level. */
static void find_products(const opt *o, const opt_block *b, int option, int64_t *out)
{
    for (int i = 0; i < (o->mac + 1) * EACH_LEVEL; i++) out[i] = 1;
    for (int i = 0; i < b->dims; i++) {
        const opt_chain *c = &o->chain[b->dim[i]][b->chain[(size_t)option * (size_t)b->dims + (size_t)i]];
        for (int l = 0; l <= o->mac; l++) {
            out[l * EACH_LEVEL] *= c->loop[l];
            for (int axis = 0; axis < HD_AXES; axis++) out[l * EACH_LEVEL + 1 + axis] *= c->copies[l][axis];
        }
    }
}

/* Those of all options of a block. */
static int64_t *list_products(const opt *o, const opt_block *b)
{
    size_t n = (size_t)(o->mac + 1) * EACH_LEVEL;
    int64_t *list = hd_arena_alloc(o->arena, (size_t)b->options * n, sizeof *list);
    for (int i = 0; list && i < b->options; i++) find_products(o, b, i, list + (size_t)i * n);
    return list;
}

static uint64_t hash_of(const int64_t *products, int n)
{
    uint64_t h = 1469598103934665603u;
    for (int i = 0; i < n; i++) h = (h ^ (uint64_t)products[i]) * 0x9e3779b97f4a7c15u, h ^= h >> 29;
    return h;
}

/* Pairs that differ, found by their products: `slot`: a table of pair numbers + 1. */
typedef struct pairs {
    int n, products;
    pair *list;
    int *slot;
    size_t slots;
    const int64_t *a, *b;             /* products of the options of either block */
} pairs;

static void products_of(const pairs *s, pair p, int64_t *out)
{
    const int64_t *a = s->a + (size_t)p.a * (size_t)s->products, *b = s->b + (size_t)p.b * (size_t)s->products;
    for (int i = 0; i < s->products; i++) out[i] = a[i] * b[i];
}

/* Note the pair unless one with equal products is there. */
static void note(pairs *s, pair p)
{
    int64_t mine[PRODUCTS], other[PRODUCTS];
    products_of(s, p, mine);
    size_t i = (size_t)hash_of(mine, s->products) & (s->slots - 1);
    for (; s->slot[i] != 0; i = (i + 1) & (s->slots - 1)) {
        products_of(s, s->list[s->slot[i] - 1], other);
        if (memcmp(mine, other, (size_t)s->products * sizeof *mine) != 0) continue;
        s->list[s->slot[i] - 1].weight += p.weight;
        return;
    }
    s->list[s->n] = p;
    s->slot[i] = ++s->n;
}

static int64_t weight_of(const opt_block *b, int option) { return b->weight ? b->weight[option] : 1; }

/* Do both fit together?  What takes room stands in front of the steps. */
static bool fits(const opt *o, const opt_block *a, int i, const opt_block *b, int k)
{
    double row[OPT_MAX_ROW];
    const double *x = opt_row_of(o, a, i), *y = opt_row_of(o, b, k);
    for (int c = 0; c < o->steps; c++) row[c] = x[c] * y[c];
    return opt_fits(o, row);
}

/* The pairs that fit and differ. */
static void list_pairs(opt *o, const opt_block *a, const opt_block *b, pairs *s)
{
    size_t all = (size_t)a->options * (size_t)b->options;
    *s = (pairs){.products = (o->mac + 1) * EACH_LEVEL, .slots = 16, .a = list_products(o, a), .b = list_products(o, b)};
    while (s->slots < 2 * all) s->slots *= 2;
    s->list = hd_arena_alloc(o->arena, all, sizeof *s->list);
    s->slot = hd_arena_alloc(o->arena, s->slots, sizeof *s->slot);
    o->memory = s->a && s->b && s->list && s->slot;
    for (int i = 0; o->memory && i < a->options; i++)
        for (int k = 0; k < b->options; k++)
            if (fits(o, a, i, b, k)) note(s, (pair){i, k, weight_of(a, i) * weight_of(b, k)});
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
    pairs s;
    opt_block out = {.dims = a->dims + b->dims};
    list_pairs(o, a, b, &s);
    if (!o->memory) return false;
    size_t n = (size_t)s.n;
    memcpy(out.dim, a->dim, sizeof out.dim);
    memcpy(out.dim + a->dims, b->dim, (size_t)b->dims * sizeof *b->dim);
    out.chain = hd_arena_alloc(o->arena, n * (size_t)out.dims, sizeof *out.chain);
    out.row = hd_arena_alloc(o->arena, n * (size_t)o->row, sizeof *out.row);
    out.weight = hd_arena_alloc(o->arena, n + 1, sizeof *out.weight);
    out.loops = hd_arena_alloc(o->arena, n * HD_MAX_LEVELS, sizeof *out.loops);
    out.wraps = hd_arena_alloc(o->arena, n * HD_MAX_LEVELS, sizeof *out.wraps);
    o->memory = out.chain && out.row && out.weight && out.loops && out.wraps;
    for (int i = 0; o->memory && i < s.n; i++) fill(o, a, b, s.list[i], &out);
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
