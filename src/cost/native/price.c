/* The native model: counts by closed form, then cycles, then energy.  DESIGN section 3; docs/cost-model.md. */
#include <math.h>
#include <string.h>

#include "cost/native/native.h"

/* Rows of levels that the chip does not have stay untouched: clearing them took a tenth of a price. */
void hd_native_clear(hd_breakdown *out, int levels)
{
    for (int l = 0; l < levels; l++) {
        for (int r = 0; r < HD_ROLES; r++) {
            out->access[l][r] = (hd_access){0, 0, 0};
            out->deliveries[l][r] = out->hops[l][r] = out->tile_words[l][r] = 0;
            out->level_pj[l][r] = out->network_pj[l][r] = 0;
        }
        out->level_cycles[l] = 0;
    }
}

/* Nodes that hold a tile together move less than is counted first. */
static bool nobody_shares(const native_ready *ready, const hd_scheme *s)
{
    int64_t members[HD_ROLES];
    for (int l = 1; l < ready->mac && ready->shares; l++)
        if (hd_native_shares(ready->p, s, l, ready->whole_buffers, members)) return false;
    return true;
}

/* Words of fused residuals that no role of the operator reads, once from where they live. */
static void put_extra_reads(const native_ready *ready, hd_breakdown *out)
{
    int home = ready->p->home[HD_I2];
    out->access[home][HD_I2].reads = ready->p->op->extra_reads;
    out->level_pj[home][HD_I2] = hd_access_pj(&ready->pj[home][HD_I2], &out->access[home][HD_I2]);
}

/* All roles, those that are soon counted first; false as soon as what is counted and the least of all else exceed the limit. */
static bool count_below(const nest *n, hd_objective objective, double limit, chain *chains, hd_breakdown *out)
{
    const native_ready *ready = n->ready;
    int64_t cycles = hd_native_work_cycles(ready, n->steps);
    double pj = ready->mac_pj + ready->vector_pj + (double)cycles * ready->p->arch->static_pj_per_cycle;
    for (int r = 0; r < HD_ROLES; r++) pj += ready->floor_pj[r];
    for (int i = 0; i < ready->roles; i++) {
        int k = ready->order[i];
        const nest_role *role = &ready->role[k];
        if (hd_native_exceeds(pj, cycles, objective, limit)) return false;
        hd_native_count_role(n, role, &chains[k], out);
        pj += hd_native_role_energy(ready, out, role->role) - ready->floor_pj[role->role];
    }
    return !hd_native_exceeds(pj, cycles, objective, limit);
}

bool hd_native_general_below(const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit,
                             hd_breakdown *out)
{
    nest n;
    chain chains[HD_ROLES];
    bool limited = limit < INFINITY && nobody_shares(ready, s);
    hd_native_clear(out, s->levels);
    hd_nest_build(&n, ready, s);
    if (!limited)
        for (int k = 0; k < ready->roles; k++) hd_native_count_role(&n, &ready->role[k], &chains[k], out);
    else if (!count_below(&n, objective, limit, chains, out))
        return false;
    if (ready->p->op->extra_reads > 0 && !ready->p->op->tensor[HD_I2].used) put_extra_reads(ready, out);
    memcpy(out->instances_used, n.used, sizeof n.used);
    hd_native_cycles(&n, chains, out);
    if (!ready->meshed) return true;
    hd_native_mesh(&n, chains, out); /* times are those of full copies */
    hd_native_energies(ready, out);
    return true;
}

void hd_native_general(const native_ready *ready, const hd_scheme *s, hd_breakdown *out)
{
    hd_native_general_below(ready, s, HD_ENERGY, INFINITY, out);
}

static bool price_below(const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit, hd_breakdown *out)
{
    hd_scheme_fetch(s);
    bool above = false;
    if (!(ready->meshed ? hd_native_even_mesh : hd_native_even_below)(ready, s, objective, limit, out, &above))
        above = !hd_native_general_below(ready, s, objective, limit, out);
    if (above) return false;
    memcpy(out->instances, ready->instances, sizeof ready->instances);
    out->computes = ready->points;
    hd_native_energy(ready, out);
    return true;
}

static void price_ready(const native_ready *ready, const hd_scheme *s, hd_breakdown *out)
{
    price_below(ready, s, HD_ENERGY, INFINITY, out);
}

static void price(const hd_problem *p, const hd_scheme *s, hd_breakdown *out)
{
    native_ready ready;
    hd_native_ready(&ready, p);
    price_ready(&ready, s, out);
}

const hd_model hd_model_native = {
    .name = "native",
    .title = "heddle's own machine: exact counts, ragged tiles, bypass, multicast, partial sums",
    .fits = hd_native_fits,
    .fits_ready = hd_native_fits_ready,
    .price = price,
    .price_ready = price_ready,
    .price_below = price_below,
    .batch = hd_native_batch,
    .lane = hd_native_lane,
    .bound = hd_native_bound,
};
