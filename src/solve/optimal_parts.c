/* What is searched on its own: a keep set and a set of levels with loops.
 *
 * All parts are bounded first, then searched from the least bound on, until that is no less than the best cost.  A part's options
 * and the root that its bound left of them are kept in between, as long as there is room for them.        */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solve/optimal_frame.h"
#include "solve/optimal_ledger.h"
#include "solve/optimal_tree.h"

/* The options under a keep set and mask, and what was found out of them. */
typedef struct tables {
    int blocks;
    opt_block *block;
    double most[(HD_AXES + 1) * HD_MAX_LEVELS + OPT_MAX_PARTS], least_steps; /* as in opt */
    opt_frame *root;
} tables;

typedef struct part {
    double bound;
    unsigned mask, keep[HD_MAX_LEVELS];
    opt_inner *inner;
    tables *kept;                     /* NULL: to be made again */
} part;
enum { MOST_PARTS = 1 << 12, MOST_KEPT = 1 << 24 }; /* bytes of tables */

static int64_t work_of(const opt *o)
{
    enum { EACH = 8 }; /* bounds that a row, a leaf, a price takes the time of */
    return o->nodes + EACH * (o->rows + o->leaves + o->inc->evaluations - o->priced);
}

bool opt_is_out(opt *o)
{
    if (o->inside || o->split) o->budget->next = o->budget->polls; /* on a mesh a node is long work: the clock is asked at each */
    return hd_budget_out(o->budget) || (o->most_work > 0 && work_of(o) > o->most_work);
}

/* Will the bounds of all `n` parts take more than their share, by those of the first ones? */
static bool is_too_much(const opt *o, int i, int n)
{
    enum { SHARE = 5, FIRST = 8 };
    return o->most_work > 0 && i > n / FIRST && work_of(o) > o->most_work / SHARE / n * i;
}

/* All keep sets x all sets of levels with loops. */
static int list_parts(const opt *o, int level, part *at, part *list, int n)
{
    const hd_form *form = o->form;
    if (level < form->levels) {
        unsigned open = form->keep_free[level], dropped = 0;
        do {
            at->keep[level] = form->keep_most[level] & ~dropped;
            n = list_parts(o, level + 1, at, list, n);
            dropped = (dropped - open) & open;
        } while (dropped && n < MOST_PARTS);
        return n;
    }
    for (at->mask = 0; at->mask < 1u << (o->last + 1) && n < MOST_PARTS; at->mask += 2)
        if (!(at->mask & ~o->may_loop) && !(o->must_loop & ~at->mask)) list[n++] = *at;
    return n;
}

static int by_bound(const void *a, const void *b)
{
    const part *x = a, *y = b;
    if (x->bound != y->bound) return x->bound < y->bound ? -1 : 1;
    return x->mask != y->mask ? (x->mask > y->mask) - (x->mask < y->mask) : memcmp(x->keep, y->keep, sizeof x->keep);
}

/* What is counted under the keep set and mask. */
static bool lay_out(opt *o, const unsigned *keep, unsigned mask)
{
    memcpy(o->keep, keep, sizeof o->keep);
    o->mask = mask;
    o->groups = o->flows = o->factors = 0;
    o->inner_pj = o->inner_all_pj = 0;
    o->cut = o->mesh > 0 ? o->mesh : o->last > 1 ? 1 : 0;
    o->rules->find_groups(o);
    o->memory = opt_lay_out(o);
    return o->memory;
}

bool opt_enter(opt *o, const unsigned *keep, unsigned mask)
{
    if (!lay_out(o, keep, mask) || !opt_find_options(o)) return false;
    opt_merge_blocks(o);
    if (o->memory) opt_find_work(o);
    return o->memory && opt_fold(o);
}

static void keep_tables(opt *o, part *at, opt_frame *root)
{
    tables *t = at->kept = hd_arena_alloc(o->arena, 1, sizeof *t);
    if (t) *t = (tables){.blocks = o->blocks, .least_steps = o->least_steps, .root = o->ledger ? NULL : root};
    if (t) t->block = hd_arena_alloc(o->arena, (size_t)o->blocks, sizeof *t->block);
    o->memory = t && t->block;
    if (!o->memory) return;
    memcpy(t->block, o->block, (size_t)o->blocks * sizeof *t->block);
    memcpy(t->most, o->most, sizeof t->most);
}

static void take_tables(opt *o, const tables *t)
{
    o->blocks = t->blocks;
    o->least_steps = t->least_steps;
    memcpy(o->block, t->block, (size_t)t->blocks * sizeof *t->block);
    memcpy(o->most, t->most, sizeof t->most);
}

static double bound_on_mesh(opt *o, part *at)
{
    at->inner = hd_arena_alloc(o->arena, 1 << HD_ROLES, sizeof *at->inner);
    o->memory = at->inner != NULL;
    hd_mark mark = hd_arena_mark(o->arena);
    opt_frame *root;
    o->inner = at->inner;
    double bound = o->memory && opt_enter(o, at->keep, at->mask) ? opt_root_bound(o, &root) : INFINITY;
    if (o->memory && bound < opt_limit(o)) bound = fmax(bound, opt_splits_bound(o));
    hd_arena_rewind(o->arena, mark);
    return bound;
}

/* `start`: bytes of the arena before the first part. */
static double bound_part(opt *o, part *at, size_t start)
{
    hd_mark mark = hd_arena_mark(o->arena);
    opt_frame *root;
    double bound = opt_enter(o, at->keep, at->mask) ? opt_root_bound(o, &root) : INFINITY;
    if (o->memory && bound < opt_limit(o) && hd_arena_taken(o->arena) - start < MOST_KEPT) {
        opt_plant(o, root);
        if (o->memory) keep_tables(o, at, root);
    }
    if (!at->kept) hd_arena_rewind(o->arena, mark);
    return bound;
}

/* Bounds of all parts, the least first. */
static bool bound_parts(opt *o, part *list, int n)
{
    size_t start = hd_arena_taken(o->arena);
    for (int i = 0; i < n; i++) {
        list[i].bound = o->mesh > 0 ? bound_on_mesh(o, &list[i]) : bound_part(o, &list[i], start);
        if (!o->memory || opt_is_out(o) || is_too_much(o, i + 1, n)) return false;
    }
    qsort(list, (size_t)n, sizeof *list, by_bound);
    return true;
}

/* On a mesh, of a part that was searched: nothing in it is better than the best now, or than what was left unseen. */
static void tell_whole(opt *o, const part *at)
{
    double bound = fmin(o->open, opt_limit(o));
    hd_argument why = o->over ? HD_UNSEEN : isfinite(bound) ? HD_BY_BOUND : HD_BY_ROOM;
    opt_ledger_whole(o, at->keep, at->mask, why, bound);
}

static void search_on_mesh(opt *o, const part *at)
{
    opt_find_herds(o);
    opt_search_splits(o);
    opt_ledger_close(o);
    tell_whole(o, at);
}

static void search_tables(opt *o, const part *at)
{
    opt_ledger_open(o);
    opt_search_from(o, at->kept ? at->kept->root : NULL);
    opt_ledger_close(o);
}

static bool enter_again(opt *o, const part *at)
{
    o->inner = at->inner;
    if (!at->kept) {
        if (!opt_enter(o, at->keep, at->mask)) return false;
        opt_plant(o, NULL);
        return o->memory;
    }
    if (!lay_out(o, at->keep, at->mask)) return false;
    take_tables(o, at->kept);
    return true;
}

static void search_part(opt *o, const part *at)
{
    hd_mark mark = hd_arena_mark(o->arena);
    if (!o->over && enter_again(o, at)) {
        if (o->mesh > 0) search_on_mesh(o, at);
        else search_tables(o, at);
    } else {
        o->open = fmin(o->open, at->bound);
        opt_ledger_whole(o, at->keep, at->mask, HD_UNSEEN, at->bound);
    }
    if (!o->memory) o->open = fmin(o->open, at->bound);
    o->over |= !o->memory;
    hd_arena_rewind(o->arena, mark);
}

/* Search the parts; true when nothing is left unseen. */
static bool search_all(opt *o, part *list, int n)
{
    double limit = opt_limit(o); /* what bound_parts dropped costs no less */
    int i = 0;
    if (!bound_parts(o, list, n)) return false;
    o->open = INFINITY;
    for (; i < n && list[i].bound < opt_limit(o); i++) search_part(o, &list[i]);
    for (; i < n && o->ledger; i++) {
        double bound = fmin(limit, list[i].bound);
        opt_ledger_whole(o, list[i].keep, list[i].mask, isfinite(bound) ? HD_BY_BOUND : HD_BY_ROOM, bound);
    }
    double bound = fmin(o->open, o->inc->cost) * (1 - 1e-12);
    if (bound > o->inc->lower_bound && isfinite(bound)) o->inc->lower_bound = bound;
    return !isfinite(o->open);
}

hd_status opt_search_parts(opt *o, bool *even, bool *all, hd_error *err)
{
    part at = {.bound = 0}, *list = hd_arena_alloc(o->arena, MOST_PARTS, sizeof *list);
    if (!list) return hd_fail_memory(err);
    int n = list_parts(o, 0, &at, list, 0);
    *even = n < MOST_PARTS;
    if (!*even) return HD_OK;
    opt_ledger_begin(o);
    if (!o->memory) return hd_fail_memory(err);
    /* A proof step by step counts products of options, splits are none: a larger one has the parts whole. */
    if (!o->ledger || !o->inc->proof->stepwise) o->mesh = opt_find_mesh(o);
    opt_find_alike_axes(o);
    *all = search_all(o, list, n);
    return HD_OK;
}
