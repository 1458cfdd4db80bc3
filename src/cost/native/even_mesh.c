/* Traffic and time where every shift divides: see even_mesh.h; the formulas are those of traffic.c and cycles.c. */
#include <math.h>

#include "cost/native/even_mesh.h"

static unsigned between(int outer, int inner) { return NEST_STACK(inner + 1, 0) - NEST_STACK(outer + 1, 0); }

static void find_links(const even_nest *n, int k, even_role *e)
{
    const nest_role *role = e->factors = &n->ready->role[k];
    e->k = k;
    e->links = 0;
    e->level[e->links++] = role->home;
    for (int l = role->home + 1; l < n->mac; l++)
        if (n->s->level[l].keep & HD_ROLE_BIT(role->role)) e->level[e->links++] = l;
    e->level[e->links] = n->mac;
    for (int i = 0; i <= e->links; i++) e->members[i] = 1;
    e->spread = 0;
    for (int i = 0; role->general && i < n->stacks; i++)
        if (role->general >> n->stack[i].dim & 1u) e->spread |= n->stack[i].bit;
}

static bool count_arrivals(const even_nest *n, even_role *e)
{
    e->arrivals[0] = e->factors->touched; /* asked for only of O */
    e->arrivals[e->links] = e->factors->points;
    for (int i = 1; i < e->links; i++) {
        const even_turns *turns = &n->turns[e->level[i]][e->k];
        e->arrivals[i] = e->factors->words * turns->loops * turns->units;
        if (e->factors->general && !hd_even_moved(n, e->k, e->level[i], 0, &e->arrivals[i])) return false;
    }
    return true;
}

/* Of units that merge along windows: words entering link `i`. */
static bool moved(const even_nest *n, const even_role *e, int i, unsigned merge, int64_t *words)
{
    return i < e->links ? hd_even_moved(n, e->k, e->level[i], merge, words) : hd_even_every_step(n, e->k, merge, words);
}

bool hd_even_entering(const even_nest *n, const even_role *e, int i, int outer, int64_t *words)
{
    unsigned merge = e->factors->wires & between(outer, e->level[i]);
    if (merge & e->spread) return moved(n, e, i, merge, words);
    *words = e->arrivals[i];
    int64_t copies = n->turns[e->level[i]][e->k].merged, apart = n->turns[outer][e->k].merged;
    if (copies != apart) *words /= copies / apart;
    return true;
}

/* Of O: words that meet an old partial sum. */
static bool count_loads(const even_nest *n, even_role *e)
{
    e->loads[0] = 0;
    for (int i = 1; i <= e->links; i++) {
        int outer = e->level[i - 1], inner = e->level[i];
        int64_t copies = n->turns[inner][e->k].units / n->turns[outer][e->k].units, members = e->members[i - 1];
        int64_t together = e->arrivals[i] / copies; /* what all units under one unit outside ask for */
        unsigned all = between(outer, inner) & n->wires;
        if ((all & e->spread) && !moved(n, e, i, all, &together)) return false;
        e->loads[i] = together / members - (e->arrivals[i - 1] / members - e->loads[i - 1]);
    }
    return true;
}

static int64_t tile(const even_nest *n, const nest_role *role, int level)
{
    const int64_t *box = n->s->level[level].tensor;
    int64_t words = 1;
    for (int k = 0; k < role->ranks; k++) {
        const hd_rank *rank = role->of[k].rank;
        int64_t hull = rank->term[0].coef * (box[rank->term[0].dim] - 1) + 1;
        for (int t = 1; t < rank->terms; t++) hull += rank->term[t].coef * (box[rank->term[t].dim] - 1);
        words *= hull; /* plain or open: never longer than the tensor */
    }
    return words;
}

static bool count_links(const even_nest *n, const even_role *e, hd_breakdown *out)
{
    hd_role role = e->factors->role;
    for (int i = 0; i < e->links; i++) {
        int level = e->level[i];
        hd_access *a = &out->access[level][role];
        int64_t words, arrivals = i > 0 ? e->arrivals[i] / e->members[i] : 0;
        out->tile_words[level][role] = tile(n, e->factors, level);
        if (!hd_even_entering(n, e, i + 1, level, &words)) return false;
        words /= e->members[i]; /* the members ask once */
        if (role != HD_O)
            *a = (hd_access){words, arrivals, 0};
        else
            *a = (hd_access){words - (e->arrivals[i] / e->members[i] - e->loads[i]) + arrivals, e->loads[i], words};
    }
    return true;
}

static bool count_deliveries(const even_nest *n, const even_role *e, hd_breakdown *out)
{
    for (int l = e->level[0] + 1, i = 1; l <= n->mac; l++) {
        if (!(e->factors->delivered >> l & 1u)) continue;
        int64_t *words = &out->deliveries[l][e->factors->role];
        while (e->level[i] < l) i++;
        if (!hd_even_entering(n, e, i, l, words)) return false;
        if (e->level[i] == l) *words /= e->members[i];
        if (e->factors->role == HD_O) *words += e->loads[i];
    }
    return true;
}

bool hd_even_count_role(const even_nest *n, even_role *e, hd_breakdown *out)
{
    if (e->factors->role == HD_O && !count_loads(n, e)) return false;
    return count_links(n, e, out) && count_deliveries(n, e, out);
}

/* ---- time ---- */

/* Words of the tiles of all units at link i. */
static int64_t all_tiles(const even_nest *n, const even_role *e, int i, const hd_breakdown *out)
{
    int level = e->level[i];
    return n->used[level] * (i < e->links ? out->tile_words[level][e->factors->role] : 1);
}

/* Of them those that differ, of all units under one unit outside. */
static bool folded(const even_nest *n, const even_role *e, int i, int64_t tiles, int64_t *words)
{
    int outer = e->level[i - 1], inner = e->level[i];
    unsigned all = between(outer, inner) & n->wires;
    if (all & e->spread) return hd_even_one_step(n, e->k, inner, all, words);
    *words = tiles / (n->turns[inner][e->k].units / n->turns[outer][e->k].units);
    return true;
}

/* Those that differ where wires from the level outside merge what they can. */
static bool merged(const even_nest *n, const even_role *e, int i, int64_t tiles, int64_t *words)
{
    int outer = e->level[i - 1], inner = e->level[i];
    unsigned merge = e->factors->wires & between(outer, inner);
    if (merge & e->spread) return hd_even_one_step(n, e->k, inner, merge, words);
    *words = tiles / (n->turns[inner][e->k].merged / n->turns[outer][e->k].merged);
    return true;
}

/* What the role moves in all instances of a level in the first step; of O: in the last. */
static bool edge_access(const even_nest *n, const even_role *e, int level, const hd_breakdown *out, hd_access *a)
{
    int i = 0;
    while (i < e->links && e->level[i] != level) i++;
    if (i == e->links) return true;
    int64_t next = all_tiles(n, e, i + 1, out), own = i > 0 ? all_tiles(n, e, i, out) : 0;
    if (e->factors->role != HD_O) {
        a->fills = own;
        return merged(n, e, i + 1, next, &a->reads);
    }
    if (!folded(n, e, i + 1, next, &a->reads) || !merged(n, e, i + 1, next, &a->updates)) return false;
    a->reads = own + a->updates - a->reads;
    return true;
}

static int link_at(const even_role *e, int level)
{
    for (int i = 0; i < e->links; i++)
        if (e->level[i] == level) return i;
    return -1;
}

/* Of one instance that loads old partial sums: only some do, and these are the busiest. */
static hd_access loader_access(const even_nest *n, const even_role *e, int i, const hd_access *all)
{
    int level = e->level[i];
    int64_t own = n->used[level] / n->turns[level][e->k].units, first = e->factors->touched / own; /* no window is split here */
    int64_t arrivals = i > 0 ? e->arrivals[i] / n->used[level] : 0, updates = all->updates / n->used[level];
    int64_t loads = i > 0 ? arrivals - first : 0;
    return (hd_access){updates - first + arrivals, loads, updates};
}

static void share_out(hd_access *a, int64_t instances) { a->reads /= instances, a->fills /= instances, a->updates /= instances; }

/* Cycles of the busiest instance, all alike but for who loads. */
static int64_t split_cycles(const even_nest *n, const even_role *e, int level, const hd_access all[HD_ROLES])
{
    hd_access one[HD_ROLES] = {{0, 0, 0}};
    for (int k = 0; k < n->ready->roles; k++) {
        hd_role role = e[k].factors->role;
        int i = link_at(&e[k], level);
        one[role] = all[role];
        if (role != HD_O) share_out(&one[role], n->used[level]);
        else if (i >= 0) one[role] = loader_access(n, &e[k], i, &all[role]);
    }
    return hd_native_port_cycles(n->ready, level, one);
}

static bool count_cycles(const even_nest *n, const even_role *e, hd_breakdown *out)
{
    const native_ready *ready = n->ready;
    out->fill_cycles = out->drain_cycles = 0;
    for (int l = 0; l < n->mac; l++) {
        if (!(ready->limited >> l & 1u)) continue;
        hd_access first[HD_ROLES] = {{0, 0, 0}}, last[HD_ROLES] = {{0, 0, 0}};
        for (int k = 0; k < ready->roles; k++) {
            hd_role role = ready->role[k].role;
            hd_access *edge = role == HD_O ? &last[HD_O] : &first[role];
            if (!edge_access(n, &e[k], l, out, edge)) return false;
            share_out(edge, n->used[l]);
        }
        out->level_cycles[l] = n->used[l] > 1 ? split_cycles(n, e, l, out->access[l])
                                              : hd_native_port_cycles(ready, l, out->access[l]);
        out->fill_cycles += hd_native_port_cycles(ready, l, first);
        out->drain_cycles += hd_native_port_cycles(ready, l, last);
    }
    hd_native_latency(ready, n->steps, out);
    return true;
}

/* Energy and time that a price has at least, as far as its roles are counted; all others cost no less than their floors. */
typedef struct so_far { double pj; int64_t cycles; } so_far;

static so_far nothing_counted(const even_nest *n)
{
    const native_ready *ready = n->ready;
    int64_t cycles = hd_native_work_cycles(ready, n->steps);
    so_far least = {ready->mac_pj + ready->vector_pj + (double)cycles * ready->p->arch->static_pj_per_cycle, cycles};
    for (int r = 0; r < HD_ROLES; r++) least.pj += ready->floor_pj[r];
    return least;
}

static void add_role(const even_nest *n, hd_role role, const hd_breakdown *out, so_far *least)
{
    least->pj += hd_native_role_energy(n->ready, out, role) - n->ready->floor_pj[role];
}

static void add_time(const even_nest *n, const hd_breakdown *out, so_far *least)
{
    least->pj += (double)(out->latency_cycles - least->cycles) * n->ready->p->arch->static_pj_per_cycle;
    least->cycles = out->latency_cycles;
}

bool hd_native_even_mesh(const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit, hd_breakdown *out,
                         bool *above)
{
    even_nest n;
    even_role role[HD_ROLES];
    int64_t members[HD_ROLES];
    bool limited = limit < INFINITY;
    if (!ready->even || ready->mesh < 0 || !hd_even_build(&n, ready, s) || !hd_even_members(&n, members)) return false;
    hd_native_clear(out, s->levels);
    so_far least = nothing_counted(&n);
    *above = limited && hd_native_exceeds(least.pj, least.cycles, objective, limit);
    for (int i = 0; i < ready->roles && !*above; i++) {
        even_role *e = &role[ready->order[i]];
        hd_even_turns(&n, ready->order[i]);
        find_links(&n, ready->order[i], e);
        if (!count_arrivals(&n, e) || !hd_even_count_role(&n, e, out)) return false;
        if (!limited || members[e->factors->role] > 1) continue; /* who shares moves less in the end */
        add_role(&n, e->factors->role, out, &least);
        *above = hd_native_exceeds(least.pj, least.cycles, objective, limit);
    }
    if (*above) return true;
    out->access[ready->p->home[HD_I2]][HD_I2].reads += ready->p->op->extra_reads;
    for (int l = 0; l <= n.mac; l++) out->instances_used[l] = n.used[l];
    if (!count_cycles(&n, role, out)) return false; /* times are those of full copies */
    for (int k = 0; k < ready->roles; k++) {
        hd_role shared = role[k].factors->role;
        if (members[shared] == 1) continue;
        if (!hd_even_share(&n, &role[k], members[shared], out)) return false;
        add_role(&n, shared, out, &least);
    }
    add_time(&n, out, &least);
    *above = limited && hd_native_exceeds(least.pj, least.cycles, objective, limit);
    return *above || hd_even_hops(&n, role, out);
}
