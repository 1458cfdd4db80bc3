/* Single prices on the straight road: see even_lanes.h. */
#include "cost/native/native.h"

#define EVEN_LANES 1
typedef hd_breakdown even_out;
#include "cost/native/even_lanes.h"

static int64_t whole(const lanes *a) { return (int64_t)a->of[0]; }

static void put_counts(even_out *out, int level, hd_role role, const even_moves *m, const lanes *tile)
{
    out->access[level][role] = (hd_access){whole(&m->reads), whole(&m->fills), whole(&m->updates)};
    out->tile_words[level][role] = whole(tile);
}

static void put_deliveries(even_out *out, int level, hd_role role, const lanes *words)
{
    out->deliveries[level][role] = whole(words);
}

static void put_extra_reads(even_out *out, int level, double words) { out->access[level][HD_I2].reads += (int64_t)words; }

/* Cycles of a level from what it moves, and of the first step and the last. */
static void count_cycles(const even_price *price, hd_breakdown *out)
{
    const native_ready *ready = price->nest.ready;
    out->fill_cycles = out->drain_cycles = 0;
    for (int l = 0; l <= ready->mac; l++) {
        const hd_level *chip = &ready->p->arch->level[l];
        out->level_cycles[l] = 0;
        if (l == ready->mac || !(ready->limited >> l & 1u)) continue;
        lanes run = port_cycles(chip, &price->ports[l].run), fill = port_cycles(chip, &price->ports[l].fill),
              drain = port_cycles(chip, &price->ports[l].drain);
        out->level_cycles[l] = whole(&run);
        out->fill_cycles += whole(&fill);
        out->drain_cycles += whole(&drain);
    }
    hd_native_latency(ready, whole(&price->nest.turns[price->nest.loops]), out);
}

bool hd_native_even(const native_ready *ready, const hd_scheme *s, hd_breakdown *out)
{
    even_price price;
    if (!ready->straight || !build(&price.nest, ready, &s)) return false;
    hd_native_clear(out, s->levels);
    if (!count_roles(&price, out)) return false;
    for (int l = 0; l <= ready->mac; l++) out->instances_used[l] = whole(&price.nest.used[l]);
    count_cycles(&price, out);
    return true;
}
