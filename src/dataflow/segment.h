/* Layers that are on chip together, as plain data.  Stages run at the same time on regions of the mesh, the layers of a
 * stage take turns; tensors between them never leave the chip.  KAPLA (Li & Gao 2023), Tangram (Gao et al. 2019). */
#ifndef HD_DATAFLOW_SEGMENT_H
#define HD_DATAFLOW_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct hd_region { int x, y, width, height; } hd_region; /* nodes of the mesh; the whole chip where it has none */

typedef struct hd_stage {
    int layers;
    int *layer;               /* indices in the network, in the order of their turns */
    hd_region region;
} hd_stage;

typedef struct hd_segment {
    int stages;
    hd_stage *stage;
    int64_t batch_groups;     /* parts of the batch that follow each other through the stages */
    bool at_home;             /* what layers hand on lies spread over the nodes, not whole in the tiles of maker and reader */
    double energy_pj;
    double refetch_pj;        /* of that, in no layer's energy: what layers that take turns fetch again for each group */
    double refetch_words;     /* of the outermost memory, likewise in no layer's counts */
    double idle_pj;           /* likewise: static power of regions that wait for the others */
    int64_t latency_cycles;
} hd_segment;

#endif
