/* Which segments may be chosen?  Single layers, and runs of vertices as stages side by side or in turn, each with the problems of
 * all its layers. */
#ifndef HD_NETWORK_CANDIDATES_H
#define HD_NETWORK_CANDIDATES_H

#include "network/quest.h"
#include "network/stages.h"

enum { HD_SEGMENT_LAYERS = 80 };

/* Which segments are looked at: rows of hd_pipeline_options (`--set pipeline.NAME=VALUE`, hd_plan_options.pipeline). */
enum { HD_PIPELINE_STAGES, HD_PIPELINE_HOMES, HD_PIPELINE_GROUPS };
extern const hd_option hd_pipeline_options[];

/* hd_candidate_refetch as of that effort of the search; what was expected before any. */
typedef struct hd_candidate_kept { hd_effort of; bool hoped; hd_sum refetch, expected; } hd_candidate_kept;

/* By proved bounds; by prices, and by what is expected where there are none; by prices alone. */
typedef enum hd_hope { HD_HOPE_PROVED, HD_HOPE_EXPECTED, HD_HOPE_KNOWN, HD_HOPES } hd_hope;

/* hd_candidate_sum by each hope, as of so much effort in all, and still right after so many searches. */
typedef struct hd_candidate_sums { int64_t searches[HD_HOPES]; int efforts[HD_HOPES]; hd_sum sum[HD_HOPES]; } hd_candidate_sums;

/* Layers first .. last of those that are not fused. */
typedef struct hd_candidate {
    int first, last;
    hd_staging *staging;         /* NULL = one layer alone on the whole mesh */
    hd_solved **solved;
    hd_bound *bound;             /* of each, as a layer of this segment */
    hd_candidate_kept *kept; /* per layer: what hopes have found out before */
    hd_candidate_sums *sums; /* likewise, of all layers */
} hd_candidate;

typedef struct hd_candidates {
    const hd_network *net;
    const hd_arch *arch;
    hd_quest quest;
    double option[HD_OPTIONS_MOST]; /* by rows of hd_pipeline_options */
    hd_value *value;
    int layers, *layer, *vertex; /* layers that are not fused, in order; the vertex of each */
    int count, room;
    hd_candidate *list;          /* by their first layers */
    int *alone;                  /* per layer: the candidate that is this layer alone */
    bool cut_short;              /* a limit of time left some segments out: it is needed for the layers alone */
} hd_candidates;

/* Fill in what follows `quest`, which was started, all in its arena. */
hd_status hd_candidates_list(hd_candidates *c, hd_error *err);

#endif
