/* Factors of a dim whose tiles need not divide (`--space ragged`), for the counts of the native model.
 *
 * The last piece of a span is smaller, at every level; pieces that lie past the end do not exist, and units without a piece
 * keep their last tile.  All counts are still sums over states that factorise dim by dim (cost/native), so that a count
 * where nothing is held is exact: pieces of the dims that the role lacks x words of those that it has.
 * What is held: a loop moves a unit's tile only if the unit has at least two pieces under it.  Where its last piece has but
 * one, the tile may stay while loops outside advance: such words are left out of the count, except of the one in which
 * every word comes once.  So each factor is at most what the model counts, and equals it where every loop turns fully. */
#include "base/count.h"
#include "solve/optimal.h"

enum { ALL, FIRST, LAST }; /* pieces of a digit that are taken: one after another; the first; the last */

typedef struct digits {
    int n, loop;                      /* `loop`: the innermost one that is a loop that turns, -1 = none */
    int64_t span[HD_MAX_SLOTS];
    int take[HD_MAX_SLOTS];
    bool words;                       /* sizes of pieces instead of their number */
} digits;

static int64_t measure(const digits *g, int k, int64_t size)
{
    if (k == g->n) return g->words ? size : 1;
    int64_t span = g->span[k], n = hd_count_ceil_div(size, span), last = size - (n - 1) * span;
    if (g->take[k] == FIRST) return measure(g, k + 1, n > 1 ? span : last);
    if (g->take[k] == LAST || n == 1) return measure(g, k + 1, last);
    return (n - 1) * measure(g, k + 1, span) + measure(g, k + 1, last);
}

/* End of the innermost piece that holds the word before `at`, in a block of `size`. */
static int64_t piece_end(const digits *g, int k, int64_t size, int64_t at)
{
    if (k == g->n) return size;
    int64_t from = (at - 1) / g->span[k] * g->span[k];
    return from + piece_end(g, k + 1, hd_count_min(g->span[k], size - from), at - from);
}

/* Words of which the unit that has them has at least two pieces under the loop. */
static int64_t moving(const digits *g, int k, int64_t size)
{
    int64_t span = g->span[k], n = hd_count_ceil_div(size, span), last = size - (n - 1) * span;
    if (k < g->loop) return n == 1 ? moving(g, k + 1, last) : (n - 1) * moving(g, k + 1, span) + moving(g, k + 1, last);
    if (n == 1) return 0;
    return n > 2 ? size : last + piece_end(g, k + 1, span, last);
}

static bool absorbs(const opt *o, const opt_group *g, int level, int variant)
{
    for (int l = g->at; l >= 1 && variant > 0 && variant <= g->depths; l--) {
        if (l == level) return true;
        variant -= (int)(o->mask >> l & 1u);
    }
    return false;
}

static digits find_digits(const opt *o, const opt_chain *c, int dim, const opt_group *g, unsigned merge, int variant)
{
    digits out = {.loop = -1};
    bool absent = o->absent[g->role] >> dim & 1u, first = opt_is_first_step(o, g, variant);
    for (int k = 0; k < o->form->slots[dim] && o->form->slot[dim][k].level <= g->level; k++) {
        const hd_slot *s = &o->form->slot[dim][k];
        bool loop = s->kind == HD_SLOT_UPDATE;
        bool one = loop ? first || (absent && absorbs(o, g, s->level, variant))
                        : absent && (merge & NEST_STACK(s->level, s->kind)) != 0;
        if (loop && c->loop[s->level] > 1) out.loop = out.n;
        out.take[out.n] = one ? FIRST : ALL;
        out.span[out.n++] = c->span[k];
    }
    out.words = !absent;
    return out;
}

double opt_ragged_states(const opt *o, const opt_chain *c, int dim, const opt_group *g, unsigned merge, int variant)
{
    digits d = find_digits(o, c, dim, g, merge, variant);
    int64_t extent = o->p->op->dim[dim].extent;
    if (opt_is_first_step(o, g, variant)) {
        int64_t first = measure(&d, 0, extent);
        for (int k = 0; k < d.n; k++)
            if (d.take[k] == FIRST) d.take[k] = LAST;
        return (double)(g->role == HD_O ? hd_count_min(first, measure(&d, 0, extent)) : first); /* of O: the last one leaving */
    }
    if (!d.words) return (double)measure(&d, 0, extent);
    bool once = g->fixed || d.loop < 0 || (variant > 0 && variant == g->depths);
    return (double)(once ? extent : moving(&d, 0, extent));
}

double opt_ragged_steps(const opt *o, const opt_chain *c, int dim)
{
    digits d = {.loop = -1};
    for (int k = 0; k < o->form->slots[dim]; k++) {
        d.take[d.n] = o->form->slot[dim][k].kind == HD_SLOT_UPDATE ? ALL : FIRST;
        d.span[d.n++] = c->span[k];
    }
    return (double)measure(&d, 0, o->p->op->dim[dim].extent);
}

bool opt_ragged_finish(const opt *o, int dim, opt_chain *c)
{
    int64_t above = o->p->op->dim[dim].extent;
    c->even = HD_MAX_LEVELS;
    for (int l = 0; l < o->form->levels; l++) c->loop[l] = c->copies[l][HD_X] = c->copies[l][HD_Y] = 1;
    for (int l = 0, k = 0; l < o->form->levels; l++) {
        for (; k < o->form->slots[dim] && o->form->slot[dim][k].level == l; k++) {
            int kind = o->form->slot[dim][k].kind;
            int64_t count = hd_count_ceil_div(above, c->span[k]);
            if (kind == HD_SLOT_UPDATE) c->loop[l] = count;
            else c->copies[l][kind] = count;
            if (above % c->span[k] != 0 && l < c->even) c->even = l;
            above = c->span[k];
        }
        c->box[l] = above;
    }
    return true;
}

/* Does the loop turn at least twice for every unit, wherever it stands? */
static bool is_firm(const opt *o, const opt_chain *c, int dim, int level)
{
    digits d = {.loop = -1, .words = true};
    for (int k = 0; k < o->form->slots[dim]; k++) {
        if (o->form->slot[dim][k].level == level && o->form->slot[dim][k].kind == HD_SLOT_UPDATE) d.loop = d.n;
        d.take[d.n] = ALL;
        d.span[d.n++] = c->span[k];
    }
    return d.loop >= 0 && moving(&d, 0, o->p->op->dim[dim].extent) == o->p->op->dim[dim].extent;
}

unsigned opt_firm(const opt *o, const opt_node *node, int level)
{
    unsigned firm = node->loops[level];
    for (int b = 0; o->ragged && b < o->blocks; b++)
        for (int i = 0; i < o->block[b].dims; i++) {
            int d = o->block[b].dim[i], c = o->block[b].chain[o->chosen[b] * o->block[b].dims + i];
            if ((firm >> d & 1u) && !is_firm(o, &o->chain[d][c], d, level)) firm &= ~(1u << d);
        }
    return firm;
}
