/* Which tile sizes and how many schemes does a space hold? */
#include <math.h>
#include <string.h>

#include "base/count.h"
#include "solve/draft.h"

/* Pairs (i, ceil(e / i)) for i up to the root of e, rounded up: such an i is itself useful if ceil(e / ceil(e / i)) = i.
 * Where they are more than `max`, the sizes in the middle are left out.                                   */
int hd_space_sizes(const hd_space *space, int64_t extent, int64_t *out, int max)
{
    int64_t large[HD_MAX_SIZES];
    int n = 0, m = 0, half = (int)hd_count_max(1, hd_count_min(max, HD_MAX_SIZES) / 2);
    for (int64_t i = 1; i - 1 < hd_count_ceil_div(extent, hd_count_max(i - 1, 1)) && i <= extent && n < half; i++) {
        int64_t pair = hd_count_ceil_div(extent, i);
        if (!space->ragged && extent % i != 0) continue;
        if (hd_count_ceil_div(extent, pair) == i) out[n++] = i;
        large[m++] = pair;
    }
    while (m > 0) {
        int64_t v = large[--m];
        if (v > out[n - 1] && n < max) out[n++] = v;
    }
    return n;
}

/* Chains of one dimension, counted by spans: ways[v] = chains whose last span so far is v. */
static double chains(const hd_form *form, int dim)
{
    enum { MOST = 256 };
    int64_t value[HD_MAX_SIZES], next[HD_MAX_SIZES];
    double ways[HD_MAX_SIZES] = {0}, sum = 0;
    int64_t extent = form->space->problem->op->dim[dim].extent;
    int n = hd_space_sizes(form->space, extent, value, MOST);
    for (int i = 0; i < n; i++)
        if (value[i] == extent) ways[i] = 1;
    for (int k = 0; k < form->slots[dim]; k++) {
        double after[HD_MAX_SIZES] = {0};
        for (int i = 0; i < n; i++) {
            if (ways[i] == 0) continue;
            int m = hd_form_spans(form, dim, k, value[i], next, MOST);
            for (int j = 0, at = 0; j < m; j++) {
                while (at + 1 < n && value[at + 1] <= next[j]) at++;
                after[at] += ways[i];
            }
        }
        memcpy(ways, after, sizeof ways);
    }
    for (int i = 0; i < n; i++) sum += ways[i];
    return sum;
}

/* Chains x orders x keep sets, before fan-outs and capacity cut; orders count every dim with more than one point. */
double hd_space_log10(const hd_space *space)
{
    hd_form form;
    double digits = 0;
    int loops = 0;
    if (hd_form_init(&form, space, NULL) != HD_OK || form.verbatim) return 0;
    for (int d = 0; d < form.dims; d++) {
        double n = chains(&form, d);
        if (n > 1) digits += log10(n);
        loops += space->problem->op->dim[d].extent > 1;
    }
    for (int l = 1; l < form.levels; l++) {
        for (int i = 2; form.ordered[l] && i <= loops; i++) digits += log10(i); /* loops! orders */
        digits += log10(2.0) * __builtin_popcount(form.keep_free[l]);
    }
    return digits;
}

void hd_space_sample(const hd_space *space, hd_random *random, hd_scheme *out)
{
    hd_form form;
    hd_draft draft;
    if (hd_form_init(&form, space, NULL) != HD_OK || form.verbatim) {
        if (space->pin) *out = *space->pin;
        return;
    }
    do hd_draft_sample(&form, random, &draft);
    while (!hd_draft_decode(&form, &draft, out));
}
