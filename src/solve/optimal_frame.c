/* Frames and their domains: see optimal_frame.h. */
#include "solve/optimal_frame.h"

#include <math.h>
#include <string.h>

#include "solve/optimal_ledger.h"

static void find_common(const opt *o, const opt_domain *d, double *least, uint16_t *may_loop, uint16_t *may_wrap)
{
    const opt_block *b = &o->block[d->block];
    for (int i = 0; i < o->row; i++) least[i] = INFINITY;
    memset(may_loop, 0, sizeof d->may_loop);
    memset(may_wrap, 0, sizeof d->may_wrap);
    for (int k = 0; k < d->n; k++) {
        size_t option = (size_t)d->child[k].option;
        opt_lower(o, opt_row_of(o, b, (int)option), least);
        for (int l = 1; l <= o->mac; l++) {
            may_loop[l] |= b->loops[option * HD_MAX_LEVELS + (size_t)l];
            may_wrap[l] |= b->wraps[option * HD_MAX_LEVELS + (size_t)l];
        }
    }
}

static void find_most_copies(const opt *o, opt_domain *d)
{
    memset(d->most, 0, sizeof d->most);
    for (int k = 0; o->split && k < d->n; k++) {
        const double *row = opt_row_of(o, &o->block[d->block], d->child[k].option);
        for (int i = 0; i < o->parts; i++) d->most[i] = opt_greater(row[o->parted + i], d->most[i]);
    }
}

bool opt_summarise(const opt *o, opt_domain *d)
{
    double least[OPT_MAX_ROW];
    uint16_t may_loop[HD_MAX_LEVELS], may_wrap[HD_MAX_LEVELS];
    size_t row = (size_t)o->row * sizeof *least;
    find_common(o, d, least, may_loop, may_wrap);
    find_most_copies(o, d);
    bool changed = o->split || memcmp(least, d->least, row) != 0 || memcmp(may_loop, d->may_loop, sizeof may_loop) != 0 ||
                   memcmp(may_wrap, d->may_wrap, sizeof may_wrap) != 0;
    memcpy(d->least, least, row);
    memcpy(d->may_loop, may_loop, sizeof may_loop);
    memcpy(d->may_wrap, may_wrap, sizeof may_wrap);
    return changed;
}

void opt_complete(const opt *o, const opt_frame *f, int but, opt_node *out)
{
    opt_copy_node(o, &f->node, out);
    for (int i = 0; i < f->domains; i++) {
        if (i == but) continue;
        opt_multiply(o, out->row, f->domain[i].least, out->row);
        for (int l = 1; l <= o->mac; l++) {
            out->may_loop[l] |= f->domain[i].may_loop[l];
            out->may_wrap[l] |= f->domain[i].may_wrap[l];
        }
    }
}

void opt_most_copies(const opt *o, const opt_frame *f, int but, double out[OPT_MAX_PARTS])
{
    for (int i = 0; o->split && i < o->parts; i++) {
        out[i] = f->node.row[o->parted + i];
        for (int k = 0; k < f->domains; k++)
            if (k != but) out[i] *= f->domain[k].most[i];
    }
}

void opt_settle(opt *o, const opt_frame *f, int i)
{
    opt_left left[HD_MAX_DIMS];
    int n = 0;
    if (!o->ledger) return;
    for (int k = 0; k < f->domains; k++)
        if (k != i) left[n++] = (opt_left){f->domain[k].block, f->domain[k].n, &f->domain[k].child->option, sizeof(opt_child)};
    opt_ledger_settle(o, f->domain[i].block, left, n);
}

static opt_frame *new_frame(opt *o)
{
    opt_frame *f = hd_arena_alloc(o->arena, 1, sizeof *f);
    if (f) f->stale = ~0u;
    return f;
}

opt_frame *opt_frame_root(opt *o)
{
    opt_frame *f = new_frame(o);
    if (!f) return NULL;
    for (int i = 0; i < o->row; i++) f->node.row[i] = 1;
    for (int b = 0; b < o->blocks; b++) {
        opt_domain *d = &f->domain[b];
        *d = (opt_domain){.block = b};
        d->child = hd_arena_alloc(o->arena, (size_t)o->block[b].options, sizeof *d->child);
        d->least = hd_arena_alloc(o->arena, (size_t)o->row, sizeof *d->least);
        if (!d->child || !d->least) return NULL;
        for (int k = 0; k < o->block[b].options; k++)
            if (opt_split_admits(o, b, k)) d->child[d->n++].option = k;
        opt_summarise(o, d);
    }
    f->domains = o->blocks;
    return f;
}

/* Add a copy of the domain, for frames further down. */
static opt_domain *add_domain(opt *o, opt_frame *f, const opt_domain *from)
{
    opt_domain *d = &f->domain[f->domains++];
    *d = *from;
    d->child = hd_arena_alloc(o->arena, (size_t)d->n, sizeof *d->child);
    d->least = hd_arena_alloc(o->arena, (size_t)o->row, sizeof *d->least);
    if (!d->child || !d->least) return NULL;
    memcpy(d->child, from->child, (size_t)d->n * sizeof *d->child);
    memcpy(d->least, from->least, (size_t)o->row * sizeof *d->least);
    return d;
}

opt_frame *opt_choose(opt *o, const opt_frame *f, int i, int option)
{
    opt_frame *next = new_frame(o);
    if (!next) return NULL;
    opt_take(o, &f->node, &o->block[f->domain[i].block], option, &next->node);
    for (int k = 0; k < f->domains; k++)
        if (k != i && !add_domain(o, next, &f->domain[k])) return NULL;
    return next;
}

bool opt_in_half(const opt *o, const opt_frame *f, const opt_cut *cut, int option, int half)
{
    return (opt_row_of(o, &o->block[f->domain[cut->domain].block], option)[cut->column] >= cut->at) == (half == 1);
}

opt_frame *opt_take_half(opt *o, const opt_frame *f, const opt_cut *cut, int half)
{
    opt_frame *next = new_frame(o);
    if (!next) return NULL;
    opt_copy_node(o, &f->node, &next->node);
    next->limit = f->limit;
    next->stale = f->stale | ~(1u << cut->domain); /* beside the half stands what stood beside the whole */
    for (int k = 0; k < f->domains; k++) {
        opt_domain *d = add_domain(o, next, &f->domain[k]);
        if (!d) return NULL;
        if (k != cut->domain) continue;
        d->n = 0;
        for (int i = 0; i < f->domain[k].n; i++)
            if (opt_in_half(o, f, cut, f->domain[k].child[i].option, half)) d->child[d->n++] = f->domain[k].child[i];
        opt_summarise(o, d);
    }
    return next;
}

opt_frame *opt_take_herd(opt *o, const opt_frame *f, int i, int herd)
{
    opt_frame *next = new_frame(o);
    if (!next) return NULL;
    opt_copy_node(o, &f->node, &next->node);
    for (int k = 0; k < f->domains; k++)
        if (!add_domain(o, next, &f->domain[k])) return NULL;
    opt_domain *d = &next->domain[i];
    const int *of = o->block[d->block].herd;
    d->n = 0;
    for (int k = 0; k < f->domain[i].n; k++)
        if (of[f->domain[i].child[k].option] == herd) d->child[d->n++] = f->domain[i].child[k];
    opt_summarise(o, d);
    return next;
}
