/* What no scheme can undercut: the arithmetic, every touched word once at its home, the words that the arithmetic units
 * themselves must be handed by some level after the widest merging that the wires inside of it allow, with the networks on
 * their way, and static energy over the shortest time.  Cheap, always available; tighter bounds belong to solvers that
 * prove.                                                                                                   */
#include <math.h>

#include "base/count.h"
#include "cost/native/native.h"

/* Energy of a word at a level. */
static double scaled(const hd_problem *p, int level, hd_role role, const double *pj)
{
    return pj[role] * hd_native_bits(p, level, role) / p->arch->level[level].word_bits;
}

static bool merges(const hd_level *l, hd_role role, int axis)
{
    return role == HD_O ? l->reduce[axis] : (l->multicast[axis] & HD_ROLE_BIT(role)) != 0;
}

/* Most units inside of an instance of the level that can share one word; nodes that hold a tile together are one instance. */
static double sharers(const hd_problem *p, hd_role role, int level)
{
    double units = 1, absent = 1;
    unsigned own = hd_tensor_dims(p->op, role);
    bool slides = false, together = p->arch->level[level].mesh.ports > 0 && p->arch->level[level].mesh.share;
    for (int r = 0; r < p->op->tensor[role].ranks; r++) slides |= p->op->tensor[role].rank[r].terms > 1;
    for (int l = together ? level : level + 1; l < p->arch->levels; l++)
        for (int a = 0; a < HD_AXES; a++)
            if (merges(&p->arch->level[l], role, a)) units *= (double)p->arch->level[l].fan[a];
    for (int d = 0; d < p->op->dims; d++)
        if (!(own >> d & 1u)) absent *= (double)p->op->dim[d].extent;
    return slides ? units : fmin(units, absent);
}

/* Points at which the role's word is real data, not padding. */
static double real_points(const hd_problem *p, hd_role role)
{
    const hd_operator *op = p->op;
    double points = (double)hd_operator_points(op);
    for (int r = 0; r < op->tensor[role].ranks; r++) {
        const hd_rank *k = &op->tensor[role].rank[r];
        double all = (double)op->dim[k->term[0].dim].extent * (k->terms > 1 ? (double)op->dim[k->term[1].dim].extent : 1.0);
        points *= (double)hd_rank_real_points(op, k) / all;
    }
    return points;
}

static double touched(const hd_problem *p, hd_role role)
{
    double words = 1;
    for (int r = 0; r < p->op->tensor[role].ranks; r++) {
        const hd_rank *k = &p->op->tensor[role].rank[r];
        if (k->terms == 1 && k->offset == 0 && k->term[0].coef == 1)
            words *= (double)hd_count_min(p->op->dim[k->term[0].dim].extent, k->extent);
        else
            words *= (double)hd_rank_touched(p->op, k);
    }
    return words;
}

static double shortest(const hd_problem *p)
{
    const hd_arch *a = p->arch;
    double units = 1, work, read_bits = 0, write_bits = 0, port = 0;
    const hd_level *home = &a->level[0];
    for (int l = 1; l < a->levels; l++) units *= (double)(a->level[l].fan[HD_X] * a->level[l].fan[HD_Y]);
    work = (double)hd_operator_points(p->op) / units;
    if (p->op->vector && a->vector_per_cycle > 0) work = (double)hd_operator_ops(p->op) / a->vector_per_cycle;
    for (int r = 0; r < HD_ROLES; r++) {
        if (!p->op->tensor[r].used || p->home[r] != 0 || (home->elsewhere >> r & 1u)) continue;
        double bits = touched(p, (hd_role)r) * p->op->tensor[r].bits;
        if (r == HD_O) write_bits += bits;
        else read_bits += bits;
    }
    if (p->home[HD_I2] == 0 && !(home->elsewhere >> HD_I2 & 1u))
        read_bits += (double)p->op->extra_reads * hd_native_bits(p, 0, HD_I2);
    if (home->shared_bw > 0) port = (read_bits + write_bits) / (home->shared_bw * home->word_bits);
    if (home->read_bw > 0) port = fmax(port, read_bits / (home->read_bw * home->word_bits));
    if (home->write_bw > 0) port = fmax(port, write_bits / (home->write_bw * home->word_bits));
    return ceil(fmax(work, port) * (1 - 1e-12));
}

/* The level that hands words to the arithmetic units, or takes their results: one or more for each point, as far as units
 * inside do not share them, and for every word.  Networks on the way are paid per unit that they lead to. */
static double serving_energy(const hd_problem *p, hd_role role, int level, double words)
{
    const hd_arch *a = p->arch;
    int last = p->op->vector ? a->vector_at : a->levels - 1;
    bool registered = a->level[a->levels - 1].operand_register & HD_ROLE_BIT(role);
    double points = registered ? 0 : real_points(p, role), energy;
    double each = scaled(p, level, role, a->level[level].read_pj);
    if (role == HD_O) each += scaled(p, level, role, a->level[level].update_pj); /* but for what begins: role_energy */
    energy = each * fmax(words, points / sharers(p, role, level));
    for (int l = level + 1; l <= last; l++)
        energy += scaled(p, l, role, a->level[l].delivery_pj) * fmax(words, points / sharers(p, role, l));
    return energy;
}

/* What a role costs inside of its home where a level in there serves the units; infinite where none may. */
static double inner_energy(const hd_problem *p, hd_role role)
{
    const hd_arch *a = p->arch;
    int home = p->home[role], last = p->op->vector ? a->vector_at : a->levels - 2;
    double words = touched(p, role), least = INFINITY;
    for (int l = home + 1; l <= last && l < a->levels - 1; l++)
        if (a->level[l].keeps & HD_ROLE_BIT(role)) least = fmin(least, serving_energy(p, role, l, words));
    return least;
}

/* Every word crosses its home, and some level that keeps it serves the units.  Results: with all loads taken together each
 * update is one read as well, but for those of the first touches at home (solve/optimal_counts.c). */
static double role_energy(const hd_problem *p, hd_role role)
{
    const hd_arch *a = p->arch;
    int home = p->home[role];
    double words = touched(p, role), reads = words * scaled(p, home, role, a->level[home].read_pj);
    double at_home = role == HD_O ? words * scaled(p, home, role, a->level[home].update_pj) : reads;
    double least = serving_energy(p, role, home, words) - (role == HD_O ? reads : 0);
    return fmax(at_home, fmin(least, at_home + inner_energy(p, role)));
}

void hd_native_floors(native_ready *ready)
{
    for (int r = 0; r < HD_ROLES; r++) {
        bool used = ready->p->op->tensor[r].used;
        double inner = used ? inner_energy(ready->p, (hd_role)r) : INFINITY;
        ready->floor_pj[r] = used ? role_energy(ready->p, (hd_role)r) * (1 - 1e-12) : 0;
        ready->inner_pj[r] = inner < INFINITY ? inner * (1 - 1e-12) : 0;
    }
}

void hd_native_bound(const hd_problem *p, hd_bound *out)
{
    const hd_arch *a = p->arch;
    double energy = (double)hd_operator_macs(p->op) * a->mac_pj + (double)hd_operator_ops(p->op) * a->vector_pj;
    out->latency_cycles = shortest(p);
    for (int r = 0; r < HD_ROLES; r++)
        if (p->op->tensor[r].used) energy += role_energy(p, (hd_role)r);
    if (p->op->extra_reads > 0) {
        const hd_level *from = &a->level[p->home[HD_I2]];
        energy += (double)p->op->extra_reads * from->read_pj[HD_I2] * hd_native_bits(p, p->home[HD_I2], HD_I2) / from->word_bits;
    }
    energy += a->static_pj_per_cycle * out->latency_cycles;
    out->energy_pj = energy * (1 - 1e-12); /* rounding must never lift the bound over a cost */
    out->edp = out->energy_pj * out->latency_cycles;
}
