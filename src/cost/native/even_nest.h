/* The nest of the straight road in lanes (even_lanes.h), and of that of meshes. */
#include <float.h>
#include <string.h>

#include "cost/native/native.h"

enum { EVEN_LOOPS = 63, EVEN_STACKS = 48 };

#define EACH_LANE(x) for (int x = 0; x < EVEN_LANES; x++)

/* A number of every lane, and what a comparison of two says of every lane. */
#if EVEN_LANES == 1
typedef double lanes;
typedef bool choice;

static inline lanes all(double value) { return value; }
static inline lanes pick(choice yes, lanes a, lanes b) { return yes ? a : b; }
static inline bool some(choice yes) { return yes; }
static inline double lane(const lanes *a, int x) { return a[x]; }
static inline void set_lane(lanes *a, int x, double value) { a[x] = value; }
#else
typedef double lanes __attribute__((vector_size(EVEN_LANES * sizeof(double))));
typedef int64_t choice __attribute__((vector_size(EVEN_LANES * sizeof(int64_t))));

static inline lanes all(double value) { return value - (lanes){0}; }
static inline lanes pick(choice yes, lanes a, lanes b) { return (lanes)((yes & (choice)a) | (~yes & (choice)b)); }
static inline bool some(choice yes)
{
    int64_t any[EVEN_LANES];
    memcpy(any, &yes, sizeof any);
    for (int half = EVEN_LANES / 2; half > 0; half /= 2) /* two halves at a time */
        for (int x = 0; x < half; x++) any[x] |= any[x + half];
    return any[0];
}
static inline double lane(const lanes *a, int x) { return (*a)[x]; }
static inline void set_lane(lanes *a, int x, double value) { (*a)[x] = value; }
#endif

/* To whole numbers, of what is not negative: from 2^52 on doubles have no others.  Numbers that are kept to more bits in
 * between, or sums that a compiler may reorder, would be taken for whole ones as they are. */
#if FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 1
#error "counts need double arithmetic in doubles: compile for SSE2 (32-bit x86: -msse2 -mfpmath=sse)"
#endif
#ifdef __FAST_MATH__
#error "counts need arithmetic as it is written: compile without -ffast-math"
#endif
static inline lanes nearest(lanes below) { return below + 0x1p52 - 0x1p52; }
static inline lanes lesser(lanes a, lanes b) { return pick(a < b, a, b); }
static inline lanes greater(lanes a, lanes b) { return pick(a > b, a, b); }
static inline lanes round_up(lanes value)
{
    lanes whole = pick(value < 0x1p52, nearest(value), value);
    return whole + pick(whole < value, all(1), all(0));
}

/* own: numbers of the roles that have its dim, as bits; steady: the same where it turns in all lanes, else 0 */
typedef struct even_loop { int dim; unsigned own, steady; lanes count, shift; } even_loop;
/* bit: NEST_STACK; before: the stack of the same dim and level that was listed before, or -1 */
typedef struct even_stack { int dim, before; unsigned own, bit; lanes count, shift; } even_stack;

typedef struct even_nest {
    const native_ready *ready;
    const hd_scheme *const *s;     /* [lane] */
    int mac, loops, stacks;
    int loops_to[HD_MAX_LEVELS], stacks_to[HD_MAX_LEVELS]; /* at levels <= l; they come first */
    unsigned keep[HD_MAX_LEVELS];  /* roles, as bits; at the arithmetic level all */
    unsigned single;               /* levels that have to be one instance, as bits */
    choice uneven;                 /* where something does not divide */
    lanes box[HD_MAX_LEVELS][HD_MAX_DIMS];
    lanes used[HD_MAX_LEVELS];     /* all stacks at levels <= l, multiplied */
    lanes turns[EVEN_LOOPS + 1];   /* loops before number j, multiplied: steps that they make */
    even_loop loop[EVEN_LOOPS];    /* in time order */
    even_stack stack[EVEN_STACKS];
} even_nest;

/* A number of every scheme. */
static inline lanes as_lanes(const int64_t *of)
{
#if EVEN_LANES == 1
    return (double)of[0];
#else /* whole numbers below 2^52 are what a double's bits say past the sign and exponent of 2^52 */
    choice bits;
    memcpy(&bits, of, sizeof bits);
    return (lanes)(bits | (choice)all(0x1p52)) - 0x1p52;
#endif
}

static inline lanes steps_of(const even_nest *n, int level, int i)
{
    int64_t of[EVEN_LANES];
    EACH_LANE(x) of[x] = n->s[x]->level[level].update[i].step;
    return as_lanes(of);
}

static inline void get_stack(const even_nest *n, int level, int i, lanes *count, lanes *shift)
{
    int64_t copies[EVEN_LANES], shifts[EVEN_LANES];
    EACH_LANE(x) copies[x] = n->s[x]->level[level].stack[i].copies;
    EACH_LANE(x) shifts[x] = n->s[x]->level[level].stack[i].shift;
    *count = as_lanes(copies);
    *shift = as_lanes(shifts);
}

/* Digits of the dims that have stacks at one level. */
typedef struct even_digits {
    const lanes *outside, *inside; /* boxes */
    unsigned dims, looped;
    int last[HD_MAX_DIMS];         /* the last stack */
    lanes within[HD_MAX_DIMS];     /* the box and all digits so far, multiplied */
} even_digits;

/* Indices of a loop among stacks of its dim: what the dim spans above it divided by its shift.  Of a loop and a stack with
 * the same shift the one that counts is the stack. */
static lanes count_among(const even_nest *n, const even_digits *digits, int dim, lanes step, lanes outside)
{
    lanes span = outside;
    for (int i = digits->last[dim]; i >= 0; i = n->stack[i].before) {
        const even_stack *stack = &n->stack[i];
        span = pick(stack->shift > step, lesser(stack->shift, span), span);
        span = pick((stack->shift == step) & (stack->count > 1), step, span);
    }
    return pick(step < outside, span / step, all(1));
}

static void put_loop(even_nest *n, int dim, lanes count, lanes shift)
{
    even_loop *loop = &n->loop[n->loops];
    loop->dim = dim;
    loop->own = loop->steady = n->ready->having[dim];
    loop->count = count;
    loop->shift = shift;
    if (EVEN_LANES > 1 && some(count <= 1)) loop->steady = 0;
    n->turns[n->loops + 1] = n->turns[n->loops] * count;
    n->loops++;
}

/* A shift as wide as the box outside has one index: no loop where that is so in all lanes. */
static bool add_loop(even_nest *n, int level, int i, even_digits *digits)
{
    int dim = n->s[0]->level[level].update[i].dim;
    lanes outside = digits->outside[dim], step = digits->inside[dim], count;
    bool among = digits->dims >> dim & 1u;
    if (among) step = steps_of(n, level, i);
    if (!some(step < outside)) return true;
    if (digits->looped >> dim & 1u || n->loops == EVEN_LOOPS) return false;
    digits->looped |= 1u << dim;
    count = among ? count_among(n, digits, dim, step, outside) : outside / step;
    if (among) digits->within[dim] *= count;
    choice uneven = count != nearest(count);
    if (EVEN_LANES == 1 && some(uneven)) return false; /* most do not divide from the start */
    n->uneven |= uneven;
    if (!among || some(count > 1)) put_loop(n, dim, count, step);
    return true;
}

static bool add_stack(even_nest *n, int level, int i, even_digits *digits)
{
    const hd_stack *u = &n->s[0]->level[level].stack[i];
    even_stack *stack = &n->stack[n->stacks];
    lanes count, shift;
    int dim = u->dim;
    get_stack(n, level, i, &count, &shift);
    if (!some(count > 1)) return true;
    if (n->stacks == EVEN_STACKS) return false;
    bool again = digits->dims >> dim & 1u;
    stack->dim = dim;
    stack->own = n->ready->having[dim];
    stack->before = again ? digits->last[dim] : -1;
    stack->bit = NEST_STACK(level, u->axis);
    stack->count = count;
    stack->shift = shift;
    digits->dims |= 1u << dim;
    digits->last[dim] = n->stacks++;
    digits->within[dim] = (again ? digits->within[dim] : digits->inside[dim]) * count;
    n->used[level] *= count;
    return true;
}

/* What a unit holds of every dim; the arithmetic level has one point. */
static void set_box(even_nest *n, int level)
{
    if (level == n->mac) {
        for (int d = 0; d < HD_MAX_DIMS; d++) n->box[level][d] = all(1);
        return;
    }
    const int64_t *tensor[EVEN_LANES];
    EACH_LANE(x) tensor[x] = n->s[x]->level[level].tensor;
    for (int d = 0; d < n->ready->p->op->dims; d++) {
        int64_t of[EVEN_LANES];
        EACH_LANE(x) of[x] = tensor[x][d];
        n->box[level][d] = as_lanes(of);
    }
}

/* Levels come one after the other; false where a shift does not divide or one of the `single` levels is split. */
static bool add_level(even_nest *n, int level)
{
    const hd_scheme_level *l = &n->s[0]->level[level];
    even_digits digits;
    set_box(n, level);
    digits.outside = n->box[level - 1];
    digits.inside = n->box[level];
    digits.dims = digits.looped = 0;
    n->keep[level] = level < n->mac ? l->keep : ~0u;
    n->used[level] = n->used[level - 1];
    for (int i = 0; i < l->stacks; i++)
        if (!add_stack(n, level, i, &digits)) return false;
    for (int i = l->updates - 1; i >= 0; i--) /* listed innermost first */
        if (!add_loop(n, level, i, &digits)) return false;
    for (unsigned dims = digits.dims; dims; dims = hd_dims_after(dims)) /* a digit that is cut short counts too many */
        n->uneven |= digits.within[hd_dim_of(dims)] != digits.outside[hd_dim_of(dims)];
    n->loops_to[level] = n->loops;
    n->stacks_to[level] = n->stacks;
    return !some(n->uneven) && (n->stacks == 0 || !(n->single >> level & 1u));
}

/* No level but the outermost, where every dim is whole. */
static void begin(even_nest *n, const native_ready *ready, const hd_scheme *const *s, unsigned single)
{
    n->ready = ready;
    n->s = s;
    n->mac = ready->mac;
    n->loops = n->stacks = n->loops_to[0] = n->stacks_to[0] = 0;
    n->single = single & ((1u << n->mac) - 1);
    n->uneven = all(0) > 0;
    n->turns[0] = n->used[0] = all(1);
    for (int d = 0; d < HD_MAX_DIMS; d++) n->box[0][d] = all(ready->extent[d]);
}
