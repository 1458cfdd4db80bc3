/* How the dims of a KAPLA layer hang together: which dims a loop moves, which tensors see a dim, extents that follow
 * from others, words of a block (reference sections 2.1, 3.1).                                                     */
#ifndef HD_DATAFLOW_KAPLA_LAYER_H
#define HD_DATAFLOW_KAPLA_LAYER_H

#include "dataflow/kapla.h"

enum { HD_KAPLA_LOOP_DIMS = 3 };  /* most dims that one loop moves */

/* No weights: pooling and element-wise work, forward or back. */
bool hd_kapla_is_local(hd_kapla_type type);
/* Input and output channels are one dim: local layers and depthwise convolutions, forward or back. */
bool hd_kapla_is_channelwise(hd_kapla_type type);
/* The gradient is the "input"; the rows of the array are rows of the gradient. */
bool hd_kapla_is_back(hd_kapla_type type);

/* Dims of a loop in the order of section 3.1 (batch before rows before columns); returns how many. */
int hd_kapla_loop_dims(const hd_kapla_layer *layer, bool systolic, int loop, int out[HD_KAPLA_LOOP_DIMS]);
/* Is it one of the tensor's dims (2.1)? */
bool hd_kapla_sees(int tensor, int dim);
/* The loop that a tensor calls its own irrelevant one: batch for W, output channels for I, input channels for O. */
static inline int hd_kapla_other_loop(int tensor) { return HD_KAPLA_LOOP_B - tensor; }
/* Does an iteration of the loop bring other data of the tensor?  All but its other loop do; where C and K are one dim, both
 * do.  (W of a local layer counts as if it had its channels: the research code's tables say so.) */
bool hd_kapla_loop_moves(const hd_kapla_layer *layer, int loop, int tensor);

/* Extents of the whole layer; 0 for dims that the template has not. */
void hd_kapla_extents(const hd_kapla_layer *layer, bool systolic, int64_t extent[HD_KAPLA_DIMS]);
/* Pixels of the other side and channels of the other side follow from the loops' own: Xi = (Xo-1) stride + R, ... */
void hd_kapla_follow(const hd_kapla_layer *layer, bool systolic, int64_t tensor[HD_KAPLA_DIMS]);
/* Words of one block of a tensor.  A depthwise filter counts C x K here, as in the research code. */
int64_t hd_kapla_block_words(const hd_kapla_layer *layer, bool systolic, int tensor,
                             const int64_t extent[HD_KAPLA_DIMS]);
/* How often an update moves a block through the work of one unit (2.4). */
int64_t hd_kapla_iterations(const hd_kapla_move *update, const int64_t tensor[HD_KAPLA_DIMS],
                            const int64_t work[HD_KAPLA_DIMS]);
/* Words of the whole tensor (a depthwise filter counts its channels once), operations of one sample. */
int64_t hd_kapla_tensor_words(const hd_kapla_layer *layer, int tensor);
int64_t hd_kapla_sample_ops(const hd_kapla_layer *layer);

#endif
