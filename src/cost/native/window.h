/* Sums of a sliding or strided rank that is not padded: no walk over its states, only over the few that differ. */
#ifndef HD_COST_NATIVE_WINDOW_H
#define HD_COST_NATIVE_WINDOW_H

#include "cost/native/classes.h"
#include "cost/native/grid.h"

typedef struct window {
    const nest *n;
    const hd_rank *rank;
    const nest_view *view;
    int64_t all;                   /* words covered with every loop free */
    bool open;                     /* not padded; else all that may hold anything is left to hd_slide_sums */
    int64_t longest;               /* no box is longer */
    bool even;                     /* every shift divides: all states look alike */
    /* loops that have restarted */
    int cut[HD_MAX_TERMS];
    int64_t turns;                 /* their counts multiplied (even) */
    int64_t ahead;                 /* how far the old boxes lie ahead of the new ones: at least, and exactly so if even */
    bool ready;                    /* what follows is there, as far as the rank is even or not */
    /* even */
    int64_t states;                /* with every loop free */
    int64_t length;                /* of one unit's box */
    int64_t covered;               /* by the units of one state */
    int64_t unmerged;              /* stacks that are not merged: states at the first step */
    grid grid;
    /* not even: the classes of each dim, and the cut they are of; those in which a loop has just advanced, and which one;
     * -1 = none */
    int known[HD_MAX_TERMS], advanced;
    classes of[HD_MAX_TERMS], moved;
    struct window *twin;           /* the same rank, but units merged: its classes, unit by unit, are those here; or NULL */
} window;

/* Every loop free; false where the view is not whole.  `open`: no box of the rank is clipped. */
bool hd_window_init(window *w, const nest *n, const hd_rank *rank, bool open, const nest_view *view);
/* Every loop at its start; true where that is easy: `all` is then what the first step covers. */
bool hd_window_first(window *w, const nest *n, const hd_rank *rank, bool open, const nest_view *view);
/* Loop j of the rank restarts from here on. */
void hd_window_restart(window *w, int j);
/* Words that all its states held already when they restarted; j: the last loop of the rank that did. */
int64_t hd_window_held(window *w, int j);
/* Words that the states held already in which loop j (not restarting) has just advanced. */
int64_t hd_window_advance(window *w, int j);

#endif
