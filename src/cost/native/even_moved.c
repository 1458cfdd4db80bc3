/* Words of windows where every shift divides: see even.h. */
#include "cost/native/even.h"
#include "cost/native/grid.h"

/* Stacks of dims that the role lacks at levels up to this one, those of `merge` once. */
static int64_t absent_units(const even_nest *n, int k, int level, unsigned merge)
{
    const nest_role *role = &n->ready->role[k];
    int64_t units = 1;
    if (!merge) return n->turns[level][k].units;
    for (int i = 0; i < n->stacks_to[level]; i++)
        if (!(role->dims >> n->stack[i].dim & 1u) && !(n->stack[i].bit & merge)) units *= n->stack[i].count;
    return units;
}

typedef struct even_window {
    const hd_rank *rank;
    int64_t length, covered;       /* of one unit's box; by the units of one state */
    int64_t states;                /* at the present cut */
    int64_t unmerged;              /* stacks that are not merged */
    int64_t ahead;                 /* how far the old boxes lie ahead of the new ones */
    int64_t stale;                 /* words held at the present cut */
    grid grid;
} even_window;

/* Units that merge lie on a grid, the others each alone.  False where there are too many. */
static bool open_window(const even_nest *n, const hd_rank *rank, int level, unsigned merge, even_window *w)
{
    const int64_t *box = n->s->level[level].tensor;
    w->rank = rank;
    w->length = w->unmerged = 1;
    w->ahead = 0;
    hd_grid_clear(&w->grid);
    for (int t = 0; t < rank->terms; t++) w->length += rank->term[t].coef * (box[rank->term[t].dim] - 1);
    for (int i = 0; i < n->stacks_to[level]; i++) {
        const even_stack *stack = &n->stack[i];
        int t = rank->term[0].dim == stack->dim ? 0 : 1;
        if (t == rank->terms || rank->term[t].dim != stack->dim) continue;
        if (stack->bit & merge)
            hd_grid_add(&w->grid, rank->term[t].coef * stack->shift, stack->count);
        else
            w->unmerged *= stack->count;
    }
    if (w->grid.points > HD_NATIVE_MAX_UNITS) return false;
    w->covered = w->grid.points > 1 ? hd_grid_words(&w->grid, w->length) : w->length;
    return true;
}

/* Every loop free: words of all windows, multiplied; 0 where that is not served. */
static int64_t open_windows(const even_nest *n, int k, int level, unsigned merge, even_window *w)
{
    const nest_role *role = &n->ready->role[k];
    int64_t words = 1;
    for (int g = 0; g < role->generals; g++) {
        if (!open_window(n, role->of[role->number[g]].rank, level, merge, &w[g])) return 0;
        w[g].states = n->turns[level][k].window[g] * w[g].unmerged;
        w[g].stale = w[g].states * w[g].covered;
        words *= w[g].stale;
    }
    return words;
}

/* Words of a state that old boxes so far ahead (or, if negative, behind) share with the new ones. */
static int64_t held(const even_window *w, int64_t ahead)
{
    int64_t strip = ahead < 0 ? -ahead : ahead;
    if (strip >= w->length) return 0;
    return w->covered - (w->grid.points > 1 ? hd_grid_words(&w->grid, strip) : strip);
}

static int64_t multiply(const even_window *w, int windows, const even_window *but)
{
    int64_t words = 1;
    for (int i = 0; i < windows; i++)
        if (&w[i] != but) words *= w[i].stale;
    return words;
}

/* Loop of the window's own advances (returned: words held then), and restarts from here on. */
static int64_t turn(even_window *w, const even_loop *loop)
{
    int64_t step = w->rank->term[w->rank->term[0].dim == loop->dim ? 0 : 1].coef * loop->shift;
    w->states /= loop->count;
    int64_t words = w->states * (loop->count - 1) * held(w, w->ahead - step);
    w->ahead += step * (loop->count - 1);
    w->stale = w->states * held(w, w->ahead);
    return words;
}

/* What hd_moved does (moved.c): every state's box, less what stays held. */
bool hd_even_moved(const even_nest *n, int k, int level, unsigned merge, int64_t *words)
{
    const nest_role *role = &n->ready->role[k];
    even_window w[HD_EVEN_WINDOWS];
    int64_t units = absent_units(n, k, level, merge), all = open_windows(n, k, level, merge, w);
    int64_t behind = units * n->turns[level][k].loops; /* loops that the role lacks bring nothing inside of all of its own */
    uint64_t own = n->own[k] & (((uint64_t)1 << n->loops_to[level]) - 1);
    *words = all * behind;
    while (own) {
        int j = 63 - __builtin_clzll(own);
        const even_loop *loop = &n->loop[j];
        if (!(role->general >> loop->dim & 1u)) break;
        even_window *now = &w[role->general_of[loop->dim]];
        *words -= turn(now, loop) * multiply(w, role->generals, now) * behind;
        own ^= (uint64_t)1 << j;
        int64_t absent = units * (own ? n->outside[k][63 - __builtin_clzll(own)] : 1);
        if (absent != behind) *words -= multiply(w, role->generals, NULL) * (behind - absent);
        behind = absent;
    }
    *words *= role->words;
    return all > 0;
}

/* Words at every step of the arithmetic units, nothing ever held. */
bool hd_even_every_step(const even_nest *n, int k, unsigned merge, int64_t *words)
{
    even_window w[HD_EVEN_WINDOWS];
    int64_t all = open_windows(n, k, n->mac, merge, w);
    *words = n->ready->role[k].words * absent_units(n, k, n->mac, merge) * n->turns[n->mac][k].pending * all;
    return all > 0;
}

bool hd_even_one_step(const even_nest *n, int k, int level, unsigned merge, int64_t *words)
{
    const nest_role *role = &n->ready->role[k];
    even_window w;
    *words = absent_units(n, k, level, merge);
    for (int r = 0; r < role->ranks; r++)
        if (role->of[r].dim >= 0) *words *= n->s->level[level].tensor[role->of[r].dim];
    for (int i = 0; i < n->stacks_to[level]; i++)
        if ((role->dims & ~role->general) >> n->stack[i].dim & 1u) *words *= n->stack[i].count;
    for (int g = 0; g < role->generals; g++) {
        if (!open_window(n, role->of[role->number[g]].rank, level, merge, &w)) return false;
        *words *= w.unmerged * w.covered;
    }
    return true;
}
