/* Which way is up from anywhere?  Random neighbours, the first that is better is taken, until many in a row are not: a
 * fraction of what a full refinement asks for, and as good to see whether a place is worth one.  And, out of a place where no
 * neighbour is better, a few of them as they come.                                                             */
#include "solve/walk.h"

/* Dims that can move at all. */
typedef struct movers { int n, dim[HD_MAX_DIMS]; } movers;

static movers find_movers(const hd_form *form)
{
    movers m = {0};
    for (int d = 0; d < form->dims; d++)
        if (form->slots[d] > 1 && form->extent[d] > 1) m.dim[m.n++] = d;
    return m;
}

/* A factor of a slot's count: mostly the one wished for, where the count has it, else any; 0 where it has none. */
static int64_t pick_factor(const hd_form *form, hd_random *random, const hd_trial *t, int dim, int slot, int64_t wish)
{
    enum { MOSTLY = 4 };
    int64_t factor[HD_MAX_FACTORS], count = hd_draft_count(form, &t->draft, dim, slot);
    if (count == 1) return 0;
    if (wish > 1 && count % wish == 0 && hd_random_below(random, MOSTLY)) return wish;
    int n = hd_draft_factors(form, count, factor, HD_MAX_FACTORS);
    return n > 0 ? factor[n > 1 ? hd_random_below(random, n) : 0] : 0;
}

/* A random slot of a dim that counts, -1 if none does: the first one from a random place on. */
static int pick_slot(const hd_form *form, hd_random *random, const hd_trial *t, int dim)
{
    int first = (int)hd_random_below(random, form->slots[dim]);
    uint64_t live = t->trace.live.slots[dim], after = live >> first;
    if (after) return first + __builtin_ctzll(after);
    return live ? __builtin_ctzll(live) : -1;
}

/* A loop to the inside or the outside of its level, or a role kept or dropped. */
static bool propose_level(const hd_form *form, const movers *m, hd_random *random, hd_trial *t)
{
    int level = (int)hd_random_below(random, form->levels), dim = m->dim[hd_random_below(random, m->n)];
    if (form->keep_free[level] && hd_random_below(random, 2)) {
        unsigned flip = form->keep_free[level] & HD_ROLE_BIT(hd_random_below(random, HD_ROLES));
        t->draft.keep[level] ^= flip;
        t->reordered |= 1u << level;
        return flip != 0;
    }
    if (!form->ordered[level] || !(t->trace.live.loops[level] >> dim & 1u)) return false;
    hd_trial_reorder(form, t, level, dim, hd_random_below(random, 2) == 0);
    return true;
}

/* A factor of a dim to another slot, now and then to one end of the order there. */
static bool propose_shift(const hd_form *form, hd_random *random, hd_trial *trial, int dim, int from, int to)
{
    const hd_slot *t = &form->slot[dim][to];
    int64_t factor = pick_factor(form, random, trial, dim, from, 0);
    if (factor == 0 || !hd_trial_transfer(form, trial, dim, from, to, factor)) return false;
    if (t->kind != HD_SLOT_UPDATE || !form->ordered[t->level] || hd_random_below(random, 3)) return true;
    hd_trial_reorder(form, trial, t->level, dim, hd_random_below(random, 2) == 0);
    return true;
}

/* One dim gives a factor from a slot to another, a second one, where it can, gives one back the other way: the same, so that
 * units and room stay in use. */
static bool propose_exchange(const hd_form *form, const movers *m, hd_random *random, hd_trial *trial, int dim, int from, int to)
{
    const hd_slot *f = &form->slot[dim][from], *t = &form->slot[dim][to];
    int other = m->dim[hd_random_below(random, m->n)];
    int give = form->at[other][t->level][t->kind], take = form->at[other][f->level][f->kind];
    bool back = other != dim && give >= 0 && take >= 0;
    int64_t had = hd_draft_count(form, &trial->draft, dim, from), factor = pick_factor(form, random, trial, dim, from, 0);
    if (factor == 0 || (back && !(trial->trace.live.slots[other] >> give & 1u))) return false;
    if (!hd_trial_transfer(form, trial, dim, from, to, factor)) return false;
    if (!back) return true;
    factor = pick_factor(form, random, trial, other, give, had / hd_draft_count(form, &trial->draft, dim, from));
    return factor > 0 && hd_trial_transfer(form, trial, other, give, take, factor);
}

static bool propose(const hd_form *form, const movers *m, hd_random *random, hd_trial *t)
{
    enum { KINDS = 8, SHIFTS = 4 }; /* one of the level, then shifts, the rest exchanges */
    int kind = (int)hd_random_below(random, KINDS), dim = m->dim[hd_random_below(random, m->n)], slots = form->slots[dim];
    if (kind == 0) return propose_level(form, m, random, t);
    int from = pick_slot(form, random, t, dim);
    if (from < 0) return false;
    int to = (from + 1 + (int)hd_random_below(random, slots - 1)) % slots;
    return kind < SHIFTS ? propose_shift(form, random, t, dim, from, to)
                         : propose_exchange(form, m, random, t, dim, from, to);
}

static void take_back(const hd_walk *w, hd_trial *t)
{
    while (t->moved) hd_walk_return(w, t, __builtin_ctz(t->moved));
    while (t->reordered) hd_walk_return_level(w, t, __builtin_ctz(t->reordered));
}

void hd_walk_climb(hd_walk *w)
{
    enum { PRICED = 60, IDLE = 300 }; /* in a row that are not better: new prices, and proposals of any kind */
    movers m = find_movers(w->form);
    hd_trial next;
    hd_walk_begin(w, &next);
    int64_t last = w->budget->used;
    for (int idle = 0; m.n > 0 && idle < IDLE && w->budget->used - last < PRICED && !hd_walk_over(w); idle++) {
        if (propose(w->form, &m, w->random, &next) && hd_walk_try(w, &next)) {
            last = w->budget->used;
            idle = 0;
        } else {
            take_back(w, &next);
        }
    }
}

bool hd_walk_kick(hd_walk *w)
{
    enum { KICKS = 2, TRIES = 80 };
    movers m = find_movers(w->form);
    hd_trial next;
    hd_walk_begin(w, &next);
    hd_scheme scheme;
    for (int tries = 0, kicks = 0; m.n > 0 && tries < TRIES && kicks < KICKS; tries++) {
        hd_trial before = next;
        if (propose(w->form, &m, w->random, &next) && hd_draft_fans_hold(w->form, &next.draft) &&
            hd_draft_decode(w->form, &next.draft, &scheme) && hd_incumbent_fits(w->inc, &scheme))
            kicks++;
        else next = before;
    }
    return hd_walk_stand(w, &next.draft);
}
