/* Sums of a sliding or strided rank that is not padded: no walk over its states, only over the few that differ. */
#ifndef HD_COST_NATIVE_WINDOW_H
#define HD_COST_NATIVE_WINDOW_H

#include "cost/native/classes.h"
#include "cost/native/grid.h"

/* One way to count: what units that merge, as its view says, have to do with. */
typedef struct window_way {
    const nest_view *view;
    bool ready;                    /* what follows is there, as far as the rank is even or not */
    /* even: every shift divides, all states look alike */
    bool even;                     /* false where the grid is too large */
    int64_t states;                /* with every loop free */
    int64_t length;                /* of one unit's box */
    int64_t covered;               /* by the units of one state */
    int64_t unmerged;              /* stacks that are not merged: states at the first step */
    grid grid;
    /* not even: the classes of each dim, and the cut they are of; those in which a loop has just advanced, and which one;
     * -1 = none */
    int known[HD_MAX_TERMS], advanced;
    classes of[HD_MAX_TERMS], moved;
} window_way;

/* A rank whose loops restart, from the inside out. */
typedef struct window {
    const nest *n;
    const hd_rank *rank;
    bool open;                     /* not padded; else all that may hold anything is left to hd_slide_sums */
    bool even;                     /* every shift divides at the view's level */
    int64_t reach[HD_MAX_TERMS];   /* words that a whole piece of the term adds to a box; 0 of a term that is not there */
    int64_t longest;               /* no box is longer */
    /* loops that have restarted */
    int cut[HD_MAX_TERMS];
    int64_t turns;                 /* their counts multiplied (even) */
    int64_t ahead;                 /* how far the old boxes lie ahead of the new ones: at least, and exactly so if even */
    int ways;
    window_way way[2];             /* of two, the first merges nothing: the classes of the second, unit by unit, are its own */
} window;

/* Words that the units of a whole view cover in all states.  `open`: no box of the rank is clipped. */
int64_t hd_window_covered_together(const nest *n, const hd_rank *rank, bool open, const nest_view *view);
/* The same, each unit by itself: lengths of boxes add up term by term. */
static inline int64_t hd_window_covered_apart(const nest *n, const nest_reach *r, int level)
{
    const int64_t *pieces = n->pieces[level], *whole = n->s->level[0].tensor;
    int64_t states = pieces[r->dim[0]], words = states + r->coef[0] * (whole[r->dim[0]] - states);
    if (r->coef[1] == 0) return words;
    int64_t others = pieces[r->dim[1]];
    return words * others + r->coef[1] * (whole[r->dim[1]] - others) * states;
}
/* Every loop free, of one whole view, or of two that differ in what they merge. */
void hd_window_begin(window *w, const nest *n, const hd_rank *rank, bool open, const nest_view *view, int ways);
/* The same at the first step: every loop at its start. */
int64_t hd_window_first(const nest *n, const hd_rank *rank, bool open, const nest_view *view);
/* Words that all its states held already when they restarted; j: the last loop of the rank that did. */
int64_t hd_window_held(window *w, int way, int j);
/* Words that the states held already in which loop j (not restarting) has just advanced, where it does not part boxes. */
int64_t hd_window_advance(window *w, int way, int j);

static inline int hd_window_term(const window *w, int dim) { return w->rank->term[0].dim == dim ? 0 : 1; }

/* Do the boxes of all states in which loop j has just advanced lie apart from those before?  As far as a look at the loops tells:
 * old ones far ahead, or parted by the gaps between pieces of a dim that has not turned. */
static inline bool hd_window_parts(const window *w, int j)
{
    const nest_loop *l = &w->n->loop[j];
    int t = hd_window_term(w, l->dim);
    int64_t coef = w->rank->term[t].coef, step = coef * l->shift;
    if (w->ahead - step >= w->longest || w->rank->terms == 1) return true;
    return w->cut[!t] == HD_ALL_FREE && w->reach[!t] < (w->cut[t] < HD_ALL_FREE ? coef : step - w->reach[t]);
}

/* Loop j of the rank restarts from here on. */
static inline void hd_window_restart(window *w, int j)
{
    const nest_loop *l = &w->n->loop[j];
    int t = hd_window_term(w, l->dim);
    w->cut[t] = j;
    if (w->even) w->turns *= l->count;
    w->ahead += w->rank->term[t].coef * l->shift * (w->even ? l->count - 1 : l->last);
}

#endif
