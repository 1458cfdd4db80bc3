/* The best scheme of a small space, with proof: every chain, every order, every keep set.
 * Two things are left out because they cannot matter: loops of one iteration are not ordered, and chains whose tiles
 * are too large with all other dims at their least are cut (capacity is monotone).  Reaching the bound does not end the
 * search: of equal costs the better energy x latency counts, then the order of schemes.                */
#include <string.h>

#include "base/count.h"
#include "solve/draft.h"

typedef struct search {
    const hd_form *form;
    hd_budget *budget;
    hd_incumbent *inc;
    hd_draft draft;
    bool over;                            /* out of budget */
    int64_t left[HD_MAX_LEVELS][HD_AXES]; /* units not yet taken */
} search;

static void orders(search *s, int level);

static bool loops(const search *s, int level, int dim)
{
    int k = s->form->at[dim][level][HD_SLOT_UPDATE];
    return k >= 0 && hd_draft_count(s->form, &s->draft, dim, k) > 1;
}

static void swap(unsigned char *list, int i, int j)
{
    unsigned char t = list[i];
    list[i] = list[j];
    list[j] = t;
}

/* All arrangements of the loops i .. n - 1 of the level. */
static void permute(search *s, int level, int i, int n)
{
    if (i >= n - 1) {
        orders(s, level + 1);
        return;
    }
    for (int j = i; j < n && !s->over; j++) {
        swap(s->draft.order[level], i, j);
        permute(s, level, i + 1, n);
        swap(s->draft.order[level], i, j);
    }
}

/* Loops whose place is open come first in `order`, from `*first` on; those with a fixed place keep it. */
static int open_loops(search *s, int level, int *first)
{
    const hd_constraints *c = s->form->space->constraints;
    unsigned char *order = s->draft.order[level], sorted[HD_MAX_DIMS];
    int dims = s->form->dims, from = c ? c->inner[level] : 0, to = dims - (c ? c->outer[level] : 0), n = from, rest = to;
    if (!s->form->ordered[level]) return 0;
    hd_form_arrange(s->form, level, order);
    for (int i = from; i < to; i++)
        if (loops(s, level, order[i])) sorted[n++] = order[i];
    for (int i = to - 1; i >= from; i--)
        if (!loops(s, level, order[i])) sorted[--rest] = order[i];
    for (int i = from; i < to; i++) order[i] = sorted[i];
    *first = from;
    return n - from;
}

static void orders(search *s, int level)
{
    if (level == s->form->levels) {
        hd_scheme scheme;
        if (hd_draft_decode(s->form, &s->draft, &scheme)) hd_incumbent_offer(s->inc, s->budget, &scheme);
        s->over = hd_budget_out(s->budget);
        return;
    }
    int first = 0, n = open_loops(s, level, &first);
    permute(s, level, first, first + n);
}

static bool may_fit(search *s, int dims) { return !hd_draft_bursts(s->form, s->inc, &s->draft, dims); }

/* Choose the span of slot k of the dimension, then the next slot or dimension. */
static void chain(search *s, int dim, int k)
{
    if (dim == s->form->dims) {
        if (hd_draft_fans_hold(s->form, &s->draft)) orders(s, 1);
        return;
    }
    if (k == s->form->slots[dim]) {
        if (may_fit(s, dim + 1)) chain(s, dim + 1, 0);
        return;
    }
    const hd_slot *slot = &s->form->slot[dim][k];
    int64_t value[HD_MAX_SIZES], above = hd_draft_above(s->form, &s->draft, dim, k);
    int n = hd_form_spans(s->form, dim, k, s->draft.span[dim], value, HD_MAX_SIZES);
    for (int i = n - 1; i >= 0 && !s->over; i--) {
        int64_t *left = slot->kind == HD_SLOT_UPDATE ? NULL : &s->left[slot->level][slot->kind];
        int64_t count = hd_count_ceil_div(above, value[i]), had = left ? *left : 0;
        if (left && count > had) break; /* smaller spans count more */
        if (left) *left = had / count;
        s->draft.span[dim][k] = value[i];
        chain(s, dim, k + 1);
        if (left) *left = had;
    }
}

/* Every way to drop roles from the level inwards. */
static void keeps(search *s, int level)
{
    if (level == s->form->levels) {
        if (may_fit(s, 0)) chain(s, 0, 0);
        return;
    }
    unsigned most = s->form->keep_most[level], open = s->form->keep_free[level], dropped = 0;
    do {
        s->draft.keep[level] = most & ~dropped;
        keeps(s, level + 1);
        dropped = (dropped - open) & open; /* the next subset of `open` */
    } while (dropped && !s->over);
    s->draft.keep[level] = most;
}

static hd_status run(const hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err)
{
    hd_form *form = hd_arena_alloc(arena, 1, sizeof *form);
    search *s = hd_arena_alloc(arena, 1, sizeof *s);
    (void)self, (void)option_values, (void)random;
    if (!form || !s) return hd_fail_memory(err);
    HD_TRY(hd_form_init(form, space, err));
    s->form = form;
    s->budget = budget;
    s->inc = incumbent;
    incumbent->space = space;
    hd_start start = hd_offer_least(form, budget, incumbent, &s->draft); /* an answer at once, whatever the budget */
    s->over = start == HD_START_NONE || form->verbatim || hd_budget_out(budget);
    bool all = start == HD_START_NONE || form->verbatim;
    if (!s->over) {
        hd_draft_least(form, &s->draft);
        for (int l = 0; l < form->levels; l++)
            for (int axis = 0; axis < HD_AXES; axis++) s->left[l][axis] = space->problem->arch->level[l].fan[axis];
        keeps(s, 0);
    }
    hd_incumbent_close(incumbent, budget, all || !s->over);
    return HD_OK;
}

const hd_solver hd_solver_exhaustive = {
    .name = "exhaustive",
    .title = "every scheme of the space",
    .paper = "the plain search that KAPLA (Li and Gao 2023) compares with as S",
    .traits = HD_SOLVER_EXACT | HD_SOLVER_ANYTIME,
    .run = run,
};
