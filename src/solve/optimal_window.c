/* Coordinates that the tiles of a level cover along one general rank (sliding, strided or padded), by looking at every
 * tile: exact for what moves when nothing is held, and for what must move at least once.                     */
#include <string.h>

#include "base/count.h"
#include "solve/optimal.h"

enum { MOST_TILES = 1 << 13, MOST_SPREAD = 1 << 14 };

typedef struct digit { int64_t count, shift; bool joined; } digit;

static int find_digits(const opt *o, const hd_rank *rank, const opt_chain *const *chain, int level, unsigned merge,
                       opt_span steps, digit *out)
{
    int n = 0;
    for (int t = 0; t < rank->terms; t++) {
        int dim = rank->term[t].dim;
        int64_t above = o->p->op->dim[dim].extent;
        for (int k = 0; k < o->form->slots[dim] && o->form->slot[dim][k].level <= level; k++) {
            const hd_slot *s = &o->form->slot[dim][k];
            int64_t span = chain[dim]->span[k];
            bool loop = s->kind == HD_SLOT_UPDATE;
            bool joined = loop ? steps == OPT_ALL_STEPS : (merge & NEST_STACK(s->level, s->kind)) != 0;
            if (span < above && !(loop && steps == OPT_FIRST_STEP))
                out[n++] = (digit){above / span, span * rank->term[t].coef, joined};
            above = span;
        }
    }
    return n;
}

/* All sums of the joined (or separate) digits; returns how many. */
static int positions(const digit *d, int n, bool joined, int *out)
{
    int count = 1;
    out[0] = 0;
    for (int i = 0; i < n; i++) {
        if (d[i].joined != joined) continue;
        for (int64_t k = 1; k < d[i].count; k++)
            for (int j = 0; j < count; j++) out[k * count + j] = out[j] + (int)(k * d[i].shift);
        count *= (int)d[i].count;
    }
    return count;
}

/* Ascending and each once. */
static int sort_out(int *at, int n, int spread)
{
    char seen[MOST_SPREAD];
    int m = 0;
    if (n == 1) return 1;
    memset(seen, 0, (size_t)spread + 1);
    for (int i = 0; i < n; i++) seen[at[i]] = 1;
    for (int i = 0; i <= spread; i++)
        if (seen[i]) at[m++] = i;
    return m;
}

static int64_t cover(const int *at, int n, int64_t from, int64_t hull, int64_t extent)
{
    int64_t words = 0, end = 0;
    for (int i = 0; i < n; i++) {
        int64_t lo = hd_count_max(from + at[i], end), hi = hd_count_min(from + at[i] + hull, extent);
        if (hi > lo) words += hi - lo;
        end = hd_count_max(end, hi);
    }
    return words;
}

double opt_window(const opt *o, const hd_rank *rank, const opt_chain *const *chain, int level, unsigned merge, opt_span steps)
{
    digit d[2 * HD_MAX_SLOTS];
    int apart[MOST_TILES], joined[MOST_TILES], n = find_digits(o, rank, chain, level, merge, steps, d);
    int64_t hull = 1, tiles = 1, spread = 0, words = 0;
    for (int t = 0; t < rank->terms; t++) hull += rank->term[t].coef * (chain[rank->term[t].dim]->box[level] - 1);
    for (int i = 0; i < n; i++) {
        tiles *= d[i].count;
        spread += d[i].shift * (d[i].count - 1);
        if (tiles <= MOST_TILES && spread < MOST_SPREAD) continue;
        return steps == OPT_FIRST_STEP ? 0 : (double)hd_rank_touched(o->p->op, rank); /* no less, and not looked at */
    }
    int m = positions(d, n, false, apart), j = sort_out(joined, positions(d, n, true, joined), (int)spread);
    for (int i = 0; i < m; i++) words += cover(joined, j, rank->offset + apart[i], hull, rank->extent);
    return (double)words;
}
