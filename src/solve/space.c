/* Which tile sizes and how many schemes does a space hold? */
#include <math.h>
#include <string.h>

#include "base/count.h"
#include "solve/draft.h"

/* Pairs (i, ceil(e / i)) for i up to the root of e, rounded up: such an i is itself useful if ceil(e / ceil(e / i)) = i. */
static int find_pairs(int64_t extent, int64_t *small, int64_t *large, int half, int *pairs)
{
    int n = 0, m = 0;
    for (int64_t i = 1; i - 1 < hd_count_ceil_div(extent, hd_count_max(i - 1, 1)) && i <= extent && n < half; i++) {
        int64_t pair = hd_count_ceil_div(extent, i);
        if (hd_count_ceil_div(extent, pair) == i) small[n++] = i;
        large[m++] = pair;
    }
    *pairs = m;
    return n;
}

/* The same where only divisors are: asked for often. */
static int find_divisors(int64_t extent, int64_t *small, int64_t *large, int half, int *pairs)
{
    int n = 0;
    for (int64_t i = 1; i * i <= extent && n < half; i++) {
        int64_t pair = extent / i;
        if (pair * i != extent) continue;
        small[n] = i;
        large[n++] = pair;
    }
    *pairs = n;
    return n;
}

/* Where they are more than `max`, the sizes in the middle are left out. */
int hd_space_sizes(const hd_space *space, int64_t extent, int64_t *out, int max)
{
    int64_t large[HD_MAX_SIZES];
    int m, half = (int)hd_count_max(1, hd_count_min(max, HD_MAX_SIZES) / 2);
    int n = (space->ragged ? find_pairs : find_divisors)(extent, out, large, half, &m);
    while (m > 0) {
        int64_t v = large[--m];
        if (v > out[n - 1] && n < max) out[n++] = v;
    }
    return n;
}

enum { MOST_COUNTED = 256 };

/* How many chains end at each of a dimension's spans so far. */
typedef struct tally { int n; int64_t value[MOST_COUNTED]; double ways[MOST_COUNTED], after[MOST_COUNTED]; } tally;

static void add_ways(tally *t, const int64_t *span, int n, double ways)
{
    for (int j = 0, at = 0; j < n; j++) {
        while (at + 1 < t->n && t->value[at + 1] <= span[j]) at++;
        t->after[at] += ways;
    }
}

/* Slot k, and the one after it where limits tie them together. */
static void count_slot(const hd_form *form, int dim, int k, tally *t)
{
    int64_t chain[HD_MAX_SLOTS], first[MOST_COUNTED], second[MOST_COUNTED];
    memset(t->after, 0, sizeof t->after);
    for (int i = 0; i < t->n; i++) {
        if (t->ways[i] == 0) continue;
        if (k > 0) chain[k - 1] = t->value[i];
        if (k > 1) chain[k - 2] = t->value[i];
        int n = hd_form_spans(form, dim, k, chain, first, MOST_COUNTED);
        if (form->slot[dim][k].pair != HD_PAIR_FIRST) add_ways(t, first, n, t->ways[i]);
        for (int j = 0; form->slot[dim][k].pair == HD_PAIR_FIRST && j < n; j++) {
            chain[k] = first[j];
            add_ways(t, second, hd_form_spans(form, dim, k + 1, chain, second, MOST_COUNTED), t->ways[i]);
        }
    }
    memcpy(t->ways, t->after, sizeof t->ways);
}

static double chains(const hd_form *form, int dim)
{
    tally t = {.n = 0};
    double sum = 0;
    int64_t extent = form->extent[dim];
    t.n = hd_space_sizes(form->space, extent, t.value, MOST_COUNTED);
    for (int i = 0; i < t.n; i++) t.ways[i] = t.value[i] == extent;
    for (int k = 0; k < form->slots[dim]; k += form->slot[dim][k].pair == HD_PAIR_FIRST ? 2 : 1) count_slot(form, dim, k, &t);
    for (int i = 0; i < t.n; i++) sum += t.ways[i];
    return sum;
}

/* Chains x orders x keep sets, before fan-outs and capacity cut; orders count every loop that has no fixed place. */
bool hd_space_count(const hd_form *form, hd_wide *size, hd_wide *orders)
{
    bool fits = true;
    *orders = hd_wide_of(1);
    for (int l = 1; l < form->levels; l++)
        for (int i = 2; form->ordered[l] && i <= form->loops[l]; i++) fits = fits && hd_wide_multiply(orders, (uint64_t)i);
    *size = *orders;
    for (int d = 0; d < form->dims; d++) {
        double n = chains(form, d);
        fits = fits && n < (double)HD_COUNT_EXACT && hd_wide_multiply(size, (uint64_t)n);
    }
    for (int l = 0; l < form->levels; l++)
        fits = fits && hd_wide_multiply(size, (uint64_t)1 << __builtin_popcount(form->keep_free[l]));
    return fits;
}

double hd_space_log10(const hd_space *space)
{
    hd_form form;
    hd_wide size, orders;
    if (hd_form_init(&form, space, NULL) != HD_OK || form.verbatim || form.refusal.kind != HD_LEGAL) return 0;
    if (!hd_space_count(&form, &size, &orders)) return 320 * log10(2.0);
    return hd_wide_is_zero(&size) ? 0 : hd_wide_log10(&size);
}

void hd_space_sample(const hd_space *space, hd_random *random, hd_scheme *out)
{
    hd_form form;
    hd_draft draft;
    if (hd_form_init(&form, space, NULL) != HD_OK || form.verbatim || form.refusal.kind != HD_LEGAL || form.unknown) {
        if (space->pin) *out = *space->pin;
        return;
    }
    do hd_draft_sample(&form, random, &draft);
    while (!hd_draft_decode(&form, &draft, out));
}
