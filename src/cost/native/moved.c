/* Words that move into (or, backwards, out of) the tiles of a level, summed over all its advances.
 *
 * At an advance of loop j every loop inside it restarts.  The words of all advances of j are the products over the
 * role's ranks and absent dims of what the new boxes cover, minus the products of what was held already ("stale").
 * What an advance covers is what the states with j free cover less those with j at its start, so that over all loops
 * the covered parts telescope: their sum is simply every state's box.  Left are the stale products, and these
 * vanish from the first loop outwards that brings wholly new boxes (docs/cost-model.md, "Closed form").          */
#include "base/count.h"
#include "cost/native/window.h"

/* A general rank of the role.  Plain ones are one number together, dims that it lacks have but states. */
typedef struct factor {
    const hd_rank *rank;
    bool windowed;                 /* `window` serves */
    int pending;                   /* the loop that restarted last, where `stale` is not yet of that; else -1 */
    int64_t stale;                 /* words held at the present cut */
    window window;
} factor;

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
    for (unsigned dims = role->absent & n->turning; dims; dims = hd_dims_after(dims))
        states *= hd_piece_sums(n, hd_dim_of(dims), v, cut, true).states;
    return states;
}

/* States of the absent dims together; `turned`: dims with loops inside the cut. */
static inline int64_t absent_states(const nest *n, const nest_role *role, const nest_view *v, bool whole, int cut,
                                    unsigned turned)
{
    int64_t states = 1;
    const int64_t *pieces = n->pieces[v->event];
    unsigned once = v->merge | v->pool, here = NEST_STACK(v->event + 1, 0) - 1;
    if (!whole) return absent_states_in_part(n, role, v, cut);
    unsigned absent = role->absent & n->turning, free = absent & ~turned & (once ? ~n->split[v->event] : ~0u);
    for (unsigned dims = free; dims; dims = hd_dims_after(dims)) states *= pieces[hd_dim_of(dims)];
    for (unsigned dims = absent & ~free; dims; dims = hd_dims_after(dims)) {
        int dim = hd_dim_of(dims);
        unsigned stacks = n->dim[dim].stacks;
        if (!(turned >> dim & 1u) && !(stacks & once))
            states *= pieces[dim];
        else if (n->dim[dim].in_order && !(stacks & here))
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

/* Every loop free: words of a general rank. */
static int64_t begin(const nest *n, const nest_role *role, const nest_view *v, int i, factor *f)
{
    f->rank = role->of[role->number[i]].rank;
    f->pending = -1;
    f->windowed = hd_window_init(&f->window, n, f->rank, role->of[role->number[i]].open, v);
    return f->stale = f->windowed ? f->window.all : hd_slide_sums(n, f->rank, v, HD_ALL_FREE, -1).covered;
}

int64_t hd_moved_every_step(const nest *n, const nest_role *role, const nest_view *v)
{
    bool whole = hd_view_is_whole(v);
    int64_t words = plain_words(n, role, v, whole) * absent_states(n, role, v, whole, HD_ALL_FREE, 0);
    for (int i = 0; i < role->generals; i++) {
        factor f;
        words *= begin(n, role, v, i, &f);
    }
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
    int64_t words = hd_view_is_whole(v) ? first_pieces(n, role, v) : first_pieces_in_part(n, role, v);
    for (int i = 0; i < role->generals; i++) {
        window w;
        int k = role->number[i];
        bool serves = hd_window_first(&w, n, role->of[k].rank, role->of[k].open, v);
        words *= serves ? w.all : hd_slide_sums(n, role->of[k].rank, v, 0, -1).covered;
    }
    return words;
}

/* Most restarts are never asked for: another rank holds nothing. */
static int64_t held(const nest *n, factor *f, const nest_view *v)
{
    int j = f->pending;
    if (j < 0) return f->stale;
    f->pending = -1;
    return f->stale = f->windowed ? hd_window_held(&f->window, j) : hd_slide_sums(n, f->rank, v, j, -1).stale;
}

/* Held words of every general rank but number `but`, multiplied; what is known comes first. */
static inline int64_t multiply(const nest *n, factor *const *f, int generals, int but, const nest_view *v)
{
    int64_t words = 1;
    unsigned pending = 0;
    for (int i = 0; i < generals; i++) {
        if (i == but) continue;
        if (f[i]->pending < 0) words *= f[i]->stale;
        else pending |= 1u << i;
    }
    for (; pending && words > 0; pending &= pending - 1) words *= held(n, f[__builtin_ctz(pending)], v);
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

/* Words that a general rank holds already when its loop j advances. */
static int64_t held_on_advance(const nest *n, factor *f, const nest_view *v, int j)
{
    return f->windowed ? hd_window_advance(&f->window, j) : hd_slide_sums(n, f->rank, v, j, j).stale;
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

/* One way to count, of one or two at once: what it has for each general rank (both share what does not differ), and the states
 * of the dims that the role lacks. */
typedef struct count { const nest_view *v; factor *f[HD_MAX_RANKS]; int64_t behind, words; } count;

/* Loop j of general rank number k advances, then restarts. */
static inline void advance(const nest *n, const nest_role *role, count *c, int counts, int k, int j, int64_t plain)
{
    int64_t held = -1; /* of the factor that both share */
    for (int i = 0; i < counts; i++) {
        factor *f = c[i].f[k];
        int64_t others = multiply(n, c[i].f, role->generals, k, c[i].v) * plain * c[i].behind;
        if (others <= 0) continue;
        if (held < 0 || f != c[0].f[k]) held = held_on_advance(n, f, c[i].v, j);
        c[i].words -= held * others;
    }
    for (int i = 0; i < counts; i++) {
        factor *f = c[i].f[k];
        if (i > 0 && f == c[0].f[k]) continue;
        f->pending = j;
        if (f->windowed) hd_window_restart(&f->window, j);
    }
}

/* Loops further in restart dims that the role lacks. */
static inline void restart_absent(const nest *n, const nest_role *role, count *c, int counts, bool whole, int cut,
                                  unsigned turned, int64_t plain)
{
    for (int i = 0; i < counts; i++) {
        int64_t absent = absent_states(n, role, c[i].v, whole, cut, turned);
        if (absent != c[i].behind) c[i].words -= multiply(n, c[i].f, role->generals, -1, c[i].v) * plain * (c[i].behind - absent);
        c[i].behind = absent;
    }
}

/* `c[].f` are there. */
static inline void walk(const nest *n, const nest_role *role, count *c, int counts, int *cut)
{
    int64_t kept[HD_MAX_DIMS]; /* words of plain dims that have turned */
    unsigned turned = 0;
    const nest_view *v = c[0].v;
    bool whole = counts > 1 || hd_view_is_whole(v);
    int j = next_loop(n, role, n->loops_to[v->event] - 1, &turned);
    int64_t plain = plain_words(n, role, v, whole);
    for (int i = 0; i < counts; i++) { /* loops that the role lacks bring nothing inside of all, its own innermost everything */
        c[i].behind = absent_states(n, role, c[i].v, whole, j + 1, turned);
        c[i].words = plain * c[i].behind;
        for (int k = 0; k < role->generals; k++) c[i].words *= c[i].f[k]->stale;
    }
    turned &= ~role->dims;
    if (cut) *cut = j + 1;
    while (j >= 0) {
        int dim = n->loop[j].dim;
        if (role->general & dim_bit(dim)) {
            advance(n, role, c, counts, role->general_of[dim], j, plain);
        } else { /* a plain rank that changes wholly cannot stay further out */
            if (whole && n->loop[j].last > 0) return;
            int64_t before = turned & dim_bit(dim) ? kept[dim] : all_of(n, dim, v, whole);
            kept[dim] = stay(n, dim, v, whole, j);
            if (kept[dim] == 0) return;
            plain = plain / before * kept[dim];
            turned |= dim_bit(dim);
        }
        unsigned passed = 0;
        j = next_loop(n, role, j - 1, &passed);
        turned |= passed;
        if (!passed) continue;
        if (cut) *cut = -1;
        restart_absent(n, role, c, counts, whole, j + 1, turned, plain);
    }
}

/* Of a role without general ranks, most often: its innermost loop turns all of its tile. */
static inline bool changes_wholly(const nest *n, const nest_role *role, const nest_view *v, int64_t *words, int *cut)
{
    unsigned turned = 0;
    if (role->generals > 0 || !hd_view_is_whole(v)) return false;
    int j = next_loop(n, role, n->loops_to[v->event] - 1, &turned);
    if (j >= 0 && n->loop[j].last == 0) return false;
    if (cut) *cut = j + 1;
    *words = role->words * absent_states(n, role, v, true, j + 1, turned);
    return true;
}

static int64_t moved_by_walk(const nest *n, const nest_role *role, const nest_view *v, int *cut)
{
    factor f[HD_MAX_RANKS];
    count c;
    c.v = v;
    for (int k = 0; k < role->generals; k++) {
        c.f[k] = &f[k];
        begin(n, role, v, k, &f[k]);
    }
    walk(n, role, &c, 1, cut);
    return c.words;
}

int64_t hd_moved(const nest *n, const nest_role *role, const nest_view *v, int *cut)
{
    int64_t words;
    return changes_wholly(n, role, v, &words, cut) ? words : moved_by_walk(n, role, v, cut);
}

void hd_moved_twice(const nest *n, const nest_role *role, const nest_view v[2], int64_t words[2])
{
    factor f[2][HD_MAX_RANKS];
    count c[2];
    c[0].v = &v[0];
    c[1].v = &v[1];
    for (int k = 0; k < role->generals; k++) {
        const hd_rank *rank = role->of[role->number[k]].rank;
        bool same = true;
        for (int t = 0; t < rank->terms; t++) same &= !(n->dim[rank->term[t].dim].stacks & (v[0].merge ^ v[1].merge));
        c[0].f[k] = &f[0][k];
        c[1].f[k] = same ? &f[0][k] : &f[1][k];
        for (int i = 0; i < 2 - same; i++) begin(n, role, &v[i], k, &f[i][k]);
        if (!same && f[0][k].windowed && f[1][k].windowed) f[0][k].window.twin = &f[1][k].window;
    }
    walk(n, role, c, 2, NULL);
    for (int i = 0; i < 2; i++) words[i] = c[i].words;
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
