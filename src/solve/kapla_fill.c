/* How KAPLA spends space at one level (reference 7.6): first on the dims that cut the refetching of the tensors that the
 * level's innermost loop would bring again, then on that loop itself.  First wins, as in the research code.         */
#include <assert.h>
#include <math.h>

#include "base/count.h"
#include "solve/kapla.h"

/* What an innermost loop makes fetch again: the tensors it moves, and how many words each costs in all.  One that it leaves be is
 * fetched once, which weighs where padding is compared (a recorded layer's choice hangs on it). */
typedef struct refetch {
    const hd_kapla_layer *layer;
    bool systolic;
    int loop;                             /* the innermost one */
    bool moved[HD_KAPLA_TENSORS];
    int64_t words[HD_KAPLA_TENSORS];
} refetch;

static int innermost(const int order[HD_KAPLA_LOOPS])
{
    int loop = 0;
    while (order[loop] != 0) loop++;
    return loop;
}

/* Dims of the loops that do not move the tensor; none for I and O of a channelwise layer. */
static int irrelevant(const refetch *r, int tensor, int dim[HD_KAPLA_LOOP_DIMS])
{
    int loop = hd_kapla_other_loop(tensor);
    if (hd_kapla_loop_moves(r->layer, loop, tensor)) return 0;
    return hd_kapla_loop_dims(r->layer, r->systolic, loop, dim);
}

static void measure(const hd_kapla_fill *f, int level, refetch *r)
{
    *r = (refetch){.layer = &f->base->layer, .systolic = f->base->systolic, .loop = innermost(f->order[level])};
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        int dim[HD_KAPLA_LOOP_DIMS], n = irrelevant(r, t, dim);
        r->moved[t] = hd_kapla_loop_moves(r->layer, r->loop, t);
        r->words[t] = hd_kapla_tensor_words(r->layer, t) * (t == HD_KAPLA_O ? 2 : 1);
        for (int i = 0; i < n && r->moved[t]; i++) r->words[t] *= f->rest[dim[i]];
    }
}

/* The smallest divisor above 1; 1 of 1. */
static int64_t smallest_factor(int64_t v)
{
    for (int64_t f = 2; f * f <= v; f++)
        if (v % f == 0) return f;
    return v;
}

static double padding(int64_t count, int64_t f) { return (double)(hd_count_ceil_div(count, f) * f) / (double)count; }

/* ---- units in space ---- */

/* Is there nothing left whose splitting would spare a moved tensor? */
static bool is_spared(const hd_kapla_fill *f, const refetch *r)
{
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        int dim[HD_KAPLA_LOOP_DIMS], n = r->moved[t] ? irrelevant(r, t, dim) : 0;
        for (int i = 0; i < n; i++)
            if (f->rest[dim[i]] > 1) return false;
    }
    return true;
}

/* The dim of the innermost loop that pads least; -1 where all are at 1. */
static int pick_own(const hd_kapla_fill *f, const refetch *r, int64_t factor)
{
    int dim[HD_KAPLA_LOOP_DIMS], n = hd_kapla_loop_dims(r->layer, r->systolic, r->loop, dim), best = -1;
    bool left = false;
    for (int i = 0; i < n; i++) {
        left |= f->rest[dim[i]] > 1;
        if (best < 0 || padding(f->rest[dim[i]], factor) < padding(f->rest[best], factor)) best = dim[i];
    }
    return left ? best : -1;
}

/* The moved tensor that costs most. */
static int costliest(const refetch *r)
{
    int best = -1;
    for (int t = 0; t < HD_KAPLA_TENSORS; t++)
        if (r->moved[t] && (best < 0 || r->words[t] > r->words[best])) best = t;
    assert(best >= 0);
    return best;
}

/* Of all the loops that tensors call irrelevant: the dim after whose padded splitting the least is fetched. */
static int pick_padded(const hd_kapla_fill *f, const refetch *r, int most, int64_t factor, int *of)
{
    double least = INFINITY;
    int best = -1;
    for (int c = 0; c < HD_KAPLA_TENSORS; c++) {
        int loop = hd_kapla_other_loop(c), dim[HD_KAPLA_LOOP_DIMS];
        int n = hd_kapla_loop_dims(r->layer, r->systolic, loop, dim);
        for (int i = 0; i < n; i++) {
            double cost = 0, ratio = padding(f->rest[dim[i]], factor);
            for (int t = 0; t < HD_KAPLA_TENSORS; t++)
                cost += (double)r->words[t] / (double)(t == most ? factor : 1) *
                        (hd_kapla_loop_moves(r->layer, loop, t) ? ratio : 1);
            if (cost >= least) continue;
            least = cost;
            best = dim[i];
            *of = c;
        }
    }
    return best;
}

/* Where the next factor goes; -1 = nowhere.  Lowers the refetching it spares. */
static int pick_split(const hd_kapla_fill *f, refetch *r, int64_t factor)
{
    if (is_spared(f, r)) return pick_own(f, r, factor);
    int most = costliest(r), of = most, dim[HD_KAPLA_LOOP_DIMS], best = -1;
    int n = hd_kapla_loop_dims(r->layer, r->systolic, hd_kapla_other_loop(most), dim);
    for (int i = n - 1; i >= 0; i--)
        if (f->rest[dim[i]] % factor == 0) best = dim[i];
    if (best < 0) best = pick_padded(f, r, most, factor, &of);
    r->words[of] = hd_count_ceil_div(r->words[of], factor);
    return best;
}

void hd_kapla_fill_stack(hd_kapla_fill *f, int level, int64_t slots[HD_AXES])
{
    refetch r;
    measure(f, level, &r);
    for (int axis = 0; axis < HD_AXES; axis++)
        while (slots[axis] > 1) {
            int64_t factor = smallest_factor(slots[axis]);
            int dim = pick_split(f, &r, factor);
            if (dim < 0) break;
            f->rest[dim] = hd_count_ceil_div(f->rest[dim], factor);
            f->copies[level][axis][dim] *= factor;
            slots[axis] /= factor;
        }
}

/* ---- words in a buffer ---- */

/* Nodes that hold the same block of a tensor: copies along loops that do not move it. */
static int64_t sharers(const hd_kapla_fill *f, int tensor)
{
    const hd_kapla_template *b = f->base;
    int dim[HD_KAPLA_LOOP_DIMS], loop = hd_kapla_other_loop(tensor);
    int64_t n = 1;
    if (hd_kapla_loop_moves(&b->layer, loop, tensor)) return 1;
    for (int i = hd_kapla_loop_dims(&b->layer, b->systolic, loop, dim) - 1; i >= 0; i--)
        for (int axis = 0; axis < HD_AXES; axis++) n *= f->copies[HD_KAPLA_NODE][axis][dim[i]];
    return n;
}

static bool fits(const hd_kapla_fill *f, const hd_kapla_room *room, int level)
{
    const hd_kapla_template *b = f->base;
    for (int buffer = 0; buffer <= level; buffer++) {
        int64_t words = 0;
        for (int t = 0; t < HD_KAPLA_TENSORS; t++)
            words += hd_count_ceil_div(hd_kapla_block_words(&b->layer, b->systolic, t, f->tensor[buffer]),
                                       buffer == HD_KAPLA_NODE && room->share ? sharers(f, t) : 1);
        if ((double)words >= room->words[buffer]) return false;
    }
    return true;
}

/* Grow the blocks of the level and of those outside it by a factor of the iterations left. */
static void grow(hd_kapla_fill *f, int level, int dim, int64_t factor)
{
    for (int buffer = 0; buffer <= level; buffer++) {
        f->tensor[buffer][dim] *= factor;
        hd_kapla_follow(&f->base->layer, f->base->systolic, f->tensor[buffer]);
    }
    f->growth[level][dim] *= factor;
    f->rest[dim] /= factor;
}

/* The choice of factors that spares most; the first one of equals, smaller factors of earlier dims first. */
enum { CHOICES = HD_KAPLA_TENSORS * HD_KAPLA_LOOP_DIMS };
typedef struct choice {
    const hd_kapla_room *room;
    const refetch *refetch;
    int level, dims, dim[CHOICES], of[CHOICES];
    bool found;
    int64_t least, factor[CHOICES];
} choice;

static void choose(const hd_kapla_fill *f, choice *c, int at, const int64_t words[HD_KAPLA_TENSORS],
                   int64_t factor[CHOICES])
{
    if (!fits(f, c->room, c->level)) return; /* larger factors fit even less */
    if (at == c->dims) {
        int64_t sum = words[HD_KAPLA_W] + words[HD_KAPLA_I] + words[HD_KAPLA_O];
        if (c->found && sum >= c->least) return;
        c->found = true;
        c->least = sum;
        for (int i = 0; i < at; i++) c->factor[i] = factor[i];
        return;
    }
    for (int64_t n = f->rest[c->dim[at]], v = 1; v <= n; v++) {
        if (n % v != 0) continue;
        hd_kapla_fill next = *f;
        int64_t left[HD_KAPLA_TENSORS] = {words[0], words[1], words[2]};
        grow(&next, c->level, c->dim[at], v);
        if (!fits(&next, c->room, c->level)) return;
        left[c->of[at]] = hd_count_ceil_div(words[c->of[at]], v);
        factor[at] = v;
        choose(&next, c, at + 1, left, factor);
    }
}

/* Prime factors of the innermost loop's own dims, smallest first, while they fit. */
static void grow_own(hd_kapla_fill *f, const hd_kapla_room *room, int level, const refetch *r)
{
    int dim[HD_KAPLA_LOOP_DIMS], n = hd_kapla_loop_dims(r->layer, r->systolic, r->loop, dim);
    for (;;) {
        int best = -1;
        for (int i = 0; i < n; i++)
            if (f->rest[dim[i]] > 1 &&
                (best < 0 || smallest_factor(f->rest[dim[i]]) < smallest_factor(f->rest[best]))) best = dim[i];
        if (best < 0) return;
        hd_kapla_fill next = *f;
        grow(&next, level, best, smallest_factor(f->rest[best]));
        if (!fits(&next, room, level)) return;
        *f = next;
    }
}

bool hd_kapla_fill_tensor(hd_kapla_fill *f, const hd_kapla_room *room, int level)
{
    refetch r;
    measure(f, level, &r);
    choice c = {.room = room, .refetch = &r, .level = level};
    int64_t factor[CHOICES];
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        int dim[HD_KAPLA_LOOP_DIMS], n = r.moved[t] ? irrelevant(&r, t, dim) : 0;
        for (int i = 0; i < n; i++) {
            c.dim[c.dims] = dim[i];
            c.of[c.dims++] = t;
        }
    }
    choose(f, &c, 0, r.words, factor);
    if (!c.found) return false;
    for (int i = 0; i < c.dims; i++) grow(f, level, c.dim[i], c.factor[i]);
    grow_own(f, room, level, &r);
    return true;
}
