/* The parts of KAPLA's evaluator that evaluate.c puts together. */
#ifndef HD_COST_KAPLA_FORM_H
#define HD_COST_KAPLA_FORM_H

#include "cost/kapla/kapla.h"

/* Iterations of every update of both levels: they are not written, they follow from blocks and work (2.4). */
typedef struct kapla_counts {
    int64_t gbuf[HD_KAPLA_MOVES], regf[HD_KAPLA_MOVES];
    int64_t gbuf_all, regf_all;           /* their products */
    int64_t nodes, elements;              /* units that the stacks place: nodes of the mesh, elements of one array */
    int64_t growth;                       /* passes that one element's block holds */
} kapla_counts;
void hd_kapla_count(const hd_kapla_scheme *s, kapla_counts *out);

/* Does a directive move the tensor? */
bool hd_kapla_moves_tensor(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_move *move);
/* Is `dim` one of the tensor's? */
bool hd_kapla_has(const hd_kapla_scheme *s, unsigned fixes, int tensor, int dim);
/* The tensor that is read, modified and written: O, or dW. */
int hd_kapla_partial_tensor(const hd_kapla_scheme *s, unsigned fixes);
/* Words that one unit receives over a sweep without refetch (2.4 "unit volume"). */
int64_t hd_kapla_volume(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_block *block,
                        const int64_t *iterations);
/* How often the sweep is repeated (2.4 "redundant iterations"). */
int64_t hd_kapla_repeats(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_block *block,
                         const int64_t *iterations);
/* Words of the block that a node's buffer or an element's register file holds. */
int64_t hd_kapla_held(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_block *block);

/* Different blocks of the tensor among the elements of the array. */
int64_t hd_kapla_distinct(const hd_kapla_scheme *s, unsigned fixes, int tensor);
/* Systolic: elements that receive the tensor from outside when `update` steps, the others from a neighbour. */
int64_t hd_kapla_edge(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_move *update);

/* Nodes that hold a block together, and how far a word travels when they pass it round (2.5). */
typedef struct kapla_sharing { int64_t nodes; double rotation; } kapla_sharing;
void hd_kapla_share(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_region *region,
                    kapla_sharing *out);
/* Rounds of rotation of every tensor; 0 where it is streamed or held whole. */
void hd_kapla_rotate(const hd_kapla_chip *chip, const hd_kapla_scheme *s, unsigned fixes, const kapla_counts *n,
                     const kapla_sharing share[HD_KAPLA_TENSORS], const int64_t fetches[HD_KAPLA_TENSORS],
                     int64_t rounds[HD_KAPLA_TENSORS]);

/* Word-hops that move every tensor once between memory (or the source and destination) and the nodes (5.3). */
void hd_kapla_hops(const hd_kapla_chip *chip, unsigned fixes, const hd_kapla_scheme *s, const hd_kapla_place *place,
                   int64_t out[HD_KAPLA_TENSORS]);
/* What a node of the partition needs of each tensor. */
void hd_kapla_needs(const hd_kapla_scheme *s, unsigned fixes, const int64_t at[HD_AXES],
                    hd_kapla_range need[HD_KAPLA_TENSORS]);

/* Links of a mesh are counted between points. */
typedef struct kapla_point { int64_t at[HD_AXES]; } kapla_point;
/* All nodes of a partition: where they are and what they need. */
typedef struct kapla_spread {
    int nodes;
    kapla_point point[HD_KAPLA_MAX_NODES];
    hd_kapla_range need[HD_KAPLA_MAX_NODES][HD_KAPLA_TENSORS];
} kapla_spread;
void hd_kapla_spread_out(const hd_kapla_scheme *s, unsigned fixes, const hd_kapla_region *region, kapla_spread *out);
/* Needs with different keys differ. */
uint64_t hd_kapla_range_key(const hd_kapla_range *range);
/* Does the output stay on the nodes that make it? */
bool hd_kapla_stays(const hd_kapla_scheme *s, const hd_kapla_place *place);
/* The partitions whose hops of each tensor the research code charges to a scheme: the first of place->tries that looks alike,
 * else its own. */
void hd_kapla_recall(unsigned fixes, const hd_kapla_scheme *s, const hd_kapla_place *place,
                     const hd_kapla_partition *out[HD_KAPLA_TENSORS]);

/* Where the output lies afterwards. */
hd_kapla_layout hd_kapla_output(const hd_kapla_scheme *s, const hd_kapla_place *place);
/* Links of the cheapest tree that joins the points, and to the nearest of the sources if there are any. */
int64_t hd_kapla_tree(const kapla_point *point, int points, const kapla_point *source, int sources);

#endif
