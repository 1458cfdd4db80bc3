/* Words that move where every shift divides: see even.h. */
#include "cost/native/even.h"
#include "cost/native/grid.h"

int64_t hd_even_units(const even_nest *n, const even_role *e, int level, unsigned merge)
{
    int64_t units = 1;
    for (int i = 0; i < n->stacks_to[level]; i++)
        if (!(e->dims >> n->stack[i].dim & 1u) && !(n->stack[i].bit & merge)) units *= n->stack[i].count;
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

/* Every loop free; false where there are too many units. */
static bool open_window(const even_nest *n, const hd_rank *rank, int level, unsigned merge, even_window *w)
{
    const int64_t *box = n->s->level[level].tensor;
    w->rank = rank;
    w->length = w->states = w->unmerged = 1;
    w->ahead = 0;
    hd_grid_clear(&w->grid);
    for (int t = 0; t < rank->terms; t++) {
        int dim = rank->term[t].dim;
        w->length += rank->term[t].coef * (box[dim] - 1);
        w->states *= n->p->op->dim[dim].extent / box[dim];
        for (int i = 0; i < n->stacks_to[level]; i++) {
            const even_stack *stack = &n->stack[i];
            if (stack->dim != dim) continue;
            if (stack->bit & merge)
                hd_grid_add(&w->grid, rank->term[t].coef * stack->shift, stack->count);
            else
                w->unmerged *= stack->count;
        }
    }
    if (w->grid.points > HD_NATIVE_MAX_UNITS) return false;
    w->states /= w->grid.points;
    w->covered = hd_grid_words(&w->grid, w->length);
    w->stale = w->states * w->covered;
    return true;
}

/* Words of a state that old boxes so far ahead (or, if negative, behind) share with the new ones. */
static int64_t held(const even_window *w, int64_t ahead)
{
    int64_t strip = ahead < 0 ? -ahead : ahead;
    return strip >= w->length ? 0 : w->covered - hd_grid_words(&w->grid, strip);
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
static int64_t pass(const even_nest *n, const even_role *e, int *j)
{
    int64_t turns = 1;
    for (; *j >= 0 && !(e->dims >> n->loop[*j].dim & 1u); --*j) turns *= n->loop[*j].count;
    return turns;
}

/* What hd_moved does (moved.c): every state's box, less what stays held. */
bool hd_even_moved(const even_nest *n, const even_role *e, int level, unsigned merge, int64_t *words)
{
    even_window w[HD_MAX_RANKS];
    int64_t behind = hd_even_units(n, e, level, merge);
    int j = n->loops_to[level] - 1;
    pass(n, e, &j); /* loops that the role lacks bring nothing inside of all of its own */
    for (int i = 0; i < j; i++)
        if (!(e->dims >> n->loop[i].dim & 1u)) behind *= n->loop[i].count;
    for (int i = 0; i < e->windows; i++)
        if (!open_window(n, e->window[i], level, merge, &w[i])) return false;
    *words = multiply(w, e->windows, NULL) * behind;
    while (j >= 0 && (e->window_dims >> n->loop[j].dim & 1u)) {
        even_window *now = w;
        while (now->rank->term[0].dim != n->loop[j].dim && now->rank->term[now->rank->terms - 1].dim != n->loop[j].dim) now++;
        *words -= turn(now, &n->loop[j]) * multiply(w, e->windows, now) * behind;
        j--;
        int64_t absent = behind / pass(n, e, &j);
        *words -= multiply(w, e->windows, NULL) * (behind - absent);
        behind = absent;
    }
    *words *= e->words;
    return true;
}

/* Words at every step, nothing ever held. */
bool hd_even_every_step(const even_nest *n, const even_role *e, int level, unsigned merge, int64_t *words)
{
    even_window w;
    *words = e->words * hd_even_units(n, e, level, merge);
    for (int i = 0; i < n->loops_to[level]; i++)
        if (!(e->dims >> n->loop[i].dim & 1u)) *words *= n->loop[i].count;
    for (int i = 0; i < e->windows; i++) {
        if (!open_window(n, e->window[i], level, merge, &w)) return false;
        *words *= w.stale;
    }
    return true;
}

/* Words of the first step; of O also of the last: all tiles are alike. */
bool hd_even_one_step(const even_nest *n, const even_role *e, int level, unsigned merge, int64_t *words)
{
    even_window w;
    *words = hd_even_units(n, e, level, merge);
    for (int k = 0; k < e->plains; k++) *words *= n->s->level[level].tensor[e->plain[k]];
    for (int i = 0; i < n->stacks_to[level]; i++)
        if ((e->dims & ~e->window_dims) >> n->stack[i].dim & 1u) *words *= n->stack[i].count;
    for (int i = 0; i < e->windows; i++) {
        if (!open_window(n, e->window[i], level, merge, &w)) return false;
        *words *= w.unmerged * w.covered;
    }
    return true;
}
