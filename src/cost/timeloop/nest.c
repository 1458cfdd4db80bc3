/* A scheme as Timeloop's loops.  A residual is a digit of extent - 1 in the mixed radix of the dim's factors, so every
 * factor but the outermost must divide the one outside it. */
#include <stdio.h>

#include "base/count.h"
#include "cost/timeloop/timeloop.h"

static bool refuse(hd_refusal *out, const hd_problem *p, int level, int dim, int64_t need, int64_t have, const char *what)
{
    if (out) {
        *out = (hd_refusal){HD_REFUSE_MODEL, level, -1, dim, need, have, ""};
        snprintf(out->why, sizeof out->why, "Timeloop's mappings cannot say this: %s, dim %s: %s", p->arch->level[level].name,
                 p->op->dim[dim].name, what);
    }
    return false;
}

typedef struct builder {
    tl_nest *n;
    hd_refusal *out;
    int64_t above[HD_MAX_DIMS];   /* shift of the digit outside; the extent where there is none yet */
    unsigned begun;               /* dims with a digit */
} builder;

/* One more digit of a dim, inside those before it. */
static bool add_digit(builder *b, int level, int dim, int64_t shift, int64_t *residual)
{
    const hd_problem *p = b->n->p;
    bool divides = b->above[dim] % shift == 0;
    if ((b->begun >> dim & 1u) && !divides)
        return refuse(b->out, p, level, dim, b->above[dim], shift,
                      "the span does not divide the span outside, only the outermost factor of a dim may end unevenly");
    b->n->perfect &= divides;
    *residual = (p->op->dim[dim].extent - 1) / shift;
    b->begun |= 1u << dim;
    b->above[dim] = shift;
    return true;
}

static bool add_loops(builder *b, int block)
{
    tl_nest *n = b->n;
    const hd_scheme_level *l = &n->s->level[block + 1];
    unsigned seen = 0;
    for (int i = l->updates - 1; i >= 0; i--) {
        int d = l->update[i].dim;
        int64_t step = l->update[i].step, bound = hd_count_ceil_div(n->s->level[block].tensor[d], step), index;
        if (bound == 1) continue;
        if (seen >> d & 1u)
            return refuse(b->out, n->p, block + 1, d, 1, 2, "two loops of one dim at one level");
        if (n->loops == TL_MAX_LOOPS) return refuse(b->out, n->p, block + 1, d, TL_MAX_LOOPS, n->loops + 1, "too many loops");
        seen |= 1u << d;
        if (!add_digit(b, block + 1, d, step, &index)) return false;
        n->loop[n->loops] = (tl_loop){d, step, bound, index % bound + 1};
        if (!hd_count_mul(n->outside[n->loops], bound, &n->outside[n->loops + 1]))
            return refuse(b->out, n->p, block + 1, d, HD_COUNT_EXACT, bound, "more iterations than can be counted");
        n->loops++;
    }
    n->end[block] = n->loops;
    return true;
}

static bool add_factors(builder *b, int block)
{
    tl_nest *n = b->n;
    const hd_scheme_level *l = &n->s->level[block + 1];
    tl_block *out = &n->block[block];
    unsigned seen = 0;
    out->factors = 0;
    out->units = 1;
    for (int axis = 0; axis < HD_AXES; axis++)
        for (int i = 0; i < l->stacks; i++) {
            const hd_stack *st = &l->stack[i];
            int64_t index;
            if (st->axis != axis || st->copies == 1) continue;
            if (seen >> st->dim & 1u)
                return refuse(b->out, n->p, block + 1, st->dim, 1, 2, "two stacks of one dim at one level");
            if ((b->begun >> st->dim & 1u) && b->above[st->dim] < st->shift)
                return refuse(b->out, n->p, block + 1, st->dim, b->above[st->dim], st->shift,
                              "a stack outside an update of the same level");
            seen |= 1u << st->dim;
            out->units *= st->copies;
            if (out->factors == TL_MAX_FACTORS || out->units > TL_MAX_UNITS)
                return refuse(b->out, n->p, block + 1, st->dim, TL_MAX_UNITS, out->units, "more units than are priced below one");
            if (!add_digit(b, block + 1, st->dim, st->shift, &index)) return false;
            out->factor[out->factors++] = (tl_factor){st->dim, axis, st->shift, st->copies, index % st->copies + 1};
        }
    return true;
}

/* Points that the first arithmetic unit executes: idle lanes count as computing, short loops do not (a.8). */
static int64_t computes_each(const tl_nest *n)
{
    int64_t all = 1;
    for (int d = 0; d < n->p->op->dims; d++) {
        int64_t points = 0, inside = 1;
        bool ended = false;                /* outermost first: are all digits so far at their end? */
        for (int b = 0; b < n->mac; b++)
            for (int i = b ? n->end[b - 1] : 0; i < n->end[b]; i++)
                if (n->loop[i].dim == d) inside *= n->loop[i].bound;
        for (int b = 0; b < n->mac && !ended; b++) {
            for (int i = b ? n->end[b - 1] : 0; i < n->end[b]; i++)
                if (n->loop[i].dim == d) {
                    inside /= n->loop[i].bound;
                    points += (n->loop[i].residual - 1) * inside;
                }
            for (int i = 0; i < n->block[b].factors; i++)
                if (n->block[b].factor[i].dim == d && n->block[b].factor[i].residual > 1) ended = true;
        }
        all *= points + (ended ? inside : 1);
    }
    return all;
}

bool hd_tl_nest_build(tl_nest *n, const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    builder b = {.n = n, .out = out};
    n->p = p;
    n->s = s;
    n->mac = s->levels - 1;
    n->loops = 0;
    n->outside[0] = n->instances[0] = 1;
    n->perfect = true;
    n->off = 0;
    for (int d = 0; d < p->op->dims; d++) b.above[d] = p->op->dim[d].extent;
    for (int k = 0; k < n->mac; k++) {
        if (!add_loops(&b, k) || !add_factors(&b, k)) return false;
        if (!hd_count_mul(n->instances[k], n->block[k].units, &n->instances[k + 1]))
            return refuse(out, p, k + 1, 0, HD_COUNT_EXACT, n->block[k].units, "more units than can be counted");
    }
    n->computes_each = n->perfect ? n->outside[n->loops] : computes_each(n);
    return true;
}

void hd_tl_view(const hd_operator *op, hd_role role, tl_view *out)
{
    const hd_tensor *t = &op->tensor[role];
    out->role = role;
    out->ranks = t->ranks;
    for (int d = 0; d < op->dims; d++) {
        out->rank[d] = -1;
        out->coef[d] = 0;
    }
    for (int r = 0; r < t->ranks; r++)
        for (int k = 0; k < t->rank[r].terms; k++) {
            out->rank[t->rank[r].term[k].dim] = r;
            out->coef[t->rank[r].term[k].dim] = t->rank[r].term[k].coef;
        }
}

static int64_t box_of(const hd_operator *op, const tl_view *v, const int64_t *extent, int64_t size[HD_MAX_RANKS])
{
    int64_t words = 1;
    for (int r = 0; r < v->ranks; r++) size[r] = 1;
    for (int d = 0; d < op->dims; d++)
        if (v->rank[d] >= 0) size[v->rank[d]] += v->coef[d] * (extent[d] - 1);
    for (int r = 0; r < v->ranks; r++) words *= size[r];
    return words;
}

int64_t hd_tl_box(const tl_nest *n, const tl_view *v, int level, int64_t size[HD_MAX_RANKS])
{
    return box_of(n->p->op, v, n->s->level[level].tensor, size);
}

int64_t hd_tl_tensor_words(const hd_operator *op, const tl_view *v)
{
    int64_t extent[HD_MAX_DIMS], size[HD_MAX_RANKS];
    for (int d = 0; d < op->dims; d++) extent[d] = op->dim[d].extent;
    return box_of(op, v, extent, size);
}
