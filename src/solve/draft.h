/* A draft is a scheme as searches hold it: per dimension a chain of spans, per level an order and a keep set.
 *
 * The form of a space lists, per dimension, its slots from the outermost to the innermost: the update of a level,
 * then its stacks on Y and X (a pinned level may order them otherwise).  A draft gives every slot the span below it; the slot's
 * count is ceil(span above / span), so a draft is legal by construction once fan-outs hold.                  */
#ifndef HD_SOLVE_DRAFT_H
#define HD_SOLVE_DRAFT_H

#include "solve/solver.h"

enum { HD_SLOT_UPDATE = HD_AXES, HD_SLOT_KINDS = HD_AXES + 1, HD_MAX_SLOTS = HD_SLOT_KINDS * (HD_MAX_LEVELS - 1) };
enum { HD_MAX_SIZES = 1024 };  /* tile sizes considered for one dimension under one span */
enum { HD_PIN_TENSOR = 1, HD_PIN_STACK = 2, HD_PIN_ORDER = 4, HD_PIN_KEEP = 8, HD_PIN_ALL = 15 };

typedef struct hd_slot {
    int level, kind;    /* HD_X, HD_Y or HD_SLOT_UPDATE */
    int64_t count;      /* pinned count, 0 = free */
    int64_t span;       /* pinned span below the slot, 0 = free (1 below the innermost) */
    int64_t least;      /* smallest span below the slot that the pins allow */
} hd_slot;

typedef struct hd_form {
    const hd_space *space;
    int dims, levels;
    int slots[HD_MAX_DIMS];
    hd_slot slot[HD_MAX_DIMS][HD_MAX_SLOTS];                        /* outermost first */
    int at[HD_MAX_DIMS][HD_MAX_LEVELS][HD_SLOT_KINDS];              /* index of a slot, -1 if absent */
    unsigned keep_most[HD_MAX_LEVELS], keep_free[HD_MAX_LEVELS];    /* kept at first; bits that may be dropped */
    bool ordered[HD_MAX_LEVELS];                                    /* is the order of the level's loops a choice? */
    bool verbatim;                                                  /* pins leave nothing open */
} hd_form;

typedef struct hd_draft {
    int64_t span[HD_MAX_DIMS][HD_MAX_SLOTS];
    unsigned char order[HD_MAX_LEVELS][HD_MAX_DIMS];                /* dims, innermost first */
    unsigned keep[HD_MAX_LEVELS];
} hd_draft;

/* HD_ERR_USAGE where pins contradict each other. */
hd_status hd_form_init(hd_form *form, const hd_space *space, hd_error *err);
/* Spans allowed below slot `k` of `dim` under `above`, ascending. */
int hd_form_spans(const hd_form *form, int dim, int k, int64_t above, int64_t *out, int max);
/* May slot `k` have this span under `above`? */
bool hd_form_allows(const hd_form *form, int dim, int k, int64_t above, int64_t span);

/* The smallest tiles at every level, everything kept that may be kept. */
void hd_draft_least(const hd_form *form, hd_draft *out);
int64_t hd_draft_above(const hd_form *form, const hd_draft *draft, int dim, int k);
int64_t hd_draft_count(const hd_form *form, const hd_draft *draft, int dim, int k);
/* Is the chain of one dimension in the space?  Are all fan-outs respected? */
bool hd_draft_chain_holds(const hd_form *form, const hd_draft *draft, int dim);
bool hd_draft_fans_hold(const hd_form *form, const hd_draft *draft);
/* Shrink spans to members of the space, outermost first; false where a pin stands in the way. */
bool hd_draft_snap(const hd_form *form, hd_draft *draft, int dim);
/* The scheme of a draft; false where it has more stacks than a scheme holds. */
bool hd_draft_decode(const hd_form *form, const hd_draft *draft, hd_scheme *out);
/* The smallest tiles, dropping free roles where they do not fit; false: no scheme of the space fits. */
bool hd_draft_first(const hd_form *form, hd_incumbent *inc, hd_draft *out);
/* Offer that draft (or the scheme that pins fix wholly); false: no scheme of the space fits. */
bool hd_offer_least(const hd_form *form, hd_budget *budget, hd_incumbent *inc);
/* Random chains, orders and keeps; fan-outs hold, capacity is not looked at. */
void hd_draft_sample(const hd_form *form, hd_random *random, hd_draft *out);
/* Make one random tile smaller; false when no tile can shrink. */
bool hd_draft_shrink(const hd_form *form, hd_random *random, hd_draft *draft);
/* Shrink random tiles until the scheme fits; true where it does, with the scheme. */
bool hd_draft_make_fit(const hd_form *form, hd_random *random, hd_incumbent *inc, hd_draft *draft, hd_scheme *scheme);

#endif
