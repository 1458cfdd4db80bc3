/* Prices of alike schemes, HD_LANES at once: the straight road in lanes (even_lanes.h), with cycles and energies as in
 * cycles.c and energy.c, term by term in the same order, so that every number is the single price's. */
#include "cost/model.h"

#define EVEN_LANES HD_LANES
#include "cost/native/even_lanes.h"

static bool alike_level(const hd_scheme_level *a, const hd_scheme_level *b)
{
    bool same = a->keep == b->keep && a->stacks == b->stacks && a->updates == b->updates;
    for (int i = 0; same && i < a->stacks; i++)
        same = a->stack[i].dim == b->stack[i].dim && a->stack[i].axis == b->stack[i].axis;
    for (int i = 0; same && i < a->updates; i++) same = a->update[i].dim == b->update[i].dim;
    return same;
}

static bool are_alike(const hd_scheme *const *s)
{
    bool same = true;
    for (int x = 1; x < HD_LANES; x++)
        for (int l = 1; same && l < s[0]->levels; l++) same = alike_level(&s[0]->level[l], &s[x]->level[l]);
    return same;
}
static void put(double *to, const lanes *from) { memcpy(to, from->of, sizeof from->of); }

/* What a role moves where; nothing where the level does not keep it. */
static void put_role(const even_nest *n, const nest_role *role, const even_counts *c, hd_batch *out)
{
    hd_role r = role->role;
    lanes none = all(0);
    for (int l = 0; l <= n->mac; l++) {
        bool kept = l == role->home || (l > role->home && l < n->mac && (n->s[0]->level[l].keep & HD_ROLE_BIT(r)));
        bool paid = l > role->home && (role->delivered >> l & 1u);
        if (!kept && !paid) continue;
        out->moves[l] |= HD_ROLE_BIT(r);
        put(out->reads[l][r], kept ? &c->access[l][r].reads : &none);
        put(out->fills[l][r], kept ? &c->access[l][r].fills : &none);
        put(out->updates[l][r], kept ? &c->access[l][r].updates : &none);
        put(out->tile_words[l][r], kept ? &c->tile_words[l][r] : &none);
        put(out->deliveries[l][r], paid ? &c->deliveries[l][r] : &none);
    }
}

/* Words of fused residuals, read once from where they live. */
static void add_extra_reads(const hd_problem *p, hd_batch *out)
{
    int l = p->home[HD_I2];
    if (p->op->extra_reads == 0) return;
    if (!(out->moves[l] & HD_ROLE_BIT(HD_I2))) {
        memset(out->reads[l][HD_I2], 0, sizeof out->reads[l][HD_I2]);
        memset(out->fills[l][HD_I2], 0, sizeof out->fills[l][HD_I2]);
        memset(out->updates[l][HD_I2], 0, sizeof out->updates[l][HD_I2]);
        memset(out->tile_words[l][HD_I2], 0, sizeof out->tile_words[l][HD_I2]);
        memset(out->deliveries[l][HD_I2], 0, sizeof out->deliveries[l][HD_I2]);
    }
    out->moves[l] |= HD_ROLE_BIT(HD_I2);
    EACH_LANE(x) out->reads[l][HD_I2][x] += (double)p->op->extra_reads;
}

/* ---- cycles ---- */

static void longer(lanes *cycles, const lanes *bits, double words_per_cycle, int word_bits)
{
    if (words_per_cycle <= 0) return;
    EACH_LANE(x) {
        double exact = bits->of[x] / (words_per_cycle * word_bits), up = nearest(exact);
        up += up < exact;
        if (up > cycles->of[x]) cycles->of[x] = up;
    }
}

/* Cycles that the ports of the level's one instance take. */
static lanes port_cycles(const hd_level *l, const lanes *read_bits, const lanes *write_bits)
{
    lanes cycles = all(0), both;
    EACH_LANE(x) both.of[x] = read_bits->of[x] + write_bits->of[x];
    longer(&cycles, &both, l->shared_bw, l->word_bits);
    longer(&cycles, read_bits, l->read_bw, l->word_bits);
    longer(&cycles, write_bits, l->write_bw, l->word_bits);
    return cycles;
}

static void add_bits(lanes *bits, const double *words, double element) { EACH_LANE(x) bits->of[x] += words[x] * element; }

static void count_level(const even_nest *n, int l, const even_counts *c, hd_batch *out)
{
    const native_ready *ready = n->ready;
    const hd_level *al = &ready->p->arch->level[l];
    lanes reads = all(0), writes = all(0), first[2] = {all(0), all(0)}, last[2] = {all(0), all(0)};
    for (int r = 0; r < HD_ROLES; r++) {
        double bits = (double)ready->bits[l][r];
        if (!(out->moves[l] >> r & 1u) || (al->elsewhere >> r & 1u)) continue;
        add_bits(&reads, out->reads[l][r], bits);
        add_bits(&writes, out->fills[l][r], bits);
        add_bits(&writes, out->updates[l][r], bits);
    }
    for (int k = 0; k < ready->roles; k++) {
        hd_role r = ready->role[k].role;
        const even_access *edge = &c->first[l][r];
        lanes *bits = r == HD_O ? last : first;
        if (al->elsewhere >> r & 1u) continue;
        if (l != ready->role[k].home && !(l > ready->role[k].home && (n->s[0]->level[l].keep & HD_ROLE_BIT(r)))) continue;
        add_bits(&bits[0], edge->reads.of, (double)ready->bits[l][r]);
        add_bits(&bits[1], edge->fills.of, (double)ready->bits[l][r]);
        add_bits(&bits[1], edge->updates.of, (double)ready->bits[l][r]);
    }
    lanes run = port_cycles(al, &reads, &writes), fill = port_cycles(al, &first[0], &first[1]),
          drain = port_cycles(al, &last[0], &last[1]);
    put(out->level_cycles[l], &run);
    EACH_LANE(x) out->fill_cycles[x] += fill.of[x];
    EACH_LANE(x) out->drain_cycles[x] += drain.of[x];
}

static void count_cycles(const even_nest *n, const even_counts *c, hd_batch *out)
{
    const native_ready *ready = n->ready;
    bool rated = ready->p->op->vector && ready->p->arch->vector_per_cycle > 0;
    lanes overlapped, serial = all(0);
    EACH_LANE(x) out->fill_cycles[x] = out->drain_cycles[x] = 0;
    overlapped = rated ? all((double)ready->vector_cycles) : n->steps;
    for (int x = 0; x < EVEN_LANES && !ready->p->op->vector; x++)
        if (overlapped.of[x] < (double)ready->vector_cycles) overlapped.of[x] = (double)ready->vector_cycles;
    put(out->compute_cycles, &overlapped);
    for (int l = 0; l < n->mac; l++) {
        if (!(ready->limited >> l & 1u)) {
            memset(out->level_cycles[l], 0, sizeof out->level_cycles[l]);
            continue;
        }
        count_level(n, l, c, out);
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
            double words = ready->level_words[l][r], read = a->level[l].read_pj[r], fill = a->level[l].fill_pj[r],
                   update = a->level[l].update_pj[r], delivery = a->level[l].delivery_pj[r];
            EACH_LANE(x) {
                double pj = words * (out->reads[l][r][x] * read + out->fills[l][r][x] * fill + out->updates[l][r][x] * update);
                out->level_pj[l][r][x] = pj;
                sum.of[x] += pj;
                out->network_pj[l][r][x] = words * (out->deliveries[l][r][x] * delivery);
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
    even_nest n;
    even_counts counts;
    if (ready->meshed || !are_alike(s) || !count_lanes(&n, ready, s, &counts)) return false;
    for (int l = 0; l <= n.mac; l++) {
        out->moves[l] = 0;
        put(out->instances_used[l], &n.used[l]);
    }
    for (int k = 0; k < ready->roles; k++) put_role(&n, &ready->role[k], &counts, out);
    add_extra_reads(ready->p, out);
    count_cycles(&n, &counts, out);
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
