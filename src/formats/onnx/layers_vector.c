/* Layers without products: pooling, rows (softmax, normalisation), reductions and element-wise work as loop nests. */
#include "formats/onnx/ops.h"

#include <string.h>

#include "workload/kinds.h"
#include "workload/vector_ops.h"

static bool is_scalar(const hd_onnx_value *v)
{
    return hd_onnx_words(v) == 1;
}

/* Does `v` lack dimension k of the output (of `rank` dims)? */
static unsigned lacking(const hd_onnx_value *v, const hd_onnx_value *out)
{
    unsigned lacks = 0;
    for (int k = 0; k < out->rank; k++) {
        int j = k - (out->rank - v->rank);
        if (out->dim[k] > 1 && (j < 0 || v->dim[j] == 1)) lacks |= 1u << k;
    }
    return lacks;
}

static hd_status eltwise(const hd_onnx_node *n, hd_onnx_value *main, hd_onnx_value *second, hd_onnx_built *out,
                         hd_error *err)
{
    const hd_onnx_value *o = n->out[0];
    out->role[HD_I] = main;
    out->role[HD_I2] = second;
    return hd_kind_eltwise(o->rank, o->dim, second != NULL, second ? lacking(second, o) : 0, hd_vector_ops(n->op),
                           &out->op, err);
}

/* The two largest different operands stream; scalars and repeated operands cost nothing. */
hd_status hd_onnx_layer_eltwise(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    (void)g;
    hd_onnx_value *main = NULL, *second = NULL;
    for (int i = 0; i < n->inputs; i++) {
        hd_onnx_value *v = n->in[i];
        if (!v || v->rank < 0 || v->rank > n->out[0]->rank || v == main || v == second) continue;
        if (!main || hd_onnx_words(v) > hd_onnx_words(main) || (main->constant && !v->constant &&
                                                                hd_onnx_words(v) == hd_onnx_words(main))) {
            second = main;
            main = v;
        } else if (!second || hd_onnx_words(v) > hd_onnx_words(second)) {
            second = v;
        }
    }
    if (second && is_scalar(second)) second = NULL;
    return eltwise(n, main, second, out, err);
}

hd_status hd_onnx_layer_unknown(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    (void)g;
    return eltwise(n, hd_onnx_known(n, 0) ? n->in[0] : NULL, NULL, out, err);
}

hd_status hd_onnx_layer_sum(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    if (n->inputs <= 2) return hd_onnx_layer_eltwise(g, n, out, err);
    out->role[HD_I] = n->in[0];
    return hd_kind_reduce_sum(n->inputs, hd_onnx_words(n->out[0]), &out->op, err);
}

hd_status hd_onnx_layer_reduce(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    int64_t kept = hd_onnx_words(n->out[0]);
    int64_t count = hd_onnx_known(n, 0) ? hd_onnx_words(n->in[0]) / kept : 1;
    if (count <= 1) return hd_onnx_layer_unknown(g, n, out, err);
    out->role[HD_I] = n->in[0];
    return hd_kind_reduce_sum(count, kept, &out->op, err);
}

hd_status hd_onnx_layer_pool(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    hd_onnx_window w;
    HD_TRY(hd_onnx_read_window(g, n, n->in[0], NULL, false, &w, err));
    hd_conv_shape s = {.axes = w.axes, .n = n->in[0]->dim[0], .groups = 1, .k = n->in[0]->dim[1], .c = 1};
    memcpy(s.out, w.out, sizeof s.out);
    memcpy(s.in, w.in, sizeof s.in);
    memcpy(s.kernel, w.kernel, sizeof s.kernel);
    memcpy(s.stride, w.stride, sizeof s.stride);
    memcpy(s.dilation, w.dilation, sizeof s.dilation);
    memcpy(s.pad_low, w.low, sizeof s.pad_low);
    out->role[HD_I] = n->in[0];
    return hd_kind_pool(&s, &out->op, err);
}

hd_status hd_onnx_layer_global_pool(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    const hd_onnx_value *x = n->in[0];
    if (x->rank < 3 || x->rank > 5)
        return hd_onnx_fail(g, n, err, "input of %d dimensions; expected 3 to 5", x->rank);
    hd_conv_shape s = {.axes = x->rank - 2, .n = x->dim[0], .groups = 1, .k = x->dim[1], .c = 1};
    for (int i = 0; i < s.axes; i++) {
        s.out[i] = s.dilation[i] = 1;
        s.kernel[i] = s.in[i] = s.stride[i] = x->dim[i + 2];
    }
    out->role[HD_I] = n->in[0];
    return hd_kind_pool(&s, &out->op, err);
}

/* Local response normalisation: a window over channels. */
hd_status hd_onnx_layer_lrn(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    const hd_onnx_value *x = n->in[0];
    int64_t size = hd_onnx_int(n, "size", 1);
    if (x->rank < 2 || size < 1 || size > 4096) return hd_onnx_layer_unknown(g, n, out, err);
    hd_conv_shape s = {.axes = 2, .n = x->dim[0], .groups = 1, .k = 1, .c = 1};
    for (int i = 0; i < 2; i++) s.kernel[i] = s.stride[i] = s.dilation[i] = 1;
    s.out[0] = s.in[0] = x->dim[1];
    s.out[1] = s.in[1] = hd_onnx_span(x->dim, 2, x->rank);
    s.kernel[0] = size;
    s.pad_low[0] = (size - 1) / 2;
    out->role[HD_I] = n->in[0];
    HD_TRY(hd_kind_pool(&s, &out->op, err));
    out->op.ops_per_point = hd_vector_ops(n->op);
    return HD_OK;
}

/* Length of the row that a softmax or normalisation looks at. */
static int64_t row_length(const hd_onnx_graph *g, const hd_onnx_node *n, const hd_onnx_value *x)
{
    int axis;
    int64_t words = hd_onnx_words(x);
    bool soft = strstr(n->op, "max") != NULL, old = soft && g->opset < 13;
    if (strcmp(n->op, "InstanceNormalization") == 0 && x->rank > 2) return hd_onnx_span(x->dim, 2, x->rank);
    if (strcmp(n->op, "BatchNormalization") == 0 && x->rank > 1) return words / x->dim[1];
    if (strcmp(n->op, "MeanVarianceNormalization") == 0 && x->rank > 1) return words / x->dim[1];
    if (strcmp(n->op, "GroupNormalization") == 0 || strcmp(n->op, "GroupNorm") == 0) {
        int64_t groups = hd_onnx_int(n, "num_groups", hd_onnx_int(n, "groups", 1));
        bool fits = x->rank > 0 && groups >= 1 && groups <= words && words / x->dim[0] % groups == 0;
        return fits ? words / x->dim[0] / groups : words;
    }
    if (!hd_onnx_axis(hd_onnx_int(n, "axis", old ? 1 : -1), x->rank, &axis)) return words;
    return old || !soft ? hd_onnx_span(x->dim, axis, x->rank) : x->dim[axis];
}

hd_status hd_onnx_layer_rows(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    hd_onnx_value *x = n->in[0];
    hd_kind kind = strstr(n->op, "max") ? HD_SOFTMAX : HD_NORM;
    int64_t length = row_length(g, n, x);
    out->role[HD_I] = x;
    return hd_kind_rowwise(kind, hd_onnx_words(x) / length, length, hd_vector_ops(n->op), &out->op, err);
}

/* Inference: a scale and a shift per channel, element-wise.  Training: rows. */
hd_status hd_onnx_layer_batch_norm(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    const hd_onnx_value *o = n->out[0];
    bool training = hd_onnx_int(n, "training_mode", 0) != 0 || (hd_onnx_out(n, 1) && g->opset < 14);
    if (training) return hd_onnx_layer_rows(g, n, out, err);
    unsigned per_channel = ((1u << o->rank) - 1) & ~(o->rank > 1 ? 2u : 0u);
    out->role[HD_I] = n->in[0];
    out->role[HD_I2] = hd_onnx_known(n, 1) ? n->in[1] : NULL;
    return hd_kind_eltwise(o->rank, o->dim, out->role[HD_I2] != NULL, per_channel, hd_vector_ops(n->op), &out->op,
                           err);
}

/* Enlarging by whole factors reads each input word once: the factors are dimensions that the input lacks.
 * Other scales read one word per output. */
hd_status hd_onnx_layer_resize(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    const hd_onnx_value *x = n->in[0], *o = n->out[0];
    int64_t dim[2 * HD_ONNX_RANK];
    unsigned lacks = 0;
    int dims = 0;
    bool enlarged = hd_onnx_words(o) > hd_onnx_words(x);
    for (int i = 0; i < o->rank; i++) {
        enlarged = enlarged && x->rank == o->rank && x->dim[i] > 0 && o->dim[i] % x->dim[i] == 0;
        if (!enlarged) return hd_onnx_layer_unknown(g, n, out, err);
        dim[dims++] = x->dim[i];
        if (o->dim[i] > x->dim[i]) lacks |= 1u << dims;
        dim[dims++] = o->dim[i] / x->dim[i];
    }
    if (hd_kind_eltwise(dims, dim, true, lacks, hd_vector_ops(n->op), &out->op, NULL) != HD_OK)
        return hd_onnx_layer_unknown(g, n, out, err);
    out->role[HD_I] = n->in[0];
    out->op.tensor[HD_I] = out->op.tensor[HD_I2]; /* the broadcast operand is the only one */
    memset(&out->op.tensor[HD_I2], 0, sizeof out->op.tensor[HD_I2]);
    return hd_operator_check(&out->op, err);
}
