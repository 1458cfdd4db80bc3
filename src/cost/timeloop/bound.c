/* What no mapping can undercut under this model: the arithmetic, every word once at its home, what the level that
 * serves the arithmetic units must deliver where the wires in between can neither merge nor forward more, and the port of
 * the outermost memory.  Rounding of one instance's average may hide half an access per instance.              */
#include <math.h>

#include "cost/timeloop/timeloop.h"

/* Different words of the tensor that are touched at all: gaps inside a box are Timeloop's, but not certain. */
static double touched(const hd_operator *op, hd_role role)
{
    double words = 1;
    for (int r = 0; r < op->tensor[role].ranks; r++) {
        const hd_rank *k = &op->tensor[role].rank[r];
        double a = (double)op->dim[k->term[0].dim].extent, b = 1;
        if (k->terms > 1) b = (double)op->dim[k->term[1].dim].extent;
        words *= fmax(a, b); /* at least as many as one of the dims alone reaches */
    }
    return words;
}

/* Energy of at least `total` accesses, spread over any number of instances of the level. */
static double least(const hd_problem *p, int level, double total, double pj)
{
    int64_t cluster = p->arch->level[level].timeloop.cluster_size;
    double instances = (double)hd_arch_instances(p->arch, level), sure = total;
    if (instances > 1) sure = fmax(0, total - 0.5 * instances);
    return sure * pj / (double)(cluster > 1 ? cluster : 1);
}

/* The most units below a level that one access can serve; INFINITY where neighbours may forward. */
static double served_at_once(const hd_problem *p, int level, hd_role role)
{
    double units = 1;
    for (int l = level + 1; l < p->arch->levels; l++) {
        const hd_level *al = &p->arch->level[l];
        if (al->fan[HD_X] * al->fan[HD_Y] == 1) continue;
        if (hd_tl_setting(p, TL_LINK_TRANSFERS) && !(al->timeloop.no_links & HD_ROLE_BIT(role))) return INFINITY;
        for (int a = 0; a < HD_AXES; a++)
            if (role == HD_O ? al->reduce[a] : (al->multicast[a] & HD_ROLE_BIT(role)) != 0) units *= (double)al->fan[a];
    }
    return units;
}

/* Energy of the role if `level` is the innermost that keeps it. */
static double role_at(const hd_problem *p, hd_role role, int level)
{
    const hd_level *inner = &p->arch->level[level], *home = &p->arch->level[p->home[role]];
    double words = touched(p->op, role), served = (double)hd_operator_points(p->op) / served_at_once(p, level, role);
    bool write = role == HD_O;
    if (served < words) served = words;
    double inside = least(p, level, served, write ? inner->update_pj[role] : inner->read_pj[role]);
    if (level == p->home[role]) return inside;
    return inside + least(p, p->home[role], words, write ? home->update_pj[role] : home->read_pj[role]);
}

static double role_energy(const hd_problem *p, hd_role role)
{
    double best = INFINITY;
    for (int l = p->home[role]; l < p->arch->levels - 1; l++)
        if (l == p->home[role] || (p->arch->level[l].keeps & HD_ROLE_BIT(role))) best = fmin(best, role_at(p, role, l));
    return best;
}

/* Cycles that the outermost memory needs for its ports. */
static double port(const hd_problem *p)
{
    const hd_level *l = &p->arch->level[0];
    double in = 0, out = 0, cycles = 0;
    for (int r = 0; r < HD_ROLES; r++) {
        if (!p->op->tensor[r].used || p->home[r] != 0) continue;
        if (r == HD_O) in += touched(p->op, (hd_role)r);
        else out += touched(p->op, (hd_role)r);
    }
    if (l->read_bw > 0) cycles = out / l->read_bw;
    if (l->write_bw > 0) cycles = fmax(cycles, in / l->write_bw);
    if (l->shared_bw > 0) cycles = fmax(cycles, (in + out) / l->shared_bw);
    return cycles;
}

void hd_tl_bound(const hd_problem *p, hd_bound *out)
{
    const hd_arch *a = p->arch;
    double points = (double)hd_operator_points(p->op), wait = 0;
    double energy = points * a->mac_pj + (double)hd_operator_ops(p->op) * a->vector_pj;
    for (int l = 1; l < a->levels; l++)
        wait += (double)(a->level[l].timeloop.network_fill_cycles + a->level[l].timeloop.network_drain_cycles);
    double work = points / (double)hd_arch_instances(a, a->levels - 1);
    out->latency_cycles = ceil(fmax(work, port(p)) * (1 - 1e-12)) + wait;
    for (int r = 0; r < HD_ROLES; r++)
        if (p->op->tensor[r].used) energy += role_energy(p, (hd_role)r);
    energy += (double)p->op->extra_reads * a->level[p->home[HD_I2]].read_pj[HD_I2] + a->static_pj_per_cycle * out->latency_cycles;
    out->energy_pj = energy * (1 - 1e-12);
    out->edp = out->energy_pj * out->latency_cycles;
}
