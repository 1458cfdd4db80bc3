/* Words that move into (or, backwards, out of) the tiles of a level, summed over all its advances.
 *
 * At an advance of loop j every loop inside it restarts, so each rank's sum over all states depends only on how
 * many of the rank's own loops lie outside j.  With covered and stale summed per rank, the words of all
 * advances of j are prod covered - prod stale, times the states of the dims that the role lacks.     */
#include <assert.h>
#include <limits.h>

#include "base/count.h"
#include "cost/native/nest.h"

enum { FREE_RUN = INT_MAX };

/* One factor of the product: a rank of the role, or a dim it lacks. */
typedef struct factor {
    const hd_rank *rank;           /* NULL: an absent dim */
    int dim;                       /* the only dim of a plain rank or of an absent dim; -1 for a general rank */
    unsigned dims;
    int outer;                     /* own loops outside the current one; -1 = nothing computed yet */
    rank_sums kept;                /* sums for `outer` */
} factor;

bool hd_rank_is_plain(const hd_operator *op, const hd_rank *r)
{
    return r->terms == 1 && r->term[0].coef == 1 && r->offset == 0 && op->dim[r->term[0].dim].extent <= r->extent;
}

static int collect(const nest *n, hd_role role, factor *out)
{
    const hd_operator *op = n->p->op;
    const hd_tensor *t = &op->tensor[role];
    unsigned own = 0;
    int count = 0;
    for (int r = 0; r < t->ranks; r++) {
        factor *f = &out[count++];
        *f = (factor){&t->rank[r], -1, 0, -1, {0, 0}};
        for (int k = 0; k < t->rank[r].terms; k++) f->dims |= 1u << t->rank[r].term[k].dim;
        if (hd_rank_is_plain(n->p->op, f->rank)) f->dim = f->rank->term[0].dim;
        own |= f->dims;
    }
    for (int d = 0; d < op->dims; d++)
        if (!(own >> d & 1u) && n->dim[d].digits > 0) out[count++] = (factor){NULL, d, 1u << d, -1, {0, 0}};
    return count;
}

static rank_sums evaluate(const nest *n, const factor *f, const nest_view *v, int cut, int own)
{
    if (f->dim < 0) return hd_slide_sums(n, f->rank, v, cut, own);
    piece_sums s = hd_piece_sums(n, f->dim, v, cut, own, f->rank == NULL);
    if (!f->rank) return (rank_sums){s.states, s.states};
    return (rank_sums){s.extents, s.stay};
}

typedef struct product { int64_t covered, stale; } product;

/* The product at a cut; `own` = the advancing loop, or -1 when none does. */
static product multiply(const nest *n, factor *f, int factors, const nest_view *v, int cut, int own)
{
    product p = {1, 1};
    unsigned own_dim = own >= 0 ? 1u << n->loop[own].dim : 0;
    for (int i = 0; i < factors; i++) {
        rank_sums sums;
        if (f[i].dims & own_dim) {
            sums = evaluate(n, &f[i], v, cut, own);
            f[i].outer = -1;
        } else {
            if (f[i].outer < 0) {
                f[i].kept = evaluate(n, &f[i], v, cut, -1);
                f[i].outer = 1;
            }
            sums = f[i].kept;
        }
        p.covered *= sums.covered;
        p.stale *= sums.stale;
    }
    return p;
}

int64_t hd_moved_first(const nest *n, hd_role role, const nest_view *v)
{
    factor f[HD_MAX_RANKS + HD_MAX_DIMS];
    int factors = collect(n, role, f);
    return multiply(n, f, factors, v, -1, -1).covered;
}

int64_t hd_moved_every_step(const nest *n, hd_role role, const nest_view *v)
{
    factor f[HD_MAX_RANKS + HD_MAX_DIMS];
    int factors = collect(n, role, f);
    return multiply(n, f, factors, v, FREE_RUN, -1).covered;
}

int64_t hd_moved(const nest *n, hd_role role, const nest_view *v)
{
    factor f[HD_MAX_RANKS + HD_MAX_DIMS];
    int factors = collect(n, role, f);
    int64_t words = multiply(n, f, factors, v, -1, -1).covered;
    for (int j = 0; j < n->loops_to[v->event]; j++) {
        if (!n->loop[j].turns) continue;
        product p = multiply(n, f, factors, v, j, j);
        words += p.covered - p.stale;
    }
    return words;
}

int64_t hd_share_words(const nest *n, hd_role role, const nest_view *v)
{
    const hd_tensor *t = &n->p->op->tensor[role];
    nest_view whole = *v;
    int64_t words = 1;
    whole.event = v->box;
    for (int r = 0; r < t->ranks; r++) {
        const hd_rank *rank = &t->rank[r];
        if (hd_rank_is_plain(n->p->op, rank))
            words *= hd_piece_sums(n, rank->term[0].dim, &whole, FREE_RUN, -1, false).extents;
        else
            words *= hd_rank_touched(n->p->op, rank);
    }
    return words;
}

int64_t hd_rank_touched(const hd_operator *op, const hd_rank *r)
{
    int64_t words = 0, end = 0; /* coordinates below end are counted */
    int64_t ea = op->dim[r->term[0].dim].extent, eb = r->terms > 1 ? op->dim[r->term[1].dim].extent : 1;
    int64_t ca = r->term[0].coef, cb = r->terms > 1 ? r->term[1].coef : 1;
    if (r->terms > 1 && cb > ca) { /* walk along the larger step */
        int64_t t = ca;
        ca = cb, cb = t, t = ea, ea = eb, eb = t;
    }
    if (cb == 1) { /* runs of eb coordinates at steps of ca */
        for (int64_t i = 0; i < ea; i++) {
            int64_t lo = hd_count_max(r->offset + ca * i, end), hi = hd_count_min(r->offset + ca * i + eb, r->extent);
            if (hi > lo) words += hi - lo;
            end = hd_count_max(end, hi);
        }
        return words;
    }
    for (int64_t x = 0; x < r->extent; x++) { /* dilated windows: rare, small */
        bool hit = false;
        for (int64_t i = 0; i < ea && !hit; i++) {
            int64_t rest = x - r->offset - ca * i;
            hit = rest >= 0 && rest % cb == 0 && rest / cb < eb;
        }
        words += hit;
    }
    return words;
}

int64_t hd_nest_steps(const nest *n)
{
    static const int64_t zero[HD_MAX_DIMS][HD_MAX_DIGITS] = {{0}};
    nest_view v = {.event = n->mac, .box = n->mac, .fixed = n->mac, .at = zero};
    int64_t steps = 1;
    for (int d = 0; d < n->p->op->dims; d++) steps *= hd_piece_sums(n, d, &v, FREE_RUN, -1, true).states;
    return steps;
}

int64_t hd_nest_used(const nest *n, int level)
{
    nest_view v = {.event = level, .box = level, .fixed = -1};
    int64_t used = 1;
    for (int d = 0; d < n->p->op->dims; d++) used *= hd_piece_sums(n, d, &v, -1, -1, true).states;
    return used;
}
