/* Single prices on the straight road: see even_lanes.h. */
#include <math.h>

#include "base/count.h"
#include "cost/native/least.h"

#define EVEN_LANES 1
typedef hd_breakdown even_out;
#include "cost/native/even_lanes.h"

static void put_counts(even_out *out, int level, hd_role role, const even_moves *m, lanes tile, lanes pj)
{
    out->access[level][role] = (hd_access){(int64_t)m->reads, (int64_t)m->fills, (int64_t)m->updates};
    out->tile_words[level][role] = (int64_t)tile;
    out->level_pj[level][role] = pj;
}

static void put_deliveries(even_out *out, int level, hd_role role, lanes words, lanes pj)
{
    out->deliveries[level][role] = (int64_t)words;
    out->network_pj[level][role] = pj;
}

/* Cycles of a level from what it moves, and of the first step and the last. */
static void count_cycles(const even_price *price, hd_breakdown *out)
{
    const native_ready *ready = price->nest.ready;
    out->fill_cycles = out->drain_cycles = 0;
    for (unsigned levels = ready->limited & ((1u << ready->mac) - 1); levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        const native_rate *rate = &ready->rate[l];
        const even_ports *ports = &price->ports[l];
        out->level_cycles[l] = (int64_t)port_cycles(rate, &ports->run);
        out->fill_cycles += (int64_t)port_cycles(rate, &ports->fill);
        out->drain_cycles += (int64_t)port_cycles(rate, &ports->drain);
    }
    hd_native_latency(ready, (int64_t)price->nest.turns[price->nest.loops], out);
}

/* Most schemes that do not divide show it in the innermost loops of the first level: a look at two costs less than a start. */
static inline bool starts_evenly(const native_ready *ready, const hd_scheme *s)
{
    const hd_scheme_level *l = &s->level[1];
    for (int i = 0; i < 2 && i < l->updates && l->stacks == 0; i++) {
        double turns = ready->extent[l->update[i].dim] / (double)l->update[i].step;
        if (turns > 1 && turns != nearest(turns)) return false;
    }
    return true;
}

/* The energy lines of a role that is counted. */
static inline double role_pj(const native_ready *ready, const hd_breakdown *out, hd_role role)
{
    double sum = 0;
    for (int l = 0; l < ready->mac; l++) sum += out->level_pj[l][role];
    for (unsigned levels = ready->paid; levels; levels &= levels - 1) sum += out->network_pj[__builtin_ctz(levels)][role];
    return sum;
}

/* Role by role, those that are soon counted first; the outermost port has to pass what they move there.  No `least`: no limit. */
static inline bool count_below(even_price *price, native_least *least, bool *above)
{
    const native_ready *ready = price->nest.ready;
    const even_port *port = &price->ports[0].run;
    for (int i = 0; i < ready->roles; i++) {
        int k = least ? ready->order[i] : i; /* who comes first matters to a limit alone */
        if (!count_role(price, k)) return false;
        if (!least) continue;
        hd_native_know_role(least, k, role_pj(ready, price->out, ready->role[k].role));
        int64_t passing = ready->limited & 1u ? (int64_t)port_cycles(&ready->rate[0], port) : 0;
        least->cycles = hd_count_max(least->cycles, passing);
        if ((*above = hd_native_is_above(least))) return true;
    }
    return true;
}

/* In one piece: left to itself the compiler makes calls of what it should see whole. */
static __attribute__((flatten, noinline)) bool price_evenly(const native_ready *ready, const hd_scheme *s, native_least *least,
                                                            hd_breakdown *out, bool *above)
{
    even_price price;
    *above = false;
    if (!build(&price.nest, ready, &s, ready->limited)) return false;
    hd_native_clear(out, s->levels);
    begin_counts(&price, out);
    if (!count_below(&price, least, above)) return false;
    if (*above) return true;
    for (int l = 0; l <= price.nest.mac; l++) out->instances_used[l] = (int64_t)price.nest.used[l];
    count_cycles(&price, out);
    return true;
}

bool hd_native_even_below(const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit, hd_breakdown *out,
                          bool *above)
{
    native_least least;
    if (!ready->straight || !starts_evenly(ready, s)) return false;
    if (limit == INFINITY) return price_evenly(ready, s, NULL, out, above);
    hd_native_least(&least, ready, s, objective, limit);
    return (*above = hd_native_is_above(&least)) || price_evenly(ready, s, &least, out, above);
}

bool hd_native_even(const native_ready *ready, const hd_scheme *s, hd_breakdown *out)
{
    bool above;
    return hd_native_even_below(ready, s, HD_ENERGY, INFINITY, out, &above);
}
