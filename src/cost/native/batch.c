/* Prices of alike schemes, HD_LANES at once: the straight road in lanes (even_lanes.h), with cycles and energies as in
 * cycles.c and energy.c, term by term in the same order, so that every number is the single price's. */
#include "cost/model.h"

#define EVEN_LANES HD_LANES
typedef hd_batch even_out;
#include "cost/native/even_lanes.h"

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

static void put(double *to, const lanes *from) { memcpy(to, from->of, sizeof from->of); }

static void put_none(hd_batch *out, int l, hd_role r)
{
    const lanes none = all(0);
    put(out->reads[l][r], &none);
    put(out->fills[l][r], &none);
    put(out->updates[l][r], &none);
    put(out->tile_words[l][r], &none);
}

static void put_counts(even_out *out, int l, hd_role r, const even_moves *m, const lanes *tile)
{
    put(out->reads[l][r], &m->reads);
    put(out->fills[l][r], &m->fills);
    put(out->updates[l][r], &m->updates);
    put(out->tile_words[l][r], tile);
}

static void put_deliveries(even_out *out, int l, hd_role r, const lanes *words) { put(out->deliveries[l][r], words); }

static void put_extra_reads(even_out *out, int l, double words) { EACH_LANE(x) out->reads[l][HD_I2][x] += words; }

/* Which roles a level moves, and nothing for what it does not: a level may deliver a role that it does not keep. */
static void put_moves(const even_nest *n, hd_batch *out)
{
    const native_ready *ready = n->ready;
    const lanes none = all(0);
    for (int l = 0; l <= n->mac; l++) out->moves[l] = 0;
    for (int k = 0; k < ready->roles; k++) {
        const nest_role *role = &ready->role[k];
        for (int l = role->home; l <= n->mac; l++) {
            bool kept = l == role->home || (l < n->mac && (n->s[0]->level[l].keep & HD_ROLE_BIT(role->role)));
            bool paid = l > role->home && (role->delivered >> l & 1u);
            if (kept || paid) out->moves[l] |= HD_ROLE_BIT(role->role);
            if (paid && !kept) put_none(out, l, role->role);
            if (kept && !paid) put(out->deliveries[l][role->role], &none);
        }
    }
    int l = ready->p->home[HD_I2];
    if (ready->p->op->extra_reads == 0 || (out->moves[l] & HD_ROLE_BIT(HD_I2))) return;
    out->moves[l] |= HD_ROLE_BIT(HD_I2);
    put_none(out, l, HD_I2);
    put(out->deliveries[l][HD_I2], &none);
}

/* ---- cycles ---- */

static void count_level(const even_price *price, int l, hd_batch *out)
{
    const hd_level *chip = &price->nest.ready->p->arch->level[l];
    const even_ports *ports = &price->ports[l];
    lanes run = port_cycles(chip, &ports->run), fill = port_cycles(chip, &ports->fill), drain = port_cycles(chip, &ports->drain);
    put(out->level_cycles[l], &run);
    EACH_LANE(x) out->fill_cycles[x] += fill.of[x];
    EACH_LANE(x) out->drain_cycles[x] += drain.of[x];
}

static void count_cycles(const even_price *price, hd_batch *out)
{
    const even_nest *n = &price->nest;
    const native_ready *ready = n->ready;
    bool rated = ready->p->op->vector && ready->p->arch->vector_per_cycle > 0;
    double vector = (double)ready->vector_cycles;
    lanes overlapped, serial = all(0);
    EACH_LANE(x) out->fill_cycles[x] = out->drain_cycles[x] = 0;
    overlapped = rated ? all(vector) : n->turns[n->loops];
    if (!ready->p->op->vector) EACH_LANE(x) overlapped.of[x] = overlapped.of[x] < vector ? vector : overlapped.of[x];
    put(out->compute_cycles, &overlapped);
    for (int l = 0; l < n->mac; l++) {
        if (!(ready->limited >> l & 1u)) {
            memset(out->level_cycles[l], 0, sizeof out->level_cycles[l]);
            continue;
        }
        count_level(price, l, out);
        bool overlaps = l == 0 || ready->p->arch->level[l].double_buffer;
        EACH_LANE(x) {
            double cycles = out->level_cycles[l][x], most = overlapped.of[x] > cycles ? overlapped.of[x] : cycles;
            overlapped.of[x] = overlaps ? most : overlapped.of[x];
            serial.of[x] += overlaps ? 0 : cycles;
        }
    }
    memset(out->level_cycles[n->mac], 0, sizeof out->level_cycles[n->mac]);
    EACH_LANE(x) out->latency_cycles[x] = out->fill_cycles[x] + overlapped.of[x] + serial.of[x] + out->drain_cycles[x];
}

/* ---- energy ---- */

static void count_energy(const native_ready *ready, hd_batch *out)
{
    const hd_arch *a = ready->p->arch;
    lanes sum = all(ready->mac_pj + ready->vector_pj);
    for (int l = 0; l < a->levels; l++)
        for (unsigned roles = out->moves[l]; roles; roles &= roles - 1) {
            int r = __builtin_ctz(roles);
            const native_pj pj = ready->pj[l][r];
            EACH_LANE(x) {
                double accesses = out->reads[l][r][x] * pj.read + out->fills[l][r][x] * pj.fill +
                                  out->updates[l][r][x] * pj.update;
                out->level_pj[l][r][x] = pj.words * accesses;
                sum.of[x] += out->level_pj[l][r][x];
                out->network_pj[l][r][x] = pj.words * (out->deliveries[l][r][x] * pj.delivery);
            }
        }
    for (int l = 0; l < a->levels; l++)
        for (unsigned roles = out->moves[l]; roles; roles &= roles - 1)
            EACH_LANE(x) sum.of[x] += out->network_pj[l][__builtin_ctz(roles)][x];
    EACH_LANE(x) {
        out->static_pj[x] = out->latency_cycles[x] * a->static_pj_per_cycle;
        out->energy_pj[x] = sum.of[x] + out->static_pj[x];
        out->edp[x] = out->energy_pj[x] * out->latency_cycles[x];
    }
}

bool hd_native_batch(const native_ready *ready, const hd_scheme *const s[HD_LANES], hd_batch *out)
{
    even_price price;
    if (ready->meshed || !ready->straight || !are_alike(s) || !build(&price.nest, ready, s)) return false;
    for (int l = 0; l <= ready->mac; l++) put(out->instances_used[l], &price.nest.used[l]);
    put_moves(&price.nest, out);
    if (!count_roles(&price, out)) return false;
    count_cycles(&price, out);
    count_energy(ready, out);
    return true;
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
            out->deliveries[l][r] = (int64_t)b->deliveries[l][r][x];
            out->tile_words[l][r] = (int64_t)b->tile_words[l][r][x];
            out->level_pj[l][r] = b->level_pj[l][r][x];
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
