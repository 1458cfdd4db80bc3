/* See least.h. */
#include "cost/native/least.h"

void hd_native_least(native_least *out, const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit)
{
    int64_t units = 1;
    for (int l = 1; l < s->levels; l++)
        for (int i = 0; i < s->level[l].stacks; i++) units *= s->level[l].stack[i].copies;
    out->objective = objective;
    out->limit = limit;
    out->static_pj = ready->p->arch->static_pj_per_cycle;
    out->pj = ready->mac_pj + ready->vector_pj;
    for (int k = 0; k < ready->roles; k++) out->pj += out->role_pj[k] = ready->floor_pj[ready->role[k].role];
    out->cycles = hd_native_work_cycles(ready, ready->points / units);
}
