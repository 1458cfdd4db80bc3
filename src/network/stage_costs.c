/* What does a segment cost, given what its layers cost? */
#include <math.h>

#include "network/stages.h"

static bool takes_turns(const hd_staging *s, int i)
{
    for (int k = 0; k < s->layers; k++)
        if (k != i && s->of[k].stage == s->of[i].stage) return true;
    return false;
}

/* The innermost level that keeps the role's words from group to group, as no loop up to it turns them; 0 = none does. */
static int kept_to(const hd_problem *p, const hd_scheme *scheme, hd_role role)
{
    unsigned own = hd_tensor_dims(p->op, role);
    int level = 0;
    for (int l = 1; l < p->arch->levels - 1; l++) {
        for (int u = 0; u < scheme->level[l].updates; u++)
            if (own >> scheme->level[l].update[u].dim & 1u) return level;
        level = l;
    }
    return level;
}

/* Links from the node farthest from all ports of the outermost memory. */
static double longest_way(const hd_level *mesh)
{
    double far = 0;
    for (int node = 0; node < mesh->fan[HD_X] * mesh->fan[HD_Y]; node++) {
        int64_t x = node % mesh->fan[HD_X], y = node / mesh->fan[HD_X];
        double near = INFINITY;
        for (int i = 0; i < mesh->mesh.ports; i++) {
            const int *port = mesh->mesh.port[i];
            if (mesh->mesh.port_roles[i] == 0) near = fmin(near, fabs((double)(port[HD_X] - x)) + fabs((double)(port[HD_Y] - y)));
        }
        far = fmax(far, near);
    }
    return far;
}

/* Fetching all words of the role into the levels up to `last` once: no less than it takes, as nodes that share a tile pass the
 * words on later. */
static double fetch_energy(const hd_problem *p, const hd_breakdown *price, hd_role role, int last)
{
    double energy = 0;
    for (int l = 0; l <= last; l++) {
        const hd_level *level = &p->arch->level[l];
        const hd_access *a = &price->access[l][role];
        double words = (double)p->op->tensor[role].bits / level->word_bits, hops = (double)price->hops[l][role];
        if (level->mesh.ports > 0) hops = fmin(hops, (double)a->fills * longest_way(level));
        energy += words * ((double)a->fills * level->fill_pj[role] + hops * level->mesh.hop_pj +
                           (double)price->deliveries[l][role] * level->delivery_pj[role]);
        if (l < last) energy += words * (double)a->reads * level->read_pj[role];
    }
    return energy;
}

/* Words of the outermost memory that one more group fetches of the role, up to level `last`; 0 where it fetches nothing again. */
static double words_again(const hd_staging *s, int i, const hd_scheme *scheme, const hd_breakdown *price, int r, int *last)
{
    const hd_staged *of = &s->of[i];
    const hd_operator *op = of->problem.op;
    if (s->groups == 1 || r == HD_O || !op->tensor[r].used || (of->handed >> r & 1u) || !takes_turns(s, i)) return 0;
    unsigned grouped = 1u << of->limits->outer_dim[1][0]; /* the level of the mesh */
    if (hd_tensor_dims(op, (hd_role)r) & grouped) return 0;
    *last = kept_to(&of->problem, scheme, (hd_role)r);
    return *last > 0 ? (double)price->access[0][r].reads : 0;
}

hd_sum hd_stages_refetch(const hd_staging *s, int i, const hd_scheme *scheme, const hd_breakdown *price)
{
    const hd_problem *p = &s->of[i].problem;
    const hd_level *home = &p->arch->level[0];
    double times = (double)(s->groups - 1), bw = home->shared_bw > 0 ? home->shared_bw : home->read_bw;
    hd_sum again = {0, 0};
    for (int r = 0, last; r < HD_ROLES; r++) {
        double words = words_again(s, i, scheme, price, r, &last);
        if (words == 0) continue;
        again.energy_pj += times * fetch_energy(p, price, (hd_role)r, last);
        if (bw > 0) again.cycles += ceil(times * (words * p->op->tensor[r].bits / home->word_bits) / bw);
    }
    return again;
}

double hd_stages_refetch_words(const hd_staging *s, int i, const hd_scheme *scheme, const hd_breakdown *price)
{
    double words = 0;
    for (int r = 0, last; r < HD_ROLES; r++) words += words_again(s, i, scheme, price, r, &last);
    return words * (double)(s->groups - 1);
}

hd_sum hd_stages_sum(const hd_staging *s, const hd_arch *arch, const hd_sum *layer, const double *static_pj,
                     const double *outside_cycles)
{
    double stage[HD_STAGES_MOST] = {0}, all = 0, most = 0, outside = 0, energy = 0;
    for (int i = 0; i < s->layers; i++) {
        stage[s->of[i].stage] += layer[i].cycles;
        outside += outside_cycles[i];
        energy += layer[i].energy_pj - static_pj[i];
    }
    for (int k = 0; k < s->stages; k++) {
        all += stage[k];
        most = fmax(most, stage[k]);
    }
    double cycles = ceil(fmax(outside, (all + (double)(s->groups - 1) * most) / (double)s->groups) * (1 - 1e-12));
    return (hd_sum){energy + cycles * arch->static_pj_per_cycle, cycles};
}
