/* Which elements of the array hold the same words: counted instead of the research code's constraint solver. */
#include <string.h>

#include "base/count.h"
#include "cost/kapla/form.h"

typedef struct vector { int64_t step[HD_KAPLA_DIMS], copies; } vector;

/* The shifts of the tensor along the stacks that move it; returns how many. */
static int shifts(const hd_kapla_scheme *s, unsigned fixes, int tensor, vector out[HD_KAPLA_MOVES])
{
    int n = 0;
    for (int i = 0; i < s->regf.stacks; i++) {
        const hd_kapla_move *m = &s->regf.stack[i];
        if (!hd_kapla_moves_tensor(s, fixes, tensor, m)) continue;
        memset(&out[n], 0, sizeof out[n]);
        out[n].copies = m->copies;
        for (int k = 0; k < m->parts; k++)
            if (hd_kapla_has(s, fixes, tensor, m->part[k].dim)) out[n].step[m->part[k].dim] = m->part[k].step;
        n++;
    }
    return n;
}

/* Element `index` of the grid as coordinates. */
static void value_of(const vector *v, int n, int64_t index, int64_t value[HD_KAPLA_DIMS])
{
    memset(value, 0, HD_KAPLA_DIMS * sizeof *value);
    for (int i = 0; i < n; i++, index /= v[i - 1].copies)
        for (int d = 0; d < HD_KAPLA_DIMS; d++) value[d] += index % v[i].copies * v[i].step[d];
}

static int64_t grid(const vector *v, int n)
{
    int64_t all = 1;
    for (int i = 0; i < n; i++) all *= v[i].copies;
    return all;
}

static bool equal(const int64_t *a, const int64_t *b) { return memcmp(a, b, HD_KAPLA_DIMS * sizeof *a) == 0; }

/* Values by looking at every pair: where no rule below applies, which templates never lead to. */
static int64_t distinct_by_pairs(const vector *v, int n)
{
    int64_t all = grid(v, n), found = 0, a[HD_KAPLA_DIMS], b[HD_KAPLA_DIMS];
    for (int64_t i = 0; i < all; i++) {
        bool fresh = true;
        value_of(v, n, i, a);
        for (int64_t j = 0; j < i && fresh; j++) {
            value_of(v, n, j, b);
            fresh = !equal(a, b);
        }
        found += fresh;
    }
    return found;
}

/* Is `outer` the same shift as `inner`, carried on where it ends? */
static bool carries_on(const vector *inner, const vector *outer)
{
    for (int d = 0; d < HD_KAPLA_DIMS; d++)
        if (outer->step[d] != inner->step[d] * inner->copies) return false;
    return true;
}

/* The only dim that moves, -1 if there are more. */
static int single_dim(const vector *v)
{
    int found = -1;
    for (int d = 0; d < HD_KAPLA_DIMS; d++) {
        if (v->step[d] == 0) continue;
        if (found >= 0) return -1;
        found = d;
    }
    return found;
}

static int64_t divisor(int64_t a, int64_t b) { return b == 0 ? a : divisor(b, a % b); }

/* Values of a i + b j, i < n, j < m: two pairs agree when they differ by a multiple of (b, -a) / gcd. */
static int64_t sums(const vector *x, const vector *y, int dim)
{
    int64_t a = x->step[dim], b = y->step[dim], g = divisor(a, b);
    return x->copies * y->copies - hd_count_max(0, x->copies - b / g) * hd_count_max(0, y->copies - a / g);
}

static void drop(vector *v, int *n, int at)
{
    memmove(&v[at], &v[at + 1], (size_t)(*n - at - 1) * sizeof *v);
    --*n;
}

/* Shifts that carry on one another become one; a shift with a dim of its own multiplies. */
static int64_t take_independent(vector *v, int *n)
{
    int64_t product = 1;
    for (int i = 0; i < *n; i++)
        for (int j = 0; j < *n; j++)
            if (i != j && carries_on(&v[i], &v[j])) {
                v[i].copies *= v[j].copies;
                drop(v, n, j);
                i = -1;
                break;
            }
    for (int i = 0; i < *n; i++)
        for (int d = 0; d < HD_KAPLA_DIMS; d++) {
            bool own = v[i].step[d] != 0;
            for (int j = 0; j < *n && own; j++) own = j == i || v[j].step[d] == 0;
            if (!own) continue;
            product *= v[i].copies;
            drop(v, n, i);
            i = -1;
            break;
        }
    return product;
}

int64_t hd_kapla_distinct(const hd_kapla_scheme *s, unsigned fixes, int tensor)
{
    vector v[HD_KAPLA_MOVES];
    int n = shifts(s, fixes, tensor, v);
    int64_t product = take_independent(v, &n);
    if (n == 0) return product;
    int dim = single_dim(&v[0]);
    if (n == 2 && dim >= 0 && single_dim(&v[1]) == dim) return product * sums(&v[0], &v[1], dim);
    return product * distinct_by_pairs(v, n);
}

static bool smaller(const int64_t *a, const int64_t *b)
{
    for (int d = 0; d < HD_KAPLA_DIMS; d++)
        if (a[d] != b[d]) return a[d] < b[d];
    return false;
}

/* Does some other element hold what this one needs after the step (or the other way round), and this one comes first? */
static bool has_neighbour(const vector *v, int n, int64_t all, int64_t index, const int64_t *step)
{
    int64_t own[HD_KAPLA_DIMS], other[HD_KAPLA_DIMS], up[HD_KAPLA_DIMS], down[HD_KAPLA_DIMS];
    value_of(v, n, index, own);
    for (int d = 0; d < HD_KAPLA_DIMS; d++) up[d] = own[d] + step[d], down[d] = own[d] - step[d];
    for (int64_t j = 0; j < all; j++) {
        if (j == index) continue;
        value_of(v, n, j, other);
        if (equal(own, up) ? equal(other, own) : (equal(other, up) || equal(other, down)) && smaller(own, other)) return true;
    }
    return false;
}

int64_t hd_kapla_edge(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_move *update)
{
    vector v[HD_KAPLA_MOVES];
    int n = shifts(s, fixes, tensor, v);
    int64_t all = grid(v, n), twins, step[HD_KAPLA_DIMS] = {0}, members = 0, elements = 1;
    for (int i = 0; i < s->regf.stacks; i++) elements *= s->regf.stack[i].copies;
    for (int k = 0; k < update->parts; k++) {
        bool stacked = false;
        for (int i = 0; i < n; i++) stacked |= v[i].step[update->part[k].dim] != 0;
        if (stacked) step[update->part[k].dim] = update->part[k].step;
    }
    twins = elements / all; /* elements with the same place in all shifts of the tensor: equal data */
    bool stays = true;
    for (int d = 0; d < HD_KAPLA_DIMS; d++) stays &= step[d] == 0;
    if (stays && twins > 1) members = elements;
    else
        for (int64_t i = 0; i < all; i++) members += twins * has_neighbour(v, n, all, i, step);
    if (members == elements && fixes & HD_KAPLA_FIX_SKEW) return 1;
    return elements - members;
}
