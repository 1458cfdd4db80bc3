/* Sums of a sliding or strided rank that is not padded: no walk over its states, only over the few that differ. */
#ifndef HD_COST_NATIVE_WINDOW_H
#define HD_COST_NATIVE_WINDOW_H

#include "cost/native/border.h"
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

/* A general rank of a role, whose loops restart from the inside out. */
typedef struct window {
    const nest *n;
    const hd_rank *rank;
    bool open;                     /* not padded; else all that may hold anything is left to hd_slide_sums */
    bool even;                     /* every shift divides at the view's level */
    int64_t coef[HD_MAX_TERMS];    /* of both terms; 0 of one that is not there */
    int64_t reach[HD_MAX_TERMS];   /* words that a whole piece of the term adds to a box */
    int64_t longest;               /* no box is longer */
    /* loops that have restarted */
    int cut[HD_MAX_TERMS];
    int64_t turns;                 /* their counts multiplied (even) */
    int64_t ahead;                 /* how far the old boxes lie ahead of the new ones: at least, and exactly so if even */
    int ways;
    int answered;                  /* whose answers these are: held words of each way; -1 = nobody's */
    int64_t answer[2];
    window_way way[2];             /* of two, the first merges nothing: the classes of the second, unit by unit, are its own */
} window;

/* Words that the units of a whole view cover in all states, in general rank number k of the role, whose units merge. */
int64_t hd_window_covered_together(const nest *n, const nest_role *role, int k, const nest_view *view);
/* The same of any units at the first step: every loop at its start. */
int64_t hd_window_first(const nest *n, const nest_role *role, int k, const nest_view *view);
/* Words that all its states held already when they restarted; j: the last loop of the rank that did. */
int64_t hd_window_held(window *w, int way, int j);
/* Words that the states held already in which loop j of term t (not restarting) has just advanced, if it does not part boxes. */
int64_t hd_window_advance(window *w, int way, int t, int j);

/* Words of all boxes, each unit by itself, in general rank number k: their lengths add up term by term. */
static inline int64_t hd_window_covered_apart(const nest *n, const nest_role *role, int k, int level)
{
    const nest_reach *r = &role->reach[k];
    const int64_t *pieces = n->pieces[level], *whole = n->s->level[0].tensor;
    int64_t states = pieces[r->dim[0]], words = states + r->coef[0] * (whole[r->dim[0]] - states);
    if (r->coef[1] > 0) {
        int64_t others = pieces[r->dim[1]];
        words = words * others + r->coef[1] * (whole[r->dim[1]] - others) * states;
    }
    return role->open ? words : words - hd_border_words(n, role->of[role->number[k]].rank, level);
}

/* Every loop free, of one whole view, or of two of which the first merges nothing. */
static inline void hd_window_begin(window *w, const nest *n, const nest_role *role, int k, const nest_view *v, int ways)
{
    const nest_reach *r = &role->reach[k];
    const int64_t *box = n->s->level[v->event].tensor;
    w->n = n;
    w->rank = role->of[role->number[k]].rank;
    w->open = role->of[role->number[k]].open;
    w->even = n->dim[r->dim[0]].even_to >= v->event && n->dim[r->dim[1]].even_to >= v->event;
    for (int t = 0; t < HD_MAX_TERMS; t++) {
        w->coef[t] = r->coef[t];
        w->reach[t] = r->coef[t] * (box[r->dim[t]] - 1);
        w->cut[t] = HD_ALL_FREE;
    }
    w->longest = 1 + w->reach[0] + w->reach[1];
    w->turns = 1;
    w->ahead = 0;
    w->ways = ways;
    w->answered = -1;
    for (int i = 0; i < ways; i++) {
        w->way[i].view = &v[i];
        w->way[i].ready = false;
    }
}

/* Do the boxes of all states in which this loop of term t has just advanced lie apart from those before?  As far as a look at the
 * loops tells: old ones far ahead, or parted by the gaps between pieces of a dim that has not turned. */
static inline bool hd_window_parts(const window *w, int t, const nest_loop *l)
{
    int64_t step = w->coef[t] * l->shift;
    if (w->ahead - step >= w->longest || w->coef[1] == 0) return true;
    return w->cut[!t] == HD_ALL_FREE && w->reach[!t] < (w->cut[t] < HD_ALL_FREE ? w->coef[t] : step - w->reach[t]);
}

/* Loop j of term t restarts from here on. */
static inline void hd_window_restart(window *w, int t, int j)
{
    const nest_loop *l = &w->n->loop[j];
    w->cut[t] = j;
    if (w->even) w->turns *= l->count;
    w->ahead += w->coef[t] * l->shift * (w->even ? l->count - 1 : l->last);
}

#endif
