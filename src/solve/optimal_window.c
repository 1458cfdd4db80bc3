/* Coordinates that the tiles of a level cover along one general rank (sliding, strided or padded), by looking at every
 * tile: exact for what moves when nothing is held, and for what must move at least once.                     */
#include <string.h>

#include "base/count.h"
#include "solve/optimal.h"

enum { MOST_TILES = 1 << 13, MOST_SPREAD = 1 << 14 };

typedef struct digit { int64_t count, shift; bool joined, loop; int level, dim; } digit;

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
                out[n++] = (digit){above / span, span * rank->term[t].coef, joined, loop, s->level, dim};
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

static int64_t hull_of(const hd_rank *rank, const opt_chain *const *chain, int level)
{
    int64_t hull = 1;
    for (int t = 0; t < rank->terms; t++) hull += rank->term[t].coef * (chain[rank->term[t].dim]->box[level] - 1);
    return hull;
}

/* Are there few enough to look at? */
static bool are_few(const digit *d, int n, int *spread)
{
    int64_t tiles = 1, sum = 0;
    for (int i = 0; i < n; i++) {
        tiles *= d[i].count;
        sum += d[i].shift * (d[i].count - 1);
        if (tiles > MOST_TILES || sum >= MOST_SPREAD) return false;
    }
    *spread = (int)sum;
    return true;
}

double opt_window(const opt *o, const hd_rank *rank, const opt_chain *const *chain, int level, unsigned merge, opt_span steps)
{
    digit d[2 * HD_MAX_SLOTS];
    int apart[MOST_TILES], joined[MOST_TILES], n = find_digits(o, rank, chain, level, merge, steps, d), spread;
    int64_t words = 0;
    if (!are_few(d, n, &spread)) return steps == OPT_FIRST_STEP ? 0 : (double)hd_rank_touched(o->p->op, rank); /* no less */
    int m = positions(d, n, false, apart), j = sort_out(joined, positions(d, n, true, joined), spread);
    for (int i = 0; i < m; i++) words += cover(joined, j, rank->offset + apart[i], hull_of(rank, chain, level), rank->extent);
    return (double)words;
}

/* ---- what is new where one dim is the first to turn ---- */

typedef struct slide {
    const hd_rank *rank;
    int64_t hull;
    int joined, at[MOST_TILES];       /* offsets of units joined */
    digit first, other[2 * HD_MAX_SLOTS]; /* the loop that turns first; all other loops, with ... */
    int others, index[2 * HD_MAX_SLOTS];  /* ... their indices */
} slide;

/* Coordinates of all units' boxes at `from` that the same units did not hold `shift` further on. */
static int64_t fresh(const slide *s, int64_t from, int64_t shift)
{
    int64_t strip = hd_count_min(s->hull, shift < 0 ? -shift : shift);
    return cover(s->at, s->joined, shift < 0 ? from + s->hull - strip : from, strip, s->rank->extent);
}

/* Coming to the first tile of a pass: from the last one of the pass before, in whatever order other loops may turn.  Where a
 * loop of the rank itself advances, those of levels further inside have gone back to their starts, the other dim's
 * loop of its own level may have. */
static int64_t fresh_at_start(const slide *s, int64_t from)
{
    const int64_t back = s->first.shift * (s->first.count - 1);
    int64_t least = fresh(s, from, back); /* something else has turned */
    for (int j = 0; j < s->others; j++) {
        int64_t shift = back - s->other[j].shift, may = 0;
        bool possible = s->index[j] > 0;
        for (int i = 0; i < s->others; i++) {
            int64_t whole = s->other[i].shift * (s->other[i].count - 1);
            if (i == j || s->other[i].level < s->other[j].level) continue;
            if (s->other[i].level > s->other[j].level) {
                possible = possible && s->index[i] == 0;
                shift += whole;
            } else if (s->index[i] == 0) may = whole;
        }
        if (!possible) continue;
        least = hd_count_min(least, fresh(s, from, shift));
        if (may > 0) least = hd_count_min(least, fresh(s, from, shift + may));
    }
    return least;
}

/* What is summed over all passes, or is least among them. */
typedef enum measure { NEW, LEFT } measure;

/* Over all indices of loops `i` on. */
static int64_t over_passes(slide *s, measure what, int i, int64_t from)
{
    int64_t words = 0;
    if (i == s->others) {
        words = fresh_at_start(s, from);
        if (what == LEFT) return cover(s->at, s->joined, from, s->hull, s->rank->extent) - words;
        for (int64_t k = 1; k < s->first.count; k++) words += fresh(s, from + k * s->first.shift, -s->first.shift);
        return words;
    }
    for (int64_t k = 0; k < s->other[i].count; k++) {
        s->index[i] = (int)k;
        int64_t inner = over_passes(s, what, i + 1, from + k * s->other[i].shift);
        words = what == NEW ? words + inner : k == 0 ? inner : hd_count_min(words, inner);
    }
    return words;
}

static double measured(const opt *o, const hd_rank *rank, const opt_chain *const *chain, int level, unsigned merge, int dim,
                       measure what)
{
    digit d[2 * HD_MAX_SLOTS];
    int apart[MOST_TILES], first = -1, stacks = 0, spread, n = find_digits(o, rank, chain, level, merge, OPT_EACH_STEP, d);
    int64_t words = 0;
    slide s; /* as it is: to clear its list of tiles would take longer than all the rest */
    if (!are_few(d, n, &spread)) return 0;
    for (int i = 0; i < n; i++)
        if (d[i].loop && d[i].dim == dim && (first < 0 || d[i].level > d[first].level)) first = i;
    if (first < 0) return what == NEW ? opt_window(o, rank, chain, level, merge, OPT_EACH_STEP) : 0;
    s.rank = rank;
    s.hull = hull_of(rank, chain, level);
    s.first = d[first];
    s.others = 0;
    for (int i = 0; i < n; i++)
        if (d[i].loop && i != first) s.other[s.others++] = d[i];
    for (int i = 0; i < n; i++)
        if (!d[i].loop) d[stacks++] = d[i];
    s.joined = sort_out(s.at, positions(d, stacks, true, s.at), spread);
    for (int i = 0, m = positions(d, stacks, false, apart); i < m; i++)
        words += over_passes(&s, what, 0, rank->offset + apart[i]);
    return (double)words;
}

double opt_slide(const opt *o, const hd_rank *rank, const opt_chain *const *chain, int level, unsigned merge, int dim)
{
    return measured(o, rank, chain, level, merge, dim, NEW);
}

double opt_slide_left(const opt *o, const hd_rank *rank, const opt_chain *const *chain, int level, unsigned merge, int dim)
{
    return measured(o, rank, chain, level, merge, dim, LEFT);
}
