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

/* The fan-outs between two levels, as NEST_STACK bits. */
static unsigned between(int outer, int inner) { return NEST_STACK(inner + 1, 0) - NEST_STACK(outer + 1, 0); }

/* The tiles of link `i` as looked at from outside, stacks of `merge` once. */
static nest_view view_of(const chain *c, int i, unsigned merge, int fixed, const int64_t (*at)[HD_MAX_DIGITS])
{
    int level = c->level[i];
    return (nest_view){.event = level, .box = level, .fixed = at ? fixed : -1, .at = at, .merge = merge};
}

/* Wires that deliver an operand to many: they merge what its units ask for. */
static unsigned delivering(const nest *n, const chain *c) { return n->multicast[c->role]; }

static int64_t count(const nest *n, const chain *c, int i, part which, const nest_view *v)
{
    bool nothing_held = i == c->links && !c->factors->held_at_mac;
    if (which == PART_FIRST) return hd_moved_first(n, c->factors, v);
    if (which == PART_LAST) return nothing_held ? hd_moved_last_step(n, c->factors, v) : hd_moved_last(n, c->factors, v);
    return nothing_held ? hd_moved_every_step(n, c->factors, v) : hd_moved(n, c->factors, v);
}

/* Where merging concerns nothing but even stacks of dims that the role lacks, it only divides. */
static bool merge_divides(const nest *n, const chain *c, int level, unsigned merge, int64_t *words)
{
    int64_t copies = 1;
    for (unsigned dims = n->split[level] & ~(c->factors->dims & ~c->factors->general); dims; dims = hd_dims_after(dims)) {
        const nest_dim *nd = &n->dim[hd_dim_of(dims)];
        if (!(nd->stacks & merge)) continue;
        if ((c->factors->dims >> hd_dim_of(dims) & 1u) || nd->even_to < level) return false;
        for (int k = 0; k < nd->digits; k++)
            if (nd->digit[k].stack & merge) copies *= nd->digit[k].count;
    }
    *words /= copies;
    return true;
}

/* Entering words of link `i`, what the wires from the link outside merge once. */
static int64_t entering(const nest *n, const chain *c, int i, part which, unsigned wires, int fixed,
                        const int64_t (*at)[HD_MAX_DIGITS])
{
    nest_view v = view_of(c, i, wires & between(c->level[i - 1], c->level[i]), fixed, at);
    return count(n, c, i, which, &v);
}

/* Words that the arithmetic units ask for at every step, over the whole run. */
static int64_t asked(const nest *n, const chain *c, unsigned wires)
{
    unsigned merge = wires & between(c->level[c->links - 1], n->mac);
    int64_t words = c->factors->points;
    if (merge == 0 || merge_divides(n, c, n->mac, merge, &words)) return words;
    return entering(n, c, c->links, PART_ALL, wires, -1, NULL);
}

/* Over the whole run and all instances: arrivals at link `i`, what crosses the wires, and with every stack merged. */
static void count_link(const nest *n, chain *c, int i, int64_t *all_merged)
{
    unsigned wires = c->role == HD_O ? n->reduce : n->multicast[c->role], between_links = between(c->level[i - 1], c->level[i]);
    unsigned merge[NEST_WAYS] = {0, wires & between_links, n->stacks & between_links}, general = 0;
    int64_t words[NEST_WAYS];
    int ways = c->role == HD_O ? (merge[2] ? 3 : 1) : merge[1] ? 2 : 1;
    if (i == c->links && !c->factors->held_at_mac) {
        c->arrivals[i] = 0;
        c->crossing[i] = asked(n, c, wires);
        *all_merged = c->role == HD_O ? asked(n, c, n->stacks) : 0;
        return;
    }
    for (unsigned dims = c->factors->general & n->split[c->level[i]]; dims; dims = hd_dims_after(dims))
        general |= n->dim[hd_dim_of(dims)].stacks;
    bool apart = merge[1] & general; /* of operands */
    hd_moved_ways(n, c->factors, c->level[i], merge, apart ? 1 : ways, words);
    c->arrivals[i] = i < c->links ? words[0] : 0;
    c->crossing[i] = apart ? entering(n, c, i, PART_ALL, wires, -1, NULL) : words[ways > 1 ? 1 : 0];
    *all_merged = words[ways > 2 ? 2 : 0];
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
    nest_view v = view_of(c, i, n->stacks & between(c->level[i - 1], c->level[i]), box, at);
    v.box = box;
    int64_t events = count(n, c, i, PART_ALL, &v);
    return events - (share_arrivals(n, c, i - 1, box, at) - share_loads(n, c, i - 1, box, at));
}

void hd_chain_count(const nest *n, chain *c)
{
    int64_t all_merged;
    c->arrivals[0] = c->role == HD_O ? share_arrivals(n, c, 0, c->level[0], NULL) : 0;
    c->loads[0] = 0;
    for (int i = 1; i <= c->links; i++) {
        c->branches[i] = (n->stacks & between(c->level[i - 1], c->level[i])) != 0;
        count_link(n, c, i, &all_merged);
        c->loads[i] = c->role == HD_O ? all_merged - (c->arrivals[i - 1] - c->loads[i - 1]) : 0;
    }
}

void hd_chain_access(const chain *c, int i, hd_access *a)
{
    if (c->role == HD_O) {
        a->updates = c->crossing[i + 1];
        a->reads = a->updates - (c->arrivals[i] - c->loads[i]) + (i > 0 ? c->arrivals[i] : 0);
        a->fills = c->loads[i];
        return;
    }
    a->reads = c->crossing[i + 1];
    a->fills = c->arrivals[i];
    a->updates = 0;
    if (c->twice) a->reads *= 2, a->fills *= 2;
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
    if (c->role == HD_I && op->row_dims)
        for (int d = 0; d < op->dims; d++)
            if ((op->row_dims >> d & 1u) && n->s->level[c->level[c->links - 1]].tensor[d] < op->dim[d].extent) c->twice = true;
}

/* The first touch of a word moves nothing: there is no first part. */
static void output_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS],
                          hd_access *a)
{
    int level = c->level[i];
    a->updates = entering(n, c, i + 1, which, n->reduce, level, at);
    if (which == PART_LAST)
        a->reads = !c->branches[i + 1] ? 0 : a->updates - entering(n, c, i + 1, which, n->stacks, level, at);
    else /* words that the link never loaded: each is touched a first time, for nothing */
        a->reads = a->updates - (share_arrivals(n, c, i, level, at) - share_loads(n, c, i, level, at));
    if (i > 0) a->reads += entering(n, c, i, which, 0, level, at);
    if (i > 0 && which == PART_ALL) a->fills = share_loads(n, c, i, level, at);
}

/* Nothing leaves at the end: there is no last part. */
static void operand_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS],
                           hd_access *a)
{
    int level = c->level[i];
    a->reads = entering(n, c, i + 1, which, delivering(n, c), level, at);
    if (i > 0) a->fills = entering(n, c, i, which, 0, level, at);
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
    unsigned wires = c->role == HD_O ? n->reduce : delivering(n, c);
    int64_t words = level == c->level[i] ? c->arrivals[i] : 0;
    if (level < c->level[i] || i == c->links) {
        nest_view v = view_of(c, i, wires & between(level, c->level[i]), -1, NULL);
        words = count(n, c, i, PART_ALL, &v);
    }
    if (c->role == HD_O) words += c->loads[i];
    return c->twice ? 2 * words : words;
}
