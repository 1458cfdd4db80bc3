/* Prices of alike schemes, a few at once: the straight road in lanes (even_lanes.h), with cycles and energies as in cycles.c
 * and energy.c, term by term in the same order, so that every number is the single price's.  Compiled once for every width
 * of vectors (meson.build). */
#ifndef EVEN_LANES
#define EVEN_LANES 2
#endif
typedef struct even_out { struct hd_batch *to; int at; } even_out; /* at: the first of the lanes that are priced */
#include "cost/native/even_lanes.h"

/* Of a row the lanes that are priced. */
static void put(const even_out *out, double *row, lanes from) { memcpy(row + out->at, &from, sizeof from); }
static lanes get(const even_out *out, const double *row)
{
    lanes from;
    memcpy(&from, row + out->at, sizeof from);
    return from;
}

static void put_counts(even_out *out, int level, hd_role role, const even_moves *m, lanes tile, lanes pj)
{
    hd_batch *to = out->to;
    to->moves[level] |= HD_ROLE_BIT(role);
    put(out, to->reads[level][role], m->reads);
    put(out, to->fills[level][role], m->fills);
    put(out, to->updates[level][role], m->updates);
    put(out, to->tile_words[level][role], tile);
    put(out, to->level_pj[level][role], pj);
}

static void put_deliveries(even_out *out, int level, hd_role role, lanes words, lanes pj)
{
    out->to->delivers[level] |= HD_ROLE_BIT(role);
    put(out, out->to->deliveries[level][role], words);
    put(out, out->to->network_pj[level][role], pj);
}

/* ---- cycles: returned is the latency ---- */

static lanes work_cycles(const even_nest *n)
{
    const hd_problem *p = n->ready->p;
    lanes vector = all((double)n->ready->vector_cycles), steps = n->turns[n->loops];
    if (!p->op->vector) return greater(steps, vector);
    return p->arch->vector_per_cycle > 0 ? vector : steps;
}

static lanes count_cycles(const even_price *price, const even_out *out)
{
    const native_ready *ready = price->nest.ready;
    lanes serial = all(0), fill = all(0), drain = all(0), overlapped = work_cycles(&price->nest);
    put(out, out->to->compute_cycles, overlapped);
    for (int l = 0; l <= ready->mac; l++) {
        const hd_level *chip = &ready->p->arch->level[l];
        const even_ports *ports = &price->ports[l];
        lanes run = all(0);
        if (l < ready->mac && (ready->limited >> l & 1u)) {
            run = port_cycles(&ready->rate[l], &ports->run);
            fill += port_cycles(&ready->rate[l], &ports->fill);
            drain += port_cycles(&ready->rate[l], &ports->drain);
            if (l == 0 || chip->double_buffer) overlapped = greater(overlapped, run);
            else serial += run;
        }
        put(out, out->to->level_cycles[l], run);
    }
    put(out, out->to->fill_cycles, fill);
    put(out, out->to->drain_cycles, drain);
    lanes latency = fill + overlapped + serial + drain;
    put(out, out->to->latency_cycles, latency);
    return latency;
}

/* ---- energy ---- */

static void count_energy(const native_ready *ready, lanes latency, const even_out *out)
{
    hd_batch *to = out->to;
    lanes sum = all(ready->mac_pj + ready->vector_pj), rest = latency * ready->p->arch->static_pj_per_cycle;
    for (int l = 0; l <= ready->mac; l++)
        for (unsigned roles = to->moves[l]; roles; roles &= roles - 1) sum += get(out, to->level_pj[l][__builtin_ctz(roles)]);
    for (int l = 0; l <= ready->mac; l++)
        for (unsigned roles = to->delivers[l]; roles; roles &= roles - 1)
            sum += get(out, to->network_pj[l][__builtin_ctz(roles)]);
    put(out, to->static_pj, rest);
    put(out, to->energy_pj, sum + rest);
    put(out, to->edp, (sum + rest) * latency);
}

static bool count_roles(even_price *price, even_out *out)
{
    begin_counts(price, out);
    for (int k = 0; k < price->nest.ready->roles; k++)
        if (!count_role(price, k)) return false;
    return true;
}

/* In one piece, as hd_native_even. */
__attribute__((flatten)) static bool price_lanes(const native_ready *ready, const hd_scheme *const *s, even_out *out)
{
    even_price price;
    if (!build(&price.nest, ready, s, ready->limited) || !count_roles(&price, out)) return false;
    for (int l = 0; l <= ready->mac; l++) put(out, out->to->instances_used[l], price.nest.used[l]);
    count_energy(ready, count_cycles(&price, out), out);
    return true;
}

#define NAME_OF(lanes) hd_native_batch_##lanes
#define NAME(lanes) NAME_OF(lanes)

bool NAME(EVEN_LANES)(const native_ready *ready, const hd_scheme *const s[HD_LANES], hd_batch *out)
{
    memset(out->moves, 0, sizeof out->moves);
    memset(out->delivers, 0, sizeof out->delivers);
    for (int x = 0; x < HD_LANES; x += EVEN_LANES)
        if (!price_lanes(ready, s + x, &(even_out){out, x})) return false;
    return true;
}
