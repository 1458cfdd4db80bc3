/* Cycles of Timeloop's model that no scheme below a node undercuts: all loops, or a level's words of one instance over its
 * bandwidths (cost/timeloop/cycles.c); there is no waiting for first and last tiles, all levels overlap.        */
#include <math.h>

#include "solve/optimal.h"

static double words_of(const opt *o, const opt_node *n, const opt_flow *f, uint64_t variants)
{
    double words = opt_least_count(&o->group[f->group], n->row + f->at, variants) - f->less;
    return f->factor < 0 ? words : words * n->row[o->factor_at + f->factor];
}

double opt_timeloop_cycles(const opt *o, const opt_node *n, const opt_ways *ways)
{
    uint64_t variants[OPT_MAX_GROUPS];
    double words[HD_MAX_LEVELS][2] = {{0}}, cycles = opt_work(o, n->row), wait = 0;
    opt_find_variants(o, n, ways, variants);
    for (int i = 0; i < o->flows; i++)
        words[o->flow[i].level][o->flow[i].write] += words_of(o, n, &o->flow[i], variants[o->flow[i].group]);
    for (int l = 0; l < o->mac; l++) {
        const hd_level *al = &o->p->arch->level[l];
        const hd_timeloop_level *network = &o->p->arch->level[l + 1].timeloop;
        double reads = fmax(0, words[l][0] + o->constant_bits[l][0]), writes = fmax(0, words[l][1] + o->constant_bits[l][1]);
        double port = 0;
        if (al->read_bw > 0) port = reads / al->read_bw;
        if (al->write_bw > 0) port = fmax(port, writes / al->write_bw);
        if (al->shared_bw > 0) port = fmax(port, (reads + writes) / al->shared_bw);
        cycles = fmax(cycles, ceil(port * (1 - 1e-12)));
        wait += (double)(network->network_fill_cycles + network->network_drain_cycles);
    }
    return cycles + wait;
}
