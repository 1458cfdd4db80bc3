/* Layers that multiply and accumulate: convolutions and matrix products as loop nests. */
#include "formats/onnx/ops.h"

#include <string.h>

#include "workload/kinds.h"

static void window_shape(const hd_onnx_node *n, const hd_onnx_window *w, bool transposed, hd_conv_shape *s)
{
    memset(s, 0, sizeof *s);
    s->axes = w->axes;
    s->n = n->in[0]->dim[0];
    for (int i = 0; i < w->axes; i++) {
        s->out[i] = transposed ? w->in[i] : w->out[i];
        s->in[i] = transposed ? w->out[i] : w->in[i];
        s->kernel[i] = w->kernel[i];
        s->stride[i] = w->stride[i];
        s->dilation[i] = w->dilation[i];
        s->pad_low[i] = w->low[i];
    }
}

hd_status hd_onnx_layer_conv(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    hd_onnx_window w;
    hd_conv_shape s;
    hd_onnx_value *weights = n->in[hd_onnx_weights_at(n)];
    HD_TRY(hd_onnx_read_window(g, n, n->in[0], weights, false, &w, err));
    window_shape(n, &w, false, &s);
    s.groups = hd_onnx_int(n, "group", 1);
    s.k = weights->dim[0] / s.groups;
    s.c = weights->dim[1];
    out->product = true;
    out->role[HD_I] = n->in[0];
    out->role[HD_W] = weights;
    out->weight_words = hd_onnx_words(weights);
    return hd_kind_conv(&s, &out->op, err);
}

hd_status hd_onnx_layer_conv_transpose(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    hd_onnx_window w;
    hd_conv_shape s;
    hd_onnx_value *weights = n->in[1];
    HD_TRY(hd_onnx_read_window(g, n, n->in[0], weights, true, &w, err));
    memcpy(w.out, n->out[0]->dim + 2, (size_t)w.axes * sizeof *w.out); /* as the file has it */
    window_shape(n, &w, true, &s);
    s.groups = hd_onnx_int(n, "group", 1);
    s.k = weights->dim[1];
    s.c = weights->dim[0] / s.groups;
    out->product = true;
    out->role[HD_I] = n->in[0];
    out->role[HD_W] = weights;
    out->weight_words = hd_onnx_words(weights);
    return hd_kind_conv_transpose(&s, &out->op, err);
}

/* Factors that many rows share are weights: a second operand without batch, or one whose batch repeats words
 * (grouped queries: the repeats become rows).  A single first operand becomes the other way round wide columns. */
static hd_status build_product(const hd_onnx_product *p, hd_operator *op, hd_error *err)
{
    int64_t batch = hd_onnx_span(p->batch, 0, p->batch_rank), repeat = p->b->repeat;
    if (p->batch_b == 1) return hd_kind_matmul(1, batch * p->m, p->n, p->k, false, op, err);
    if (p->batch_b == batch && p->batch_a == batch && repeat > 1 && batch % repeat == 0)
        return hd_kind_matmul(batch / repeat, repeat * p->m, p->n, p->k, batch > repeat, op, err);
    if (p->batch_b < batch && p->batch_a == batch && batch % p->batch_b == 0) {
        int64_t shared = batch / p->batch_b;
        return hd_kind_matmul(p->batch_b, shared * p->m, p->n, p->k, true, op, err);
    }
    if (p->batch_a == 1 && p->m > 0) return hd_kind_matmul(1, p->m, batch * p->n, p->k, false, op, err);
    return hd_kind_matmul(batch, p->m, p->n, p->k, true, op, err);
}

hd_status hd_onnx_layer_product(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    hd_onnx_product p;
    out->product = true;
    out->role[HD_I] = n->in[0];
    out->role[HD_W] = n->in[hd_onnx_weights_at(n)];
    if (hd_onnx_int(n, "transBatchA", 0) || hd_onnx_int(n, "transBatchB", 0))
        return hd_onnx_fail(g, n, err,
                            "transBatchA and transBatchB are not served; write a Transpose before the product");
    HD_TRY(hd_onnx_read_product(g, n, &p, err));
    if (p.b->constant || strstr(n->op, "Gemm")) out->weight_words = hd_onnx_words(p.b);
    else if (p.a->constant) out->weight_words = hd_onnx_words(p.a);
    return build_product(&p, &out->op, err);
}

hd_status hd_onnx_layer_packed_product(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    (void)g;
    const hd_onnx_value *a = n->in[0];
    int64_t k = a->dim[a->rank - 1], columns = n->out[0]->dim[n->out[0]->rank - 1];
    out->product = true;
    out->role[HD_I] = n->in[0];
    out->role[HD_W] = hd_onnx_in(n, 1);
    HD_TRY(hd_kind_matmul(1, hd_onnx_span(a->dim, 0, a->rank - 1), columns, k, false, &out->op, err));
    out->weight_words = k * columns;
    return HD_OK;
}
