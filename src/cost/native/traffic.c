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
    bool from_link = how != MERGE_NONE && i > 0 && from == c->level[i - 1];
    return (nest_view){.event = level, .box = level, .fixed = at ? fixed : -1, .at = at,
                       .merge = merged_stacks(n, c, from, level, how), .pool = from_link ? c->pool[i - 1] : 0};
}

static int64_t count(const nest *n, const chain *c, int i, part which, const nest_view *v)
{
    bool nothing_held = i == c->links && !c->factors->held_at_mac;
    if (which == PART_FIRST) return hd_moved_first(n, c->factors, v);
    if (which == PART_LAST) return nothing_held ? hd_moved_last_step(n, c->factors, v) : hd_moved_last(n, c->factors, v);
    return nothing_held ? hd_moved_every_step(n, c->factors, v) : hd_moved(n, c->factors, v);
}

/* Where merging concerns nothing but even stacks of dims that the role lacks, it only divides. */
static bool merge_divides(const nest *n, const chain *c, int level, unsigned merge, unsigned pool, int64_t *words)
{
    int64_t copies = 1;
    for (unsigned dims = n->split[level] & ~(c->factors->dims & ~c->factors->general); dims; dims = hd_dims_after(dims)) {
        const nest_dim *nd = &n->dim[hd_dim_of(dims)];
        bool own = c->factors->dims >> hd_dim_of(dims) & 1u;
        unsigned once = own ? merge : merge | pool;
        if (!(nd->stacks & once)) continue;
        if (own || nd->even_to < level) return false;
        for (int k = 0; k < nd->digits; k++)
            if (nd->digit[k].stack & once) copies *= nd->digit[k].count;
    }
    *words /= copies;
    return true;
}

/* Entering words of link `i`, counted as `how` says from the link outside. */
static int64_t entering(const nest *n, const chain *c, int i, part which, merging how, int fixed,
                        const int64_t (*at)[HD_MAX_DIGITS])
{
    int from = i > 0 ? c->level[i - 1] : -1;
    bool known = i < c->links ? how != MERGE_NONE : !c->factors->held_at_mac;
    if (!at && which == PART_ALL && known) {
        int64_t words = i < c->links ? c->arrivals[i] : c->factors->points;
        unsigned merge = merged_stacks(n, c, from, c->level[i], how), pool = i > 0 ? c->pool[i - 1] : 0;
        if ((merge | pool) == 0 || merge_divides(n, c, c->level[i], merge, pool, &words)) return words;
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
    if (i == 0) return hd_share_words(n, c->factors, &v);
    return hd_moved(n, c->factors, &v);
}

static int64_t share_loads(const nest *n, const chain *c, int i, int box, const int64_t (*at)[HD_MAX_DIGITS])
{
    if (i == 0 || (at && !is_loader(n, c, i, at))) return 0;
    nest_view v = view_of(n, c, i, c->level[i - 1], MERGE_ALL, box, at);
    v.box = box;
    bool nothing_held = i == c->links && !c->factors->held_at_mac;
    int64_t events = nothing_held ? hd_moved_every_step(n, c->factors, &v) : hd_moved(n, c->factors, &v);
    return events - (share_arrivals(n, c, i - 1, box, at) - share_loads(n, c, i - 1, box, at));
}

unsigned hd_wired_stacks(const nest *n, const chain *c, int from, int to)
{
    return merged_stacks(n, c, from, to, c->role == HD_O ? MERGE_REDUCE : MERGE_MULTICAST);
}

int64_t hd_link_trips(const nest *n, const chain *c, int i, part which, nest_view v)
{
    v.event = v.box = c->level[i];
    return count(n, c, i, which, &v);
}

int64_t hd_node_loads(const nest *n, const chain *c, int i, int node, const int64_t (*at)[HD_MAX_DIGITS])
{
    int64_t loads[HD_MAX_LEVELS] = {0}, arrivals = 0;
    for (int k = 0; k <= i; k++) {
        nest_view v = {.event = c->level[k], .box = c->level[i], .fixed = -1, .at = at, .node = node};
        if (k > 0) {
            bool nothing_held = k == c->links && !c->factors->held_at_mac;
            nest_view all = v;
            all.merge = merged_stacks(n, c, c->level[k - 1], c->level[k], MERGE_ALL);
            all.pool = c->pool[k - 1];
            int64_t entered = nothing_held ? hd_moved_every_step(n, c->factors, &all) : hd_moved(n, c->factors, &all);
            loads[k] = entered - (arrivals / c->members[k - 1] - loads[k - 1]);
        }
        if (k < i) arrivals = k == 0 ? hd_share_words(n, c->factors, &v) : hd_moved(n, c->factors, &v);
    }
    return loads[i];
}

void hd_chain_count(const nest *n, chain *c)
{
    c->arrivals[0] = c->role == HD_O ? share_arrivals(n, c, 0, c->level[0], NULL) : 0;
    c->merged[0] = c->loads[0] = 0;
    c->branches[0] = false;
    for (int i = 1; i <= c->links; i++) {
        unsigned between = NEST_STACK(c->level[i] + 1, 0) - NEST_STACK(c->level[i - 1] + 1, 0);
        c->branches[i] = ((n->stacks & between) | c->pool[i - 1]) != 0;
        c->arrivals[i] = i < c->links ? entering(n, c, i, PART_ALL, MERGE_NONE, -1, NULL) : 0;
        if (c->role != HD_O) continue;
        bool known = i < c->links && !c->branches[i];
        c->merged[i] = known ? c->arrivals[i] : entering(n, c, i, PART_ALL, MERGE_ALL, -1, NULL);
        c->loads[i] = c->merged[i] - (c->arrivals[i - 1] / c->members[i - 1] - c->loads[i - 1]);
    }
}

void hd_chain_of(const nest *n, const nest_role *role, chain *c)
{
    const hd_operator *op = n->p->op;
    c->role = role->role;
    c->factors = role;
    c->links = 0;
    c->twice = false;
    for (int l = role->home; l < n->mac; l++)
        if (l == role->home || (n->s->level[l].keep & HD_ROLE_BIT(c->role))) c->level[c->links++] = l;
    c->level[c->links] = n->mac;
    for (int i = 0; i <= c->links; i++) {
        c->members[i] = 1;
        c->pool[i] = 0;
    }
    if ((c->role == HD_I || c->role == HD_I2) && op->row_dims)
        for (int d = 0; d < op->dims; d++)
            if ((op->row_dims >> d & 1u) && n->s->level[c->level[c->links - 1]].tensor[d] < op->dim[d].extent) c->twice = true;
}

/* Words that the link never loaded: each is touched a first time, for nothing. */
static int64_t first_touches(const nest *n, const chain *c, int i, const int64_t (*at)[HD_MAX_DIGITS])
{
    if (!at) return c->arrivals[i] / c->members[i] - c->loads[i];
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
    if (i > 0) a->reads += whole ? c->arrivals[i] / c->members[i] : entering(n, c, i, which, MERGE_NONE, level, at);
    if (i > 0 && which == PART_ALL) a->fills = at ? share_loads(n, c, i, level, at) : c->loads[i];
}

/* Nothing leaves at the end: there is no last part. */
static void operand_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS],
                           hd_access *a)
{
    int level = c->level[i];
    bool whole = !at && which == PART_ALL, same = whole && i + 1 < c->links && !c->branches[i + 1];
    a->reads = same ? c->arrivals[i + 1] : entering(n, c, i + 1, which, MERGE_MULTICAST, level, at);
    if (i > 0) a->fills = whole ? c->arrivals[i] / c->members[i] : entering(n, c, i, which, MERGE_NONE, level, at);
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
    int64_t words = level == c->level[i] && i < c->links ? c->arrivals[i] / c->members[i] : count(n, c, i, PART_ALL, &v);
    if (c->role == HD_O) words += c->loads[i];
    return c->twice ? 2 * words : words;
}
