/* The parts that timeloop.h's reader is made of, one file each. */
#ifndef HD_FORMATS_TIMELOOP_PARTS_H
#define HD_FORMATS_TIMELOOP_PARTS_H

#include "formats/timeloop/timeloop.h"

/* ---- words.c: reading Timeloop's YAML ---- */
/* The value of a key in either spelling ("block-size" finds block_size, too), NULL if absent. */
const hd_node *tl_get(const hd_node *map, const char *key);
/* A number that may stand in a string or be an arithmetic expression ("2 * 16") of attributes of `variables` (may be NULL). */
hd_status tl_int(const hd_node *node, const char *what, const hd_node *variables, int64_t low, int64_t high, int64_t *out,
                 hd_error *err);
hd_status tl_double(const hd_node *node, const char *what, const hd_node *variables, double low, double high, double *out,
                    hd_error *err);
/* Index of a dim by its (one-letter or fused) name, -1 if absent; a role by its tensor's name, -1 if absent. */
int tl_dim(const hd_operator *op, const char *name, size_t length);
int tl_role(const hd_operator *op, const char *name);

/* ---- problem.c: `problem:` into op ---- */
hd_status tl_read_problem(const hd_node *problem, hd_timeloop *out, hd_arena *arena, hd_error *err);

/* ---- arch_tree.c (v0.2/0.3), arch_flat.c (2019), arch_nodes.c (v0.4): into a chain of components, outermost first;
 * components.c turns the chain into out->arch.  In-place constraints of v0.4 become items of `targets`. ---- */
typedef struct tl_component {
    char name[32];
    const hd_node *attributes;       /* own, may be NULL */
    const hd_node *inherited[8];     /* attributes of enclosing containers, innermost first */
    int inherits;
    const char *class_;              /* lower case is not assumed */
    int64_t instances, mesh_x, mesh_y; /* of this component on the whole chip; 0 = not said */
    const hd_node *constraints;      /* v0.4, in place; may be NULL */
    bool dummy;                      /* inter_<name>_spatial of v0.4 */
    const hd_node *at;               /* for messages */
} tl_component;
enum { TL_MAX_COMPONENTS = 32 };
typedef struct tl_chain { int components; tl_component component[TL_MAX_COMPONENTS]; } tl_chain;
hd_status tl_read_tree(const hd_node *architecture, tl_chain *out, hd_arena *arena, hd_error *err);
hd_status tl_read_flat(const hd_node *arch, tl_chain *out, hd_arena *arena, hd_error *err);
hd_status tl_read_nodes(const hd_node *architecture, tl_chain *out, hd_arena *arena, hd_error *err);
hd_status tl_components_to_arch(const tl_chain *chain, hd_timeloop *out, hd_error *err);

/* ---- tables.c: ERT and ART into out->arch (which is there already) ---- */
hd_status tl_read_ert(const hd_node *ert, hd_timeloop *out, hd_error *err);
hd_status tl_read_art(const hd_node *art, hd_timeloop *out, hd_error *err);

/* ---- mapping_read.c: `mapping:` into out->mapping, homes and the flags of out->arch (op and arch are there) ---- */
hd_status tl_read_mapping(const hd_node *mapping, hd_timeloop *out, hd_error *err);

/* ---- constraints.c: one list of targets (of architecture_constraints, mapspace_constraints, mapspace or v0.4 nodes)
 * into out->constraints and out->unroll; called once per list; an item said twice is an error ---- */
hd_status tl_read_targets(const hd_node *targets, hd_timeloop *out, hd_error *err);
hd_status tl_read_v04_constraints(const tl_chain *chain, hd_timeloop *out, hd_error *err);

/* ---- factors.c: "C=2 M=4,3", ["C=2", "M<=4"], {C: 2}; permutation "QR_PM", [Q, R] ---- */
typedef enum tl_relation { TL_EQUAL, TL_AT_MOST, TL_AT_LEAST } tl_relation;
typedef struct tl_factor { int dim; tl_relation relation; int64_t bound, residual; } tl_factor; /* bound 0 = the whole dim */
typedef struct tl_factors { int count; tl_factor factor[2 * HD_MAX_DIMS]; } tl_factors;
hd_status tl_read_factors(const hd_node *node, const hd_operator *op, tl_factors *out, hd_error *err);
/* `inner` dims before the "_" (all where there is none), `outer` after it; innermost first. */
typedef struct tl_order { int inner, outer; bool split; unsigned char inner_dim[HD_MAX_DIMS], outer_dim[HD_MAX_DIMS]; } tl_order;
hd_status tl_read_permutation(const hd_node *node, const hd_operator *op, tl_order *out, hd_error *err);

#endif
