/* An operator: a perfect loop nest over named dimensions, and the tensors it touches.
 *
 * A tensor has ranks; coordinate of rank r = offset + sum of coef * dimension.  Coordinates outside
 * [0, extent) are padding (clipped, never counted as data).  A dimension occurs in at most one rank
 * of a tensor.  Only the convolution pair (P,R), (Q,S), (T,U) gives ranks of two terms.
 * Words: DESIGN section 2.                                                                         */
#ifndef HD_WORKLOAD_OPERATOR_H
#define HD_WORKLOAD_OPERATOR_H

#include "base/error.h"

enum { HD_MAX_DIMS = 12, HD_MAX_RANKS = 8, HD_MAX_TERMS = 2, HD_NAME = 128 };

/* Roles of tensors.  The index order is the order of every table and every JSON object. */
typedef enum hd_role { HD_W, HD_I, HD_O, HD_I2, HD_ROLES } hd_role;
#define HD_ROLE_BIT(r) (1u << (r))

typedef enum hd_kind {
    HD_CONV,           /* also depthwise (K = C = 1 per group) and grouped; 1-D, 2-D, 3-D */
    HD_CONV_TRANSPOSE, /* P, Q count input positions; the output rank slides */
    HD_MATMUL,
    HD_POOL,           /* max, average, global: window in R, S */
    HD_ELTWISE,        /* add, mul, ... of two tensors (I, I2), or a unary function of I */
    HD_REDUCE_SUM,     /* a sum of n tensors stacked along one reduction dimension */
    HD_SOFTMAX,        /* reads its row twice unless the row is held */
    HD_NORM,           /* layer / group / instance / batch normalisation: likewise */
    HD_KINDS
} hd_kind;

/* What an operator makes: a layer's output, or on the way back the gradient of its input or of its weights.  The nest says
 * all that is counted; KAPLA's algorithm, which has forms of its own for gradients, looks at it. */
typedef enum hd_makes { HD_MAKES_OUTPUT, HD_MAKES_INPUT_GRADIENT, HD_MAKES_WEIGHT_GRADIENT, HD_MAKES } hd_makes;
const char *hd_makes_name(hd_makes makes); /* "output" "input_gradient" "weight_gradient" */

typedef struct hd_dim {
    char name[8];   /* N G K C P Q R S (T U for 3-D), B M N K, ... */
    int64_t extent; /* >= 1 */
} hd_dim;

typedef struct hd_rank {
    int terms;
    struct { int dim; int64_t coef; } term[HD_MAX_TERMS];
    int64_t offset; /* minus the leading padding */
    int64_t extent; /* real extent of the tensor along this rank */
} hd_rank;

typedef struct hd_tensor {
    bool used;
    int ranks;
    hd_rank rank[HD_MAX_RANKS];
    int bits; /* per element, default 16 */
    char name[48]; /* as the file calls it; "" = its role.  Only reports see it */
} hd_tensor;

typedef struct hd_operator {
    hd_kind kind;
    int dims;
    hd_dim dim[HD_MAX_DIMS];
    hd_tensor tensor[HD_ROLES];
    bool vector;          /* runs where the chip says its vector work runs; macs = 0 */
    int64_t ops_per_point; /* vector operations per point of the nest; 0 for MAC operators */
    unsigned row_dims;    /* bit set of the dims of the row a softmax / normalisation reads twice; else 0 */
    int partial_bits;     /* bits of a partial sum inside the home of O; 0 = bits of O */
    int64_t extra_reads;  /* words of a fused residual input, read once from the outermost level (role I2) */
    int64_t fused_ops;    /* vector operations of everything fused into this operator */
} hd_operator;

/* Points of the nest: product of extents (checked at the border to stay below 2^53). */
int64_t hd_operator_points(const hd_operator *op);
/* Multiply-accumulates: the points, or 0 for vector operators. */
int64_t hd_operator_macs(const hd_operator *op);
/* Vector operations: points * ops_per_point + fused_ops. */
int64_t hd_operator_ops(const hd_operator *op);
/* Words of a tensor: product of the rank extents; 0 if the role is unused. */
int64_t hd_tensor_words(const hd_operator *op, hd_role role);
/* Index of a dimension by name, -1 if absent. */
int hd_operator_dim(const hd_operator *op, const char *name);
/* Bit set of the dims that occur in the role's ranks. */
unsigned hd_tensor_dims(const hd_operator *op, hd_role role);
/* The tensor's own name, or its role's. */
const char *hd_tensor_name(const hd_operator *op, hd_role role);
/* "W" "I" "O" "I2". */
const char *hd_role_name(hd_role role);
/* "conv" "conv_transpose" "matmul" "pool" "eltwise" "reduce_sum" "softmax" "norm". */
const char *hd_kind_name(hd_kind kind);
/* Check every invariant above (extents >= 1, volume < 2^53, ranks inside bounds). */
hd_status hd_operator_check(const hd_operator *op, hd_error *err);
/* Equal in everything that prices see (canonical equality), and a 64-bit hash of the same. */
bool hd_operator_equal(const hd_operator *a, const hd_operator *b);
uint64_t hd_operator_hash(const hd_operator *op);

#endif
