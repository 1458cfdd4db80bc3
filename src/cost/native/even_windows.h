/* One role of the straight road, and the words of its windows: part of even_lanes.h. */
typedef struct even_role {
    const nest_role *role;
    uint64_t own;                  /* loops of its dims so far, as bits */
    unsigned spread;               /* stacks of the dims of its windows */
    lanes pending, settled;        /* loops of dims that it lacks: all; those outside of the innermost loop of its own */
    lanes outside[EVEN_LOOPS];     /* of own loops: `pending` there */
    lanes units, merged[HD_MAX_LEVELS]; /* stacks of dims that it lacks: all; per level, those whose wires merge them */
    lanes window[NATIVE_WINDOWS];    /* loops of each window */
    int outer;                     /* the last level that keeps it */
    lanes tile, arrivals;          /* at that level, each unit by itself; the home has what it is told */
    lanes units_outer;
    lanes first;                   /* of O: words that the level never loaded */
} even_role;

static void enter_level(const even_nest *n, int level, even_role *r)
{
    const nest_role *role = r->role;
    for (int j = n->loops_to[level - 1]; j < n->loops_to[level]; j++) {
        const even_loop *loop = &n->loop[j];
        if (!(role->dims >> loop->dim & 1u)) {
            r->pending = times(&r->pending, &loop->count);
            continue;
        }
        r->own |= (uint64_t)1 << j;
        if (role->generals) r->outside[j] = r->pending;
        EACH_LANE(x) r->settled.of[x] = loop->count.of[x] > 1 ? r->pending.of[x] : r->settled.of[x];
        if (role->general >> loop->dim & 1u) {
            lanes *window = &r->window[role->general_of[loop->dim]];
            *window = times(window, &loop->count);
        }
    }
    r->merged[level] = r->merged[level - 1];
    for (int i = n->stacks_to[level - 1]; i < n->stacks_to[level]; i++) {
        const even_stack *stack = &n->stack[i];
        if (role->general >> stack->dim & 1u) r->spread |= stack->bit;
        if (role->dims >> stack->dim & 1u) continue;
        r->units = times(&r->units, &stack->count);
        if (stack->bit & role->wires) r->merged[level] = times(&r->merged[level], &stack->count);
    }
}

/* Stacks of dims that the role lacks at levels up to this one, those of `merge` once. */
static lanes absent_units(const even_nest *n, const even_role *r, int level, unsigned merge)
{
    lanes units = all(1);
    if (!merge) return r->units;
    for (int i = 0; i < n->stacks_to[level]; i++)
        if (!(r->role->dims >> n->stack[i].dim & 1u) && !(n->stack[i].bit & merge)) units = times(&units, &n->stack[i].count);
    return units;
}

typedef struct even_window {
    const hd_rank *rank;
    lanes length, covered;         /* of one unit's box; by the units of one state */
    lanes states;                  /* at the present cut */
    lanes unmerged;                /* stacks that are not merged */
    lanes ahead;                   /* how far the old boxes lie ahead of the new ones */
    lanes stale;                   /* words held at the present cut */
    bool merged;
    grid grid[EVEN_LANES];         /* of merged units */
} even_window;

/* Add what a term of the rank reaches over in a box of the level. */
static void reach(const even_nest *n, const hd_rank *rank, int t, int level, lanes *length)
{
    const lanes *box = &n->box[level][rank->term[t].dim];
    double coef = (double)rank->term[t].coef;
    EACH_LANE(x) length->of[x] += coef * (box->of[x] - 1);
}

static void add_units(even_window *w, const even_stack *stack, int64_t coef, bool merge)
{
    if (!merge) {
        w->unmerged = times(&w->unmerged, &stack->count);
        return;
    }
    EACH_LANE(x) {
        if (!w->merged) hd_grid_clear(&w->grid[x]);
        if (stack->count.of[x] > 1) hd_grid_add(&w->grid[x], coef * (int64_t)stack->shift.of[x], (int64_t)stack->count.of[x]);
    }
    w->merged = true;
}

/* Every loop free.  Units that merge lie on a grid, the others each alone; false where there are too many. */
static bool open_window(const even_nest *n, const even_role *r, int g, int level, unsigned merge, even_window *w)
{
    const hd_rank *rank = w->rank = r->role->of[r->role->number[g]].rank;
    w->merged = false;
    w->length = w->unmerged = all(1);
    w->ahead = all(0);
    for (int t = 0; t < rank->terms && level < n->mac; t++) reach(n, rank, t, level, &w->length);
    for (int i = 0; i < n->stacks_to[level] && r->spread; i++)
        for (int t = 0; t < rank->terms; t++)
            if (rank->term[t].dim == n->stack[i].dim) add_units(w, &n->stack[i], rank->term[t].coef, n->stack[i].bit & merge);
    w->covered = w->length;
    for (int x = 0; x < EVEN_LANES && w->merged; x++) {
        if (w->grid[x].points > HD_NATIVE_MAX_UNITS) return false;
        w->covered.of[x] = (double)hd_grid_words(&w->grid[x], (int64_t)w->length.of[x]);
    }
    w->states = times(&r->window[g], &w->unmerged);
    w->stale = times(&w->states, &w->covered);
    return true;
}

/* Words of a state that old boxes so far ahead (or, if negative, behind) share with the new ones. */
static lanes held(const even_window *w, const lanes *ahead)
{
    lanes words;
    EACH_LANE(x) {
        double strip = ahead->of[x] < 0 ? -ahead->of[x] : ahead->of[x];
        if (w->merged && strip < w->length.of[x])
            words.of[x] = w->covered.of[x] - (double)hd_grid_words(&w->grid[x], (int64_t)strip);
        else
            words.of[x] = strip < w->length.of[x] ? w->covered.of[x] - strip : 0;
    }
    return words;
}

static lanes multiply(const even_window *w, int windows, const even_window *but)
{
    lanes words = all(1);
    for (int i = 0; i < windows; i++)
        if (&w[i] != but) words = times(&words, &w[i].stale);
    return words;
}

/* Loop of the window's own advances (returned: words held then), and restarts from here on. */
static lanes turn(even_window *w, const even_loop *loop)
{
    double coef = (double)w->rank->term[w->rank->term[0].dim == loop->dim ? 0 : 1].coef;
    lanes before, words;
    EACH_LANE(x) {
        w->states.of[x] /= loop->count.of[x];
        before.of[x] = w->ahead.of[x] - coef * loop->shift.of[x];
        w->ahead.of[x] += coef * loop->shift.of[x] * (loop->count.of[x] - 1);
    }
    words = held(w, &before);
    w->stale = held(w, &w->ahead);
    EACH_LANE(x) {
        words.of[x] *= w->states.of[x] * (loop->count.of[x] - 1);
        w->stale.of[x] *= w->states.of[x];
    }
    return words;
}

/* Turn the role's loops from the inside out, as hd_moved does (moved.c), and take away what stays held.  `live`: 1 until a
 * plain rank changes. */
static void take_held(const even_nest *n, const even_role *r, even_window *w, const lanes *units, lanes *words)
{
    const nest_role *role = r->role;
    lanes live = all(1), behind = times(units, &r->settled);
    for (uint64_t own = r->own; own;) {
        int j = 63 - __builtin_clzll(own), left = 0;
        const even_loop *loop = &n->loop[j];
        if (role->general >> loop->dim & 1u) {
            even_window *now = &w[role->general_of[loop->dim]];
            lanes held_now = turn(now, loop), others = multiply(w, role->generals, now);
            EACH_LANE(x) words->of[x] -= live.of[x] * held_now.of[x] * others.of[x] * behind.of[x];
            left = 1;
        } else {
            EACH_LANE(x) live.of[x] = loop->count.of[x] > 1 ? 0 : live.of[x];
            EACH_LANE(x) left += live.of[x] > 0;
        }
        if (!left) return;
        own ^= (uint64_t)1 << j;
        lanes absent = own ? times(units, &r->outside[63 - __builtin_clzll(own)]) : *units;
        lanes stale = multiply(w, role->generals, NULL);
        EACH_LANE(x) words->of[x] -= live.of[x] * stale.of[x] * (behind.of[x] - absent.of[x]);
        behind = absent;
    }
}

/* Words into the tiles of a level, the stacks of `merge` once, of a role with windows; at the arithmetic level what is asked
 * for at every step.  False where too many units merge. */
static bool windows_moved(const even_nest *n, const even_role *r, int level, unsigned merge, lanes *words)
{
    even_window w[NATIVE_WINDOWS];
    lanes units = absent_units(n, r, level, merge), whole = all((double)r->role->words);
    bool kept = level < n->mac;
    for (int g = 0; g < r->role->generals; g++)
        if (!open_window(n, r, g, level, merge, &w[g])) return false;
    lanes stale = multiply(w, r->role->generals, NULL), behind = times(&units, kept ? &r->settled : &r->pending);
    *words = times(&stale, &behind);
    if (kept) take_held(n, r, w, &units, words);
    *words = times(words, &whole);
    return true;
}

/* The same of the first step. */
static bool windows_first(const even_nest *n, const even_role *r, int level, unsigned merge, lanes *words)
{
    even_window w;
    *words = absent_units(n, r, level, merge);
    for (int i = 0; i < r->role->plains; i++)
        if (level < n->mac) *words = times(words, &n->box[level][r->role->plain[i]]);
    for (int i = 0; i < n->stacks_to[level]; i++)
        if ((r->role->dims & ~r->role->general) >> n->stack[i].dim & 1u) *words = times(words, &n->stack[i].count);
    for (int g = 0; g < r->role->generals; g++) {
        if (!open_window(n, r, g, level, merge, &w)) return false;
        EACH_LANE(x) words->of[x] *= w.unmerged.of[x] * w.covered.of[x];
    }
    return true;
}
