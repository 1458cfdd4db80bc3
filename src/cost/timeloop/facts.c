/* Timeloop's own numbers by its own names, as its stats file lists them. */
#include "cost/timeloop/timeloop.h"

typedef struct reporter {
    const tl_price *t;
    hd_fact_sink *sink;
    void *user;
} reporter;

static void say(const reporter *r, int level, int role, bool network, const char *name, double value)
{
    hd_fact fact = {level, role, network, name, value};
    r->sink(r->user, &fact);
}

static void report_tensor(const reporter *r, int level, int role)
{
    const tl_nest *n = &r->t->nest;
    const tl_counts *c = &r->t->role[role];
    double slow = hd_tl_throttle(r->t, level, &(double){0}, &(double){0}), cycles = (double)n->outside[n->loops] / slow;
    int64_t size[HD_MAX_RANKS], reads = hd_tl_each(n, level, c->reads[level]), fills = hd_tl_each(n, level, c->fills[level]),
            updates = hd_tl_each(n, level, c->updates[level]);
    tl_view v;
    hd_tl_view(n->p->op, (hd_role)role, &v);
    say(r, level, role, false, "partition_size", c->partition[level]);
    say(r, level, role, false, "utilized_capacity", (double)hd_tl_box(n, &v, level, size));
    say(r, level, role, false, "utilized_instances", (double)n->instances[level]);
    say(r, level, role, false, "utilized_clusters", hd_tl_clusters(n, level));
    say(r, level, role, false, "reads", (double)reads);
    say(r, level, role, false, "fills", (double)fills);
    say(r, level, role, false, "updates", (double)updates);
    say(r, level, role, false, "temporal_reductions", role == HD_O ? (double)reads : 0);
    say(r, level, role, false, "read_bw", (double)reads / cycles);
    say(r, level, role, false, "write_bw", (double)(fills + updates) / cycles);
}

/* The network below a level is listed at the level it leads to. */
static void report_network(const reporter *r, int block, int role)
{
    const tl_nest *n = &r->t->nest;
    const tl_flow *f = &r->t->role[role].flow[block];
    double parents = (double)n->instances[block], ingresses = hd_tl_ingresses(r->t, (hd_role)role, block) / parents;
    /* served beyond the first, per access */
    double extra = f->accesses > 0 && f->delivered > f->accesses ? f->delivered / f->accesses - 1 : 0;
    say(r, block + 1, role, true, "fanout", (double)n->block[block].units);
    say(r, block + 1, role, true, "multicast", f->most);
    say(r, block + 1, role, true, "ingresses", ingresses);
    say(r, block + 1, role, true, "link_transfers", f->transfers / parents);
    say(r, block + 1, role, true, "spatial_reductions", role == HD_O ? extra * ingresses : 0);
    say(r, block + 1, role, true, "avg_hops", ingresses > 0 ? f->hops / parents / ingresses : 0);
    say(r, block + 1, role, true, "energy", hd_tl_network_pj(r->t, (hd_role)role, block));
}

void hd_tl_facts(const hd_problem *p, const hd_scheme *s, hd_fact_sink *sink, void *user)
{
    tl_price t;
    hd_breakdown b;
    reporter r = {&t, sink, user};
    hd_tl_count(&t, p, s, true);
    hd_model_timeloop.price(p, s, &b);
    for (int l = 0; l < t.nest.mac; l++) {
        double reads, writes;
        for (int k = 0; k < HD_ROLES; k++) {
            if (!t.role[k].used || l < t.role[k].home) continue;
            if (t.role[k].kept[l]) report_tensor(&r, l, k);
            report_network(&r, l, k);
        }
        say(&r, l, -1, false, "bandwidth_throttling", hd_tl_throttle(&t, l, &reads, &writes));
        say(&r, l, -1, false, "cycles", (double)b.level_cycles[l]);
    }
    double units = (double)hd_arch_instances(p->arch, t.nest.mac);
    say(&r, -1, -1, false, "computes", (double)b.computes);
    say(&r, -1, -1, false, "cycles", (double)b.latency_cycles);
    /* ideal over real cycles; idle lanes of imperfect mappings count as ideal work (a.8) */
    say(&r, -1, -1, false, "utilization", (double)b.computes / units / (double)b.latency_cycles);
}
