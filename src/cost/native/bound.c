/* What no scheme can undercut: the arithmetic, every touched word once at its home, the words that the arithmetic
 * units themselves must be handed after the widest merging that the wires allow, and static energy over the
 * shortest time.  Cheap, always available; tighter bounds belong to solvers that prove.               */
#include <math.h>

#include "base/count.h"
#include "cost/native/native.h"

static double cheapest(const hd_problem *p, hd_role role, const double *(*table)(const hd_level *))
{
    double best = INFINITY;
    int last = p->op->vector ? p->arch->vector_at : p->arch->levels - 2;
    if (last > p->arch->levels - 2) last = p->arch->levels - 2;
    for (int l = p->home[role]; l <= last; l++) {
        const hd_level *al = &p->arch->level[l];
        if (!(al->keeps & HD_ROLE_BIT(role)) && l != p->home[role]) continue;
        best = fmin(best, table(al)[role] * hd_native_bits(p, l, role) / al->word_bits);
    }
    return isfinite(best) ? best : 0;
}

static const double *reads_of(const hd_level *l) { return l->read_pj; }
static const double *updates_of(const hd_level *l) { return l->update_pj; }

/* Most units that can share one word, and points at which the role has a word at all. */
static double merged(const hd_problem *p, hd_role role)
{
    double units = 1, absent = 1;
    unsigned own = hd_tensor_dims(p->op, role);
    bool slides = false;
    for (int r = 0; r < p->op->tensor[role].ranks; r++) slides |= p->op->tensor[role].rank[r].terms > 1;
    for (int l = p->home[role] + 1; l < p->arch->levels; l++)
        for (int a = 0; a < HD_AXES; a++) {
            const hd_level *al = &p->arch->level[l];
            bool merges = role == HD_O ? al->reduce[a] : (al->multicast[a] & HD_ROLE_BIT(role)) != 0;
            if (merges) units *= (double)al->fan[a];
        }
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

static double role_energy(const hd_problem *p, hd_role role)
{
    const hd_level *home = &p->arch->level[p->home[role]];
    double scale = (double)hd_native_bits(p, p->home[role], role) / home->word_bits;
    double words = touched(p, role), served = real_points(p, role) / merged(p, role);
    bool registered = p->arch->level[p->arch->levels - 1].operand_register & HD_ROLE_BIT(role);
    if (served < words || registered) served = words;
    double at_home = words * scale * (role == HD_O ? home->update_pj[role] : home->read_pj[role]);
    double each = role == HD_O ? cheapest(p, role, updates_of) : cheapest(p, role, reads_of);
    if (role == HD_O) /* every update but the first finds something to add to */
        return fmax(at_home, served * each + (served - words) * cheapest(p, role, reads_of));
    /* words beyond one each are served by some level; the first of each crosses its home */
    return fmax(at_home + (served - words) * each, served * each);
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
