/* Traffic and time where every shift divides: see even.h; the formulas are those of traffic.c and cycles.c. */
#include "cost/native/even.h"

static unsigned between(int outer, int inner) { return NEST_STACK(inner + 1, 0) - NEST_STACK(outer + 1, 0); }

/* How many units that differ in dims the role lacks merge. */
static int64_t copies(const even_nest *n, const even_role *e, unsigned merge)
{
    int64_t units = 1;
    for (int i = 0; merge && i < n->stacks; i++)
        if (!(e->dims >> n->stack[i].dim & 1u) && (n->stack[i].bit & merge)) units *= n->stack[i].count;
    return units;
}

/* Words entering link `i`, stacks of `merge` once. */
static bool entering(const even_nest *n, const even_role *e, int i, unsigned merge, int64_t *words)
{
    if (merge & e->spread)
        return i < e->links ? hd_even_moved(n, e, e->level[i], merge, words) : hd_even_every_step(n, e, n->mac, merge, words);
    *words = (i < e->links ? e->arrivals[i] : e->points) / copies(n, e, merge);
    return true;
}

/* Arrivals of all links where every rank is plain: loops inside the innermost of the role's own bring nothing. */
static void plain_arrivals(const even_nest *n, even_role *e)
{
    int64_t settled = e->words, pending = 1;
    int link = 1;
    for (int l = 1, j = 0; link < e->links; l++) {
        for (; j < n->loops_to[l]; j++) {
            pending *= e->dims >> n->loop[j].dim & 1u ? 1 : n->loop[j].count;
            if (!(e->dims >> n->loop[j].dim & 1u)) continue;
            settled *= pending;
            pending = 1;
        }
        if (l == e->level[link]) e->arrivals[link++] = settled * hd_even_units(n, e, l, 0);
    }
}

static bool count_arrivals(const even_nest *n, even_role *e)
{
    e->arrivals[0] = e->role == HD_O ? e->words : 0;
    if (e->windows == 0) plain_arrivals(n, e);
    for (int i = 1; e->windows > 0 && i < e->links; i++)
        if (!hd_even_moved(n, e, e->level[i], 0, &e->arrivals[i])) return false;
    e->loads[0] = 0;
    for (int i = 1; i <= e->links; i++) {
        int64_t merged = 0;
        if (e->role == HD_O && !entering(n, e, i, n->wires & between(e->level[i - 1], e->level[i]), &merged)) return false;
        e->loads[i] = e->role == HD_O ? merged - (e->arrivals[i - 1] - e->loads[i - 1]) : 0;
    }
    return true;
}

static int64_t tile(const even_nest *n, const even_role *e, int level)
{
    const int64_t *box = n->s->level[level].tensor;
    int64_t words = 1;
    for (int k = 0; k < e->plains; k++) words *= box[e->plain[k]];
    for (int k = 0; k < e->windows; k++) {
        const hd_rank *rank = e->window[k];
        int64_t hull = 1;
        for (int t = 0; t < rank->terms; t++) hull += rank->term[t].coef * (box[rank->term[t].dim] - 1);
        words *= hull; /* open: never longer than the tensor */
    }
    return words;
}

static bool count_links(const even_nest *n, const even_role *e, hd_breakdown *out)
{
    for (int i = 0; i < e->links; i++) {
        int level = e->level[i];
        hd_access *a = &out->access[level][e->role];
        unsigned outside = between(level, e->level[i + 1]);
        int64_t arrivals = i > 0 ? e->arrivals[i] : 0;
        out->tile_words[level][e->role] = tile(n, e, level);
        if (e->role != HD_O) {
            if (!entering(n, e, i + 1, n->multicast[e->role] & outside, &a->reads)) return false;
            a->fills = arrivals;
            continue;
        }
        if (!entering(n, e, i + 1, n->reduce & outside, &a->updates)) return false;
        a->reads = a->updates - (e->arrivals[i] - e->loads[i]) + arrivals;
        a->fills = e->loads[i];
    }
    return true;
}

static bool count_deliveries(const even_nest *n, const even_role *e, hd_breakdown *out)
{
    const hd_operator *op = n->p->op;
    int last = op->vector && n->p->arch->vector_at < n->mac ? n->p->arch->vector_at : n->mac;
    for (int l = e->level[0] + 1, i = 1; l <= last; l++) {
        if (n->p->arch->level[l].delivery_pj[e->role] <= 0) continue;
        while (e->level[i] < l) i++;
        unsigned merge = (e->role == HD_O ? n->reduce : n->multicast[e->role]) & between(l, e->level[i]);
        if (!entering(n, e, i, merge, &out->deliveries[l][e->role])) return false;
        out->deliveries[l][e->role] += e->loads[i];
    }
    return true;
}

/* ---- time ---- */

/* What the role moves at the level in the first step; of O: in the last. */
static bool edge_access(const even_nest *n, const even_role *e, int level, hd_access *a)
{
    int i = 0;
    int64_t all;
    while (i < e->links && e->level[i] != level) i++;
    if (i == e->links) return true;
    int next = e->level[i + 1];
    unsigned outside = n->wires & between(level, next);
    if (e->role != HD_O)
        return hd_even_one_step(n, e, next, n->multicast[e->role] & outside, &a->reads) &&
               (i == 0 || hd_even_one_step(n, e, level, 0, &a->fills));
    if (!hd_even_one_step(n, e, next, n->reduce & outside, &a->updates)) return false;
    if (outside) a->reads = a->updates - (hd_even_one_step(n, e, next, outside, &all) ? all : 0);
    if (i > 0) a->reads += hd_even_one_step(n, e, level, 0, &all) ? all : 0; /* plain: always served */
    return true;
}

static bool count_cycles(const even_nest *n, const even_role *role, int roles, hd_breakdown *out)
{
    int64_t steps = 1;
    for (int j = 0; j < n->loops; j++) steps *= n->loop[j].count;
    out->fill_cycles = out->drain_cycles = 0;
    for (int l = 0; l <= n->mac; l++) {
        out->level_cycles[l] = 0;
        if (l == n->mac || !hd_native_is_limited(&n->p->arch->level[l])) continue;
        hd_access first[HD_ROLES] = {{0, 0, 0}}, last[HD_ROLES] = {{0, 0, 0}};
        for (int r = 0; r < roles; r++)
            if (!edge_access(n, &role[r], l, role[r].role == HD_O ? &last[HD_O] : &first[role[r].role])) return false;
        out->level_cycles[l] = hd_native_port_cycles(n->p, l, out->access[l]);
        out->fill_cycles += hd_native_port_cycles(n->p, l, first);
        out->drain_cycles += hd_native_port_cycles(n->p, l, last);
    }
    hd_native_latency(n->p, steps, out);
    return true;
}

static void count_instances(const even_nest *n, int64_t used[HD_MAX_LEVELS])
{
    int64_t units = 1;
    for (int l = 0, i = 0; l <= n->mac; l++) {
        for (; i < n->stacks_to[l]; i++) units *= n->stack[i].count;
        used[l] = units;
    }
}

bool hd_native_even(const hd_problem *p, const hd_scheme *s, hd_breakdown *out)
{
    even_nest n;
    even_role role[HD_ROLES];
    int roles = hd_even_roles(p, role);
    if (roles == 0 || !hd_even_build(&n, p, s)) return false;
    hd_native_clear(out, s->levels);
    for (int r = 0; r < roles; r++) {
        even_role *e = &role[r];
        hd_even_links(&n, e);
        if (!count_arrivals(&n, e) || !count_links(&n, e, out) || !count_deliveries(&n, e, out)) return false;
    }
    out->access[p->home[HD_I2]][HD_I2].reads += p->op->extra_reads;
    count_instances(&n, out->instances_used);
    return count_cycles(&n, role, roles, out);
}
