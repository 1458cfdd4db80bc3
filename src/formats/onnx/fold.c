/* Constant folding: what are the small numbers that shapes depend on?
 *
 * Only constants of at most HD_ONNX_FOLDED elements carry data.  A rule that lacks an operand's data leaves its
 * output without data, never wrong.  Integers wrap as in two's complement, division by zero gives no data.   */
#include "formats/onnx/ops.h"

#include <math.h>
#include <string.h>

#include "base/count.h"

/* Data of operand i if it is folded, else NULL. */
static const hd_onnx_value *folded(const hd_onnx_node *n, int i)
{
    const hd_onnx_value *v = hd_onnx_in(n, i);
    return v && v->data ? v : NULL;
}

static bool whole(double f)
{
    return f > -9.2e18 && f < 9.2e18;
}

hd_status hd_onnx_fold_same(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    (void)g, (void)err;
    const hd_onnx_value *x = folded(n, 0);
    if (!x || hd_onnx_words(n->out[0]) != hd_onnx_words(x)) return HD_OK;
    n->out[0]->data = x->data;
    n->out[0]->real = x->real;
    return HD_OK;
}

hd_status hd_onnx_fold_cast(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const hd_onnx_value *x = folded(n, 0);
    hd_onnx_value *out = n->out[0];
    bool real = out->type == HD_ONNX_FLOAT || out->type == HD_ONNX_DOUBLE || out->type == 10 || out->type == 16;
    if (!x) return HD_OK;
    HD_TRY(hd_onnx_data(g, out, real, err));
    for (int64_t i = 0; out->data && i < hd_onnx_words(out); i++) {
        hd_onnx_number a = x->data[i], *to = &out->data[i];
        if (real) to->f = x->real ? a.f : (double)a.i;
        else to->i = !x->real ? a.i : whole(a.f) ? (int64_t)a.f : 0;
        if (out->type == HD_ONNX_BOOL) to->i = to->i != 0;
    }
    return HD_OK;
}

hd_status hd_onnx_fold_shape(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const hd_onnx_value *x = hd_onnx_in(n, 0);
    hd_onnx_value *out = n->out[0];
    int64_t start = hd_onnx_int(n, "start", 0);
    start = hd_count_min(hd_count_max(start < 0 ? start + x->rank : start, 0), x->rank);
    HD_TRY(hd_onnx_data(g, out, false, err));
    for (int64_t i = 0; out->data && i < out->dim[0]; i++) out->data[i].i = x->dim[start + i];
    out->type = HD_ONNX_INT64;
    return HD_OK;
}

hd_status hd_onnx_fold_size(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    HD_TRY(hd_onnx_data(g, n->out[0], false, err));
    if (n->out[0]->data) n->out[0]->data[0].i = hd_onnx_words(n->in[0]);
    return HD_OK;
}

hd_status hd_onnx_fold_constant(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const Onnx__AttributeProto *a = n->proto->attribute[0];
    hd_onnx_value *out = n->out[0];
    if (a->t) return hd_onnx_read_tensor(g, a->t, out, err);
    if (a->n_strings || a->has_s) return HD_OK;
    HD_TRY(hd_onnx_data(g, out, out->type == HD_ONNX_FLOAT, err));
    for (int64_t i = 0; out->data && i < hd_onnx_words(out); i++) {
        if (out->real) out->data[i].f = (double)(a->n_floats ? a->floats[i] : a->f);
        else out->data[i].i = a->n_ints ? a->ints[i] : a->i;
    }
    return HD_OK;
}

hd_status hd_onnx_fold_constant_of_shape(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const Onnx__AttributeProto *a = hd_onnx_attribute(n, "value");
    hd_onnx_value one = {.rank = 0}, *out = n->out[0];
    hd_onnx_number fill = {.f = 0};
    one.real = true;
    if (a && a->t) {
        HD_TRY(hd_onnx_read_tensor(g, a->t, &one, err));
        if (!one.data) return HD_OK;
        fill = one.data[0];
    }
    HD_TRY(hd_onnx_data(g, out, one.real, err));
    for (int64_t i = 0; out->data && i < hd_onnx_words(out); i++) out->data[i] = fill;
    return HD_OK;
}

hd_status hd_onnx_fold_gather(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const hd_onnx_value *x = folded(n, 0), *at = folded(n, 1);
    hd_onnx_value *out = n->out[0];
    int axis;
    if (!x || !at || at->real || !hd_onnx_axis(hd_onnx_int(n, "axis", 0), x->rank, &axis)) return HD_OK;
    int64_t outer = hd_onnx_span(x->dim, 0, axis), inner = hd_onnx_span(x->dim, axis + 1, x->rank),
        picks = hd_onnx_words(at);
    HD_TRY(hd_onnx_data(g, out, x->real, err));
    for (int64_t i = 0; out->data && i < outer * picks * inner; i++) {
        int64_t index = at->data[i / inner % picks].i;
        if (index < 0) index += x->dim[axis];
        if (index < 0 || index >= x->dim[axis])
            return hd_onnx_fail(g, n, err, "index %lld of %lld", (long long)index, (long long)x->dim[axis]);
        out->data[i] = x->data[(i / (inner * picks) * x->dim[axis] + index) * inner + i % inner];
    }
    return HD_OK;
}

hd_status hd_onnx_fold_concat(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    hd_onnx_value *out = n->out[0];
    int axis;
    if (!hd_onnx_axis(hd_onnx_int(n, "axis", 1), out->rank, &axis)) return HD_OK;
    for (int i = 0; i < n->inputs; i++)
        if (!folded(n, i) || n->in[i]->real != n->in[0]->real || hd_onnx_span(n->in[i]->dim, 0,
                                                                              axis) != hd_onnx_span(out->dim, 0,
                                                                                                    axis))
            return HD_OK;
    HD_TRY(hd_onnx_data(g, out, n->in[0]->real, err));
    int64_t total = out->data ? hd_onnx_words(out) : 0, to = 0;
    for (int64_t outer = 0; to < total; outer++)
        for (int i = 0; i < n->inputs; i++) {
            int64_t block = hd_onnx_span(n->in[i]->dim, axis, n->in[i]->rank);
            for (int64_t k = 0; k < block && to < total; k++) out->data[to++] = n->in[i]->data[outer * block + k];
        }
    return HD_OK;
}

/* One-dimensional slices: shapes are lists. */
hd_status hd_onnx_fold_slice(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const hd_onnx_value *x = folded(n, 0);
    const int64_t *start, *steps;
    int count, n_steps;
    hd_onnx_value *out = n->out[0];
    if (!x || x->rank != 1 || !hd_onnx_list(g, n, 1, "starts", &start, &count) || count != 1) return HD_OK;
    int64_t step = hd_onnx_list(g, n, 4, NULL, &steps, &n_steps) && n_steps == 1 ? steps[0] : 1, extent = x->dim[0];
    int64_t from = *start < 0 ? *start + extent : *start;
    from = hd_count_min(hd_count_max(from, 0), step > 0 ? extent : extent - 1);
    HD_TRY(hd_onnx_data(g, out, x->real, err));
    for (int64_t i = 0; out->data && i < out->dim[0]; i++) out->data[i] = x->data[from + i * step];
    return HD_OK;
}

/* Element of `v` that stands at linear index `at` of the broadcast shape `out`. */
static hd_onnx_number pick(const hd_onnx_value *v, const hd_onnx_value *out, int64_t at)
{
    int64_t index = 0, stride = 1;
    for (int k = out->rank - 1, j = v->rank - 1; k >= 0; k--, j--) {
        int64_t position = at % out->dim[k];
        at /= out->dim[k];
        if (j < 0) continue;
        if (v->dim[j] != 1) index += position * stride;
        stride *= v->dim[j];
    }
    return v->data[index];
}

hd_status hd_onnx_fold_expand(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const hd_onnx_value *x = folded(n, 0);
    hd_onnx_value *out = n->out[0];
    if (!x) return HD_OK;
    HD_TRY(hd_onnx_data(g, out, x->real, err));
    for (int64_t i = 0; out->data && i < hd_onnx_words(out); i++) out->data[i] = pick(x, out, i);
    return HD_OK;
}

hd_status hd_onnx_fold_where(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const hd_onnx_value *c = folded(n, 0), *a = folded(n, 1), *b = folded(n, 2);
    hd_onnx_value *out = n->out[0];
    if (!c || !a || !b || a->real != b->real) return HD_OK;
    HD_TRY(hd_onnx_data(g, out, a->real, err));
    for (int64_t i = 0; out->data && i < hd_onnx_words(out); i++)
        out->data[i] = pick(c, out, i).i != 0 ? pick(a, out, i) : pick(b, out, i);
    return HD_OK;
}

hd_status hd_onnx_fold_range(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    hd_onnx_value *out = n->out[0];
    HD_TRY(hd_onnx_data(g, out, false, err));
    for (int64_t i = 0; out->data && i < out->dim[0]; i++)
        out->data[i].i = n->in[0]->data[0].i + i * n->in[2]->data[0].i;
    return HD_OK;
}
