/* The straight road in as many lanes as EVEN_LANES says: included once for single prices, once for batches.
 *
 * Every shift divides, ranks are plain or open windows, no operand register, no row read twice, and levels with a bandwidth
 * are not split.  All counts are then products of loop and stack counts, but for what windows hold (docs/cost-model.md,
 * "Closed form"); the numbers are those of the general parts, many times sooner.  A lane is a scheme; all have the same
 * directives and differ in extents, so that every choice below is the same for all.  Counts are whole numbers below 2^53
 * (native_ready.straight sees to that): doubles hold them exactly, and divide them exactly where they divide.        */
#include "cost/native/even_links.h"

static bool build(even_nest *n, const native_ready *ready, const hd_scheme *const *s, unsigned single)
{
    begin(n, ready, s, single);
    for (int l = 1; l <= n->mac; l++)
        if (!add_level(n, l)) return false;
    return true;
}

typedef struct even_moves { lanes reads, fills, updates; } even_moves;

/* Who includes this says beforehand what prices are written to (even_out), and afterwards how: counts of a kept role with
 * their energy, deliveries with theirs. */
static void put_counts(even_out *out, int level, hd_role role, const even_moves *m, lanes tile, lanes pj);
static void put_deliveries(even_out *out, int level, hd_role role, lanes words, lanes pj);

/* Bits that the ports of a level with a bandwidth pass in; such levels have no stacks. */
typedef struct even_port { lanes read, write; } even_port;
typedef struct even_ports { even_port run, fill, drain; } even_ports;

typedef struct even_price {
    even_nest nest;
    even_ports ports[HD_MAX_LEVELS];
    even_out *out;
} even_price;

static void add_bits(even_port *port, const even_moves *m, double bits)
{
    port->read += m->reads * bits;
    port->write += (m->fills + m->updates) * bits;
}

/* Energies are added up in the order of energy.c, term by term, so that every number is the same. */
static lanes access_pj(const native_pj *pj, const even_moves *m)
{
    return pj->words * (m->reads * pj->read + m->fills * pj->fill + m->updates * pj->update);
}

/* What the level outside, without stacks, moves in the first step; of O: in the last.  All tiles are alike. */
static bool count_edges(const even_nest *n, const even_role *r, const even_link *link, even_ports *ports)
{
    double bits = (double)n->ready->port_bits[r->outer][r->role->role];
    lanes units = n->used[link->inner] * link->tile;
    even_moves m = {units / link->joined, r->outer > r->role->home ? r->tile : all(0), all(0)};
    if (r->role->role != HD_O) {
        if ((link->merge & link->spread) && !windows_first(n, r, link->inner, link->merge, &m.reads)) return false;
        add_bits(&ports->fill, &m, bits);
        return true;
    }
    m.updates = m.reads;
    m.reads += m.fills - units / link->folded;
    m.fills = all(0);
    add_bits(&ports->drain, &m, bits);
    return true;
}

/* Of O: what leaves for the level outside, which has loaded some of what it meets. */
static void count_loads(even_role *r, lanes arrivals, lanes loads, even_moves *m)
{
    m->updates = m->reads;
    m->fills = r->loaded;
    m->reads += r->arrivals - r->first;
    r->loaded = loads;
    r->first = arrivals - loads;
}

/* Outwards, one fan-out after the other: what each of them delivers, and what the level outside is asked for. */
static bool count_words(even_price *price, even_role *r, even_link *link, lanes loads, lanes *words)
{
    const even_nest *n = &price->nest;
    for (int l = link->inner; l > r->outer; l--) {
        if (r->role->delivered >> l & 1u) {
            const native_pj *pj = &n->ready->pj[l][r->role->role];
            if (!entering(n, r, link, words)) return false;
            *words += loads;
            put_deliveries(price->out, l, r->role->role, *words, pj->words * (*words * pj->delivery));
        }
        cross(n, r, l, link);
    }
    return entering(n, r, link, words);
}

/* Counts at `outer` from what enters the next level that keeps the role. */
static bool count_link(even_price *price, even_role *r, int inner)
{
    const even_nest *n = &price->nest;
    hd_role role = r->role->role;
    even_moves m = {all(0), r->arrivals, all(0)};
    even_link link;
    lanes loads = all(0);
    if (!count_arrivals(n, r, inner, &link)) return false;
    if (role == HD_O) { /* of what meets an old partial sum all but the first touches is loaded */
        link.folded = folded(n, r, r->outer, inner);
        loads = link.arrivals / link.folded - r->first;
    }
    if (!count_words(price, r, &link, loads, &m.reads)) return false;
    if (role == HD_O) count_loads(r, link.arrivals, loads, &m);
    if (role == HD_I2 && r->outer == r->role->home) m.reads += (double)n->ready->p->op->extra_reads;
    put_counts(price->out, r->outer, role, &m, r->tile, access_pj(&n->ready->pj[r->outer][role], &m));
    if (n->ready->limited >> r->outer & 1u) {
        add_bits(&price->ports[r->outer].run, &m, (double)n->ready->port_bits[r->outer][role]);
        if (!count_edges(n, r, &link, &price->ports[r->outer])) return false;
    }
    r->outer = inner;
    r->tile = link.tile;
    r->arrivals = link.arrivals;
    return true;
}

/* All counts of a role, and what ports pass; false where too many units merge. */
static bool count_role(even_price *price, int k)
{
    const even_nest *n = &price->nest;
    const nest_role *role = &n->ready->role[k];
    unsigned keep = HD_ROLE_BIT(role->role);
    even_role r;
    start_role(n, k, &r);
    r.arrivals = r.loaded = all(0);
    r.first = all((double)role->words);
    r.tile = role->home > 0 ? measure(n, &r, role->home) : all((double)role->whole);
    for (int l = role->home + 1; l <= n->mac; l++)
        if ((n->keep[l] & keep) && !count_link(price, &r, l)) return false;
    return true;
}

/* Words of fused residuals that no role of the operator reads, once from where they live. */
static void count_extra_reads(even_price *price)
{
    const native_ready *ready = price->nest.ready;
    int home = ready->p->home[HD_I2];
    even_moves m = {all((double)ready->p->op->extra_reads), all(0), all(0)};
    if (ready->p->op->extra_reads == 0 || ready->p->op->tensor[HD_I2].used) return;
    put_counts(price->out, home, HD_I2, &m, all(0), access_pj(&ready->pj[home][HD_I2], &m));
    if (ready->limited >> home & 1u) add_bits(&price->ports[home].run, &m, (double)ready->port_bits[home][HD_I2]);
}

/* Nothing is counted, but for words that belong to no role. */
static void begin_counts(even_price *price, even_out *out)
{
    const native_ready *ready = price->nest.ready;
    const even_port none = {all(0), all(0)};
    price->out = out;
    for (unsigned levels = ready->limited; levels; levels &= levels - 1)
        price->ports[__builtin_ctz(levels)] = (even_ports){none, none, none};
    count_extra_reads(price);
}

/* ---- cycles ---- */

/* Cycles that a level's one instance takes to pass that. */
static lanes port_cycles(const native_rate *rate, const even_port *port)
{
    lanes longest = all(0);
    if (rate->shared > 0) longest = (port->read + port->write) / rate->shared;
    if (rate->read > 0) longest = greater(longest, port->read / rate->read);
    if (rate->write > 0) longest = greater(longest, port->write / rate->write);
    return round_up(longest);
}
