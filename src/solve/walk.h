/* A walk through the drafts of a space: where it stands, what may stop it, and its ways to move. */
#ifndef HD_SOLVE_WALK_H
#define HD_SOLVE_WALK_H

#include "solve/trial.h"

/* Prices already asked for, by hash of the scheme: neighbours come up again and again.  A tie of INFINITY beside a cost: it is
 * more than that, how much more nobody has asked. */
typedef struct hd_seen { uint64_t hash; double cost, tie; } hd_seen;

/* The scheme that was decoded last, to be patched for the next: the dims (bits) in which its boxes may differ from those of the
 * draft at a place, and the place as a number. */
typedef struct hd_shown { hd_scheme scheme; uint64_t place; unsigned stale; } hd_shown;

/* All of them.  At first only a few of the entries are used, since what is asked for lies near the processor then. */
typedef struct hd_memory { hd_seen *seen; uint64_t entries, most, known; hd_shown shown; uint64_t places; } hd_memory;

typedef struct hd_walk {
    const hd_form *form;
    hd_budget *budget;
    hd_incumbent *inc;
    hd_random *random;
    hd_memory *memory;      /* shared by all walks of one search */
    uint64_t form_number;   /* forms with different numbers share nothing in it */
    int64_t limit;          /* evaluations at which the walk ends */
    hd_draft at;
    hd_trace trace;         /* of it */
    double cost, tie;       /* objective; what decides between equals: energy x latency */
    uint64_t place;         /* number of `at` among all places where walks have stood */
} hd_walk;

static inline bool hd_walk_over(hd_walk *w) { return w->budget->used >= w->limit || hd_budget_out(w->budget); }
/* Give a walk a memory for about so many prices; false where there is no room for it. */
bool hd_walk_remember(hd_walk *w, hd_arena *arena, int64_t prices);
/* Stand on a draft, whatever it costs; false where it does not fit. */
bool hd_walk_stand(hd_walk *w, const hd_draft *draft);
/* The same only where it is better than where the walk stands. */
bool hd_walk_stand_if_better(hd_walk *w, const hd_draft *draft);
/* Stand on a draft whose price is known. */
void hd_walk_move(hd_walk *w, const hd_draft *draft, double cost, double tie);
/* A trial that is where the walk stands; a dim, or the order and keep set of a level, back there after it moved. */
void hd_walk_begin(const hd_walk *w, hd_trial *out);
void hd_walk_return(const hd_walk *w, hd_trial *t, int dim);
void hd_walk_return_level(const hd_walk *w, hd_trial *t, int level);
/* Price a trial; true where it is better than where the walk stands (it does not move).  Where it is not, the cost is only said
 * to be above that, or INFINITY where it does not fit. */
bool hd_walk_better(hd_walk *w, const hd_trial *t, double *cost, double *tie);
/* Move there if it is better. */
bool hd_walk_try(hd_walk *w, hd_trial *t);

/* KAPLA's bottom-up filling: from the innermost level outwards, units first, then tiles. */
void hd_walk_grow(hd_walk *w);
/* Local refinement until no neighbour is better. */
void hd_walk_refine(hd_walk *w);
/* Stand on what another operator found best, made to fit here, its tiles as they are or in proportion to the extents, whichever
 * is cheaper; false where neither can be had. */
bool hd_walk_follow(hd_walk *w, const hd_lead *lead);
/* The draft of one form in another that has its slots; false where that is not in the space. */
bool hd_draft_adopt(const hd_form *from, const hd_draft *draft, const hd_form *to, hd_draft *out);
/* Random neighbours, until many in a row are not better. */
void hd_walk_climb(hd_walk *w);
/* Stand on a neighbour's neighbour by chance, whatever it costs; false where none was found. */
bool hd_walk_kick(hd_walk *w);

#endif
