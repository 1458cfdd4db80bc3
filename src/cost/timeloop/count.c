/* Reads, fills and updates of every level (a.4 to a.6): flows as if every level kept everything, then bypass promotion,
 * then first-read elision. */
#include <math.h>
#include <string.h>

#include "cost/timeloop/timeloop.h"

bool hd_tl_setting(const hd_problem *p, tl_option option)
{
    return hd_model_setting(&hd_model_timeloop, p, (int)option) != 0;
}

static void perfect_flow(const tl_nest *n, const tl_view *v, int block, bool hops, tl_flow *out)
{
    tl_motion motion;
    bool links = hd_tl_may_link(n, block, v->role);
    hd_tl_motion(n, v, block, links, &motion);
    out->delivered = (double)motion.total * (double)n->instances[block + 1];
    out->accesses = (double)motion.total * (double)(n->instances[block] * hd_tl_groups(n, v, block));
    out->transfers = out->hops = 0;
    out->most = 1;
    if (links || hops) hd_tl_links(n, v, block, &motion, hops, out);
    if (n->off & TL_RULE_FLOWS) hd_tl_flow_without(n, v, block, out);
}

static void walk(const tl_nest *n, const tl_view *v, bool hops, tl_counts *c)
{
    for (int k = c->home; k < n->mac; k++) {
        tl_flow *f = &c->flow[k];
        if (n->perfect) perfect_flow(n, v, k, hops, f);
        else hd_tl_uneven(n, v, k, hops, f);
        c->accesses[k] = f->accesses;
    }
    if (!n->perfect && !(n->off & TL_RULE_UNEVEN)) { /* idle lanes count as computing */
        const tl_flow *f = &c->flow[n->mac - 1];
        double all = (double)n->computes_each * (double)n->instances[n->mac], walked = f->delivered + f->transfers;
        if (walked > 0 && all != walked) c->accesses[n->mac - 1] = f->accesses / walked * all;
    }
}

/* The accesses of a level that keeps nothing go to the next level out, with that network's merging.  Neighbours count as
 * helping on the network whose lower level is bypassed, but what they passed on is not charged to anybody. */
static void promote(const tl_nest *n, const tl_view *v, tl_counts *c)
{
    for (int k = n->mac - 1; k > c->home; k--) {
        tl_flow *f = &c->flow[k - 1];
        if (c->kept[k]) continue;
        double units = (double)n->block[k - 1].units, share = f->delivered > 0 ? f->accesses / f->delivered : 0;
        double groups = f->delivered > 0 ? f->accesses / (f->delivered / units) : 0;
        bool whole = groups == floor(groups); /* keep whole numbers whole */
        c->accesses[k - 1] = whole ? c->accesses[k] / units * groups : c->accesses[k] * share;
        f->transfers = 0;
    }
    for (int k = c->home; k < n->mac && (n->off & TL_RULE_PROMOTION) && n->perfect; k++) {
        double direct = c->kept[k] ? hd_tl_direct(n, v, k, hd_tl_served(n, c, k), false, NULL) : -1;
        if (direct >= 0) c->accesses[k] = direct;
    }
}

int hd_tl_served(const tl_nest *n, const tl_counts *c, int level)
{
    while (level + 1 < n->mac && !c->kept[level + 1]) level++;
    return level;
}

/* Parts of a tensor of which one passes through one instance of the level: per block, its tile without the spatial factors to the
 * one with them. */
static double parts(const tl_nest *n, const tl_view *v, int level)
{
    double product = 1;
    for (int k = 0; k < level; k++) {
        int64_t size[HD_MAX_RANKS], grown[HD_MAX_RANKS];
        if (n->block[k].factors == 0) continue;
        hd_tl_box(n, v, k + 1, size);
        for (int r = 0; r < v->ranks; r++) grown[r] = size[r];
        for (int i = 0; i < n->block[k].factors; i++) {
            const tl_factor *f = &n->block[k].factor[i];
            if (v->rank[f->dim] >= 0) grown[v->rank[f->dim]] += v->coef[f->dim] * f->shift * (f->copies - 1);
        }
        for (int r = 0; r < v->ranks; r++) product *= (double)grown[r] / (double)size[r];
    }
    return product;
}

static void tally(const tl_nest *n, const tl_view *v, bool shares, tl_counts *c)
{
    double words = (double)hd_tl_tensor_words(n->p->op, v);
    bool elide = v->role == HD_O && ((n->off & TL_RULE_UNELIDED) || hd_tl_setting(n->p, TL_FIRST_READ_ELISION));
    for (int k = c->home; k < n->mac; k++) {
        double in = 0, peer = 0;
        if (!c->kept[k]) continue;
        if (k > c->home) {
            const tl_flow *f = &c->flow[k - 1];
            peer = f->transfers / (double)n->instances[k - 1]; /* those below one parent, spread over all instances */
            in = f->delivered + peer;
        }
        double share = v->role == HD_O || shares ? parts(n, v, k) : 1;
        double first = elide ? words * ((double)n->instances[k] / share) : 0;
        c->partition[k] = words / share;
        c->reads[k] = fmax(0, c->accesses[k] + peer - first); /* a sliding O can have fewer accesses than words */
        c->fills[k] = k > c->home ? fmax(0, in - first) : 0;
        c->updates[k] = v->role == HD_O ? c->accesses[k] : 0;
    }
}

/* Of partial sums that come back one instance of those that add to them is loaded, the others start from zero again. */
static void reload_once(const tl_nest *n, const tl_view *v, tl_counts *c)
{
    double loads = 0;
    for (int k = c->home; k < n->mac; k++) {
        if (!c->kept[k]) continue;
        const tl_flow *f = k > c->home ? &c->flow[k - 1] : NULL;
        double started = f ? f->delivered + f->transfers - loads : c->partition[k] * (double)n->instances[k];
        double all = n->perfect ? hd_tl_direct(n, v, k, hd_tl_served(n, c, k), true, NULL) : -1;
        if (all < 0 || all > c->accesses[k]) all = c->accesses[k];
        c->fills[k] = loads;
        loads = fmax(0, all - started);
        c->reads[k] = loads + c->accesses[k] - all;
    }
}

/* A tile of partial sums is read when it leaves for good, as the native machine counts it. */
static void drain(const tl_nest *n, tl_counts *c)
{
    for (int k = c->home + 1; k < n->mac; k++)
        if (c->kept[k]) c->reads[k] += c->flow[k - 1].delivered + c->flow[k - 1].transfers;
}

static void count_role(tl_price *t, int role, bool hops)
{
    tl_counts *c = &t->role[role];
    const hd_problem *p = t->nest.p;
    tl_view v;
    c->used = p->op->tensor[role].used;
    if (!c->used) return;
    c->home = p->home[role];
    for (int k = 0; k < t->nest.mac; k++) c->kept[k] = hd_scheme_keeps(p, t->nest.s, k, (hd_role)role);
    hd_tl_view(p->op, (hd_role)role, &v);
    walk(&t->nest, &v, hops, c);
    promote(&t->nest, &v, c);
    tally(&t->nest, &v, hops, c);
    if (role != HD_O) return;
    if (t->nest.off & TL_RULE_RELOAD) reload_once(&t->nest, &v, c);
    if (t->nest.off & TL_RULE_DRAIN) drain(&t->nest, c);
}

void hd_tl_count_without(tl_price *t, const hd_problem *p, const hd_scheme *s, hd_role role, unsigned off)
{
    if (!hd_tl_nest_build(&t->nest, p, s, NULL)) return;
    t->nest.off = off;
    count_role(t, (int)role, false);
}

void hd_tl_count(tl_price *t, const hd_problem *p, const hd_scheme *s, bool hops)
{
    if (!hd_tl_nest_build(&t->nest, p, s, NULL)) return;
    for (int r = 0; r < HD_ROLES; r++) count_role(t, r, hops);
}

int64_t hd_tl_each(const tl_nest *n, int level, double total)
{
    return (int64_t)llround(total / (double)n->instances[level]);
}
