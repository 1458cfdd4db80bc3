/* One choice of tiles, written out as a scheme, under every order of its loops. */
#include <math.h>
#include <string.h>

#include "audit/enumerate.h"
#include "base/count.h"

typedef struct trial {
    const hd_enumeration *e;
    hd_objective objective;
    hd_scheme scheme;
    double least;
    int64_t prices;
} trial;

/* Stacks of a dim, the innermost first; false where a level has too many. */
static bool write_dim(const hd_enumeration *e, int dim, int64_t row, hd_scheme *s)
{
    const hd_chains *c = &e->dim[dim];
    const int64_t *span = c->span + row * c->slots;
    int64_t box = e->problem->op->dim[dim].extent;
    for (int l = 0, k = 0; l < s->levels; l++) {
        while (k < c->slots && c->level[k] == l) box = span[k++];
        s->level[l].tensor[dim] = box;
    }
    for (int k = c->slots - 1; k >= 0; k--) {
        hd_scheme_level *level = &s->level[c->level[k]];
        int64_t above = k > 0 ? span[k - 1] : e->problem->op->dim[dim].extent, count = hd_count_ceil_div(above, span[k]);
        if (count == 1) continue;
        if (c->kind[k] == HD_AXES) {
            level->update[level->updates++] = (hd_update){dim, span[k]};
            continue;
        }
        if (level->stacks == HD_MAX_STACKS) return false;
        level->stack[level->stacks++] = (hd_stack){dim, c->kind[k], span[k], count};
    }
    return true;
}

static void try_orders(trial *t, int level, int i)
{
    hd_scheme_level *at = &t->scheme.level[level];
    if (level == t->scheme.levels) {
        hd_breakdown price;
        if (!t->e->model->fits(t->e->problem, &t->scheme, NULL)) return;
        t->e->model->price(t->e->problem, &t->scheme, &price);
        t->prices++;
        t->least = fmin(t->least, hd_price_objective(&price, t->objective));
        return;
    }
    if (!(t->e->ordered >> level & 1u) || i >= at->updates - 1) {
        try_orders(t, level + 1, 0);
        return;
    }
    for (int j = i; j < at->updates; j++) {
        hd_update moved = at->update[j];
        at->update[j] = at->update[i], at->update[i] = moved;
        try_orders(t, level, i + 1);
        moved = at->update[j];
        at->update[j] = at->update[i], at->update[i] = moved;
    }
}

double hd_least_price(const hd_enumeration *e, const int64_t *row, const unsigned *keep, hd_objective objective,
                      int64_t *prices)
{
    trial t = {.e = e, .objective = objective, .least = INFINITY};
    t.scheme.levels = e->problem->arch->levels;
    for (int d = 0; d < e->problem->op->dims; d++)
        if (!write_dim(e, d, row[d], &t.scheme)) return INFINITY;
    for (int l = 0; l < t.scheme.levels; l++) t.scheme.level[l].keep = keep[l];
    if (hd_scheme_is_legal(e->problem, &t.scheme, NULL)) try_orders(&t, 1, 0);
    *prices += t.prices;
    return t.least;
}
