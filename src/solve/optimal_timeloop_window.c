/* One sliding rank of a tensor in Timeloop's counts: the bounding box of a tile, how often it is brought, and how much of it.
 *
 * D = tile x steps, less what is credited (cost/timeloop/motion.c).  Under an innermost loop that slides the rank by T, its
 * steps bring strips; every step further out that moves the tile by the same T does so, too.  Under an innermost loop that
 * leaves the tile alone, steps further out that bring it back to where it was bring nothing: a coincidence of two dims'
 * steps.  Neighbours in an array may forward what moves by no more than they stand apart: then nothing but what the rank's
 * loops cannot explain is counted.                                                                             */
#include <math.h>

#include "base/count.h"
#include "cost/timeloop/timeloop.h"
#include "solve/optimal.h"

/* The loops of the rank's dims at the levels that a tile sees. */
typedef struct view {
    int terms;
    int64_t hull, step[HD_MAX_LEVELS][HD_MAX_TERMS], loop[HD_MAX_LEVELS][HD_MAX_TERMS];
    double loops;                                  /* all of them, multiplied */
} view;

static void look(const opt *o, const hd_rank *rank, const opt_chain *const *of, int level, view *v)
{
    v->terms = rank->terms;
    v->hull = 1;
    v->loops = 1;
    for (int t = 0; t < rank->terms; t++) {
        int d = rank->term[t].dim;
        v->hull += rank->term[t].coef * (of[d]->box[level] - 1);
        for (int l = 1; l <= level; l++) {
            int k = o->form->at[d][l][HD_SLOT_UPDATE];
            v->loop[l][t] = of[d]->loop[l];
            v->step[l][t] = k < 0 ? 0 : rank->term[t].coef * of[d]->span[k];
            v->loops *= (double)of[d]->loop[l];
        }
    }
}

static unsigned looping(const view *v, int level)
{
    unsigned set = 0;
    for (int t = 0; t < v->terms; t++) set |= (unsigned)(v->loop[level][t] > 1) << t;
    return set;
}

/* May a step further out than loops that sum up to `sum` move the tile by `want`?  `left`: terms of the level to come. */
static bool coincides(const view *v, int level, unsigned left, int64_t sum, int64_t want)
{
    while (!left && --level > 0) left = looping(v, level);
    if (!left) return false;
    for (int t = 0; t < v->terms; t++) {
        if (!(left >> t & 1u)) continue;
        if (sum > 0 && v->step[level][t] - sum == want) return true;
        if (coincides(v, level, left & ~(1u << t), sum + v->step[level][t], want)) return true;
    }
    return false;
}

static bool comes_back(const view *v, int level) { return coincides(v, level, looping(v, level), 0, 0); }

/* Least words brought when the innermost of all loops, at level `at`, slides the rank. */
static double slid(const view *v, int at)
{
    double least = INFINITY, hull = (double)v->hull;
    unsigned here = looping(v, at);
    for (int t = 0; t < v->terms; t++) {
        if (!(here >> t & 1u)) continue;
        double strip = (double)hd_count_min(v->hull, v->step[at][t]), firsts = v->loops / (double)v->loop[at][t];
        if (coincides(v, at, here & ~(1u << t), v->step[at][t], v->step[at][t])) firsts = 1;
        least = fmin(least, hull * firsts + strip * (v->loops - firsts));
    }
    return isfinite(least) ? least : hull * v->loops;
}

/* Does any unit stand apart from another along the rank, among those into the level? */
static bool is_spread(const hd_rank *rank, const opt_chain *const *of, int level)
{
    for (int t = 0; t < rank->terms; t++)
        if (of[rank->term[t].dim]->copies[level][HD_X] * of[rank->term[t].dim]->copies[level][HD_Y] > 1) return true;
    return false;
}

/* May neighbours forward to each other what slides this rank? */
static bool is_loose(const hd_rank *rank, const opt_chain *const *of, const opt_group *g, const view *v)
{
    return g->linked && (is_spread(rank, of, g->level) || comes_back(v, g->level));
}

/* Different places of a level's units along the rank: those along merging axes that meet are one.  At least the larger of
 * the two counts, also where neighbours have served some. */
static double places(const opt *o, const hd_rank *rank, const opt_chain *const *of, int level, unsigned merge, bool forwarded)
{
    int64_t copies[HD_MAX_TERMS] = {1, 1}, shift[HD_MAX_TERMS] = {1, 1};
    bool merged = true;
    for (int t = 0; t < rank->terms; t++) {
        int d = rank->term[t].dim, axis = of[d]->copies[level][HD_Y] > 1 ? HD_Y : HD_X;
        copies[t] = of[d]->copies[level][axis];
        if (copies[t] == 1) continue;
        shift[t] = rank->term[t].coef * of[d]->span[o->form->at[d][level][axis]];
        merged = merged && (merge & NEST_STACK(level, axis));
    }
    if (!merged || copies[0] == 1 || copies[1] == 1) return (double)(copies[0] * copies[1]);
    if (forwarded) return (double)hd_count_max(copies[0], copies[1]);
    return (double)hd_tl_sums(shift[0], copies[0], shift[1], copies[1]);
}

static double brought(const opt_group *g, int q, const view *v, bool loose, int variant)
{
    double all = (double)v->hull * v->loops;
    if (variant == OPT_MOVES || g->fixed) return all;
    double stays = comes_back(v, g->level) ? fmax((double)v->hull, all / 2) : all; /* the inner one of the two has 2 or more */
    if (variant == g->linked) return loose ? (double)v->hull : fmin(stays, g->at > 0 && !g->anew ? slid(v, g->at) : stays);
    if (variant <= g->depths) return stays;
    return variant == g->depths + 1 + q && !g->anew ? slid(v, g->at) : all;
}

double opt_timeloop_window(const opt *o, const opt_group *g, int q, const opt_chain *const *of, unsigned merge, int variant)
{
    const hd_rank *rank = opt_general(o, g->role, q);
    view v;
    look(o, rank, of, g->level, &v);
    double words = brought(g, q, &v, is_loose(rank, of, g, &v), variant);
    for (int l = 1; l <= g->level; l++) {
        bool outside = l < g->level || variant != OPT_MOVES;
        words *= places(o, rank, of, l, merge, outside && opt_timeloop_links(o, l, g->role));
    }
    return words;
}

/* Where neighbours may forward what slides, nothing better than that is claimed. */
bool opt_timeloop_wraps(const opt *o, const opt_chain *const *of, int dim, int level)
{
    for (int i = 0; i < o->groups; i++) {
        const opt_group *g = &o->group[i];
        for (int q = 0; g->linked && g->at == level && opt_general(o, g->role, q); q++) {
            const hd_rank *rank = opt_general(o, g->role, q);
            view v;
            if (rank->term[0].dim != dim && rank->term[rank->terms - 1].dim != dim) continue;
            look(o, rank, of, g->level, &v);
            if (is_loose(rank, of, g, &v)) return true;
        }
    }
    return false;
}
