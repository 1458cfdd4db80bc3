/* Prices of alike schemes, HD_LANES at once: the straight road in lanes (batch_lanes.c), as wide as the machine at hand has
 * vectors. */
#include "cost/native/native.h"

static bool alike_level(const hd_scheme_level *a, const hd_scheme_level *b)
{
    int stacks = a->stacks, updates = a->updates, other = 0;
    if (a->keep != b->keep || stacks != b->stacks || updates != b->updates) return false;
    for (int i = 0; i < stacks; i++) other |= (a->stack[i].dim ^ b->stack[i].dim) | (a->stack[i].axis ^ b->stack[i].axis);
    for (int i = 0; i < updates; i++) other |= a->update[i].dim ^ b->update[i].dim;
    return other == 0;
}

static bool are_alike(const hd_scheme *const *s)
{
    bool same = true;
    for (int x = 1; x < HD_LANES; x++)
        for (int l = 1; same && l < s[0]->levels; l++) same = alike_level(&s[0]->level[l], &s[x]->level[l]);
    return same;
}

native_batch_way *hd_native_batch_way(int i)
{
    native_batch_way *way[4] = {NULL};
    int n = 0;
#ifdef HD_WIDE_BATCHES
    if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) way[n++] = hd_native_batch_8;
    if (__builtin_cpu_supports("avx2")) way[n++] = hd_native_batch_4;
#endif
    way[n] = hd_native_batch_2;
    return i <= n ? way[i] : NULL;
}

bool hd_native_batch(const native_ready *ready, const hd_scheme *const s[HD_LANES], hd_batch *out)
{
    return !ready->meshed && ready->straight && are_alike(s) && hd_native_batch_way(0)(ready, s, out);
}

void hd_native_lane(const native_ready *ready, const hd_batch *b, int x, hd_breakdown *out)
{
    int64_t longest = (int64_t)b->compute_cycles[x];
    hd_native_clear(out, ready->mac + 1);
    out->compute_cycles = longest;
    out->bound_by = -1;
    for (int l = 0; l <= ready->mac; l++) {
        for (unsigned roles = b->moves[l]; roles; roles &= roles - 1) {
            int r = __builtin_ctz(roles);
            out->access[l][r] = (hd_access){(int64_t)b->reads[l][r][x], (int64_t)b->fills[l][r][x], (int64_t)b->updates[l][r][x]};
            out->tile_words[l][r] = (int64_t)b->tile_words[l][r][x];
            out->level_pj[l][r] = b->level_pj[l][r][x];
        }
        for (unsigned roles = b->delivers[l]; roles; roles &= roles - 1) {
            int r = __builtin_ctz(roles);
            out->deliveries[l][r] = (int64_t)b->deliveries[l][r][x];
            out->network_pj[l][r] = b->network_pj[l][r][x];
        }
        out->instances[l] = ready->instances[l];
        out->instances_used[l] = (int64_t)b->instances_used[l][x];
        out->level_cycles[l] = (int64_t)b->level_cycles[l][x];
        if (out->level_cycles[l] > longest) longest = out->level_cycles[l], out->bound_by = l;
    }
    out->computes = ready->points;
    out->fill_cycles = (int64_t)b->fill_cycles[x];
    out->drain_cycles = (int64_t)b->drain_cycles[x];
    out->latency_cycles = (int64_t)b->latency_cycles[x];
    out->mac_pj = ready->mac_pj;
    out->vector_pj = ready->vector_pj;
    out->static_pj = b->static_pj[x];
    out->energy_pj = b->energy_pj[x];
    out->edp = b->edp[x];
}
