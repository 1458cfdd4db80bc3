/* Cycles (a.8): all loop bounds, slowed down by the worst bandwidth.  The order of the floating-point steps is
 * Timeloop's: one cycle more or less hangs on it. */
#include <math.h>

#include "base/count.h"
#include "cost/timeloop/timeloop.h"

double hd_tl_throttle(const tl_price *t, int level, double *read_bw, double *write_bw)
{
    const tl_nest *n = &t->nest;
    const hd_level *l = &n->p->arch->level[level];
    double cycles = (double)n->outside[n->loops], slow = 1;
    *read_bw = *write_bw = 0;
    for (int r = 0; r < HD_ROLES; r++) {
        const tl_counts *c = &t->role[r];
        if (!c->used || level < c->home || !c->kept[level]) continue;
        *read_bw += (double)hd_tl_each(n, level, c->reads[level]) / cycles;
        *write_bw += (double)(hd_tl_each(n, level, c->fills[level]) + hd_tl_each(n, level, c->updates[level])) / cycles;
    }
    if (level == n->p->home[HD_I2] && n->p->op->extra_reads > 0) *read_bw += (double)n->p->op->extra_reads / cycles;
    if (l->read_bw > 0 && *read_bw > 0) slow = fmin(slow, l->read_bw / *read_bw);
    if (l->write_bw > 0 && *write_bw > 0) slow = fmin(slow, l->write_bw / *write_bw);
    if (l->shared_bw > 0 && *read_bw + *write_bw > 0) slow = fmin(slow, l->shared_bw / (*read_bw + *write_bw));
    return slow;
}

/* Work fused into the operator overlaps it, at the rate that the chip gives (Timeloop knows no such work). */
static int64_t vector_cycles(const hd_problem *p)
{
    double rate = p->arch->vector_per_cycle;
    int64_t ops = hd_operator_ops(p->op);
    return ops > 0 && rate > 0 ? (int64_t)ceil((double)ops / rate) : 0;
}

void hd_tl_cycles(const tl_price *t, hd_breakdown *out)
{
    const tl_nest *n = &t->nest;
    int64_t all = n->outside[n->loops], work = hd_count_max(all, vector_cycles(n->p));
    out->compute_cycles = out->latency_cycles = work;
    out->bound_by = -1;
    for (int l = 0; l < n->mac; l++) {
        double reads, writes, slow = hd_tl_throttle(t, l, &reads, &writes);
        const hd_timeloop_level *net = &n->p->arch->level[l + 1].timeloop;
        out->level_cycles[l] = slow < 1 ? (int64_t)ceil((double)all / slow) : all;
        if (out->level_cycles[l] > out->latency_cycles) {
            out->latency_cycles = out->level_cycles[l];
            out->bound_by = l;
        }
        out->fill_cycles += net->network_fill_cycles;
        out->drain_cycles += net->network_drain_cycles;
    }
    out->latency_cycles += out->fill_cycles + out->drain_cycles;
}
