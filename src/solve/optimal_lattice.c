/* The tiles: chains of every dim, joined to blocks where ranks of two dims tie them together, each option with its row of
 * products.                                                                                            */
#include <math.h>
#include <string.h>

#include "base/count.h"
#include "solve/optimal.h"

/* What follows from the spans. */
static bool finish_chain(const opt *o, int dim, opt_chain *c)
{
    int64_t above = o->p->op->dim[dim].extent;
    if (o->ragged) return opt_ragged_finish(o, dim, c);
    c->even = HD_MAX_LEVELS;
    for (int l = 0; l < o->form->levels; l++) c->loop[l] = c->copies[l][HD_X] = c->copies[l][HD_Y] = 1;
    for (int l = 0, k = 0; l < o->form->levels; l++) {
        for (; k < o->form->slots[dim] && o->form->slot[dim][k].level == l; k++) {
            int kind = o->form->slot[dim][k].kind;
            int64_t count = above / c->span[k];
            if (count * c->span[k] != above) return false;
            if (kind == HD_SLOT_UPDATE) c->loop[l] = count;
            else c->copies[l][kind] = count;
            above = c->span[k];
        }
        c->box[l] = above;
    }
    return true;
}

typedef struct lister { opt *o; int dim, room; opt_chain at; bool even; } lister;

static bool copies_fit(const lister *s, int k, int64_t count)
{
    const hd_slot *slot = &s->o->form->slot[s->dim][k];
    return slot->kind == HD_SLOT_UPDATE || count <= s->o->p->arch->level[slot->level].fan[slot->kind];
}

/* Chains whose tiles do not fit alone are left to the search: it sees all roles. */
static void list_chains(lister *s, int k)
{
    opt *o = s->o;
    if (!s->even || o->chains[s->dim] > s->room) return;
    if (k == o->form->slots[s->dim]) {
        if (o->chain[s->dim] && o->chains[s->dim] < s->room) {
            s->even = finish_chain(o, s->dim, &s->at);
            o->chain[s->dim][o->chains[s->dim]] = s->at;
        }
        o->chains[s->dim]++;
        return;
    }
    int64_t value[HD_MAX_SIZES], above = k > 0 ? s->at.span[k - 1] : o->p->op->dim[s->dim].extent;
    int n = hd_form_spans(o->form, s->dim, k, s->at.span, value, HD_MAX_SIZES);
    for (int i = 0; i < n; i++) {
        s->at.span[k] = value[i];
        if (copies_fit(s, k, hd_count_ceil_div(above, value[i]))) list_chains(s, k + 1);
    }
}

bool opt_find_chains(opt *o)
{
    for (int d = 0; d < o->form->dims; d++) {
        lister s = {.o = o, .dim = d, .room = OPT_MAX_OPTIONS, .even = true};
        list_chains(&s, 0);
        int n = o->chains[d];
        if (n > OPT_MAX_OPTIONS) return false;
        o->chain[d] = hd_arena_alloc(o->arena, (size_t)n + 1, sizeof **o->chain);
        o->memory = o->chain[d] != NULL;
        if (!o->memory) return false;
        s.room = n;
        o->chains[d] = 0;
        list_chains(&s, 0);
        if (!s.even) return false;
    }
    return true;
}

static bool is_plain(const opt *o, int role, const hd_rank *rank)
{
    bool plain = false;
    for (int t = 0; t < rank->terms; t++) plain |= o->plain[role] >> rank->term[t].dim & 1u;
    return plain;
}

const hd_rank *opt_general(const opt *o, int role, int index)
{
    const hd_tensor *t = &o->p->op->tensor[role];
    for (int r = 0; t->used && r < t->ranks; r++)
        if (!is_plain(o, role, &t->rank[r]) && index-- == 0) return &t->rank[r];
    return NULL;
}

/* Blocks: dims of one general rank come together. */
static void find_blocks(opt *o)
{
    int of[HD_MAX_DIMS];
    for (int d = 0; d < o->form->dims; d++) of[d] = d;
    for (int r = 0; r < HD_ROLES; r++)
        for (int q = 0; opt_general(o, r, q); q++) {
            const hd_rank *rank = opt_general(o, r, q);
            if (rank->terms < 2) continue;
            int from = of[rank->term[0].dim], to = of[rank->term[1].dim];
            for (int d = 0; d < o->form->dims; d++)
                if (of[d] == from) of[d] = to;
        }
    o->blocks = 0;
    for (int b = 0; b < o->form->dims; b++) {
        opt_block *block = &o->block[o->blocks];
        memset(block, 0, sizeof *block);
        for (int d = 0; d < o->form->dims; d++)
            if (of[d] == b) block->dim[block->dims++] = d;
        if (block->dims > 0) o->blocks++;
    }
}

/* Do the chains of a block leave the levels without loops alone? */
static bool is_masked(const opt *o, const opt_chain *c)
{
    for (int l = 1; l <= o->last; l++)
        if (!(o->mask >> l & 1u) && c->loop[l] > 1) return false;
    return true;
}

/* ---- the row of an option ---- */

/* In a slide's second half all stays that may. */
static bool is_second_half(const opt *o, const opt_group *g, int variant)
{
    int half = variant - g->depths - 1;
    return o->rules->halves && half >= 0 && half < g->slides && half % 2;
}

static void multiply_ragged_states(const opt *o, const opt_chain *c, int dim, const opt_group *g, unsigned merge, double *v)
{
    for (int i = 0; i < g->variants; i++)
        v[i] *= opt_ragged_states(o, c, dim, g, merge, is_second_half(o, g, i) ? g->depths : i);
}

/* States of a dim that the role lacks, or pieces of one that it has; `first`: in the first step alone. */
static double states(const opt *o, const opt_chain *c, int dim, const opt_group *g, unsigned merge, bool first)
{
    bool absent = o->absent[g->role] >> dim & 1u;
    double n = (double)o->p->op->dim[dim].extent;
    if (first) n = absent ? 1 : (double)c->box[g->level];
    else if (absent) n /= (double)c->box[g->level];
    for (int l = 1; l <= g->level; l++)
        for (int axis = 0; axis < HD_AXES; axis++) {
            bool merged = absent && (merge & NEST_STACK(l, axis));
            if (first && !merged) n *= (double)c->copies[l][axis];
            if (!first && merged) n /= (double)c->copies[l][axis];
        }
    return n;
}

/* Into the value of every variant: each depth leaves alone what the loops of one more level repeat. */
static void multiply_states(const opt *o, const opt_chain *c, int dim, const opt_group *g, unsigned merge, double *v)
{
    double n = states(o, c, dim, g, merge, false), left = n;
    bool absent = o->absent[g->role] >> dim & 1u;
    int depth = 0;
    v[OPT_MOVES] *= n;
    for (int l = g->at; l >= 1 && depth < g->depths; l--) {
        if (!(o->mask >> l & 1u)) continue;
        if (absent) left /= (double)c->loop[l];
        v[++depth] *= left;
    }
    while (depth < g->depths) v[++depth] *= left;
    for (int i = 0; i < g->slides; i++) v[++depth] *= o->rules->halves && i % 2 ? left : n;
    if (g->linked) v[g->linked] *= left;
    if (opt_is_first_step(o, g, g->variants - 1)) v[g->variants - 1] *= states(o, c, dim, g, merge, true);
}

/* Counts of a kind in every variant; `of`: the chain of each dim of the block, NULL for those of other blocks. */
static void fill_counts(const opt *o, const opt_chain *const *of, unsigned block, const opt_group *g, int kind, double *v)
{
    unsigned alone = o->absent[g->role] | o->plain[g->role];
    for (int i = 0; i < g->variants; i++) v[i] = 1;
    for (unsigned dims = block; dims; dims = hd_dims_after(dims)) {
        int d = hd_dim_of(dims);
        if (alone >> d & 1u) (o->ragged ? multiply_ragged_states : multiply_states)(o, of[d], d, g, g->merge[kind], v);
        for (int l = 1; l <= g->per[kind]; l++) {
            int64_t copies = of[d]->copies[l][HD_X] * of[d]->copies[l][HD_Y];
            for (int i = 0; copies > 1 && i < g->variants; i++) v[i] /= (double)copies;
        }
    }
    for (int q = 0; (block & ~alone) && opt_general(o, g->role, q); q++) {
        const hd_rank *rank = opt_general(o, g->role, q);
        if (!of[rank->term[0].dim]) continue;
        for (int i = 0; i < g->variants; i++) v[i] *= o->rules->window(o, g, q, of, g->merge[kind] & ~g->apart[kind], i);
    }
}

static double factor_value(const opt_chain *const *of, unsigned block, const opt_factor *f)
{
    double copies = 1;
    for (unsigned dims = block & f->dims; dims; dims = hd_dims_after(dims)) {
        const opt_chain *c = of[hd_dim_of(dims)];
        for (int l = 1; l <= f->level; l++) copies *= (double)(c->copies[l][HD_X] * c->copies[l][HD_Y]);
    }
    return f->inverse ? 1 / copies : copies;
}

static double copies_value(const opt_chain *const *of, unsigned block, const opt_fan *f)
{
    double copies = 1;
    for (unsigned dims = block & f->dims; dims; dims = hd_dims_after(dims))
        for (int axis = 0; axis < HD_AXES; axis++)
            if (f->axis == HD_AXES || f->axis == axis) copies *= (double)of[hd_dim_of(dims)]->copies[f->level][axis];
    return copies;
}

static double steps_value(const opt *o, const opt_chain *const *of, unsigned block)
{
    double steps = 1;
    for (unsigned dims = block; dims; dims = hd_dims_after(dims)) {
        int d = hd_dim_of(dims);
        if (o->ragged) steps *= opt_ragged_steps(o, of[d], d);
        for (int l = 1; !o->ragged && l < o->form->levels; l++) steps *= (double)of[d]->loop[l];
    }
    return steps;
}

/* What decides whether it fits. */
static void fill_head(const opt *o, const opt_chain *const *of, unsigned block, double *row)
{
    for (int f = 0; f < o->fans; f++) row[f] = copies_value(of, block, &o->fan[f]);
    for (int t = 0; t < o->tiles; t++) row[o->fans + t] = o->rules->tile_words(o, of, &o->tile[t]);
}

static void fill_rest(const opt *o, const opt_chain *const *of, unsigned block, double *row)
{
    for (int f = 0; f < o->factors; f++) row[o->factor_at + f] = factor_value(of, block, &o->factor[f]);
    row[o->steps] = steps_value(o, of, block);
    for (const opt_group *g = o->group; g < o->group + o->groups; g++)
        for (int k = 0; k < g->kinds; k++) fill_counts(o, of, block, g, k, row + g->first + k * g->variants);
}

/* Does an option fit at least while all other dims are at their least, and share as widely as they can? */
static bool may_fit(const opt *o, const double *row)
{
    double least[OPT_MAX_ROW];
    memcpy(least, row, (size_t)o->steps * sizeof *least);
    for (int t = 0; t < o->tiles; t++)
        if (o->tile[t].sharers > 1) least[o->fans + t] /= o->tile[t].sharers;
    return opt_fits(o, least);
}

static void fill_option(opt *o, opt_block *b, const opt_chain *const *of)
{
    double *row = b->row + (size_t)b->options * (size_t)o->row;
    uint16_t *loops = b->loops + (size_t)b->options * HD_MAX_LEVELS, *back = b->wraps + (size_t)b->options * HD_MAX_LEVELS;
    unsigned dims = 0;
    for (int i = 0; i < b->dims; i++) dims |= 1u << b->dim[i];
    o->rows++;
    fill_head(o, of, dims, row);
    if (!may_fit(o, row)) return;
    for (int i = 0; i < b->dims; i++)
        if (!o->rules->takes(o, of[b->dim[i]])) return;
    fill_rest(o, of, dims, row);
    for (int l = 1; l < o->form->levels; l++) {
        loops[l] = back[l] = 0;
        for (int i = 0; i < b->dims; i++) {
            int d = b->dim[i];
            if (of[d]->loop[l] <= 1) continue;
            loops[l] |= (uint16_t)(1u << d);
            if (o->rules->wraps(o, of, d, l)) back[l] |= (uint16_t)(1u << d);
        }
    }
    b->options++;
}

/* Every way to choose chains of the block's dims from number `i` on; with `fill` false only counted. */
static int join(opt *o, opt_block *b, int i, const opt_chain **of, int *at, bool fill)
{
    if (i == b->dims) {
        if (!fill) return 1;
        memcpy(b->chain + (size_t)b->options * (size_t)b->dims, at, (size_t)b->dims * sizeof *at);
        fill_option(o, b, of);
        return 1;
    }
    int n = 0, d = b->dim[i];
    for (int c = 0; c < o->chains[d] && n < OPT_MAX_OPTIONS; c++) {
        if (fill && hd_budget_out(o->budget)) break; /* rows of wide windows are long work */
        if (!is_masked(o, &o->chain[d][c])) continue;
        of[d] = &o->chain[d][c];
        at[i] = c;
        n += join(o, b, i + 1, of, at, fill);
    }
    of[d] = NULL;
    return n;
}

static bool fill_block(opt *o, opt_block *b)
{
    const opt_chain *of[HD_MAX_DIMS] = {NULL};
    int at[HD_MAX_DIMS], n = join(o, b, 0, of, at, false);
    o->memory = n < OPT_MAX_OPTIONS;
    if (!o->memory || n == 0) return false;
    b->chain = hd_arena_alloc(o->arena, (size_t)n * (size_t)b->dims, sizeof *b->chain);
    b->row = hd_arena_alloc(o->arena, (size_t)n * (size_t)o->row, sizeof *b->row);
    b->loops = hd_arena_alloc(o->arena, (size_t)n * HD_MAX_LEVELS, sizeof *b->loops);
    b->wraps = hd_arena_alloc(o->arena, (size_t)n * HD_MAX_LEVELS, sizeof *b->wraps);
    o->memory = b->chain && b->row && b->loops && b->wraps;
    if (!o->memory) return false;
    join(o, b, 0, of, at, true);
    return b->options > 0 && !hd_budget_out(o->budget);
}

bool opt_find_options(opt *o)
{
    find_blocks(o);
    for (int b = 0; b < o->blocks; b++)
        if (!fill_block(o, &o->block[b])) return false;
    return true;
}
