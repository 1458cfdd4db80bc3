/* What no choice below a node can undercut.
 *
 * Every product takes the least that each block still open offers.  Per level with loops, some dim's loop is the innermost
 * one: for each that may be, a role whose plain rank it changes holds nothing, a role that lacks it holds what the
 * loops of the level (and, as long as no loop of the level must change it, those outside) leave alone; a sliding rank
 * that never comes back to words still held overlaps with itself alone.  The least over these dims counts.      */
#include <math.h>

#include "solve/optimal.h"

void opt_multiply(const opt *o, const double *row, const double *option, double *out)
{
    for (int i = 0; i < o->row; i++) out[i] = row[i] * option[i];
}

bool opt_fits(const opt *o, const double *row)
{
    const hd_arch *a = o->p->arch;
    for (int f = 0; f < o->fans; f++)
        if (row[f] > o->fan[f].units) return false;
    for (int t = 0; t < o->tiles;) {
        int l = o->tile[t].level;
        double pool = o->at_home[l];
        for (; t < o->tiles && o->tile[t].level == l; t++) {
            const opt_tile *tile = &o->tile[t];
            double words = opt_ceil(row[o->fans + t] * tile->bits / tile->word_bits * (1 - 1e-12)) * tile->times; /* thirds */
            if (a->level[l].per_role && words > o->room[l][tile->role]) return false;
            pool += words;
        }
        if (!a->level[l].per_role && pool > o->pool[l]) return false;
    }
    return true;
}

/* Energy of a group in one variant. */
static double cost_of(const opt *o, const opt_group *g, const double *row, int variant)
{
    double pj = 0;
    const double *v = row + g->first, *factor = row + o->factor_at;
    bool plain = !o->rules->halves || variant <= g->depths || variant > g->depths + g->slides;
    for (int i = 0; i < g->priced; i++) {
        const int k = g->price[i];
        pj += g->pj[k] * (plain ? v[k * g->variants + variant] : opt_count(o, g, v + k * g->variants, variant));
    }
    for (int i = 0; i < g->terms; i++) {
        const opt_term *t = &g->term[i];
        double times = t->factor < 0 ? 1 : factor[t->factor], used = t->used < 0 ? 1 : factor[t->used];
        pj += t->pj * (v[t->kind * g->variants + variant] - t->less) * times * opt_lesser(used, t->clusters);
    }
    return pj;
}

static bool is_blocked(const opt *o, const opt_node *n, int role, int level) { return n->loops[level] & o->fresh[role]; }

/* Levels whose order is free have any of their loops innermost; a fixed place counts where the loop is certain. */
unsigned opt_inner_dims(const opt *o, const opt_node *n, int level)
{
    const hd_constraints *c = o->form->space->constraints;
    unsigned loops = n->loops[level] | n->may_loop[level], open = 0, dims = 0;
    int from = c ? c->inner[level] : 0, to = o->form->dims - (c ? c->outer[level] : 0);
    if (!o->form->ordered[level]) from = to = 0;
    const unsigned char *order = o->draft.order[level];
    if (from == 0 && to == o->form->dims) return loops;
    for (int i = from; i < to; i++) open |= 1u << order[i];
    for (int i = 0; i < o->form->dims; i++) {
        unsigned next = i >= from && i < to ? open : 1u << order[i];
        dims |= loops & next;
        if (n->loops[level] & next) break;
    }
    return dims;
}

/* `how`: what the innermost loop does to the group's role (opt_class); `wraps`: and comes back to words still held. */
static int variant_under(const opt *o, const opt_group *g, int how, bool wraps, bool blocked)
{
    if (how == OPT_MOVES) return OPT_MOVES;
    if (g->linked && (wraps || g->anew)) return g->linked;
    if (how > 0 && !(wraps && o->rules->comes_back)) return g->depths + (o->rules->halves ? 2 * how - 1 : how);
    return blocked ? 1 : g->depths;
}

/* Which links: all, those into levels up to o->cut, those further in. */
typedef enum links { LINKS_ALL, LINKS_OUTER, LINKS_INNER } links;

static bool is_among(const opt *o, const opt_group *g, links which)
{
    return which == LINKS_ALL || (g->level > o->cut) == (which == LINKS_INNER);
}

/* What groups cost in their variants, each looked at once: many classes do the same to a group. */
typedef struct prices { uint64_t known; double pj[64]; } prices;

static double class_pj(const opt *o, const opt_node *n, const opt_class *c, int at, bool wraps, links which, prices *of)
{
    double pj = 0;
    for (int i = 0; i < o->turned[at]; i++) {
        int g = o->turn[at][i];
        const opt_group *group = &o->group[g];
        if (!is_among(o, group, which)) continue;
        int variant = variant_under(o, group, c->how[g], wraps, is_blocked(o, n, group->role, at));
        if (!(of[i].known >> variant & 1u)) {
            of[i].known |= (uint64_t)1 << variant;
            of[i].pj[variant] = cost_of(o, group, n->row, variant);
        }
        pj += of[i].pj[variant];
    }
    return pj;
}

static double level_pj(const opt *o, const opt_node *n, int at, links which)
{
    double least = INFINITY;
    unsigned loops = opt_inner_dims(o, n, at), wraps = n->may_wrap[at];
    unsigned seen = 0;
    prices of[OPT_MAX_GROUPS];
    for (int i = 0; i < o->turned[at]; i++) of[i].known = 0;
    for (int i = 0; i < o->classes; i++) {
        const opt_class *c = &o->class[i];
        bool alone = (loops & c->dims & ~wraps) || (!c->slides && (loops & c->dims));
        if (alone && !(seen >> o->same[at][i] & 1u)) least = opt_lesser(least, class_pj(o, n, c, at, false, which, of));
        if (alone) seen |= 1u << o->same[at][i];
        if (c->slides && (loops & c->dims & wraps)) least = opt_lesser(least, class_pj(o, n, c, at, true, which, of));
    }
    return least;
}

double opt_level_pj(const opt *o, const opt_node *n, int at) { return o->metered ? level_pj(o, n, at, LINKS_ALL) : 0; }

static uint64_t variants_of(const opt *o, const opt_node *n, int g)
{
    const opt_group *group = &o->group[g];
    if (group->fixed || group->at == 0) return (uint64_t)1 << (group->fixed ? OPT_MOVES : 1);
    uint64_t variants = 0;
    unsigned loops = opt_inner_dims(o, n, group->at), wraps = n->may_wrap[group->at];
    bool blocked = is_blocked(o, n, group->role, group->at);
    for (int i = 0; i < o->classes; i++) {
        const opt_class *c = &o->class[i];
        if (!(loops & c->dims)) continue;
        variants |= (uint64_t)1 << variant_under(o, group, c->how[g], false, blocked);
        if (c->slides && (loops & c->dims & wraps)) variants |= (uint64_t)1 << variant_under(o, group, c->how[g], true, blocked);
    }
    return variants;
}

uint64_t opt_variants(const opt *o, const opt_node *n, const opt_ways *ways, int g)
{
    return ways && ways->variant[g] >= 0 ? (uint64_t)1 << ways->variant[g] : variants_of(o, n, g);
}

void opt_find_variants(const opt *o, const opt_node *n, const opt_ways *ways, uint64_t variants[OPT_MAX_GROUPS])
{
    for (int g = 0; g < o->groups; g++) variants[g] = opt_variants(o, n, ways, g);
}

double opt_least_count(const opt *o, const opt_node *n, int g, int kind, uint64_t variants)
{
    const opt_group *group = &o->group[g];
    const double *v = n->row + group->first + kind * group->variants;
    double least = INFINITY;
    for (; variants; variants &= variants - 1) least = opt_lesser(least, opt_count(o, group, v, __builtin_ctzll(variants)));
    return isfinite(least) ? least : 0;
}

/* Energy that no order changes: of the arithmetic units' steps, of links without loops. */
static double still_pj(const opt *o, const double *row, links which)
{
    double pj = 0;
    for (int g = 0; g < o->groups; g++) {
        const opt_group *group = &o->group[g];
        if ((group->fixed || group->at == 0) && is_among(o, group, which))
            pj += cost_of(o, group, row, group->fixed ? OPT_MOVES : 1);
    }
    return pj;
}

double opt_fixed_pj(const opt *o, const double *row) { return o->metered ? o->base_pj + still_pj(o, row, LINKS_ALL) : 0; }

double opt_work(const opt *o, const double *row)
{
    return o->rated ? o->base_cycles : opt_greater(o->base_cycles, opt_greater(o->least_steps, row[o->steps]));
}

double opt_objective(const opt *o, double pj, double cycles)
{
    pj += cycles * o->p->arch->static_pj_per_cycle;
    if (o->inc->objective == HD_ENERGY) return pj;
    return o->inc->objective == HD_LATENCY ? cycles : pj * cycles;
}

static bool turns_any(const opt *o, int at, links which)
{
    for (int i = 0; i < o->turned[at]; i++)
        if (is_among(o, &o->group[o->turn[at][i]], which)) return true;
    return false;
}

/* Levels whose loops turn none of these links may well have none, for all that is known of them (optimal_inner.c). */
static double links_pj(const opt *o, const opt_node *n, links which)
{
    double pj = still_pj(o, n->row, which);
    for (int l = 1; l <= o->last; l++)
        if ((o->mask >> l & 1u) && (which == LINKS_ALL || turns_any(o, l, which))) pj += level_pj(o, n, l, which);
    return pj;
}

/* The levels further in than o->cut do not depend on those further out: what they cost at least together counts, too. */
static double apart_bound(const opt *o, const opt_node *n, double *pj, double work)
{
    if (o->inner_pj <= 0 && o->inner_all_pj <= 0) return 0;
    double outer = o->base_pj + links_pj(o, n, LINKS_OUTER);
    *pj = opt_greater(*pj, outer + o->inner_pj);
    double bound = opt_objective(o, *pj, work);
    return o->inc->objective == HD_ENERGY ? opt_greater(bound, outer + o->inner_all_pj) : bound;
}

/* ---- all levels together ---- */

static const opt_class *class_of(const opt *o, int dim)
{
    const opt_class *c = o->class;
    while (!(c->dims >> dim & 1u)) c++;
    return c;
}

/* How much of the group stays, with innermost dims known: outwards as long as no loop of a level must change the role. */
static int variant_given(const opt *o, const opt_node *n, int g, const int *inner)
{
    const opt_group *group = &o->group[g];
    int depth = 0;
    for (int l = group->at; l >= 1; l--) {
        if (!(o->mask >> l & 1u)) continue;
        bool blocked = is_blocked(o, n, group->role, l);
        int v = variant_under(o, group, class_of(o, inner[l])->how[g], n->may_wrap[l] >> inner[l] & 1u, blocked);
        if (v == OPT_MOVES || v > group->depths) return depth > 0 ? depth : v;
        depth++;
        if (blocked) break;
    }
    return depth;
}

double opt_joint_pj(const opt *o, const opt_node *n, int at, const int inner[HD_MAX_LEVELS])
{
    double pj = 0;
    for (int i = 0; o->metered && i < o->turned[at]; i++) {
        int g = o->turn[at][i];
        pj += cost_of(o, &o->group[g], n->row, variant_given(o, n, g, inner));
    }
    return pj;
}

void opt_joint_ways(const opt *o, const opt_node *n, int at, const int inner[HD_MAX_LEVELS], opt_ways *ways)
{
    for (int i = 0; i < o->turned[at]; i++) {
        int g = o->turn[at][i];
        ways->variant[g] = variant_given(o, n, g, inner);
    }
}

typedef struct joining {
    const opt *o;
    const opt_node *node;
    double cycles, least, enough;     /* `enough`: no less is asked for */
    double rest[HD_MAX_LEVELS + 1];   /* what the levels from here on cost at least */
    int inner[HD_MAX_LEVELS], best[HD_MAX_LEVELS];
    opt_ways ways;
} joining;

static void join_end(joining *j, double pj)
{
    double cycles = j->o->timed ? opt_cycles(j->o, j->node, &j->ways) : 0;
    double bound = opt_objective(j->o, pj, cycles);
    if (bound >= j->least) return;
    j->least = bound;
    for (int l = 0; l < HD_MAX_LEVELS; l++) j->best[l] = j->inner[l];
}

/* Innermost dims level by level, the outermost first; one of those that make no difference. */
static void join_levels(joining *j, int level, double pj)
{
    const opt *o = j->o;
    while (level <= o->last && !(o->mask >> level & 1u)) level++;
    if (j->least <= j->enough || opt_objective(o, pj + j->rest[level], j->cycles) >= j->least) return;
    if (level > o->last) {
        join_end(j, pj);
        return;
    }
    unsigned inner = opt_inner_dims(o, j->node, level), seen[2] = {0, 0};
    for (int i = 0; i < o->classes; i++)
        for (unsigned wrap = 0; wrap < 2; wrap++) {
            unsigned wraps = o->class[i].slides ? j->node->may_wrap[level] : 0;
            unsigned dims = inner & o->class[i].dims & (wrap ? wraps : ~wraps);
            if (!dims || (seen[wrap] >> o->same[level][i] & 1u)) continue;
            seen[wrap] |= 1u << o->same[level][i];
            j->inner[level] = __builtin_ctz(dims);
            opt_joint_ways(o, j->node, level, j->inner, &j->ways);
            join_levels(j, level + 1, pj + opt_joint_pj(o, j->node, level, j->inner));
        }
}

static double joint_bound(const opt *o, const opt_node *n, double enough, int inner[HD_MAX_LEVELS])
{
    joining j;
    j.o = o, j.node = n, j.cycles = 0, j.least = opt_limit(o), j.enough = enough, j.rest[o->last + 1] = 0;
    for (int l = 0; l < HD_MAX_LEVELS; l++) j.best[l] = 0;
    for (int g = 0; g < o->groups; g++) j.ways.variant[g] = -1, j.ways.count[g] = NULL;
    if (o->timed) j.cycles = opt_cycles(o, n, NULL);
    for (int l = o->last; l >= 1; l--)
        j.rest[l] = j.rest[l + 1] + (o->mask >> l & 1u ? opt_level_pj(o, n, l) : 0);
    join_levels(&j, 1, opt_fixed_pj(o, n->row));
    for (int l = 0; l < HD_MAX_LEVELS; l++) inner[l] = j.best[l];
    return j.least;
}

double opt_joint_bound(const opt *o, const opt_node *n, int inner[HD_MAX_LEVELS]) { return joint_bound(o, n, -INFINITY, inner); }

/* Is it worth asking which loops stand innermost, for all groups and levels together?  Each count by itself promises too
 * much where time alone matters, each level where there are many. */
static bool is_joined(const opt *o)
{
    enum { MANY = 4 };
    return !o->metered || __builtin_popcount(o->mask) >= MANY;
}

/* Each level, then each count at its least. */
static double bound_apart(const opt *o, const opt_node *n, double limit)
{
    double pj = opt_fixed_pj(o, n->row), work = opt_work(o, n->row);
    for (int l = 1; l <= o->last; l++) {
        if (o->mask >> l & 1u) pj += opt_level_pj(o, n, l);
        if (opt_objective(o, pj, work) >= limit) break;
    }
    double bound = opt_objective(o, pj, work);
    if (bound < limit) bound = opt_greater(bound, apart_bound(o, n, &pj, work));
    return o->timed && bound < limit ? opt_greater(bound, opt_objective(o, pj, opt_cycles(o, n, NULL))) : bound;
}

double opt_bound(const opt *o, const opt_node *n, double limit)
{
    int inner[HD_MAX_LEVELS];
    double still = o->p->arch->static_pj_per_cycle;
    if (o->inside) return links_pj(o, n, LINKS_INNER) + (o->inside == OPT_INSIDE_AND_STEPS ? still * n->row[o->steps] : 0);
    double bound = bound_apart(o, n, limit);
    return bound < limit && is_joined(o) ? opt_greater(bound, joint_bound(o, n, bound, inner)) : bound;
}

double opt_limit(const opt *o) { return o->inc->found ? o->inc->cost * (1 - 1e-13) : INFINITY; }
