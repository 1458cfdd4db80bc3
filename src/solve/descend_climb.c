/* Which way is up from anywhere?  Random neighbours, the first that is better is taken, until many in a row are not: a
 * fraction of what a full refinement asks for, and as good to see whether a place is worth one.  And, out of a place where no
 * neighbour is better, a few of them as they come.                                                             */
#include <string.h>

#include "solve/walk.h"

enum { MOST_FACTORS = 6 };

/* What a proposal has touched: dims and a level, -1 = none. */
typedef struct change { int dim[2], level; } change;

/* Dims that can move at all. */
typedef struct movers { int n, dim[HD_MAX_DIMS]; } movers;

static movers find_movers(const hd_form *form)
{
    movers m = {0};
    for (int d = 0; d < form->dims; d++)
        if (form->slots[d] > 1 && form->extent[d] > 1) m.dim[m.n++] = d;
    return m;
}

/* A factor of a dim's count from one slot to another: mostly the one wished for, where the count has it, else any. */
static bool shift(const hd_form *form, hd_random *random, hd_draft *draft, int dim, int from, int to, int64_t wish)
{
    enum { MOSTLY = 4 };
    int64_t factor[MOST_FACTORS], count = hd_draft_count(form, draft, dim, from);
    if (count == 1) return false;
    if (wish > 1 && count % wish == 0 && hd_random_below(random, MOSTLY))
        return hd_draft_transfer(form, draft, dim, from, to, wish);
    int n = hd_draft_factors(form, count, factor, MOST_FACTORS);
    return n > 0 && hd_draft_transfer(form, draft, dim, from, to, factor[n > 1 ? hd_random_below(random, n) : 0]);
}

/* A random slot of a dim that counts, -1 if none does. */
static int pick_slot(const hd_form *form, hd_random *random, const hd_draft *draft, int dim)
{
    int slots = form->slots[dim], first = (int)hd_random_below(random, slots);
    for (int i = 0, k = first; i < slots; i++) {
        if (hd_draft_above(form, draft, dim, k) != draft->span[dim][k]) return k;
        if (++k == slots) k = 0;
    }
    return -1;
}

/* A loop to the inside or the outside of its level, or a role kept or dropped. */
static bool propose_level(const hd_form *form, const movers *m, hd_random *random, hd_draft *draft, change *out)
{
    int level = (int)hd_random_below(random, form->levels), dim = m->dim[hd_random_below(random, m->n)];
    out->level = level;
    if (form->keep_free[level] && hd_random_below(random, 2)) {
        unsigned flip = form->keep_free[level] & HD_ROLE_BIT(hd_random_below(random, HD_ROLES));
        draft->keep[level] ^= flip;
        return flip != 0;
    }
    int k = form->at[dim][level][HD_SLOT_UPDATE];
    if (level == 0 || !form->ordered[level] || k < 0 || hd_draft_count(form, draft, dim, k) == 1) return false;
    hd_draft_reorder(form, draft, level, dim, hd_random_below(random, 2) == 0);
    return true;
}

/* A factor of a dim to another slot, now and then to one end of the order there. */
static bool propose_shift(const hd_form *form, hd_random *random, hd_draft *draft, int dim, int from, int to, change *out)
{
    const hd_slot *t = &form->slot[dim][to];
    out->dim[0] = dim;
    if (!shift(form, random, draft, dim, from, to, 0)) return false;
    if (t->kind != HD_SLOT_UPDATE || !form->ordered[t->level] || hd_random_below(random, 3)) return true;
    out->level = t->level;
    hd_draft_reorder(form, draft, t->level, dim, hd_random_below(random, 2) == 0);
    return true;
}

/* One dim gives a factor from a slot to another, a second one, where it can, gives one back the other way: the same, so that
 * units and room stay in use. */
static bool propose_exchange(const hd_form *form, const movers *m, hd_random *random, hd_draft *draft, int dim, int from, int to,
                             change *out)
{
    const hd_slot *f = &form->slot[dim][from], *t = &form->slot[dim][to];
    int other = m->dim[hd_random_below(random, m->n)];
    int give = form->at[other][t->level][t->kind], take = form->at[other][f->level][f->kind];
    int64_t had = hd_draft_count(form, draft, dim, from);
    out->dim[0] = dim;
    if (!shift(form, random, draft, dim, from, to, 0)) return false;
    if (other == dim || give < 0 || take < 0) return true;
    out->dim[1] = other;
    return shift(form, random, draft, other, give, take, had / hd_draft_count(form, draft, dim, from));
}

static bool propose(const hd_form *form, const movers *m, hd_random *random, hd_draft *draft, change *out)
{
    enum { KINDS = 8, SHIFTS = 4 }; /* one of the level, then shifts, the rest exchanges */
    int kind = (int)hd_random_below(random, KINDS), dim = m->dim[hd_random_below(random, m->n)], slots = form->slots[dim];
    *out = (change){{-1, -1}, -1};
    if (kind == 0) return propose_level(form, m, random, draft, out);
    int from = pick_slot(form, random, draft, dim);
    if (from < 0) return false;
    int to = (from + 1 + (int)hd_random_below(random, slots - 1)) % slots;
    return kind < SHIFTS ? propose_shift(form, random, draft, dim, from, to, out)
                         : propose_exchange(form, m, random, draft, dim, from, to, out);
}

static unsigned dims_of(const change *c)
{
    unsigned dims = 0;
    for (int i = 0; i < 2; i++)
        if (c->dim[i] >= 0) dims |= 1u << c->dim[i];
    return dims;
}

static void take_back(const hd_form *form, hd_draft *draft, const hd_draft *from, const change *c)
{
    for (int i = 0; i < 2; i++)
        for (int k = 0; c->dim[i] >= 0 && k < form->slots[c->dim[i]]; k++)
            draft->span[c->dim[i]][k] = from->span[c->dim[i]][k];
    if (c->level < 0) return;
    memcpy(draft->order[c->level], from->order[c->level], sizeof *draft->order);
    draft->keep[c->level] = from->keep[c->level];
}

void hd_walk_climb(hd_walk *w)
{
    enum { PRICED = 60, IDLE = 300 }; /* in a row that are not better: new prices, and proposals of any kind */
    movers m = find_movers(w->form);
    hd_draft next = w->at;
    int64_t last = w->budget->used;
    for (int idle = 0; m.n > 0 && idle < IDLE && w->budget->used - last < PRICED && !hd_walk_over(w); idle++) {
        change c;
        if (propose(w->form, &m, w->random, &next, &c) && hd_walk_try(w, &next, dims_of(&c))) {
            last = w->budget->used;
            idle = 0;
        } else {
            take_back(w->form, &next, &w->at, &c);
        }
    }
}

bool hd_walk_kick(hd_walk *w)
{
    enum { KICKS = 2, TRIES = 80 };
    movers m = find_movers(w->form);
    hd_draft next = w->at;
    hd_scheme scheme;
    for (int tries = 0, kicks = 0; m.n > 0 && tries < TRIES && kicks < KICKS; tries++) {
        change c;
        hd_draft before = next;
        if (propose(w->form, &m, w->random, &next, &c) && hd_draft_fans_hold(w->form, &next) &&
            hd_draft_decode(w->form, &next, &scheme) && hd_incumbent_fits(w->inc, &scheme))
            kicks++;
        else next = before;
    }
    return hd_walk_stand(w, &next);
}
