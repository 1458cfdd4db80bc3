/* Reads, fills and updates of one role (docs/cost-model.md "Words in" and "Outputs").
 *
 * Operands: each link of the chain reads what the next one needs (multicast groups merged) and is filled.
 * Outputs, with for a pair (outer s, inner l): A = arrivals of words in tiles of l, each unit by itself; U = the same
 * with reducing axes merged; E = with all units under one s merged; Z = words that s did not load, one first touch each.
 *   loads = E - Z          (each later entering fetches the old partial once)
 *   updates at s = U,  reads at s = loads + (U - E)     (groups other than the first add to what is there)
 *   drains at l = A.
 * Z is A - loads one link further out, and the touched words at the home.                            */
#include "cost/native/native.h"

/* By wires: those that multicast an operand, or add results. */
typedef enum merging { MERGE_NONE, MERGE_WIRED, MERGE_ALL } merging;

/* Stacks between link i and the one outside that merge as said. */
static inline unsigned merged_stacks(const chain *c, int i, merging how)
{
    if (how == MERGE_NONE) return 0;
    return how == MERGE_WIRED ? c->between[i] & c->factors->wires : c->between[i];
}

/* The view of link `i`'s tiles, in one instance (at NULL: all), the stacks up to the link outside merged as said. */
static inline nest_view view_of(const chain *c, int i, merging how, int fixed, const int64_t (*at)[HD_MAX_DIGITS])
{
    int level = c->level[i];
    return (nest_view){.event = level, .box = level, .fixed = at ? fixed : -1, .at = at, .merge = merged_stacks(c, i, how),
                       .pool = how != MERGE_NONE ? c->pool[i - 1] : 0};
}

static inline int64_t count(const nest *n, const chain *c, int i, part which, const nest_view *v)
{
    bool nothing_held = i == c->links && !c->factors->held_at_mac;
    if (which == PART_FIRST) return hd_moved_first(n, c->factors, v);
    if (which == PART_LAST) return nothing_held ? hd_moved_last_step(n, c->factors, v) : hd_moved_last(n, c->factors, v);
    return nothing_held ? hd_moved_every_step(n, c->factors, v) : hd_moved(n, c->factors, v, NULL);
}

/* Where merging concerns nothing but stacks of dims that the role lacks, and these multiply the words by their states at one
 * cut (even ones at any), others take the place of these states. */
static bool merge_divides(const nest *n, const chain *c, const nest_view *merged, int cut, int64_t *words)
{
    int level = merged->event;
    const nest_view apart = {.event = level, .box = level, .fixed = -1};
    int64_t copies = 1, counted = *words;
    for (unsigned dims = n->split[level] & ~(c->factors->dims & ~c->factors->general); dims; dims = hd_dims_after(dims)) {
        int dim = hd_dim_of(dims);
        const nest_dim *nd = &n->dim[dim];
        bool own = c->factors->dims >> dim & 1u, even = nd->even_to >= level;
        unsigned once = own ? merged->merge : merged->merge | merged->pool;
        if (!(nd->stacks & once)) continue;
        if (own || (!even && cut < 0)) return false;
        if (!even) {
            int64_t states = cut < n->loops_to[level] ? hd_piece_states(n, dim, &apart, cut) : n->pieces[level][dim];
            counted = counted / states * hd_piece_states(n, dim, merged, cut);
        }
        for (int k = 0; k < nd->digits && even; k++)
            if (nd->digit[k].stack & once) copies *= nd->digit[k].count;
    }
    *words = counted / copies;
    return true;
}

/* Entering words of link `i`, counted as `how` says from the link outside. */
static inline int64_t entering(const nest *n, const chain *c, int i, part which, merging how, int fixed,
                               const int64_t (*at)[HD_MAX_DIGITS])
{
    nest_view v = view_of(c, i, how, fixed, at);
    return count(n, c, i, which, &v);
}

/* Words that enter the tiles of a link, those that units hold together once. */
static inline int64_t held_in(const chain *c, int i)
{
    return c->members[i] > 1 ? c->arrivals[i] / c->members[i] : c->arrivals[i];
}

/* Words that each unit asks for by itself, at all times; -1: not known.  `cut`: see hd_moved. */
typedef struct words_apart { int64_t words; int cut; } words_apart;

/* The same of the whole run, by all units, with the stacks of `merge` once. */
static int64_t entering_merged(const nest *n, const chain *c, int i, unsigned merge, const words_apart *apart)
{
    int64_t words = apart->words;
    nest_view v = {.event = c->level[i], .box = c->level[i], .fixed = -1, .merge = merge, .pool = c->pool[i - 1]};
    if (words >= 0 && merge_divides(n, c, &v, apart->cut, &words)) return words;
    return count(n, c, i, PART_ALL, &v);
}

static inline int64_t entering_in_all(const nest *n, const chain *c, int i, unsigned merge, const words_apart *apart)
{
    bool alone = (merge | c->pool[i - 1]) == 0 && apart->words >= 0;
    return alone ? apart->words : entering_merged(n, c, i, merge, apart);
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
    return hd_moved(n, c->factors, &v, NULL);
}

static int64_t share_loads(const nest *n, const chain *c, int i, int box, const int64_t (*at)[HD_MAX_DIGITS])
{
    if (i == 0 || (at && !is_loader(n, c, i, at))) return 0;
    nest_view v = view_of(c, i, MERGE_ALL, box, at);
    v.box = box;
    bool nothing_held = i == c->links && !c->factors->held_at_mac;
    int64_t events = nothing_held ? hd_moved_every_step(n, c->factors, &v) : hd_moved(n, c->factors, &v, NULL);
    return events - (share_arrivals(n, c, i - 1, box, at) - share_loads(n, c, i - 1, box, at));
}

unsigned hd_wired_stacks(const nest *n, const chain *c, int from, int to)
{
    return n->stacks & (NEST_STACK(to + 1, 0) - NEST_STACK(from + 1, 0)) & c->factors->wires;
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
            all.merge = c->between[k];
            all.pool = c->pool[k - 1];
            int64_t entered = nothing_held ? hd_moved_every_step(n, c->factors, &all) : hd_moved(n, c->factors, &all, NULL);
            loads[k] = entered - (arrivals / c->members[k - 1] - loads[k - 1]);
        }
        if (k < i) arrivals = k == 0 ? hd_share_words(n, c->factors, &v) : hd_moved(n, c->factors, &v, NULL);
    }
    return loads[i];
}

/* Are there stacks of dims of sliding ranks among these?  Then merging does not divide. */
static inline bool slide_together(const nest *n, const nest_role *role, unsigned stacks)
{
    unsigned found = 0;
    for (unsigned dims = stacks ? role->general & n->turning : 0; dims; dims = hd_dims_after(dims))
        found |= n->dim[hd_dim_of(dims)].stacks;
    return (found & stacks) != 0;
}

/* Words of all the tiles that a link ever has, each unit by itself, and (returned) those that the wires bring. */
static inline int64_t count_link(const nest *n, const chain *c, int i, unsigned wired, words_apart *apart)
{
    nest_view v[2];
    int64_t words[2];
    v[0] = (nest_view){.event = c->level[i], .box = c->level[i], .fixed = -1};
    if (!slide_together(n, c->factors, wired)) {
        apart->words = hd_moved(n, c->factors, &v[0], &apart->cut);
        return entering_in_all(n, c, i, wired, apart);
    }
    v[1] = v[0];
    v[1].merge = wired;
    v[1].pool = c->pool[i - 1];
    hd_moved_twice(n, c->factors, v, words);
    apart->words = words[0];
    return words[1];
}

void hd_chain_count(const nest *n, chain *c)
{
    c->arrivals[0] = c->role == HD_O ? c->factors->touched : 0;
    c->loads[0] = 0;
    for (int i = 1; i <= c->links; i++) {
        unsigned between = c->between[i], wired = between & c->factors->wires;
        words_apart apart = {c->factors->held_at_mac ? -1 : c->factors->points, HD_ALL_FREE}; /* at the arithmetic level */
        c->wired[i] = i < c->links ? count_link(n, c, i, wired, &apart) : entering_in_all(n, c, i, wired, &apart);
        c->arrivals[i] = i < c->links ? apart.words : 0;
        if (c->role != HD_O) continue;
        int64_t merged = between != wired ? entering_in_all(n, c, i, between, &apart) : c->wired[i];
        c->loads[i] = merged - (held_in(c, i - 1) - c->loads[i - 1]);
    }
}

void hd_chain_of(const nest *n, const nest_role *role, chain *c)
{
    const hd_operator *op = n->p->op;
    const hd_scheme_level *level = n->s->level;
    int links = 0, mac = n->mac;
    unsigned stacks = n->stacks, bit = HD_ROLE_BIT(role->role), inside = ~(NEST_STACK(role->home, 0) - 1);
    c->role = role->role;
    c->factors = role;
    c->twice = false;
    for (int l = role->home; l <= mac; l++) {
        inside <<= HD_AXES; /* of level l */
        if (l > role->home && l < mac && !(level[l].keep & bit)) continue;
        c->level[links] = l;
        c->members[links] = 1;
        c->pool[links] = 0;
        c->between[links++] = stacks & ~inside;
        stacks &= inside;
    }
    c->links = links - 1; /* the arithmetic level is none */
    if ((c->role == HD_I || c->role == HD_I2) && op->row_dims)
        for (int d = 0; d < op->dims; d++)
            if ((op->row_dims >> d & 1u) && n->s->level[c->level[c->links - 1]].tensor[d] < op->dim[d].extent) c->twice = true;
}

/* The first touch of a word moves nothing: there is no first part. */
static void output_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS],
                          hd_access *a)
{
    int level = c->level[i];
    a->updates = entering(n, c, i + 1, which, MERGE_WIRED, level, at);
    if (which == PART_LAST)
        a->reads = !c->between[i + 1] ? 0 : a->updates - entering(n, c, i + 1, which, MERGE_ALL, level, at);
    else /* less what the link never loaded: each word is touched a first time, for nothing */
        a->reads = a->updates - (share_arrivals(n, c, i, level, at) - share_loads(n, c, i, level, at));
    if (i > 0) a->reads += entering(n, c, i, which, MERGE_NONE, level, at);
    if (i > 0 && which == PART_ALL) a->fills = share_loads(n, c, i, level, at);
}

/* Nothing leaves at the end: there is no last part. */
static void operand_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS],
                           hd_access *a)
{
    int level = c->level[i];
    a->reads = entering(n, c, i + 1, which, MERGE_WIRED, level, at);
    if (i > 0) a->fills = entering(n, c, i, which, MERGE_NONE, level, at);
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

/* Counts of the whole run at chain link `i`, over all instances. */
static inline void link_in_all(const chain *c, int i, hd_access *out)
{
    int64_t arrivals = held_in(c, i), asked = c->wired[i + 1];
    if (c->role == HD_O) {
        int64_t touched = arrivals - c->loads[i]; /* a first time, for nothing */
        out->reads = asked - touched + (i > 0 ? arrivals : 0);
        out->fills = c->loads[i];
        out->updates = asked;
        return;
    }
    out->reads = c->twice ? 2 * asked : asked;
    out->fills = c->twice ? 2 * arrivals : arrivals;
    out->updates = 0;
}

/* Words x instances that the fan-out into `level` delivers (O: or collects). */
static inline int64_t deliveries(const nest *n, const chain *c, int level)
{
    int i = 1;
    if (level <= c->level[0]) return 0;
    while (c->level[i] < level) i++;
    int64_t words;
    if (level == c->level[i] && i < c->links) {
        words = held_in(c, i);
    } else {
        nest_view v = view_of(c, i, MERGE_NONE, -1, NULL);
        v.merge = hd_wired_stacks(n, c, level, c->level[i]);
        v.pool = level == c->level[i - 1] ? c->pool[i - 1] : 0;
        words = count(n, c, i, PART_ALL, &v);
    }
    if (c->role == HD_O) words += c->loads[i];
    return c->twice ? 2 * words : words;
}

void hd_native_count_role(const nest *n, const chain *c, hd_breakdown *out)
{
    const nest_role *role = c->factors;
    int links = c->links, r = (int)c->role;
    for (int i = 0; i < links; i++) {
        int l = c->level[i];
        link_in_all(c, i, &out->access[l][r]);
        out->tile_words[l][r] = l == 0 ? role->whole : hd_nest_tile(n->s->level[l].tensor, role);
    }
    for (unsigned levels = role->delivered; levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        out->deliveries[l][r] = deliveries(n, c, l);
    }
}
