/* Traffic and time where every shift divides: see even_mesh.h; the formulas are those of traffic.c and cycles.c. */
#include "base/count.h"

#define EVEN_LANES 1
#include "cost/native/even_links.h"
#include "cost/native/even_mesh.h"
#include "cost/native/least.h"

static unsigned between(int outer, int inner) { return NEST_STACK(inner + 1, 0) - NEST_STACK(outer + 1, 0); }

/* ---- what enters the levels that keep a role ---- */

/* Outwards, one fan-out after the other: what passes through it, and what the level outside is asked for. */
static bool count_words(const even_nest *n, const even_role *r, even_link *link, int i, mesh_role *m)
{
    unsigned passed = r->role->delivered | r->role->crossed;
    lanes words;
    for (int l = link->inner; l > r->outer; l--) {
        if (passed >> l & 1u) {
            if (!entering(n, r, link, &words)) return false;
            m->passing[l] = (int64_t)words;
        }
        cross(n, r, l, link);
    }
    if (!entering(n, r, link, &words)) return false;
    m->asked[i] = (int64_t)words;
    m->merge[i] = link->merge;
    m->joined[i] = (int64_t)link->joined;
    return true;
}

/* Of O: units add to each other's words on whatever wires there are. */
static bool count_together(const even_nest *n, const even_role *r, const even_link *link, int i, mesh_role *m)
{
    unsigned all_wires = between(r->outer, link->inner);
    lanes units = folded(n, r, r->outer, link->inner), words = link->arrivals / units;
    if (link->spread && !windows_moved(n, r, link->inner, all_wires, &words)) return false;
    m->folded[i] = (int64_t)units;
    m->together[i] = (int64_t)words;
    return true;
}

static bool count_link(const even_nest *n, even_role *r, int inner, int i, mesh_role *m)
{
    even_link link;
    if (!count_arrivals(n, r, inner, &link)) return false;
    m->level[i] = inner;
    m->tile[i] = (int64_t)link.tile;
    m->arrivals[i] = (int64_t)link.arrivals;
    if (!count_words(n, r, &link, i, m)) return false;
    m->spread[i] = link.spread;
    return r->role->role != HD_O || count_together(n, r, &link, i, m);
}

/* Role number k at its home. */
static void begin_role(const even_nest *n, int k, mesh_role *m)
{
    const nest_role *role = m->factors = &n->ready->role[k];
    m->links = 0;
    m->level[0] = role->home;
    m->tile[0] = role->home > 0 ? hd_nest_tile(n->s[0]->level[role->home].tensor, role) : role->whole;
    m->arrivals[0] = role->touched; /* asked for only of O */
    m->loads[0] = 0;
    m->members = 1;
    m->shared = 0;
}

/* On to the levels that keep it, as far as `last`; false where too many units merge.  In one piece, as hd_native_even. */
static __attribute__((flatten, noinline)) bool go_on(const even_nest *n, int k, int last, mesh_role *m)
{
    even_role r;
    start_role(n, k, &r);
    for (int l = m->level[m->links] + 1; l <= last; l++) {
        if (!(n->keep[l] & HD_ROLE_BIT(r.role->role))) continue;
        r.outer = m->level[m->links++];
        if (!count_link(n, &r, l, m->links, m)) return false;
    }
    return true;
}

/* ---- counts ---- */

static int64_t part_of(int64_t words, int64_t members) { return members > 1 ? words / members : words; }
static int64_t members_at(const mesh_role *m, int i) { return i == m->shared ? m->members : 1; }

static void share_tile(const even_nest *n, int64_t members, mesh_role *m)
{
    m->members = members;
    m->shared = 0;
    while (members > 1 && m->level[m->shared] != n->ready->mesh) m->shared++;
    for (int i = 1; i <= m->links && m->factors->role == HD_O; i++)
        m->loads[i] = part_of(m->together[i], members_at(m, i - 1)) -
                      (part_of(m->arrivals[i - 1], members_at(m, i - 1)) - m->loads[i - 1]);
}

static hd_access access_at(const mesh_role *m, int i)
{
    int64_t members = members_at(m, i), words = part_of(m->asked[i + 1], members); /* the members ask once */
    int64_t arrivals = part_of(m->arrivals[i], members);
    if (m->factors->role != HD_O) return (hd_access){words, i > 0 ? arrivals : 0, 0};
    return (hd_access){words - (arrivals - m->loads[i]) + (i > 0 ? arrivals : 0), m->loads[i], words};
}

/* Counts with their energy lines, but for hops; returns what they cost. */
static double put_role(const native_ready *ready, const mesh_role *m, hd_breakdown *out)
{
    hd_role role = m->factors->role;
    double pj = 0;
    for (int i = 0; i < m->links; i++) {
        int l = m->level[i];
        out->access[l][role] = access_at(m, i);
        out->tile_words[l][role] = m->tile[i];
        pj += out->level_pj[l][role] = hd_access_pj(&ready->pj[l][role], &out->access[l][role]);
    }
    int i = 1;
    for (unsigned levels = m->factors->delivered; levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        while (m->level[i] < l) i++;
        int64_t words = m->level[i] == l ? part_of(m->passing[l], members_at(m, i)) : m->passing[l];
        out->deliveries[l][role] = m->factors->role == HD_O ? words + m->loads[i] : words;
        pj += out->network_pj[l][role] = hd_network_pj(&ready->pj[l][role], out->deliveries[l][role], 0);
    }
    return pj;
}

/* What the mesh adds; returns what that costs. */
static double put_hops(const even_nest *n, const mesh_role *m, hd_breakdown *out)
{
    const native_ready *ready = n->ready;
    hd_role role = m->factors->role;
    int l = ready->mesh;
    int64_t nodes = (int64_t)(n->used[l] / n->used[l - 1]);
    double before = out->network_pj[l][role];
    if (!(m->factors->crossed >> l & 1u)) return 0;
    out->hops[l][role] = hd_mesh_hops(ready, n->s[0], m, nodes, &out->access[l][role]);
    out->network_pj[l][role] = hd_network_pj(&ready->pj[l][role], out->deliveries[l][role], out->hops[l][role]);
    return out->network_pj[l][role] - before;
}

/* Words of fused residuals that no role of the operator reads, once from where they live. */
static void put_extra_reads(const native_ready *ready, hd_breakdown *out)
{
    int home = ready->p->home[HD_I2];
    if (ready->p->op->extra_reads == 0 || ready->p->op->tensor[HD_I2].used) return;
    out->access[home][HD_I2].reads = ready->p->op->extra_reads;
    out->level_pj[home][HD_I2] = hd_access_pj(&ready->pj[home][HD_I2], &out->access[home][HD_I2]);
}

/* ---- time ---- */

typedef struct port_bits { int64_t reads, writes; } port_bits;
typedef struct port_time { port_bits run, fill, drain; } port_time;

/* Of one instance among so many, all alike. */
static void add_bits(port_bits *port, const hd_access *all_of_them, int64_t instances, int64_t bits)
{
    hd_access a = *all_of_them;
    if (instances > 1) a.reads /= instances, a.fills /= instances, a.updates /= instances;
    port->reads += a.reads * bits;
    port->writes += (a.fills + a.updates) * bits;
}

/* Words of the tiles of all units at link `i` that differ, wires of `merge`, which join so many, counting each once. */
static bool first_words(const even_nest *n, const mesh_role *m, int i, unsigned merge, int64_t joined, int64_t *words)
{
    even_role r;
    lanes all_words;
    *words = (int64_t)n->used[m->level[i]] * m->tile[i] / joined;
    if (!(merge & m->spread[i])) return true;
    start_role(n, n->ready->number[m->factors->role], &r);
    measure(n, &r, m->level[i]);
    if (!windows_first(n, &r, m->level[i], merge, &all_words)) return false;
    *words = (int64_t)all_words;
    return true;
}

/* What the role moves in all instances of its link's level in the first step; of O: in the last. */
static bool edge_access(const even_nest *n, const mesh_role *m, int i, hd_access *a)
{
    int64_t own = i > 0 ? (int64_t)n->used[m->level[i]] * m->tile[i] : 0, differ;
    *a = (hd_access){0, own, 0};
    if (m->factors->role != HD_O) return first_words(n, m, i + 1, m->merge[i + 1], m->joined[i + 1], &a->reads);
    if (!first_words(n, m, i + 1, between(m->level[i], m->level[i + 1]), m->folded[i + 1], &differ)) return false;
    if (!first_words(n, m, i + 1, m->merge[i + 1], m->joined[i + 1], &a->updates)) return false;
    a->reads = own + a->updates - differ;
    a->fills = 0;
    return true;
}

/* Of the one instance of O that loads old partial sums: only some do, and these are the busiest. */
static hd_access loader_access(const even_nest *n, const mesh_role *m, int i, const hd_access *all_of_them)
{
    int level = m->level[i];
    int64_t used = (int64_t)n->used[level], own = 1; /* stacks of its own dims */
    for (int k = 0; k < n->stacks_to[level]; k++)
        if (m->factors->dims >> n->stack[k].dim & 1u) own *= (int64_t)n->stack[k].count;
    int64_t first = m->factors->touched / own; /* no window is split here */
    int64_t arrivals = i > 0 ? m->arrivals[i] / used : 0, updates = all_of_them->updates / used;
    return (hd_access){updates - first + arrivals, i > 0 ? arrivals - first : 0, updates};
}

/* What a role takes of the ports of a level, with full copies of tiles that are shared. */
static bool add_role_bits(const even_nest *n, const mesh_role *of, int level, port_time *t)
{
    const mesh_role *m = of;
    mesh_role full;
    hd_access all_of_them, edge;
    bool output = m->factors->role == HD_O;
    int64_t used = (int64_t)n->used[level], bits = n->ready->port_bits[level][m->factors->role];
    int i = 0;
    while (i < m->links && m->level[i] != level) i++;
    if (i == m->links) return true;
    if (!edge_access(n, m, i, &edge)) return false;
    add_bits(output ? &t->drain : &t->fill, &edge, used, bits);
    if (m->members > 1) {
        full = *of;
        m = &full;
        share_tile(n, 1, &full);
    }
    all_of_them = access_at(m, i);
    if (output && used > 1) {
        all_of_them = loader_access(n, m, i, &all_of_them);
        used = 1;
    }
    add_bits(&t->run, &all_of_them, used, bits);
    return true;
}

static bool count_cycles(const even_nest *n, const mesh_role *role, hd_breakdown *out)
{
    const native_ready *ready = n->ready;
    out->fill_cycles = out->drain_cycles = 0;
    for (unsigned levels = ready->limited & ((1u << n->mac) - 1); levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        const native_rate *rate = &ready->rate[l];
        port_time t = {{0, 0}, {0, 0}, {0, 0}};
        if (n->used[l] <= 1 && !ready->p->op->tensor[HD_I2].used)
            t.run.reads = out->access[l][HD_I2].reads * ready->port_bits[l][HD_I2];
        for (int k = 0; k < ready->roles; k++)
            if (!add_role_bits(n, &role[k], l, &t)) return false;
        out->level_cycles[l] = hd_native_cycles_of(rate, t.run.reads, t.run.writes);
        out->fill_cycles += hd_native_cycles_of(rate, t.fill.reads, t.fill.writes);
        out->drain_cycles += hd_native_cycles_of(rate, t.drain.reads, t.drain.writes);
    }
    hd_native_latency(ready, (int64_t)n->turns[n->loops], out);
    return true;
}

/* ---- the price ---- */

typedef struct mesh_price {
    even_nest nest;
    mesh_role role[HD_ROLES];      /* by their numbers */
    native_least least;
    hd_breakdown *out;
} mesh_price;

/* The outermost level hands words to the next one, which most roles are kept at: what it moves costs most, and its port has to
 * pass it. */
static bool count_outermost(mesh_price *price)
{
    even_nest *n = &price->nest;
    const native_ready *ready = n->ready;
    port_bits port = {0, 0};
    for (int k = 0; k < ready->roles; k++) {
        mesh_role *m = &price->role[k];
        hd_role role = ready->role[k].role;
        begin_role(n, k, m);
        if (ready->role[k].home > 0 || !(n->keep[1] & HD_ROLE_BIT(role))) continue;
        if (!go_on(n, k, 1, m)) return false;
        hd_access moved = access_at(m, 0);
        double pj = hd_access_pj(&ready->pj[0][role], &moved) + ready->inner_pj[role];
        if (pj > price->least.role_pj[k]) hd_native_know_role(&price->least, k, pj);
        add_bits(&port, &moved, 1, ready->port_bits[0][role]);
    }
    if (ready->limited & 1u)
        price->least.cycles = hd_count_max(price->least.cycles, hd_native_cycles_of(&ready->rate[0], port.reads, port.writes));
    return true;
}

/* Nodes that hold a tile of each role together (1: each its own). */
static void find_members(const native_ready *ready, const hd_scheme *s, int64_t members[HD_ROLES])
{
    for (int r = 0; r < HD_ROLES; r++) members[r] = 1;
    if (ready->shares && !hd_native_fit_in_full(ready, s, ready->mesh))
        hd_native_fit_together(ready, s, ready->mesh, true, members);
}

/* All levels, but for hops. */
static bool count_roles(mesh_price *price, bool *above)
{
    even_nest *n = &price->nest;
    const native_ready *ready = n->ready;
    int64_t members[HD_ROLES];
    hd_native_clear(price->out, n->mac + 1);
    find_members(ready, n->s[0], members);
    for (int i = 0; i < ready->roles && !*above; i++) {
        int k = ready->order[i];
        mesh_role *m = &price->role[k];
        if (!go_on(n, k, n->mac, m)) return false;
        if (m->factors->role == HD_I2) m->asked[1] += ready->p->op->extra_reads;
        share_tile(n, members[m->factors->role], m);
        hd_native_know_role(&price->least, k, put_role(ready, m, price->out));
        *above = hd_native_is_above(&price->least);
    }
    if (!*above) put_extra_reads(ready, price->out);
    return true;
}

static void count_hops(mesh_price *price, bool *above)
{
    const native_ready *ready = price->nest.ready;
    for (int i = 0; i < ready->roles && !*above; i++) {
        int k = ready->order[i];
        double pj = put_hops(&price->nest, &price->role[k], price->out);
        hd_native_know_role(&price->least, k, price->least.role_pj[k] + pj);
        *above = hd_native_is_above(&price->least);
    }
}

static bool count_time(mesh_price *price, bool *above)
{
    even_nest *n = &price->nest;
    if (!count_cycles(n, price->role, price->out)) return false;
    for (int l = 0; l <= n->mac; l++) price->out->instances_used[l] = (int64_t)n->used[l];
    price->least.cycles = price->out->latency_cycles;
    *above = hd_native_is_above(&price->least);
    return true;
}

/* Part by part, each added to what the price is at least; what is left is not worth counting once that is too much. */
static bool count_below(mesh_price *price, bool *above)
{
    even_nest *n = &price->nest;
    if ((*above = hd_native_is_above(&price->least))) return true;
    if (!add_level(n, 1) || !count_outermost(price)) return false;
    if ((*above = hd_native_is_above(&price->least))) return true;
    for (int l = 2; l <= n->mac; l++)
        if (!add_level(n, l)) return false;
    if (!count_roles(price, above)) return false;
    if (!*above && price->least.objective != HD_LATENCY) count_hops(price, above);
    if (!*above && !count_time(price, above)) return false;
    if (!*above && price->least.objective == HD_LATENCY) count_hops(price, above);
    return true;
}

bool hd_native_even_mesh(const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit, hd_breakdown *out,
                         bool *above)
{
    mesh_price price;
    if (!ready->even || ready->mesh < 0) return false;
    price.out = out;
    hd_native_least(&price.least, ready, s, objective, limit);
    begin(&price.nest, ready, &s, 0);
    return count_below(&price, above);
}
