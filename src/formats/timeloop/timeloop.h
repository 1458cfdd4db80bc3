/* Timeloop's files: architecture (flat 2019, v0.2/0.3 tree, v0.4 nodes), problem, mapping, constraints, ERT and ART.
 *
 * Any number of files make one input; their top-level maps are merged, a key given twice is an error unless both are lists
 * or maps that Timeloop itself merges.  Facts: Timeloop's formats as described in docs/timeloop.md.            */
#ifndef HD_FORMATS_TIMELOOP_TIMELOOP_H
#define HD_FORMATS_TIMELOOP_TIMELOOP_H

#include "base/text.h"
#include "solve/solver.h"
#include "syntax/tree.h"

/* Something that was passed over, with its place: "arch.yaml:4:5: ...". */
typedef struct hd_timeloop_warning { const char *text; struct hd_timeloop_warning *next; } hd_timeloop_warning;

/* What the files said, in heddle's words; lives in the arena given to the reader. */
typedef struct hd_timeloop {
    char name[64];                   /* of the problem */
    hd_arena *arena;
    hd_timeloop_warning *warnings;   /* in the order of reading */
    bool has_op, has_arch, has_mapping, has_constraints;
    hd_operator op;                  /* tensors carry their own names; the read-write one is O */
    hd_arch arch;                    /* levels carry their own names; ERT and ART applied */
    hd_problem problem;              /* op, arch (pointing into this struct) and homes */
    hd_scheme mapping;               /* where has_mapping */
    hd_constraints constraints;      /* where has_constraints */
    int home[HD_ROLES];              /* of every search, as is `open`: whatever a mapping keeps where */
    hd_arch open;                    /* the chip without what a mapping's directives forbid */
    char said[HD_MAX_LEVELS][HD_SAID_KINDS][128]; /* what constraints.said points to: "c.yaml:4:5: GLB spatial" */
    unsigned unroll[HD_MAX_LEVELS][HD_AXES]; /* dims that may go on each axis, as hd_space.unroll */
    bool ragged;                     /* mapspace template ruby: imperfect factors */
    bool has_objective;
    hd_objective objective;          /* first of mapper.optimization-metrics where it is one of ours */
} hd_timeloop;

typedef struct hd_timeloop_text { const char *name, *text; size_t length; } hd_timeloop_text;

/* `name` is the text's path: include_text and shapes given by name are looked for in its folder. */
hd_status hd_timeloop_read(const hd_timeloop_text *texts, int count, hd_arena *arena, hd_timeloop **out, hd_error *err);

/* A scheme as Timeloop's mapping (v0.3), a problem as its problem (v0.3), a chip as its architecture (v0.3 tree).
 * HD_ERR_USAGE with the reason where Timeloop's format cannot express it. */
hd_status hd_timeloop_write_mapping(const hd_problem *p, const hd_scheme *s, hd_text *out, hd_error *err);
hd_status hd_timeloop_write_problem(const hd_operator *op, const char *name, hd_text *out, hd_error *err);
hd_status hd_timeloop_write_arch(const hd_arch *arch, hd_text *out, hd_error *err);

#endif
