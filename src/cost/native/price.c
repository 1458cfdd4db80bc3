/* The native model: counts by closed form, then cycles, then energy.  DESIGN section 3; docs/cost-model.md. */
#include <string.h>

#include "cost/native/native.h"

static void count_role(const nest *n, const chain *c, hd_breakdown *out)
{
    const hd_problem *p = n->p;
    for (int i = 0; i < c->links; i++) {
        hd_link_access(n, c, i, PART_ALL, NULL, &out->access[c->level[i]][c->role]);
        out->tile_words[c->level[i]][c->role] = hd_nest_tile(n, &c->factors, c->level[i]);
    }
    int last = p->op->vector && p->arch->vector_at < n->mac ? p->arch->vector_at : n->mac;
    for (int l = 1; l <= last; l++)
        if (p->arch->level[l].delivery_pj[c->role] > 0) out->deliveries[l][c->role] = hd_deliveries(n, c, l);
}

/* Rows of levels that the chip does not have stay untouched: clearing them took a tenth of a price. */
void hd_native_clear(hd_breakdown *out, int levels)
{
    size_t rows = (size_t)levels;
    memset(out->access, 0, rows * sizeof *out->access);
    memset(out->deliveries, 0, rows * sizeof *out->deliveries);
    memset(out->tile_words, 0, rows * sizeof *out->tile_words);
    memset(out->level_pj, 0, rows * sizeof *out->level_pj);
    memset(out->network_pj, 0, rows * sizeof *out->network_pj);
}

void hd_native_general(const hd_problem *p, const hd_scheme *s, hd_breakdown *out)
{
    nest n;
    nest_chains chains;
    hd_native_clear(out, s->levels);
    hd_nest_build(&n, p, s);
    for (int r = 0; r < HD_ROLES; r++) {
        chains.used[r] = p->op->tensor[r].used;
        if (!chains.used[r]) continue;
        hd_chain_of(&n, (hd_role)r, &chains.of[r]);
        hd_chain_count(&n, &chains.of[r]);
        count_role(&n, &chains.of[r], out);
    }
    out->access[p->home[HD_I2]][HD_I2].reads += p->op->extra_reads;
    hd_nest_used(&n, out->instances_used);
    hd_native_cycles(&n, &chains, out);
}

static void price(const hd_problem *p, const hd_scheme *s, hd_breakdown *out)
{
    int64_t units = 1;
    if (!hd_native_even(p, s, out)) hd_native_general(p, s, out);
    for (int l = 0; l < s->levels; l++)
        out->instances[l] = units *= p->arch->level[l].fan[HD_X] * p->arch->level[l].fan[HD_Y];
    out->computes = hd_operator_points(p->op);
    hd_native_energy(p, out);
}

const hd_model hd_model_native = {
    .name = "native",
    .title = "heddle's own machine: exact counts, ragged tiles, bypass, multicast, partial sums",
    .fits = hd_native_fits,
    .price = price,
    .bound = hd_native_bound,
};
