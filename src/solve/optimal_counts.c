/* What the native model counts, as sums of products: per role and link of its chain of levels (cost/native/traffic.c).
 *
 * Operands: reads outside (merged over multicast), fills and deliveries inside.  Outputs, with A, U, E as in traffic.c and
 * loads(i) = sum of D(j) over links j <= i, D(j) = E(j) - A(j - 1) >= 0, A(0) = |O|: the energies of all links add up to
 *   sum (update + read)(i - 1) U(i) + sum deliver(i) A(i) + sum C(j) D(j) - read(0) |O|,
 *   C(j) = sum over i >= j of (fill + deliver)(i) + sum over i > j of read(i - 1),
 * all factors positive.  Where no stack lies between the links A(j - 1) = U(j - 1) and D is exact; else D is left out
 * (never more than it costs).
 * Nodes that may share a tile count as if they did: what enters it and leaves it once for all, what goes further in merged over
 * them.  Full copies cost no less.  Hops are left out.                                                 */
#include <math.h>

#include "cost/native/native.h"
#include "solve/optimal.h"

/* Energy of one element at a level. */
static double scaled(const opt *o, int level, int role, const double *pj)
{
    return pj[role] * hd_native_bits(o->p, level, (hd_role)role) / o->p->arch->level[level].word_bits;
}

static double read_pj(const opt *o, int l, int role) { return scaled(o, l, role, o->p->arch->level[l].read_pj); }
static double fill_pj(const opt *o, int l, int role)
{
    return l == o->mac ? 0 : scaled(o, l, role, o->p->arch->level[l].fill_pj);
}

static double update_pj(const opt *o, int l, int role) { return scaled(o, l, role, o->p->arch->level[l].update_pj); }

static double deliver_pj(const opt *o, int l, int role)
{
    int innermost = o->p->op->vector ? o->p->arch->vector_at : o->mac;
    return l > innermost ? 0 : scaled(o, l, role, o->p->arch->level[l].delivery_pj);
}

unsigned opt_between(int from, int to) { return NEST_STACK(to + 1, 0) - NEST_STACK(from + 1, 0); }

unsigned opt_merging(const opt *o, int role)
{
    unsigned set = 0;
    for (int l = 1; l <= o->mac; l++)
        for (int axis = 0; axis < HD_AXES; axis++) {
            const hd_level *al = &o->p->arch->level[l];
            if (role == HD_O ? al->reduce[axis] : (al->multicast[axis] & HD_ROLE_BIT(role)) != 0) set |= NEST_STACK(l, axis);
        }
    return set;
}

bool opt_may_share(const opt *o, int level, int role)
{
    const hd_level *l = &o->p->arch->level[level];
    return level < o->mac && level > o->p->home[role] && l->mesh.ports > 0 && l->mesh.share && l->bounded;
}

bool opt_has_mesh(const opt *o)
{
    for (int l = 1; l < o->mac; l++)
        if (o->p->arch->level[l].mesh.ports > 0) return true;
    return false;
}

/* Stacks that part the instances of one store at level `from` and those of level `to`. */
static unsigned below_store(const opt *o, int role, int from, int to)
{
    return opt_between(opt_may_share(o, from, role) ? from - 1 : from, to);
}

/* Stacks of a level whose units may be one store. */
static unsigned in_store(const opt *o, int role, int level)
{
    return opt_may_share(o, level, role) ? opt_between(level - 1, level) : 0;
}

/* Kinds that merge the same units in use are one. */
int opt_kind(const opt *o, opt_group *g, unsigned merge, int per)
{
    int k = 0;
    merge &= o->stacks;
    if (!(o->stacks & opt_between(0, per))) per = 0;
    while (k < g->kinds && (g->merge[k] != merge || g->per[k] != per)) k++;
    if (k < g->kinds) return k;
    g->merge[k] = merge;
    g->per[k] = per;
    g->pj[k] = 0;
    return g->kinds++;
}

static void add_pj(const opt *o, opt_group *g, unsigned merge, double pj)
{
    if (pj != 0) g->pj[opt_kind(o, g, merge, 0)] += pj;
}

int opt_chain_of(const opt *o, int role, int *level)
{
    int n = 0, home = o->p->home[role];
    for (int l = home; l < o->mac; l++)
        if (l == home || (o->keep[l] & HD_ROLE_BIT(role))) level[n++] = l;
    level[n] = o->mac;
    return n;
}

opt_group *opt_add_group(opt *o, int role, int level)
{
    opt_group *g = &o->group[o->groups++];
    *g = (opt_group){.role = role, .level = level};
    return g;
}

static opt_group *add_group(opt *o, int role, int level)
{
    const hd_arch *a = o->p->arch;
    bool mac_works = !o->p->op->vector || a->vector_at == o->mac;
    bool held = level < o->mac || (mac_works && (a->level[o->mac].operand_register & HD_ROLE_BIT(role)));
    opt_group *g = opt_add_group(o, role, level);
    g->fixed = !held;
    return g;
}

static void add_operand(opt *o, int role)
{
    int level[HD_MAX_LEVELS + 1], links = opt_chain_of(o, role, level);
    for (int i = 1; i <= links; i++) {
        opt_group *g = add_group(o, role, level[i]);
        unsigned wires = opt_merging(o, role), store = wires & in_store(o, role, level[i]);
        add_pj(o, g, wires & below_store(o, role, level[i - 1], level[i]), read_pj(o, level[i - 1], role));
        add_pj(o, g, store, fill_pj(o, level[i], role));
        for (int l = level[i - 1] + 1; l <= level[i]; l++)
            add_pj(o, g, l == level[i] ? store : wires & opt_between(l, level[i]), deliver_pj(o, l, role));
    }
}

double opt_plain_words(const opt *o, int role)
{
    double words = 1;
    for (int d = 0; d < o->form->dims; d++)
        if (o->plain[role] >> d & 1u) words *= (double)o->p->op->dim[d].extent;
    return words;
}

static double loads_pj(const opt *o, const int *level, int links, int j, int role)
{
    double pj = 0;
    for (int i = j; i <= links; i++) {
        pj += fill_pj(o, level[i], role);
        if (i > j) pj += read_pj(o, level[i - 1], role);
        for (int l = level[i - 1] + 1; l <= level[i]; l++) pj += deliver_pj(o, l, role);
    }
    return pj;
}

static void add_output(opt *o)
{
    int level[HD_MAX_LEVELS + 1], links = opt_chain_of(o, HD_O, level), first = o->groups;
    double words = opt_plain_words(o, HD_O);
    o->base_pj -= read_pj(o, level[0], HD_O) * words;
    for (int i = 1; i <= links; i++) {
        opt_group *g = add_group(o, HD_O, level[i]);
        unsigned wires = opt_merging(o, HD_O), store = wires & in_store(o, HD_O, level[i]);
        add_pj(o, g, wires & below_store(o, HD_O, level[i - 1], level[i]),
               update_pj(o, level[i - 1], HD_O) + read_pj(o, level[i - 1], HD_O));
        for (int l = level[i - 1] + 1; l <= level[i]; l++)
            add_pj(o, g, l == level[i] ? store : wires & opt_between(l, level[i]), deliver_pj(o, l, HD_O));
    }
    for (int j = 1; j <= links; j++) {
        double pj = loads_pj(o, level, links, j, HD_O);
        opt_group *inner = &o->group[first + j - 1], *outer = inner - 1;
        unsigned all = opt_between(level[j - 1], level[j]);
        if (j == 1) {
            add_pj(o, inner, all, pj);
            o->base_pj -= pj * words;
        } else if (!(opt_between(level[j - 2], level[j - 1]) & o->stacks) && outer->pj[0] >= pj) {
            add_pj(o, inner, all, pj);
            add_pj(o, outer, 0, -pj);
        }
    }
}

void opt_native_groups(opt *o)
{
    const hd_operator *op = o->p->op;
    const hd_arch *a = o->p->arch;
    double ops = (double)hd_operator_ops(op);
    int first[HD_ROLES] = {0};
    o->groups = 0;
    o->base_pj = (double)hd_operator_macs(op) * a->mac_pj + ops * a->vector_pj;
    o->base_cycles = a->vector_per_cycle > 0 ? ceil(ops / a->vector_per_cycle) : 0;
    o->rated = op->vector && a->vector_per_cycle > 0;
    if (op->extra_reads > 0) {
        int bits = op->tensor[HD_I2].used ? op->tensor[HD_I2].bits : op->tensor[HD_O].bits;
        const hd_level *from = &a->level[o->p->home[HD_I2]];
        o->base_pj += (double)op->extra_reads * from->read_pj[HD_I2] * bits / from->word_bits;
    }
    for (int r = 0; r < HD_ROLES; r++) {
        first[r] = o->groups;
        if (op->tensor[r].used && r != HD_O) add_operand(o, r);
        else if (op->tensor[r].used) add_output(o);
    }
    opt_native_flows(o, first);
}
