/* The walk over an imperfect mapping: what it knows and remembers.  See uneven.c. */
#ifndef HD_COST_TIMELOOP_UNEVEN_H
#define HD_COST_TIMELOOP_UNEVEN_H

#include "cost/timeloop/timeloop.h"

enum { UNEVEN_BEFORE, UNEVEN_AT, UNEVEN_PAST };
enum { UNEVEN_ENTRIES = 1024, UNEVEN_SLOTS = 1024 };

typedef struct uneven_box { int64_t low[HD_MAX_RANKS], size[HD_MAX_RANKS]; } uneven_box;

/* What the model remembers of one lane: the last tile, the last direction, the last delta.  Corners leave out the
 * instance's own position. */
typedef struct uneven_state {
    bool has_tile, has_direction, has_delta;
    uneven_box tile, delta;
    int64_t direction[HD_MAX_RANKS];
} uneven_state;

/* Totals of a part of the walk: words taken by instances; accesses of the parent without and with neighbours. */
typedef struct uneven_sum { double words, accesses, linked, transfers, hops, linked_hops; } uneven_sum;

typedef struct uneven_entry { uint64_t key; uneven_sum sum; int slot; } uneven_entry;
/* An uneven factor outside the parent, and where this walk's parents stand on it. */
typedef struct uneven_outer { int dim, block, place; const tl_factor *factor; } uneven_outer;

typedef struct uneven {
    const tl_nest *n;
    const tl_view *v;
    int block;
    bool hops, links, anew;               /* anew: every step brings whole tiles */
    unsigned dims;                        /* that end unevenly */
    tl_grid grid;
    unsigned char loop_block[TL_MAX_LOOPS];
    int64_t whole[HD_MAX_DIMS], tail[HD_MAX_DIMS];
    int outers, own, own_factor[TL_MAX_FACTORS];
    uneven_outer outer[TL_MAX_UNEVEN];
    int64_t range[HD_MAX_RANKS];          /* farthest that two instances stand apart */
    int lanes;
    bool grouped;                         /* lanes differ: groups are counted instance by instance */
    int64_t groups, most;                 /* most: instances served at once, where hops are asked for */
    /* the walk */
    int64_t base[HD_MAX_RANKS];           /* corner by the loops so far */
    bool last[HD_MAX_DIMS];               /* all digits so far at their end */
    int gated[HD_MAX_DIMS];               /* outer factors seen so far */
    uneven_state state[TL_MAX_LANES];
    /* the memo; states in slots are relative to base */
    int entries, slots;
    uneven_entry entry[UNEVEN_ENTRIES];
    uneven_state slot[UNEVEN_SLOTS];
    /* the instances */
    unsigned char lane_of[TL_MAX_UNEVEN_UNITS];
    int64_t alone[TL_MAX_UNEVEN_UNITS];   /* told apart whatever they get: coordinates along axes that do not merge */
    int64_t offset[TL_MAX_UNEVEN_UNITS * HD_MAX_RANKS];
    /* one step: instances with equal deltas have the same number (the lowest id), those who get nothing -1 */
    int32_t group[TL_MAX_UNEVEN_UNITS], table[2 * TL_MAX_UNEVEN_UNITS];
    int32_t members[TL_MAX_UNEVEN_UNITS]; /* of the group with that number */
    double group_words[TL_MAX_UNEVEN_UNITS];
} uneven;

void hd_tl_uneven_add(uneven_sum *to, const uneven_sum *from, int64_t times);
/* One evaluated step: deltas of all lanes, groups, neighbours. */
uneven_sum hd_tl_uneven_step(uneven *u);

/* `idle` lanes neither matter to the loops inside nor are changed by them. */
uint64_t hd_tl_memo_key(const uneven *u, int loop, const bool *idle);
/* Found: totals in *sum, the states are moved to what the loops leave behind. */
bool hd_tl_memo_find(uneven *u, uint64_t key, const bool *idle, uneven_sum *sum);
void hd_tl_memo_store(uneven *u, uint64_t key, const uneven_sum *sum);

#endif
