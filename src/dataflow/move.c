/* See move.h. */
#include "dataflow/move.h"

#include "dataflow/radix.h"

typedef struct directive { int level; int64_t *shift, *copies, count; } directive; /* copies: NULL of a loop */

static void insert(directive *d, int *n, int first, int level, int64_t *shift, int64_t *copies)
{
    int k = (*n)++;
    for (; k > first && *d[k - 1].shift < *shift; k--) d[k] = d[k - 1];
    d[k] = (directive){level, shift, copies, 0};
}

/* Outermost first; false where they are too many or something does not divide. */
static bool list(hd_scheme *s, int dim, directive d[HD_MAX_DIGITS], int *n)
{
    *n = 0;
    for (int l = 1; l < s->levels; l++) {
        hd_scheme_level *level = &s->level[l];
        int first = *n;
        if (*n + level->updates + level->stacks > HD_MAX_DIGITS) return false;
        for (int i = 0; i < level->updates; i++)
            if (level->update[i].dim == dim) insert(d, n, first, l, &level->update[i].step, NULL);
        for (int i = 0; i < level->stacks; i++)
            if (level->stack[i].dim == dim) insert(d, n, first, l, &level->stack[i].shift, &level->stack[i].copies);
        int64_t span = level[-1].tensor[dim];
        for (int k = first; k < *n; span = *d[k++].shift) {
            if (span % *d[k].shift) return false;
            d[k].count = span / *d[k].shift;
        }
    }
    return true;
}

int hd_scheme_directives(const hd_scheme *s, int dim)
{
    int n = 0;
    for (int l = 1; l < s->levels; l++) {
        for (int i = 0; i < s->level[l].updates; i++) n += s->level[l].update[i].dim == dim;
        for (int i = 0; i < s->level[l].stacks; i++) n += s->level[l].stack[i].dim == dim;
    }
    return n;
}

bool hd_scheme_move_factor(hd_scheme *s, int dim, int from, int to, int64_t factor)
{
    directive d[HD_MAX_DIGITS];
    int n;
    if (!list(s, dim, d, &n) || from < 0 || from >= n || to < 0 || to >= n || factor < 1 || d[from].count % factor) return false;
    d[from].count /= factor;
    d[to].count *= factor;
    int64_t span = s->level[s->levels - 1].tensor[dim];
    for (int l = s->levels - 1, k = n - 1; l >= 1; l--) {
        s->level[l].tensor[dim] = span;
        for (; k >= 0 && d[k].level == l; k--) {
            *d[k].shift = span;
            if (d[k].copies) *d[k].copies = d[k].count;
            span *= d[k].count;
        }
    }
    return true;
}
