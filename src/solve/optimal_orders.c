/* The best orders of loops under chosen tiles, by the model's own price.
 *
 * Seen from the tiles of a level, loops further out than the innermost one that changes a plain rank of a role make no
 * difference for that role: its whole tile is new each time (moved.c).  So an order is chosen from the inside out only
 * until each role that still looks at the level is cut off; the rest may stand in any order.  A role looks at a level if
 * some link of it at or inside the level has no such loop in between.
 * Where every link is cut off by the loops next to it, levels do not see each other and are ordered one by one. */
#include <math.h>
#include <string.h>

#include "solve/optimal.h"

typedef struct orders {
    opt *o;
    const opt_node *node;
    double cycles;                    /* no fewer under what is chosen of the orders */
    double rest[HD_MAX_LEVELS + 1];   /* least energy that the levels from l on decide */
    unsigned looking[HD_MAX_LEVELS];  /* roles */
    unsigned firm[HD_MAX_LEVELS];     /* dims whose loops leave nothing of a tile, wherever they stand */
    bool apart;                       /* levels do not see each other */
    bool counted;                     /* opt_prefix_pj serves here */
    opt_order order;
    opt_ways ways;                    /* as far as orders are chosen */
    int inner[HD_MAX_LEVELS];         /* dims chosen to be innermost */
    double best;                      /* of the levels that were ordered apart */
    hd_draft kept;
} orders;

static void order_level(orders *s, int level, double pj);

/* Roles that look at the loops of the level. */
static unsigned looking_at(const opt *o, const opt_node *node, int level)
{
    unsigned roles = 0;
    for (int g = 0; g < o->groups; g++) {
        const opt_group *group = &o->group[g];
        bool cut = group->fixed || group->level < level;
        for (int l = level + 1; l <= group->level && !cut; l++) cut = (opt_firm(o, node, l) & o->fresh[group->role]) != 0;
        if (!cut) roles |= HD_ROLE_BIT(group->role);
    }
    return roles;
}

static double offer(orders *s)
{
    opt *o = s->o;
    hd_scheme scheme;
    if (opt_is_out(o)) o->over = true;
    if (o->over || !hd_draft_decode(o->form, &o->draft, &scheme)) return INFINITY;
    if (o->form->space->constraints && !hd_constraints_hold(o->form->space, &scheme, NULL)) return INFINITY;
    double cost = hd_incumbent_offer(o->inc, o->budget, &scheme);
    if (cost < s->best) {
        s->best = cost;
        s->kept = o->draft;
    }
    return cost;
}

/* Open loops of the level to the front of its open places; returns how many, `*first`: where they start. */
static int open_loops(const orders *s, int level, int *first)
{
    const hd_form *form = s->o->form;
    const hd_constraints *c = form->space->constraints;
    unsigned char *order = s->o->draft.order[level], sorted[HD_MAX_DIMS];
    int from = c ? c->inner[level] : 0, to = form->dims - (c ? c->outer[level] : 0), n = from, rest = to;
    *first = from;
    if (!form->ordered[level]) return 0;
    for (int i = from; i < to; i++)
        if (s->node->loops[level] >> order[i] & 1u) sorted[n++] = order[i];
    for (int i = to - 1; i >= from; i--)
        if (!(s->node->loops[level] >> order[i] & 1u)) sorted[--rest] = order[i];
    for (int i = from; i < to; i++) order[i] = sorted[i];
    return n - from;
}

static void done(orders *s, int level, double pj)
{
    if (s->apart) offer(s);
    else order_level(s, level + 1, pj);
}

/* Under what is chosen of this level and all further out. */
static bool hopeless(orders *s, int level, double pj)
{
    opt *o = s->o;
    if (opt_objective(o, pj + s->rest[level + 1], s->cycles) >= opt_limit(o)) return true;
    if (!o->timed) return false;
    return opt_objective(o, pj + s->rest[level + 1], opt_cycles(o, s->node, &s->ways)) >= opt_limit(o);
}

/* The variants under the level's innermost dim; the counts of a prefix where it has any. */
static void know(orders *s, int level, bool prefix)
{
    opt_joint_ways(s->o, s->node, level, s->inner, &s->ways);
    for (int i = 0; i < s->o->turned[level]; i++) {
        int g = s->o->turn[level][i];
        s->ways.count[g] = prefix ? s->order.count[g] : NULL;
    }
}

/* All of the level is open again. */
static void forget(orders *s, int level)
{
    for (int i = 0; i < s->o->turned[level]; i++) {
        int g = s->o->turn[level][i];
        s->ways.variant[g] = -1, s->ways.count[g] = NULL;
    }
}

/* Place i .. n - 1 of the level; `seen`: dims that loop further inside; `own`: what the level's loops cost at least. */
static void place(orders *s, int level, int i, int n, unsigned seen, double pj, double own)
{
    opt *o = s->o;
    unsigned char *order = o->draft.order[level];
    bool cut = true;
    for (int r = 0; r < HD_ROLES; r++)
        if (s->looking[level] >> r & 1u) cut = cut && (seen & s->firm[level] & o->fresh[r]);
    if (i >= n || (cut && seen)) {
        done(s, level, pj + own);
        return;
    }
    for (int j = i; j < n && !o->over; j++) {
        unsigned char d = order[j];
        double more = own;
        if (!seen) {
            s->inner[level] = d;
            more = opt_joint_pj(o, s->node, level, s->inner);
        }
        order[j] = order[i], order[i] = d;
        if (s->counted) more = fmax(more, opt_prefix_pj(o, &s->order, level, i + 1));
        if (o->timed) know(s, level, s->counted);
        if (!hopeless(s, level, pj + more)) place(s, level, i + 1, n, seen | 1u << d, pj, more);
        order[i] = order[j], order[j] = d;
    }
}

/* Loops whose place is fixed further inside than the open ones. */
static unsigned fixed_inside(const orders *s, int level, int first)
{
    unsigned seen = 0;
    for (int i = 0; i < first; i++) seen |= 1u << s->o->draft.order[level][i];
    return seen & s->node->loops[level];
}

/* The innermost of the level's loops as they stand. */
static int innermost(const orders *s, int level)
{
    int i = 0;
    while (!(s->node->loops[level] >> s->o->draft.order[level][i] & 1u)) i++;
    return s->o->draft.order[level][i];
}

static double least_level(const orders *s, int level)
{
    return s->o->mask >> level & 1u ? opt_level_pj(s->o, s->node, level) : 0;
}

static void order_level(orders *s, int level, double pj)
{
    opt *o = s->o;
    int first = 0, n = level < o->form->levels ? open_loops(s, level, &first) : 0;
    if (level == o->form->levels) {
        offer(s);
        return;
    }
    unsigned inside = fixed_inside(s, level, first);
    double own = 0;
    if (s->node->loops[level] && (n == 0 || inside)) {
        s->inner[level] = innermost(s, level);
        own = opt_joint_pj(o, s->node, level, s->inner);
        know(s, level, false);
    }
    place(s, level, first, first + n, inside, pj, own);
    forget(s, level);
}

/* Dim `best` goes inside, those that the same roles lack next to it. */
static void first_guess(orders *s, int level, int best)
{
    opt *o = s->o;
    int first, n = open_loops(s, level, &first);
    unsigned char *order = o->draft.order[level];
    for (int pass = 0, to = first; pass < 2; pass++)
        for (int i = to; i < first + n; i++) {
            unsigned char d = order[i];
            bool same = d == best;
            for (int r = 0; pass && !same && r < HD_ROLES; r++)
                same = (o->absent[r] >> best & 1u) && (o->absent[r] >> d & 1u);
            if (same) order[i] = order[to], order[to++] = d;
        }
}

/* Is every link cut off by the loops of the level that turns it? */
static bool levels_are_apart(const opt *o, const opt_node *node)
{
    if (o->timed || o->linked || opt_has_mesh(o)) return false; /* words dealt to the nodes of a mesh are rounded together */
    for (int g = 0; g < o->groups; g++)
        if (!o->group[g].fixed && o->group[g].at > 0 && !(opt_firm(o, node, o->group[g].at) & o->fresh[o->group[g].role]))
            return false;
    return true;
}

void opt_choose_tiles(opt *o)
{
    for (int b = 0; b < o->blocks; b++)
        for (int i = 0; i < o->block[b].dims; i++) {
            const opt_block *block = &o->block[b];
            int d = block->dim[i], c = block->chain[(size_t)o->chosen[b] * (size_t)block->dims + (size_t)i];
            memcpy(o->draft.span[d], o->chain[d][c].span, sizeof o->draft.span[d]);
        }
    memcpy(o->draft.keep, o->keep, sizeof o->keep);
}

static void order_apart(orders *s)
{
    opt *o = s->o;
    double pj = opt_fixed_pj(o, s->node->row), all = s->rest[1];
    for (int l = 1; l < o->form->levels && !o->over; l++) {
        int first, n = open_loops(s, l, &first);
        double others = pj + all - least_level(s, l);
        s->rest[l + 1] = 0;
        if (n > 1) place(s, l, first, first + n, fixed_inside(s, l, first), others, 0);
        o->draft = s->kept;
    }
}

static void find_loops(orders *s)
{
    const opt *o = s->o;
    s->counted = o->rules->halves && !o->ragged;
    s->order.node = s->node;
    for (int b = 0; b < o->blocks; b++)
        for (int i = 0; i < o->block[b].dims; i++) {
            const opt_block *block = &o->block[b];
            int d = block->dim[i], c = block->chain[(size_t)o->chosen[b] * (size_t)block->dims + (size_t)i];
            for (int l = 1; l <= o->mac; l++) s->order.loop[l][d] = (double)o->chain[d][c].loop[l];
        }
}

static void begin(orders *s, opt *o, const opt_node *node)
{
    s->o = o;
    s->node = node;
    s->cycles = s->rest[o->form->levels] = 0;
    s->apart = false;
    s->best = INFINITY;
    for (int g = 0; g < o->groups; g++) s->ways.variant[g] = -1, s->ways.count[g] = NULL;
}

void opt_offer_orders(opt *o, const opt_node *node)
{
    orders s;
    begin(&s, o, node);
    double bound = opt_joint_bound(o, s.node, s.inner);
    if (bound >= opt_limit(o)) return;
    if (o->timed) s.cycles = opt_cycles(o, node, NULL);
    opt_choose_tiles(o);
    if (!hd_draft_fans_hold(o->form, &o->draft)) return;
    for (int l = o->form->levels - 1; l >= 1; l--) {
        s.firm[l] = opt_firm(o, s.node, l);
        s.looking[l] = looking_at(o, s.node, l);
        s.rest[l] = s.rest[l + 1] + least_level(&s, l);
        if (o->form->ordered[l] && s.node->loops[l]) first_guess(&s, l, s.inner[l]);
    }
    s.kept = o->draft;
    find_loops(&s);
    if (offer(&s) <= bound * (1 + 1e-12)) return; /* nothing is better under these tiles */
    if (s.best == INFINITY && !o->form->space->constraints && !o->ragged) return; /* does not fit, whatever the orders */
    s.apart = isfinite(s.best) && levels_are_apart(o, s.node);
    if (s.apart) order_apart(&s);
    else order_level(&s, 1, opt_fixed_pj(o, s.node->row));
}
