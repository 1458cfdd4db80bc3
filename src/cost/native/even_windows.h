/* One role of the straight road, and the words of its windows. */
#include "cost/native/even_nest.h"
#include "cost/native/grid.h"

typedef struct even_role {
    const nest_role *role;
    int k;                         /* its number */
    unsigned bit;                  /* the same as a bit */
    int outer;                     /* the last level that keeps it */
    lanes tile, arrivals;          /* at `outer`, each unit by itself; the home has what it is told */
    lanes loaded;                  /* of O: old partial sums into the tiles of `outer` */
    lanes first;                   /* of O: words that `outer` never loaded */
    lanes plain;                   /* at the present level: words of a tile's plain ranks */
    lanes length[NATIVE_WINDOWS];  /* and what its windows reach over */
} even_role;

/* Role number k at its home. */
static void start_role(const even_nest *n, int k, even_role *r)
{
    r->role = &n->ready->role[k];
    r->k = k;
    r->bit = 1u << k;
    r->outer = r->role->home;
}

/* Its innermost loop before number `end`: that one's number + 1, or 0. */
static int own_before(const even_nest *n, const even_role *r, int end)
{
    while (end > 0 && !(n->loop[end - 1].own & r->bit)) end--;
    return end;
}

/* Steps at a level that bring the role new words: those of the loops outside of the innermost one of its own that turns. */
static lanes steps_at(const even_nest *n, const even_role *r, int level)
{
    int end = n->loops_to[level], j = end;
    while (j > 0 && !(n->loop[j - 1].steady & r->bit)) j--;
    lanes steps = n->turns[j];
    for (; EVEN_LANES > 1 && j < end; j++) /* in some lanes these turn, too */
        if (n->loop[j].own & r->bit) steps = pick(n->loop[j].count > 1, n->turns[j + 1], steps);
    return steps;
}

/* Does a window of the role advance first of all?  Else its tiles have nothing in common with those before. */
static bool slides(const even_nest *n, const even_role *r, int level)
{
    int end = own_before(n, r, n->loops_to[level]);
    return end > 0 && ((r->role->general >> n->loop[end - 1].dim & 1u) || !(n->loop[end - 1].steady & r->bit));
}

/* What a tile of the role at a level holds. */
static lanes measure(const even_nest *n, even_role *r, int level)
{
    const nest_role *role = r->role;
    const lanes *box = n->box[level];
    lanes words = all(1);
    for (int i = 0; i < role->plains; i++) words *= box[role->plain[i]];
    r->plain = words;
    for (int g = 0; g < role->generals; g++) {
        const nest_window *w = &role->window[g];
        r->length[g] = 1 + w->coef[0] * (box[w->dim[0]] - 1) + w->coef[1] * (box[w->dim[1]] - 1);
        words *= r->length[g]; /* open: never longer than the tensor */
    }
    return words;
}

enum { EVEN_SIDES = 12 };

typedef struct even_window {
    const nest_window *rank;
    lanes length;                  /* of one unit's box */
    lanes covered;                 /* by the units that merge */
    lanes ahead;                   /* how far the old boxes lie ahead of the new ones */
    lanes stale;                   /* words held where its loops have restarted so far */
    int sides;                     /* of the grid that merged units stand on */
    struct { lanes step, count; } side[EVEN_SIDES];
} even_window;

/* Words that boxes of one length cover on the grid, one lane after the other. */
static lanes cover_each(const even_window *w, lanes length)
{
    lanes words = all(0);
    EACH_LANE(x) {
        grid g;
        hd_grid_clear(&g);
        for (int i = 0; i < w->sides; i++)
            if (lane(&w->side[i].count, x) > 1)
                hd_grid_add(&g, (int64_t)lane(&w->side[i].step, x), (int64_t)lane(&w->side[i].count, x));
        set_lane(&words, x, (double)hd_grid_words(&g, (int64_t)lane(&length, x)));
    }
    return words;
}

/* The same, at once where the grid is a row, or rows that touch or lie apart (hd_grid_words). */
static lanes cover(const even_window *w, lanes length)
{
    if (w->sides == 0) return length;
    lanes step = w->side[0].step, count = w->side[0].count;
    if (w->sides == 1) return length + (count - 1) * lesser(step, length);
    if (w->sides > 2) return cover_each(w, length);
    choice swap = step > w->side[1].step;
    lanes near = pick(swap, w->side[1].step, step), far = pick(swap, step, w->side[1].step);
    lanes few = pick(swap, w->side[1].count, count) - 1, rows = pick(swap, count, w->side[1].count);
    lanes row = length + few * lesser(near, length), hull = length + few * near;
    if (some((rows > 1) & (length > 0) & (far < hull) & (row != hull))) return cover_each(w, length); /* rows mesh */
    return pick((far >= hull) | (length <= 0), row * rows, row + (rows - 1) * far); /* boxes of nothing cover nothing */
}

static double coef_of(const nest_window *w, int dim) { return w->coef[w->dim[0] != dim]; }

/* One state of window g: units that merge lie on a grid; false where there are too many. */
static bool open_window(const even_nest *n, const even_role *r, int g, int level, unsigned merge, even_window *w)
{
    const nest_window *rank = w->rank = &r->role->window[g];
    lanes units = all(1);
    w->sides = 0;
    w->length = r->length[g];
    w->ahead = all(0);
    for (int i = 0; i < n->stacks_to[level] && merge; i++) {
        const even_stack *stack = &n->stack[i];
        if (!(stack->bit & merge) || (stack->dim != rank->dim[0] && stack->dim != rank->dim[1])) continue;
        if (w->sides == EVEN_SIDES) return false;
        w->side[w->sides].step = coef_of(rank, stack->dim) * stack->shift;
        w->side[w->sides++].count = stack->count;
        units *= stack->count;
    }
    if (some(units > HD_NATIVE_MAX_UNITS)) return false;
    w->covered = w->stale = cover(w, w->length);
    return true;
}

/* Words that old boxes so far ahead (or, if negative, behind) share with the new ones. */
static lanes held(const even_window *w, lanes ahead)
{
    lanes strip = greater(ahead, -ahead);
    choice near = strip < w->length;
    return some(near) ? pick(near, w->covered - cover(w, pick(near, strip, all(0))), all(0)) : all(0);
}

/* Words of the windows together. */
static lanes multiply(const even_window *w, int windows)
{
    lanes words = w[0].stale;
    for (int i = 1; i < windows; i++) words *= w[i].stale;
    return words;
}

/* A loop of the window advances (returned: words held then), and restarts from here on. */
static lanes turn(even_window *w, const even_loop *loop)
{
    double coef = coef_of(w->rank, loop->dim);
    lanes before = w->ahead - coef * loop->shift;
    w->ahead += coef * loop->shift * (loop->count - 1);
    w->stale = held(w, w->ahead);
    return held(w, before);
}

/* Go through the loops before number `end` from the role's innermost outwards, as hd_moved does (moved.c): at each advance
 * what is held need not come again, until a plain rank changes. */
static lanes take_held(const even_nest *n, const even_role *r, int end, even_window *w, lanes words)
{
    int windows = r->role->generals;
    lanes live = all(1);
    while (end > 0) {
        int j = end - 1;
        const even_loop *loop = &n->loop[j];
        if (r->role->general >> loop->dim & 1u) {
            int g = r->role->general_of[loop->dim];
            lanes now = turn(&w[g], loop);
            for (int i = 0; i < windows; i++)
                if (i != g) now *= w[i].stale;
            words -= live * now * (n->turns[end] - n->turns[j]);
        } else {
            live = pick(loop->count > 1, all(0), live);
            if (!some(live > 0)) break;
        }
        end = own_before(n, r, j); /* loops between are of dims that the role lacks */
        if (end < j) words -= live * multiply(w, windows) * (n->turns[j] - n->turns[end]);
    }
    return words;
}

/* Units whose tiles are asked for one by one, those joined by wires of `merge` once; those of plain ranks always differ. */
static lanes units_of(const even_nest *n, const even_role *r, int level, unsigned merge)
{
    unsigned plain = r->role->dims & ~r->role->general;
    lanes units = all(1);
    for (int i = 0; i < n->stacks_to[level]; i++)
        if (!(n->stack[i].bit & merge) || (plain >> n->stack[i].dim & 1u)) units *= n->stack[i].count;
    return units;
}

/* Words into the tiles of a level, the stacks of `merge` once, of a role with windows; at the arithmetic level what is asked
 * for at every step.  False where too many units merge. */
static bool windows_moved(const even_nest *n, const even_role *r, int level, unsigned merge, lanes *words)
{
    even_window w[NATIVE_WINDOWS];
    int windows = r->role->generals, end = level == n->mac ? n->loops : own_before(n, r, n->loops_to[level]);
    lanes units = merge ? units_of(n, r, level, merge) : n->used[level], sum;
    for (int g = 0; g < windows; g++)
        if (!open_window(n, r, g, level, merge, &w[g])) return false;
    sum = multiply(w, windows) * n->turns[end];
    if (level < n->mac) sum = take_held(n, r, end, w, sum);
    *words = sum * units * r->plain;
    return true;
}

/* The same of the first step. */
static bool windows_first(const even_nest *n, const even_role *r, int level, unsigned merge, lanes *words)
{
    even_window w;
    *words = units_of(n, r, level, merge) * r->plain;
    for (int g = 0; g < r->role->generals; g++) {
        if (!open_window(n, r, g, level, merge, &w)) return false;
        *words *= w.covered;
    }
    return true;
}
