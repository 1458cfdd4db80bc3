/* Cycles that no scheme below a node undercuts: work, and words over every port that has a bandwidth, in the run, in the
 * first step (fill) and in the last leaving (drain), per instance of the level on average; the busiest has no fewer.
 * Reads of partial sums: U - |O| at home, U + loads further in; loads = E - |O| at the first link, left out inside. */
#include <math.h>
#include <string.h>

#include "cost/native/native.h"
#include "solve/optimal.h"

static bool has_ports(const opt *o, int level)
{
    const hd_level *l = &o->p->arch->level[level];
    return level < o->mac && (l->shared_bw > 0 || l->read_bw > 0 || l->write_bw > 0);
}

static void add_flow(opt *o, opt_phase phase, int level, bool write, int group, unsigned merge)
{
    opt_group *g = &o->group[group];
    if (!has_ports(o, level) || (o->p->arch->level[level].elsewhere >> g->role & 1u)) return;
    int kind = opt_kind(o, g, merge, level);
    double bits = hd_native_bits(o->p, level, (hd_role)g->role);
    o->flow[o->flows++] = (opt_flow){.phase = phase, .level = level, .group = group, .kind = kind, .write = write, .bits = bits};
}

static bool is_single(const opt *o, int level) { return !(o->stacks & opt_between(0, level)); }

static void add_operand(opt *o, int role, int first)
{
    int level[HD_MAX_LEVELS + 1], links = opt_chain_of(o, role, level);
    for (int i = 1; i <= links; i++) {
        unsigned merge = opt_merging(o, role) & opt_between(level[i - 1], level[i]);
        for (opt_phase phase = OPT_RUN; phase <= OPT_FILL; phase++) {
            add_flow(o, phase, level[i - 1], false, first + i - 1, merge);
            if (i < links) add_flow(o, phase, level[i], true, first + i - 1, 0);
        }
    }
}

/* Partial sums loaded into the first link: E - |O|, read outside, written at `level`. */
static void add_loads(opt *o, int level, bool write, int first, unsigned all, double words)
{
    if (!has_ports(o, level) || !is_single(o, level) || (o->p->arch->level[level].elsewhere >> HD_O & 1u)) return;
    add_flow(o, OPT_RUN, level, write, first, all);
    o->constant_bits[level][write] -= words * hd_native_bits(o->p, level, HD_O);
}

static void add_output(opt *o, int first)
{
    int level[HD_MAX_LEVELS + 1], links = opt_chain_of(o, HD_O, level);
    double words = opt_plain_words(o, HD_O);
    for (int i = 1; i <= links; i++) {
        int s = level[i - 1], l = level[i], g = first + i - 1;
        unsigned all = opt_between(s, l), merge = opt_merging(o, HD_O) & all;
        add_flow(o, OPT_RUN, s, true, g, merge);
        add_flow(o, OPT_DRAIN, s, true, g, merge);
        if (i == 1) add_loads(o, s, false, g, merge, words);
        else add_flow(o, OPT_RUN, s, false, g, merge);
        if (i == 2) add_loads(o, s, false, first, opt_between(level[0], level[1]), words);
        if (i == 1 && links > 1) add_loads(o, l, true, g, all, words);
        if (i < links) add_flow(o, OPT_DRAIN, l, false, g, 0);
    }
}

/* Those of one level together, in the order in which they came. */
static void put_by_level(opt *o)
{
    for (int i = 1; i < o->flows; i++) {
        opt_flow flow = o->flow[i];
        int k = i;
        for (; k > 0 && o->flow[k - 1].level > flow.level; k--) o->flow[k] = o->flow[k - 1];
        o->flow[k] = flow;
    }
}

void opt_native_flows(opt *o, const int first[HD_ROLES])
{
    const hd_operator *op = o->p->op;
    o->flows = 0;
    memset(o->constant_bits, 0, sizeof o->constant_bits);
    if (!o->timed) return;
    for (int r = 0; r < HD_ROLES; r++) {
        if (!op->tensor[r].used) continue;
        if (r == HD_O) add_output(o, first[r]);
        else add_operand(o, r, first[r]);
    }
    int extra = o->p->home[HD_I2];
    if (!op->tensor[HD_I2].used && !(o->p->arch->level[extra].elsewhere >> HD_I2 & 1u))
        o->constant_bits[extra][false] += (double)op->extra_reads * op->tensor[HD_O].bits;
    put_by_level(o);
}

/* Whole cycles, but not one more for rounding. */
static double whole(double cycles) { return opt_ceil(cycles * (1 - 1e-12)); }

static double port_cycles(const hd_level *l, double read_bits, double write_bits)
{
    double cycles = 0;
    if (l->shared_bw > 0) cycles = (read_bits + write_bits) / l->shared_bw;
    if (l->read_bw > 0) cycles = opt_greater(cycles, read_bits / l->read_bw);
    if (l->write_bw > 0) cycles = opt_greater(cycles, write_bits / l->write_bw);
    return whole(cycles / l->word_bits);
}

static void find_counts(const opt *o, const opt_node *n, const opt_ways *ways, double *count)
{
    uint64_t variants[OPT_MAX_GROUPS];
    opt_find_variants(o, n, ways, variants);
    for (int i = 0; i < o->counted; i++) {
        const opt_counted *c = &o->count[i];
        const double *known = ways ? ways->count[c->group] : NULL;
        count[i] = known ? known[c->kind] : opt_least_count(&o->group[c->group], n->row + c->at, variants[c->group]);
    }
}

double opt_native_cycles(const opt *o, const opt_node *n, const opt_ways *ways)
{
    double overlapped = opt_work(o, n->row), others = 0;
    double count[OPT_MAX_FLOWS];
    find_counts(o, n, ways, count);
    for (int l = 0, i = 0; l < o->mac; l++) {
        const hd_level *al = &o->p->arch->level[l];
        double bits[OPT_PHASES][2] = {{0, 0}, {0, 0}, {0, 0}};
        if (!has_ports(o, l)) continue;
        for (; i < o->flows && o->flow[i].level == l; i++) {
            const opt_flow *f = &o->flow[i];
            bits[f->phase][f->write] += f->bits * (f->phase == OPT_RUN ? count[f->count] : n->row[f->at]);
        }
        double run = port_cycles(al, opt_greater(0, bits[OPT_RUN][0] + o->constant_bits[l][0]),
                                 opt_greater(0, bits[OPT_RUN][1] + o->constant_bits[l][1]));
        if (l == 0 || al->double_buffer) overlapped = opt_greater(overlapped, run);
        else others += run;
        others += port_cycles(al, bits[OPT_FILL][0], bits[OPT_FILL][1]);
        others += port_cycles(al, bits[OPT_DRAIN][0], bits[OPT_DRAIN][1]);
    }
    return overlapped + others;
}
