/* Counting what the search discards: see optimal_ledger.h. */
#include "solve/optimal_ledger.h"

#include <math.h>
#include <string.h>

#include "base/count.h"
#include "solve/optimal_steps.h"

typedef struct dropped { int n, *option; double bound; } dropped;

struct opt_ledger {
    hd_proof *proof;
    bool open;
    int turning, level[HD_MAX_LEVELS];  /* levels of the mask */
    uint16_t *set[HD_MAX_DIMS];         /* of every option: bit i = it loops at level[i] */
    dropped dropped[HD_ARGUMENTS];
};

static int64_t weight_of(const opt_block *b, int option) { return b->weight ? b->weight[option] : 1; }

static void find_levels(const opt *o, unsigned mask, opt_ledger *g)
{
    g->turning = 0;
    for (int l = 1; l <= o->last; l++)
        if (mask >> l & 1u) g->level[g->turning++] = l;
}

/* Choices that loop at every level of the mask: `n` factors of [sets] counts by exactly the levels at which they loop. */
static bool count_exact(const opt_ledger *g, const uint64_t *tally, int n, hd_wide *out)
{
    unsigned sets = 1u << g->turning;
    *out = hd_wide_of(0);
    for (unsigned s = 0; s < sets; s++) {
        hd_wide product = hd_wide_of(1);
        for (int i = 0; i < n; i++) {
            uint64_t within = 0;
            for (unsigned t = s;; t = (t - 1) & s) { /* all subsets */
                within += tally[(size_t)i * sets + t];
                if (t == 0) break;
            }
            if (!hd_wide_multiply(&product, within)) return false;
        }
        if ((__builtin_popcount(s) ^ g->turning) & 1) hd_wide_subtract(out, &product);
        else hd_wide_add(out, &product);
    }
    return hd_wide_times(out, &g->proof->orders);
}

/* Choices of a product of option sets, one per block. */
static bool count_sets(const opt *o, const opt_left *left, hd_wide *out)
{
    const opt_ledger *g = o->ledger;
    unsigned sets = 1u << g->turning;
    hd_mark mark = hd_arena_mark(o->arena);
    uint64_t *tally = hd_arena_alloc(o->arena, (size_t)o->blocks * sets, sizeof *tally);
    for (int b = 0; tally && b < o->blocks; b++)
        for (int i = 0; i < left[b].n; i++) {
            int option = *(const int *)((const char *)left[b].option + (size_t)i * left[b].stride);
            tally[(size_t)b * sets + g->set[b][option]] += (uint64_t)weight_of(&o->block[b], option);
        }
    bool counted = tally && count_exact(g, tally, o->blocks, out);
    hd_arena_rewind(o->arena, mark);
    return counted;
}

/* Chains of a dim by the levels of the mask at which they loop; those that loop elsewhere are not of the part. */
static void tally_chains(const opt *o, unsigned mask, int dim, uint64_t *tally)
{
    const opt_ledger *g = o->ledger;
    for (int i = 0; i < o->chains[dim]; i++) {
        unsigned set = 0;
        bool within = true;
        for (int l = 1; l <= o->last; l++)
            if (o->chain[dim][i].loop[l] > 1) within = within && (mask >> l & 1u);
        for (int k = 0; k < g->turning; k++) set |= (unsigned)(o->chain[dim][i].loop[g->level[k]] > 1) << k;
        if (within) tally[set]++;
    }
}

static bool count_part(const opt *o, unsigned mask, hd_wide *out)
{
    const opt_ledger *g = o->ledger;
    hd_mark mark = hd_arena_mark(o->arena);
    size_t sets = (size_t)1 << g->turning;
    uint64_t *tally = hd_arena_alloc(o->arena, (size_t)o->form->dims * sets, sizeof *tally);
    for (int d = 0; tally && d < o->form->dims; d++) tally_chains(o, mask, d, tally + (size_t)d * sets);
    bool counted = tally && count_exact(g, tally, o->form->dims, out);
    hd_arena_rewind(o->arena, mark);
    return counted;
}

/* Chains that pass a fan-out by themselves are in no part. */
static void count_fan_outs(opt *o)
{
    hd_proof *proof = o->ledger->proof;
    hd_wide rest = proof->size, listed = proof->orders;
    for (int d = 0; d < o->form->dims; d++) proof->counted = proof->counted && hd_wide_multiply(&listed, (uint64_t)o->chains[d]);
    for (int l = 0; l < o->form->levels; l++)
        proof->counted = proof->counted && hd_wide_multiply(&listed, 1u << __builtin_popcount(o->form->keep_free[l]));
    hd_wide_subtract(&rest, &listed);
    hd_proof_add(proof, HD_BY_ROOM, 0, &rest, INFINITY);
}

void opt_ledger_begin(opt *o)
{
    hd_proof *proof = o->inc->proof;
    if (!proof || !proof->counted) return;
    o->ledger = hd_arena_alloc(o->arena, 1, sizeof *o->ledger);
    o->memory = o->ledger != NULL;
    if (!o->memory) return;
    o->ledger->proof = proof;
    proof->seen = o->last;
    count_fan_outs(o);
}

static void add(opt *o, hd_argument why, int depth, const hd_wide *size, bool counted, double bound)
{
    hd_proof *proof = o->ledger->proof;
    proof->counted = proof->counted && counted;
    if (proof->counted) hd_proof_add(proof, why, depth, size, bound);
}

void opt_ledger_whole(opt *o, const unsigned *keep, unsigned mask, hd_argument why, double bound)
{
    hd_wide size;
    if (!o->ledger) return;
    find_levels(o, mask, o->ledger);
    bool counted = count_part(o, mask, &size);
    add(o, why, 0, &size, counted, bound);
    if (counted && !hd_wide_is_zero(&size)) opt_steps_whole(o, o->ledger->proof, keep, mask, why, bound);
}

static bool prepare(opt *o)
{
    opt_ledger *g = o->ledger;
    int most = 1;
    for (int b = 0; b < o->blocks; b++) {
        const opt_block *block = &o->block[b];
        most = (int)hd_count_max(most, block->options);
        g->set[b] = hd_arena_alloc(o->arena, (size_t)block->options + 1, sizeof *g->set[b]);
        if (!g->set[b]) return false;
        for (int i = 0; i < block->options; i++)
            for (int k = 0; k < g->turning; k++)
                g->set[b][i] |= (uint16_t)((block->loops[(size_t)i * HD_MAX_LEVELS + (size_t)g->level[k]] != 0) << k);
    }
    for (int a = 0; a < HD_ARGUMENTS; a++) {
        g->dropped[a] = (dropped){0, hd_arena_alloc(o->arena, (size_t)most, sizeof(int)), INFINITY};
        if (!g->dropped[a].option) return false;
    }
    return true;
}

/* All options of every block; `number`: 0, 1, 2 .. */
static bool whole_product(const opt *o, opt_left *left)
{
    for (int b = 0; b < o->blocks; b++) {
        int *number = hd_arena_alloc(o->arena, (size_t)o->block[b].options + 1, sizeof *number);
        if (!number) return false;
        for (int i = 0; i < o->block[b].options; i++) number[i] = i;
        left[b] = (opt_left){b, o->block[b].options, number, sizeof *number};
    }
    return true;
}

void opt_ledger_open(opt *o)
{
    hd_wide size, held;
    opt_left left[HD_MAX_DIMS];
    opt_ledger *g = o->ledger;
    if (!g) return;
    find_levels(o, o->mask, g);
    bool counted = prepare(o) && whole_product(o, left) && count_part(o, o->mask, &size) && count_sets(o, left, &held);
    if (counted) hd_wide_subtract(&size, &held);
    add(o, HD_BY_ROOM, 0, &size, counted, INFINITY);
    g->open = counted;
    if (counted) opt_steps_open(o, g->proof);
}

void opt_ledger_close(opt *o)
{
    if (o->ledger) o->ledger->open = false;
}

void opt_ledger_note(opt *o, hd_argument why, int option, double bound)
{
    opt_ledger *g = o->ledger;
    if (!g->open) return;
    g->dropped[why].option[g->dropped[why].n++] = option;
    g->dropped[why].bound = fmin(g->dropped[why].bound, bound);
}

/* One product per block: what is left, what was dropped, what is chosen. */
static void discard(opt *o, hd_argument why, int block, const opt_left *left, int n)
{
    opt_ledger *g = o->ledger;
    dropped *d = &g->dropped[why];
    opt_left all[HD_MAX_DIMS];
    hd_wide size;
    for (int b = 0; b < o->blocks; b++) all[b] = (opt_left){b, 1, &o->chosen[b], 0};
    for (int i = 0; i < n; i++) all[left[i].block] = left[i];
    all[block] = (opt_left){block, d->n, d->option, sizeof *d->option};
    int depth = o->blocks - n;
    bool counted = count_sets(o, all, &size);
    add(o, why, depth, &size, counted, d->bound);
    if (counted && !hd_wide_is_zero(&size)) opt_steps_add(o, g->proof, why, depth, d->bound, 0, all);
    d->n = 0;
    d->bound = INFINITY;
}

void opt_ledger_settle(opt *o, int block, const opt_left *left, int n)
{
    if (!o->ledger || !o->ledger->open) return;
    for (int a = 0; a < HD_ARGUMENTS; a++)
        if (o->ledger->dropped[a].n > 0) discard(o, (hd_argument)a, block, left, n);
}

void opt_ledger_leaf(opt *o, int64_t prices, double bound)
{
    opt_ledger *g = o->ledger;
    opt_left all[HD_MAX_DIMS];
    hd_wide size, priced = hd_wide_of((uint64_t)prices), orders;
    if (!g || !g->open) return;
    for (int b = 0; b < o->blocks; b++) all[b] = (opt_left){b, 1, &o->chosen[b], 0};
    bool counted = count_sets(o, all, &size);
    int depth = 1 + o->blocks;
    hd_argument why = o->over ? HD_UNSEEN : prices > 0 ? HD_BY_PRICE : HD_BY_BOUND;
    orders = g->proof->orders;
    if (hd_wide_compare(&priced, &orders) > 0) priced = orders; /* some were asked for twice */
    if (counted && !hd_wide_is_zero(&size))
        opt_steps_add(o, g->proof, why, depth, bound, why == HD_BY_PRICE ? (int64_t)hd_wide_value(&priced) : 0, all);
    if (why == HD_BY_PRICE && counted && !hd_wide_is_zero(&size)) { /* some orders of one of the choices were priced */
        hd_wide_subtract(&size, &orders);
        add(o, HD_BY_MERGING, depth, &size, counted, bound);
        hd_wide_subtract(&orders, &priced);
        add(o, HD_BY_ORDER, depth, &orders, counted, bound);
        size = priced;
    }
    add(o, why, depth, &size, counted, bound);
}
