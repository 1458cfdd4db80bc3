/* The least that a domain offers within what room is left.
 *
 * The least products of a whole domain take tiles from options that no longer fit beside those already chosen.  A ladder
 * has the options sorted by one thing that they take (copies on an axis, words of a tile) with the least products of
 * the first, the first two, ...: where so much room is left, only that many options count.                 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solve/optimal_ladder.h"

static int by_value(const void *a, const void *b)
{
    const opt_rung *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->option > y->option) - (x->option < y->option);
}

/* Does the column rise as the ladder's does?  Then one serves for both, `*ratio` apart. */
static bool is_proportional(const opt_ladders *l, const opt_block *b, const int *option, int n, int column, const opt_ladder *of,
                            double *ratio)
{
    const double *first = b->row + (size_t)option[0] * (size_t)l->row;
    *ratio = first[column] / first[of->column];
    for (int i = 1; i < n; i++) {
        const double *row = b->row + (size_t)option[i] * (size_t)l->row;
        if (row[column] != *ratio * row[of->column]) return false;
    }
    return true;
}

static bool is_constant(const opt_ladders *l, const opt_block *b, const int *option, int n, int column)
{
    const double *at = b->row + column;
    for (int i = 1; i < n; i++)
        if (at[(size_t)option[i] * (size_t)l->row] != at[(size_t)option[0] * (size_t)l->row]) return false;
    return true;
}

static bool add_ladder(const opt *o, opt_ladders *l, const opt_block *b, const int *option, int n, int column)
{
    opt_ladder *ladder = &l->ladder[l->ladders];
    *ladder = (opt_ladder){.column = column, .rung = hd_arena_alloc(o->arena, (size_t)n, sizeof *ladder->rung)};
    if (!ladder->rung) return false;
    for (int i = 0; i < n; i++)
        ladder->rung[i] = (opt_rung){b->row[(size_t)option[i] * (size_t)l->row + (size_t)column], option[i]};
    qsort(ladder->rung, (size_t)n, sizeof *ladder->rung, by_value);
    l->of[column] = l->ladders++;
    l->ratio[column] = 1;
    return true;
}

bool opt_ladders_build(const opt *o, const opt_block *b, const int *option, int n, const double *least, opt_ladders *l)
{
    l->block = b;
    l->n = n;
    l->row = o->row;
    l->ladders = 0;
    l->least = least;
    for (int c = 0; c < o->steps; c++) {
        l->of[c] = -1;
        if (is_constant(l, b, option, n, c)) continue;
        for (int i = 0; i < l->ladders && l->of[c] < 0; i++)
            if (is_proportional(l, b, option, n, c, &l->ladder[i], &l->ratio[c])) l->of[c] = i;
        if (l->of[c] < 0 && l->ladders < OPT_MAX_LADDERS && !add_ladder(o, l, b, option, n, c)) return false;
    }
    return true;
}

/* How far up ladder `i` one may go within a level's memory. */
static double level_room(const opt *o, const opt_ladders *l, const double *row, int i, int *tile)
{
    const int level = o->tile[*tile].level;
    const hd_level *al = &o->p->arch->level[level];
    double room = INFINITY, rest = o->at_home[level], each = 0;
    for (; *tile < o->tiles && o->tile[*tile].level == level; ++*tile) {
        const opt_tile *t = &o->tile[*tile];
        int c = o->fans + *tile;
        double words = row[c] * t->bits / t->word_bits * t->times;
        bool own = l->of[c] == i;
        if (al->per_role && own) room = fmin(room, o->room[level][t->role] / (words * l->ratio[c]));
        if (own) each += words * l->ratio[c];
        else rest += words * l->least[c];
    }
    if (!al->per_role && each > 0) room = fmin(room, (o->pool[level] - rest) / each);
    return room;
}

static double room_for(const opt *o, const opt_ladders *l, const double *row, int i)
{
    double room = INFINITY;
    for (int f = 0; f < o->fans; f++)
        if (l->of[f] == i) room = fmin(room, o->fan[f].units / (row[f] * l->ratio[f]));
    for (int t = 0; t < o->tiles;) room = fmin(room, level_room(o, l, row, i, &t));
    return room * (1 + 1e-9);
}

static int rungs_within(const opt_ladders *l, const opt_ladder *ladder, double room)
{
    int low = 0, high = l->n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (ladder->rung[middle].value <= room) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Least products of the first rungs, for every number of them. */
static bool fill_ladder(const opt *o, const opt_ladders *l, opt_ladder *ladder)
{
    size_t width = (size_t)l->row;
    if (ladder->least) return true;
    ladder->least = hd_arena_alloc(o->arena, (size_t)l->n * width, sizeof *ladder->least);
    if (!ladder->least) return false;
    for (int i = 0; i < l->n; i++) {
        const double *row = l->block->row + (size_t)ladder->rung[i].option * width;
        double *out = ladder->least + (size_t)i * width;
        for (size_t c = 0; c < width; c++) out[c] = i > 0 && out[c - width] < row[c] ? out[c - width] : row[c];
    }
    return true;
}

const double *opt_ladders_least(const opt *o, opt_ladders *l, const double *row)
{
    int best = -1, least = l->n;
    for (int i = 0; i < l->ladders; i++) {
        int n = rungs_within(l, &l->ladder[i], room_for(o, l, row, i));
        if (n < least) least = n, best = i;
    }
    if (least == 0) return NULL;
    if (best < 0 || !fill_ladder(o, l, &l->ladder[best])) return l->least;
    return l->ladder[best].least + (size_t)(least - 1) * (size_t)l->row;
}
