/* States, steps and paths of the search for homes (homes.h). */
#ifndef HD_NETWORK_HOMES_STEPS_H
#define HD_NETWORK_HOMES_STEPS_H

#include "network/front.h"
#include "network/quest.h"
#include "workload/values.h"

enum { HD_HOMES_LIVE = 12 };     /* values that can be in the buffer together; of more, the largest stay outside */

/* One layer run in one state: the problem that this is, and cheap bounds of it.  `solved` NULL = not possible. */
typedef struct hd_homes_step { hd_solved *solved; hd_bound bound; } hd_homes_step;

/* After a layer has run: values that may be in the buffer and are read later.  A state is a bit set of them. */
typedef struct hd_homes_after { int live, value[HD_HOMES_LIVE]; } hd_homes_after;

typedef struct hd_homes_path { hd_sum sum; unsigned *state; unsigned char *stays; } hd_homes_path;

typedef struct hd_homes {
    const hd_network *net;
    const hd_arch *arch;
    hd_quest quest;
    bool prune, found;
    int level;                   /* the buffer */
    hd_value *value;
    bool *may_stay;              /* per value */
    int passed_over;             /* values that could stay but are not considered */
    int steps, *layer;           /* layers that are not fused, in order */
    hd_homes_after *after;       /* after[k + 1] stands after step k */
    hd_homes_step **step;        /* per step: [state before * 2 + stays] */
    hd_sum **rest;         /* rest[k + 1][state]: least cost of all steps after step k */
    hd_arch **chip;              /* chips with less room, by the words that others take */
    int chips, chip_room;
    hd_front *front[2];          /* of the states before (k % 2) and after a step; labels by steps */
    hd_homes_path plain, trial, best; /* nothing stays; the one being looked at; the best known */
} hd_homes;

static inline unsigned hd_homes_states(const hd_homes *h, int k) { return 1u << h->after[k + 1].live; }
static inline hd_sum *hd_homes_rest(const hd_homes *h, int k) { return h->rest[k + 1]; }
static inline hd_homes_step *hd_homes_step_at(const hd_homes *h, int k, unsigned state, int stays)
{
    return &h->step[k][state * 2 + (unsigned)stays];
}

/* The state after step k. */
unsigned hd_homes_next(const hd_homes *h, int k, unsigned state, int stays);
/* Values, states and all steps with their problems and bounds; nothing is searched. */
hd_status hd_homes_prepare(hd_homes *h, hd_error *err);
void hd_homes_copy_path(const hd_homes *h, const hd_homes_path *from, hd_homes_path *to);
/* Homes and chips of all layers along the best path, into options that live as long as the arena. */
hd_status hd_homes_place(hd_homes *h, hd_plan_options *options, hd_error *err);

#endif
