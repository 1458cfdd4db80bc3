/* Where on the mesh a layer and its tensors lie: rectangles of nodes, folded in a zig-zag where a stripe ends
 * (kapla.md 4.4), and tensors spread over such regions (5.3).  Plain data, no cost.                          */
#ifndef HD_DATAFLOW_KAPLA_REGION_H
#define HD_DATAFLOW_KAPLA_REGION_H

#include "dataflow/kapla.h"

/* size[] nodes, node (x, y) at origin + (x, y) * step; with wtot > 0 the x run is folded: it starts |wbeg| nodes before the
 * end of a stripe of wtot nodes, to the right if wbeg > 0, else to the left, and goes on a stripe further down. */
typedef struct hd_kapla_region {
    int64_t origin[HD_AXES], size[HD_AXES], step[HD_AXES];
    int64_t wtot, wbeg;
} hd_kapla_region;

/* Half-open intervals of batch, channels, rows, columns. */
enum { HD_KAPLA_RANKS = 4 };
typedef struct hd_kapla_range { int64_t from[HD_KAPLA_RANKS], to[HD_KAPLA_RANKS]; } hd_kapla_range;

/* A feature map spread over nodes: pieces side by side along the channels, each on a region of its own. */
enum { HD_KAPLA_PIECES = 16 };
typedef struct hd_kapla_layout {
    int pieces;
    struct {
        hd_kapla_range range;
        hd_kapla_region region;
        hd_kapla_partition partition;
    } piece[HD_KAPLA_PIECES];
} hd_kapla_layout;

/* Coordinates of node `at` of the region. */
void hd_kapla_node(const hd_kapla_region *region, const int64_t at[HD_AXES], int64_t out[HD_AXES]);
int64_t hd_kapla_nodes(const hd_kapla_region *region);
bool hd_kapla_region_equal(const hd_kapla_region *a, const hd_kapla_region *b);
/* Index of each kind of split at node `at` (relative to the region that the partition fills). */
void hd_kapla_split_at(const hd_kapla_partition *p, const int64_t at[HD_AXES], int64_t out[HD_KAPLA_SPLITS][HD_AXES]);
/* Part `index` of `parts` equal parts (as equal as floors make them) of [from, to). */
void hd_kapla_part(int64_t from, int64_t to, int64_t index, int64_t parts, int64_t *out_from, int64_t *out_to);
/* The part of a feature map that node `at` of its partition holds. */
hd_kapla_range hd_kapla_part_of(const hd_kapla_range *whole, const hd_kapla_partition *p, const int64_t at[HD_AXES]);
/* The partition of a feature map that a layer leaves on a region of `size` nodes: input-channel splits vanish, spare nodes
 * split the batch further, splits that do not fit are cut, outermost first (kapla.md 5.3, "projection"). */
hd_kapla_partition hd_kapla_project(const hd_kapla_partition *p, const int64_t size[HD_AXES]);
bool hd_kapla_partition_equal(const hd_kapla_partition *a, const hd_kapla_partition *b);
int64_t hd_kapla_range_words(const hd_kapla_range *r);
int64_t hd_kapla_overlap_words(const hd_kapla_range *a, const hd_kapla_range *b);

#endif
