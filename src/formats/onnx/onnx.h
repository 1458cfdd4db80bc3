/* ONNX models as networks: what layers does the file describe, with which shapes?
 *
 * Weights are never loaded: only shapes, and the small constants that shapes depend on, are read.
 * Opsets 7 to 21.  The network is not fused yet: the caller decides with hd_network_fuse.          */
#ifndef HD_FORMATS_ONNX_ONNX_H
#define HD_FORMATS_ONNX_ONNX_H

#include "workload/network.h"

/* One symbolic dimension bound by the user.  A dimension without a name is called INPUT.INDEX. */
typedef struct hd_onnx_dim { const char *name; int64_t value; } hd_onnx_dim;

typedef struct hd_onnx_options {
    int64_t batch;          /* 0 = as in the file; else the first dimension of every graph input */
    int dims;
    const hd_onnx_dim *dim;
} hd_onnx_options;

/* `options` may be NULL.  HD_ERR_USAGE names an unbound symbolic dimension; HD_ERR_INPUT says which byte or node. */
hd_status hd_onnx_read_file(const char *path, const hd_onnx_options *options, hd_network **out, hd_error *err);
/* The same from memory; `file` only names it in messages. */
hd_status hd_onnx_read(const void *bytes, size_t n, const char *file, const hd_onnx_options *options,
                       hd_network **out,
                       hd_error *err);

#endif
