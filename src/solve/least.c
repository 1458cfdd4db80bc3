/* Is there a legal scheme at all?  Capacity is monotone, so the smallest tiles tell.  Where counts are limited there may be
 * no smallest ones, and a model may refuse tiles for being small: then chance, and at last every way to arrange the loops. */
#include <string.h>

#include "base/count.h"
#include "solve/draft.h"

/* Windows of sliding results have no loops outside: their smallest tiles may ask for more copies than there are units. */
static bool fits(const hd_form *form, hd_incumbent *inc, const hd_draft *draft)
{
    hd_scheme scheme;
    return hd_draft_fans_hold(form, draft) && hd_draft_decode(form, draft, &scheme) && hd_incumbent_fits(inc, &scheme);
}

static void drop_all(const hd_form *form, hd_draft *draft)
{
    for (int l = 0; l < form->levels; l++) draft->keep[l] &= ~form->keep_free[l];
}

/* Take back, level by level, what was dropped and fits after all. */
static void keep_again(const hd_form *form, hd_incumbent *inc, hd_draft *draft)
{
    for (int l = 0; l < form->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            if (!(form->keep_free[l] & HD_ROLE_BIT(r))) continue;
            draft->keep[l] |= HD_ROLE_BIT(r);
            if (!fits(form, inc, draft)) draft->keep[l] &= ~HD_ROLE_BIT(r);
        }
}

typedef struct dig {
    const hd_form *form;
    hd_incumbent *inc;
    hd_draft *draft;
    int64_t left[HD_MAX_LEVELS][HD_AXES], steps;
} dig;

enum { MOST_STEPS = 200000 };

static bool dig_chain(dig *g, int dim, int k)
{
    int64_t value[HD_MAX_SIZES];
    if (g->steps >= MOST_STEPS) return false;
    if (k == g->form->slots[dim]) {
        g->steps++;
        if (dim + 1 == g->form->dims) return fits(g->form, g->inc, g->draft);
        return !hd_draft_bursts(g->form, g->inc, g->draft, dim + 1) && dig_chain(g, dim + 1, 0);
    }
    const hd_slot *slot = &g->form->slot[dim][k];
    int64_t *left = slot->kind == HD_SLOT_UPDATE ? NULL : &g->left[slot->level][slot->kind];
    int64_t above = hd_draft_above(g->form, g->draft, dim, k), had = left ? *left : 0;
    int n = hd_form_spans(g->form, dim, k, g->draft->span[dim], value, HD_MAX_SIZES);
    for (int i = 0; i < n; i++) {
        int64_t count = hd_count_ceil_div(above, value[i]);
        if (left && count > had) continue;
        if (left) *left = had / count;
        g->draft->span[dim][k] = value[i];
        if (dig_chain(g, dim, k + 1)) return true;
        if (left) *left = had;
    }
    return false;
}

/* Roles were dropped to make room: tiles that a level finds too small may need them back. */
static bool may_need_more(const hd_form *form)
{
    for (int l = 0; l < form->levels; l++)
        if (form->keep_free[l] && form->space->problem->arch->level[l].timeloop.min_utilization > 0) return true;
    return false;
}

static hd_start search_everything(const hd_form *form, hd_incumbent *inc, hd_draft *out)
{
    dig g = {.form = form, .inc = inc, .draft = out};
    for (int l = 0; l < form->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) g.left[l][axis] = form->space->problem->arch->level[l].fan[axis];
    if (dig_chain(&g, 0, 0)) return HD_START_FOUND;
    return g.steps >= MOST_STEPS || may_need_more(form) ? HD_START_UNKNOWN : HD_START_NONE;
}

static hd_start search(const hd_form *form, hd_incumbent *inc, hd_draft *out)
{
    enum { SAMPLES = 200 };
    hd_random random;
    hd_scheme scheme;
    hd_random_seed(&random, 1, 0);
    for (int i = 0; i < SAMPLES; i++) {
        hd_draft_sample(form, &random, out);
        drop_all(form, out);
        if (hd_draft_make_fit(form, &random, inc, out, &scheme)) return HD_START_FOUND;
    }
    return search_everything(form, inc, out);
}

bool hd_draft_bursts(const hd_form *form, hd_incumbent *inc, const hd_draft *draft, int dims)
{
    hd_scheme scheme;
    hd_refusal why = {0};
    hd_draft probe = *draft;
    for (int d = dims; d < form->dims; d++)
        for (int k = 0; k < form->slots[d]; k++) probe.span[d][k] = form->slot[d][k].least;
    if (!hd_draft_decode(form, &probe, &scheme)) return false;
    if (inc->model->fits(inc->problem, &scheme, NULL)) return false;
    inc->model->fits(inc->problem, &scheme, &why);
    hd_incumbent_refused(inc, &why);
    if (why.kind != HD_REFUSE_CAPACITY || why.need <= why.have) return false;
    return !inc->problem->arch->level[why.level].mesh.share; /* there the stacks of all dims decide what a node holds */
}

hd_start hd_draft_first(const hd_form *form, hd_incumbent *inc, hd_draft *out)
{
    hd_start start = HD_START_FOUND;
    hd_draft_least(form, out);
    if (fits(form, inc, out)) return start;
    drop_all(form, out);
    if (!fits(form, inc, out)) start = hd_draft_bursts(form, inc, out, 0) ? HD_START_NONE : search(form, inc, out);
    if (start == HD_START_FOUND) keep_again(form, inc, out);
    return start;
}

hd_start hd_offer_least(const hd_form *form, hd_budget *budget, hd_incumbent *inc, hd_draft *out)
{
    hd_scheme scheme;
    if (inc->unserved) return HD_START_NONE;
    if (form->refusal.kind != HD_LEGAL) {
        inc->nearest = form->refusal;
        return HD_START_NONE;
    }
    if (form->unknown) return HD_START_UNKNOWN;
    if (form->verbatim) {
        hd_incumbent_offer(inc, budget, form->space->pin);
        return inc->found ? HD_START_FOUND : HD_START_NONE;
    }
    hd_start start = hd_draft_first(form, inc, out);
    if (start == HD_START_FOUND && hd_draft_decode(form, out, &scheme)) hd_incumbent_offer(inc, budget, &scheme);
    return start;
}
