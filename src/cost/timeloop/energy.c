/* Energy of the counts (a.7).  Timeloop rounds the accesses of one instance, then up to whole vectors. */
#include <assert.h>
#include <math.h>

#include "base/count.h"
#include "cost/timeloop/timeloop.h"

static double vectors_pj(int64_t words, int64_t block, double word_pj)
{
    int64_t size = block > 0 ? block : 1;
    return (double)(hd_count_ceil_div(words > 0 ? words : 0, size) * size) * word_pj;
}

/* Instances that pay: those of one cluster share an access, and the work is taken to be spread over all clusters. */
double hd_tl_clusters(const tl_nest *n, int level)
{
    int64_t used = n->instances[level], cluster = n->p->arch->level[level].timeloop.cluster_size;
    if (cluster <= 1) return (double)used;
    return (double)hd_count_min(used, hd_count_ceil_div(hd_arch_instances(n->p->arch, level), cluster));
}

static double level_pj(const tl_price *t, int level, int role)
{
    const tl_nest *n = &t->nest;
    const tl_counts *c = &t->role[role];
    const hd_level *l = &n->p->arch->level[level];
    if (!c->used || level >= n->mac || level < c->home || !c->kept[level]) return 0;
    int64_t block = l->timeloop.block_size;
    return hd_tl_clusters(n, level) * (vectors_pj(hd_tl_each(n, level, c->reads[level]), block, l->read_pj[role]) +
                               vectors_pj(hd_tl_each(n, level, c->fills[level]), block, l->fill_pj[role]) +
                               vectors_pj(hd_tl_each(n, level, c->updates[level]), block, l->update_pj[role]));
}

/* On the network below the outermost level a returning partial sum is charged both ways. */
double hd_tl_ingresses(const tl_price *t, hd_role role, int block)
{
    const tl_counts *c = &t->role[role];
    if (block < c->home) return 0;
    if (role != HD_O || block > 0) return c->accesses[block];
    return fmax(0, 2 * c->accesses[block] - c->partition[block]);
}

double hd_tl_network_pj(const tl_price *t, hd_role role, int block)
{
    const tl_nest *n = &t->nest;
    const tl_flow *f = &t->role[role].flow[block];
    const hd_timeloop_level *l = &n->p->arch->level[block + 1].timeloop;
    double ingresses = hd_tl_ingresses(t, role, block);
    if (ingresses <= 0) return 0;
    double routers = n->block[block].units > 1 ? floor(f->hops / ingresses) + 1 : 0;
    return (f->hops + f->transfers) * l->hop_pj + ingresses * (routers * l->router_pj + l->ingress_pj);
}

void hd_tl_energy(const tl_price *t, hd_breakdown *out)
{
    const hd_problem *p = t->nest.p;
    const hd_arch *a = p->arch;
    out->mac_pj = (double)out->computes * a->mac_pj;
    out->vector_pj = (double)hd_operator_ops(p->op) * a->vector_pj;
    double sum = out->mac_pj + out->vector_pj;
    for (int l = 0; l < a->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            out->level_pj[l][r] = level_pj(t, l, r);
            if (l == p->home[HD_I2] && r == HD_I2) out->level_pj[l][r] += (double)p->op->extra_reads * a->level[l].read_pj[r];
            sum += out->level_pj[l][r];
        }
    for (int l = 1; l < a->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            if (!t->role[r].used || l - 1 < t->role[r].home) continue;
            out->network_pj[l][r] = hd_tl_network_pj(t, (hd_role)r, l - 1);
            sum += out->network_pj[l][r];
        }
    out->static_pj = (double)out->latency_cycles * a->static_pj_per_cycle;
    out->energy_pj = sum + out->static_pj;
    out->edp = out->energy_pj * (double)out->latency_cycles;
    assert(isfinite(out->edp));
}
