/* What the native model counts, as sums of products: per role and link of its chain of levels (cost/native/traffic.c).
 *
 * Operands: reads outside (merged over multicast), fills and deliveries inside.  Outputs, with A, U, E as in traffic.c and
 * loads(i) = sum of D(j) over links j <= i, D(j) = E(j) - A(j - 1) >= 0, A(0) = |O|: the energies of all links add up to
 *   sum (update + read)(i - 1) U(i) + sum deliver(i) A(i) + sum C(j) D(j) - read(0) |O|,
 *   C(j) = sum over i >= j of (fill + deliver)(i) + sum over i > j of read(i - 1),
 * all factors positive.  Where no stack lies between the links A(j - 1) = U(j - 1) and D is exact; else D is left out
 * (never more than it costs).
 * On a mesh whose copies are dealt out (o->split, optimal_split.c) it is known which nodes hold a tile together and how many
 * links a word travels: hops are then a price per word.  Elsewhere hops are left out, and nodes that may share a tile count as if
 * they did: what enters it and leaves it once for all, what goes further in merged over them.  Full copies cost no less. */
#include <math.h>

#include "cost/native/native.h"
#include "solve/optimal.h"

/* Energy of one element at a level. */
static double scaled(const opt *o, int level, int role, const double *pj)
{
    if (!o->metered) return 0; /* no kinds but those that ports see */
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

bool opt_holds_together(const opt *o, int level, int role)
{
    if (!opt_may_share(o, level, role)) return false;
    return o->split ? !o->split->any && (o->split->together >> role & 1u) : true;
}

/* Stacks that part the instances of one store at level `from` and those of level `to`; `together`: nodes are one store. */
static unsigned below_store(int from, int to, bool together) { return opt_between(together ? from - 1 : from, to); }

/* Kinds that merge the same units in use are one. */
int opt_kind_apart(const opt *o, opt_group *g, unsigned merge, unsigned apart, int per)
{
    int k = 0;
    merge &= o->stacks;
    apart &= opt_general(o, g->role, 0) ? merge : 0; /* plain ranks of others never meet */
    if (!(o->stacks & opt_between(0, per))) per = 0;
    while (k < g->kinds && (g->merge[k] != merge || g->apart[k] != apart || g->per[k] != per)) k++;
    if (k < g->kinds) return k;
    g->merge[k] = merge;
    g->apart[k] = apart;
    g->per[k] = per;
    g->pj[k] = 0;
    return g->kinds++;
}

int opt_kind(const opt *o, opt_group *g, unsigned merge, int per) { return opt_kind_apart(o, g, merge, 0, per); }

static void add_pj(const opt *o, opt_group *g, unsigned merge, double pj)
{
    if (pj != 0) g->pj[opt_kind(o, g, merge, 0)] += pj;
}

/* What the tile of `level` takes in or gives up: once for all nodes that hold it together. */
static void add_tile_pj(const opt *o, opt_group *g, int level, double pj)
{
    unsigned nodes = opt_merging(o, g->role) & opt_between(level - 1, level);
    bool together = opt_holds_together(o, level, g->role), either = o->mesh > 0 && opt_may_share(o, level, g->role);
    if (either || (together && pj != 0)) g->pj[opt_kind_apart(o, g, nodes, nodes, 0)] += together ? pj : 0;
    if (either || (!together && pj != 0)) g->pj[opt_kind(o, g, 0, 0)] += together ? 0 : pj;
}

/* What the uses of a tile of `from` cost it, those of the links inside of it merged. */
static void add_use_pj(const opt *o, opt_group *g, int from, unsigned wires, double pj)
{
    bool together = opt_holds_together(o, from, g->role), either = o->mesh > 0 && opt_may_share(o, from, g->role);
    unsigned one = wires & below_store(from, g->level, true), own = wires & below_store(from, g->level, false);
    if (pj == 0 && !either) return;
    if (either || together) g->pj[opt_kind_apart(o, g, one, opt_between(from - 1, from), 0)] += together ? pj : 0;
    if (either || !together) g->pj[opt_kind(o, g, own, 0)] += together ? 0 : pj;
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

/* Energy of a word on one link of the mesh. */
static double hop_pj(const opt *o, int role)
{
    const hd_level *l = &o->p->arch->level[o->mesh];
    return l->mesh.hop_pj * hd_native_bits(o->p, o->mesh, (hd_role)role) / l->word_bits;
}

static double most_nodes(const opt *o)
{
    const int64_t *fan = o->p->arch->level[o->mesh].fan;
    return (double)(fan[HD_X] * fan[HD_Y]);
}

/* A use of a word of `from`, all told.  Where nodes hold a tile together it travels the tree that joins them.  m nodes then have
 * a use in common, the tree at least m - 1 links: of those that a node by itself would have, each costs no less than at two
 * nodes or at all. */
static double use_pj(const opt *o, int role, int from, double pj)
{
    if (!o->split || from != o->mesh || !opt_may_share(o, from, role) || !(o->split->together >> role & 1u)) return pj;
    double most = most_nodes(o), hop = hop_pj(o, role);
    if (o->split->any) return fmin((pj + hop) / 2, (pj + hop * (most - 1)) / most);
    return pj + hop * o->split->role[role].inside;
}

/* Words are dealt to the nodes in turn: the first ones may get one more than the last (of O: what begins, and twice what comes
 * back), and stand nearer. */
static double dealing_pj(const opt *o, int role)
{
    double members = o->split->role[role].members, nodes = role == HD_O ? 3 : 1;
    for (int l = 1; l <= o->mesh; l++)
        for (int axis = 0; axis < HD_AXES; axis++) nodes *= (double)o->p->arch->level[l].fan[axis];
    return hop_pj(o, role) * o->split->role[role].node * nodes * (members - 1) / members;
}

/* Does the way into link i of a chain of levels cross the mesh whose copies are dealt out first? */
static bool crosses(const opt *o, const int *level, int i) { return level[i - 1] < o->mesh && o->mesh <= level[i]; }

/* Every word that crosses travels a tree to all nodes of a group, or to the one that it is dealt to of those that hold the tile
 * together. */
static void add_crossing(opt *o, opt_group *g)
{
    unsigned wires = opt_merging(o, g->role), nodes = opt_between(o->mesh - 1, o->mesh);
    int k = opt_kind_apart(o, g, wires & opt_between(o->mesh - 1, g->level), nodes, 0);
    if (!o->split) return;
    bool together = g->level == o->mesh && opt_holds_together(o, o->mesh, g->role);
    g->pj[k] += hop_pj(o, g->role) * (together ? o->split->role[g->role].node : o->split->role[g->role].tree);
    if (together) o->base_pj -= dealing_pj(o, g->role);
}

static void add_operand(opt *o, int role)
{
    int level[HD_MAX_LEVELS + 1], links = opt_chain_of(o, role, level);
    for (int i = 1; i <= links; i++) {
        opt_group *g = add_group(o, role, level[i]);
        unsigned wires = opt_merging(o, role);
        add_use_pj(o, g, level[i - 1], wires, use_pj(o, role, level[i - 1], read_pj(o, level[i - 1], role)));
        add_tile_pj(o, g, level[i], fill_pj(o, level[i], role));
        for (int l = level[i - 1] + 1; l < level[i]; l++) add_pj(o, g, wires & opt_between(l, level[i]), deliver_pj(o, l, role));
        add_tile_pj(o, g, level[i], deliver_pj(o, level[i], role));
        if (crosses(o, level, i)) add_crossing(o, g);
    }
}

double opt_plain_words(const opt *o, int role)
{
    double words = 1;
    for (int d = 0; d < o->form->dims; d++)
        if (o->plain[role] >> d & 1u) words *= (double)o->p->op->dim[d].extent;
    return words;
}

/* Energy of an old partial sum into link i. */
static double load_pj(const opt *o, const int *level, int i, bool read)
{
    double pj = fill_pj(o, level[i], HD_O) + (read ? read_pj(o, level[i - 1], HD_O) : 0);
    for (int l = level[i - 1] + 1; l <= level[i]; l++) pj += deliver_pj(o, l, HD_O);
    if (o->split && crosses(o, level, i)) {
        bool together = level[i] == o->mesh && opt_holds_together(o, o->mesh, HD_O);
        pj += hop_pj(o, HD_O) * (together ? o->split->role[HD_O].node : o->split->role[HD_O].loader);
    }
    return use_pj(o, HD_O, level[i - 1], pj);
}

static double loads_pj(const opt *o, const int *level, int links, int j)
{
    double pj = 0;
    for (int i = j; i <= links; i++) pj += load_pj(o, level, i, i > j);
    return pj;
}

/* D(j), further in than the first link: A(j - 1) is a share of what the link outside sends.  As much of it as that pays for. */
static void add_inner_loads(opt *o, const int *level, int j, opt_group *inner, double pj)
{
    opt_group *outer = inner - 1;
    unsigned wires = opt_merging(o, HD_O), between = opt_between(level[j - 2], level[j - 1]) & o->stacks;
    bool on_mesh = o->mesh > 0 && crosses(o, level, j - 1), known = on_mesh && o->split;
    if (between & ~(on_mesh ? opt_between(o->mesh - 1, o->mesh) : 0u)) return;
    bool together = known && opt_holds_together(o, level[j - 1], HD_O);
    int sent = opt_kind(o, outer, on_mesh ? wires & opt_between(level[j - 2], level[j - 1]) : 0, 0);
    int all = opt_kind(o, inner, below_store(level[j - 1], level[j], false), 0), pooled = all;
    if (on_mesh) pooled = opt_kind(o, inner, below_store(level[j - 1], level[j], true), 0);
    if (on_mesh && !known) return;
    double each = !known ? 1 : o->split->any ? most_nodes(o) : together ? 1 : o->split->role[HD_O].members;
    pj = fmin(pj, outer->pj[sent] / each);
    inner->pj[together ? pooled : all] += pj;
    outer->pj[sent] -= pj * each;
}

static void add_output(opt *o)
{
    int level[HD_MAX_LEVELS + 1], links = opt_chain_of(o, HD_O, level), first = o->groups;
    double words = opt_plain_words(o, HD_O);
    unsigned wires = opt_merging(o, HD_O);
    o->base_pj -= read_pj(o, level[0], HD_O) * words;
    for (int i = 1; i <= links; i++) {
        opt_group *g = add_group(o, HD_O, level[i]);
        double pj = update_pj(o, level[i - 1], HD_O) + read_pj(o, level[i - 1], HD_O);
        add_use_pj(o, g, level[i - 1], wires, use_pj(o, HD_O, level[i - 1], pj));
        for (int l = level[i - 1] + 1; l < level[i]; l++) add_pj(o, g, wires & opt_between(l, level[i]), deliver_pj(o, l, HD_O));
        add_tile_pj(o, g, level[i], deliver_pj(o, level[i], HD_O));
        if (crosses(o, level, i)) add_crossing(o, g);
    }
    for (int j = 1; j <= links; j++) {
        double pj = loads_pj(o, level, links, j);
        opt_group *inner = &o->group[first + j - 1];
        if (j > 1) {
            add_inner_loads(o, level, j, inner, pj);
            continue;
        }
        inner->pj[opt_kind(o, inner, opt_between(level[0], level[1]), 0)] += pj;
        o->base_pj -= pj * words;
    }
}

/* Steps of the busiest unit where all that the split leaves share the points. */
static double split_steps(const opt *o)
{
    double units = 1;
    for (int f = 0; f < o->fans; f++)
        if (opt_is_axis(&o->fan[f]) && o->fan[f].level != o->mesh) units *= o->most[f];
    for (int i = 0; i < o->parts; i++) units *= o->split->copies[i];
    return ceil((double)hd_operator_points(o->p->op) / units * (1 - 1e-12));
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
    if (o->split && (!op->vector || a->vector_per_cycle == 0)) o->base_cycles = fmax(o->base_cycles, split_steps(o));
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
