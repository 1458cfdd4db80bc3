/* The loop nest of a scheme as the closed forms see it: digits of every dimension, loops in time order.
 * Built once per price, on the stack.                                                              */
#ifndef HD_COST_NATIVE_NEST_H
#define HD_COST_NATIVE_NEST_H

#include <stddef.h>

#include "cost/model.h"
#include "cost/native/cutting.h"
#include "cost/native/ready.h"

/* Seldom run: kept out of the way of what every price runs, all of which should stay in the cache of instructions. */
#define NEST_RARE __attribute__((noinline, cold))

enum {
    HD_MAX_LOOPS = HD_MAX_UPDATES * (HD_MAX_LEVELS - 1),
    HD_NATIVE_MAX_UNITS = 1024 /* merged units along one dim of a sliding or padded rank */
};

/* A digit, and the pieces of a ragged dim behind it: full ones (of extent `shift`), and the few shorter ones (-1: too many).
 * Fields set together stand apart: neighbours of one width the compiler would first put into a vector. */
enum { NEST_SHORTS = 5 };
typedef struct nest_digit {
    int64_t shift;
    int level;
    unsigned stack;                /* NEST_STACK of a spatial digit, 0 of a loop */
    int64_t count;
    int time;                      /* position in the whole nest, 0 = outermost; -1 = spatial */
    int shorts;                    /* this and what is left out here: from the first digit on that does not divide */
    int64_t pieces;                /* existing pieces of this and all digits outside */
    int64_t full;
    cutting_short of[NEST_SHORTS];
} nest_digit;

typedef struct nest_dim {
    int even_to;                   /* at levels up to this one every shift divides the span above it */
    int even_digits;               /* digits before the first one that does not divide; no fewer than there are if all do */
    unsigned stacks;               /* NEST_STACK bits of its spatial digits */
    unsigned trailing;             /* those inside of all loops of their level (two on one axis share a bit) */
    bool in_order;                 /* its loops come in time as in the radix */
    int digits;
    nest_digit digit[HD_MAX_DIGITS]; /* outermost first */
} nest_dim;

/* A temporal loop; `count` 1 where it never turns; wherever a piece exists index `last` does, too: where it is not 0 the loop is
 * firm, nothing stays through it. */
typedef struct nest_loop {
    int dim;
    bool unsure;                   /* while the nest is built: turns once less if units follow inside */
    int64_t last, count, shift;
} nest_loop;

typedef struct nest {
    const native_ready *ready;
    const hd_problem *p;
    const hd_scheme *s;
    int mac;                       /* index of the arithmetic level */
    int loops;
    nest_loop loop[HD_MAX_LOOPS];  /* in time order, outermost first */
    unsigned stacks;               /* NEST_STACK bits of all dims */
    int64_t steps;                 /* of the busiest arithmetic unit */
    int64_t used[HD_MAX_LEVELS];   /* instances of each level that ever work */
    int loops_to[HD_MAX_LEVELS];   /* loops at levels <= l (they come first in time) */
    unsigned split[HD_MAX_LEVELS]; /* dims with spatial digits at levels <= l */
    int64_t pieces[HD_MAX_LEVELS][HD_MAX_DIMS]; /* existing pieces of the dim at each level: all loops and units, each once */
    nest_dim dim[HD_MAX_DIMS];
} nest;

/* Piece of given digit indices; false if it does not exist. */
bool hd_place(const nest_dim *nd, int digits, int64_t extent, const int64_t *index, int64_t *lo, int64_t *hi);
/* Set the loops (digit numbers, outermost in time first) to the last indices that exist together; place that. */
void hd_place_last(const nest_dim *nd, int digits, int64_t extent, const int *loop, int loops, int64_t *index,
                   int64_t *lo, int64_t *hi);
void hd_digits_by_time(const nest_dim *nd, int *digit, int n);

void hd_nest_build(nest *n, const native_ready *ready, const hd_scheme *s);
/* The pieces of a dim behind its first `digits` digits. */
void hd_nest_cut(const nest *n, int dim, int digits, cutting *out);
/* The same where they lie, or else in `room`. */
typedef struct nest_pieces { int64_t extent, full; int shorts; const cutting_short *of; } nest_pieces;
static inline nest_pieces hd_nest_pieces(const nest *n, int dim, int digits, cutting *room)
{
    const nest_dim *nd = &n->dim[dim];
    const nest_digit *d = nd->digit + digits - (digits > 0);
    if (digits == 0) return (nest_pieces){n->s->level[0].tensor[dim], 1, 0, NULL};
    if (digits <= nd->even_digits) return (nest_pieces){d->shift, d->pieces, 0, NULL};
    if (d->shorts >= 0) return (nest_pieces){d->shift, d->full, d->shorts, d->of};
    hd_nest_cut(n, dim, digits, room);
    return (nest_pieces){room->extent, room->pieces, room->shorts, room->rest};
}
/* Pieces of the dim outside of the first of these stacks: so many groups of units, where no loop lies between them and their
 * level's end. */
static inline int64_t hd_nest_groups(const nest_dim *nd, unsigned stacks)
{
    const nest_digit *d = nd->digit;
    while (!(d->stack & stacks)) d++;
    return d > nd->digit ? d[-1].pieces : 1;
}
/* Dims with a piece shorter than the others, as bits. */
unsigned hd_nest_ragged(const nest *n);

/* One dim of a bit set, and the others. */
static inline int hd_dim_of(unsigned dims) { return __builtin_ctz(dims); }
static inline unsigned hd_dims_after(unsigned dims) { return dims & (dims - 1); }

/* How to look at the nest when words are counted.
 * Loops at levels <= event advance; boxes are measured at `box` >= event (the loops between are taken whole). */
typedef struct nest_view {
    int event, box;
    int settle;                    /* > 0: tiles of this level, too, must stay for `stay` to count */
    int fixed;                     /* stacks at levels <= fixed have the index given in at[]; -1 = none */
    const int64_t (*at)[HD_MAX_DIGITS]; /* [dim][digit] */
    unsigned merge;                /* stacks that count each word once, as NEST_STACK bits */
    unsigned pool;                 /* the same, but only where they are of dims that the role lacks: units with one tile */
    int node;                      /* > 0: units under one group of nodes of this mesh level.  Its stacks have the index
                                      in at[], but for merged ones of dims that the role lacks */
} nest_view;

/* Does the view look at all units from the level's own boxes, as most do? */
static inline bool hd_view_is_whole(const nest_view *v) { return v->fixed < 0 && v->node == 0 && v->box == v->event; }

enum { HD_ALL_FREE = HD_MAX_LOOPS + 1 }; /* a cut behind every loop */

/* Sums over the states of one dimension that exist: how many, and the sum of their extents; `stay` the same
 * sum over the states whose loops inside the cut have only one existing index, so that nothing changes. */
typedef struct piece_sums { int64_t states, extents, stay; } piece_sums;

/* `cut`: loops with time < cut run freely, later ones restart (index 0).  `absent`: the dim is not in the role. */
piece_sums hd_piece_sums(const nest *n, int dim, const nest_view *view, int cut, bool absent);

/* Whole views (all units, boxes of the event level) of a dim: its states where the role lacks it, loops inside the cut
 * restarting; words of the pieces that stay there where the role has it. */
int64_t hd_piece_states(const nest *n, int dim, const nest_view *view, int cut);
int64_t hd_piece_stay(const nest *n, int dim, const nest_view *view, int cut);
/* At the first step of a whole view: units (merged ones once), or words of all their pieces.  Where a dim's stacks are its
 * innermost digits, all of the view's level, units side by side fill the piece outside; anything else is counted. */
int64_t hd_piece_first_slowly(const nest *n, int dim, const nest_view *view, bool absent);
static inline int64_t hd_piece_first(const nest *n, int dim, const nest_view *v, bool absent)
{
    const nest_dim *nd = &n->dim[dim];
    unsigned outside = NEST_STACK(v->event, 0) - 1, stacks = nd->stacks & (NEST_STACK(v->event + 1, 0) - 1);
    int i = 0;
    if (absent && !(stacks & ~v->merge)) return 1;
    if (!stacks) return n->s->level[v->event].tensor[dim];
    if (absent || stacks != (nd->trailing & ~outside)) return hd_piece_first_slowly(n, dim, v, absent);
    while (!(nd->digit[i].stack & stacks)) i++;
    return i > 0 ? nd->digit[i - 1].shift : n->p->op->dim[dim].extent;
}

/* Sums over the states of one rank, clipped to its real extent: words that some merged unit covers, and words
 * that every merged unit covering them already held.  `own`: time of the advancing loop if it is one of the
 * rank's dims (its index is then >= 1), else -1. */
typedef struct rank_sums { int64_t covered, stale; } rank_sums;
rank_sums hd_slide_sums(const nest *n, const hd_rank *rank, const nest_view *view, int cut, int own);

/* Words that move, over all advances; first = only those of the first step.  `cut` (NULL: nobody asks): the one at which the
 * dims that the role lacks have as many states as the words are multiplied by; -1 = there is no such one. */
int64_t hd_moved(const nest *n, const nest_role *role, const nest_view *view, int *cut);
/* The same of two whole views of one level that differ in what they merge, in one walk. */
void hd_moved_twice(const nest *n, const nest_role *role, const nest_view v[2], int64_t words[2]);
int64_t hd_moved_first(const nest *n, const nest_role *role, const nest_view *view);
/* The same when nothing is ever held: every step of the event level asks anew. */
int64_t hd_moved_every_step(const nest *n, const nest_role *role, const nest_view *view);
/* Distinct words of a share: all loops up to the box taken whole, absent dims once. */
int64_t hd_share_words(const nest *n, const nest_role *role, const nest_view *view);
/* Words of O that leave at the very end, merged as the view says: the last tile of each unit, or (where nothing
 * is held between steps) the words of the last step.  Stacks on dims of sliding ranks are not served. */
int64_t hd_moved_last(const nest *n, const nest_role *role, const nest_view *view);
int64_t hd_moved_last_step(const nest *n, const nest_role *role, const nest_view *view);

#endif
