/* Which small problem stands for a large one?  Both constructions edit the cuts of each dimension and write
 * the scheme anew from them: (a) lowers counts from the inside out, so that shifts and extents follow;
 * (b) keeps shifts and narrows the region.  Cuts that count once are dropped: they move nothing.
 * Nothing here asks a cost model.                                                                  */
#include "verify/sample.h"

#include <string.h>

#include "base/count.h"
#include "base/random.h"
#include "verify/cuts.h"

typedef struct plan {
    const hd_problem *p;
    const hd_scheme *s;
    hd_cuts cuts[HD_MAX_DIMS]; /* with the new shifts and counts */
    int64_t lo[HD_MAX_DIMS], extent[HD_MAX_DIMS];
    int64_t box[HD_MAX_LEVELS][HD_MAX_DIMS];
} plan;

static hd_status begin(plan *n, const hd_problem *p, const hd_scheme *s, int64_t max_points, hd_error *err) {
    if (max_points < 1)
        return hd_fail(err, HD_ERR_USAGE, "a sample of %lld points is none", (long long)max_points);
    memset(n, 0, sizeof *n);
    n->p = p;
    n->s = s;
    for (int dim = 0; dim < p->op->dims; dim++) {
        HD_TRY(hd_cuts_of(p, s, dim, &n->cuts[dim], err));
        n->extent[dim] = p->op->dim[dim].extent;
    }
    return HD_OK;
}

/* Product of the extents; stays at INT64_MAX when it would go beyond. */
static int64_t points(const plan *n) {
    int64_t product = 1;
    for (int dim = 0; dim < n->p->op->dims; dim++)
        if (!hd_count_mul(product, n->extent[dim], &product)) return INT64_MAX;
    return product;
}

/* ---- writing the small problem ---- */

static const hd_cut *cut_of(const plan *n, int dim, int level, bool space, int slot) {
    for (int i = 0; i < n->cuts[dim].count; i++) {
        const hd_cut *cut = &n->cuts[dim].cut[i];
        if (cut->level == level && cut->space == space && cut->slot == slot)
            return cut->count > 1 ? cut : NULL;
    }
    return NULL;
}

static void write_scheme(const plan *n, hd_scheme *out) {
    *out = *n->s;
    for (int level = 0; level < n->s->levels; level++) {
        const hd_scheme_level *old = &n->s->level[level];
        hd_scheme_level *l = &out->level[level];
        l->stacks = l->updates = 0;
        for (int dim = 0; dim < n->p->op->dims; dim++) l->tensor[dim] = n->box[level][dim];
        for (int i = 0; i < old->stacks; i++) {
            const hd_stack *stack = &old->stack[i];
            const hd_cut *cut = cut_of(n, stack->dim, level, true, i);
            if (cut) l->stack[l->stacks++] = (hd_stack){stack->dim, stack->axis, cut->shift, cut->count};
        }
        for (int i = 0; i < old->updates; i++) {
            const hd_cut *cut = cut_of(n, old->update[i].dim, level, false, i);
            if (cut) l->update[l->updates++] = (hd_update){old->update[i].dim, cut->shift};
        }
    }
}

static void finish(const plan *n, hd_operator *op, hd_problem *problem, hd_scheme *scheme) {
    for (int dim = 0; dim < op->dims; dim++) op->dim[dim].extent = n->extent[dim];
    *problem = *n->p;
    problem->op = op;
    write_scheme(n, scheme);
}

/* First coordinate and length of what the plan's region touches of a rank. */
static void hull(const plan *n, const hd_rank *rank, int64_t *first, int64_t *length) {
    *first = rank->offset;
    *length = 1;
    for (int t = 0; t < rank->terms; t++) {
        *first += rank->term[t].coef * n->lo[rank->term[t].dim];
        *length += rank->term[t].coef * (n->extent[rank->term[t].dim] - 1);
    }
}

/* ---- (a) scaled down ---- */

/* The length of the last piece when pieces of `shift` become `scaled`: as ragged as it was, where that can
 * be. */
static int64_t last_piece(int64_t last, int64_t shift, int64_t scaled) {
    if (last == shift || scaled == 1) return scaled;
    int64_t piece = (int64_t)((double)last / (double)shift * (double)scaled);
    return hd_count_max(1, hd_count_min(piece, scaled - 1));
}

/* Shifts, boxes and extent of a dimension from its counts, inside out. */
static void spread(plan *n, int dim, const hd_cuts *original) {
    int64_t span = 1, true_span = 1;
    int level = n->s->levels - 1;
    for (int i = original->count - 1; i >= 0; i--) {
        const hd_cut *old = &original->cut[i];
        hd_cut *cut = &n->cuts[dim].cut[i];
        for (; level >= old->level; level--) n->box[level][dim] = span;
        bool top = i == 0 || original->cut[i - 1].level != old->level;
        true_span = top ? n->s->level[old->level - 1].tensor[dim] : original->cut[i - 1].shift;
        cut->shift = span;
        int64_t last = true_span - (old->count - 1) * old->shift;
        if (cut->count > 1) span = (cut->count - 1) * span + last_piece(last, old->shift, span);
    }
    for (; level >= 0; level--) n->box[level][dim] = span;
    n->extent[dim] = span;
}

/* Give every cut at most two iterations, then more in turn while the points stay within the limit. */
static void choose_counts(plan *n, const plan *original, int64_t max_points) {
    int dims = n->p->op->dims;
    for (int dim = 0; dim < dims; dim++) {
        for (int i = 0; i < n->cuts[dim].count; i++) {
            hd_cut *cut = &n->cuts[dim].cut[i];
            cut->count = hd_count_min(cut->count, 2);
        }
        spread(n, dim, &original->cuts[dim]);
    }
    for (int depth = 0; depth < HD_MAX_CUTS; depth++) /* no room for two of each: innermost cuts go first */
        for (int dim = 0; dim < dims && points(n) > max_points; dim++) {
            int i = n->cuts[dim].count - 1 - depth;
            if (i < 0) continue;
            n->cuts[dim].cut[i].count = 1;
            spread(n, dim, &original->cuts[dim]);
        }
    for (bool grown = true; grown;) {
        grown = false;
        for (int dim = 0; dim < dims; dim++)
            for (int i = 0; i < n->cuts[dim].count; i++) {
                hd_cut *cut = &n->cuts[dim].cut[i];
                if (cut->count >= original->cuts[dim].cut[i].count) continue;
                cut->count++;
                spread(n, dim, &original->cuts[dim]);
                if (points(n) <= max_points) {
                    grown = true;
                    continue;
                }
                cut->count--;
                spread(n, dim, &original->cuts[dim]);
            }
    }
}

/* Padding and unused coordinates stay, but never more than half of what is touched. */
static void scale_rank(const plan *n, const plan *original, hd_rank *rank) {
    int64_t first, length, old_first, old_length;
    hull(original, rank, &old_first, &old_length);
    hull(n, rank, &first, &length);
    int64_t beyond = old_first + old_length - rank->extent;
    if (rank->offset < 0) rank->offset = -hd_count_min(-rank->offset, length / 2);
    if (beyond > 0) beyond = hd_count_min(beyond, length / 4);
    rank->extent = hd_count_max(1, rank->offset + length - beyond);
}

hd_status hd_sample_scale(const hd_problem *p, const hd_scheme *s, int64_t max_points, hd_operator *op_out,
                          hd_problem *problem_out, hd_scheme *scheme_out, hd_error *err) {
    plan original, n;
    HD_TRY(begin(&original, p, s, max_points, err));
    n = original;
    choose_counts(&n, &original, max_points);
    *op_out = *p->op;
    for (int role = 0; role < HD_ROLES; role++)
        for (int r = 0; op_out->tensor[role].used && r < op_out->tensor[role].ranks; r++)
            scale_rank(&n, &original, &op_out->tensor[role].rank[r]);
    finish(&n, op_out, problem_out, scheme_out);
    return HD_OK;
}

/* ---- (b) a window ---- */

typedef struct window {
    plan *n;
    int next[HD_MAX_DIMS]; /* outermost cut not yet fixed */
    int64_t max_points;
    hd_random random;
} window;

/* Fix cut `i` of a dimension: a few consecutive seeded iterations if then there is room, else one. */
static void fix_cut(window *w, int dim, int i) {
    plan *n = w->n;
    int64_t shift = n->cuts[dim].cut[i].shift, span = n->extent[dim], count = hd_count_ceil_div(span, shift),
            room = 0;
    n->extent[dim] = hd_count_min(shift, span);
    room = w->max_points / points(n);
    int64_t many = hd_count_max(1, hd_count_min(room, count));
    int64_t first = hd_random_below(&w->random, count - many + 1);
    n->lo[dim] += first * shift;
    n->extent[dim] = hd_count_min(many * shift, span - first * shift);
    w->next[dim] = many > 1 ? i : i + 1;
}

/* Fix the cuts of a dimension from its outermost to cut `last`, until the points fit. */
static void fix_to(window *w, int dim, int last) {
    while (w->next[dim] <= last && points(w->n) > w->max_points) fix_cut(w, dim, w->next[dim]);
}

/* Outer loops first, each level's listed from its outermost; stacks only where loops inside them must be
 * fixed. */
static void narrow(window *w) {
    plan *n = w->n;
    for (int level = 1; level < n->s->levels; level++)
        for (int u = n->s->level[level].updates - 1; u >= 0; u--) {
            int dim = n->s->level[level].update[u].dim;
            for (int i = 0; i < n->cuts[dim].count; i++) {
                const hd_cut *cut = &n->cuts[dim].cut[i];
                if (cut->level == level && !cut->space && cut->slot == u) fix_to(w, dim, i);
            }
        }
    for (int dim = 0; dim < n->p->op->dims; dim++) fix_to(w, dim, n->cuts[dim].count - 1);
}

/* Boxes and counts inside the region: what is longer than it is cut to it. */
static void clip(window *w, int dim) {
    plan *n = w->n;
    int64_t span = n->extent[dim];
    for (int level = 0; level < n->s->levels; level++)
        n->box[level][dim] = hd_count_min(n->s->level[level].tensor[dim], n->extent[dim]);
    for (int i = 0; i < n->cuts[dim].count; i++) {
        hd_cut *cut = &n->cuts[dim].cut[i];
        cut->count = i < w->next[dim] ? 1 : hd_count_ceil_div(span, cut->shift);
        if (cut->count > 1) span = cut->shift;
    }
}

/* The tensor is what the region touches of it; where that is padding only, one word that nobody touches. */
static void clip_rank(const plan *n, hd_rank *rank) {
    int64_t first, length;
    hull(n, rank, &first, &length);
    int64_t low = hd_count_max(first, 0), high = hd_count_min(first + length, rank->extent);
    rank->offset = low < high ? first - low : -length;
    rank->extent = low < high ? high - low : 1;
}

hd_status hd_sample_window(const hd_problem *p, const hd_scheme *s, int64_t max_points, uint64_t seed,
                           hd_operator *op_out, hd_problem *problem_out, hd_scheme *scheme_out,
                           hd_error *err) {
    plan n;
    HD_TRY(begin(&n, p, s, max_points, err));
    window w = {.n = &n, .max_points = max_points};
    hd_random_seed(&w.random, seed, 0);
    narrow(&w);
    *op_out = *p->op;
    for (int dim = 0; dim < op_out->dims; dim++) clip(&w, dim);
    for (int role = 0; role < HD_ROLES; role++)
        for (int r = 0; op_out->tensor[role].used && r < op_out->tensor[role].ranks; r++)
            clip_rank(&n, &op_out->tensor[role].rank[r]);
    finish(&n, op_out, problem_out, scheme_out);
    return HD_OK;
}

hd_status hd_replay_outer(const hd_problem *p, const hd_scheme *s, int64_t max_points, uint64_t seed,
                          hd_operator *op_out, hd_problem *problem_out, hd_scheme *scheme_out, hd_replay *out,
                          hd_error *err) {
    HD_TRY(hd_sample_window(p, s, max_points, seed, op_out, problem_out, scheme_out, err));
    int64_t max_steps;
    if (!hd_count_mul(max_points, 16, &max_steps)) max_steps = INT64_MAX;
    return hd_replay_scheme(problem_out, scheme_out, max_steps, out, err);
}
