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

/* By itself, so that compilers see rows that do not overlap. */
void opt_lower(const opt *o, const double *restrict row, double *restrict least)
{
    for (int i = 0; i < o->row; i++) least[i] = row[i] < least[i] ? row[i] : least[i];
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

/* `pj` and the energy of a group beyond that of whole counts. */
static double add_terms(const opt *o, const opt_group *g, const double *row, int variant, double pj)
{
    const double *v = row + g->first, *factor = row + o->factor_at;
    for (int i = 0; i < g->terms; i++) {
        const opt_term *t = &g->term[i];
        double times = t->factor < 0 ? 1 : factor[t->factor], used = t->used < 0 ? 1 : factor[t->used];
        pj += t->pj * (v[t->kind * g->variants + variant] - t->less) * times * opt_lesser(used, t->clusters);
    }
    return pj;
}

/* Energy of a group in one variant. */
static double cost_of(const opt *o, const opt_group *g, const double *row, int variant)
{
    double pj = 0;
    const double *v = row + g->first;
    for (const struct opt_price *p = g->price; p < g->price + g->priced; p++) pj += p->pj * opt_count(g, v + p->at, variant);
    return g->terms > 0 ? add_terms(o, g, row, variant, pj) : pj;
}

/* Which links: all, those into levels up to o->cut, those further in. */
typedef enum links { LINKS_ALL, LINKS_OUTER, LINKS_INNER } links;

static bool is_among(const opt *o, const opt_group *g, links which)
{
    return which == LINKS_ALL || (g->level > o->cut) == (which == LINKS_INNER);
}

static double level_pj(const opt *o, const opt_node *n, int at, links which)
{
    double least = INFINITY, sum[OPT_MAX_TURNS], pj[64];
    const opt_turns *turns = opt_turns_of(o, n, at);
    for (int k = 0; k < turns->n; k++) sum[k] = 0;
    for (int i = 0; i < o->turned[at]; i++) {
        const opt_group *group = &o->group[o->turn[at][i]];
        const unsigned char *under = turns->under[i];
        if (!is_among(o, group, which)) continue;
        for (uint64_t left = turns->variants[i]; left; left &= left - 1) {
            int variant = __builtin_ctzll(left);
            pj[variant] = cost_of(o, group, n->row, variant);
        }
        for (int k = 0; k < turns->n; k++) sum[k] += pj[under[k]];
    }
    for (int k = 0; k < turns->n; k++) least = opt_lesser(least, sum[k]);
    return least;
}

double opt_level_pj(const opt *o, const opt_node *n, int at) { return o->metered ? level_pj(o, n, at, LINKS_ALL) : 0; }

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

double opt_joint_pj(const opt *o, const opt_node *n, int at, const int inner[HD_MAX_LEVELS])
{
    double pj = 0;
    for (int i = 0; o->metered && i < o->turned[at]; i++) {
        int g = o->turn[at][i];
        pj += cost_of(o, &o->group[g], n->row, opt_variant_given(o, n, g, inner));
    }
    return pj;
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
