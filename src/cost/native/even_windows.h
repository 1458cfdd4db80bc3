/* One role of the straight road, and the words of its windows: part of even_lanes.h. */
typedef struct even_role {
    const nest_role *role;
    uint64_t own;                  /* loops of its dims, as bits */
    unsigned spread;               /* stacks of the dims of its windows */
    int outer;                     /* the last level that keeps it */
    lanes tile, arrivals;          /* at `outer`, each unit by itself; the home has what it is told */
    lanes loaded;                  /* of O: old partial sums into the tiles of `outer` */
    lanes first;                   /* of O: words that `outer` never loaded */
    lanes plain;                   /* at the present level: words of a tile's plain ranks */
    lanes length[NATIVE_WINDOWS];  /* and what its windows reach over */
} even_role;

/* The innermost of some loops. */
static int last_of(uint64_t loops) { return 63 - __builtin_clzll(loops); }

/* Steps at a level that bring the role new words: those of the loops outside of the innermost one of its own that turns. */
static lanes steps_of(const even_nest *n, const even_role *r, int level)
{
    uint64_t own = r->own & n->loops_to[level], steady = own & n->steady;
    lanes steps = n->turns[steady ? last_of(steady) + 1 : 0];
    if (steady) own &= ~n->steady & ~(((uint64_t)1 << last_of(steady)) - 1);
    for (; own; own &= own - 1) { /* in some lanes these turn, too */
        int j = __builtin_ctzll(own);
        EACH_LANE(x) steps.of[x] = n->loop[j].count.of[x] > 1 ? n->turns[j + 1].of[x] : steps.of[x];
    }
    return steps;
}

/* What a tile of the role at a level holds. */
static void measure(const even_nest *n, even_role *r, int level)
{
    const nest_role *role = r->role;
    r->plain = all(1);
    for (int i = 0; i < role->plains && level < n->mac; i++) multiply_by(&r->plain, &n->box[level][role->plain[i]]);
    for (int g = 0; g < role->generals; g++) {
        const hd_rank *rank = role->of[role->number[g]].rank;
        r->length[g] = all(1);
        for (int t = 0; t < rank->terms && level < n->mac; t++) {
            const lanes *box = &n->box[level][rank->term[t].dim];
            double coef = (double)rank->term[t].coef;
            EACH_LANE(x) r->length[g].of[x] += coef * (box->of[x] - 1);
        }
    }
}

static lanes tile(const even_role *r)
{
    lanes words = r->plain;
    for (int g = 0; g < r->role->generals; g++) multiply_by(&words, &r->length[g]); /* open: never longer than the tensor */
    return words;
}

typedef struct even_window {
    const hd_rank *rank;
    const lanes *length;           /* of one unit's box */
    lanes covered;                 /* by the units that merge */
    lanes ahead;                   /* how far the old boxes lie ahead of the new ones */
    lanes stale;                   /* words held where its loops have restarted so far */
    bool merged;
    grid grid[EVEN_LANES];         /* of merged units */
} even_window;

static void merge_units(even_window *w, const even_stack *stack, int64_t coef)
{
    EACH_LANE(x) {
        if (!w->merged) hd_grid_clear(&w->grid[x]);
        if (stack->count.of[x] > 1) hd_grid_add(&w->grid[x], coef * (int64_t)stack->shift.of[x], (int64_t)stack->count.of[x]);
    }
    w->merged = true;
}

/* One state of window g: units that merge lie on a grid; false where there are too many. */
static bool open_window(const even_nest *n, const even_role *r, int g, int level, unsigned merge, even_window *w)
{
    const hd_rank *rank = w->rank = r->role->of[r->role->number[g]].rank;
    w->merged = false;
    w->length = &r->length[g];
    w->ahead = all(0);
    for (int i = 0; i < n->stacks_to[level] && (merge & r->spread); i++)
        for (int t = 0; t < rank->terms; t++)
            if (rank->term[t].dim == n->stack[i].dim && (n->stack[i].bit & merge))
                merge_units(w, &n->stack[i], rank->term[t].coef);
    w->covered = *w->length;
    for (int x = 0; x < EVEN_LANES && w->merged; x++) {
        if (w->grid[x].points > HD_NATIVE_MAX_UNITS) return false;
        w->covered.of[x] = (double)hd_grid_words(&w->grid[x], (int64_t)w->length->of[x]);
    }
    w->stale = w->covered;
    return true;
}

/* Words that old boxes so far ahead (or, if negative, behind) share with the new ones. */
static lanes held(const even_window *w, const lanes *ahead)
{
    lanes words;
    EACH_LANE(x) {
        double strip = ahead->of[x] < 0 ? -ahead->of[x] : ahead->of[x];
        words.of[x] = strip < w->length->of[x] ? w->covered.of[x] - strip : 0;
    }
    for (int x = 0; x < EVEN_LANES && w->merged; x++) {
        double strip = ahead->of[x] < 0 ? -ahead->of[x] : ahead->of[x];
        if (strip < w->length->of[x]) words.of[x] = w->covered.of[x] - (double)hd_grid_words(&w->grid[x], (int64_t)strip);
    }
    return words;
}

/* Words of the windows together, number `but` with what it holds now. */
static lanes multiply(const even_window *w, int windows, int but, const lanes *now)
{
    lanes words = but < 0 ? all(1) : *now;
    for (int i = 0; i < windows; i++)
        if (i != but) multiply_by(&words, &w[i].stale);
    return words;
}

/* A loop of the window advances (returned: words held then), and restarts from here on. */
static lanes turn(even_window *w, const even_loop *loop)
{
    double coef = (double)w->rank->term[w->rank->term[0].dim == loop->dim ? 0 : 1].coef;
    lanes before;
    EACH_LANE(x) {
        before.of[x] = w->ahead.of[x] - coef * loop->shift.of[x];
        w->ahead.of[x] += coef * loop->shift.of[x] * (loop->count.of[x] - 1);
    }
    w->stale = held(w, &w->ahead);
    return held(w, &before);
}

/* Go through the loops from the role's innermost outwards, as hd_moved does (moved.c): at each advance what is held need not
 * come again, until a plain rank changes. */
static void take_held(const even_nest *n, const even_role *r, uint64_t own, even_window *w, lanes *words)
{
    const nest_role *role = r->role;
    lanes live = all(1);
    while (own) {
        int j = last_of(own);
        const even_loop *loop = &n->loop[j];
        own ^= (uint64_t)1 << j;
        if (role->general >> loop->dim & 1u) {
            int g = role->general_of[loop->dim];
            lanes now = turn(&w[g], loop);
            now = multiply(w, role->generals, g, &now);
            EACH_LANE(x) words->of[x] -= live.of[x] * now.of[x] * (n->turns[j + 1].of[x] - n->turns[j].of[x]);
        } else {
            EACH_LANE(x) live.of[x] = loop->count.of[x] > 1 ? 0 : live.of[x];
            if (!some_above(&live, 0)) return;
        }
        int next = own ? last_of(own) + 1 : 0; /* loops between are of dims that the role lacks */
        if (next == j) continue;
        lanes stale = multiply(w, role->generals, -1, NULL);
        EACH_LANE(x) words->of[x] -= live.of[x] * stale.of[x] * (n->turns[j].of[x] - n->turns[next].of[x]);
    }
}

/* Units whose tiles are asked for one by one, those joined by wires of `merge` once; those of plain ranks always differ. */
static lanes units_of(const even_nest *n, const even_role *r, int level, unsigned merge)
{
    unsigned plain = r->role->dims & ~r->role->general;
    lanes units = all(1);
    for (int i = 0; i < n->stacks_to[level]; i++)
        if (!(n->stack[i].bit & merge) || (plain >> n->stack[i].dim & 1u)) multiply_by(&units, &n->stack[i].count);
    return units;
}

/* Words into the tiles of a level, the stacks of `merge` once, of a role with windows; at the arithmetic level what is asked
 * for at every step.  False where too many units merge. */
static bool windows_moved(const even_nest *n, const even_role *r, int level, unsigned merge, lanes *words)
{
    even_window w[NATIVE_WINDOWS];
    lanes units = merge ? units_of(n, r, level, merge) : n->used[level];
    for (int g = 0; g < r->role->generals; g++)
        if (!open_window(n, r, g, level, merge, &w[g])) return false;
    uint64_t own = r->own & n->loops_to[level];
    *words = multiply(w, r->role->generals, -1, NULL);
    multiply_by(words, &n->turns[level == n->mac ? n->loops : own ? last_of(own) + 1 : 0]);
    if (level < n->mac) take_held(n, r, own, w, words);
    EACH_LANE(x) words->of[x] *= units.of[x] * r->plain.of[x];
    return true;
}

/* The same of the first step. */
static bool windows_first(const even_nest *n, const even_role *r, int level, unsigned merge, lanes *words)
{
    even_window w;
    *words = units_of(n, r, level, merge);
    multiply_by(words, &r->plain);
    for (int g = 0; g < r->role->generals; g++) {
        if (!open_window(n, r, g, level, merge, &w)) return false;
        multiply_by(words, &w.covered);
    }
    return true;
}
