/* Timeloop's model, release 3.0.3, number for number: docs/timeloop.md.  Parashar et al., "Timeloop: A Systematic Approach
 * to DNN Accelerator Evaluation", ISPASS 2019.  The rules were written down from its behaviour; closed forms for
 * perfect factors, a memoised walk for imperfect ones.                                                           */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "cost/timeloop/timeloop.h"

static bool wants_hops(const hd_arch *a)
{
    for (int l = 1; l < a->levels; l++)
        if (a->level[l].timeloop.hop_pj > 0 || a->level[l].timeloop.router_pj > 0) return true;
    return false;
}

static void price(const hd_problem *p, const hd_scheme *s, hd_breakdown *out)
{
    tl_price t;
    memset(out, 0, sizeof *out);
    hd_tl_count(&t, p, s, wants_hops(p->arch));
    const tl_nest *n = &t.nest;
    for (int l = 0; l < s->levels; l++) {
        out->instances[l] = hd_arch_instances(p->arch, l);
        out->instances_used[l] = n->instances[l];
    }
    for (int r = 0; r < HD_ROLES; r++) {
        const tl_counts *c = &t.role[r];
        int64_t size[HD_MAX_RANKS];
        tl_view v;
        if (!c->used) continue;
        hd_tl_view(p->op, (hd_role)r, &v);
        for (int l = c->home; l < n->mac; l++) {
            if (!c->kept[l]) continue;
            out->access[l][r] = (hd_access){llround(c->reads[l]), llround(c->fills[l]), llround(c->updates[l])};
            out->tile_words[l][r] = hd_tl_box(n, &v, l, size);
        }
    }
    out->access[p->home[HD_I2]][HD_I2].reads += p->op->extra_reads;
    out->computes = n->computes_each * n->instances[n->mac];
    hd_tl_cycles(&t, out);
    hd_tl_energy(&t, out);
}

static const hd_option options[] = {
    {"link_transfers", "neighbours pass on what they received one step before (1), or not (0)", 1, 0, 1},
    {"first_read_elision", "the first touch of an output word reads and fills nothing (1), or does (0)", 1, 0, 1},
    {"toroidal_links", "neighbours also around the edges of the array (1), or not (0)", 0, 0, 1},
    {NULL, NULL, 0, 0, 0},
};

const hd_model hd_model_timeloop = {
    .name = "timeloop",
    .title = "Timeloop 3.0.3, its counts, cycles and energies with all their rules",
    .options = options,
    .serves = hd_tl_serves,
    .fits = hd_tl_fits,
    .price = price,
    .bound = hd_tl_bound,
    .facts = hd_tl_facts,
    .why = hd_tl_why,
    .why_term = hd_tl_why_term,
};
