/* Branch and bound over blocks.
 *
 * A node knows, of every block still open, the options that may yet lead to something better.  Each is tried with all other
 * open blocks at the least that their options offer; those whose bound passes the best so far are dropped, which
 * raises the least of their block, and so on.  Then some block is cut in two (optimal_cut.c), or, where one has but few
 * options left, that is branched on, the least bound first: what is left unseen when time is out is bounded by the least
 * bound among it.                                                                                       */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solve/optimal_frame.h"
#include "solve/optimal_ladder.h"
#include "solve/optimal_ledger.h"
#include "solve/optimal_tree.h"

void opt_take(const opt *o, const opt_node *from, const opt_block *b, int option, opt_node *out)
{
    const uint16_t *loops = b->loops + (size_t)option * HD_MAX_LEVELS, *wraps = b->wraps + (size_t)option * HD_MAX_LEVELS;
    opt_multiply(o, from->row, opt_row_of(o, b, option), out->row);
    for (int l = 0; l <= o->mac; l++) {
        out->loops[l] = from->loops[l] | loops[l];
        out->may_loop[l] = from->may_loop[l];
        out->may_wrap[l] = from->may_wrap[l] | wraps[l];
    }
}

/* Most options fail here: before anything else is multiplied. */
static bool would_fit(const opt *o, const opt_node *from, const double most[OPT_MAX_PARTS], const opt_block *b, int option)
{
    double row[OPT_MAX_ROW];
    const double *own = opt_row_of(o, b, option);
    for (int i = 0; o->split && i < o->parts; i++)
        if (most[i] * own[o->parted + i] < o->split->copies[i]) return false;
    for (int i = 0; i < o->steps; i++) row[i] = from->row[i] * own[i];
    return opt_fits(o, row);
}

/* Options of one domain being looked at, beside the least of all others. */
typedef struct sieve {
    const opt_block *block;
    opt_node rest;
    double limit, most[OPT_MAX_PARTS];
    opt_child *child;
    int kept;
} sieve;

static void look_at(opt *o, sieve *s, opt_child c)
{
    opt_node at;
    o->nodes++;
    if (!would_fit(o, &s->rest, s->most, s->block, c.option)) {
        opt_ledger_drop(o, HD_BY_ROOM, c.option, INFINITY);
        return;
    }
    opt_take(o, &s->rest, s->block, c.option, &at);
    c.bound = opt_bound(o, &at, s->limit);
    if (c.bound < s->limit) s->child[s->kept++] = c;
    else opt_ledger_drop(o, HD_BY_BOUND, c.option, c.bound);
}

/* Do all options of a range go?  Those are children from .. to - 1. */
static bool drop_range(opt *o, sieve *s, const opt_range *range, int from, int to)
{
    opt_node at;
    o->nodes++;
    opt_take_range(o, &s->rest, range, &at);
    bool fits = opt_fits(o, at.row);
    double bound = fits ? opt_bound(o, &at, s->limit) : INFINITY;
    if (bound < s->limit) return false;
    for (int k = from; k < to && o->ledger; k++)
        opt_ledger_drop(o, fits ? HD_BY_BOUND : HD_BY_ROOM, s->child[k].option, bound);
    return true;
}

/* Children from .. to - 1, whose options lie in range number `at` of the tree: `n` options from `first` on. */
static void look_through(opt *o, sieve *s, int at, int first, int n, int from, int to)
{
    enum { FEW = 24 }; /* of ranges one in twelve goes whole: no less than that must be saved */
    bool whole = to - from > FEW && n > OPT_TREE_LEAF && at < s->block->tree.ranges;
    if (whole && drop_range(o, s, &s->block->tree.range[at], from, to)) return;
    if (!whole) {
        for (int k = from; k < to; k++) look_at(o, s, s->child[k]);
        return;
    }
    int low = from, high = to;
    while (low < high) { /* the first child of the second half */
        int middle = (low + high) / 2;
        if (s->child[middle].option < first + n / 2) low = middle + 1;
        else high = middle;
    }
    look_through(o, s, 2 * at + 1, first, n / 2, from, low);
    look_through(o, s, 2 * at + 2, first + n / 2, n - n / 2, low, to);
}

/* Drop the options of domain `i` that lead to nothing better. */
static void filter(opt *o, opt_frame *f, int i)
{
    opt_domain *d = &f->domain[i];
    sieve s = {.block = &o->block[d->block], .limit = f->limit, .child = d->child};
    int had = d->n;
    opt_complete(o, f, i, &s.rest);
    opt_most_copies(o, f, i, s.most);
    look_through(o, &s, 0, 0, s.block->options, 0, d->n);
    d->n = s.kept;
    opt_settle(o, f, i);
    f->stale &= ~(1u << i);
    if (d->n < had && d->n > 0 && opt_summarise(o, d)) f->stale |= ~(1u << i);
}

/* Filter all domains until little changes; false where one is empty. */
static bool propagate(opt *o, opt_frame *f)
{
    enum { ROUNDS = 4 };
    bool changed = true;
    if (f->limit != opt_limit(o)) f->stale = ~0u; /* looked at under another limit, or never */
    else if (f->through) return true;
    f->limit = opt_limit(o);
    for (int round = 0; changed && round < ROUNDS; round++) {
        changed = false;
        for (int i = 0; i < f->domains; i++) {
            int had = f->domain[i].n;
            if (f->stale >> i & 1u) filter(o, f, i);
            if (f->domain[i].n == 0) return false;
            changed |= f->domain[i].n < had - had / 4;
        }
        if (f->domains == 1) break;
    }
    f->through = true;
    return true;
}

static int by_bound(const void *a, const void *b)
{
    const opt_child *x = a, *y = b;
    if (x->bound != y->bound) return x->bound < y->bound ? -1 : 1;
    return (x->option > y->option) - (x->option < y->option);
}

static int smallest(const opt_frame *f)
{
    int best = 0;
    for (int i = 1; i < f->domains; i++)
        if (f->domain[i].n < f->domain[best].n) best = i;
    return best;
}

static void visit(opt *o, opt_frame *f, double bound);

/* Memory or time is out. */
static void leave_unseen(opt *o, const opt_frame *f, int i, const opt_child *c)
{
    o->over = true;
    o->open = fmin(o->open, c->bound);
    opt_ledger_drop(o, HD_UNSEEN, c->option, c->bound);
    opt_settle(o, f, i);
}

/* Under a split the links of the leaf's own layout are known. */
static void offer_chains(opt *o, const opt_node *leaf)
{
    const opt_split *split = o->split;
    opt_split exact;
    if (!split) {
        opt_offer_orders(o, leaf);
        return;
    }
    if (!opt_split_refine(o, leaf, &exact)) return;
    opt_settle_split(o, &exact);
    opt_offer_orders(o, leaf);
    opt_settle_split(o, split);
}

static void offer_leaf(opt *o, const opt_node *leaf)
{
    int inner[HD_MAX_LEVELS];
    if (o->inside) {
        o->inc->cost = fmin(o->inc->cost, opt_bound(o, leaf, INFINITY));
        o->inc->found = true;
        return;
    }
    if (opt_joint_bound(o, leaf, inner) < opt_limit(o)) opt_unfold(o, leaf, offer_chains);
}

static void branch(opt *o, opt_frame *f, int i, const opt_child *c)
{
    hd_mark mark = hd_arena_mark(o->arena);
    opt_node leaf;
    o->chosen[f->domain[i].block] = c->option;
    if (f->domains > 1) {
        opt_frame *next = opt_choose(o, f, i, c->option);
        o->memory = next != NULL;
        if (next) visit(o, next, c->bound);
        else leave_unseen(o, f, i, c);
    } else {
        opt_take(o, &f->node, &o->block[f->domain[i].block], c->option, &leaf);
        o->leaves++;
        int64_t before = o->inc->evaluations;
        offer_leaf(o, &leaf);
        opt_ledger_leaf(o, o->inc->evaluations - before, o->over ? c->bound : opt_limit(o));
        if (o->over) o->open = fmin(o->open, c->bound);
    }
    hd_arena_rewind(o->arena, mark);
}

/* Raise the bounds of domain `i`'s children by what the only other domain offers beside each. */
static void look_ahead(opt *o, opt_frame *f, int i)
{
    enum { WORTH = 8 };
    opt_domain *d = &f->domain[i];
    const opt_domain *other = &f->domain[1 - i];
    hd_mark mark = hd_arena_mark(o->arena);
    opt_ladders ladders;
    opt_node alone, at;
    double limit = opt_limit(o);
    int n = 0, *option = hd_arena_alloc(o->arena, (size_t)other->n, sizeof *option);
    o->memory = option != NULL;
    for (int k = 0; option && k < other->n; k++) option[k] = other->child[k].option;
    o->memory = o->memory && opt_ladders_build(o, &o->block[other->block], option, other->n, other->least, &ladders);
    for (int k = 0; o->memory && other->n >= WORTH && k < d->n; k++) {
        opt_child c = d->child[k];
        opt_take(o, &f->node, &o->block[d->block], c.option, &alone);
        const double *least = opt_ladders_least(o, &ladders, alone.row);
        if (!least) {
            opt_ledger_drop(o, HD_BY_ROOM, c.option, INFINITY);
            continue;
        }
        at = alone;
        opt_multiply(o, alone.row, least, at.row);
        for (int l = 1; l <= o->mac; l++) {
            at.may_loop[l] |= other->may_loop[l];
            at.may_wrap[l] |= other->may_wrap[l];
        }
        c.bound = fmax(c.bound, opt_bound(o, &at, limit));
        if (c.bound < limit) d->child[n++] = c;
        else opt_ledger_drop(o, HD_BY_BOUND, c.option, c.bound);
    }
    if (o->memory && other->n >= WORTH) d->n = n;
    opt_settle(o, f, i);
    o->over |= !o->memory;
    hd_arena_rewind(o->arena, mark);
}

/* Is no domain so small that its options had better be tried one by one? */
static bool are_large(const opt *o, const opt_frame *f)
{
    const int last = o->few > 1 ? 2 : 1; /* so few blocks have better bounds of their own: look_ahead */
    int open = 0;
    for (int i = 0; i < f->domains; i++) {
        if (f->domain[i].n > 1 && f->domain[i].n <= o->few) return false;
        open += f->domain[i].n > 1;
    }
    return open > last;
}

static void visit_half(opt *o, const opt_frame *f, const opt_cut *cut, int half, double bound)
{
    hd_mark mark = hd_arena_mark(o->arena);
    if (opt_is_out(o)) o->over = true;
    opt_frame *next = o->over ? NULL : opt_take_half(o, f, cut, half);
    if (next) visit(o, next, bound);
    o->memory = o->memory && (next || o->over);
    const opt_domain *d = &f->domain[cut->domain];
    for (int k = 0; !next && k < d->n; k++)
        if (opt_in_half(o, f, cut, d->child[k].option, half))
            leave_unseen(o, f, cut->domain, &(opt_child){bound, d->child[k].option});
    hd_arena_rewind(o->arena, mark);
}

typedef struct herd { int number, n; double bound; } herd;

static int by_promise(const void *a, const void *b)
{
    const herd *x = a, *y = b;
    if (x->bound != y->bound) return x->bound < y->bound ? -1 : 1;
    return x->number - y->number;
}

/* The herds of a domain, each with its least bound; returns how many, 0 where they are not told apart. */
static int list_herds(const opt *o, const opt_domain *d, herd *out)
{
    const opt_block *b = &o->block[d->block];
    int n = 0;
    if (b->herds == 0) return 0;
    for (int h = 0; h < b->herds; h++) out[h] = (herd){h, 0, INFINITY};
    for (int k = 0; k < d->n; k++) {
        herd *h = &out[b->herd[d->child[k].option]];
        h->n++;
        h->bound = fmin(h->bound, d->child[k].bound);
    }
    for (int h = 0; h < b->herds; h++)
        if (out[h].n > 0) out[n++] = out[h];
    return n;
}

/* The domain whose herds are to be told apart first: those with few. */
static int fewest_herds(const opt *o, const opt_frame *f, herd *list)
{
    int best = -1, least = 0;
    for (int i = 0; i < f->domains; i++) {
        int n = list_herds(o, &f->domain[i], list);
        if (n > 1 && (best < 0 || n < least)) best = i, least = n;
    }
    return best;
}

/* How the blocks share the units says most: one herd after the other. */
static void visit_herds(opt *o, opt_frame *f, int i, const herd *list, int n, double bound)
{
    for (int k = 0; k < n; k++) {
        hd_mark mark = hd_arena_mark(o->arena);
        double own = fmax(list[k].bound, bound);
        if (opt_is_out(o)) o->over = true;
        opt_frame *next = o->over ? NULL : opt_take_herd(o, f, i, list[k].number);
        o->memory = o->memory && (next || o->over);
        if (next) {
            visit(o, next, own);
        } else {
            o->over = true;
            o->open = fmin(o->open, own);
        }
        hd_arena_rewind(o->arena, mark);
    }
}

static void visit(opt *o, opt_frame *f, double bound)
{
    enum { MOST_HERDS = 256, MOST_INSIDE = 1000000 };
    herd list[MOST_HERDS];
    if (o->inside && o->nodes > MOST_INSIDE) o->over = true;
    if (!propagate(o, f)) return;
    int among = (o->split || o->inside) && f->domains > 1 ? fewest_herds(o, f, list) : -1;
    if (among >= 0) {
        int n = list_herds(o, &f->domain[among], list);
        qsort(list, (size_t)n, sizeof *list, by_promise);
        visit_herds(o, f, among, list, n, bound);
        return;
    }
    opt_cut cut = {.domain = -1};
    if (are_large(o, f)) cut = opt_find_cut(o, f);
    if (cut.domain >= 0) {
        int first = cut.bound[1] < cut.bound[0];
        visit_half(o, f, &cut, first, fmax(bound, cut.bound[first]));
        visit_half(o, f, &cut, !first, fmax(bound, cut.bound[!first]));
        return;
    }
    int i = smallest(f);
    opt_domain *d = &f->domain[i];
    if (f->domains == 2) look_ahead(o, f, i);
    qsort(d->child, (size_t)d->n, sizeof *d->child, by_bound);
    for (int k = 0; k < d->n; k++) {
        opt_child c = d->child[k];
        c.bound = fmax(c.bound, bound);
        if (c.bound >= opt_limit(o)) {
            opt_ledger_drop(o, HD_BY_BOUND, c.option, c.bound);
            if (o->ledger) continue;
            break;
        }
        if (opt_is_out(o)) o->over = true;
        if (o->over) leave_unseen(o, f, i, &c);
        else branch(o, f, i, &c);
    }
    opt_settle(o, f, i);
}

double opt_root_bound(opt *o, opt_frame **root)
{
    double bound = 0;
    opt_frame *f = *root = opt_frame_root(o);
    o->memory = f != NULL;
    if (!f) return 0;
    if (!propagate(o, f)) return INFINITY;
    for (int i = 0; i < f->domains; i++) {
        double least = INFINITY;
        for (int k = 0; k < f->domain[i].n; k++) least = fmin(least, f->domain[i].child[k].bound);
        bound = fmax(bound, least);
    }
    return bound;
}

void opt_search_split(opt *o, double bound)
{
    opt_frame *f = opt_frame_root(o);
    o->memory = f != NULL;
    if (f) visit(o, f, bound);
}

void opt_search_from(opt *o, opt_frame *root)
{
    if (root) visit(o, root, 0);
    else opt_search_split(o, 0);
}
