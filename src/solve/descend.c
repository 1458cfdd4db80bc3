/* The default solver: KAPLA's bottom-up cost descending, generalised (Li and Gao 2023; reference section 7.6).
 * For several choices of what stays put at each level it fills units and tiles from the inside out, refines the best
 * of what it found, then kicks the best scheme and refines again until nothing new comes.               */
#include <math.h>
#include <string.h>

#include "base/count.h"
#include "solve/walk.h"

enum { OPTION_WORK, OPTION_STARTS, OPTION_KICKS, MOST_STARTS = 64, REFINED = 3 };

static const hd_option options[] = {
    [OPTION_WORK] = {"work", "evaluations for one operator", 6000, 1, 1e12},
    [OPTION_STARTS] = {"starts", "combinations of stationary tensors that are grown", 9, 1, MOST_STARTS},
    [OPTION_KICKS] = {"kicks", "perturbations in a row that may fail before the search ends", 30, 0, 1e9},
    {NULL, NULL, 0, 0, 0},
};

/* Loops that the role does not see go innermost: its tile stays. */
static void make_stationary(const hd_form *form, hd_draft *draft, int level, hd_role role)
{
    unsigned sees = hd_tensor_dims(form->space->problem->op, role);
    for (int d = form->dims - 1; d >= 0; d--)
        if (!(sees >> d & 1u)) hd_draft_reorder(draft, form->dims, level, d, true);
}

/* Start number `index`: one role per ordered level, written as a number to the base of roles. */
static void choose_orders(const hd_form *form, hd_draft *draft, int64_t index)
{
    hd_role role[HD_ROLES];
    int roles = 0;
    for (int r = 0; r < HD_ROLES; r++)
        if (form->space->problem->op->tensor[r].used) role[roles++] = (hd_role)r;
    for (int l = 1; roles > 0 && l < form->levels; l++) {
        if (!form->ordered[l]) continue;
        make_stationary(form, draft, l, role[index % roles]);
        index /= roles;
    }
}

static int64_t order_choices(const hd_form *form)
{
    int64_t n = 1, roles = 0;
    for (int r = 0; r < HD_ROLES; r++) roles += form->space->problem->op->tensor[r].used;
    for (int l = 1; l < form->levels; l++)
        if (form->ordered[l] && n < MOST_STARTS * MOST_STARTS) n *= hd_count_max(1, roles);
    return n;
}

/* In a space with bypasses every other start drops some of the roles that may go. */
static void choose_keeps(const hd_walk *w, hd_draft *draft, int64_t index)
{
    for (int l = 0; index % 2 == 1 && l < w->form->levels; l++)
        draft->keep[l] &= ~(w->form->keep_free[l] & (unsigned)hd_random_next(w->random));
}

static bool may_bypass(const hd_form *form)
{
    for (int l = 0; l < form->levels; l++)
        if (form->keep_free[l]) return true;
    return false;
}

/* Grow every start; the best REFINED places are kept in `found`, best first.  Returns how many. */
static int grow_starts(hd_walk *w, const hd_draft *first, int64_t starts, hd_walk *found)
{
    int n = 0;
    int64_t ways = may_bypass(w->form) ? 2 : 1, all = order_choices(w->form) * ways;
    starts = hd_count_min(starts * ways, all);
    for (int64_t s = 0; s < starts && !hd_walk_over(w); s++) {
        hd_draft draft = *first;
        choose_orders(w->form, &draft, s * all / starts / ways);
        if (ways > 1) choose_keeps(w, &draft, s);
        if (!hd_walk_stand(w, &draft)) continue;
        hd_walk_grow(w);
        int at = n < REFINED ? n++ : REFINED - 1;
        if (at == REFINED - 1 && n == REFINED && found[at].form && found[at].cost <= w->cost) continue;
        for (; at > 0 && found[at - 1].cost > w->cost; at--) found[at] = found[at - 1];
        found[at] = *w;
    }
    return n;
}

/* Where to refine next: mostly near the best place, now and then anywhere. */
static bool next_place(hd_walk *w, int64_t turn, hd_draft *out)
{
    enum { FRESH = 3 };
    hd_scheme scheme;
    if (turn % FRESH != FRESH - 1) return hd_walk_kick(w, out);
    hd_draft_sample(w->form, w->random, out);
    return hd_draft_make_fit(w->form, w->random, w->inc, out, &scheme);
}

/* Iterated local search; small spaces, whose prices are soon all known, get more patience. */
static void kick_and_refine(hd_walk *w, int64_t kicks)
{
    enum { MODEST = 1000, PATIENCE = 4 };
    int64_t start = w->budget->used;
    for (int64_t failed = 0; !hd_walk_over(w);) {
        if (failed >= (w->budget->used - start < MODEST ? PATIENCE * kicks : kicks)) break;
        hd_walk next = *w;
        hd_draft kicked;
        if (!next_place(w, failed++, &kicked) || !hd_walk_stand(&next, &kicked)) continue;
        hd_walk_refine(&next);
        if (next.cost < w->cost) failed = 0;
        if (next.cost < w->cost || (next.cost == w->cost && next.tie <= w->tie)) *w = next;
    }
}

static hd_status run(const hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err)
{
    double value[OPTION_KICKS + 1];
    hd_form *form = hd_arena_alloc(arena, 1, sizeof *form);
    hd_walk *walk = hd_arena_alloc(arena, REFINED + 1, sizeof *walk);
    hd_seen *seen = hd_arena_alloc(arena, HD_SEEN, sizeof *seen);
    hd_draft first;
    if (!form || !walk || !seen) return hd_fail_memory(err);
    for (int i = 0; i <= OPTION_KICKS; i++) value[i] = option_values ? option_values[i] : self->options[i].standard;
    HD_TRY(hd_form_init(form, space, err));
    bool possible = hd_offer_least(form, budget, incumbent);
    if (!possible || form->verbatim) {
        hd_incumbent_close(incumbent, budget, true);
        return HD_OK;
    }
    hd_walk *w = &walk[REFINED];
    *w = (hd_walk){.form = form, .budget = budget, .inc = incumbent, .random = random, .seen = seen,
                   .limit = budget->used + (int64_t)value[OPTION_WORK]};
    hd_draft_first(form, incumbent, &first);
    int n = grow_starts(w, &first, (int64_t)value[OPTION_STARTS], walk);
    for (int i = 0; i < n; i++) {
        hd_walk_refine(&walk[i]);
        if (i == 0 || walk[i].cost < w->cost) *w = walk[i];
    }
    if (n > 0) kick_and_refine(w, (int64_t)value[OPTION_KICKS]);
    hd_incumbent_close(incumbent, budget, false);
    return HD_OK;
}

const hd_solver hd_solver_descend = {
    .name = "descend",
    .title = "bottom-up cost descending with local refinement",
    .paper = "after Li and Gao, KAPLA, 2023",
    .traits = HD_SOLVER_RANDOMISED | HD_SOLVER_ANYTIME,
    .options = options,
    .run = run,
};
