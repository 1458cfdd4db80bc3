/* What a search for segments sees of a network (KAPLA 7.1, 7.2): layers without weights join the layer before them to one
 * vertex, vertices stand in one depth-first order, and runs of them are what may be on chip together.               */
#ifndef HD_NETWORK_SEGMENT_GRAPH_H
#define HD_NETWORK_SEGMENT_GRAPH_H

#include "base/arena.h"
#include "dataflow/kapla_layer.h"
#include "workload/network.h"

enum { HD_OUTSIDE = -1 };           /* where a network's inputs and constants come from */

/* Layers of the network or vertices of the graph, ascending, each once. */
typedef struct hd_indices { int count; int *at; } hd_indices;

typedef struct hd_graph_layer {
    hd_kapla_layer shape;           /* of layers that KAPLA has no word for: a local one of as many words */
    bool present;                   /* a layer fused into another is not: its readers read the other one */
    hd_indices from, to;            /* layers it reads (HD_OUTSIDE among them), layers that read it */
    int vertex;
} hd_graph_layer;

typedef struct hd_vertex {
    hd_indices layers;              /* in the order of the network */
    hd_indices from, to;            /* vertices, HD_OUTSIDE among those it reads */
} hd_vertex;

typedef struct hd_segment_graph {
    int layers, vertices;
    hd_graph_layer *layer;
    hd_vertex *vertex;              /* in the order of scheduling */
} hd_segment_graph;

/* Vertices first .. first + count - 1. */
typedef struct hd_run { int first, count; } hd_run;
typedef struct hd_runs { int count; hd_run *run; } hd_runs;

bool hd_indices_has(const hd_indices *set, int index);
/* Everything lives in the arena. */
hd_status hd_segment_graph_build(const hd_network *net, hd_arena *arena, hd_segment_graph *out, hd_error *err);
/* All runs of vertices that may share the chip, in the order in which they are found. */
hd_status hd_segment_graph_runs(const hd_segment_graph *graph, hd_arena *arena, hd_runs *out, hd_error *err);

#endif
