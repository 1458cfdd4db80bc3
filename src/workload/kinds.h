/* The layer kinds: fill an operator from the numbers a layer is known by. */
#ifndef HD_WORKLOAD_KINDS_H
#define HD_WORKLOAD_KINDS_H

#include "workload/operator.h"

/* Up to three spatial axes, outermost first.  For axes = 2: [0] is P/R (height), [1] is Q/S (width). */
typedef struct hd_conv_shape {
    int axes;                      /* 1, 2 or 3 */
    int64_t n, groups, k, c;       /* K and C per group */
    int64_t out[3], kernel[3];     /* output extents (transposed: INPUT extents) and kernel extents */
    int64_t stride[3], dilation[3], pad_low[3];
    int64_t in[3];                 /* real input extents (transposed: real OUTPUT extents); 0 = no padding, derived */
} hd_conv_shape;

/* conv: dims N G K C P Q R S (1-D drops Q S, 3-D adds T U).  W[G,K,C,R,S] I[N,G,C,PR,QS] O[N,G,K,P,Q].
 * Where stride >= the kernel's whole extent and no coordinate is padding, P and R are two ranks of I. */
hd_status hd_kind_conv(const hd_conv_shape *shape, hd_operator *out, hd_error *err);
/* transposed conv: I[N,G,C,P,Q]  O[N,G,K, P*stride+R*dilation-pad, ...]  W[G,C,K,R,S]. */
hd_status hd_kind_conv_transpose(const hd_conv_shape *shape, hd_operator *out, hd_error *err);
/* O[B,M,N] = I[B,M,K] W[B,K,N]; w_batched false: W lacks B. */
hd_status hd_kind_matmul(int64_t b, int64_t m, int64_t n, int64_t k, bool w_batched, hd_operator *out, hd_error *err);
/* window pooling: dims N K P Q R S; shape->k = channels, groups and c ignored. */
hd_status hd_kind_pool(const hd_conv_shape *shape, hd_operator *out, hd_error *err);
/* element-wise over `dims` extents (<= 6, collapsed by the caller if more); two inputs if `binary`,
 * the second missing the dims of bit set `i2_broadcast`. */
hd_status hd_kind_eltwise(int dims, const int64_t *extent, bool binary, unsigned i2_broadcast, int64_t ops_per_point,
                          hd_operator *out, hd_error *err);
/* sum of `count` tensors of `words` words each: dims E(reduction) N. */
hd_status hd_kind_reduce_sum(int64_t count, int64_t words, hd_operator *out, hd_error *err);
/* the same of `count` stacks of feature maps: dims E N K P Q, of the last three those above 1. */
hd_status hd_kind_reduce_maps(int64_t count, int64_t n, int64_t k, int64_t p, int64_t q, hd_operator *out,
                              hd_error *err);
/* softmax / normalisation of `rows` rows of `length` words: dims N (rows) M (row). */
hd_status hd_kind_rowwise(hd_kind kind, int64_t rows, int64_t length, int64_t ops_per_point, hd_operator *out,
                          hd_error *err);
/* parse 'conv(N=1,K=64,C=3,P=112,Q=112,R=7,S=7,stride=2)', 'matmul(M=512,N=768,K=3072)', 'depthwise(...)',
 * 'conv_transpose(...)', 'pool(...)', 'fc(K=,C=)', 'softmax(N=,M=)'; keys also G, dilation, pad, stride_p/stride_q...,
 * H, W (input), PQ and RS (both of a square). */
hd_status hd_kind_parse(const char *text, hd_operator *out, hd_error *err);

#endif
