/* Bottom-up cost descending (Li and Gao, KAPLA, 2023, section 4.3), for any hierarchy: from the innermost level
 * outwards first the units are filled, then the tile grows, each time by what lowers the price most while all
 * levels outside still hold no more than that tile.                                                     */
#include <math.h>

#include "solve/walk.h"

typedef struct growth { hd_draft draft; double cost, tie; bool found; } growth;

/* Let `outer` be the span above slot k, and all spans outside it follow. */
static bool raise_to(const hd_form *form, hd_draft *draft, int dim, int k, int64_t outer)
{
    for (int i = 0; i < k; i++) {
        const hd_slot *s = &form->slot[dim][i];
        if (s->span > 0 && s->span != outer) return false;
        draft->span[dim][i] = outer;
    }
    return hd_draft_chain_holds(form, draft, dim);
}

/* The same within limits: one slot outside gives the whole factor. */
static bool take_from_outside(const hd_form *form, hd_draft *draft, int dim, int k, int64_t now, int64_t outer)
{
    hd_draft saved = *draft;
    for (int from = 0; outer % now == 0 && from < k; from++) {
        if (hd_draft_transfer(form, draft, dim, from, k, outer / now)) return true;
        *draft = saved;
    }
    return false;
}

/* The best step of one slot; `reach` sizes beyond the present one are looked at. */
static void weigh(hd_walk *w, int dim, int k, int reach, growth *best)
{
    int64_t value[HD_MAX_SIZES], now = hd_draft_above(w->form, &w->at, dim, k);
    int n = hd_space_sizes(w->form->space, w->form->extent[dim], value, HD_MAX_SIZES);
    hd_trial t;
    hd_walk_begin(w, &t);
    for (int i = 0; i < n && reach > 0 && !hd_walk_over(w); i++) {
        if (value[i] <= now) continue;
        double cost, tie;
        reach--;
        if (!(w->form->limited ? take_from_outside(w->form, &t.draft, dim, k, now, value[i])
                               : raise_to(w->form, &t.draft, dim, k, value[i]))) {
            hd_walk_return(w, &t, dim);
            reach++;
            continue;
        }
        if (!hd_draft_fans_hold(w->form, &t.draft)) return;
        hd_trial_look(w->form, &t, dim);
        bool better = hd_walk_better(w, &t, &cost, &tie);
        if (isinf(cost)) return; /* larger ones do not fit either */
        if (better && (!best->found || cost < best->cost || (cost == best->cost && tie < best->tie)))
            *best = (growth){t.draft, cost, tie, true};
        hd_walk_return(w, &t, dim);
    }
}

/* Grow at the slots of one level until nothing helps: its stacks, or its update. */
static void grow_stage(hd_walk *w, int level, bool stacks)
{
    enum { NEAR = 3, FAR = 24 };
    growth best = {.found = false};
    do {
        best.found = false;
        for (int d = 0; d < w->form->dims; d++)
            for (int kind = 0; kind < HD_SLOT_KINDS; kind++) {
                int k = w->form->at[d][level][kind];
                if ((kind != HD_SLOT_UPDATE) == stacks && k > 0) weigh(w, d, k, stacks ? FAR : NEAR, &best);
            }
        if (best.found) hd_walk_move(w, &best.draft, best.cost, best.tie);
    } while (best.found && !hd_walk_over(w));
}

void hd_walk_grow(hd_walk *w)
{
    for (int level = w->form->levels - 1; level >= 1; level--) {
        grow_stage(w, level, true);
        grow_stage(w, level, false);
    }
}
