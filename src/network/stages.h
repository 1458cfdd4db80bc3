/* A segment as problems of single operators: every layer on the chip that its stage is, with what the pipeline asks of it. */
#ifndef HD_NETWORK_STAGES_H
#define HD_NETWORK_STAGES_H

#include "dataflow/segment.h"
#include "network/sum.h"
#include "workload/values.h"

enum { HD_STAGES_MOST = 5 };     /* KAPLA's layer_pipeline_max_degree */

typedef struct hd_staged {       /* one layer in a segment */
    int layer, stage;
    unsigned handed;             /* roles that come from or go to the segment's own regions */
    hd_problem problem;
    const hd_constraints *limits; /* NULL = none: alone on the whole mesh */
} hd_staged;

/* How a run of layers goes through the chip. */
typedef struct hd_staging_form {
    int64_t groups;
    bool at_home;                /* see hd_segment; one stage */
    const hd_region *region;     /* of each stage; NULL: strips of columns, by work */
} hd_staging_form;

typedef struct hd_staging {
    int layers, stages;
    hd_staged *of;               /* in the order of the network */
    hd_region region[HD_STAGES_MOST];
    int64_t groups;
    bool at_home;
} hd_staging;

/* Vertices: a weighted layer and the layers without weights behind it that read nothing but its result, one after
 * another.  `vertex[i]` = number of the vertex of the i-th layer that is not fused; returns how many there are. */
int hd_stages_vertices(const hd_network *net, const hd_value *value, const int *layer, int layers, int *vertex);
/* The layers `layer[0 .. layers)` as a segment of that form, the i-th on stage `stage[i]` (from 0 on, ascending).
 * `*out` NULL where nothing would be handed on, or it cannot fit at all. */
hd_status hd_stages_build(const hd_network *net, const hd_value *value, const hd_arch *arch, const hd_plan_options *options,
                          const int *layer, const int *stage, int layers, const hd_staging_form *form, hd_arena *arena,
                          hd_staging **out, hd_error *err);
/* What layer `i` of the segment costs beyond its price: layers that take turns on a region leave nothing but what they hand on
 * in its buffers, so what a layer alone would keep from one group to the next (weights) is fetched for each.  Without static. */
hd_sum hd_stages_refetch(const hd_staging *s, int i, const hd_scheme *scheme, const hd_breakdown *price);
/* Energy that layer `i` costs at least beyond what it would with all groups in one, whatever its scheme, without static; cycles
 * that it takes at least: words that every group needs, and no buffer keeps from one to the next, come from the outermost memory
 * as often as there are groups, in its price or in hd_stages_refetch.  `known`, if not NULL, is a price of the layer alone: what
 * is read as often there is left out, and so is what else is moved more than once, which another order of loops may spare.
 * A bound only with NULL, and where no scheme may bypass the buffers. */
hd_sum hd_stages_least_again(const hd_staging *s, int i, const hd_breakdown *known);
/* Words of the outermost memory in it, as prices count them. */
double hd_stages_refetch_words(const hd_staging *s, int i, const hd_scheme *scheme, const hd_breakdown *price);
/* What a segment costs whose layers cost these: stages overlap group by group, the outermost memory serves all. */
hd_sum hd_stages_sum(const hd_staging *s, const hd_arch *arch, const hd_sum *layer, const double *static_pj,
                     const double *outside_cycles);
/* As plain data, in the arena. */
hd_status hd_stages_segment(const hd_staging *s, hd_arena *arena, hd_segment *out, hd_error *err);

#endif
