/* What stands in a row of products: copies on every axis, words of every tile, steps, counts. */
#include <math.h>
#include <string.h>

#include "solve/optimal.h"

static int lay_out_tiles(opt *o, int n)
{
    o->tiles = 0;
    memset(o->at_home, 0, sizeof o->at_home);
    o->rules->find_tiles(o);
    return n + o->tiles;
}

int opt_factor_of(opt *o, int level, unsigned dims, bool inverse)
{
    int i = 0;
    if (!(o->stacks & opt_between(0, level)) || !dims) return -1;
    while (i < o->factors && (o->factor[i].level != level || o->factor[i].dims != dims || o->factor[i].inverse != inverse)) i++;
    if (i == o->factors) o->factor[o->factors++] = (opt_factor){level, dims, inverse};
    return i;
}

static int lay_out_group(const opt *o, opt_group *g, int n)
{
    int general = 0;
    g->at = g->depths = 0;
    for (int l = 1; l <= g->level && l <= o->last; l++)
        if (o->mask >> l & 1u) g->at = l, g->depths++;
    if (g->depths == 0) g->depths = 1; /* no loops: every word comes once */
    while (opt_general(o, g->role, general)) general++;
    g->slides = g->fixed ? 0 : general * (o->rules->halves ? 2 * HD_MAX_TERMS : 1);
    g->variants = g->fixed ? 1 : g->depths + 1 + g->slides;
    if (g->linked) g->linked = g->variants++;
    if (o->timed && o->rules->phases) g->variants++;
    if (g->fixed) g->depths = 0;
    g->halved = 0;
    for (int i = 1; o->rules->halves && i <= g->slides; i++) g->halved |= (uint64_t)1 << (g->depths + i);
    g->first = n;
    g->priced = 0;
    for (int k = 0; k < g->kinds; k++)
        if (g->pj[k] != 0) g->price[g->priced++] = (struct opt_price){k * g->variants, g->pj[k]};
    return n + g->kinds * g->variants;
}

int opt_slide_number(const opt *o, int role, int dim)
{
    for (int q = 0; opt_general(o, role, q); q++) {
        const hd_rank *rank = opt_general(o, role, q);
        for (int t = 0; t < rank->terms; t++)
            if (rank->term[t].dim == dim) return o->rules->halves ? q * HD_MAX_TERMS + t : q;
    }
    return -1;
}

/* The first class that does the same to all groups at the level or further in. */
static int first_alike(const opt *o, int level, int class)
{
    for (int i = 0; i < class; i++) {
        bool same = true;
        for (int g = 0; g < o->groups; g++) {
            const opt_group *group = &o->group[g];
            if (group->fixed || group->at < level || group->kinds == 0) continue;
            same = same && o->class[i].how[g] == o->class[class].how[g];
        }
        if (same) return i;
    }
    return class;
}

static void find_classes(opt *o)
{
    o->classes = 0;
    for (int d = 0; d < o->form->dims; d++) {
        opt_class c = {.dims = 1u << d};
        int same = 0;
        for (int g = 0; g < o->groups; g++) {
            int role = o->group[g].role;
            int q = o->absent[role] >> d & 1u ? -1 : opt_slide_number(o, role, d);
            c.how[g] = (signed char)(o->fresh[role] >> d & 1u ? OPT_MOVES : q >= 0 ? q + 1 : -1);
            c.slides |= c.how[g] > 0;
        }
        while (same < o->classes && memcmp(o->class[same].how, c.how, sizeof c.how) != 0) same++;
        if (same < o->classes) o->class[same].dims |= c.dims;
        else o->class[o->classes++] = c;
    }
    for (int l = 1; l <= o->last; l++)
        for (int i = 0; i < o->classes; i++) o->same[l][i] = first_alike(o, l, i);
}

int64_t opt_most_part(const opt *o, int part)
{
    const int64_t *fan = o->p->arch->level[o->mesh].fan;
    return opt_is_folded(o, o->mesh) ? fan[HD_X] * fan[HD_Y] : fan[part % HD_AXES];
}

/* Copies of every set of kindred dims along the axes of the mesh: as many as the split says. */
static void lay_out_parts(opt *o)
{
    bool folded = opt_is_folded(o, o->mesh);
    o->parted = o->fans;
    o->parts = o->kindred * (folded ? 1 : HD_AXES);
    for (int i = 0; i < o->parts; i++) {
        double units = o->split ? o->split->copies[i] : (double)opt_most_part(o, i);
        o->fan[o->fans++] = (opt_fan){o->mesh, folded ? HD_AXES : i % HD_AXES, units, o->kin[folded ? i : i / HD_AXES]};
    }
}

/* Where the flows' counts stand, each but once. */
static void place_flows(opt *o)
{
    o->counted = 0;
    for (opt_flow *f = o->flow; f < o->flow + o->flows; f++) {
        const opt_group *g = &o->group[f->group];
        f->at = g->first + f->kind * g->variants + (f->phase == OPT_RUN ? 0 : g->variants - 1);
        f->count = 0;
        while (f->count < o->counted && o->count[f->count].at != f->at) f->count++;
        if (f->phase == OPT_RUN && f->count == o->counted) o->count[o->counted++] = (opt_counted){f->group, f->kind, f->at};
    }
}

bool opt_lay_out(opt *o)
{
    int n = 0;
    o->fans = 0;
    for (int l = 1; l <= o->mac; l++)
        for (int axis = 0; axis < HD_AXES; axis++)
            if (o->stacks & NEST_STACK(l, axis))
                o->fan[o->fans++] = (opt_fan){l, axis, (double)o->p->arch->level[l].fan[axis], ~0u};
    for (int l = 1; l <= o->mac; l++) {
        const int64_t *fan = o->p->arch->level[l].fan;
        if (o->folded >> l & 1u) o->fan[o->fans++] = (opt_fan){l, HD_AXES, (double)(fan[HD_X] * fan[HD_Y]), ~0u};
    }
    lay_out_parts(o);
    o->steps = lay_out_tiles(o, o->fans);
    o->counts = n = o->steps + 1;
    for (int g = 0; g < o->groups; g++) n = lay_out_group(o, &o->group[g], n);
    o->factor_at = n;
    o->row = n += o->factors;
    if (n > OPT_MAX_ROW) return false;
    memset(o->turned, 0, sizeof o->turned);
    for (int g = 0; g < o->groups; g++)
        if (!o->group[g].fixed) o->turn[o->group[g].at][o->turned[o->group[g].at]++] = g;
    place_flows(o);
    find_classes(o);
    opt_forget_turns(o);
    return true;
}

/* The most copies on an axis that options of all blocks can make together: products that do not pass its units. */
static double most_copies(const opt *o, int fan)
{
    enum { MOST_UNITS = 1 << 12 };
    const int units = (int)fmin(o->fan[fan].units, MOST_UNITS);
    bool reached[MOST_UNITS + 1] = {[1] = true}, before[MOST_UNITS + 1];
    if (o->fan[fan].units > MOST_UNITS) return o->fan[fan].units;
    for (int b = 0; b < o->blocks; b++) {
        memcpy(before, reached, sizeof before);
        memset(reached, 0, sizeof reached);
        for (int i = 0; i < o->block[b].options; i++) {
            int copies = (int)o->block[b].row[(size_t)i * (size_t)o->row + (size_t)fan];
            for (int k = 1; k * copies <= units; k++) reached[k * copies] |= before[k];
        }
    }
    for (int k = units; k > 0; k--)
        if (reached[k]) return k;
    return 1;
}

void opt_find_work(opt *o)
{
    o->least_steps = (double)hd_operator_points(o->p->op);
    for (int f = 0; f < o->fans; f++)
        if (opt_is_axis(&o->fan[f])) o->least_steps /= o->most[f] = most_copies(o, f);
    o->least_steps = ceil(o->least_steps * (1 - 1e-12));
}
