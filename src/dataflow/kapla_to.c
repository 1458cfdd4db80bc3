/* KAPLA's form as our schemes: the same directives, blocks clipped to the layer, units that would have no part left out. */
#include <assert.h>
#include <string.h>

#include "base/count.h"
#include "dataflow/kapla_convert.h"

enum { GBUF = 1, REGF = 2, MAC = 3 };

typedef struct writing {
    const hd_problem *p;
    const hd_kapla_scheme *form;
    hd_kapla_dims dims;
    hd_scheme *out;
} writing;

/* The KAPLA dim that a dim of ours is; HD_KAPLA_DIMS for the maps of a sum. */
static int kapla_dim(const writing *w, int dim)
{
    int d = 0;
    while (d < HD_KAPLA_DIMS && w->dims.dim[d] != dim) d++;
    return d;
}

static bool moves(const hd_kapla_move *m, int dim)
{
    /* the taps of a filter move rows of the input too: there the first part says what it is */
    if (m->part[0].dim == HD_KAPLA_S || dim == HD_KAPLA_S) return m->part[0].dim == dim;
    for (int i = 0; i < m->parts; i++)
        if (m->part[i].dim == dim) return true;
    return false;
}

static int64_t box_of(const writing *w, int level, int dim)
{
    int64_t outer = w->out->level[level - 1].tensor[dim];
    int d = kapla_dim(w, dim);
    if (level == MAC) return 1;
    if (d == HD_KAPLA_DIMS) return outer;
    return hd_count_min(outer, (level == GBUF ? &w->form->gbuf : &w->form->regf)->tensor[d]);
}

/* Rows and taps that the template lays on the array lie next to each other; other copies have a range each. */
static bool is_inner(int level, int dim)
{
    return level == REGF && (dim == HD_KAPLA_S || dim == HD_KAPLA_YO || dim == HD_KAPLA_YI);
}

/* Directives of one dim at one level, all but their order: the step of its update (0 = none), the shift of every stack. */
typedef struct placing { int64_t covered, outer, step, shift[HD_KAPLA_MOVES], copies[HD_KAPLA_MOVES]; } placing;

static void place_stacks(const hd_kapla_block *block, int dim, placing *at)
{
    for (int i = 0; i < block->stacks; i++) {
        if (!moves(&block->stack[i], dim) || at->covered >= at->outer) continue;
        at->shift[i] = at->covered;
        at->copies[i] = hd_count_min(block->stack[i].copies, hd_count_ceil_div(at->outer, at->covered));
        at->covered *= at->copies[i];
    }
}

static void place(const writing *w, int level, int dim, const hd_kapla_block *block, placing *at)
{
    int d = kapla_dim(w, dim);
    int64_t ranges = 1;
    memset(at, 0, sizeof *at);
    at->outer = w->out->level[level - 1].tensor[dim];
    at->covered = w->out->level[level].tensor[dim];
    if (is_inner(level, d)) place_stacks(block, d, at);
    for (int i = 0; i < block->stacks && !is_inner(level, d); i++)
        if (moves(&block->stack[i], d)) ranges *= block->stack[i].copies;
    int64_t range = hd_count_ceil_div(at->outer, ranges);
    if (range > at->covered) {
        at->step = at->covered;
        at->covered *= hd_count_ceil_div(range, at->covered);
    }
    if (!is_inner(level, d)) place_stacks(block, d, at);
    assert(at->covered >= at->outer);
}

static void add_update(hd_scheme_level *l, int dim, int64_t step)
{
    if (step > 0) l->update[l->updates++] = (hd_update){dim, step};
}

/* Stacks of the mesh as places: see kapla_from.c. */
static void write_level(const writing *w, int level, const hd_kapla_block *block)
{
    hd_scheme_level *l = &w->out->level[level];
    placing at[HD_MAX_DIMS];
    for (int d = 0; d < w->p->op->dims; d++) place(w, level, d, block, &at[d]);
    for (int k = 0; k < block->stacks; k++) {
        int i = level == GBUF ? block->stacks - 1 - k : k;
        for (int d = 0; d < w->p->op->dims; d++)
            if (at[d].copies[i] > 1)
                l->stack[l->stacks++] = (hd_stack){d, block->stack[i].on_h ? HD_Y : HD_X, at[d].shift[i], at[d].copies[i]};
    }
    for (int i = 0; i < block->updates; i++)
        for (int d = 0; d < w->p->op->dims; d++)
            if (moves(&block->update[i], kapla_dim(w, d))) {
                add_update(l, d, at[d].step);
                at[d].step = 0;
            }
    for (int d = 0; d < w->p->op->dims; d++) add_update(l, d, at[d].step);
}

/* More rows than the template's lie in its own stack of rows; those that do not fit its side lie on the other. */
static hd_kapla_block unfold(const hd_problem *p, const hd_kapla_layer *layer, const hd_kapla_block *regf)
{
    hd_kapla_block out = *regf;
    hd_kapla_move *rows = &out.stack[0];
    if (regf->stacks == 0) return out;
    int dim = hd_kapla_is_back(layer->type) ? HD_KAPLA_YI : HD_KAPLA_YO;
    int64_t more = regf->split[dim];
    bool fits = rows->copies <= p->arch->level[REGF].fan[rows->on_h ? HD_Y : HD_X];
    if (more <= 1 || fits || out.stacks == HD_KAPLA_MOVES) return out;
    memmove(rows + 2, rows + 1, (size_t)(out.stacks++ - 1) * sizeof *rows);
    rows[1] = rows[0];
    rows[0].copies /= more;
    rows[1].copies = more;
    rows[1].on_h = !rows[0].on_h;
    return out;
}

/* Vector work on units further out: the blocks out there stay, the array holds nothing and spreads nothing. */
static void leave_array(const hd_problem *p, hd_scheme *out)
{
    for (int l = p->arch->vector_at + 1; l < MAC; l++) {
        memcpy(out->level[l].tensor, out->level[l - 1].tensor, sizeof out->level[l].tensor);
        out->level[l].keep = 0;
        out->level[l].stacks = out->level[l].updates = 0;
    }
}

void hd_kapla_to_scheme(const hd_problem *p, const hd_kapla_scheme *form, hd_scheme *out)
{
    writing w = {.p = p, .form = form, .out = out};
    hd_kapla_layer layer;
    hd_kapla_block regf = unfold(p, &form->layer, &form->regf);
    bool known = hd_kapla_layer_of(p->op, p->makes, &layer, &w.dims, NULL);
    assert(known && !form->systolic);
    (void)known;
    memset(out, 0, sizeof *out);
    out->levels = p->arch->levels;
    for (int l = 0; l < out->levels; l++)
        for (int r = 0; r < HD_ROLES; r++)
            if (p->op->tensor[r].used && l < MAC) out->level[l].keep |= HD_ROLE_BIT(r);
    for (int d = 0; d < p->op->dims; d++) {
        out->level[0].tensor[d] = p->op->dim[d].extent;
        for (int l = GBUF; l <= MAC; l++) out->level[l].tensor[d] = box_of(&w, l, d);
    }
    write_level(&w, GBUF, &form->gbuf);
    write_level(&w, REGF, &regf);
    if (p->op->vector) leave_array(p, out);
    for (int d = p->op->dims - 1; d >= 0; d--) /* taps of a filter row innermost */
        add_update(&out->level[MAC], d, out->level[REGF].tensor[d] > 1 ? 1 : 0);
}
