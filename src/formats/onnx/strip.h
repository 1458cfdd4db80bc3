/* Weight stripping: the wire format of a model without its weights. */
#ifndef HD_FORMATS_ONNX_STRIP_H
#define HD_FORMATS_ONNX_STRIP_H

#include "base/error.h"

enum { HD_ONNX_KEPT_BYTES = 4096 }; /* a tensor with more payload than this loses it */

/* Copy of the message without tensor payloads above HD_ONNX_KEPT_BYTES and without fields that nobody reads.
 * The caller frees `*out`.  Messages of errors carry the byte offset. */
hd_status hd_onnx_strip(const void *bytes, size_t n, const char *file, unsigned char **out, size_t *out_n,
                        hd_error *err);

#endif
