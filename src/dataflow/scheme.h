/* The dataflow of one operator on one chip, in KAPLA's tensor-centric directives (Li & Gao 2023),
 * for any number of levels.  Plain data: copying a struct copies a scheme.                         */
#ifndef HD_DATAFLOW_SCHEME_H
#define HD_DATAFLOW_SCHEME_H

#include "arch/arch.h"
#include "workload/operator.h"

enum { HD_MAX_STACKS = 12, HD_MAX_UPDATES = 16 };

/* Replication in space under one unit of the level outside, innermost first. */
typedef struct hd_stack { int dim, axis; int64_t shift, copies; } hd_stack;
/* One temporal loop that brings new boxes from outside, innermost first. */
typedef struct hd_update { int dim; int64_t step; } hd_update;

/* What is read of most levels lies side by side: a few lines of the cache. */
typedef struct hd_scheme_level {
    unsigned keep;                 /* bit set of roles */
    int stacks, updates;
    int64_t tensor[HD_MAX_DIMS];   /* extent of each dim that one unit holds */
    hd_update update[HD_MAX_UPDATES];
    hd_stack stack[HD_MAX_STACKS];
} hd_scheme_level;

typedef struct hd_scheme {
    int levels;                    /* as the chip; level[0] holds every dim whole, no stacks, no updates */
    hd_scheme_level level[HD_MAX_LEVELS];
} hd_scheme;

/* One operator on one chip: what is priced and solved. */
typedef struct hd_problem {
    const hd_operator *op;
    const hd_arch *arch;
    int home[HD_ROLES];            /* level where the tensor lives before and after; 0 = outermost */
    const struct hd_model *model;  /* what prices it where nobody says otherwise; NULL = native */
    const double *settings;        /* values of the model's options, borrowed; NULL = its standards */
    hd_makes makes;                /* told where the solver (HD_SOLVER_LOOKS_BACK) or kapla's compat asks */
    /* for kapla's compat, borrowed: where the input lies, NULL = by its options; what it recalls hops of, NULL = nothing */
    const struct hd_kapla_layout *input_at;
    const struct hd_kapla_tries *tries;
} hd_problem;

/* Why a scheme is refused: which rule, where.  `need`/`have` in words for capacity. */
typedef enum hd_refusal_kind {
    HD_LEGAL = 0, HD_REFUSE_SHAPE, HD_REFUSE_KEEP, HD_REFUSE_BOX, HD_REFUSE_RADIX, HD_REFUSE_FANOUT,
    HD_REFUSE_WIRE, HD_REFUSE_HOME, HD_REFUSE_CAPACITY, HD_REFUSE_MODEL, HD_REFUSE_CONSTRAINT,
    HD_REFUSE_UTILIZATION, HD_REFUSE_SOLVER
} hd_refusal_kind;
typedef struct hd_refusal {
    hd_refusal_kind kind;
    int level, role, dim;          /* -1 where they mean nothing */
    int64_t need, have;
    char why[256];
} hd_refusal;

/* Note a refusal in `out` (may be NULL) with its text; false always, so that a rule is told in its return. */
__attribute__((format(printf, 8, 9))) bool hd_refuse(hd_refusal *out, hd_refusal_kind kind, int level, int role, int dim,
                                                     int64_t need, int64_t have, const char *format, ...);
/* What a model does not price at all; `level` may be -1. */
__attribute__((format(printf, 3, 4))) bool hd_refuse_model(hd_refusal *out, int level, const char *format, ...);

/* Everything but capacity: shapes, keep, boxes, mixed radix, fan-out sizes, wires, homes.
 * `out` may be NULL; the text is only written into a non-NULL `out`. */
bool hd_scheme_is_legal(const hd_problem *p, const hd_scheme *s, hd_refusal *out);

/* Words of the role's tile in one unit of the level (hull of what it touches, clipped to the real extent). */
int64_t hd_scheme_tile_words(const hd_problem *p, const hd_scheme *s, int level, hd_role role);

/* The identity scheme: everything bypasses but the home levels, all loops at the MAC level, in dim order. */
void hd_scheme_trivial(const hd_problem *p, hd_scheme *out);

/* Does `level` keep `role` in effect?  Levels outside the home never do; the home always does. */
static inline bool hd_scheme_keeps(const hd_problem *p, const hd_scheme *s, int level, hd_role role)
{
    if (!p->op->tensor[role].used || level < p->home[role]) return false;
    return level == p->home[role] || (s->level[level].keep & HD_ROLE_BIT(role));
}

/* Ask for what most levels fill, before it is read: whoever reads a scheme reads all of that, one field leading to the next. */
static inline void hd_scheme_fetch(const hd_scheme *s)
{
    enum { LINE = 64, LINES = 4 };
    for (int l = 1; l < s->levels; l++) {
        for (int i = 0; i < LINES; i++) __builtin_prefetch((const char *)&s->level[l] + (size_t)i * LINE);
        __builtin_prefetch(s->level[l].stack);
    }
}

bool hd_scheme_equal(const hd_scheme *a, const hd_scheme *b);
/* A total order for ties: negative, zero, positive. */
int hd_scheme_compare(const hd_scheme *a, const hd_scheme *b);

#endif
