/* Is there a draft at all that meets every limit?  Dimensions are coupled by the units they share: of each dimension
 * every way to use units is tried once, the units still free bound the share that can be reached.             */
#include "base/count.h"
#include "solve/draft.h"

enum { MOST_TRIED = 256, MOST_STEPS = 1 << 20 };

typedef struct dig {
    const hd_form *form;
    hd_draft *draft;
    int64_t left[HD_MAX_LEVELS][HD_AXES], used[HD_MAX_LEVELS][HD_AXES];
    uint64_t tried[HD_MAX_DIMS][MOST_TRIED]; /* unit vectors of the dim, under the same dims before it */
    int tries[HD_MAX_DIMS];
    int64_t steps, units;
    hd_axes axes[HD_MAX_DIMS + 1];           /* as the dims before leave them */
} dig;

/* Units in use once the dims from `dim` on have taken all that their wires leave them. */
static bool units_suffice(const dig *g, int dim)
{
    const hd_form *form = g->form;
    double units = 1;
    for (int l = 1; l < form->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) {
            bool open = false;
            for (int d = dim; d < form->dims; d++) open = open || form->at[d][l][axis] >= 0;
            units *= (double)(g->used[l][axis] * (open ? g->left[l][axis] : 1));
        }
    return units >= (double)g->units;
}

static uint64_t units_of(const dig *g, int dim)
{
    uint64_t hash = 1;
    for (int k = 0; k < g->form->slots[dim]; k++)
        if (g->form->slot[dim][k].kind != HD_SLOT_UPDATE)
            hash = (hash ^ (uint64_t)hd_draft_count(g->form, g->draft, dim, k)) * 0x9e3779b97f4a7c15u;
    return hash;
}

static bool was_tried(dig *g, int dim)
{
    uint64_t hash = units_of(g, dim);
    for (int i = 0; i < g->tries[dim]; i++)
        if (g->tried[dim][i] == hash) return true;
    if (g->tries[dim] < MOST_TRIED) g->tried[dim][g->tries[dim]++] = hash;
    return false;
}

/* Chains of `dim` from slot k on: small tiles first; where units are asked for, copies before loops. */
static bool dig_chain(dig *g, int dim, int k)
{
    const hd_form *form = g->form;
    int64_t value[HD_MAX_SIZES];
    if (dim == form->dims) return units_suffice(g, dim);
    if (k == form->slots[dim]) {
        if (was_tried(g, dim) || !units_suffice(g, dim + 1)) return false;
        g->axes[dim + 1] = g->axes[dim];
        if (!hd_axes_place(form, &g->axes[dim + 1], g->draft, dim)) return false;
        if (dim + 1 < form->dims) g->tries[dim + 1] = 0;
        return dig_chain(g, dim + 1, 0);
    }
    const hd_slot *slot = &form->slot[dim][k];
    int64_t *left = slot->kind == HD_SLOT_UPDATE ? NULL : &g->left[slot->level][slot->kind];
    int64_t above = hd_draft_above(form, g->draft, dim, k);
    int n = hd_form_spans(form, dim, k, g->draft->span[dim], value, HD_MAX_SIZES);
    for (int i = 0; i < n && g->steps < MOST_STEPS; i++) {
        int64_t span = value[g->units > 1 && !left ? n - 1 - i : i], count = hd_count_ceil_div(above, span);
        int64_t had = left ? *left : 0;
        if (left && count > had) continue;
        if (left && count > 1 && !hd_axes_admit(form, &g->axes[dim], dim, slot->level, slot->kind)) continue;
        g->steps++;
        if (left) *left = had / count, g->used[slot->level][slot->kind] *= count;
        g->draft->span[dim][k] = span;
        if (dig_chain(g, dim, k + 1)) return true;
        if (left) *left = had, g->used[slot->level][slot->kind] /= count;
    }
    return false;
}

static bool dig_base(hd_form *form, int64_t units)
{
    dig g = {.form = form, .draft = &form->base, .units = units};
    for (int l = 0; l < form->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) {
            g.left[l][axis] = form->space->problem->arch->level[l].fan[axis];
            g.used[l][axis] = 1;
        }
    hd_axes_init(&g.axes[0]);
    bool found = dig_chain(&g, 0, 0);
    form->unknown = !found && g.steps >= MOST_STEPS;
    return found;
}

/* Copies that must all be there at once: more than the units of a level? */
static bool name_level(hd_form *form)
{
    const hd_arch *a = form->space->problem->arch;
    for (int l = 1; l < form->levels; l++) {
        int64_t need = 1, have = a->level[l].fan[HD_X] * a->level[l].fan[HD_Y];
        for (int d = 0; d < form->dims; d++)
            for (int k = 0; k < form->slots[d]; k++)
                if (form->slot[d][k].level == l && form->slot[d][k].kind != HD_SLOT_UPDATE &&
                    form->slot[d][k].pair != HD_PAIR_SECOND)
                    need *= hd_count_min(form->slot[d][k].fewest, HD_COUNT_EXACT / hd_count_max(1, need));
        if (need <= have) continue;
        hd_form_refuse(form, l, -1, -1, need, have, "%s: at least %lld copies in all, where there are %lld units",
                       hd_space_place(form->space, l, HD_SAID_COPIES), (long long)need, (long long)have);
        return true;
    }
    return false;
}

/* Do the copies find no place only because of what is asked of a level's axes?  The first level that leaves none. */
static bool name_axes(hd_form *form, int64_t units)
{
    int all = form->axis_levels, level = 0;
    if (all == 0) return false;
    for (form->axis_levels = 1; form->axis_levels <= all && dig_base(form, units); form->axis_levels++)
        level = form->axis_levels;
    form->axis_levels = all;
    form->unknown = false;
    if (level == 0) return false; /* nothing without such rules either */
    hd_form_refuse(form, level, -1, -1, 0, 0,
                   "%s: the copies that must be there cannot lie on its axes in the order of dimensions that is asked",
                   hd_space_place(form->space, level, HD_SAID_COPIES));
    return true;
}

void hd_form_find_base(hd_form *form)
{
    const hd_arch *a = form->space->problem->arch;
    int64_t units = form->units;
    if (name_level(form) || dig_base(form, units) || form->unknown || name_axes(form, units)) return;
    int64_t all = hd_arch_instances(a, form->levels - 1);
    if (units <= 1 || !dig_base(form, 1))
        hd_form_refuse(form, form->levels - 1, -1, -1, units, all,
                       "the copies that must be there and the loops that must not leave no arrangement within the fan-outs");
    else
        hd_form_refuse(form, form->levels - 1, -1, -1, units, all,
                       "%s: at least %lld of %lld units in use, which no arrangement reaches", a->level[form->levels - 1].name,
                       (long long)units, (long long)all);
}
