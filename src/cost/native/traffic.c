/* Reads, fills and updates of one role (docs/cost-model.md "Words in" and "Outputs").
 *
 * Operands: each link of the chain reads what the next one needs (multicast groups merged) and is filled.
 * Outputs, with for a pair (outer s, inner l): A = arrivals of words in tiles of l, each unit by itself; U = the same
 * with reducing axes merged; E = with all units under one s merged; Z = words that s did not load, one first touch each.
 *   loads = E - Z          (each later entering fetches the old partial once)
 *   updates at s = U,  reads at s = loads + (U - E)     (groups other than the first add to what is there)
 *   drains at l = A.
 * Z is A - loads one link further out, and the touched words at the home.                            */
#include "cost/native/traffic.h"

typedef enum merging { MERGE_NONE, MERGE_MULTICAST, MERGE_REDUCE, MERGE_ALL } merging;

/* Stacks at levels from+1 .. to that merge as said. */
static unsigned merged_stacks(const nest *n, const chain *c, int from, int to, merging how)
{
    unsigned between = NEST_STACK(to + 1, 0) - NEST_STACK(from + 1, 0);
    switch (how) {
    case MERGE_NONE: break;
    case MERGE_MULTICAST: return n->multicast[c->role] & between;
    case MERGE_REDUCE: return n->reduce & between;
    case MERGE_ALL: return n->stacks & between;
    }
    return 0;
}

/* The view of link `i`'s tiles from `from`: stacks at levels from+1 .. link merged as said. */
static nest_view view_of(const nest *n, const chain *c, int i, int from, merging how, int fixed,
                         const int64_t (*at)[HD_MAX_DIGITS])
{
    int level = c->level[i];
    return (nest_view){.event = level, .box = level, .fixed = at ? fixed : -1, .at = at,
                       .merge = merged_stacks(n, c, from, level, how)};
}

static int64_t count(const nest *n, const chain *c, int i, part which, const nest_view *v)
{
    bool nothing_held = i == c->links && !c->held_at_mac;
    if (which == PART_FIRST) return hd_moved_first(n, &c->factors, v);
    if (which == PART_LAST) return nothing_held ? hd_moved_last_step(n, &c->factors, v) : hd_moved_last(n, &c->factors, v);
    return nothing_held ? hd_moved_every_step(n, &c->factors, v) : hd_moved(n, &c->factors, v);
}

/* Where merging concerns nothing but even stacks of dims that the role lacks, it only divides. */
static bool merge_divides(const nest *n, const chain *c, int level, unsigned merge, int64_t *words)
{
    int64_t copies = 1;
    for (unsigned dims = n->split[level] & ~(c->factors.dims & ~c->factors.general); dims; dims = hd_dims_after(dims)) {
        const nest_dim *nd = &n->dim[hd_dim_of(dims)];
        if (!(nd->stacks & merge)) continue;
        if ((c->factors.dims >> hd_dim_of(dims) & 1u) || nd->even_to < level) return false;
        for (int k = 0; k < nd->digits; k++)
            if (nd->digit[k].stack & merge) copies *= nd->digit[k].count;
    }
    *words /= copies;
    return true;
}

/* Entering words of link `i`, counted as `how` says from the link outside. */
static int64_t entering(const nest *n, const chain *c, int i, part which, merging how, int fixed,
                        const int64_t (*at)[HD_MAX_DIGITS])
{
    int from = i > 0 ? c->level[i - 1] : -1;
    bool known = i < c->links ? how != MERGE_NONE : !c->held_at_mac;
    if (!at && which == PART_ALL && known) {
        int64_t words = i < c->links ? c->arrivals[i] : c->factors.points;
        unsigned merge = merged_stacks(n, c, from, c->level[i], how);
        if (merge == 0 || merge_divides(n, c, c->level[i], merge, &words)) return words;
    }
    nest_view v = view_of(n, c, i, from, how, fixed, at);
    return count(n, c, i, which, &v);
}

/* ---- outputs ---- */

/* Is the instance the one of its reduction group that old partials go to? */
static bool is_loader(const nest *n, const chain *c, int i, const int64_t (*at)[HD_MAX_DIGITS])
{
    unsigned own = hd_tensor_dims(n->p->op, c->role);
    for (int d = 0; d < n->p->op->dims; d++)
        for (int k = 0; k < n->dim[d].digits && !(own >> d & 1u); k++) {
            const nest_digit *g = &n->dim[d].digit[k];
            if (g->time < 0 && g->level > c->level[i - 1] && g->level <= c->level[i] && at[d][k] != 0) return false;
        }
    return true;
}

/* Arrivals at link `i` of words of the share that one instance of level `box` works on. */
static int64_t share_arrivals(const nest *n, const chain *c, int i, int box, const int64_t (*at)[HD_MAX_DIGITS])
{
    nest_view v = {.event = c->level[i], .box = box, .fixed = at ? box : -1, .at = at};
    if (i == 0) return hd_share_words(n, &c->factors, &v);
    return hd_moved(n, &c->factors, &v);
}

static int64_t share_loads(const nest *n, const chain *c, int i, int box, const int64_t (*at)[HD_MAX_DIGITS])
{
    if (i == 0 || (at && !is_loader(n, c, i, at))) return 0;
    nest_view v = view_of(n, c, i, c->level[i - 1], MERGE_ALL, box, at);
    v.box = box;
    int64_t events = i == c->links && !c->held_at_mac ? hd_moved_every_step(n, &c->factors, &v) : hd_moved(n, &c->factors, &v);
    return events - (share_arrivals(n, c, i - 1, box, at) - share_loads(n, c, i - 1, box, at));
}

void hd_chain_count(const nest *n, chain *c)
{
    c->arrivals[0] = c->role == HD_O ? share_arrivals(n, c, 0, c->level[0], NULL) : 0;
    c->merged[0] = c->loads[0] = 0;
    c->branches[0] = false;
    for (int i = 1; i <= c->links; i++) {
        unsigned between = NEST_STACK(c->level[i] + 1, 0) - NEST_STACK(c->level[i - 1] + 1, 0);
        c->branches[i] = (n->stacks & between) != 0;
        c->arrivals[i] = i < c->links ? entering(n, c, i, PART_ALL, MERGE_NONE, -1, NULL) : 0;
        if (c->role != HD_O) continue;
        bool known = i < c->links && !c->branches[i];
        c->merged[i] = known ? c->arrivals[i] : entering(n, c, i, PART_ALL, MERGE_ALL, -1, NULL);
        c->loads[i] = c->merged[i] - (c->arrivals[i - 1] - c->loads[i - 1]);
    }
}

void hd_chain_of(const nest *n, hd_role role, chain *c)
{
    const hd_problem *p = n->p;
    const hd_operator *op = p->op;
    c->role = role;
    c->links = 0;
    c->twice = false;
    hd_nest_role(n, role, &c->factors);
    for (int l = 0; l < n->mac; l++)
        if (l == p->home[role] || (l > p->home[role] && (n->s->level[l].keep & HD_ROLE_BIT(role)))) c->level[c->links++] = l;
    c->level[c->links] = n->mac;
    bool mac_works = !op->vector || p->arch->vector_at == n->mac;
    c->held_at_mac = mac_works && (p->arch->level[n->mac].operand_register & HD_ROLE_BIT(role));
    if ((role == HD_I || role == HD_I2) && op->row_dims)
        for (int d = 0; d < op->dims; d++)
            if ((op->row_dims >> d & 1u) && n->s->level[c->level[c->links - 1]].tensor[d] < op->dim[d].extent) c->twice = true;
}

/* Words that the link never loaded: each is touched a first time, for nothing. */
static int64_t first_touches(const nest *n, const chain *c, int i, const int64_t (*at)[HD_MAX_DIGITS])
{
    if (!at) return c->arrivals[i] - c->loads[i];
    return share_arrivals(n, c, i, c->level[i], at) - share_loads(n, c, i, c->level[i], at);
}

/* The first touch of a word moves nothing: there is no first part. */
static void output_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS],
                          hd_access *a)
{
    int level = c->level[i];
    bool whole = !at && which == PART_ALL;
    a->updates = whole && !c->branches[i + 1] ? c->merged[i + 1] : entering(n, c, i + 1, which, MERGE_REDUCE, level, at);
    if (which == PART_LAST)
        a->reads = !c->branches[i + 1] ? 0 : a->updates - entering(n, c, i + 1, which, MERGE_ALL, level, at);
    else
        a->reads = a->updates - first_touches(n, c, i, at);
    if (i > 0) a->reads += whole ? c->arrivals[i] : entering(n, c, i, which, MERGE_NONE, level, at);
    if (i > 0 && which == PART_ALL) a->fills = at ? share_loads(n, c, i, level, at) : c->loads[i];
}

/* Nothing leaves at the end: there is no last part. */
static void operand_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS],
                           hd_access *a)
{
    int level = c->level[i];
    bool whole = !at && which == PART_ALL, same = whole && i + 1 < c->links && !c->branches[i + 1];
    a->reads = same ? c->arrivals[i + 1] : entering(n, c, i + 1, which, MERGE_MULTICAST, level, at);
    if (i > 0) a->fills = whole ? c->arrivals[i] : entering(n, c, i, which, MERGE_NONE, level, at);
    if (c->twice) a->reads *= 2, a->fills *= 2;
}

void hd_link_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS], hd_access *out)
{
    out->reads = out->fills = out->updates = 0;
    if (c->role == HD_O)
        output_access(n, c, i, which, at, out);
    else
        operand_access(n, c, i, which, at, out);
}

int64_t hd_deliveries(const nest *n, const chain *c, int level)
{
    int i = 1;
    if (level <= c->level[0]) return 0;
    while (c->level[i] < level) i++;
    nest_view v = view_of(n, c, i, level, c->role == HD_O ? MERGE_REDUCE : MERGE_MULTICAST, -1, NULL);
    int64_t words = level == c->level[i] && i < c->links ? c->arrivals[i] : count(n, c, i, PART_ALL, &v);
    if (c->role == HD_O) words += c->loads[i];
    return c->twice ? 2 * words : words;
}
