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

/* Does every group read all words of the role from outside the segment? */
static bool is_of_every_group(const hd_staging *s, int i, int r)
{
    const hd_staged *of = &s->of[i];
    const hd_operator *op = of->problem.op;
    if (s->groups == 1 || r == HD_O || !op->tensor[r].used || (of->handed >> r & 1u)) return false;
    unsigned grouped = 1u << of->limits->outer_dim[1][0]; /* the level of the mesh */
    return !(hd_tensor_dims(op, (hd_role)r) & grouped);
}

/* Words of the outermost memory that one more group fetches of the role, up to level `last`; 0 where it fetches nothing again. */
static double words_again(const hd_staging *s, int i, const hd_scheme *scheme, const hd_breakdown *price, int r, int *last)
{
    if (!takes_turns(s, i) || !is_of_every_group(s, i, r)) return 0;
    *last = kept_to(&s->of[i].problem, scheme, (hd_role)r);
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

/* Can the nodes of the region hold all words of the role at once? */
static bool can_stay(const hd_problem *p, hd_role role)
{
    const hd_level *buffer = &p->arch->level[1];
    double words = (double)hd_tensor_words(p->op, role) * p->op->tensor[role].bits / buffer->word_bits;
    double room = (double)(buffer->per_role ? buffer->role_capacity[role] : buffer->capacity);
    return !buffer->bounded || words <= room * (double)(buffer->fan[HD_X] * buffer->fan[HD_Y]);
}

/* Are all words of the tensor touched, each by its own coordinates? */
static bool is_plain(const hd_operator *op, int r)
{
    for (int k = 0; k < op->tensor[r].ranks; k++) {
        const hd_rank *rank = &op->tensor[r].rank[k];
        bool plain = rank->terms == 1 && rank->offset == 0 && rank->term[0].coef == 1;
        if (!plain || rank->extent != op->dim[rank->term[0].dim].extent) return false;
    }
    return true;
}

/* Energy of the outermost memory for each word of the role once. */
static double energy_once(const hd_problem *p, int r)
{
    const hd_level *home = &p->arch->level[0];
    const double *pj = r == HD_O ? home->update_pj : home->read_pj;
    return (double)hd_tensor_words(p->op, (hd_role)r) * p->op->tensor[r].bits / home->word_bits * pj[r];
}

/* The same for writing it into the buffers. */
static double fill_energy(const hd_problem *p, int r)
{
    const hd_level *buffer = &p->arch->level[1];
    return (double)hd_tensor_words(p->op, (hd_role)r) * p->op->tensor[r].bits / buffer->word_bits * buffer->fill_pj[r];
}

/* Do all words of the role come anew with every group, whatever the scheme? */
static bool comes_anew(const hd_staging *s, int i, int r)
{
    const hd_problem *p = &s->of[i].problem;
    bool kept = p->home[r] == 0 && (p->arch->level[1].keeps >> r & 1u);
    return kept && is_of_every_group(s, i, r) && is_plain(p->op, r) && (takes_turns(s, i) || !can_stay(p, (hd_role)r));
}

hd_sum hd_stages_least_again(const hd_staging *s, int i, const hd_breakdown *known)
{
    const hd_problem *p = &s->of[i].problem;
    const hd_level *home = &p->arch->level[0];
    double bw = home->shared_bw > 0 ? home->shared_bw : home->read_bw, spared = 0, bits = 0;
    hd_sum again = {0, 0};
    for (int r = 0; r < HD_ROLES; r++) {
        if (!p->op->tensor[r].used) continue;
        double once = energy_once(p, r), times = (double)(s->groups - 1), beyond = 0;
        if (known) beyond = fmax(0, known->level_pj[0][r] - once);
        if (comes_anew(s, i, r)) {
            again.energy_pj += fmax(0, times * once - beyond) + times * fill_energy(p, r);
            bits += (double)s->groups * (double)hd_tensor_words(p->op, (hd_role)r) * p->op->tensor[r].bits;
        } else {
            spared += beyond;
        }
    }
    again.energy_pj = fmax(0, again.energy_pj - spared);
    if (bw > 0) again.cycles = floor(bits / (bw * home->word_bits));
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
