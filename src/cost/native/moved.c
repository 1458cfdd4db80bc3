/* Words that move into (or, backwards, out of) the tiles of a level, summed over all its advances.
 *
 * At an advance of loop j every loop inside it restarts.  The words of all advances of j are the products over the
 * role's ranks and absent dims of what the new boxes cover, minus the products of what was held already ("stale").
 * What an advance covers is what the states with j free cover less those with j at its start, so that over all loops
 * the covered parts telescope: their sum is simply every state's box.  Left are the stale products, and these
 * vanish from the first loop outwards that brings wholly new boxes (docs/cost-model.md, "Closed form").          */
#include "cost/native/window.h"

static inline unsigned dim_bit(int dim) { return 1u << dim; }

/* Of a dim with loops alone: those behind the cut stand at 0. */
static int64_t steps_before(const nest_dim *nd, int level, int cut)
{
    int64_t steps = 1;
    for (int i = 0; i < nd->digits && nd->digit[i].level <= level && nd->digit[i].time < cut; i++) steps = nd->digit[i].pieces;
    return steps;
}

/* The same where not all units are looked at from their own boxes. */
static int64_t absent_states_in_part(const nest *n, const nest_role *role, const nest_view *v, int cut)
{
    int64_t states = 1;
    for (unsigned dims = role->absent; dims; dims = hd_dims_after(dims))
        states *= hd_piece_sums(n, hd_dim_of(dims), v, cut, true).states;
    return states;
}

/* States of the absent dims together; `turned`: dims with loops inside the cut. */
static inline int64_t absent_states(const nest *n, const nest_role *role, const nest_view *v, bool whole, int cut,
                                    unsigned turned)
{
    int64_t states = 1;
    const int64_t *pieces = n->pieces[v->event];
    unsigned once = v->merge | v->pool;
    if (!whole) return absent_states_in_part(n, role, v, cut);
    unsigned absent = role->absent, free = absent & ~turned & (once ? ~n->split[v->event] : ~0u);
    for (unsigned dims = free; dims; dims = hd_dims_after(dims)) states *= pieces[hd_dim_of(dims)];
    for (unsigned dims = absent & ~free; dims; dims = hd_dims_after(dims)) {
        int dim = hd_dim_of(dims);
        unsigned stacks = n->dim[dim].stacks;
        if (!(turned >> dim & 1u) && !(stacks & once))
            states *= pieces[dim];
        else if (n->dim[dim].in_order && !(n->split[v->event] >> dim & 1u))
            states *= steps_before(&n->dim[dim], v->event, cut);
        else
            states *= hd_piece_states(n, dim, v, cut);
    }
    return states;
}

/* Words of the plain ranks with every loop free. */
static int64_t plain_words(const nest *n, const nest_role *role, const nest_view *v, bool whole)
{
    int64_t words = 1;
    if (whole) return role->words;
    for (unsigned dims = role->dims & ~role->general; dims; dims = hd_dims_after(dims))
        words *= hd_piece_sums(n, hd_dim_of(dims), v, HD_ALL_FREE, false).extents;
    return words;
}

/* Every loop free: words of general rank number k. */
static inline int64_t covered(const nest *n, const nest_role *role, const nest_view *v, bool whole, int k)
{
    const nest_reach *r = &role->reach[k];
    if (!whole) return hd_slide_sums(n, role->of[role->number[k]].rank, v, HD_ALL_FREE, -1).covered;
    if (v->merge && (v->merge & (n->dim[r->dim[0]].stacks | n->dim[r->dim[1]].stacks)))
        return hd_window_covered_together(n, role, k, v);
    return hd_window_covered_apart(n, role, k, v->event);
}

int64_t hd_moved_every_step(const nest *n, const nest_role *role, const nest_view *v)
{
    bool whole = hd_view_is_whole(v);
    int64_t words = plain_words(n, role, v, whole) * absent_states(n, role, v, whole, HD_ALL_FREE, 0);
    for (int k = 0; k < role->generals; k++) words *= covered(n, role, v, whole, k);
    return words;
}

/* Words that plain dims have at the first step times units along those that the role lacks. */
static inline int64_t first_pieces(const nest *n, const nest_role *role, const nest_view *v)
{
    const int64_t *box = n->s->level[v->event].tensor;
    unsigned split = n->split[v->event], once = v->merge | v->pool;
    int64_t words = 1;
    for (int i = 0; i < role->plains; i++) {
        int dim = role->plain[i];
        words *= split >> dim & 1u ? hd_piece_first(n, dim, v, false) : box[dim];
    }
    for (unsigned dims = role->absent & split; dims; dims = hd_dims_after(dims)) {
        int dim = hd_dim_of(dims);
        if (n->dim[dim].stacks & (NEST_STACK(v->event + 1, 0) - 1) & ~once) words *= hd_piece_first(n, dim, v, true);
    }
    return words;
}

/* The same where not all units are looked at from their own boxes. */
static int64_t first_pieces_in_part(const nest *n, const nest_role *role, const nest_view *v)
{
    int64_t words = 1;
    for (int i = 0; i < role->plains; i++) words *= hd_piece_sums(n, role->plain[i], v, 0, false).extents;
    for (unsigned dims = role->absent; dims; dims = hd_dims_after(dims))
        words *= hd_piece_sums(n, hd_dim_of(dims), v, 0, true).states;
    return words;
}

int64_t hd_moved_first(const nest *n, const nest_role *role, const nest_view *v)
{
    bool whole = hd_view_is_whole(v);
    int64_t words = whole ? first_pieces(n, role, v) : first_pieces_in_part(n, role, v);
    for (int k = 0; k < role->generals; k++)
        words *= whole ? hd_window_first(n, role, k, v) : hd_slide_sums(n, role->of[role->number[k]].rank, v, 0, -1).covered;
    return words;
}

/* A general rank of the role. */
typedef struct factor {
    bool apart;                    /* of two ways: units merge in the rank's own dims, so that they hold other words */
    window window;                 /* where the views are whole */
} factor;

/* How the words of a role are counted, one way or two at once that differ in what they merge. */
typedef struct walk {
    const nest *n;
    const nest_role *role;
    const nest_view *v;            /* of each way */
    int ways;
    bool whole;
    unsigned turned;               /* dims with loops inside the present cut; of plain ones, only those that stayed */
    int64_t plain;                 /* words of plain ranks at it; general ones are looked at one by one */
    int64_t behind[2];             /* of each way: states of the dims that the role lacks, ... */
    int64_t words[2];              /* ... and the words counted so far */
    int restarted[HD_MAX_RANKS];   /* of each general rank: the loop that did last, -1 = none; */
    unsigned unknown[HD_MAX_RANKS]; /* the ways in which nobody has asked since what it holds, as bits; */
    int64_t held[HD_MAX_RANKS][2]; /* words that it holds at the present cut; */
    factor *f;                     /* all else, once one of its loops has restarted */
} walk;

/* Most restarts are never asked for: another rank holds nothing. */
static inline int64_t held(walk *w, int k, int way)
{
    factor *f = &w->f[k];
    int j = w->restarted[k];
    if (!(w->unknown[k] >> way & 1u)) return w->held[k][way];
    int64_t words = w->whole ? hd_window_held(&f->window, f->apart ? way : 0, j)
                             : hd_slide_sums(w->n, w->role->of[w->role->number[k]].rank, &w->v[way], j, -1).stale;
    w->unknown[k] &= f->apart ? ~(1u << way) : 0;
    for (int i = 0; i < w->ways; i++)
        if (i == way || !f->apart) w->held[k][i] = words;
    return words;
}

/* Held words of every general rank but number `but`, multiplied. */
static inline int64_t multiply(walk *w, int way, int but)
{
    int64_t words = 1;
    for (int k = 0; k < w->role->generals && words > 0; k++)
        if (k != but) words *= held(w, k, way);
    return words;
}

/* Words of the piece of a plain dim that stays where loop j and all inside restart. */
static int64_t stay(const nest *n, int dim, const nest_view *v, bool whole, int j)
{
    return whole ? hd_piece_stay(n, dim, v, j) : hd_piece_sums(n, dim, v, j, false).stay;
}

/* The same where nothing restarts: all. */
static int64_t all_of(const nest *n, int dim, const nest_view *v, bool whole)
{
    return whole ? n->p->op->dim[dim].extent : hd_piece_sums(n, dim, v, HD_ALL_FREE, false).stay;
}

/* Go outwards from loop j to the next one that turns a dim of the role; those passed are noted in `turned`. */
static int next_loop(const nest *n, const nest_role *role, int j, unsigned *turned)
{
    for (; j >= 0; j--) {
        unsigned dim = dim_bit(n->loop[j].dim);
        if (n->loop[j].count == 1) continue;
        if (dim & role->dims) break;
        *turned |= dim;
    }
    return j;
}

/* Words that general rank number k holds already when its loop j, of term t, advances. */
static int64_t held_on_advance(walk *w, int k, int way, int t, int j)
{
    if (w->whole) return hd_window_advance(&w->f[k].window, w->f[k].apart ? way : 0, t, j);
    return hd_slide_sums(w->n, w->role->of[w->role->number[k]].rank, &w->v[way], j, j).stale;
}

/* The first loop of general rank number k advances. */
static inline void begin(walk *w, int k)
{
    factor *f = &w->f[k];
    const nest_reach *r = &w->role->reach[k];
    unsigned stacks = w->n->dim[r->dim[0]].stacks | w->n->dim[r->dim[1]].stacks;
    f->apart = w->ways > 1 && (stacks & (w->v[0].merge ^ w->v[1].merge));
    if (w->whole) hd_window_begin(&f->window, w->n, w->role, k, w->v, f->apart ? 2 : 1);
}

/* Loop j of general rank number k advances, then restarts. */
static inline void advance(walk *w, int k, int j)
{
    factor *f = &w->f[k];
    const nest_loop *l = &w->n->loop[j];
    int t = w->role->reach[k].dim[0] == l->dim ? 0 : 1;
    if (w->restarted[k] < 0) begin(w, k);
    if (!w->whole || !hd_window_parts(&f->window, t, l)) {
        int64_t own = -1; /* of both ways, where they do not differ */
        for (int i = 0; i < w->ways; i++) {
            int64_t others = multiply(w, i, k) * w->plain * w->behind[i];
            if (others <= 0) continue;
            if (own < 0 || f->apart) own = held_on_advance(w, k, i, t, j);
            w->words[i] -= own * others;
        }
    }
    w->restarted[k] = j;
    w->unknown[k] = (1u << w->ways) - 1;
    if (w->whole) hd_window_restart(&f->window, t, j);
}

/* Loops further in restart dims that the role lacks. */
static inline void restart_absent(walk *w, int cut)
{
    for (int i = 0; i < w->ways; i++) {
        int64_t absent = absent_states(w->n, w->role, &w->v[i], w->whole, cut, w->turned);
        if (absent != w->behind[i]) w->words[i] -= multiply(w, i, -1) * w->plain * (w->behind[i] - absent);
        w->behind[i] = absent;
    }
}

/* Loop j of a plain rank restarts; false where none of its words stay: nor can they further out. */
static inline bool turn_plain(walk *w, int dim, int j, int64_t kept[HD_MAX_DIMS])
{
    if (w->whole && w->n->loop[j].last > 0) return false;
    int64_t before = w->turned & dim_bit(dim) ? kept[dim] : all_of(w->n, dim, w->v, w->whole);
    kept[dim] = stay(w->n, dim, w->v, w->whole, j);
    if (kept[dim] == 0) return false;
    w->plain = w->plain / before * kept[dim];
    w->turned |= dim_bit(dim);
    return true;
}

/* From loop j outwards, the innermost of the role's own: those further in, which it lacks, bring nothing inside of all. */
static inline void go(walk *w, int j, int *cut)
{
    int64_t kept[HD_MAX_DIMS]; /* words of plain dims that have turned */
    while (j >= 0) {
        int dim = w->n->loop[j].dim;
        if (w->role->general & dim_bit(dim))
            advance(w, w->role->general_of[dim], j);
        else if (!turn_plain(w, dim, j, kept))
            return;
        unsigned passed = 0;
        j = next_loop(w->n, w->role, j - 1, &passed);
        w->turned |= passed;
        if (!passed) continue;
        if (cut) *cut = -1;
        restart_absent(w, j + 1);
    }
}

/* Loop j is the innermost of the role's own.  `words`: of each way, states of the dims that the role lacks; then all words. */
static inline void walk_out(const nest *n, const nest_role *role, const nest_view *v, int ways, bool whole, int j,
                            unsigned turned, int64_t *words, int *cut)
{
    walk w;
    factor f[HD_MAX_RANKS];
    w.n = n;
    w.role = role;
    w.v = v;
    w.ways = ways;
    w.whole = whole;
    w.turned = turned;
    w.plain = plain_words(n, role, v, whole);
    w.f = f;
    for (int i = 0; i < ways; i++) {
        w.behind[i] = words[i];
        w.words[i] = words[i] * w.plain;
    }
    for (int k = 0; k < role->generals; k++) {
        w.restarted[k] = -1;
        w.unknown[k] = 0;
        for (int i = 0; i < ways; i++) w.words[i] *= w.held[k][i] = covered(n, role, &v[i], whole, k);
    }
    go(&w, j, cut);
    for (int i = 0; i < ways; i++) words[i] = w.words[i];
}

/* Does loop j turn all of the role's tile?  That of a plain rank does, if all pieces turn. */
static inline bool turns_wholly(const nest *n, const nest_role *role, int j)
{
    return j < 0 || (n->loop[j].last > 0 && !(role->general & dim_bit(n->loop[j].dim)));
}

static inline void moved(const nest *n, const nest_role *role, const nest_view *v, int ways, int64_t *words, int *cut)
{
    unsigned turned = 0;
    bool whole = ways > 1 || hd_view_is_whole(v);
    int j = next_loop(n, role, n->loops_to[v->event] - 1, &turned);
    for (int i = 0; i < ways; i++) words[i] = absent_states(n, role, &v[i], whole, j + 1, turned);
    if (cut) *cut = j + 1;
    if (whole && turns_wholly(n, role, j)) {
        for (int i = 0; i < ways; i++) words[i] *= role->words;
        for (int k = 0; k < role->generals; k++)
            for (int i = 0; i < ways; i++) words[i] *= covered(n, role, &v[i], true, k);
    } else {
        walk_out(n, role, v, ways, whole, j, turned, words, cut);
    }
}

/* In one piece for the compiler, each for its own number of ways. */
__attribute__((flatten)) int64_t hd_moved(const nest *n, const nest_role *role, const nest_view *v, int *cut)
{
    int64_t words;
    moved(n, role, v, 1, &words, cut);
    return words;
}

__attribute__((flatten)) void hd_moved_twice(const nest *n, const nest_role *role, const nest_view v[2], int64_t words[2])
{
    moved(n, role, v, 2, words, NULL);
}

int64_t hd_share_words(const nest *n, const nest_role *role, const nest_view *v)
{
    nest_view inside = *v;
    bool some = v->fixed >= 0 || v->node > 0; /* of the units */
    int64_t words = 1;
    inside.event = v->box;
    for (int r = 0; r < role->ranks; r++) {
        if (role->of[r].dim < 0)
            words *= hd_rank_touched(n->p->op, role->of[r].rank);
        else if (some)
            words *= hd_piece_sums(n, role->of[r].dim, &inside, HD_ALL_FREE, false).extents;
    }
    return some ? words : words * role->words;
}
