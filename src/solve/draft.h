/* A draft is a scheme as searches hold it: per dimension a chain of spans, per level an order and a keep set.
 *
 * The form of a space lists, per dimension, its slots from the outermost to the innermost: the update of a level,
 * then its stacks on Y and X (a pinned level may order them otherwise).  A draft gives every slot the span below it; the slot's
 * count is ceil(span above / span), so a draft is legal by construction once fan-outs hold.                  */
#ifndef HD_SOLVE_DRAFT_H
#define HD_SOLVE_DRAFT_H

#include <assert.h>

#include "base/count.h"
#include "solve/solver.h"

enum { HD_SLOT_UPDATE = HD_AXES, HD_SLOT_KINDS = HD_AXES + 1, HD_MAX_SLOTS = HD_SLOT_KINDS * (HD_MAX_LEVELS - 1) };
enum { HD_MAX_SIZES = 1024 };  /* tile sizes considered for one dimension under one span */
/* Dims (bit set) in which a draft may differ from another: what is known of the others need not be found again. */
#define HD_EVERY_DIM (~0u)
enum { HD_PIN_TENSOR = 1, HD_PIN_STACK = 2, HD_PIN_ORDER = 4, HD_PIN_KEEP = 8, HD_PIN_ALL = 15 };

/* Limits of copies hold for the product of both axes: a level's Y slot and the X slot after it are then a pair. */
typedef enum hd_pair { HD_ALONE, HD_PAIR_FIRST, HD_PAIR_SECOND } hd_pair;

typedef struct hd_slot {
    int level, kind;    /* HD_X, HD_Y or HD_SLOT_UPDATE */
    int64_t count;      /* pinned count, 0 = free */
    int64_t span;       /* pinned span below the slot, 0 = free (1 below the innermost) */
    int64_t least;      /* no smaller span below the slot meets pins and limits */
    int64_t even;       /* what pinned and limited counts further inside multiply to: a member, even if it does not divide */
    int64_t fewest, most; /* limits of the count, of a pair's product of counts */
    int64_t room;       /* units on the axis, INT64_MAX for loops */
    hd_pair pair;
    bool one_axis;      /* of a pair: only one of the two may count */
} hd_slot;

typedef struct hd_draft {
    int64_t span[HD_MAX_DIMS][HD_MAX_SLOTS];
    unsigned char order[HD_MAX_LEVELS][HD_MAX_DIMS];                /* dims, innermost first */
    unsigned keep[HD_MAX_LEVELS];
} hd_draft;

/* Factors worth moving out of a small count. */
enum { HD_SMALL = 256, HD_MAX_FACTORS = 6 };
typedef struct hd_factors { unsigned char n, factor[HD_MAX_FACTORS]; } hd_factors;

typedef struct hd_form {
    const hd_space *space;
    int dims, levels;
    int64_t extent[HD_MAX_DIMS];
    int slots[HD_MAX_DIMS];
    hd_slot slot[HD_MAX_DIMS][HD_MAX_SLOTS];                        /* outermost first */
    int at[HD_MAX_DIMS][HD_MAX_LEVELS][HD_SLOT_KINDS];              /* index of a slot, -1 if absent */
    int inmost[HD_MAX_LEVELS][HD_MAX_DIMS];                         /* slot whose span is the level's box, -1 = the extent */
    int looped[HD_MAX_LEVELS][HD_MAX_DIMS];                         /* slot of the level's loop, where it has one */
    uint64_t stacked[HD_MAX_DIMS];                                  /* slots (bits) that are stacks */
    unsigned keep_most[HD_MAX_LEVELS], keep_free[HD_MAX_LEVELS];    /* kept at first; bits that may be dropped */
    bool ordered[HD_MAX_LEVELS];                                    /* is the order of the level's loops a choice? */
    int loops[HD_MAX_LEVELS];                                       /* loops whose place in the order is open */
    bool verbatim;                                                  /* pins leave nothing open */
    hd_refusal refusal;                                             /* HD_LEGAL, or which constraint leaves nothing */
    bool divides;                                                   /* all that is asked of a span is to divide the one above */
    bool limited;                                                   /* constraints narrow counts; the rest is for them */
    bool unknown;                                                   /* nothing found that meets them, nothing proved */
    int64_t units;                                                  /* MAC units that must be in use, 0 = any number */
    int limits;                                                     /* while building: how many limits are looked at */
    int axis_levels;                                                /* levels whose rules of axes count: all or (no rules) 0 */
    hd_draft base;                                                  /* meets all limits; capacity is not looked at */
    hd_factors small[HD_SMALL];
    int sizes[HD_MAX_DIMS];                                         /* every span a chain can have, ascending */
    int64_t size[HD_MAX_DIMS][HD_MAX_SIZES];
    uint64_t ends[HD_MAX_DIMS][HD_MAX_SLOTS + 1][HD_MAX_SIZES / 64]; /* sizes that slots k .. can bring down to one */
} hd_form;

/* HD_ERR_USAGE where pins contradict each other; constraints that leave nothing are no error but form->refusal. */
hd_status hd_form_init(hd_form *form, const hd_space *space, hd_error *err);
/* Its parts: which limits there are; the slots of one dim; the first constraint that leaves nothing. */
void hd_form_find_limits(hd_form *form);
hd_status hd_form_add_dim(hd_form *form, int dim, hd_error *err);
__attribute__((format(printf, 7, 8)))
void hd_form_refuse(hd_form *form, int level, int role, int dim, int64_t need, int64_t have, const char *format, ...);
/* Spans that slot `k` of `dim` may have under those of `chain` (spans of the slots outside), ascending. */
int hd_form_spans(const hd_form *form, int dim, int k, const int64_t *chain, int64_t *out, int max);
/* May slot `k` have this span, and can the slots inside go on from it? */
bool hd_form_allows(const hd_form *form, int dim, int k, const int64_t *chain, int64_t span);
/* Is this span in the space and within the slot's limits, whatever comes inside? */
bool hd_form_has(const hd_form *form, int dim, int k, const int64_t *chain, int64_t span);
/* Note which spans the slots of a limited dim can go on from; false where the dim's extent is none. */
bool hd_form_find_ends(hd_form *form, int dim);
/* Find form->base, or fill form->refusal (or form->unknown where the search was cut). */
void hd_form_find_base(hd_form *form);
/* How many schemes the space has, and how many orders under each choice of tiles and keep sets; false past 2^320. */
bool hd_space_count(const hd_form *form, hd_wide *size, hd_wide *orders);
/* Put an order of all dims into the parts that constraints fix and the free one between them. */
void hd_form_arrange(const hd_form *form, int level, unsigned char *order);

/* What constraints say of the axes (see axes.c): how the dims placed so far use a fan-out; may another dim have copies on
 * the axis?  Placing a dim fails where its own copies may not lie as they do. */
typedef struct hd_axis_use { int last_x, first_y, dims[HD_AXES]; } hd_axis_use;
typedef struct hd_axes { hd_axis_use level[HD_MAX_LEVELS]; } hd_axes;
void hd_axes_init(hd_axes *axes);
bool hd_axes_admit(const hd_form *form, const hd_axes *axes, int dim, int level, int axis);
bool hd_axes_place(const hd_form *form, hd_axes *axes, const hd_draft *draft, int dim);
bool hd_draft_axes_hold(const hd_form *form, const hd_draft *draft);
/* Put the stacks of a level into the order that constraints ask for. */
void hd_form_arrange_stacks(const hd_form *form, int level, hd_scheme_level *out);

/* The smallest tiles at every level (of a limited form: form->base), everything kept that may be kept. */
void hd_draft_least(const hd_form *form, hd_draft *out);
/* The span above slot `k` of `dim`, and the slot's count: asked for by every move, so in line. */
static inline int64_t hd_draft_above(const hd_form *form, const hd_draft *draft, int dim, int k)
{
    return k > 0 ? draft->span[dim][k - 1] : form->extent[dim];
}
static inline int64_t hd_draft_count(const hd_form *form, const hd_draft *draft, int dim, int k)
{
    int64_t above = hd_draft_above(form, draft, dim, k), span = draft->span[dim][k];
    return above == span ? 1 : hd_count_ceil_div(above, span); /* mostly one: spares the division */
}
/* What it takes to know a draft without looking at all its slots: those that count more than one, as bits of each dim, and the
 * dims (bits) that each level has such a loop of. */
typedef struct hd_live { uint64_t slots[HD_MAX_DIMS]; unsigned loops[HD_MAX_LEVELS]; } hd_live;
/* Let these be the live slots of a dim. */
static inline void hd_live_set(const hd_form *form, int dim, uint64_t slots, hd_live *live)
{
    for (uint64_t turned = (slots ^ live->slots[dim]) & ~form->stacked[dim]; turned; turned &= turned - 1)
        live->loops[form->slot[dim][__builtin_ctzll(turned)].level] ^= 1u << dim;
    live->slots[dim] = slots;
}
/* Of all dims. */
void hd_draft_find_live(const hd_form *form, const hd_draft *draft, hd_live *live);
/* Of one that may differ from what `live` says: asked for by every probe, so in line. */
static inline void hd_draft_renew_live(const hd_form *form, const hd_draft *draft, int dim, hd_live *live)
{
    const int64_t *span = draft->span[dim];
    uint64_t slots = 0;
    for (int k = form->slots[dim] - 1; k > 0; k--) slots = slots << 1 | (span[k] != span[k - 1]);
    if (form->slots[dim] > 0) slots = slots << 1 | (span[0] != form->extent[dim]);
    hd_live_set(form, dim, slots, live);
}
/* Is the chain of one dimension in the space?  Are all fan-outs respected, and units enough in use? */
bool hd_draft_chain_holds(const hd_form *form, const hd_draft *draft, int dim);
/* The same of a chain that was in the space until the spans of slots first .. last - 1 changed. */
bool hd_draft_chain_holds_in(const hd_form *form, const hd_draft *draft, int dim, int first, int last);
bool hd_draft_fans_hold(const hd_form *form, const hd_draft *draft);
/* Arithmetic units in use, 0 where a fan-out or a rule of its axes is not respected. */
int64_t hd_draft_units(const hd_form *form, const hd_draft *draft);
/* Shrink spans to members of the space, outermost first; false where a pin stands in the way. */
bool hd_draft_snap(const hd_form *form, hd_draft *draft, int dim);
/* Move a factor that the count of slot `from` has to slot `to`, where all that is asked of a span is to divide. */
static inline void hd_draft_give(const hd_form *form, hd_draft *draft, int dim, int from, int to, int64_t factor)
{
    for (int k = from; k < to; k++) draft->span[dim][k] *= factor;
    for (int k = to; k < from; k++) draft->span[dim][k] /= factor;
    assert(form->divides && hd_draft_chain_holds(form, draft, dim));
    (void)form;
}
/* Move a factor of a dimension's count from slot `from` to slot `to`; false where that leaves the space. */
bool hd_draft_transfer(const hd_form *form, hd_draft *draft, int dim, int from, int to, int64_t factor);
/* Factors worth moving out of a count, at most `max`, which is 4 or more; those of small counts are known. */
int hd_form_find_factors(const hd_form *form, int64_t count, int64_t *out, int max);
static inline int hd_draft_factors(const hd_form *form, int64_t count, int64_t *out, int max)
{
    if (count >= HD_SMALL) return hd_form_find_factors(form, count, out, max);
    const hd_factors *f = &form->small[count];
    int n = f->n < max ? f->n : max;
    for (int i = 0; i < n; i++) out[i] = f->factor[i];
    return n;
}
/* Note those of the small counts. */
void hd_form_note_factors(hd_form *form);
/* Put the loop of `dim` at the innermost (or outermost) place of the level's order that is free to it. */
void hd_draft_reorder(const hd_form *form, hd_draft *draft, int level, int dim, bool innermost);
/* The scheme of a draft; false where it has more stacks than a scheme holds. */
bool hd_draft_decode(const hd_form *form, const hd_draft *draft, hd_scheme *out);
/* The same for whoever knows its live slots; of the boxes only those of the dims (bits) of `stale` are put down. */
bool hd_draft_decode_live(const hd_form *form, const hd_draft *draft, const hd_live *live, unsigned stale, hd_scheme *out);
/* Do all fan-outs hold in a draft that differs in the dims of `moved` at most from one in which they do? */
bool hd_draft_fans_hold_beside(const hd_form *form, const hd_draft *from, const hd_draft *draft, unsigned moved,
                               const hd_live *live);
/* The draft of a scheme; false where the space has not its tiles (keep sets are taken as they are). */
bool hd_draft_read(const hd_form *form, const hd_scheme *s, hd_draft *out);
/* The draft that is most like the lead's scheme: its tiles as they are or, `scaled`, in proportion to the extents, shrunk into
 * the space; false where limits stand in the way.  Fan-outs and capacity are not looked at. */
bool hd_draft_follow(const hd_form *form, const hd_lead *lead, bool scaled, hd_draft *out);
/* Is capacity passed even with the dims from number `dims` on at their least? */
bool hd_draft_bursts(const hd_form *form, hd_incumbent *inc, const hd_draft *draft, int dims);
typedef enum hd_start { HD_START_FOUND, HD_START_NONE, HD_START_UNKNOWN } hd_start;
/* The smallest tiles, dropping free roles where they do not fit; NONE: no scheme of the space fits. */
hd_start hd_draft_first(const hd_form *form, hd_incumbent *inc, hd_draft *out);
/* Find that draft and offer it (or the scheme that pins fix wholly). */
hd_start hd_offer_least(const hd_form *form, hd_budget *budget, hd_incumbent *inc, hd_draft *out);
/* Random chains, orders and keeps; fan-outs and limits hold, capacity is not looked at. */
void hd_draft_sample(const hd_form *form, hd_random *random, hd_draft *out);
/* Unroll random loops until the units are about full. */
void hd_draft_fill(const hd_form *form, hd_random *random, hd_draft *draft);
/* Make one random tile smaller; false when no tile can shrink. */
bool hd_draft_shrink(const hd_form *form, hd_random *random, hd_draft *draft);
/* Shrink random tiles until the scheme fits; true where it does, with the scheme. */
bool hd_draft_make_fit(const hd_form *form, hd_random *random, hd_incumbent *inc, hd_draft *draft, hd_scheme *scheme);
/* What the baselines draw: a sample, every other one filled, made to fit; false where this one could not be. */
bool hd_draft_draw(const hd_form *form, hd_random *random, hd_incumbent *inc, hd_draft *draft, hd_scheme *scheme);
/* A small change by chance: a factor between two slots of a dim, now and then a loop's place or a role kept.  The result may
 * be outside the space, or what it was. */
void hd_draft_nudge(const hd_form *form, hd_random *random, hd_draft *draft);

#endif
