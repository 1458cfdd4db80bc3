/* Sums of a sliding or strided rank that is not padded: no walk over its states, only over the few that differ. */
#ifndef HD_COST_NATIVE_WINDOW_H
#define HD_COST_NATIVE_WINDOW_H

#include "cost/native/classes.h"

/* Merged units lie on a grid: one generator per merged stack. */
typedef struct window_grid { int n; struct { int64_t step, count; } side[HD_MAX_DIGITS]; } window_grid;

typedef struct window {
    const nest *n;
    const hd_rank *rank;
    const nest_view *view;
    bool even;                     /* every shift divides: all states look alike */
    bool ready;                    /* what follows is there */
    int64_t all;                   /* words covered with every loop free; always there */
    /* even */
    int64_t states;                /* at the present cut */
    int64_t length;                /* of one unit's box */
    int64_t covered;               /* by the units of one state */
    int64_t unmerged;              /* stacks that are not merged: states at the first step */
    int64_t ahead;                 /* how far the old boxes lie ahead of the new ones */
    window_grid grid;
    /* not even: the classes of each dim at the present cut; `known` = they are there */
    int cut[HD_MAX_TERMS];
    bool known[HD_MAX_TERMS];
    classes of[HD_MAX_TERMS];
} window;

/* Every loop free; false where the rank is padded or the view not whole. */
bool hd_window_init(window *w, const nest *n, const hd_rank *rank, const nest_view *view);
/* Every loop at its start; true where that is easy: `all` is then what the first step covers. */
bool hd_window_first(window *w, const nest *n, const hd_rank *rank, const nest_view *view);
/* Loop j of the rank restarts from here on; returns the words that all its states held already. */
int64_t hd_window_restart(window *w, int j);
/* Words that the states held already in which loop j (not restarting) has just advanced. */
int64_t hd_window_advance(window *w, int j);

#endif
