/* The straight road in as many lanes as EVEN_LANES says: included once for single prices, once for batches.
 *
 * Every shift divides, ranks are plain or open windows, no operand register, no row read twice, and levels with a bandwidth
 * are not split.  All counts are then products of loop and stack counts, but for what windows hold (docs/cost-model.md,
 * "Closed form"); the numbers are those of the general parts, many times sooner.  A lane is a scheme; all have the same
 * directives and differ in extents, so that every choice below is the same for all.  Counts are whole numbers below 2^53
 * (native_ready.straight sees to that): doubles hold them exactly, and divide them exactly where they divide.        */
#include <string.h>

#include "base/count.h"
#include "cost/native/grid.h"
#include "cost/native/native.h"

#include "cost/native/even_nest.h"
#include "cost/native/even_windows.h"

typedef struct even_moves { lanes reads, fills, updates; } even_moves;

/* Who includes this says beforehand what prices are written to (even_out), and afterwards how. */
static void put_counts(even_out *out, int level, hd_role role, const even_moves *m, const lanes *tile);
static void put_deliveries(even_out *out, int level, hd_role role, const lanes *words);
static void put_extra_reads(even_out *out, int level, double words);

/* Bits that the ports of a level with a bandwidth pass in; such levels have no stacks. */
typedef struct even_port { lanes read, write; } even_port;
typedef struct even_ports { even_port run, fill, drain; } even_ports;

typedef struct even_price {
    even_nest nest;
    even_ports ports[HD_MAX_LEVELS];
    even_out *out;
} even_price;

static unsigned between(int outer, int inner) { return NEST_STACK(inner + 1, 0) - NEST_STACK(outer + 1, 0); }

static void add_bits(even_port *port, const even_moves *m, double bits)
{
    EACH_LANE(x) port->read.of[x] += m->reads.of[x] * bits;
    EACH_LANE(x) port->write.of[x] += (m->fills.of[x] + m->updates.of[x]) * bits;
}

/* Stacks of dims that the role lacks at levels from + 1 .. to, those of `wires`. */
static lanes copies(const even_nest *n, const even_role *r, int from, int to, unsigned wires)
{
    lanes units = all(1);
    for (int i = n->stacks_to[from]; i < n->stacks_to[to]; i++)
        if ((n->stack[i].bit & wires) && !(r->role->dims >> n->stack[i].dim & 1u)) multiply_by(&units, &n->stack[i].count);
    return units;
}

/* Words entering `inner` with the wires from level `from` on merging what they can; `arrivals`: with nothing merged. */
static bool entering(const even_nest *n, const even_role *r, int from, int inner, const lanes *arrivals, lanes *words)
{
    unsigned merge = r->role->wires & n->wires & between(from, inner);
    if (merge & r->spread) return windows_moved(n, r, inner, merge, words);
    *words = *arrivals;
    if (!merge) return true;
    lanes joined = copies(n, r, from, inner, merge);
    EACH_LANE(x) words->of[x] /= joined.of[x];
    return true;
}

/* What `outer`, without stacks, moves in the first step; of O: in the last.  All tiles are alike. */
static bool count_edges(const even_nest *n, const even_role *r, int inner, const lanes *next_tile, even_ports *ports)
{
    unsigned merge = r->role->wires & n->wires & between(r->outer, inner);
    double bits = (double)n->ready->port_bits[r->outer][r->role->role];
    lanes joined = copies(n, r, r->outer, inner, merge);
    even_moves m = {.fills = r->outer > r->role->home ? r->tile : all(0), .updates = all(0)};
    EACH_LANE(x) m.reads.of[x] = next_tile->of[x] * n->used[inner].of[x] / joined.of[x];
    if (r->role->role != HD_O) {
        if ((merge & r->spread) && !windows_first(n, r, inner, merge, &m.reads)) return false;
        add_bits(&ports->fill, &m, bits);
        return true;
    }
    joined = copies(n, r, r->outer, inner, ~0u);
    m.updates = m.reads;
    EACH_LANE(x) m.reads.of[x] += m.fills.of[x] - next_tile->of[x] * n->used[inner].of[x] / joined.of[x];
    m.fills = all(0);
    add_bits(&ports->drain, &m, bits);
    return true;
}

static bool count_deliveries(const even_nest *n, const even_role *r, int inner, const lanes *arrivals, even_out *out)
{
    unsigned levels = r->role->delivered & ((2u << inner) - (2u << r->outer));
    for (; levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        lanes words;
        if (!entering(n, r, l, inner, arrivals, &words)) return false;
        if (r->role->role == HD_O) EACH_LANE(x) words.of[x] += r->loaded.of[x];
        put_deliveries(out, l, r->role->role, &words);
    }
    return true;
}

/* Of O: of what meets an old partial sum all but the first touches is loaded. */
static void count_loads(const even_nest *n, even_role *r, int inner, const lanes *arrivals, even_moves *m)
{
    lanes joined = copies(n, r, r->outer, inner, ~0u);
    m->updates = m->reads;
    m->fills = r->loaded;
    EACH_LANE(x) m->reads.of[x] += r->arrivals.of[x] - r->first.of[x];
    EACH_LANE(x) r->loaded.of[x] = arrivals->of[x] / joined.of[x] - r->first.of[x];
    EACH_LANE(x) r->first.of[x] = arrivals->of[x] - r->loaded.of[x];
}

/* Counts at `outer` from what enters the next level that keeps the role. */
static bool count_link(even_price *price, even_role *r, int inner)
{
    const even_nest *n = &price->nest;
    hd_role role = r->role->role;
    even_moves m = {.fills = r->arrivals, .updates = all(0)};
    lanes arrivals, next_tile;
    measure(n, r, inner);
    next_tile = tile(r);
    if (inner == n->mac) {
        arrivals = all((double)r->role->points);
    } else if (r->role->generals) {
        if (!windows_moved(n, r, inner, 0, &arrivals)) return false;
    } else {
        arrivals = steps_of(n, r, inner);
        EACH_LANE(x) arrivals.of[x] *= n->used[inner].of[x] * next_tile.of[x];
    }
    if (!entering(n, r, r->outer, inner, &arrivals, &m.reads)) return false;
    if (role == HD_O) count_loads(n, r, inner, &arrivals, &m);
    put_counts(price->out, r->outer, role, &m, &r->tile);
    if (!count_deliveries(n, r, inner, &arrivals, price->out)) return false;
    if (n->ready->limited >> r->outer & 1u) {
        add_bits(&price->ports[r->outer].run, &m, (double)n->ready->port_bits[r->outer][role]);
        if (!count_edges(n, r, inner, &next_tile, &price->ports[r->outer])) return false;
    }
    r->outer = inner;
    r->tile = next_tile;
    r->arrivals = arrivals;
    return true;
}

static bool count_role(even_price *price, const nest_role *role)
{
    const even_nest *n = &price->nest;
    even_role r;
    r.role = role;
    r.outer = role->home;
    r.own = 0;
    r.spread = 0;
    for (unsigned dims = role->dims; dims; dims = hd_dims_after(dims)) r.own |= n->of_dim[hd_dim_of(dims)];
    for (int i = 0; i < n->stacks && role->general; i++)
        if (role->general >> n->stack[i].dim & 1u) r.spread |= n->stack[i].bit;
    r.arrivals = r.loaded = all(0);
    r.first = all((double)role->words);
    if (role->home > 0) measure(n, &r, role->home);
    r.tile = role->home > 0 ? tile(&r) : all((double)role->whole);
    for (int l = role->home + 1; l < n->mac; l++)
        if ((n->s[0]->level[l].keep & HD_ROLE_BIT(role->role)) && !count_link(price, &r, l)) return false;
    return count_link(price, &r, n->mac);
}

/* Words of fused residuals, read once from where they live. */
static void count_extra_reads(even_price *price)
{
    const hd_problem *p = price->nest.ready->p;
    int home = p->home[HD_I2];
    double bits = (double)price->nest.ready->port_bits[home][HD_I2];
    if (p->op->extra_reads == 0) return;
    put_extra_reads(price->out, home, (double)p->op->extra_reads);
    if (!(price->nest.ready->limited >> home & 1u)) return;
    EACH_LANE(x) price->ports[home].run.read.of[x] += (double)p->op->extra_reads * bits;
}

/* All counts of the roles that the operator has, and what ports pass; false where too many units merge. */
static bool count_roles(even_price *price, even_out *out)
{
    const native_ready *ready = price->nest.ready;
    const even_port none = {all(0), all(0)};
    price->out = out;
    for (unsigned levels = ready->limited; levels; levels &= levels - 1)
        price->ports[__builtin_ctz(levels)] = (even_ports){none, none, none};
    for (int k = 0; k < ready->roles; k++)
        if (!count_role(price, &ready->role[k])) return false;
    count_extra_reads(price);
    return true;
}

/* ---- cycles ---- */

static void longer(lanes *cycles, const lanes *bits, double words_per_cycle, int word_bits)
{
    if (words_per_cycle <= 0) return;
    EACH_LANE(x) {
        double up = round_up(bits->of[x] / (words_per_cycle * word_bits));
        cycles->of[x] = up > cycles->of[x] ? up : cycles->of[x];
    }
}

/* Cycles that a level's one instance takes to pass that. */
static lanes port_cycles(const hd_level *l, const even_port *port)
{
    lanes cycles = all(0), both;
    EACH_LANE(x) both.of[x] = port->read.of[x] + port->write.of[x];
    longer(&cycles, &both, l->shared_bw, l->word_bits);
    longer(&cycles, &port->read, l->read_bw, l->word_bits);
    longer(&cycles, &port->write, l->write_bw, l->word_bits);
    return cycles;
}
