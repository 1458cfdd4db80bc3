/* What Timeloop's model counts with perfect factors, for the search (docs/timeloop.md, docs/optimal.md).
 *
 * All words of a role into a level m that keeps it are F(m) = D(m) x instances; the next level k outside that keeps it is
 * accessed A(k, m) times: F(m) over what the networks between merge, whatever is bypassed in between.  Outputs are
 * elided: the first touch of a word by an instance costs no read and no fill, P(l) = words x copies of the dims that O
 * lacks, outside of l.  Energy of a link: read(k) (A - [P(k)]) + fill(m) (F - [P(m)]) + update(k) A + ingress(b) A(b - 1, m),
 * where A - P(k) = P(k) x (A / P(k) - 1) falls with none of its products.  Rounding averages of one instance hides half a word
 * of each count, only where neighbours forward; whole vectors only add.                                            */
#include <math.h>
#include <string.h>

#include "cost/timeloop/timeloop.h"
#include "solve/optimal.h"

static const hd_timeloop_level *traits(const opt *o, int level) { return &o->p->arch->level[level].timeloop; }

/* ---- roles ---- */

/* A rank in which only one dim moves, by how much; -1 = none does. */
static int moves_alone(const hd_operator *op, const hd_rank *rank, int64_t *by)
{
    int dim = -1;
    for (int t = 0; t < rank->terms; t++) {
        if (op->dim[rank->term[t].dim].extent == 1) continue;
        if (dim >= 0) return -1;
        dim = rank->term[t].dim;
        *by = rank->term[t].coef;
    }
    if (dim < 0) dim = rank->term[0].dim, *by = 1;
    return dim;
}

/* Padding is data here.  A dim that moves alone brings wholly new tiles, gaps of its stride or not. */
static bool find_roles(opt *o)
{
    const hd_operator *op = o->p->op;
    for (int r = 0; r < HD_ROLES; r++) {
        const hd_tensor *t = &op->tensor[r];
        if (!t->used) continue;
        o->absent[r] = ((1u << op->dims) - 1) & ~hd_tensor_dims(op, (hd_role)r);
        for (int k = 0; k < t->ranks; k++) {
            int64_t by = 0;
            int dim = moves_alone(op, &t->rank[k], &by);
            if (dim >= 0) o->fresh[r] |= 1u << dim;
            if (dim >= 0 && by == 1) o->plain[r] |= 1u << dim;
            else if (r == HD_O) return false; /* partitions of a sliding output are no products */
        }
    }
    return true;
}

bool opt_timeloop_links(const opt *o, int level, int role)
{
    return (o->stacks & opt_between(level - 1, level)) && hd_tl_setting(o->p, TL_LINK_TRANSFERS) &&
           !(traits(o, level)->no_links & HD_ROLE_BIT(role));
}

static bool keeps_nothing(const opt *o, int level, int role)
{
    return level == o->mac || (traits(o, level)->no_reuse & HD_ROLE_BIT(role));
}

/* May neighbours ever forward words of the role into the level? (cost/timeloop/links.c: where tiles are new as a whole at
 * every step, after steps that leave them alone; else only where two dims slide) */
static bool is_linked(const opt *o, int level, int role)
{
    return opt_timeloop_links(o, level, role) && (keeps_nothing(o, level, role) || opt_general(o, role, 0));
}

/* Do hops and neighbours show where the copies of a fan-out stand, and in which order their words come? */
static bool is_seen(const opt *o, int level, int role)
{
    bool hops = traits(o, level)->hop_pj > 0 || traits(o, level)->router_pj > 0;
    return is_linked(o, level, role) || (hops && (o->stacks & opt_between(level - 1, level)));
}

static bool begin(opt *o)
{
    if (o->p->op->row_dims || !find_roles(o)) return false;
    o->last = o->mac - 1;
    for (int r = 0; r < HD_ROLES; r++) {
        if (!o->p->op->tensor[r].used) continue;
        if (opt_timeloop_links(o, o->mac, r)) o->last = o->mac;
        for (int l = o->p->home[r] + 1; l <= o->mac; l++)
            o->linked |= is_seen(o, l, r);
    }
    return true;
}

/* Timeloop cannot say one dim on both axes of a fan-out. */
static bool takes(const opt *o, const opt_chain *c)
{
    for (int l = 1; l <= o->mac; l++)
        if (c->copies[l][HD_X] > 1 && c->copies[l][HD_Y] > 1) return false;
    return true;
}

/* ---- tiles: bounding boxes, at home, too ---- */

static void find_tiles(opt *o)
{
    for (int l = 0; l < o->mac; l++) {
        const hd_level *al = &o->p->arch->level[l];
        o->pool[l] = (double)hd_tl_capacity(al, -1);
        for (int r = 0; al->bounded && r < HD_ROLES; r++) {
            o->room[l][r] = (double)hd_tl_capacity(al, r);
            if (!o->p->op->tensor[r].used || l < o->p->home[r]) continue;
            if (l == o->p->home[r] || (o->keep[l] & HD_ROLE_BIT(r))) o->tile[o->tiles++] = (opt_tile){l, r, 1, 1, 1};
        }
    }
}

static double tile_words(const opt *o, const opt_chain *const *of, const opt_tile *t)
{
    const hd_tensor *tensor = &o->p->op->tensor[t->role];
    double words = 1;
    for (int r = 0; r < tensor->ranks; r++) {
        int64_t hull = 1;
        if (!of[tensor->rank[r].term[0].dim] && !of[tensor->rank[r].term[tensor->rank[r].terms - 1].dim]) continue;
        for (int k = 0; k < tensor->rank[r].terms; k++) {
            int d = tensor->rank[r].term[k].dim;
            if (of[d]) hull += tensor->rank[r].term[k].coef * (of[d]->box[t->level] - 1);
        }
        words *= (double)hull;
    }
    return words;
}

/* ---- energy and ports of the links ---- */

/* One count of a link, paid at a level, with or without the first touches of its instances. */
typedef struct count { opt_group *g; unsigned merge; int level; bool elided; } count;

static unsigned all_dims(const opt *o) { return (1u << o->form->dims) - 1; }

/* (count - words) x copies of what O lacks; or, for one instance, over the copies of what it has. */
static int elided_factor(opt *o, const count *c, bool each)
{
    unsigned absent = o->absent[c->g->role];
    return each ? opt_factor_of(o, c->level, all_dims(o) & ~absent, true) : opt_factor_of(o, c->level, absent, false);
}

static int elided_kind(const opt *o, const count *c) { return opt_kind(o, c->g, c->merge | opt_between(0, c->level), 0); }

static void add_pj(opt *o, const count *c, double pj)
{
    int64_t cluster = traits(o, c->level)->cluster_size;
    opt_term t = {.factor = -1, .used = -1, .pj = pj, .clusters = 1};
    if (pj == 0) return;
    if (cluster > 1) {
        t.clusters = ceil((double)hd_arch_instances(o->p->arch, c->level) / (double)cluster);
        t.used = opt_factor_of(o, c->level, all_dims(o), false);
    }
    if (c->elided) {
        t.kind = elided_kind(o, c);
        t.less = opt_plain_words(o, c->g->role);
        t.factor = elided_factor(o, c, cluster > 1);
    } else {
        t.kind = opt_kind(o, c->g, c->merge, cluster > 1 ? c->level : 0);
        if (cluster <= 1) {
            c->g->pj[t.kind] += pj;
            return;
        }
    }
    c->g->term[c->g->terms++] = t;
}

static void add_flow(opt *o, const count *c, bool write)
{
    const hd_level *l = &o->p->arch->level[c->level];
    if (!o->timed || (l->shared_bw <= 0 && l->read_bw <= 0 && l->write_bw <= 0)) return;
    opt_flow f = {.phase = OPT_RUN, .level = c->level, .group = (int)(c->g - o->group), .write = write, .bits = 1, .factor = -1};
    f.kind = c->elided ? elided_kind(o, c) : opt_kind(o, c->g, c->merge, c->level);
    if (c->elided) {
        f.less = opt_plain_words(o, c->g->role);
        f.factor = elided_factor(o, c, true);
    }
    o->flow[o->flows++] = f;
}

/* Reads of level k, fills of level m, updates of level k, and the networks between. */
static void add_link(opt *o, opt_group *g, int k, int m)
{
    const hd_level *outer = &o->p->arch->level[k], *inner = &o->p->arch->level[m];
    unsigned merging = opt_merging(o, g->role);
    bool output = g->role == HD_O, elided = output && hd_tl_setting(o->p, TL_FIRST_READ_ELISION);
    count reads = {g, merging & opt_between(k, m), k, elided}, fills = {g, 0, m, elided}, updates = {g, reads.merge, k, false};
    add_pj(o, &reads, outer->read_pj[g->role]);
    add_flow(o, &reads, false);
    if (output) {
        add_pj(o, &updates, outer->update_pj[g->role]);
        add_flow(o, &updates, true);
    }
    if (m < o->mac) {
        add_pj(o, &fills, inner->fill_pj[g->role]);
        add_flow(o, &fills, true);
    }
    for (int b = k; b < m; b++) {
        double pj = traits(o, b + 1)->ingress_pj;
        if (pj > 0) g->pj[opt_kind(o, g, merging & opt_between(b, m), 0)] += pj;
    }
}

/* Where averages need not be whole, half a word of each count of each instance may be rounded off. */
static void round_off(opt *o, int role)
{
    for (int l = o->p->home[role]; l < o->mac; l++) {
        const hd_level *al = &o->p->arch->level[l];
        double each = al->read_pj[role] + al->fill_pj[role] + al->update_pj[role];
        o->base_pj -= 0.5 * each * (double)hd_arch_instances(o->p->arch, l);
        o->constant_bits[l][0] -= 0.5;
        o->constant_bits[l][1] -= 1;
    }
}

/* Networks into levels that bypass the role are walked as if these kept it: hops and what neighbours merge follow. */
static void add_role(opt *o, int role)
{
    int level[HD_MAX_LEVELS + 1], links = opt_chain_of(o, role, level);
    bool linked = false;
    for (int i = 1; i <= links; i++) {
        int m = level[i];
        for (int l = level[i - 1] + 1; l < m; l++)
            if (is_seen(o, l, role)) {
                opt_group *seen = opt_add_group(o, role, l);
                seen->anew = true;
                seen->linked = -1;
                linked |= is_linked(o, l, role);
            }
        opt_group *g = opt_add_group(o, role, m);
        bool moves = keeps_nothing(o, m, role), passed = is_linked(o, m, role);
        g->fixed = moves && !passed;
        g->anew = moves && passed;
        g->linked = passed ? -1 : 0;
        linked |= passed;
        add_link(o, g, level[i - 1], m);
    }
    if (linked) round_off(o, role);
}

static void find_groups(opt *o)
{
    const hd_operator *op = o->p->op;
    const hd_arch *a = o->p->arch;
    double ops = (double)hd_operator_ops(op);
    o->rated = false;
    memset(o->constant_bits, 0, sizeof o->constant_bits);
    o->base_pj = (double)hd_operator_points(op) * a->mac_pj + ops * a->vector_pj;
    o->base_pj += (double)op->extra_reads * a->level[0].read_pj[HD_I2];
    o->base_cycles = a->vector_per_cycle > 0 ? ceil(ops / a->vector_per_cycle) : 0;
    o->constant_bits[0][0] += (double)op->extra_reads;
    for (int r = 0; r < HD_ROLES; r++)
        if (op->tensor[r].used) add_role(o, r);
}

const opt_rules opt_timeloop = {
    .model = &hd_model_timeloop,
    .begin = begin,
    .takes = takes,
    .find_groups = find_groups,
    .find_tiles = find_tiles,
    .tile_words = tile_words,
    .window = opt_timeloop_window,
    .wraps = opt_timeloop_wraps,
    .cycles = opt_timeloop_cycles,
};
