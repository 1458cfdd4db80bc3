/* Energy: every count times its table entry; counts become doubles here and nowhere else. */
#include <assert.h>
#include <math.h>

#include "cost/native/native.h"

void hd_native_energy(const native_ready *ready, hd_breakdown *out)
{
    const hd_arch *a = ready->p->arch;
    double sum = 0;
    out->mac_pj = ready->mac_pj;
    out->vector_pj = ready->vector_pj;
    sum = out->mac_pj + out->vector_pj;
    for (int l = 0; l < a->levels; l++) {
        const hd_level *al = &a->level[l];
        for (unsigned roles = ready->moving[l]; roles; roles &= roles - 1) {
            int r = __builtin_ctz(roles);
            const hd_access *c = &out->access[l][r];
            double words = ready->level_words[l][r];
            out->level_pj[l][r] = words * ((double)c->reads * al->read_pj[r] + (double)c->fills * al->fill_pj[r] +
                                           (double)c->updates * al->update_pj[r]);
            sum += out->level_pj[l][r];
            if (out->deliveries[l][r] + out->hops[l][r] == 0) continue;
            out->network_pj[l][r] = words * ((double)out->deliveries[l][r] * al->delivery_pj[r] +
                                             (double)out->hops[l][r] * al->mesh.hop_pj);
        }
    }
    for (int l = 1; l < a->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) sum += out->network_pj[l][r];
    out->static_pj = (double)out->latency_cycles * a->static_pj_per_cycle;
    out->energy_pj = sum + out->static_pj;
    out->edp = out->energy_pj * (double)out->latency_cycles;
    assert(isfinite(out->edp));
}
