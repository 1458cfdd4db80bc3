/* Energy: every count times its table entry; counts become doubles here and nowhere else. */
#include <assert.h>
#include <math.h>

#include "cost/native/native.h"

void hd_native_energy(const hd_problem *p, hd_breakdown *out)
{
    const hd_arch *a = p->arch;
    double sum = 0;
    out->mac_pj = (double)hd_operator_macs(p->op) * a->mac_pj;
    out->vector_pj = (double)hd_operator_ops(p->op) * a->vector_pj;
    sum = out->mac_pj + out->vector_pj;
    for (int l = 0; l < a->levels; l++) {
        const hd_level *al = &a->level[l];
        for (int r = 0; r < HD_ROLES; r++) {
            const hd_access *c = &out->access[l][r];
            if (c->reads + c->fills + c->updates + out->deliveries[l][r] == 0) continue;
            double words = (double)hd_native_bits(p, l, (hd_role)r) / al->word_bits;
            out->level_pj[l][r] = words * ((double)c->reads * al->read_pj[r] + (double)c->fills * al->fill_pj[r] +
                                           (double)c->updates * al->update_pj[r]);
            out->network_pj[l][r] = words * (double)out->deliveries[l][r] * al->delivery_pj[r];
        }
    }
    for (int l = 0; l < a->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) sum += out->level_pj[l][r];
    for (int l = 0; l < a->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) sum += out->network_pj[l][r];
    out->static_pj = (double)out->latency_cycles * a->static_pj_per_cycle;
    out->energy_pj = sum + out->static_pj;
    out->edp = out->energy_pj * (double)out->latency_cycles;
    assert(isfinite(out->edp));
}
