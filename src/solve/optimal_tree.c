/* Halving options at the median of the product in which they differ most: see optimal_tree.h. */
#include "solve/optimal_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORTH = 2 * OPT_TREE_LEAF };   /* fewer options are not put in order */

typedef struct ranked { double value; int option; } ranked;

static int by_value(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->option > y->option) - (x->option < y->option);
}

static void raise_most(const opt *o, const double *restrict row, double *restrict most)
{
    for (int c = 0; c < o->row; c++) most[c] = row[c] > most[c] ? row[c] : most[c];
}

/* The column whose largest and smallest value are furthest apart, as a ratio. */
static int widest(const opt *o, const opt_block *b, const ranked *list, int n)
{
    double low[OPT_MAX_ROW], high[OPT_MAX_ROW], most = 0;
    int best = 0;
    for (int c = 0; c < o->row; c++) low[c] = INFINITY, high[c] = 0;
    for (int i = 0; i < n; i++) {
        const double *row = opt_row_of(o, b, list[i].option);
        opt_lower(o, row, low);
        raise_most(o, row, high);
    }
    for (int c = 0; c < o->row; c++)
        if (high[c] / low[c] > most) most = high[c] / low[c], best = c;
    return best;
}

static void arrange(const opt *o, const opt_block *b, ranked *list, int n)
{
    if (n <= OPT_TREE_LEAF) return;
    int column = widest(o, b, list, n);
    for (int i = 0; i < n; i++) list[i].value = opt_row_of(o, b, list[i].option)[column];
    qsort(list, (size_t)n, sizeof *list, by_value);
    arrange(o, b, list, n / 2);
    arrange(o, b, list + n / 2, n - n / 2);
}

static bool reorder(opt *o, void *values, size_t size, const ranked *list, int n)
{
    hd_mark mark = hd_arena_mark(o->arena);
    char *copy = values ? hd_arena_alloc(o->arena, (size_t)n, size) : NULL;
    o->memory = o->memory && (copy || !values);
    if (copy) {
        memcpy(copy, values, (size_t)n * size);
        for (int i = 0; i < n; i++) memcpy((char *)values + (size_t)i * size, copy + (size_t)list[i].option * size, size);
    }
    hd_arena_rewind(o->arena, mark);
    return o->memory;
}

/* What is left of the options of a root's domain, by their new numbers. */
static bool renumber(opt *o, opt_domain *d, const ranked *list, int n)
{
    hd_mark mark = hd_arena_mark(o->arena);
    opt_child *left = hd_arena_alloc(o->arena, (size_t)n, sizeof *left); /* by the old numbers; option: 1 = is left */
    o->memory = left != NULL;
    if (!left) return false;
    for (int k = 0; k < d->n; k++) left[d->child[k].option] = (opt_child){d->child[k].bound, 1};
    d->n = 0;
    for (int i = 0; i < n; i++)
        if (left[list[i].option].option) d->child[d->n++] = (opt_child){left[list[i].option].bound, i};
    hd_arena_rewind(o->arena, mark);
    return true;
}

static bool put_in_order(opt *o, opt_block *b, opt_domain *d)
{
    hd_mark mark = hd_arena_mark(o->arena);
    ranked *list = hd_arena_alloc(o->arena, (size_t)b->options, sizeof *list);
    o->memory = list != NULL;
    if (!list) return false;
    for (int i = 0; i < b->options; i++) list[i].option = i;
    arrange(o, b, list, b->options);
    const size_t levels = HD_MAX_LEVELS * sizeof *b->loops;
    bool done = reorder(o, b->row, (size_t)o->row * sizeof *b->row, list, b->options) &&
                reorder(o, b->chain, (size_t)b->dims * sizeof *b->chain, list, b->options) &&
                reorder(o, b->loops, levels, list, b->options) && reorder(o, b->wraps, levels, list, b->options) &&
                reorder(o, b->weight, sizeof *b->weight, list, b->options) &&
                reorder(o, b->twin, sizeof *b->twin, list, b->options) && (!d || renumber(o, d, list, b->options));
    hd_arena_rewind(o->arena, mark);
    return done;
}

static void take_option(const opt *o, const opt_block *b, int i, opt_range *out)
{
    opt_lower(o, opt_row_of(o, b, i), out->least);
    for (int l = 0; l <= o->mac; l++) {
        out->loops[l] &= b->loops[i * HD_MAX_LEVELS + l];
        out->may_loop[l] |= b->loops[i * HD_MAX_LEVELS + l];
        out->may_wrap[l] |= b->wraps[i * HD_MAX_LEVELS + l];
    }
}

static void take_half(const opt *o, const opt_range *half, opt_range *out)
{
    opt_lower(o, half->least, out->least);
    for (int l = 0; l <= o->mac; l++) {
        out->loops[l] &= half->loops[l];
        out->may_loop[l] |= half->may_loop[l];
        out->may_wrap[l] |= half->may_wrap[l];
    }
}

static bool has_range(const opt_block *b, int at, int n) { return at < b->tree.ranges && n > OPT_TREE_LEAF; }

/* The halves first: what has two is made of them. */
static void grow(opt *o, opt_block *b, int at, int from, int n)
{
    if (!has_range(b, at, n) || !o->memory) return;
    opt_range *range = &b->tree.range[at], *half = b->tree.range + 2 * at + 1;
    int first = n / 2;
    grow(o, b, 2 * at + 1, from, first);
    grow(o, b, 2 * at + 2, from + first, n - first);
    range->least = hd_arena_alloc(o->arena, (size_t)o->row, sizeof *range->least);
    o->memory = o->memory && range->least;
    if (!o->memory) return;
    for (int c = 0; c < o->row; c++) range->least[c] = INFINITY;
    memset(range->loops, 0xff, sizeof range->loops);
    if (has_range(b, 2 * at + 1, first) && has_range(b, 2 * at + 2, n - first))
        for (int i = 0; i < 2; i++) take_half(o, &half[i], range);
    else
        for (int i = from; i < from + n; i++) take_option(o, b, i, range);
}

void opt_plant(opt *o, opt_frame *root)
{
    for (int i = 0; i < o->blocks && o->memory; i++) {
        opt_block *b = &o->block[i];
        if (b->options < WORTH || !put_in_order(o, b, root ? &root->domain[i] : NULL)) continue;
        for (b->tree.ranges = 1; b->tree.ranges * OPT_TREE_LEAF < 2 * b->options;) b->tree.ranges = 2 * b->tree.ranges + 1;
        b->tree.range = hd_arena_alloc(o->arena, (size_t)b->tree.ranges, sizeof *b->tree.range);
        o->memory = b->tree.range != NULL;
        if (o->memory) grow(o, b, 0, 0, b->options);
    }
}

void opt_take_range(const opt *o, const opt_node *from, const opt_range *range, opt_node *out)
{
    opt_multiply(o, from->row, range->least, out->row);
    for (int l = 0; l <= o->mac; l++) {
        out->loops[l] = from->loops[l] | range->loops[l];
        out->may_loop[l] = from->may_loop[l] | range->may_loop[l];
        out->may_wrap[l] = from->may_wrap[l] | range->may_wrap[l];
    }
}

/* The first option of every herd so far stands for it. */
static int herd_of(const opt *o, const opt_block *b, int option, const int *first)
{
    int innermost = o->mesh + 1;
    for (int t = 0; t < o->tiles; t++) innermost = o->tile[t].level > innermost ? o->tile[t].level : innermost;
    const double *own = b->row + (size_t)option * (size_t)o->row;
    for (int h = 0; h < b->herds; h++) {
        const double *row = b->row + (size_t)first[h] * (size_t)o->row;
        bool same = true;
        for (int f = 0; f < o->fans && same; f++) same = o->fan[f].level <= o->mesh || row[f] == own[f];
        for (int t = 0; t < o->tiles && same; t++)
            same = o->tile[t].level < innermost || row[o->fans + t] == own[o->fans + t];
        if (same) return h;
    }
    return b->herds;
}

void opt_find_herds(opt *o)
{
    enum { MOST = 256 };
    for (int i = 0; i < o->blocks && o->memory; i++) {
        opt_block *b = &o->block[i];
        int first[MOST];
        b->herd = hd_arena_alloc(o->arena, (size_t)b->options, sizeof *b->herd);
        o->memory = b->herd != NULL;
        for (int k = 0; o->memory && k < b->options; k++) {
            int h = b->herd[k] = herd_of(o, b, k, first);
            if (h < b->herds) continue;
            if (h == MOST) {
                b->herds = 0; /* too many to be of use */
                break;
            }
            first[b->herds++] = k;
        }
    }
}
