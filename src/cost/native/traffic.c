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

/* Does a row have to be read again, since no tile of the innermost link holds it whole? */
static NEST_RARE bool reads_rows_again(const nest *n, const chain *c)
{
    const int64_t *innermost = n->s->level[c->link[c->links - 1].level].tensor;
    for (unsigned dims = n->p->op->row_dims; dims; dims = hd_dims_after(dims))
        if (innermost[hd_dim_of(dims)] < n->p->op->dim[hd_dim_of(dims)].extent) return true;
    return false;
}

/* `inside`: all stacks inside of the level. */
static inline unsigned put_link(chain_link *l, int level, unsigned inside, unsigned stacks)
{
    l->level = level;
    l->between = stacks & ~inside;
    l->pool = 0;
    return stacks & inside;
}

static inline void find_links(const nest *n, const nest_role *role, chain *c)
{
    const hd_scheme_level *level = n->s->level;
    unsigned inside = ~0u << HD_AXES * (role->home + 1), bit = HD_ROLE_BIT(role->role);
    chain_link *next = c->link;
    unsigned stacks = put_link(next++, role->home, inside, n->stacks);
    for (int l = role->home + 1; l < n->mac; l++) {
        inside <<= HD_AXES;
        if (level[l].keep & bit) stacks = put_link(next++, l, inside, stacks);
    }
    put_link(next, n->mac, 0, stacks);
    c->role = role->role;
    c->factors = role;
    c->links = (int)(next - c->link); /* the arithmetic level is none */
    c->twice = n->p->op->row_dims && (role->role == HD_I || role->role == HD_I2) && reads_rows_again(n, c);
}

void hd_chain_of(const nest *n, const nest_role *role, chain *c) { find_links(n, role, c); }

/* ---- words of a link ---- */

int64_t hd_link_words(const nest *n, const chain *c, int i, part which, const nest_view *v)
{
    bool nothing_held = i == c->links && !c->factors->held_at_mac;
    if (which == PART_FIRST) return hd_moved_first(n, c->factors, v);
    if (which == PART_LAST) return nothing_held ? hd_moved_last_step(n, c->factors, v) : hd_moved_last(n, c->factors, v);
    return nothing_held ? hd_moved_every_step(n, c->factors, v) : hd_moved(n, c->factors, v, NULL);
}

int64_t hd_link_edge(const nest *n, const chain *c, int i, unsigned merge)
{
    int level = c->link[i].level;
    if (c->role != HD_O && c->factors->open && n->split[level] == 0) return c->link[i].tile;
    nest_view v = {.event = level, .box = level, .fixed = -1, .merge = merge};
    return hd_link_words(n, c, i, c->role == HD_O ? PART_LAST : PART_FIRST, &v);
}

unsigned hd_wired_stacks(const nest *n, const chain *c, int from, int to)
{
    return n->stacks & (NEST_STACK(to + 1, 0) - NEST_STACK(from + 1, 0)) & c->factors->wires;
}

/* ---- the whole run, over all instances ---- */

/* Words that each unit asks for by itself, at all times; -1: not known.  `cut`: see hd_moved. */
typedef struct words_apart { int64_t words; int cut; } words_apart;

/* States of a dim that a role lacks, each unit's by itself. */
static inline int64_t states_apart(const nest *n, int dim, int level, int cut)
{
    const nest_view apart = {.event = level, .box = level, .fixed = -1};
    return cut < n->loops_to[level] ? hd_piece_states(n, dim, &apart, cut) : n->pieces[level][dim];
}

/* Where merging concerns nothing but stacks of dims that the role lacks, and these multiply the words by their states at one
 * cut (even ones at any), others take the place of these states. */
static inline bool merge_divides(const nest *n, const nest_role *role, const nest_view *merged, int cut, int64_t *words)
{
    int level = merged->event;
    int64_t copies = 1, counted = *words;
    for (unsigned dims = n->split[level] & ~(role->dims & ~role->general); dims; dims = hd_dims_after(dims)) {
        int dim = hd_dim_of(dims);
        const nest_dim *nd = &n->dim[dim];
        bool own = role->dims >> dim & 1u, even = nd->even_to >= level;
        unsigned once = own ? merged->merge : merged->merge | merged->pool;
        if (!(nd->stacks & once)) continue;
        if (own || (!even && cut < 0)) return false;
        if (!even) counted = counted / states_apart(n, dim, level, cut) * hd_piece_states(n, dim, merged, cut);
        for (int k = 0; k < nd->digits && even; k++)
            if (nd->digit[k].stack & once) copies *= nd->digit[k].count;
    }
    *words = counted / copies;
    return true;
}

/* Are there stacks of dims of sliding ranks among these?  Then merging does not divide. */
static inline bool slide_together(const nest *n, const nest_role *role, int level, unsigned stacks)
{
    unsigned found = 0;
    for (unsigned dims = stacks ? role->general & n->split[level] : 0; dims; dims = hd_dims_after(dims))
        found |= n->dim[hd_dim_of(dims)].stacks;
    return (found & stacks) != 0;
}

/* Words that enter a link's tiles by other wires than those that count each unit apart: the view is made to merge. */
static inline int64_t merged(const nest *n, const chain *c, const chain_link *l, nest_view *v, unsigned merge,
                             const words_apart *apart)
{
    int64_t words = apart->words;
    v->merge = merge;
    v->pool = l[-1].pool;
    if (words >= 0 && merge_divides(n, c->factors, v, apart->cut, &words)) return words;
    return hd_link_words(n, c, (int)(l - c->link), PART_ALL, v);
}

static inline int64_t asked(const nest *n, const chain *c, const chain_link *l, nest_view *v, unsigned merge,
                            const words_apart *apart)
{
    return (merge | l[-1].pool) == 0 && apart->words >= 0 ? apart->words : merged(n, c, l, v, merge, apart);
}

/* Of O: each later entering of a word in whatever unit loads the old partial once. */
static inline void count_loads(const nest *n, const chain *c, chain_link *l, nest_view *v, const words_apart *apart)
{
    int64_t events = l->between & ~c->factors->wires ? asked(n, c, l, v, l->between, apart) : l->asked;
    l->loads = events - (l[-1].held - l[-1].loads);
}

/* Words of all the tiles that a link ever has. */
static inline void count_tiles(const nest *n, const chain *c, chain_link *l)
{
    unsigned wired = l->between & c->factors->wires;
    words_apart apart;
    nest_view v[2];
    v[0] = (nest_view){.event = l->level, .box = l->level, .fixed = -1};
    if (slide_together(n, c->factors, l->level, wired)) {
        int64_t words[2];
        v[1] = v[0];
        v[1].merge = wired;
        v[1].pool = l[-1].pool;
        hd_moved_twice(n, c->factors, v, words);
        apart = (words_apart){words[0], HD_ALL_FREE};
        l->asked = words[1];
    } else {
        apart.words = hd_moved(n, c->factors, v, &apart.cut);
        l->asked = asked(n, c, l, v, wired, &apart);
    }
    l->held = l->pool ? apart.words / l->members : apart.words;
    if (c->role == HD_O) count_loads(n, c, l, v, &apart);
}

/* Words of the steps at the arithmetic level. */
static __attribute__((noinline)) void count_steps_merged(const nest *n, const chain *c, chain_link *l)
{
    const words_apart apart = {c->factors->held_at_mac ? -1 : c->factors->points, HD_ALL_FREE};
    nest_view v = {.event = l->level, .box = l->level, .fixed = -1};
    l->asked = asked(n, c, l, &v, l->between & c->factors->wires, &apart);
    if (c->role == HD_O) count_loads(n, c, l, &v, &apart);
}

/* The same, where most units ask for by themselves. */
static inline void count_steps(const nest *n, const chain *c, chain_link *l)
{
    l->tile = 1;
    if ((l->between | l[-1].pool) || c->factors->held_at_mac) {
        count_steps_merged(n, c, l);
        return;
    }
    l->asked = c->factors->points;
    if (c->role == HD_O) l->loads = l->asked - (l[-1].held - l[-1].loads);
}

static inline void count_links(const nest *n, chain *c)
{
    chain_link *last = c->link + c->links;
    c->link->held = c->role == HD_O ? c->factors->touched : 0;
    c->link->loads = 0;
    c->link->tile = c->link->level == 0 ? c->factors->whole : hd_nest_tile(n->s->level[c->link->level].tensor, c->factors);
    for (chain_link *l = c->link + 1; l < last; l++) {
        l->tile = hd_nest_tile(n->s->level[l->level].tensor, c->factors);
        count_tiles(n, c, l);
    }
    count_steps(n, c, last);
    if (c->twice)
        for (chain_link *l = c->link; l < last; l++) l->held *= 2, l[1].asked *= 2;
}

/* ---- into the price ---- */

static inline void put_counts(const nest *n, const chain *c, const chain_link *l, hd_access moved, hd_breakdown *out)
{
    out->access[l->level][c->role] = moved;
    out->level_pj[l->level][c->role] = hd_access_pj(&n->ready->pj[l->level][c->role], &moved);
    out->tile_words[l->level][c->role] = l->tile;
}

/* Words x instances that the fan-out into a level delivers (O: or collects). */
static inline void put_deliveries(const nest *n, const chain *c, int level, int64_t words, hd_breakdown *out)
{
    out->deliveries[level][c->role] = words;
    out->network_pj[level][c->role] = hd_network_pj(&n->ready->pj[level][c->role], words, 0);
}

/* The same into levels that do not keep the role. */
static NEST_RARE void put_passing(const nest *n, const chain *c, unsigned levels, hd_breakdown *out)
{
    for (; levels; levels &= levels - 1) {
        int i = 1, level = __builtin_ctz(levels);
        while (c->link[i].level < level) i++;
        nest_view v = {.event = c->link[i].level, .box = c->link[i].level, .fixed = -1};
        v.merge = hd_wired_stacks(n, c, level, c->link[i].level);
        v.pool = level == c->link[i - 1].level ? c->link[i - 1].pool : 0;
        int64_t words = hd_link_words(n, c, i, PART_ALL, &v) * (c->twice ? 2 : 1);
        put_deliveries(n, c, level, words + (c->role == HD_O ? c->link[i].loads : 0), out);
    }
}

static inline void put_operand(const nest *n, const chain *c, hd_breakdown *out)
{
    unsigned passing = c->factors->delivered;
    int64_t extra = c->role == HD_I2 ? n->p->op->extra_reads : 0;
    put_counts(n, c, c->link, (hd_access){c->link[1].asked + extra, 0, 0}, out);
    for (const chain_link *l = c->link + 1, *last = c->link + c->links; l < last; l++) {
        put_counts(n, c, l, (hd_access){l[1].asked, l->held, 0}, out);
        if (!(passing >> l->level & 1u)) continue;
        put_deliveries(n, c, l->level, l->held, out);
        passing &= ~(1u << l->level);
    }
    if (passing) put_passing(n, c, passing, out);
}

/* A word that was not loaded is touched a first time, for nothing. */
static inline void put_output(const nest *n, const chain *c, hd_breakdown *out)
{
    unsigned passing = c->factors->delivered;
    put_counts(n, c, c->link, (hd_access){c->link[1].asked - c->link->held, 0, c->link[1].asked}, out);
    for (const chain_link *l = c->link + 1, *last = c->link + c->links; l < last; l++) {
        int64_t touched = l->held - l->loads;
        put_counts(n, c, l, (hd_access){l[1].asked - touched + l->held, l->loads, l[1].asked}, out);
        if (!(passing >> l->level & 1u)) continue;
        put_deliveries(n, c, l->level, l->held + l->loads, out);
        passing &= ~(1u << l->level);
    }
    if (passing) put_passing(n, c, passing, out);
}

static inline void count_role(const nest *n, chain *c, hd_breakdown *out)
{
    count_links(n, c);
    if (c->role == HD_O)
        put_output(n, c, out);
    else
        put_operand(n, c, out);
}

/* In one piece: left to itself the compiler makes calls of what it should see whole. */
__attribute__((flatten)) void hd_native_count_role(const nest *n, const nest_role *role, chain *c, hd_breakdown *out)
{
    find_links(n, role, c);
    count_role(n, c, out);
}

NEST_RARE void hd_native_recount_role(const nest *n, chain *c, hd_breakdown *out) { count_role(n, c, out); }
