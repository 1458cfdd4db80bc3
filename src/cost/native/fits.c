/* What a level's memory must hold, and which schemes have closed forms. */
#include <stdio.h>

#include "base/count.h"
#include "cost/native/native.h"

static bool refuse(hd_refusal *out, hd_refusal_kind kind, int level, int role, int64_t need, int64_t have, const char *what)
{
    if (out) {
        *out = (hd_refusal){kind, level, role, -1, need, have, ""};
        snprintf(out->why, sizeof out->why, "%s", what);
    }
    return false;
}

static bool level_fits(const hd_problem *p, const hd_scheme *s, int level, bool whole, hd_refusal *out)
{
    const hd_level *l = &p->arch->level[level];
    int64_t pool = 0, largest = -1, elements[HD_ROLES], members[HD_ROLES], room[HD_ROLES];
    int largest_role = -1;
    hd_native_tiles(p, s, level, elements);
    hd_native_rooms(p, s, level, whole, elements, members, room);
    for (int r = 0; r < HD_ROLES; r++) {
        int64_t words = room[r];
        if (elements[r] < 0) continue;
        if (l->per_role && words > l->role_capacity[r])
            return refuse(out, HD_REFUSE_CAPACITY, level, r, words, l->role_capacity[r], "the tile does not fit");
        if (words > largest) largest = words, largest_role = r;
        pool += words;
    }
    if (l->per_role || pool <= l->capacity) return true;
    return refuse(out, HD_REFUSE_CAPACITY, level, largest_role, pool, l->capacity, "the tiles together do not fit");
}

static int64_t copies_of(const hd_scheme *s, int dim)
{
    int64_t copies = 1;
    for (int l = 1; l < s->levels; l++)
        for (int i = 0; i < s->level[l].stacks; i++)
            if (s->level[l].stack[i].dim == dim) copies *= s->level[l].stack[i].copies;
    return copies;
}

/* Do windows side by side touch every word between them? */
static bool is_gapless(const hd_problem *p, const hd_rank *r)
{
    if (r->terms == 1) return r->term[0].coef == 1;
    return r->term[1].coef == 1 && r->term[0].coef <= p->op->dim[r->term[1].dim].extent;
}

/* The outermost level with a stack on a dim of the rank; `levels` where there is none. */
static int stacked_at(const hd_scheme *s, const hd_rank *r)
{
    for (int l = 1; l < s->levels; l++)
        for (int i = 0; i < s->level[l].stacks; i++)
            for (int t = 0; t < r->terms; t++)
                if (s->level[l].stack[i].dim == r->term[t].dim && s->level[l].stack[i].copies > 1) return l;
    return s->levels;
}

/* Who of the units loads old partial sums is left open: so nothing is clipped, no busiest unit, no mesh in there. */
static bool may_share(const hd_problem *p, const hd_rank *r, int level)
{
    if (level <= p->home[HD_O] || !hd_rank_is_open(p->op, r)) return false;
    for (int l = level; l < p->arch->levels; l++) {
        const hd_level *chip = &p->arch->level[l];
        if (chip->mesh.ports > 0 || chip->read_bw > 0 || chip->write_bw > 0 || chip->shared_bw > 0) return false;
    }
    return true;
}

unsigned hd_native_shared_outputs(const hd_problem *p, int level)
{
    const hd_tensor *o = &p->op->tensor[HD_O];
    unsigned set = 0;
    for (int r = 0; r < o->ranks; r++)
        for (int t = 0; o->rank[r].terms > 1 && may_share(p, &o->rank[r], level) && t < o->rank[r].terms; t++)
            set |= 1u << o->rank[r].term[t].dim;
    return set;
}

/* Units along a sliding output (rows of a gradient, say) add to each other's words.  What they move is counted where all that
 * hold a word take it and give it up together: nobody is idle along the rank, nothing is clipped, each holds one coordinate
 * at a time. */
static bool moves_as_one(const hd_problem *p, const hd_scheme *s, const hd_rank *r, int stacked)
{
    if (!may_share(p, r, stacked)) return false;
    for (int t = 0; t < r->terms; t++)
        if (!hd_radix_is_even(s, r->term[t].dim, s->levels - 1)) return false;
    for (int l = stacked; l < s->levels; l++) {
        for (int t = 0; t < r->terms; t++)
            if (hd_scheme_keeps(p, s, l, HD_O) && s->level[l].tensor[r->term[t].dim] > 1) return false;
    }
    return true;
}

/* A sliding, strided or clipped output rank: where O is held inside its home the window is whole and leaves no gaps, or the
 * units along it move as one. */
static bool output_rank_is_served(const hd_problem *p, const hd_scheme *s, const hd_rank *r, hd_refusal *out)
{
    int stacked = stacked_at(s, r);
    if (stacked < s->levels && !moves_as_one(p, s, r, stacked))
        return refuse(out, HD_REFUSE_MODEL, stacked, HD_O, 0, 0,
                      "native prices stacks on the dims of a sliding output only where its units move as one");
    int window = r->term[r->terms - 1].dim;
    int64_t extent = p->op->dim[window].extent;
    for (int l = p->home[HD_O] + 1; l < s->levels - 1 && l < stacked; l++) {
        bool whole = r->terms == 1 || s->level[l].tensor[window] == extent;
        if (!hd_scheme_keeps(p, s, l, HD_O) || (whole && is_gapless(p, r))) continue;
        return refuse(out, HD_REFUSE_MODEL, l, HD_O, extent, s->level[l].tensor[window],
                      "native prices held sliding outputs only with whole, gapless windows");
    }
    return true;
}

/* A rank whose boxes overlap or are clipped: few enough of them? */
static bool copies_are_few(const hd_scheme *s, hd_role role, const hd_rank *r, hd_refusal *out)
{
    for (int t = 0; t < r->terms; t++)
        if (copies_of(s, r->term[t].dim) > HD_NATIVE_MAX_UNITS)
            return refuse(out, HD_REFUSE_MODEL, -1, (int)role, HD_NATIVE_MAX_UNITS, copies_of(s, r->term[t].dim),
                          "native prices at most 1024 copies along a dim that slides, strides or is padded");
    return true;
}

static bool rank_is_served(const hd_problem *p, const hd_scheme *s, hd_role role, const hd_rank *r, hd_refusal *out)
{
    return (role != HD_O || output_rank_is_served(p, s, r, out)) && copies_are_few(s, role, r, out);
}

/* Does every directive of these dims at a level divide the box outside, and those of one dim each other? */
static bool is_level_even(const hd_scheme_level *l, unsigned dims)
{
    unsigned met = 0;
    for (int i = 0; i < l->updates; i++) {
        const hd_update *u = &l->update[i];
        if (!(dims >> u->dim & 1u)) continue;
        if (l[-1].tensor[u->dim] % u->step || (met >> u->dim & 1u)) return false;
        met |= 1u << u->dim;
    }
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *k = &l->stack[i];
        if (!(dims >> k->dim & 1u)) continue;
        if (l[-1].tensor[k->dim] % k->shift) return false;
        for (int j = 0; (met >> k->dim & 1u) && j < l->updates; j++)
            if (l->update[j].dim == k->dim && l->update[j].step % k->shift && k->shift % l->update[j].step) return false;
        for (int j = 0; j < i; j++)
            if (l->stack[j].dim == k->dim && l->stack[j].shift % k->shift && k->shift % l->stack[j].shift) return false;
    }
    return true;
}

/* One look at their directives, which often tells what is asked of one dim at a time else. */
static bool are_plainly_even(const hd_scheme *s, unsigned dims)
{
    for (int l = 1; l < s->levels; l++)
        if (!is_level_even(&s->level[l], dims)) return false;
    return true;
}

/* Can a unit that holds outputs ever be idle?  Only where their dims have stacks and a shift that does not divide. */
static bool may_be_idle(const hd_scheme *s, unsigned outputs)
{
    unsigned dims = 0;
    for (int l = 1; l < s->levels; l++)
        for (int i = 0; i < s->level[l].stacks; i++)
            if (s->level[l].stack[i].copies > 1) dims |= 1u << s->level[l].stack[i].dim;
    dims &= outputs;
    if (!dims || are_plainly_even(s, dims)) return false;
    for (; dims; dims = hd_dims_after(dims))
        if (!hd_radix_is_even(s, hd_dim_of(dims), s->levels - 1)) return true;
    return false;
}

/* Units that may be idle, of several levels: do they hold partial sums only where nobody asks for them? */
static NEST_RARE bool idle_units_are_served(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    nest n;
    native_ready ready;
    int level = -1;
    hd_native_ready(&ready, p);
    hd_nest_build(&n, &ready, s);
    if (!hd_native_holds_through(&n, &level)) return true;
    return refuse(out, HD_REFUSE_MODEL, level, HD_O, 0, 0,
                  "idle units would hold partial sums through a change of the tile outside");
}

/* `outputs`: the dims of O. */
static bool outputs_are_served(const hd_problem *p, const hd_scheme *s, unsigned outputs, hd_refusal *out)
{
    int holders = p->arch->level[s->levels - 1].operand_register & HD_ROLE_BIT(HD_O) ? 1 : 0;
    for (int l = p->home[HD_O] + 1; l < s->levels - 1; l++) holders += hd_scheme_keeps(p, s, l, HD_O);
    return holders < 2 || !may_be_idle(s, outputs) || idle_units_are_served(p, s, out);
}

bool hd_native_fits_in(const hd_problem *p, const hd_scheme *s, bool whole, hd_refusal *out)
{
    for (int l = 0; l < s->levels - 1; l++)
        if (p->arch->level[l].bounded && !level_fits(p, s, l, whole, out)) return false;
    for (int r = 0; r < HD_ROLES; r++) {
        const hd_tensor *t = &p->op->tensor[r];
        for (int k = 0; t->used && k < t->ranks; k++)
            if (!hd_rank_is_plain(p->op, &t->rank[k]) && !rank_is_served(p, s, (hd_role)r, &t->rank[k], out)) return false;
    }
    if (!outputs_are_served(p, s, hd_tensor_dims(p->op, HD_O), out)) return false;
    if (out) *out = (hd_refusal){HD_LEGAL, -1, -1, -1, 0, 0, ""};
    return true;
}

bool hd_native_fits_ready(const native_ready *ready, const hd_scheme *s)
{
    const hd_problem *p = ready->p;
    int64_t members[HD_ROLES];
    for (unsigned levels = ready->bounded; levels;) {
        int l = 31 - __builtin_clz(levels); /* the smallest ones say no most often */
        levels ^= 1u << l;
        if (hd_native_fit_in_full(ready, s, l)) continue;
        if (!hd_level_shares(&p->arch->level[l]) || !hd_native_fit_together(ready, s, l, false, members)) return false;
    }
    bool few = ready->instances[ready->mac] <= HD_NATIVE_MAX_UNITS; /* no dim has more copies */
    const nest_role *o = &ready->role[ready->number[HD_O]];
    for (int i = 0; i < o->generals; i++)
        if (!output_rank_is_served(p, s, o->of[o->number[i]].rank, NULL)) return false;
    for (int k = 0; k < ready->roles && !few; k++) {
        const nest_role *role = &ready->role[k];
        for (int i = 0; i < role->generals; i++)
            if (!copies_are_few(s, role->role, role->of[role->number[i]].rank, NULL)) return false;
    }
    return outputs_are_served(p, s, o->dims, NULL);
}

bool hd_native_fits(const hd_problem *p, const hd_scheme *s, hd_refusal *out) { return hd_native_fits_in(p, s, false, out); }
