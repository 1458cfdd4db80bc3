/* What does each ONNX operator do: the shape it makes, the constants it folds, the layer it is? */
#ifndef HD_FORMATS_ONNX_OPS_H
#define HD_FORMATS_ONNX_OPS_H

#include "formats/onnx/graph.h"

/* Give the outputs their shapes; an output left at rank -1 is not known.  Operand shapes may be unknown too. */
typedef hd_status hd_onnx_shape_rule(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err);
/* Fill the data of output 0 (shape known, all operands that are needed constant); leave NULL if it cannot. */
typedef hd_status hd_onnx_fold_rule(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err);
/* Build the operator; all shapes are known. `*out` keeps what the layer needs beyond it. */
typedef struct hd_onnx_built {
    hd_operator op;
    hd_onnx_value *role[HD_ROLES]; /* whose file shape stands for the role, NULL = unused */
    int64_t weight_words;
    bool product;                  /* convolution or matrix product: counts MACs */
} hd_onnx_built;
typedef hd_status hd_onnx_layer_rule(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err);

typedef struct hd_onnx_op {
    const char *name;
    hd_onnx_shape_rule *shape;
    hd_onnx_fold_rule *fold;       /* NULL = its constants keep a shape only */
    hd_onnx_layer_rule *layer;     /* NULL = a view or a constant: no layer */
} hd_onnx_op;

/* The operator of that name; that of a node, by its domain, too; NULL: unknown. */
const hd_onnx_op *hd_onnx_find_op(const char *name);
const hd_onnx_op *hd_onnx_rules(const hd_onnx_node *n);

/* Spatial part of a convolution or pooling node: kernel, strides, pads, output extents. */
typedef struct hd_onnx_window {
    int axes;
    int64_t kernel[3], stride[3], dilation[3], low[3], high[3], in[3], out[3];
} hd_onnx_window;
/* `kernel` from the attribute, or from the weights' dims after the first two where `weights` is given. */
hd_status hd_onnx_read_window(const hd_onnx_graph *g, const hd_onnx_node *n, const hd_onnx_value *in,
                              const hd_onnx_value *weights, bool transposed, hd_onnx_window *out, hd_error *err);

/* A matrix product as its operands stand: O[b.., m, n] = A[b.., m, k] x B[b.., k, n], with transpositions. */
typedef struct hd_onnx_product {
    hd_onnx_value *a, *b;
    int batch_rank;
    int64_t batch[HD_ONNX_RANK];   /* broadcast batch dims of the output */
    int64_t batch_a, batch_b;      /* products of the operands' own batch dims */
    int64_t m, n, k;
    bool flat_a, flat_b;           /* 1-D operand: its dimension of 1 is not in the output */
} hd_onnx_product;
hd_status hd_onnx_read_product(const hd_onnx_graph *g, const hd_onnx_node *n, hd_onnx_product *out, hd_error *err);

/* Reduction: which axes, and do they stay?  false when the axes depend on run-time data. */
bool hd_onnx_read_axes(const hd_onnx_graph *g, const hd_onnx_node *n, bool *reduced, bool *keep);

/* Index of the weights (second factor) of convolutions and products. */
int hd_onnx_weights_at(const hd_onnx_node *n);

hd_onnx_shape_rule hd_onnx_shape_same, hd_onnx_shape_broadcast, hd_onnx_shape_conv, hd_onnx_shape_conv_transpose,
    hd_onnx_shape_pool, hd_onnx_shape_global_pool, hd_onnx_shape_product, hd_onnx_shape_reduce,
    hd_onnx_shape_normalised, hd_onnx_shape_recurrent, hd_onnx_shape_einsum, hd_onnx_shape_packed_product;
hd_onnx_shape_rule hd_onnx_shape_reshape, hd_onnx_shape_flatten, hd_onnx_shape_transpose, hd_onnx_shape_concat,
    hd_onnx_shape_split, hd_onnx_shape_slice, hd_onnx_shape_pad, hd_onnx_shape_squeeze, hd_onnx_shape_unsqueeze,
    hd_onnx_shape_expand, hd_onnx_shape_tile, hd_onnx_shape_depth_to_space, hd_onnx_shape_resize;
hd_onnx_shape_rule hd_onnx_shape_gather, hd_onnx_shape_gather_elements, hd_onnx_shape_gather_nd,
    hd_onnx_shape_shape,
    hd_onnx_shape_size, hd_onnx_shape_constant, hd_onnx_shape_constant_of_shape, hd_onnx_shape_range,
    hd_onnx_shape_top_k, hd_onnx_shape_one_hot, hd_onnx_shape_arg, hd_onnx_shape_cast;
hd_onnx_fold_rule hd_onnx_fold_same, hd_onnx_fold_cast, hd_onnx_fold_gather, hd_onnx_fold_concat,
    hd_onnx_fold_slice,
    hd_onnx_fold_binary, hd_onnx_fold_unary, hd_onnx_fold_range, hd_onnx_fold_constant_of_shape,
        hd_onnx_fold_expand,
    hd_onnx_fold_where, hd_onnx_fold_reduce, hd_onnx_fold_shape, hd_onnx_fold_size, hd_onnx_fold_constant;
hd_onnx_layer_rule hd_onnx_layer_conv, hd_onnx_layer_conv_transpose, hd_onnx_layer_product, hd_onnx_layer_einsum,
    hd_onnx_layer_packed_product, hd_onnx_layer_pool, hd_onnx_layer_global_pool, hd_onnx_layer_rows,
    hd_onnx_layer_batch_norm, hd_onnx_layer_lrn, hd_onnx_layer_eltwise, hd_onnx_layer_sum, hd_onnx_layer_reduce,
    hd_onnx_layer_resize;

/* Element-wise over the output, whatever the node: what is done with operators nobody knows. */
hd_onnx_layer_rule hd_onnx_layer_unknown;
/* Elements of a file's tensor of known shape into `v` (shape set already). */
hd_status hd_onnx_read_tensor(const hd_onnx_graph *g, const Onnx__TensorProto *t, hd_onnx_value *v, hd_error *err);

#endif
