/* Energy: every count times its table entry. */
#include <assert.h>
#include <math.h>

#include "cost/native/native.h"

/* Every level of a role that moves: what does not is 0 and adds nothing, and nobody has to ask.  Nothing is kept at the
 * arithmetic level. */
void hd_native_energies(const native_ready *ready, hd_breakdown *out)
{
    for (unsigned roles = ready->moving; roles; roles &= roles - 1) {
        int r = __builtin_ctz(roles);
        for (int l = 0; l < ready->mac; l++) out->level_pj[l][r] = hd_access_pj(&ready->pj[l][r], &out->access[l][r]);
        for (unsigned levels = ready->paid; levels; levels &= levels - 1) {
            int l = __builtin_ctz(levels);
            out->network_pj[l][r] = hd_network_pj(&ready->pj[l][r], out->deliveries[l][r], out->hops[l][r]);
        }
    }
}

double hd_native_role_energy(const native_ready *ready, const hd_breakdown *out, hd_role role)
{
    double sum = 0;
    for (int l = 0; l < ready->mac; l++) sum += hd_access_pj(&ready->pj[l][role], &out->access[l][role]);
    for (unsigned levels = ready->paid; levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        sum += hd_network_pj(&ready->pj[l][role], out->deliveries[l][role], out->hops[l][role]);
    }
    return sum;
}

void hd_native_energy(const native_ready *ready, hd_breakdown *out)
{
    double sum = ready->mac_pj + ready->vector_pj;
    out->mac_pj = ready->mac_pj;
    out->vector_pj = ready->vector_pj;
    for (int l = 0; l < ready->mac; l++)
        for (int r = 0; r < HD_ROLES; r++) sum += out->level_pj[l][r];
    for (unsigned levels = ready->paid; levels; levels &= levels - 1)
        for (int r = 0; r < HD_ROLES; r++) sum += out->network_pj[__builtin_ctz(levels)][r];
    out->static_pj = (double)out->latency_cycles * ready->p->arch->static_pj_per_cycle;
    out->energy_pj = sum + out->static_pj;
    out->edp = out->energy_pj * (double)out->latency_cycles;
    assert(isfinite(out->edp));
}
