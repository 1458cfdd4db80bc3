/* Words that move into (or, backwards, out of) the tiles of a level, summed over all its advances.
 *
 * At an advance of loop j every loop inside it restarts.  The words of all advances of j are the products over the
 * role's ranks and absent dims of what the new boxes cover, minus the products of what was held already ("stale").
 * What an advance covers is what the states with j free cover less those with j at its start, so that over all loops
 * the covered parts telescope: their sum is simply every state's box.  Left are the stale products, and these
 * vanish from the first loop outwards that brings wholly new boxes (docs/cost-model.md, "Closed form").          */
#include "base/count.h"
#include "cost/native/window.h"

/* One factor of the products: a rank of the role, or a dim that the role lacks. */
typedef struct factor {
    const hd_rank *rank;           /* NULL: an absent dim */
    int dim;                       /* the only dim of a plain rank or of an absent dim; -1 for a general rank */
    bool even;                     /* plain or absent: every shift divides; general: `window` serves */
    int64_t stale;                 /* at the present cut; of an absent dim its states */
} factor;

typedef struct factors {
    factor f[HD_MAX_RANKS + HD_MAX_DIMS];
    window window[HD_MAX_RANKS];   /* of the general ranks */
} factors;

static int64_t even_states(const nest *n, int dim, const nest_view *v)
{
    int64_t states = 1;
    for (int i = 0; i < n->dim[dim].digits && n->dim[dim].digit[i].level <= v->event; i++) {
        const nest_digit *g = &n->dim[dim].digit[i];
        if (!(g->stack & v->merge)) states *= g->count;
    }
    return states;
}

/* Does the view look at all units from the level's own boxes, as most do? */
static bool whole(const nest_view *v) { return v->fixed < 0 && v->box == v->event; }

/* States of an absent dim with every loop free. */
static int64_t absent_states(const nest *n, factor *f, const nest_view *v)
{
    f->even = whole(v) && n->dim[f->dim].even_to >= v->event;
    if (!whole(v)) return hd_piece_sums(n, f->dim, v, HD_ALL_FREE, true).states;
    if (!(n->dim[f->dim].stacks & v->merge)) return n->dim[f->dim].pieces[v->event];
    return f->even ? even_states(n, f->dim, v) : hd_piece_sums(n, f->dim, v, HD_ALL_FREE, true).states;
}

/* Words of a present rank with every loop free. */
static int64_t covered_words(const nest *n, factor *f, window *w, const nest_view *v)
{
    if (f->dim >= 0) {
        f->even = whole(v) && n->dim[f->dim].even_to >= v->event;
        return whole(v) ? n->p->op->dim[f->dim].extent : hd_piece_sums(n, f->dim, v, HD_ALL_FREE, false).extents;
    }
    f->even = hd_window_init(w, n, f->rank, v);
    return f->even ? w->all : hd_slide_sums(n, f->rank, v, HD_ALL_FREE, -1).covered;
}

/* Every state's box: what would move if nothing were ever held. */
static int64_t begin(const nest *n, const nest_role *role, const nest_view *v, factors *all)
{
    int64_t words = 1;
    for (int i = 0; i < role->n; i++) {
        factor *f = &all->f[i];
        f->rank = role->of[i].rank;
        f->dim = role->of[i].dim;
        f->stale = i < role->ranks ? covered_words(n, f, &all->window[i], v) : absent_states(n, f, v);
        words *= f->stale;
    }
    return words;
}

int64_t hd_moved_every_step(const nest *n, const nest_role *role, const nest_view *v)
{
    factors all;
    return begin(n, role, v, &all);
}

/* A dim at the first step: units, or words of all their pieces. */
static int64_t first_pieces(const nest *n, int dim, bool absent, const nest_view *v)
{
    int64_t count = absent ? 1 : n->s->level[v->event].tensor[dim];
    if (!whole(v) || ((n->split[v->event] >> dim & 1u) && n->dim[dim].even_to < v->event)) {
        piece_sums sums = hd_piece_sums(n, dim, v, 0, absent);
        return absent ? sums.states : sums.extents;
    }
    for (int i = 0; i < n->dim[dim].digits && n->dim[dim].digit[i].level <= v->event; i++) {
        const nest_digit *g = &n->dim[dim].digit[i];
        if (g->time < 0 && !(absent && (g->stack & v->merge))) count *= g->count;
    }
    return count;
}

int64_t hd_moved_first(const nest *n, const nest_role *role, const nest_view *v)
{
    int64_t words = 1;
    window w;
    for (int i = 0; i < role->n; i++) {
        if (role->of[i].dim < 0)
            words *= hd_window_first(&w, n, role->of[i].rank, v) ? w.all : hd_slide_sums(n, role->of[i].rank, v, 0, -1).covered;
        else
            words *= first_pieces(n, role->of[i].dim, i >= role->ranks, v);
    }
    return words;
}

/* Held words of every factor from `from` to `to` but number `but`, multiplied. */
static int64_t multiply(const factors *all, int from, int to, int but)
{
    int64_t words = 1;
    for (int i = from; i < to; i++)
        if (i != but) words *= all->f[i].stale;
    return words;
}

/* Loop j restarts from here on outwards. */
static void restart(const nest *n, factor *f, window *w, const nest_view *v, int j)
{
    if (!f->rank)
        f->stale = f->even ? f->stale / n->loop[j].count : hd_piece_sums(n, f->dim, v, j, true).states;
    else if (f->dim >= 0)
        f->stale = n->loop[j].firm && whole(v) ? 0 : hd_piece_sums(n, f->dim, v, j, false).stay;
    else
        f->stale = f->even ? hd_window_restart(w, j) : hd_slide_sums(n, f->rank, v, j, -1).stale;
}

/* Words that a general rank holds already when its loop j advances. */
static int64_t held_on_advance(const nest *n, factor *f, window *w, const nest_view *v, int j)
{
    return f->even ? hd_window_advance(w, j) : hd_slide_sums(n, f->rank, v, j, j).stale;
}

/* Only plain ranks, and the innermost of their loops firm: loops inside of it bring nothing, all others everything. */
static bool moved_plainly(const nest *n, const nest_role *role, const nest_view *v, int64_t *words)
{
    factor f[HD_MAX_DIMS];
    int last = n->loops_to[v->event] - 1;
    if (!role->plain || !whole(v)) return false;
    while (last >= 0 && (n->loop[last].count == 1 || role->of_dim[n->loop[last].dim] >= role->ranks)) last--;
    if (last >= 0 && !n->loop[last].firm) return false;
    for (int i = role->ranks; i < role->n; i++) {
        factor *a = &f[i - role->ranks];
        a->rank = NULL;
        a->dim = role->of[i].dim;
        a->stale = absent_states(n, a, v);
    }
    for (int j = n->loops_to[v->event] - 1; j > last; j--)
        if (n->loop[j].count > 1) restart(n, &f[role->of_dim[n->loop[j].dim] - role->ranks], NULL, v, j);
    *words = role->words;
    for (int i = role->ranks; i < role->n; i++) *words *= f[i - role->ranks].stale;
    return true;
}

int64_t hd_moved(const nest *n, const nest_role *role, const nest_view *v)
{
    int64_t words;
    if (moved_plainly(n, role, v, &words)) return words;
    factors all;
    int ranks = role->ranks;
    words = begin(n, role, v, &all);
    int64_t absent = multiply(&all, ranks, role->n, -1), behind = absent; /* at the cut; behind the last loop of a rank */
    for (int j = n->loops_to[v->event] - 1; j >= 0; j--) {
        if (n->loop[j].count == 1) continue;
        int i = role->of_dim[n->loop[j].dim];
        factor *f = &all.f[i];
        window *w = i < ranks ? &all.window[i] : NULL;
        if (i >= ranks) { /* its advances telescope with those of its absent neighbours in time */
            restart(n, f, w, v, j);
            absent = multiply(&all, ranks, role->n, -1);
            continue;
        }
        words -= multiply(&all, 0, ranks, -1) * (behind - absent);
        behind = absent;
        int64_t others = f->dim < 0 ? multiply(&all, 0, ranks, i) * absent : 0;
        if (others > 0) words -= held_on_advance(n, f, w, v, j) * others;
        restart(n, f, w, v, j);
        if (f->dim >= 0 && f->stale == 0) return words; /* a plain rank that changed cannot stay further out */
    }
    return words - multiply(&all, 0, ranks, -1) * (behind - absent);
}

int64_t hd_share_words(const nest *n, hd_role role, const nest_view *v)
{
    const hd_tensor *t = &n->p->op->tensor[role];
    nest_view inside = *v;
    int64_t words = 1;
    inside.event = v->box;
    for (int r = 0; r < t->ranks; r++) {
        const hd_rank *rank = &t->rank[r];
        if (hd_rank_is_plain(n->p->op, rank))
            words *= hd_piece_sums(n, rank->term[0].dim, &inside, HD_ALL_FREE, false).extents;
        else
            words *= hd_rank_touched(n->p->op, rank);
    }
    return words;
}

static int64_t steps_of(const nest *n, int dim)
{
    const nest_dim *nd = &n->dim[dim];
    int64_t steps = 1;
    if (!nd->stacks) return nd->pieces[n->mac];
    if (nd->even_to < n->mac) return hd_piece_steps(n, dim);
    for (int i = 0; i < nd->digits; i++)
        if (nd->digit[i].time >= 0) steps *= nd->digit[i].count;
    return steps;
}

int64_t hd_nest_steps(const nest *n)
{
    int64_t steps = 1;
    for (int d = 0; d < n->p->op->dims; d++) steps *= steps_of(n, d);
    return steps;
}

void hd_nest_used(const nest *n, int64_t out[HD_MAX_LEVELS])
{
    for (int l = 0; l <= n->mac; l++) out[l] = 1;
    for (int d = 0; d < n->p->op->dims; d++) {
        if (!(n->split[n->mac] >> d & 1u)) continue;
        int64_t units = 1;
        for (int l = 1; l <= n->mac; l++) {
            nest_view v = {.event = l, .box = l, .fixed = -1};
            if (n->dim[d].stacks & (NEST_STACK(l + 1, 0) - NEST_STACK(l, 0))) units = first_pieces(n, d, true, &v);
            out[l] *= units;
        }
    }
}
