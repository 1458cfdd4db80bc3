/* Which spans may a slot have?  Under the span above it, the tile sizes of the space and what pins say; where counts are
 * limited, only those from which the slots inside can still meet their limits.                          */
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "solve/draft.h"

static int64_t above_slot(const hd_form *form, int dim, int k, const int64_t *chain)
{
    return k > 0 ? chain[k - 1] : form->extent[dim];
}

/* What pins and limits inside multiply to is a member where it need not divide. */
static bool is_even(const hd_form *form, const hd_slot *s, int64_t span)
{
    return span == s->even && (form->space->ragged || form->space->pin);
}

static bool is_member(const hd_form *form, int dim, int k, int64_t above, int64_t span)
{
    const hd_slot *s = &form->slot[dim][k];
    if (span < s->least || span > above || (s->span > 0 && span != s->span)) return false;
    if (s->count > 0 && hd_count_ceil_div(above, span) != s->count) return false;
    if (s->span > 0 || is_even(form, s, span)) return true;
    if (!form->space->ragged && s->count == 0) return above % span == 0;
    return hd_count_ceil_div(above, hd_count_ceil_div(above, span)) == span;
}

static int members(const hd_form *form, int dim, int k, int64_t above, int64_t *out, int max)
{
    const hd_slot *s = &form->slot[dim][k];
    int64_t one = s->span > 0 ? s->span : s->count > 0 ? hd_count_ceil_div(above, s->count) : 0;
    if (one > 0) {
        out[0] = one;
        return is_member(form, dim, k, above, one) ? 1 : 0;
    }
    int n = 0, sizes = hd_space_sizes(form->space, above, out, max - 1);
    bool add = is_even(form, s, s->even) && s->even >= s->least && s->even <= above;
    for (int i = 0; i < sizes; i++) {
        if (out[i] < s->least) continue;
        add = add && out[i] != s->even;
        out[n++] = out[i];
    }
    if (!add) return n;
    int at = n++;
    for (; at > 0 && out[at - 1] > s->even; at--) out[at] = out[at - 1];
    out[at] = s->even;
    return n;
}

/* The limits of one slot; `outer` is the span above the slot before it. */
static bool is_within(const hd_slot *s, int64_t outer, int64_t above, int64_t span)
{
    int64_t count = hd_count_ceil_div(above, span), both;
    if (count > s->room) return false;
    if (s->pair == HD_PAIR_FIRST) return count <= s->most;
    if (s->pair == HD_ALONE) return count >= s->fewest && count <= s->most;
    int64_t first = hd_count_ceil_div(outer, above);
    if (s->one_axis && first > 1 && count > 1) return false;
    return hd_count_mul(first, count, &both) && both >= s->fewest && both <= s->most;
}

static bool search_end(const hd_form *form, int dim, int k, int64_t above);

static int index_of(const hd_form *form, int dim, int64_t span)
{
    int low = 0, high = form->sizes[dim] - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (form->size[dim][middle] < span) low = middle + 1;
        else high = middle;
    }
    return high >= 0 && form->size[dim][low] == span ? low : -1;
}

/* Can the slots k .. bring the span above them down to one? */
static bool can_end(const hd_form *form, int dim, int k, int64_t above)
{
    int i = index_of(form, dim, above);
    return i < 0 ? search_end(form, dim, k, above) : (form->ends[dim][k][i / 64] >> (i % 64) & 1u) != 0;
}

/* And those inside slot k, once it has this span? */
static bool can_go_on(const hd_form *form, int dim, int k, int64_t above, int64_t span)
{
    int64_t value[HD_MAX_SIZES];
    if (form->slot[dim][k].pair != HD_PAIR_FIRST) return can_end(form, dim, k + 1, span);
    int n = members(form, dim, k + 1, span, value, HD_MAX_SIZES);
    for (int i = 0; i < n; i++)
        if (is_within(&form->slot[dim][k + 1], above, span, value[i]) && can_end(form, dim, k + 2, value[i])) return true;
    return false;
}

static bool search_end(const hd_form *form, int dim, int k, int64_t above)
{
    int64_t value[HD_MAX_SIZES];
    if (k == form->slots[dim]) return above == 1;
    int n = members(form, dim, k, above, value, HD_MAX_SIZES);
    for (int i = 0; i < n; i++)
        if (is_within(&form->slot[dim][k], 0, above, value[i]) && can_go_on(form, dim, k, above, value[i])) return true;
    return false;
}

static int by_size(const void *a, const void *b)
{
    int64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* The sizes of the extent and of every even span: closed under taking sizes of sizes. */
static void collect_sizes(hd_form *form, int dim)
{
    int64_t *size = form->size[dim];
    int n = hd_space_sizes(form->space, form->extent[dim], size, HD_MAX_SIZES), m = 0;
    for (int k = 0; k < form->slots[dim] && n < HD_MAX_SIZES; k++)
        if (form->slot[dim][k].even > 1 && is_even(form, &form->slot[dim][k], form->slot[dim][k].even))
            n += hd_space_sizes(form->space, form->slot[dim][k].even, size + n, HD_MAX_SIZES - n);
    qsort(size, (size_t)n, sizeof *size, by_size);
    for (int i = 0; i < n; i++)
        if (m == 0 || size[i] != size[m - 1]) size[m++] = size[i];
    form->sizes[dim] = m;
}

bool hd_form_find_ends(hd_form *form, int dim)
{
    int slots = form->slots[dim];
    collect_sizes(form, dim);
    memset(form->ends[dim], 0, sizeof form->ends[dim]);
    for (int k = slots; k >= 0; k--)
        for (int i = 0; i < form->sizes[dim]; i++)
            if (k == slots || form->slot[dim][k].pair != HD_PAIR_SECOND)
                form->ends[dim][k][i / 64] |= (uint64_t)search_end(form, dim, k, form->size[dim][i]) << (i % 64);
    return can_end(form, dim, 0, form->extent[dim]);
}

bool hd_form_has(const hd_form *form, int dim, int k, const int64_t *chain, int64_t span)
{
    int64_t above = above_slot(form, dim, k, chain);
    if (!is_member(form, dim, k, above, span)) return false;
    return !form->limited || is_within(&form->slot[dim][k], k > 0 ? above_slot(form, dim, k - 1, chain) : 0, above, span);
}

bool hd_form_allows(const hd_form *form, int dim, int k, const int64_t *chain, int64_t span)
{
    if (!hd_form_has(form, dim, k, chain, span)) return false;
    return !form->limited || can_go_on(form, dim, k, above_slot(form, dim, k, chain), span);
}

int hd_form_spans(const hd_form *form, int dim, int k, const int64_t *chain, int64_t *out, int max)
{
    int64_t above = above_slot(form, dim, k, chain), outer = k > 0 ? above_slot(form, dim, k - 1, chain) : 0;
    int n = members(form, dim, k, above, out, max), m = 0;
    if (!form->limited) return n;
    for (int i = 0; i < n; i++)
        if (is_within(&form->slot[dim][k], outer, above, out[i]) && can_go_on(form, dim, k, above, out[i])) out[m++] = out[i];
    return m;
}
