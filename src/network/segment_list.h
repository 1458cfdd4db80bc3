/* Which layers may be on chip together, and how they share it (KAPLA 7.2): single layers, and runs of vertices whose layers
 * take turns on the whole mesh (temporal) or have a stage and a region per vertex (spatial).                        */
#ifndef HD_NETWORK_SEGMENT_LIST_H
#define HD_NETWORK_SEGMENT_LIST_H

#include "network/segment_graph.h"
#include "network/stage_nodes.h"

typedef struct hd_segment_rules {
    bool spatial, temporal;         /* forms looked at beside single layers */
    int most_vertices;              /* of a segment */
    int64_t mesh[HD_AXES];
    double buffer_words;            /* usable words of one node */
} hd_segment_rules;

/* Layers in the order of stages and of their turns; stage s has those from first[s] to first[s + 1]. */
typedef struct hd_segment_form {
    int layers, stages;
    const int *layer, *first;
    const int64_t *nodes;           /* of every stage */
} hd_segment_form;
typedef struct hd_segment_forms { int count; hd_segment_form *form; } hd_segment_forms;

/* Is every layer fed as hardware can: from memory alone or from one stage before, by that stage's last layer, and within a
 * stage by the layer before it? */
bool hd_segment_is_fed(const hd_segment_graph *graph, const hd_segment_form *form);
/* All forms that are fed, have nodes, and whose buffers can hold what must stay (segment_demands.h); each once.  Everything
 * lives in the arena. */
hd_status hd_segment_forms_list(const hd_segment_graph *graph, const hd_segment_rules *rules, hd_arena *arena,
                                hd_segment_forms *out, hd_error *err);

#endif
