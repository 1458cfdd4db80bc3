/* Single prices on the straight road: see even_lanes.h. */
#define EVEN_LANES 1
#include "cost/native/even_lanes.h"

static int64_t whole(const lanes *a) { return (int64_t)a->of[0]; }

static void copy(const even_access *from, hd_access *to)
{
    *to = (hd_access){whole(&from->reads), whole(&from->fills), whole(&from->updates)};
}

static void copy_role(const even_nest *n, const nest_role *role, const even_counts *counts, hd_breakdown *out)
{
    hd_role r = role->role;
    for (int l = role->home; l < n->mac; l++) {
        if (l > role->home && !(n->s[0]->level[l].keep & HD_ROLE_BIT(r))) continue;
        copy(&counts->access[l][r], &out->access[l][r]);
        out->tile_words[l][r] = whole(&counts->tile_words[l][r]);
    }
    for (unsigned levels = role->delivered & ~((2u << role->home) - 1); levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        out->deliveries[l][r] = whole(&counts->deliveries[l][r]);
    }
}

/* Cycles of a level from what it moves, and of the first step and the last. */
static void count_cycles(const even_nest *n, const even_counts *counts, hd_breakdown *out)
{
    const native_ready *ready = n->ready;
    out->fill_cycles = out->drain_cycles = 0;
    for (int l = 0; l <= n->mac; l++) {
        out->level_cycles[l] = 0;
        if (l == n->mac || !(ready->limited >> l & 1u)) continue;
        hd_access first[HD_ROLES] = {{0, 0, 0}}, last[HD_ROLES] = {{0, 0, 0}};
        for (int k = 0; k < ready->roles; k++) {
            hd_role r = ready->role[k].role;
            bool kept = l == ready->role[k].home || (l > ready->role[k].home && (n->s[0]->level[l].keep & HD_ROLE_BIT(r)));
            if (kept) copy(&counts->first[l][r], r == HD_O ? &last[r] : &first[r]);
        }
        out->level_cycles[l] = hd_native_port_cycles(ready, l, out->access[l]);
        out->fill_cycles += hd_native_port_cycles(ready, l, first);
        out->drain_cycles += hd_native_port_cycles(ready, l, last);
    }
    hd_native_latency(ready, whole(&n->steps), out);
}

bool hd_native_even(const native_ready *ready, const hd_scheme *s, hd_breakdown *out)
{
    even_nest n;
    even_counts counts;
    if (!count_lanes(&n, ready, &s, &counts)) return false;
    hd_native_clear(out, s->levels);
    for (int k = 0; k < ready->roles; k++) copy_role(&n, &ready->role[k], &counts, out);
    out->access[ready->p->home[HD_I2]][HD_I2].reads += ready->p->op->extra_reads;
    for (int l = 0; l <= n.mac; l++) out->instances_used[l] = whole(&n.used[l]);
    count_cycles(&n, &counts, out);
    return true;
}
