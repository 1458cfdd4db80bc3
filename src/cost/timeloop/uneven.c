/* Imperfect mappings: the last iteration of a loop may be shorter, the last instances of an array idle (a.3 rule 5).
 *
 * Timeloop then evaluates iterations 0, 1, n-2 and n-1 of every loop and counts the second n - 3 times; at n-2 the
 * remembered tile is that of iteration 1.  Deltas are worked out literally here, one per *lane*: instances whose spatial
 * indices stand in the same places before, at or past the end of every uneven dim move alike.  The walk over the evaluated
 * iterations is exponential in the loops, but from the same relative state the loops inside do the same again, so their
 * totals and what they leave behind are remembered.  (Equality of states is told by 64-bit hashes of all of it.)        */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "cost/timeloop/timeloop.h"
#include "cost/timeloop/uneven.h"

/* ---- which dims end unevenly, and where ---- */

static bool is_uneven(const tl_nest *n, int dim)
{
    for (int i = 0; i < n->loops; i++)
        if (n->loop[i].dim == dim && n->loop[i].residual != n->loop[i].bound) return true;
    for (int k = 0; k < n->mac; k++)
        for (int i = 0; i < n->block[k].factors; i++)
            if (n->block[k].factor[i].dim == dim && n->block[k].factor[i].residual != n->block[k].factor[i].copies) return true;
    return false;
}

/* Does the dim have a loop or factor outside the tiles of the block? */
static bool has_digits(const tl_nest *n, int dim, int block)
{
    for (int i = 0; i < n->end[block]; i++)
        if (n->loop[i].dim == dim) return true;
    for (int k = 0; k <= block; k++)
        for (int i = 0; i < n->block[k].factors; i++)
            if (n->block[k].factor[i].dim == dim) return true;
    return false;
}

/* Places of a factor's indices: before its end, at it, past it; how many instances stand there. */
static int64_t places(const tl_factor *f, int place)
{
    return place == UNEVEN_BEFORE ? f->residual - 1 : place == UNEVEN_AT ? 1 : f->copies - f->residual;
}

static void find_lanes(uneven *u)
{
    const tl_block *b = &u->n->block[u->block];
    int64_t index[TL_MAX_FACTORS] = {0};
    u->lanes = 1;
    u->own = 0;
    for (int i = 0; i < b->factors; i++)
        if (u->dims >> b->factor[i].dim & 1u) {
            u->own_factor[u->own++] = i;
            u->lanes *= 3;
        }
    u->grouped = u->lanes > 1;
    memset(u->range, 0, sizeof u->range);
    for (int i = 0; i < b->factors; i++)
        if (u->v->rank[b->factor[i].dim] >= 0)
            u->range[u->v->rank[b->factor[i].dim]] +=
                u->v->coef[b->factor[i].dim] * b->factor[i].shift * (b->factor[i].copies - 1);
    for (int64_t id = 0; id < b->units; id++) {
        int lane = 0;
        for (int i = 0; i < u->own; i++) {
            const tl_factor *f = &b->factor[u->own_factor[i]];
            int64_t at = index[u->own_factor[i]];
            lane = lane * 3 + (at < f->residual - 1 ? UNEVEN_BEFORE : at == f->residual - 1 ? UNEVEN_AT : UNEVEN_PAST);
        }
        u->lane_of[id] = (unsigned char)lane;
        u->alone[id] = 0;
        for (int i = 0, stride = 1; i < b->factors; i++) { /* coordinates along axes that do not merge */
            if (!hd_tl_merges(u->n, u->block, b->factor[i].axis, u->v->role)) u->alone[id] += index[i] * stride;
            stride *= (int)b->factor[i].copies;
        }
        for (int r = 0; r < u->v->ranks; r++) u->offset[id * u->v->ranks + r] = 0;
        for (int i = 0; i < b->factors; i++)
            if (u->v->rank[b->factor[i].dim] >= 0)
                u->offset[id * u->v->ranks + u->v->rank[b->factor[i].dim]] +=
                    u->v->coef[b->factor[i].dim] * b->factor[i].shift * index[i];
        for (int i = 0; i < b->factors && ++index[i] == b->factor[i].copies; i++) index[i] = 0;
    }
}

/* Extent of a dim in the child's tile, whole and at the very end. */
static void find_extents(uneven *u)
{
    const tl_nest *n = u->n;
    for (int d = 0; d < n->p->op->dims; d++) {
        int64_t shift = 0;
        for (int i = 0; i < n->end[u->block]; i++)
            if (n->loop[i].dim == d && (shift == 0 || n->loop[i].step < shift)) shift = n->loop[i].step;
        for (int k = 0; k <= u->block; k++)
            for (int i = 0; i < n->block[k].factors; i++) {
                const tl_factor *f = &n->block[k].factor[i];
                if (f->dim == d && (shift == 0 || f->shift < shift)) shift = f->shift;
            }
        u->whole[d] = n->s->level[u->block + 1].tensor[d];
        u->tail[d] = shift ? (n->p->op->dim[d].extent - 1) % shift + 1 : u->whole[d];
    }
}

/* ---- the walk ---- */

/* Do the instances of the walk's parent still exist after the factors between, and is the dim still at its end? */
static bool pass(const uneven *u, int dim, int from, int to, bool *last)
{
    for (int i = from; i < to && *last; i++) {
        if (u->outer[i].dim != dim) continue;
        if (u->outer[i].place == UNEVEN_PAST) return false;
        if (u->outer[i].place == UNEVEN_BEFORE) *last = false;
    }
    return true;
}

static int outer_before(const uneven *u, int block)
{
    int count = 0;
    while (count < u->outers && u->outer[count].block < block) count++;
    return count;
}

/* Is it already certain, after a choice in loop `after` (-1: none), that this walk's parents do not exist? */
static bool is_absent(const uneven *u, int dim, int after)
{
    int next = after + 1;
    bool last = u->last[dim];
    while (next < u->n->end[u->block] && u->n->loop[next].dim != dim) next++;
    int to = next < u->n->end[u->block] ? outer_before(u, u->loop_block[next]) : u->outers;
    return !pass(u, dim, u->gated[dim], to, &last);
}

static uneven_sum step_of(uneven *u)
{
    uneven_sum none = {0, 0, 0, 0, 0, 0};
    for (int d = 0; d < u->n->p->op->dims; d++)
        if (!pass(u, d, u->gated[d], u->outers, &u->last[d])) return none;
    return hd_tl_uneven_step(u);
}

/* The loop's gates, and how often it runs here; 0 where the parents do not exist. */
static int64_t enter(uneven *u, int i)
{
    const tl_loop *l = &u->n->loop[i];
    int now = outer_before(u, u->loop_block[i]);
    if (!pass(u, l->dim, u->gated[l->dim], now, &u->last[l->dim])) return 0;
    u->gated[l->dim] = now;
    return u->last[l->dim] ? l->residual : l->bound;
}

/* The first step of loops i and on: all at iteration 0. */
static uneven_sum first(uneven *u, int i)
{
    uneven_sum sum = {0, 0, 0, 0, 0, 0};
    bool was[HD_MAX_DIMS];
    int gated[HD_MAX_DIMS];
    int64_t count = 1;
    memcpy(was, u->last, sizeof was);
    memcpy(gated, u->gated, sizeof gated);
    for (; i < u->n->end[u->block] && count > 0; i++) {
        count = enter(u, i);
        u->last[u->n->loop[i].dim] &= count == 1;
    }
    if (count > 0) sum = step_of(u);
    memcpy(u->last, was, sizeof was);
    memcpy(u->gated, gated, sizeof gated);
    return sum;
}

static uneven_sum rest(uneven *u, int i);

static uneven_sum rest_of_loop(uneven *u, int i)
{
    const tl_loop *l = &u->n->loop[i];
    uneven_sum sum = {0, 0, 0, 0, 0, 0};
    bool was = u->last[l->dim];
    int gated = u->gated[l->dim], rank = u->v->rank[l->dim];
    int64_t count = enter(u, i);
    bool last = u->last[l->dim], some = count > 3 && !(u->n->off & TL_RULE_UNEVEN); /* 0, 1, n-2, n-1 stand for all */
    for (int64_t k = 0; k < count; k = some && k == 1 ? count - 2 : k + 1) {
        int64_t times = some && k == 1 ? count - 3 : 1;
        u->last[l->dim] = last && k == count - 1;
        if (u->last[l->dim] && is_absent(u, l->dim, i)) continue;
        int64_t by = rank < 0 ? 0 : u->v->coef[l->dim] * l->step * k;
        if (rank >= 0) u->base[rank] += by;
        if (k > 0) {
            uneven_sum step = first(u, i + 1);
            hd_tl_uneven_add(&sum, &step, times);
        }
        uneven_sum inside = rest(u, i + 1);
        hd_tl_uneven_add(&sum, &inside, times);
        if (rank >= 0) u->base[rank] -= by;
    }
    u->last[l->dim] = was;
    u->gated[l->dim] = gated;
    return sum;
}

/* Lanes past the end of a dim whose loops are all chosen and at their end: nothing below touches them. */
static void find_idle(const uneven *u, int i, bool *idle)
{
    const tl_block *b = &u->n->block[u->block];
    bool ended[TL_MAX_FACTORS];
    for (int k = 0; k < u->own; k++) {
        int d = b->factor[u->own_factor[k]].dim;
        ended[k] = u->last[d];
        for (int j = i; j < u->n->end[u->block]; j++) ended[k] &= u->n->loop[j].dim != d;
        ended[k] = ended[k] && pass(u, d, u->gated[d], u->outers, &ended[k]) && ended[k];
    }
    for (int lane = 0; lane < u->lanes; lane++) {
        int place = lane;
        idle[lane] = false;
        for (int k = u->own - 1; k >= 0; k--, place /= 3) idle[lane] |= ended[k] && place % 3 == UNEVEN_PAST;
    }
}

/* All but the first step of loops i and on.  What follows a step depends on little more than whether it brought the whole
 * tile, so the same few states come again and again. */
static uneven_sum rest(uneven *u, int i)
{
    bool idle[TL_MAX_LANES];
    uneven_sum sum = {0, 0, 0, 0, 0, 0};
    if (i == u->n->end[u->block]) return sum;
    find_idle(u, i, idle);
    uint64_t key = hd_tl_memo_key(u, i, idle);
    if (hd_tl_memo_find(u, key, idle, &sum)) return sum;
    sum = rest_of_loop(u, i);
    hd_tl_memo_store(u, key, &sum);
    return sum;
}

static uneven_sum walk(uneven *u)
{
    uneven_sum sum = {0, 0, 0, 0, 0, 0};
    for (int d = 0; d < u->n->p->op->dims; d++)
        if (is_absent(u, d, -1)) return sum;
    sum = first(u, 0);
    uneven_sum others = rest(u, 0);
    hd_tl_uneven_add(&sum, &others, 1);
    return sum;
}

static void find_outer(uneven *u, int64_t *alike)
{
    const tl_nest *n = u->n;
    u->outers = 0;
    *alike = 1;
    for (int k = 0; k < u->block; k++)
        for (int i = 0; i < n->block[k].factors; i++) {
            const tl_factor *f = &n->block[k].factor[i];
            if (!(u->dims >> f->dim & 1u)) *alike *= f->copies;
            else {
                assert(u->outers < TL_MAX_UNEVEN);
                u->outer[u->outers++] = (uneven_outer){f->dim, k, 0, f};
            }
        }
}

static void start(uneven *u)
{
    memset(u->state, 0, sizeof u->state[0] * (size_t)u->lanes);
    memset(u->base, 0, sizeof u->base);
    memset(u->gated, 0, sizeof u->gated);
    for (int d = 0; d < HD_MAX_DIMS; d++) u->last[d] = true;
    u->entries = u->slots = 0;
}

static void prepare(uneven *u, const tl_nest *n, const tl_view *v, int block, bool hops)
{
    u->n = n;
    u->v = v;
    u->block = block;
    u->hops = hops;
    u->links = hd_tl_may_link(n, block, v->role);
    u->anew = hd_tl_keeps_nothing(n, block, v->role);
    u->dims = 0;
    for (int d = 0; d < n->p->op->dims; d++)
        if (is_uneven(n, d) && has_digits(n, d, block)) u->dims |= 1u << d;
    for (int k = 0; k < n->mac; k++)
        for (int i = k ? n->end[k - 1] : 0; i < n->end[k]; i++) u->loop_block[i] = (unsigned char)k;
    hd_tl_grid(n, block, &u->grid);
    find_extents(u);
    find_lanes(u);
    u->groups = hd_tl_groups(n, v, block);
    u->most = 1;
}

void hd_tl_uneven(const tl_nest *n, const tl_view *v, int block, bool hops, tl_flow *flow)
{
    uneven u;
    uneven_sum all = {0, 0, 0, 0, 0, 0};
    int64_t alike;
    prepare(&u, n, v, block, hops);
    find_outer(&u, &alike);
    for (bool more = true; more;) {                /* all places of the uneven factors outside */
        int64_t times = alike;
        for (int i = 0; i < u.outers; i++) times *= places(u.outer[i].factor, u.outer[i].place);
        if (times > 0) {
            start(&u);
            uneven_sum sum = walk(&u);
            hd_tl_uneven_add(&all, &sum, times);
        }
        int i = 0;
        for (; i < u.outers && ++u.outer[i].place == 3; i++) u.outer[i].place = 0;
        more = i < u.outers;
    }
    bool linked = u.links && all.linked < all.accesses;
    flow->accesses = linked ? all.linked : all.accesses;
    flow->transfers = linked ? all.transfers : 0;
    flow->delivered = all.words - flow->transfers;
    flow->hops = linked ? all.linked_hops : all.hops;
    flow->most = (double)u.most;
}

bool hd_tl_uneven_fits(const tl_nest *n, hd_refusal *out)
{
    int outers = 0;
    const char *what = NULL;
    for (int k = 0; k < n->mac && !what; k++) {
        int lanes = 1;
        for (int i = 0; i < n->block[k].factors; i++)
            if (is_uneven(n, n->block[k].factor[i].dim)) {
                if (lanes <= TL_MAX_LANES) lanes *= 3;
                outers++;
            }
        if (lanes > TL_MAX_LANES) what = "more than three dims of one array end unevenly";
        if (outers > TL_MAX_UNEVEN) what = "more than six spatial factors end unevenly";
        if (n->block[k].units > TL_MAX_UNEVEN_UNITS) what = "an uneven mapping on too many units";
    }
    if (!what) return true;
    if (out) {
        *out = (hd_refusal){HD_REFUSE_MODEL, -1, -1, -1, 0, 0, ""};
        snprintf(out->why, sizeof out->why, "timeloop does not price this imperfect mapping: %s", what);
    }
    return false;
}
