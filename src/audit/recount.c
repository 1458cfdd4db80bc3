/* The sums, then the space itself: see recount.h. */
#include "audit/recount.h"

#include <math.h>
#include <stdio.h>

#include "audit/declared.h"
#include "audit/steps.h"

static bool near(double a, double b) { return fabs(a - b) <= 1e-12 * fabs(b); }

static bool best_holds(const hd_claim *c, hd_recount *out)
{
    hd_breakdown price;
    hd_refusal why;
    if (!c->found) return true;
    if (!hd_scheme_is_legal(c->problem, &c->scheme, &why)) return hd_differs(out, "the best scheme is not legal: %s", why.why);
    if (!c->model->fits(c->problem, &c->scheme, &why)) return hd_differs(out, "the best scheme does not fit: %s", why.why);
    c->model->price(c->problem, &c->scheme, &price);
    double cost = hd_price_objective(&price, c->objective);
    return near(cost, c->cost) || hd_differs(out, "the best scheme costs %.17g, not %.17g", cost, c->cost);
}

/* Every choice of chains under one keep set: its cheapest order. */
static void price_tiles(const hd_steps *s, const unsigned *keep, double *least)
{
    const hd_enumeration *e = s->space;
    int64_t row[HD_MAX_DIMS];
    for (int64_t tile = 0; tile < s->tiles; tile++) {
        int64_t rest = tile;
        for (int d = e->problem->op->dims - 1; d >= 0; d--) {
            row[d] = rest % e->dim[d].n;
            rest /= e->dim[d].n;
        }
        least[tile] = hd_least_price(e, row, keep, s->claim->objective, &s->out->prices);
    }
}

static void price_keeps(hd_steps *s, unsigned *keep, int level)
{
    const hd_proof *proof = s->claim->proof;
    unsigned open, dropped = 0;
    if (level == proof->levels) {
        price_tiles(s, keep, s->least + hd_keep_index(proof, keep) * s->tiles);
        return;
    }
    open = proof->keep_free[level];
    do {
        keep[level] = proof->keep_most[level] & ~dropped;
        price_keeps(s, keep, level + 1);
        dropped = (dropped - open) & open;
    } while (dropped);
}

/* Is the cheapest of all what is claimed? */
static bool least_holds(const hd_steps *s, int64_t all)
{
    const hd_claim *c = s->claim;
    double least = INFINITY;
    for (int64_t i = 0; i < all; i++) least = fmin(least, s->least[i]);
    if (least < c->lower_bound * (1 - 1e-12))
        return hd_differs(s->out, "a scheme costs %.17g, below the lower bound %.17g", least, c->lower_bound);
    if (c->proved && c->found && !near(least, c->cost))
        return hd_differs(s->out, "the cheapest scheme costs %.17g, not %.17g", least, c->cost);
    if (c->proved && !c->found && isfinite(least)) return hd_differs(s->out, "a scheme fits, at %.17g", least);
    return true;
}

/* What no step has must have no room; then every sum must be what the steps make it. */
static bool steps_hold(hd_steps *s, int64_t all)
{
    const hd_proof *proof = s->claim->proof;
    if (!hd_recount_steps(s)) return false;
    for (int64_t i = 0; i < all; i++) {
        if (s->seen[i]) continue;
        if (isfinite(s->least[i])) return hd_differs(s->out, "a scheme that fits, at %.17g, is in no part", s->least[i]);
        hd_wide_add(&s->sum[HD_BY_ROOM][0].size, &s->space->orders);
    }
    for (int a = 0; a < HD_ARGUMENTS; a++)
        for (int d = 0; d < HD_PROOF_DEPTHS; d++) {
            const hd_proof_sum *x = &proof->sum[a][d], *y = &s->sum[a][d];
            bool bound = a == HD_UNSEEN || a == HD_BY_ROOM || x->bound == y->bound || (isinf(x->bound) && isinf(y->bound));
            char said[HD_WIDE_DIGITS], found[HD_WIDE_DIGITS];
            hd_wide_print(&x->size, said);
            hd_wide_print(&y->size, found);
            if (d > 0 && x->times != y->times) /* whole parts stand in sums without steps, too */
                return hd_differs(s->out, "the sum of '%s' at depth %d is of %lld parts, its steps are %lld",
                                  hd_argument_name((hd_argument)a), d, (long long)x->times, (long long)y->times);
            if (hd_wide_compare(&x->size, &y->size) != 0 || !bound)
                return hd_differs(s->out, "the sum of '%s' at depth %d is %s from %.17g, its steps make %s from %.17g",
                                  hd_argument_name((hd_argument)a), d, said, x->bound, found, y->bound);
        }
    return true;
}

/* The whole space, from its declaration. */
static hd_status recount(const hd_claim *c, hd_arena *arena, hd_recount *out, hd_error *err)
{
    hd_enumeration e;
    hd_steps s = {.claim = c, .space = &e, .out = out, .tiles = 1};
    unsigned keep[HD_MAX_LEVELS] = {0};
    int64_t all = 1;
    HD_TRY(hd_enumerate(c->problem, c->model, c->proof, arena, &e, err));
    if (hd_wide_compare(&e.size, &c->proof->size) != 0 || hd_wide_compare(&e.orders, &c->proof->orders) != 0) {
        hd_differs(out, "the space has another number of schemes than is said");
        return HD_OK;
    }
    for (int d = 0; d < c->problem->op->dims; d++) s.tiles *= e.dim[d].n;
    for (int l = 0; l < c->proof->levels; l++) all <<= __builtin_popcount(c->proof->keep_free[l]);
    all *= s.tiles;
    s.seen = hd_arena_alloc(arena, (size_t)all + 1, sizeof *s.seen);
    s.least = hd_arena_alloc(arena, (size_t)all + 1, sizeof *s.least);
    s.mark = hd_arena_alloc(arena, (size_t)s.tiles + 1, sizeof *s.mark);
    if (!s.seen || !s.least || !s.mark) return hd_fail_memory(err);
    price_keeps(&s, keep, 0);
    out->whole = true;
    out->schemes = e.size;
    if (!least_holds(&s, all)) return HD_OK;
    if (c->proof->stepwise) steps_hold(&s, all);
    else hd_unchecked(out, "bounds and arguments of parts (no steps are given)");
    return HD_OK;
}

hd_status hd_recount_claim(const hd_claim *c, hd_recount *out, hd_error *err)
{
    const hd_wide most = hd_wide_of(HD_RECOUNT_MOST);
    *out = (hd_recount){.holds = true};
    if (!hd_sums_hold(c, out) || !hd_declared_holds(c, out) || !best_holds(c, out)) return HD_OK;
    if (!c->proof->counted || !c->proof->plain || hd_wide_compare(&c->proof->size, &most) > 0) {
        hd_unchecked(out, "bounds and arguments of parts (%s)", c->proof->counted && c->proof->plain
                     ? "too many schemes to enumerate" : "the space is not enumerated");
        return HD_OK;
    }
    hd_arena *arena = hd_arena_new(NULL, 0);
    if (!arena) return hd_fail_memory(err);
    hd_error refused = {0};
    hd_status status = recount(c, arena, out, &refused);
    hd_arena_free(arena);
    if (status != HD_OK && status != HD_ERR_MEMORY) hd_unchecked(out, "bounds and arguments of parts (%s)", refused.message);
    return status == HD_ERR_MEMORY ? hd_fail_memory(err) : HD_OK;
}
