/* The parts that timeloop.h's reader is made of, one file each. */
#ifndef HD_FORMATS_TIMELOOP_PARTS_H
#define HD_FORMATS_TIMELOOP_PARTS_H

#include "formats/timeloop/timeloop.h"

/* ---- words.c: reading Timeloop's YAML ---- */
/* The value of a key in either spelling ("block-size" finds block_size, too), NULL if absent. */
const hd_node *hd_tl_get(const hd_node *map, const char *key);
bool hd_tl_key_is(const hd_node *node, const char *key); /* in either spelling */
/* Where the names inside an expression are looked up: maps of name to number or expression, the first hit counts. */
enum { TL_MAX_SCOPE = 32 };
typedef struct tl_scope { int maps; const hd_node *map[TL_MAX_SCOPE]; } tl_scope;
/* A number that may stand in quotes or be an arithmetic expression ("2 * 16", "ceil(depth / 4)"); scope may be NULL. */
hd_status hd_tl_int(const hd_node *node, const char *what, const tl_scope *scope, int64_t low, int64_t high, int64_t *out,
                 hd_error *err);
hd_status hd_tl_double(const hd_node *node, const char *what, const tl_scope *scope, double low, double high, double *out,
                    hd_error *err);
/* expression.c: the value of the expression that a scalar's text is; not a number's range, only finite. */
hd_status hd_tl_evaluate(const hd_node *node, const char *what, const tl_scope *scope, double *out, hd_error *err);
/* "PE[0..167]": length of the name before the brackets, and how many there are (1 without brackets). */
hd_status hd_tl_range(const hd_node *node, const char *what, size_t *length, int64_t *count, hd_error *err);

/* ---- keys.c ---- */
/* Every key must be one of `known` (ends with NULL), in either spelling; names that begin with x- or _ are others'. */
hd_status hd_tl_check_keys(const hd_node *map, const char *const *known, hd_error *err);
/* Other keys may stand there, but none that is nearly a known one; NULL and what is no map passes. */
hd_status hd_tl_check_spelling(const hd_node *map, const char *const *known, hd_error *err);
/* The same for a node of an architecture, where a key of its own kind in the wrong place is an error, too. */
hd_status hd_tl_check_node(const hd_node *node, const char *const *known, hd_error *err);
hd_status hd_tl_check_attributes(const hd_node *attributes, hd_error *err);
/* The known key that was probably meant, NULL if none is near. */
const char *hd_tl_nearest(const char *key, const char *const *known);
/* One more line of out->warnings, with the node's place. */
__attribute__((format(printf, 3, 4))) void hd_tl_warn(hd_timeloop *tl, const hd_node *at, const char *format, ...);

/* ---- include.c: a text with {{include_text(...)}} into a tree; `<<<` merges done, positions are those of the files ---- */
hd_status hd_tl_read_text(const hd_timeloop_text *text, hd_arena *arena, hd_node **out, hd_error *err);

/* Index of a dim by its (one-letter or fused) name, -1 if absent; a role by its tensor's name, -1 if absent. */
int hd_tl_dim(const hd_operator *op, const char *name, size_t length);
int hd_tl_role(const hd_operator *op, const char *name);

/* ---- problem.c: `problem:` into op ---- */
hd_status hd_tl_read_problem(const hd_node *problem, hd_timeloop *out, hd_arena *arena, hd_error *err);

/* ---- arch_tree.c (v0.2/0.3), arch_flat.c (2019), arch_nodes.c (v0.4): into a chain of components, outermost first;
 * components.c turns the chain into out->arch.  In-place constraints of v0.4 become items of `targets`. ---- */
typedef enum tl_class { TL_OTHER, TL_STORAGE, TL_COMPUTE, TL_NETWORK } tl_class;
typedef struct tl_component {
    char name[64];                     /* without its range */
    tl_class kind;
    bool dram;                         /* class or technology says DRAM */
    tl_scope scope;                    /* attributes: own, then of enclosing containers (v0.4), then variables */
    int own;                           /* the first `own` maps of the scope are attributes, the rest variables */
    int64_t instances, mesh_x, mesh_y; /* of this component on the whole chip; 0 = not said */
    const hd_node *constraints;        /* v0.4, in place; may be NULL */
    bool dummy;                        /* inter_<name>_spatial of v0.4: keeps nothing, has only `constraints` spatial */
    bool parallel;                     /* child of a v0.4 !Parallel: bypasses what it does not say it keeps */
    const hd_node *at;                 /* for messages */
    int level;                         /* of out->arch, set by hd_tl_components_to_arch; -1 = none */
    bool explicit_energy;              /* the energy stands at the component: tables do not change it */
    int64_t block, cluster, bits;      /* words per access, instances per access, bits per word */
    double tile_width;                 /* for the wire energy of the network below; 0 = not said */
    bool explicit_hop;                 /* that network's energy per hop stands at the component */
    int64_t network_bits;
} tl_component;
enum { TL_MAX_COMPONENTS = 32 };
typedef struct tl_chain {
    char name[64];                     /* of the chip */
    int components;
    tl_component component[TL_MAX_COMPONENTS];
    tl_scope variables;
} tl_chain;
/* The value of an attribute (either spelling), NULL if absent. */
const hd_node *hd_tl_attribute(const tl_component *c, const char *key);
tl_class hd_tl_class_of(const char *class_);
/* A new component at the end of the chain, named (without its range, *count long) as `name` says. */
hd_status hd_tl_add_component(tl_chain *chain, const hd_node *name, const hd_node *at, int64_t *count, tl_component **out,
                           hd_error *err);
hd_status hd_tl_read_tree(const hd_node *architecture, tl_chain *out, hd_error *err);
hd_status hd_tl_read_flat(const hd_node *arch, tl_chain *out, hd_error *err);
hd_status hd_tl_read_nodes(const hd_node *architecture, tl_chain *out, hd_error *err);
hd_status hd_tl_components_to_arch(tl_chain *chain, const hd_node *at, hd_timeloop *out, hd_error *err);

/* ---- tables.c: ERT and ART into out->arch (which is there already) ---- */
hd_status hd_tl_read_ert(const hd_node *ert, const tl_chain *chain, hd_timeloop *out, hd_error *err);
hd_status hd_tl_read_art(const hd_node *art, hd_error *err);

/* ---- mapping_read.c: `mapping:` into out->mapping, homes and the flags of out->arch (op and arch are there) ---- */
hd_status hd_tl_read_mapping(const hd_node *mapping, hd_timeloop *out, hd_error *err);

/* ---- factors.c: "C=2 M=4,3", ["C=2", "M<=4"], {C: 2}; permutation "QR_PM", [Q, R] ---- */
typedef enum tl_relation { TL_EQUAL, TL_AT_MOST, TL_AT_LEAST } tl_relation;
typedef struct tl_factor { int dim; tl_relation relation; int64_t bound, residual; } tl_factor; /* bound 0 = the whole dim */
typedef struct tl_factors { int count; tl_factor factor[2 * HD_MAX_DIMS]; } tl_factors;
hd_status hd_tl_read_factors(const hd_node *node, const hd_operator *op, tl_factors *out, hd_error *err);
/* `inner` dims before the "_" (all where there is none), `outer` after it; innermost first. */
typedef struct tl_order { int inner, outer; bool split; unsigned char inner_dim[HD_MAX_DIMS], outer_dim[HD_MAX_DIMS]; } tl_order;
hd_status hd_tl_read_permutation(const hd_node *node, const hd_operator *op, tl_order *out, hd_error *err);

/* ---- constraints.c: the sections architecture_constraints, mapspace_constraints, mapspace, constraints (a map with `targets`
 * and perhaps `template`, or the list itself) and the in-place constraints of v0.4 into one draft; an item said twice is an
 * error.  space.c: the draft into out->constraints, out->unroll and homes (before a mapping has a say).  Start with an empty
 * draft ({0}); finish also where no section was given: Timeloop's space has rules of its own. ---- */
typedef struct tl_block_draft {
    const hd_node *at;                                              /* the last target that spoke of the block, or NULL */
    int64_t exact[HD_MAX_DIMS], least[HD_MAX_DIMS], most[HD_MAX_DIMS]; /* 0 = not said; exact -1 = said, ignored */
    int64_t default_least, default_most;
    unsigned ones;                                                  /* dims that may not loop here at all */
    bool ordered;
    tl_order order;
    int divided;                                                    /* spatial: split + 1; 0 = not said */
} tl_block_draft;
typedef struct tl_draft {
    tl_block_draft temporal[HD_MAX_LEVELS], spatial[HD_MAX_LEVELS]; /* by Timeloop's level, 0 = outermost */
    unsigned keep[HD_MAX_LEVELS], bypass[HD_MAX_LEVELS];            /* roles */
    const hd_node *kept_at;                                         /* the last target that spoke of them */
    bool has_utilization;
    double least_utilization;
} tl_draft;
hd_status hd_tl_read_constraints(const hd_node *section, hd_timeloop *out, tl_draft *draft, hd_error *err);
hd_status hd_tl_read_v04_constraints(const tl_chain *chain, hd_timeloop *out, tl_draft *draft, hd_error *err);
hd_status hd_tl_finish_constraints(const tl_draft *draft, hd_timeloop *out, hd_error *err);

/* ---- directives.c: what the directives of mappings and the targets of constraints share ---- */
/* The storage level that `target:` names. */
hd_status hd_tl_read_target(const hd_node *directive, const hd_arch *arch, int *level, hd_error *err);
/* A list of tensors' names (or one name; `*` = all) as a bit set of roles. */
hd_status hd_tl_read_tensors(const hd_node *node, const char *what, const hd_operator *op, unsigned *roles, hd_error *err);
/* no_multicast_no_reduction, no_link_transfer, no_temporal_reuse, no_reuse of a directive at Timeloop's level `level` into the
 * attributes of the chip. */
hd_status hd_tl_read_flags(const hd_node *directive, bool spatial, int level, const hd_operator *op, hd_arch *arch,
                           hd_error *err);

#endif
