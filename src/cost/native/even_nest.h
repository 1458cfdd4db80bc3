/* The nest of the straight road in lanes, part of even_lanes.h. */
enum { EVEN_LOOPS = 63, EVEN_STACKS = 48 };

typedef struct lanes { double of[EVEN_LANES]; } lanes;

#define EACH_LANE(x) for (int x = 0; x < EVEN_LANES; x++)

static inline lanes all(double value)
{
    lanes a;
    EACH_LANE(x) a.of[x] = value;
    return a;
}

static inline void multiply_by(lanes *a, const lanes *b) { EACH_LANE(x) a->of[x] *= b->of[x]; }

/* Without branches: in a batch any lane may differ. */
static inline bool some_above(const lanes *a, double limit)
{
    int above = 0;
    EACH_LANE(x) above |= a->of[x] > limit;
    return above;
}

static inline bool all_above(const lanes *a, double limit)
{
    int above = 1;
    EACH_LANE(x) above &= a->of[x] > limit;
    return above;
}

/* To whole numbers, of what is not negative: from 2^52 on doubles have no others. */
static inline double nearest(double below) { return below + 0x1p52 - 0x1p52; }
static inline double round_up(double value)
{
    double whole = value < 0x1p52 ? nearest(value) : value;
    return whole + (whole < value);
}

typedef struct even_loop { int dim; lanes count, shift; } even_loop;
typedef struct even_stack { int dim; unsigned bit; lanes count, shift; } even_stack; /* bit: NEST_STACK */

typedef struct even_nest {
    const native_ready *ready;
    const hd_scheme *const *s;     /* [lane] */
    int mac, loops, stacks;
    int stacks_to[HD_MAX_LEVELS];  /* at levels <= l; they come first */
    uint64_t loops_to[HD_MAX_LEVELS]; /* the same of loops, as bits */
    uint64_t of_dim[HD_MAX_DIMS];  /* loops of each dim, as bits */
    uint64_t steady;               /* loops that turn in all lanes, as bits */
    unsigned wires;                /* of all stacks */
    lanes box[HD_MAX_LEVELS][HD_MAX_DIMS];
    lanes used[HD_MAX_LEVELS];     /* all stacks at levels <= l, multiplied */
    lanes turns[EVEN_LOOPS + 1];   /* loops before number j, multiplied: steps that they make */
    even_loop loop[EVEN_LOOPS];    /* in time order */
    even_stack stack[EVEN_STACKS];
} even_nest;

/* Indices of a digit: what its dim spans above it divided by its shift; 0 where that does not divide.  Of a loop and a
 * stack with the same shift the one that counts is the stack. */
static int64_t indices(const hd_scheme_level *l, int dim, int64_t shift, int64_t outside, bool loop)
{
    int64_t span = outside;
    for (int i = 0; i < l->updates; i++)
        if (l->update[i].dim == dim && l->update[i].step > shift && l->update[i].step < span) span = l->update[i].step;
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *u = &l->stack[i];
        if (u->dim != dim) continue;
        if (loop && u->shift == shift && u->copies > 1) return 1;
        if (u->shift > shift && u->shift < span) span = u->shift;
    }
    return span % shift ? 0 : span / shift;
}

/* Counts of a loop whose dim has stacks at its level: lane by lane.  False where it turns in none. */
static bool count_among_stacks(const even_nest *n, int level, int i, even_loop *loop, lanes *uneven)
{
    bool turns = false;
    EACH_LANE(x) {
        const hd_scheme_level *l = &n->s[x]->level[level];
        int64_t step = l->update[i].step, outside = l[-1].tensor[loop->dim];
        turns |= step < outside;
        loop->shift.of[x] = (double)step;
        loop->count.of[x] = step < outside ? (double)indices(l, loop->dim, step, outside, true) : 1;
        uneven->of[x] += loop->count.of[x] == 0;
    }
    return turns;
}

/* The same of a loop that alone leads from the box outside to the level's own. */
static bool count_alone(const even_nest *n, int level, even_loop *loop, lanes *uneven)
{
    const lanes *outside = &n->box[level - 1][loop->dim], *inside = &n->box[level][loop->dim];
    lanes count, rest;
    loop->shift = *inside;
    EACH_LANE(x) count.of[x] = outside->of[x] / inside->of[x];
    EACH_LANE(x) rest.of[x] = count.of[x] - nearest(count.of[x]);
    EACH_LANE(x) uneven->of[x] += rest.of[x] * rest.of[x];
    loop->count = count;
    return some_above(&count, 1);
}

/* A shift as wide as the box outside has one index: no loop where that is so in all lanes.  `stacked`: dims with stacks at the
 * level; `uneven`: 0 where all divides. */
static bool add_loop(even_nest *n, int level, int i, unsigned stacked, unsigned *looped, lanes *uneven)
{
    even_loop *loop = &n->loop[n->loops];
    int dim = loop->dim = n->s[0]->level[level].update[i].dim;
    bool alone = !(stacked >> dim & 1u);
    if (!(alone ? count_alone(n, level, loop, uneven) : count_among_stacks(n, level, i, loop, uneven))) return true;
    if (EVEN_LANES == 1 && uneven->of[0] > 0) return false; /* most do not divide from the start */
    if (*looped >> dim & 1u || n->loops == EVEN_LOOPS) return false;
    *looped |= 1u << dim;
    EACH_LANE(x) n->turns[n->loops + 1].of[x] = n->turns[n->loops].of[x] * loop->count.of[x];
    n->steady |= (uint64_t)all_above(&loop->count, 1) << n->loops;
    n->of_dim[dim] |= (uint64_t)1 << n->loops++;
    return true;
}

static bool add_stack(even_nest *n, int level, int i, unsigned *stacked)
{
    const hd_stack *u = &n->s[0]->level[level].stack[i];
    even_stack *stack = &n->stack[n->stacks];
    bool even = true, counts = false;
    EACH_LANE(x) counts |= n->s[x]->level[level].stack[i].copies > 1;
    if (!counts) return true;
    if (n->stacks == EVEN_STACKS) return false;
    *stacked |= 1u << u->dim;
    stack->dim = u->dim;
    stack->bit = NEST_STACK(level, u->axis);
    EACH_LANE(x) {
        const hd_scheme_level *l = &n->s[x]->level[level];
        int64_t count = l->stack[i].copies, shift = l->stack[i].shift, outside = l[-1].tensor[u->dim];
        if (count > 1 && count * shift != outside) count = indices(l, u->dim, shift, outside, false);
        stack->count.of[x] = (double)count;
        stack->shift.of[x] = (double)shift;
        even &= count > 0;
    }
    n->wires |= stack->bit;
    multiply_by(&n->used[level], &stack->count);
    n->stacks++;
    return even;
}

/* Outermost every dim is whole; the arithmetic level has one point. */
static void set_box(even_nest *n, int level)
{
    int dims = n->ready->p->op->dims;
    lanes *box = n->box[level];
    if (level == 0 || level == n->mac) {
        for (int d = 0; d < dims; d++) box[d] = all(level == 0 ? n->ready->extent[d] : 1);
        return;
    }
    EACH_LANE(x) {
        const int64_t *tensor = n->s[x]->level[level].tensor;
        for (int d = 0; d < dims; d++) box[d].of[x] = (double)tensor[d];
    }
}

static bool add_level(even_nest *n, int level)
{
    const hd_scheme_level *l = &n->s[0]->level[level];
    unsigned stacked = 0, looped = 0;
    lanes uneven = all(0);
    n->used[level] = n->used[level - 1];
    set_box(n, level);
    for (int i = 0; i < l->stacks; i++)
        if (!add_stack(n, level, i, &stacked)) return false;
    for (int i = l->updates - 1; i >= 0; i--) /* listed innermost first */
        if (!add_loop(n, level, i, stacked, &looped, &uneven)) return false;
    n->loops_to[level] = ((uint64_t)1 << n->loops) - 1;
    n->stacks_to[level] = n->stacks;
    if (some_above(&uneven, 0)) return false;
    return level == n->mac || n->stacks == 0 || !(n->ready->limited >> level & 1u);
}

/* False where a shift does not divide or a level with a bandwidth is split. */
static bool build(even_nest *n, const native_ready *ready, const hd_scheme *const *s)
{
    n->ready = ready;
    n->s = s;
    n->mac = ready->mac;
    n->loops = n->stacks = n->stacks_to[0] = 0;
    n->loops_to[0] = 0;
    n->wires = 0;
    n->steady = 0;
    memset(n->of_dim, 0, sizeof n->of_dim);
    n->turns[0] = n->used[0] = all(1);
    set_box(n, 0);
    for (int l = 1; l <= n->mac; l++)
        if (!add_level(n, l)) return false;
    return true;
}
