/* The operator that sends a gradient back through one layer.  For backward.c alone, and its tests. */
#ifndef HD_WORKLOAD_BACKWARD_OPERATOR_H
#define HD_WORKLOAD_BACKWARD_OPERATOR_H

#include "workload/network.h"

typedef enum hd_gradient_form {
    HD_GRADIENT_STOPS,  /* it is zero, or there is none: comparisons, rounding */
    HD_GRADIENT_PASSES, /* it is the gradient of the output itself: sums, views */
    HD_GRADIENT_WORKS   /* `op` computes it */
} hd_gradient_form;

enum { HD_READS_NOTHING = -1, HD_READS_GRADIENT = HD_ROLES };

typedef struct hd_gradient {
    hd_gradient_form form;
    hd_operator op;
    /* What the tensors of `op` are: HD_READS_GRADIENT the gradient of the layer's output, else the role of the layer's
     * tensor that is read again; HD_READS_NOTHING where `op` has none.  O is the gradient of the operand asked for. */
    int reads[HD_ROLES];
} hd_gradient;

/* Gradient of operand `wrt` (I or W) of a convolution, a transposed convolution or a matrix product, as an operator of such a
 * kind.  It has the points of the forward nest, so its MACs are the layer's; dimensions are named by what they are now
 * (docs/training.md). */
hd_status hd_backward_product(const hd_operator *forward, hd_role wrt, hd_gradient *out, hd_error *err);
/* Gradient of operand `wrt` (I or I2) of vector work; the layer's op_name says which function it is.  `stacked`: I holds
 * several operands, one beside the other, and the gradient is that of one of them. */
hd_status hd_backward_vector(const hd_layer *forward, hd_role wrt, bool stacked, hd_gradient *out, hd_error *err);

#endif
