/* The nest of the straight road in lanes, part of even_lanes.h. */
enum { EVEN_LOOPS = 64, EVEN_STACKS = 48 };

typedef struct lanes { double of[EVEN_LANES]; } lanes;

#define EACH_LANE(x) for (int x = 0; x < EVEN_LANES; x++)

static inline lanes all(double value)
{
    lanes a;
    EACH_LANE(x) a.of[x] = value;
    return a;
}

static inline lanes times(const lanes *a, const lanes *b)
{
    lanes c;
    EACH_LANE(x) c.of[x] = a->of[x] * b->of[x];
    return c;
}

static inline lanes over(const lanes *a, const lanes *b)
{
    lanes c;
    EACH_LANE(x) c.of[x] = a->of[x] / b->of[x];
    return c;
}

/* The nearest whole number, of what is below 2^51: beyond 1.5 x 2^52 doubles have no other. */
static inline double nearest(double value)
{
    const double shift = 6755399441055744.0;
    return value + shift - shift;
}

typedef struct even_loop { int dim; lanes count, shift; } even_loop;
typedef struct even_stack { int dim; unsigned bit; lanes count, shift; } even_stack; /* bit: NEST_STACK */

typedef struct even_nest {
    const native_ready *ready;
    const hd_scheme *const *s;     /* [lane] */
    int mac, loops, stacks;
    int loops_to[HD_MAX_LEVELS], stacks_to[HD_MAX_LEVELS]; /* at levels <= l; they come first */
    unsigned wires;                /* of all stacks */
    lanes box[HD_MAX_LEVELS][HD_MAX_DIMS];
    lanes steps, used[HD_MAX_LEVELS]; /* all loops; all stacks at levels <= l */
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

/* A shift as wide as the box outside has one index: no loop where that is so in all lanes.  `stacked`: dims with stacks at the
 * level; `uneven`: 0 where all divides. */
static bool add_loop(even_nest *n, int level, int i, unsigned stacked, unsigned *looped, lanes *uneven)
{
    int dim = n->s[0]->level[level].update[i].dim;
    even_loop *loop = &n->loop[n->loops];
    bool turns = false;
    EACH_LANE(x) turns |= n->s[x]->level[level].update[i].step < n->s[x]->level[level - 1].tensor[dim];
    if (!turns) return true;
    if (*looped >> dim & 1u || n->loops == EVEN_LOOPS) return false;
    *looped |= 1u << dim;
    loop->dim = dim;
    EACH_LANE(x) loop->shift.of[x] = (double)n->s[x]->level[level].update[i].step;
    if (stacked >> dim & 1u) {
        EACH_LANE(x) {
            const hd_scheme_level *l = &n->s[x]->level[level];
            loop->count.of[x] = (double)indices(l, dim, l->update[i].step, l[-1].tensor[dim], true);
            uneven->of[x] += loop->count.of[x] == 0;
        }
    } else {
        loop->count = over(&n->box[level - 1][dim], &loop->shift);
        EACH_LANE(x) {
            double rest = loop->count.of[x] - nearest(loop->count.of[x]);
            uneven->of[x] += rest * rest;
        }
    }
    n->steps = times(&n->steps, &loop->count);
    n->loops++;
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
    *stack = (even_stack){.dim = u->dim, .bit = NEST_STACK(level, u->axis)};
    EACH_LANE(x) {
        const hd_scheme_level *l = &n->s[x]->level[level];
        int64_t count = l->stack[i].copies, shift = l->stack[i].shift, outside = l[-1].tensor[u->dim];
        if (count > 1 && count * shift != outside) count = indices(l, u->dim, shift, outside, false);
        stack->count.of[x] = (double)count;
        stack->shift.of[x] = (double)shift;
        even &= count > 0;
    }
    n->wires |= stack->bit;
    n->used[level] = times(&n->used[level], &stack->count);
    n->stacks++;
    return even;
}

static void set_box(even_nest *n, int level)
{
    for (int d = 0; d < n->ready->p->op->dims; d++) EACH_LANE(x) n->box[level][d].of[x] = (double)n->s[x]->level[level].tensor[d];
}

static bool add_level(even_nest *n, int level)
{
    const hd_scheme_level *l = &n->s[0]->level[level];
    unsigned stacked = 0, looped = 0;
    lanes uneven = all(0);
    n->used[level] = n->used[level - 1];
    set_box(n, level - 1);
    for (int i = 0; i < l->stacks; i++)
        if (!add_stack(n, level, i, &stacked)) return false;
    for (int i = l->updates - 1; i >= 0; i--) /* listed innermost first */
        if (!add_loop(n, level, i, stacked, &looped, &uneven)) return false;
    n->loops_to[level] = n->loops;
    n->stacks_to[level] = n->stacks;
    EACH_LANE(x) if (uneven.of[x] > 0) return false;
    return level == n->mac || n->stacks == 0 || !(n->ready->limited >> level & 1u);
}

/* False where a shift does not divide or a level with a bandwidth is split. */
static bool build(even_nest *n, const native_ready *ready, const hd_scheme *const *s)
{
    n->ready = ready;
    n->s = s;
    n->mac = ready->mac;
    n->loops = n->stacks = n->loops_to[0] = n->stacks_to[0] = 0;
    n->wires = 0;
    n->steps = n->used[0] = all(1);
    for (int l = 1; l <= n->mac; l++)
        if (!add_level(n, l)) return false;
    return true;
}
