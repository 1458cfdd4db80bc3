/* How the directives of one dimension become digits: see radix.h. */
#include "dataflow/radix.h"

#include <stdio.h>

#include "base/count.h"

static bool refuse(hd_refusal *why, const hd_problem *p, int level, int dim, const char *what, int64_t need,
                   int64_t have)
{
    if (why) {
        *why = (hd_refusal){HD_REFUSE_RADIX, level, -1, dim, need, have, ""};
        snprintf(why->why, sizeof why->why, "%s, dim %s: %s (expected %lld, found %lld)", p->arch->level[level].name,
                 p->op->dim[dim].name, what, (long long)need, (long long)have);
    }
    return false;
}

static bool before(const hd_digit *a, int64_t a_copies, const hd_digit *b, int64_t b_copies)
{
    if (a->shift != b->shift) return a->shift < b->shift;
    return a_copies <= 1 && b_copies > 1; /* the one that counts comes after equal shifts */
}

/* The digits of one level, innermost first, counts not yet known (stacks carry their copies). */
static int level_digits(const hd_scheme_level *l, int level, int dim, hd_digit *out)
{
    int n = 0;
    for (int i = 0; i < l->updates && n < HD_MAX_DIGITS; i++)
        if (l->update[i].dim == dim) out[n++] = (hd_digit){level, i, -1, l->update[i].step, 0};
    for (int i = 0; i < l->stacks && n < HD_MAX_DIGITS; i++)
        if (l->stack[i].dim == dim) out[n++] = (hd_digit){level, -1, i, l->stack[i].shift, l->stack[i].copies};
    for (int i = 1; i < n; i++) { /* stable insertion sort: n is tiny */
        hd_digit d = out[i];
        int j = i;
        for (; j > 0 && before(&d, d.count, &out[j - 1], out[j - 1].count); j--) out[j] = out[j - 1];
        out[j] = d;
    }
    return n;
}

/* Check one level's digits against its box and the box outside; append those that count. */
static bool append_level(const hd_problem *p, const hd_scheme *s, int level, int dim, hd_radix *inner, hd_refusal *why)
{
    hd_digit digit[HD_MAX_DIGITS];
    int64_t box = s->level[level].tensor[dim], outer = s->level[level - 1].tensor[dim];
    int n = level_digits(&s->level[level], level, dim, digit);
    if (n == 0 && box != outer)
        return refuse(why, p, level, dim, "the box differs from the box outside but no stack or update covers it", outer, box);
    for (int i = 0; i < n; i++) {
        int64_t span = i + 1 < n ? digit[i + 1].shift : outer, copies = digit[i].count;
        if (i == 0 && digit[i].shift != box)
            return refuse(why, p, level, dim, "the innermost shift must equal the box", box, digit[i].shift);
        if (digit[i].shift > span)
            return refuse(why, p, level, dim, "a shift goes past the span above it", span, digit[i].shift);
        digit[i].count = hd_count_ceil_div(span, digit[i].shift);
        if (digit[i].stack >= 0 && copies != digit[i].count)
            return refuse(why, p, level, dim, "copies must cover the span above once", digit[i].count, copies);
        if (digit[i].count == 1) continue;
        if (inner->digits == HD_MAX_DIGITS) return refuse(why, p, level, dim, "too many directives", HD_MAX_DIGITS, n);
        inner->digit[inner->digits++] = digit[i];
    }
    return true;
}

bool hd_radix_build(const hd_problem *p, const hd_scheme *s, int dim, hd_radix *out, hd_refusal *why)
{
    out->digits = 0;
    for (int level = s->levels - 1; level >= 1; level--)
        if (!append_level(p, s, level, dim, out, why)) return false;
    for (int i = 0, j = out->digits - 1; i < j; i++, j--) {
        hd_digit d = out->digit[i];
        out->digit[i] = out->digit[j];
        out->digit[j] = d;
    }
    return true;
}

/* The shifts of one dim at one level; returns how many. */
static int level_shifts(const hd_scheme_level *l, int dim, int64_t out[HD_MAX_DIGITS])
{
    int n = 0;
    for (int i = 0; i < l->updates && n < HD_MAX_DIGITS; i++)
        if (l->update[i].dim == dim) out[n++] = l->update[i].step;
    for (int i = 0; i < l->stacks && n < HD_MAX_DIGITS; i++)
        if (l->stack[i].dim == dim) out[n++] = l->stack[i].shift;
    return n;
}

bool hd_radix_is_even(const hd_scheme *s, int dim, int last)
{
    int64_t shift[HD_MAX_DIGITS];
    for (int level = 1; level <= last; level++) {
        int64_t outer = s->level[level - 1].tensor[dim];
        if (s->level[level].tensor[dim] == outer) continue;
        int n = level_shifts(&s->level[level], dim, shift);
        for (int i = 0; i < n; i++) { /* a chain of divisors, in whatever order it stands */
            if (outer % shift[i] != 0) return false;
            for (int k = 0; k < i; k++)
                if (hd_count_max(shift[i], shift[k]) % hd_count_min(shift[i], shift[k]) != 0) return false;
        }
    }
    return true;
}
