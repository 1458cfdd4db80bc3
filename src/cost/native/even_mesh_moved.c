/* Words of windows where every shift divides: see even_mesh.h. */
#include "cost/native/even_mesh.h"
#include "cost/native/grid.h"

/* Stacks of dims that the role lacks at levels up to this one, those of `merge` once. */
static int64_t absent_units(const even_nest *n, const nest_role *role, int level, unsigned merge)
{
    int64_t units = 1;
    for (int i = 0; i < n->stacks_to[level]; i++)
        if (!(role->dims >> n->stack[i].dim & 1u) && !(n->stack[i].bit & merge)) units *= n->stack[i].count;
    return units;
}

typedef struct even_window {
    const hd_rank *rank;
    int64_t length, covered;       /* of one unit's box; by the units of one state */
    int64_t states;                /* at the present cut */
    int64_t unmerged;              /* stacks that are not merged, where others are */
    int64_t ahead;                 /* how far the old boxes lie ahead of the new ones */
    int64_t stale;                 /* words held at the present cut */
    grid grid;
} even_window;

static void open_term(const even_nest *n, const hd_rank *rank, int t, int level, unsigned merge, even_window *w)
{
    int dim = rank->term[t].dim;
    int64_t box = n->s->level[level].tensor[dim];
    w->length += rank->term[t].coef * (box - 1);
    w->states *= n->ready->p->op->dim[dim].extent / box;
    for (int i = 0; merge && i < n->stacks_to[level]; i++) {
        const even_stack *stack = &n->stack[i];
        if (stack->dim != dim) continue;
        if (stack->bit & merge)
            hd_grid_add(&w->grid, rank->term[t].coef * stack->shift, stack->count);
        else
            w->unmerged *= stack->count;
    }
}

/* Every loop free; false where there are too many units. */
static bool open_window(const even_nest *n, const hd_rank *rank, int level, unsigned merge, even_window *w)
{
    w->rank = rank;
    w->length = w->states = w->unmerged = 1;
    w->ahead = 0;
    hd_grid_clear(&w->grid);
    for (int t = 0; t < rank->terms; t++) open_term(n, rank, t, level, merge, w);
    w->covered = w->length;
    if (w->grid.points > 1) {
        if (w->grid.points > HD_NATIVE_MAX_UNITS) return false;
        w->states /= w->grid.points;
        w->covered = hd_grid_words(&w->grid, w->length);
    }
    w->stale = w->states * w->covered;
    return true;
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
    int64_t coef = w->rank->term[w->rank->term[0].dim == loop->dim ? 0 : 1].coef;
    w->states /= loop->count;
    int64_t words = w->states * (loop->count - 1) * held(w, w->ahead - coef * loop->shift);
    w->ahead += coef * loop->shift * (loop->count - 1);
    w->stale = w->states * held(w, w->ahead);
    return words;
}

/* Go outwards from loop j to the next one of the role; returns the counts of those passed, multiplied. */
static int64_t pass(const even_nest *n, const nest_role *role, int *j)
{
    int64_t turns = 1;
    for (; *j >= 0 && !(role->dims >> n->loop[*j].dim & 1u); --*j) turns *= n->loop[*j].count;
    return turns;
}

/* What hd_moved does (moved.c): every state's box, less what stays held. */
bool hd_even_moved(const even_nest *n, int k, int level, unsigned merge, int64_t *words)
{
    const nest_role *role = &n->ready->role[k];
    even_window w[HD_MAX_RANKS];
    int windows = 0, j = n->loops_to[level] - 1;
    int64_t units = merge ? absent_units(n, role, level, merge) : n->turns[level][k].units;
    int64_t behind = units * n->turns[level][k].loops; /* loops that the role lacks bring nothing inside of all of its own */
    pass(n, role, &j);
    for (; windows < role->generals; windows++)
        if (!open_window(n, role->of[role->number[windows]].rank, level, merge, &w[windows])) return false;
    *words = multiply(w, windows, NULL) * behind;
    while (j >= 0 && (role->general >> n->loop[j].dim & 1u)) {
        even_window *now = &w[role->general_of[n->loop[j].dim]];
        *words -= turn(now, &n->loop[j]) * multiply(w, windows, now) * behind;
        j--;
        int64_t absent = behind / pass(n, role, &j);
        *words -= multiply(w, windows, NULL) * (behind - absent);
        behind = absent;
    }
    *words *= role->words;
    return true;
}

/* Words at every step of the arithmetic units, nothing ever held. */
bool hd_even_every_step(const even_nest *n, int k, unsigned merge, int64_t *words)
{
    const nest_role *role = &n->ready->role[k];
    even_window w;
    *words = role->words * absent_units(n, role, n->mac, merge) * n->turns[n->mac][k].pending;
    for (int r = 0; r < role->ranks; r++) {
        if (role->of[r].dim >= 0) continue;
        if (!open_window(n, role->of[r].rank, n->mac, merge, &w)) return false;
        *words *= w.stale;
    }
    return true;
}

bool hd_even_one_step(const even_nest *n, int k, int level, unsigned merge, int64_t *words)
{
    const nest_role *role = &n->ready->role[k];
    even_window w;
    *words = absent_units(n, role, level, merge);
    for (int r = 0; r < role->ranks; r++)
        if (role->of[r].dim >= 0) *words *= n->s->level[level].tensor[role->of[r].dim];
    for (int i = 0; i < n->stacks_to[level]; i++)
        if ((role->dims & ~role->general) >> n->stack[i].dim & 1u) *words *= n->stack[i].count;
    for (int r = 0; r < role->ranks; r++) {
        if (role->of[r].dim >= 0) continue;
        if (!open_window(n, role->of[r].rank, level, merge, &w)) return false;
        *words *= w.unmerged * w.covered;
    }
    return true;
}
