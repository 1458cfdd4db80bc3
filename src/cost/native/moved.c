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

/* States of the absent dims together; `turned`: dims with loops inside the cut. */
static int64_t absent_states(const nest *n, const nest_role *role, const nest_view *v, bool whole, int cut, unsigned turned)
{
    int64_t states = 1;
    unsigned once = v->merge | v->pool, here = NEST_STACK(v->event + 1, 0) - 1;
    for (unsigned dims = role->absent & n->turning; dims; dims = hd_dims_after(dims)) {
        int dim = hd_dim_of(dims);
        const nest_dim *nd = &n->dim[dim];
        if (!whole)
            states *= hd_piece_sums(n, dim, v, cut, true).states;
        else if (!(turned >> dim & 1u) && !(nd->stacks & once))
            states *= n->pieces[v->event][dim];
        else if (nd->in_order && !(nd->stacks & here))
            states *= steps_before(nd, v->event, cut);
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

/* Every loop free: words of the general ranks, multiplied. */
static int64_t begin(const nest *n, const nest_role *role, const nest_view *v, factor *f)
{
    int64_t words = 1;
    for (int i = 0; i < role->generals; i++) {
        f[i].rank = role->of[role->number[i]].rank;
        f[i].pending = -1;
        f[i].windowed = hd_window_init(&f[i].window, n, f[i].rank, role->of[role->number[i]].open, v);
        f[i].stale = f[i].windowed ? f[i].window.all : hd_slide_sums(n, f[i].rank, v, HD_ALL_FREE, -1).covered;
        words *= f[i].stale;
    }
    return words;
}

int64_t hd_moved_every_step(const nest *n, const nest_role *role, const nest_view *v)
{
    factor f[HD_MAX_RANKS];
    bool whole = hd_view_is_whole(v);
    return plain_words(n, role, v, whole) * begin(n, role, v, f) * absent_states(n, role, v, whole, HD_ALL_FREE, 0);
}

/* A dim at the first step: units, or words of all their pieces. */
static int64_t first_pieces(const nest *n, int dim, bool absent, const nest_view *v)
{
    if (hd_view_is_whole(v)) return hd_piece_first(n, dim, v, absent);
    piece_sums sums = hd_piece_sums(n, dim, v, 0, absent);
    return absent ? sums.states : sums.extents;
}

int64_t hd_moved_first(const nest *n, const nest_role *role, const nest_view *v)
{
    int64_t words = 1;
    window w;
    if (role->open && hd_view_is_whole(v) && !(n->stacks & (NEST_STACK(v->event + 1, 0) - 1)))
        return hd_nest_tile(n->s->level[v->event].tensor, role);
    for (int i = 0; i < role->ranks; i++) {
        if (role->of[i].dim < 0)
            words *= hd_window_first(&w, n, role->of[i].rank, role->of[i].open, v)
                         ? w.all : hd_slide_sums(n, role->of[i].rank, v, 0, -1).covered;
        else
            words *= first_pieces(n, role->of[i].dim, false, v);
    }
    for (unsigned dims = role->absent & (hd_view_is_whole(v) ? n->split[v->event] : ~0u); dims; dims = hd_dims_after(dims))
        words *= first_pieces(n, hd_dim_of(dims), true, v);
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
static int64_t multiply(const nest *n, factor *f, int generals, int but, const nest_view *v)
{
    int64_t words = 1;
    for (int i = 0; i < generals; i++)
        if (i != but && f[i].pending < 0) words *= f[i].stale;
    for (int i = 0; i < generals && words > 0; i++)
        if (i != but && f[i].pending >= 0) words *= held(n, &f[i], v);
    return words;
}

/* Words of the piece of a plain dim that stays where loop j and all inside restart. */
static int64_t stay(const nest *n, int dim, const nest_view *v, bool whole, int j)
{
    return whole ? hd_piece_stay(n, dim, v, j) : hd_piece_sums(n, dim, v, j, false).stay;
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

int64_t hd_moved(const nest *n, const nest_role *role, const nest_view *v, int *cut)
{
    factor f[HD_MAX_RANKS];
    int64_t kept[HD_MAX_DIMS]; /* words of plain dims that have turned */
    unsigned turned = 0;
    bool whole = hd_view_is_whole(v);
    int j = next_loop(n, role, n->loops_to[v->event] - 1, &turned);
    int64_t behind = absent_states(n, role, v, whole, j + 1, turned); /* loops that the role lacks bring nothing inside of all */
    int64_t plain = plain_words(n, role, v, whole), words = plain * behind;
    if (role->generals) words *= begin(n, role, v, f); /* the innermost of its own everything */
    turned &= ~role->dims;
    if (cut) *cut = j + 1;
    while (j >= 0) {
        int dim = n->loop[j].dim;
        if (role->general & dim_bit(dim)) {
            factor *now = &f[role->general_of[dim]];
            int64_t others = multiply(n, f, role->generals, role->general_of[dim], v) * plain * behind;
            if (others > 0) words -= held_on_advance(n, now, v, j) * others;
            now->pending = j;
            if (now->windowed) hd_window_restart(&now->window, j);
        } else { /* a plain rank that changes wholly cannot stay further out */
            if (whole && n->loop[j].last > 0) return words;
            int64_t before = turned & dim_bit(dim) ? kept[dim] : stay(n, dim, v, whole, HD_ALL_FREE);
            kept[dim] = stay(n, dim, v, whole, j);
            if (kept[dim] == 0) return words;
            plain = plain / before * kept[dim];
            turned |= dim_bit(dim);
        }
        unsigned passed = 0;
        j = next_loop(n, role, j - 1, &passed);
        turned |= passed;
        if (!passed) continue;
        if (cut) *cut = -1;
        int64_t absent = absent_states(n, role, v, whole, j + 1, turned);
        if (absent != behind) words -= multiply(n, f, role->generals, -1, v) * plain * (behind - absent);
        behind = absent;
    }
    return words;
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
