/* What the innermost levels cost at least, all blocks taken together.
 *
 * The bound of a node takes every product at the least of each open block by itself; where little room is left inside (a
 * register file of a few words) no choice has all of that.  What is decided further in than level o->cut does not depend on
 * the tiles, copies and room further out.  So the least of it is found once, by the same search, among the few options that
 * differ there, and stands beside whatever is known of the rest.                                             */
#include <math.h>
#include <string.h>

#include "solve/optimal_ledger.h"
#include "solve/optimal_tree.h"

/* Columns of a row that tell options apart. */
typedef struct columns { int n, at[OPT_MAX_ROW], outside; } columns; /* loops of levels further out make no difference */

static void add_columns(columns *c, int from, int n)
{
    for (int i = 0; i < n; i++) c->at[c->n++] = from + i;
}

static void find_columns(const opt *o, columns *c)
{
    c->n = 0;
    c->outside = HD_MAX_LEVELS;
    for (int f = 0; f < o->fans; f++)
        if (o->fan[f].level > o->cut) add_columns(c, f, 1);
    for (int t = 0; t < o->tiles; t++)
        if (o->tile[t].level > o->cut) add_columns(c, o->fans + t, 1);
    if (o->inside == OPT_INSIDE_AND_STEPS) add_columns(c, o->steps, 1);
    for (int g = 0; g < o->groups; g++)
        for (int k = 0; k < o->group[g].kinds; k++) {
            const opt_group *group = &o->group[g];
            if (group->level <= o->cut || group->pj[k] <= 0) continue;
            add_columns(c, group->first + k * group->variants, group->variants);
            if (!group->fixed && group->at < c->outside) c->outside = group->at;
        }
}

static bool is_same(const opt *o, const columns *c, const opt_block *from, int i, const opt_block *to, int k)
{
    const double *a = from->row + (size_t)i * (size_t)o->row, *b = to->row + (size_t)k * (size_t)o->row;
    size_t outside = (size_t)c->outside, size = (HD_MAX_LEVELS - outside) * sizeof *from->loops;
    size_t x = (size_t)i * HD_MAX_LEVELS + outside, y = (size_t)k * HD_MAX_LEVELS + outside;
    for (int n = 0; n < c->n; n++)
        if (a[c->at[n]] != b[c->at[n]]) return false;
    return memcmp(from->loops + x, to->loops + y, size) == 0 && memcmp(from->wraps + x, to->wraps + y, size) == 0;
}

static size_t hash_of(const opt *o, const columns *c, const opt_block *b, int i)
{
    uint64_t h = 1469598103934665603u;
    for (int n = 0; n < c->n; n++) {
        uint64_t bits;
        memcpy(&bits, &b->row[(size_t)i * (size_t)o->row + (size_t)c->at[n]], sizeof bits);
        h = (h ^ bits) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    return (size_t)h;
}

static void copy_option(const opt *o, const columns *c, const opt_block *from, int i, opt_block *to)
{
    double *row = to->row + (size_t)to->options * (size_t)o->row;
    memset(row, 0, (size_t)o->row * sizeof *row); /* all else takes no room and costs nothing */
    for (int n = 0; n < c->n; n++) row[c->at[n]] = from->row[(size_t)i * (size_t)o->row + (size_t)c->at[n]];
    memcpy(to->loops + (size_t)to->options * HD_MAX_LEVELS, from->loops + (size_t)i * HD_MAX_LEVELS,
           HD_MAX_LEVELS * sizeof *to->loops);
    memcpy(to->wraps + (size_t)to->options * HD_MAX_LEVELS, from->wraps + (size_t)i * HD_MAX_LEVELS,
           HD_MAX_LEVELS * sizeof *to->wraps);
    to->options++;
}

/* The options that differ inside. */
static bool thin_out(opt *in, const columns *c, opt_block *b)
{
    const opt_block from = *b;
    size_t n = (size_t)from.options, slots = 16;
    while (slots < 2 * n) slots *= 2;
    int *slot = hd_arena_alloc(in->arena, slots, sizeof *slot);
    *b = (opt_block){.dims = from.dims};
    memcpy(b->dim, from.dim, sizeof b->dim);
    b->row = hd_arena_alloc(in->arena, n * (size_t)in->row, sizeof *b->row);
    b->loops = hd_arena_alloc(in->arena, n * HD_MAX_LEVELS, sizeof *b->loops);
    b->wraps = hd_arena_alloc(in->arena, n * HD_MAX_LEVELS, sizeof *b->wraps);
    if (!slot || !b->row || !b->loops || !b->wraps) return false;
    memset(slot, 0, slots * sizeof *slot);
    for (int i = 0; i < from.options; i++) {
        size_t at = hash_of(in, c, &from, i) & (slots - 1);
        while (slot[at] > 0 && !is_same(in, c, &from, i, b, slot[at] - 1)) at = (at + 1) & (slots - 1);
        if (slot[at] > 0) continue;
        copy_option(in, c, &from, i, b);
        slot[at] = b->options;
    }
    return true;
}

double opt_inner_least(opt *o, const opt_split *split, opt_inside what)
{
    hd_mark mark = hd_arena_mark(o->arena);
    hd_incumbent least = {.found = false, .cost = INFINITY, .objective = HD_ENERGY};
    opt *in = hd_arena_alloc(o->arena, 1, sizeof *in);
    double pj = 0;
    columns c;
    if (!in) return 0;
    *in = *o;
    opt_settle_split(in, split);
    in->inside = what;
    in->inc = &least;
    in->ledger = NULL;
    in->split = NULL;
    in->open = INFINITY;
    in->over = false;
    in->nodes = in->leaves = 0;
    find_columns(in, &c);
    for (int b = 0; b < in->blocks && in->memory; b++) in->memory = thin_out(in, &c, &in->block[b]);
    if (in->memory) {
        opt_plant(in, NULL);
        if (in->memory) opt_find_herds(in);
        if (in->memory) opt_search_split(in, 0);
        if (in->memory) pj = fmin(least.cost, in->open) * (1 - 1e-12);
    }
    o->nodes += in->nodes;
    opt_forget_turns(o); /* that is the memory of both */
    hd_arena_rewind(o->arena, mark);
    return pj;
}
