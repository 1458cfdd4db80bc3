/* Small ONNX models written in a test: one call per input, constant and node. */
#ifndef HD_TESTS_ONNX_MODEL_H
#define HD_TESTS_ONNX_MODEL_H

#include "formats/onnx/graph.h"

enum { MODEL_PARTS = 64 };

typedef struct model {
    Onnx__GraphProto graph;
    Onnx__NodeProto *node[MODEL_PARTS];
    Onnx__TensorProto *constant[MODEL_PARTS];
    Onnx__ValueInfoProto *input[MODEL_PARTS];
    Onnx__ValueInfoProto *stored[MODEL_PARTS];
    int64_t opset;
    void *owned[4096];
    int count;
} model;

void model_begin(model *m, int64_t opset);
/* Shape as "1,3,batch,224". */
void model_input(model *m, const char *name, const char *shape);
void model_stored(model *m, const char *name, const char *shape);
/* A weight without data. */
void model_weight(model *m, const char *name, const char *shape);
/* A list of integers, or of floats where a dot occurs; a leading '=' makes a scalar. */
void model_constant(model *m, const char *name, const char *list);
/* Names separated by blanks ("-" = omitted); attributes "axis=1 perm=0,2,1 auto_pad=SAME_UPPER" (a comma at the end makes
 * a list of one); the domain before a colon in `op`. */
void model_node(model *m, const char *op, const char *inputs, const char *outputs, const char *attributes);
/* Write and read the model; the model is gone afterwards. */
hd_status model_load(model *m, const hd_onnx_options *options, hd_onnx_graph *g, hd_error *err);

#endif
