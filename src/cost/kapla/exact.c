/* Exact counts in KAPLA's accounts.
 *
 * The machine that is counted is the native one (docs/cost-model.md) without room for double buffers: real points
 * instead of padding, distinct words under multicast, halos as they are held, trees and sharing of the mesh.  KAPLA's accounts
 * leave out what a level pays to take a word in and to give up a result; so do these.                            */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "cost/kapla/model.h"
#include "cost/native/native.h"

enum { DRAM, GBUF, REGF, MAC };

static int tensor_of(int role) { return role == HD_W ? HD_KAPLA_W : role == HD_O ? HD_KAPLA_O : HD_KAPLA_I; }

unsigned hd_kapla_may_pass(const hd_problem *p, int level)
{
    const hd_tensor *o = &p->op->tensor[HD_O];
    bool slides = false, gaps = false;
    for (int r = 0; o->used && r < o->ranks; r++) {
        if (o->rank[r].terms == 1) continue;
        slides = true;
        gaps |= o->rank[r].term[1].coef != 1 || o->rank[r].term[0].coef > p->op->dim[o->rank[r].term[1].dim].extent;
    }
    if (slides && level == REGF) return HD_ROLE_BIT(HD_O) | HD_ROLE_BIT(HD_W);
    return level == GBUF && gaps ? HD_ROLE_BIT(HD_O) : 0;
}

/* Words that pass the registers are read in the buffer by every use; results that do are read and written there, as in
 * registers. */
static void count(const hd_problem *p, const hd_scheme *s, const hd_breakdown *b, hd_kapla_cost *out)
{
    for (int r = 0; r < HD_ROLES; r++) {
        int t = tensor_of(r);
        bool held = hd_scheme_keeps(p, s, REGF, (hd_role)r), buffered = hd_scheme_keeps(p, s, GBUF, (hd_role)r);
        const hd_access *dram = &b->access[DRAM][r], *gbuf = &b->access[GBUF][r], *regf = &b->access[REGF][r];
        int64_t back = !buffered ? 0 : held ? regf->fills : gbuf->updates; /* old sums, to one element of a group each */
        out->access[HD_KAPLA_DRAM][t] += (double)(dram->reads + dram->updates);
        out->access[HD_KAPLA_GBUF][t] += (double)(r == HD_O ? gbuf->updates + back : gbuf->reads);
        out->access[HD_KAPLA_ITCN][t] += (double)b->deliveries[REGF][r];
        out->access[HD_KAPLA_REGF][t] += r != HD_O ? (double)regf->reads : held ? 2 * (double)b->computes : 0;
        out->memory_hops[t] += (double)b->hops[GBUF][r];
    }
    out->ops = (double)(hd_operator_macs(p->op) + hd_operator_ops(p->op));
}

static double sum(const double words[HD_KAPLA_TENSORS]) { return words[HD_KAPLA_W] + words[HD_KAPLA_I] + words[HD_KAPLA_O]; }

static int64_t cycles(double words, double words_per_cycle)
{
    return words_per_cycle > 0 ? (int64_t)ceil(words / words_per_cycle * (1 - 1e-12)) : 0;
}

void hd_kapla_exact(const native_ready *ready, const hd_scheme *s, hd_kapla_cost *out, hd_breakdown *b)
{
    const hd_problem *p = ready->p;
    hd_kapla_chip chip;
    assert(ready->whole_buffers);
    hd_kapla_rates_of(p->arch, &chip);
    hd_model_native.price_ready(ready, s, b);
    memset(out, 0, sizeof *out);
    count(p, s, b, out);
    const double *moved = out->access[HD_KAPLA_GBUF];
    double busiest = fmax(moved[HD_KAPLA_W], fmax(moved[HD_KAPLA_I], moved[HD_KAPLA_O]));
    out->proc_cycles = b->compute_cycles;
    out->dram_cycles = cycles(sum(out->access[HD_KAPLA_DRAM]), chip.dram_bw);
    out->bus_cycles = cycles(ceil(busiest / (double)b->instances_used[GBUF]), chip.bus_bw);
    out->cycles = hd_count_max(out->proc_cycles, hd_count_max(out->dram_cycles, out->bus_cycles));
    out->dram_pj = chip.access_pj[HD_KAPLA_DRAM] * sum(out->access[HD_KAPLA_DRAM]);
    out->gbuf_pj = chip.access_pj[HD_KAPLA_GBUF] * sum(out->access[HD_KAPLA_GBUF]);
    out->itcn_pj = chip.access_pj[HD_KAPLA_ITCN] * sum(out->access[HD_KAPLA_ITCN]);
    out->regf_pj = chip.access_pj[HD_KAPLA_REGF] * sum(out->access[HD_KAPLA_REGF]);
    out->memory_hop_pj = chip.hop_pj * sum(out->memory_hops);
    out->op_pj = chip.op_pj * out->ops;
    out->static_pj = chip.static_pj * (double)out->cycles;
    out->energy_pj = out->dram_pj + out->gbuf_pj + out->itcn_pj + out->regf_pj + out->memory_hop_pj + out->op_pj +
                     out->static_pj;
}

static bool keeps_what_it_must(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    for (int l = GBUF; l < MAC; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            if (!p->op->tensor[r].used || l <= p->home[r] || hd_scheme_keeps(p, s, l, (hd_role)r)) continue;
            if (hd_kapla_may_pass(p, l) & HD_ROLE_BIT(r)) continue;
            if (out) {
                *out = (hd_refusal){.kind = HD_REFUSE_MODEL, .level = l, .role = r, .dim = -1};
                snprintf(out->why, sizeof out->why, "kapla keeps every tensor at %s", p->arch->level[l].name);
            }
            return false;
        }
    return true;
}

bool hd_kapla_exact_fits(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    return keeps_what_it_must(p, s, out) && hd_native_fits_in(p, s, true, out); /* no space is set aside for words on their way */
}

bool hd_kapla_exact_fits_ready(const native_ready *ready, const hd_scheme *s)
{
    assert(ready->whole_buffers);
    return keeps_what_it_must(ready->p, s, NULL) && hd_native_fits_ready(ready, s);
}
