/* Energy: every count times its table entry; counts become doubles here and nowhere else. */
#include <assert.h>
#include <math.h>

#include "cost/native/native.h"

static double network(const native_pj *pj, int64_t deliveries, int64_t hops)
{
    return pj->words * ((double)deliveries * pj->delivery + (double)hops * pj->hop);
}

/* Every role of every level: what does not move is 0 and adds nothing, and nobody has to ask. */
void hd_native_energies(const native_ready *ready, hd_breakdown *out)
{
    for (int l = 0; l <= ready->mac; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            const hd_access *c = &out->access[l][r];
            const native_pj *pj = &ready->pj[l][r];
            out->level_pj[l][r] = pj->words * ((double)c->reads * pj->read + (double)c->fills * pj->fill +
                                               (double)c->updates * pj->update);
        }
    for (unsigned levels = ready->paid; levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        for (int r = 0; r < HD_ROLES; r++)
            out->network_pj[l][r] = network(&ready->pj[l][r], out->deliveries[l][r], out->hops[l][r]);
    }
}

void hd_native_energy(const native_ready *ready, hd_breakdown *out)
{
    double sum = ready->mac_pj + ready->vector_pj;
    out->mac_pj = ready->mac_pj;
    out->vector_pj = ready->vector_pj;
    for (int l = 0; l <= ready->mac; l++)
        for (int r = 0; r < HD_ROLES; r++) sum += out->level_pj[l][r];
    for (unsigned levels = ready->paid; levels; levels &= levels - 1)
        for (int r = 0; r < HD_ROLES; r++) sum += out->network_pj[__builtin_ctz(levels)][r];
    out->static_pj = (double)out->latency_cycles * ready->p->arch->static_pj_per_cycle;
    out->energy_pj = sum + out->static_pj;
    out->edp = out->energy_pj * (double)out->latency_cycles;
    assert(isfinite(out->edp));
}
