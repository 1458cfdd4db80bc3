/* Shapes of look-ups, constants and element-wise work: what comes out of operators that are neither
 * windows, products nor plain views?                                                              */
#include "formats/onnx/ops.h"

#include <string.h>

#include "base/count.h"

hd_status hd_onnx_shape_same(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    HD_TRY(hd_onnx_shape(g, n, 0, n->in[0]->rank, n->in[0]->dim, err));
    if (strcmp(n->op, "Dropout") != 0) return HD_OK;
    return hd_onnx_shape(g, n, 1, n->in[0]->rank, n->in[0]->dim, err);
}

hd_status hd_onnx_shape_broadcast(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    int rank;
    int64_t dim[HD_ONNX_RANK];
    if (n->inputs == 0) return HD_OK;
    for (int i = 0; i < n->inputs; i++)
        if (n->in[i] && n->in[i]->rank < 0) return HD_OK;
    if (!hd_onnx_broadcast((const hd_onnx_value *const *)n->in, n->inputs, &rank, dim))
        return hd_onnx_fail(g, n, err, "the operands' shapes do not broadcast");
    return hd_onnx_shape(g, n, 0, rank, dim, err);
}

hd_status hd_onnx_shape_cast(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    HD_TRY(hd_onnx_shape_same(g, n, err));
    if (hd_onnx_out(n, 0)) n->out[0]->type = (int)(hd_onnx_int(n, "to", 0) & 0xff);
    return HD_OK;
}

/* Normalisations: as the first operand; the statistics of further outputs are left to what the file stores. */
hd_status hd_onnx_shape_normalised(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    HD_TRY(hd_onnx_shape(g, n, 0, x->rank, x->dim, err));
    if (strcmp(n->op, "BatchNormalization") == 0 && x->rank >= 2)
        for (int i = 1; i < n->outputs; i++) HD_TRY(hd_onnx_shape(g, n, i, 1, &x->dim[1], err));
    int axis;
    if (strcmp(n->op, "LayerNormalization") == 0 && hd_onnx_axis(hd_onnx_int(n, "axis", -1), x->rank, &axis)) {
        int64_t dim[HD_ONNX_RANK];
        for (int i = 0; i < x->rank; i++) dim[i] = i < axis ? x->dim[i] : 1;
        for (int i = 1; i < n->outputs; i++) HD_TRY(hd_onnx_shape(g, n, i, x->rank, dim, err));
    }
    if (strncmp(n->op, "Skip", 4) == 0) return hd_onnx_shape(g, n, 3, x->rank, x->dim, err);
    return HD_OK;
}

bool hd_onnx_read_axes(const hd_onnx_graph *g, const hd_onnx_node *n, bool *reduced, bool *keep)
{
    const hd_onnx_value *x = n->in[0];
    const int64_t *axes;
    int count = 0;
    *keep = hd_onnx_int(n, "keepdims", 1) != 0;
    bool given = hd_onnx_list(g, n, 1, "axes", &axes, &count);
    if (!given && hd_onnx_in(n, 1)) return false;
    bool all = count == 0 && hd_onnx_int(n, "noop_with_empty_axes", 0) == 0;
    for (int i = 0; i < x->rank; i++) reduced[i] = all;
    for (int i = 0; i < count; i++) {
        int axis;
        if (!hd_onnx_axis(axes[i], x->rank, &axis)) return false;
        reduced[axis] = true;
    }
    return true;
}

static hd_status set_reduced(hd_onnx_graph *g, hd_onnx_node *n, const bool *reduced, bool keep, hd_error *err)
{
    const hd_onnx_value *x = n->in[0];
    int64_t dim[HD_ONNX_RANK];
    int rank = 0;
    for (int i = 0; i < x->rank; i++)
        if (!reduced[i] || keep) dim[rank++] = reduced[i] ? 1 : x->dim[i];
    return hd_onnx_shape(g, n, 0, rank, dim, err);
}

hd_status hd_onnx_shape_reduce(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    bool reduced[HD_ONNX_RANK], keep;
    if (!hd_onnx_known(n, 0) || !hd_onnx_read_axes(g, n, reduced, &keep)) return HD_OK;
    return set_reduced(g, n, reduced, keep, err);
}

hd_status hd_onnx_shape_arg(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    bool reduced[HD_ONNX_RANK] = {false};
    int axis;
    if (!hd_onnx_known(n, 0)) return HD_OK;
    if (!hd_onnx_axis(hd_onnx_int(n, "axis", 0), n->in[0]->rank, &axis))
        return hd_onnx_fail(g, n, err, "axis outside the tensor");
    reduced[axis] = true;
    return set_reduced(g, n, reduced, hd_onnx_int(n, "keepdims", 1) != 0, err);
}

hd_status hd_onnx_shape_gather(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0) || !hd_onnx_known(n, 1)) return HD_OK;
    const hd_onnx_value *x = n->in[0], *at = n->in[1];
    int axis, rank = 0;
    int64_t dim[2 * HD_ONNX_RANK];
    if (!hd_onnx_axis(hd_onnx_int(n, "axis", 0), x->rank, &axis))
        return hd_onnx_fail(g, n, err, "axis outside the tensor");
    for (int i = 0; i < axis; i++) dim[rank++] = x->dim[i];
    for (int i = 0; i < at->rank; i++) dim[rank++] = at->dim[i];
    for (int i = axis + 1; i < x->rank; i++) dim[rank++] = x->dim[i];
    return hd_onnx_shape(g, n, 0, rank, dim, err);
}

hd_status hd_onnx_shape_gather_elements(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 1)) return HD_OK;
    return hd_onnx_shape(g, n, 0, n->in[1]->rank, n->in[1]->dim, err);
}

hd_status hd_onnx_shape_gather_nd(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0) || !hd_onnx_known(n, 1)) return HD_OK;
    const hd_onnx_value *x = n->in[0], *at = n->in[1];
    int64_t batch = hd_onnx_int(n, "batch_dims", 0), dim[2 * HD_ONNX_RANK];
    int rank = 0;
    if (at->rank < 1 || batch < 0 || batch >= at->rank || at->dim[at->rank - 1] > x->rank - batch)
        return hd_onnx_fail(g, n, err, "indices do not fit the data");
    for (int i = 0; i < at->rank - 1; i++) dim[rank++] = at->dim[i];
    for (int i = (int)(batch + at->dim[at->rank - 1]); i < x->rank; i++) dim[rank++] = x->dim[i];
    return hd_onnx_shape(g, n, 0, rank, dim, err);
}

hd_status hd_onnx_shape_shape(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    int64_t rank = n->in[0]->rank, start = hd_onnx_int(n, "start", 0), end = hd_onnx_int(n, "end", rank);
    start = hd_count_min(hd_count_max(start < 0 ? start + rank : start, 0), rank);
    end = hd_count_min(hd_count_max(end < 0 ? end + rank : end, start), rank);
    int64_t dim[1] = {end - start};
    return hd_onnx_shape(g, n, 0, 1, dim, err);
}

hd_status hd_onnx_shape_size(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    return hd_onnx_known(n, 0) ? hd_onnx_shape(g, n, 0, 0, NULL, err) : HD_OK;
}

hd_status hd_onnx_shape_constant(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const Onnx__AttributeProto *a = n->proto->n_attribute ? n->proto->attribute[0] : NULL;
    if (!a) return HD_OK;
    hd_onnx_value *out = hd_onnx_out(n, 0);
    if (a->t) {
        if (a->t->n_dims > HD_ONNX_RANK) return hd_onnx_fail(g, n, err, "a tensor of %zu dimensions", a->t->n_dims);
        if (out) out->type = a->t->data_type;
        return hd_onnx_shape(g, n, 0, (int)a->t->n_dims, a->t->dims, err);
    }
    int64_t count = (int64_t)(a->n_ints ? a->n_ints : a->n_floats ? a->n_floats : a->n_strings);
    if (out) out->type = a->has_i || a->n_ints ? HD_ONNX_INT64 : HD_ONNX_FLOAT;
    return hd_onnx_shape(g, n, 0, count > 0, &count, err);
}

hd_status hd_onnx_shape_constant_of_shape(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const int64_t *dim;
    int rank;
    const Onnx__AttributeProto *a = hd_onnx_attribute(n, "value");
    if (!hd_onnx_list(g, n, 0, NULL, &dim, &rank)) return HD_OK;
    if (hd_onnx_out(n, 0)) n->out[0]->type = a && a->t ? a->t->data_type : HD_ONNX_FLOAT;
    return hd_onnx_shape(g, n, 0, rank, dim, err);
}

hd_status hd_onnx_shape_range(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    for (int i = 0; i < 3; i++) {
        const hd_onnx_value *v = hd_onnx_in(n, i);
        if (!v || !v->data || v->real || hd_onnx_words(v) != 1) return HD_OK;
    }
    int64_t start = n->in[0]->data[0].i, limit = n->in[1]->data[0].i, delta = n->in[2]->data[0].i, span;
    if (delta == 0 || __builtin_sub_overflow(limit, start, &span))
        return hd_onnx_fail(g, n, err, "delta of 0 or range too long");
    double count = (double)span / (double)delta;
    if (count > 9e15) return hd_onnx_fail(g, n, err, "a range of %g numbers", count);
    int64_t dim[1] = {count > 0 ? span / delta + (span % delta != 0) : 0};
    return hd_onnx_shape(g, n, 0, 1, dim, err);
}

hd_status hd_onnx_shape_top_k(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    const int64_t *k;
    int count, axis;
    int64_t dim[HD_ONNX_RANK], attribute = hd_onnx_int(n, "k", 0);
    if (!hd_onnx_list(g, n, 1, NULL, &k, &count)) {
        if (attribute < 1) return HD_OK;
        k = &attribute;
        count = 1;
    }
    if (count != 1 || !hd_onnx_axis(hd_onnx_int(n, "axis", -1), n->in[0]->rank, &axis))
        return hd_onnx_fail(g, n, err, "no such axis");
    memcpy(dim, n->in[0]->dim, sizeof dim);
    dim[axis] = *k;
    HD_TRY(hd_onnx_shape(g, n, 0, n->in[0]->rank, dim, err));
    return hd_onnx_shape(g, n, 1, n->in[0]->rank, dim, err);
}

hd_status hd_onnx_shape_one_hot(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const int64_t *depth;
    int count, axis;
    int64_t dim[HD_ONNX_RANK + 1];
    if (!hd_onnx_known(n, 0) || !hd_onnx_list(g, n, 1, NULL, &depth, &count) || count != 1) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    if (!hd_onnx_axis(hd_onnx_int(n, "axis", -1), x->rank + 1, &axis))
        return hd_onnx_fail(g, n, err, "no such axis");
    for (int i = 0; i <= x->rank; i++) dim[i] = i == axis ? *depth : x->dim[i > axis ? i - 1 : i];
    return hd_onnx_shape(g, n, 0, x->rank + 1, dim, err);
}

/* X[seq, batch, in] -> Y[seq, directions, batch, hidden], Y_h and Y_c[directions, batch, hidden]. */
hd_status hd_onnx_shape_recurrent(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0) || n->in[0]->rank != 3 || hd_onnx_int(n, "layout", 0) != 0) return HD_OK;
    int64_t directions = hd_onnx_text_is(n, "direction", "bidirectional") ? 2 : 1;
    int64_t dim[4] = {n->in[0]->dim[0], directions, n->in[0]->dim[1], hd_onnx_int(n, "hidden_size", -1)};
    HD_TRY(hd_onnx_shape(g, n, 0, 4, dim, err));
    HD_TRY(hd_onnx_shape(g, n, 1, 3, dim + 1, err));
    return hd_onnx_shape(g, n, 2, 3, dim + 1, err);
}
