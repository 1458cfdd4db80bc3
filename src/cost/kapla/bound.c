/* What no scheme can undercut in KAPLA's accounts: the arithmetic, operands at the registers, every tensor once through
 * each level, and static energy over the shortest time. */
#include <math.h>

#include "cost/kapla/model.h"
#include "cost/native/nest.h"

static double touched(const hd_operator *op, hd_role role)
{
    double words = 1;
    for (int r = 0; r < op->tensor[role].ranks; r++) words *= (double)hd_rank_touched(op, &op->tensor[role].rank[r]);
    return words;
}

/* What the uses of a word cost next to the MACs: at the registers, or, where it may pass those, in the buffer, one access for
 * all elements that share it or add to it. */
static double use_pj(const hd_problem *p, const hd_kapla_chip *c, hd_role role, bool compat)
{
    double units = (double)(c->array[HD_X] * c->array[HD_Y]), pj = c->access_pj[HD_KAPLA_REGF];
    if (compat || !(hd_kapla_may_pass(p, 2) & HD_ROLE_BIT(role))) return pj;
    return hd_kapla_may_pass(p, 1) & HD_ROLE_BIT(role) ? 0 : fmin(pj, c->access_pj[HD_KAPLA_GBUF] / units);
}

/* Costs of one role; weights may be on chip already, and what is at home inside costs nothing further out. */
static double role_pj(const hd_problem *p, const hd_kapla_chip *c, hd_role role, bool compat, bool fetched)
{
    nest_role own;
    hd_nest_role(p, role, &own);
    double words = touched(p->op, role), points = role == HD_O ? 2 * (double)hd_operator_points(p->op) : (double)own.points;
    double pj = use_pj(p, c, role, compat) * points;
    bool through = !(hd_kapla_may_pass(p, 1) & HD_ROLE_BIT(role));
    if (fetched && p->home[role] == 0) pj += c->access_pj[HD_KAPLA_DRAM] * words;
    if (!compat && through) pj += (c->access_pj[HD_KAPLA_GBUF] + c->access_pj[HD_KAPLA_ITCN]) * words;
    return pj;
}

/* In the research code's accounts only a sum of maps reads more than one: not what a gradient reads beside dY. */
static bool is_counted(const hd_problem *p, hd_role role, bool compat)
{
    return p->op->tensor[role].used && !(compat && role == HD_I2 && p->op->kind != HD_ELTWISE);
}

void hd_kapla_bound(const hd_problem *p, bool compat, bool pinned, hd_bound *out)
{
    hd_kapla_chip c;
    double moved = 0;
    *out = (hd_bound){0, 0, 0};
    if (!hd_kapla_chip_of(p->arch, &c, NULL)) return;
    double points = (double)hd_operator_points(p->op);
    double units = (double)(c.nodes[HD_X] * c.nodes[HD_Y] * c.array[HD_X] * c.array[HD_Y]);
    out->energy_pj = c.op_pj * (compat ? points : (double)(hd_operator_macs(p->op) + hd_operator_ops(p->op)));
    for (int r = 0; r < HD_ROLES; r++) {
        bool fetched = !(compat && pinned && r == HD_W);
        if (!is_counted(p, (hd_role)r, compat)) continue;
        out->energy_pj += role_pj(p, &c, (hd_role)r, compat, fetched);
        if (fetched && p->home[r] == 0) moved += touched(p->op, (hd_role)r);
    }
    out->latency_cycles = ceil(points / units * (1 - 1e-12));
    if (c.dram_bw > 0) out->latency_cycles = fmax(out->latency_cycles, ceil(moved / c.dram_bw * (1 - 1e-12)));
    if (!compat) out->energy_pj += c.static_pj * out->latency_cycles;
    out->energy_pj *= 1 - 1e-12;
    out->edp = out->energy_pj * out->latency_cycles;
}
