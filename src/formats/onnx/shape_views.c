/* Shapes of views: how do reshape, transpose, concat, split, slice, pad and their like line dimensions up?
 * A rule that needs a constant it does not have leaves the output unknown; what the file stores is then used. */
#include "formats/onnx/ops.h"

#include <string.h>

#include "base/count.h"

hd_status hd_onnx_shape_reshape(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const int64_t *target;
    int count, hole = -1;
    int64_t dim[HD_ONNX_RANK], rest = 1;
    if (!hd_onnx_known(n, 0) || !hd_onnx_list(g, n, 1, "shape", &target, &count)) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    if (count > HD_ONNX_RANK)
        return hd_onnx_fail(g, n, err, "target of %d dimensions; at most %d", count, HD_ONNX_RANK);
    bool zero_copies = hd_onnx_int(n, "allowzero", 0) == 0;
    for (int i = 0; i < count; i++) {
        dim[i] = target[i];
        if (dim[i] == 0 && zero_copies && i < x->rank) dim[i] = x->dim[i];
        if (dim[i] == -1 && hole < 0) hole = i;
        else if (dim[i] < 0 || !hd_count_mul(rest, dim[i], &rest))
            return hd_onnx_fail(g, n, err, "target dimension %d is %lld", i, (long long)dim[i]);
    }
    hd_onnx_rebatch_target(g, x, target, hole, count, dim);
    int64_t words = hd_onnx_words(x);
    rest = 1;
    for (int i = 0; i < count; i++)
        if (i != hole && !hd_count_mul(rest, dim[i], &rest)) return hd_onnx_fail(g, n, err, "target too large");
    if (hole >= 0) dim[hole] = rest > 0 ? words / rest : 0;
    if (hole >= 0 ? rest > 0 && words % rest != 0 : words != rest)
        return hd_onnx_fail(g, n, err, "%lld elements do not fill the target shape", (long long)words);
    return hd_onnx_shape(g, n, 0, count, dim, err);
}

hd_status hd_onnx_shape_flatten(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    int64_t axis = hd_onnx_int(n, "axis", 1);
    if (axis < 0) axis += x->rank;
    if (axis < 0 || axis > x->rank) return hd_onnx_fail(g, n, err, "axis %lld of %d", (long long)axis, x->rank);
    int64_t dim[2] = {hd_onnx_span(x->dim, 0, (int)axis), hd_onnx_span(x->dim, (int)axis, x->rank)};
    return hd_onnx_shape(g, n, 0, 2, dim, err);
}

hd_status hd_onnx_shape_transpose(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    int count;
    const int64_t *perm = hd_onnx_ints(n, "perm", &count);
    int64_t dim[HD_ONNX_RANK];
    unsigned seen = 0;
    if (perm && count != 0 && count != x->rank)
        return hd_onnx_fail(g, n, err, "perm of %d for %d dimensions", count, x->rank);
    for (int i = 0; i < x->rank; i++) {
        int64_t from = perm && count ? perm[i] : x->rank - 1 - i;
        if (from < 0 || from >= x->rank || (seen >> from & 1u))
            return hd_onnx_fail(g, n, err, "perm is no permutation");
        seen |= 1u << from;
        dim[i] = x->dim[from];
    }
    return hd_onnx_shape(g, n, 0, x->rank, dim, err);
}

hd_status hd_onnx_shape_concat(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    int64_t dim[HD_ONNX_RANK];
    const hd_onnx_value *first = n->in[0];
    int axis;
    if (!hd_onnx_attribute(n, "axis")) return hd_onnx_fail(g, n, err, "it has no attribute axis; expected one");
    if (!hd_onnx_axis(hd_onnx_int(n, "axis", 1), first->rank, &axis))
        return hd_onnx_fail(g, n, err, "axis outside the tensor");
    memcpy(dim, first->dim, sizeof dim);
    bool constant = first->constant; /* all so far */
    for (int i = 1; i < n->inputs; i++) {
        if (!n->in[i]) continue;
        if (n->in[i]->rank < 0) return HD_OK;
        if (n->in[i]->rank != first->rank)
            return hd_onnx_fail(g, n, err, "operands of %d and %d dimensions", first->rank, n->in[i]->rank);
        int64_t next[HD_ONNX_RANK], joined = dim[axis];
        memcpy(next, n->in[i]->dim, sizeof next);
        if (n->in[i]->constant) hd_onnx_rebatch_beside(g, dim, first->rank, next);
        if (constant) hd_onnx_rebatch_beside(g, next, first->rank, dim);
        constant = constant && n->in[i]->constant;
        for (int k = 0; k < first->rank; k++)
            if (k != axis && next[k] != dim[k])
                return hd_onnx_fail(g, n, err, "dimension %d is %lld and %lld; expected the same", k, (long long)dim[k],
                                    (long long)next[k]);
        if (!hd_count_add(joined, n->in[i]->dim[axis], &dim[axis]))
            return hd_onnx_fail(g, n, err, "sum too large");
    }
    return hd_onnx_shape(g, n, 0, first->rank, dim, err);
}

hd_status hd_onnx_shape_split(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0) || n->outputs < 1) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    const int64_t *parts;
    int axis, count;
    int64_t dim[HD_ONNX_RANK];
    if (!hd_onnx_axis(hd_onnx_int(n, "axis", 0), x->rank, &axis))
        return hd_onnx_fail(g, n, err, "axis outside the tensor");
    bool given = hd_onnx_list(g, n, 1, "split", &parts, &count);
    if (!given && hd_onnx_in(n, 1)) return HD_OK;
    if (given && count < n->outputs) return hd_onnx_fail(g, n, err, "%d parts for %d outputs", count, n->outputs);
    memcpy(dim, x->dim, sizeof dim);
    int64_t part = hd_count_ceil_div(x->dim[axis], n->outputs), left = x->dim[axis];
    for (int i = 0; i < n->outputs; i++) {
        dim[axis] = given ? parts[i] : hd_count_min(part, left);
        HD_TRY(hd_onnx_shape(g, n, i, x->rank, dim, err));
        left -= dim[axis];
    }
    if (left == 0 || hd_onnx_rebatches(g)) return HD_OK; /* the file's parts may be of its own batch */
    return hd_onnx_fail(g, n, err, "its parts leave %lld of %lld along axis %d; expected parts that fill it", (long long)left,
                        (long long)x->dim[axis], axis);
}

/* Extent of start:end:step of `extent`, as the operator page has it. */
static int64_t slice_extent(int64_t extent, int64_t start, int64_t end, int64_t step)
{
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
    if (start < 0) start += extent;
    if (end < 0 && end >= -extent) end += extent;
    start = hd_count_min(hd_count_max(start, 0), high);
    end = hd_count_min(hd_count_max(end, low), extent);
    int64_t span = step > 0 ? end - start : start - end;
    if (span <= 0) return 0;
    return step > 0 ? (span - 1) / step + 1 : (int64_t)((uint64_t)(span - 1) / (0 - (uint64_t)step)) + 1;
}

hd_status hd_onnx_shape_slice(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const int64_t *start, *end, *axes, *steps;
    int starts, ends, n_axes, n_steps;
    if (!hd_onnx_known(n, 0) || !hd_onnx_list(g, n, 1, "starts", &start, &starts) ||
        !hd_onnx_list(g, n, 2, "ends", &end, &ends))
        return HD_OK;
    bool axes_given = hd_onnx_list(g, n, 3, "axes", &axes, &n_axes), stepped = hd_onnx_list(g, n, 4, NULL, &steps,
                                                                                            &n_steps);
    if ((hd_onnx_in(n, 3) && !axes_given) || (hd_onnx_in(n, 4) && !stepped)) return HD_OK;
    if (starts != ends || (axes_given && n_axes != starts) || (stepped && n_steps != starts))
        return hd_onnx_fail(g, n, err, "starts, ends, axes and steps differ in length");
    const hd_onnx_value *x = n->in[0];
    int64_t dim[HD_ONNX_RANK];
    memcpy(dim, x->dim, sizeof dim);
    for (int i = 0; i < starts; i++) {
        int axis;
        if (!hd_onnx_axis(axes_given ? axes[i] : i, x->rank, &axis))
            return hd_onnx_fail(g, n, err, "axis outside the tensor");
        if (stepped && steps[i] == 0) return hd_onnx_fail(g, n, err, "step of 0");
        dim[axis] = slice_extent(x->dim[axis], start[i], end[i], stepped ? steps[i] : 1);
    }
    return hd_onnx_shape(g, n, 0, x->rank, dim, err);
}

hd_status hd_onnx_shape_pad(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const int64_t *pads, *axes;
    int count, n_axes;
    int64_t dim[HD_ONNX_RANK];
    if (!hd_onnx_known(n, 0) || !hd_onnx_list(g, n, 1, "pads", &pads, &count)) return HD_OK;
    bool some = hd_onnx_list(g, n, 3, NULL, &axes, &n_axes);
    if (hd_onnx_in(n, 3) && !some) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    int padded = some ? n_axes : x->rank;
    if (count != 2 * padded) return hd_onnx_fail(g, n, err, "%d pads for %d dimensions", count, padded);
    memcpy(dim, x->dim, sizeof dim);
    for (int i = 0; i < padded; i++) {
        int axis;
        if (!hd_onnx_axis(some ? axes[i] : i, x->rank, &axis))
            return hd_onnx_fail(g, n, err, "axis outside the tensor");
        if (!hd_count_add(dim[axis], pads[i], &dim[axis]) || !hd_count_add(dim[axis], pads[i + padded], &dim[axis]))
            return hd_onnx_fail(g, n, err, "pads too large");
    }
    return hd_onnx_shape(g, n, 0, x->rank, dim, err);
}

hd_status hd_onnx_shape_squeeze(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    const int64_t *axes;
    int count, rank = 0;
    int64_t dim[HD_ONNX_RANK];
    bool drop[HD_ONNX_RANK] = {false};
    bool given = hd_onnx_list(g, n, 1, "axes", &axes, &count);
    if (!given && hd_onnx_in(n, 1)) return HD_OK;
    for (int i = 0; given && i < count; i++) {
        int axis;
        if (!hd_onnx_axis(axes[i], x->rank, &axis) || x->dim[axis] != 1)
            return hd_onnx_fail(g, n, err, "axis %lld is not a dimension of 1", (long long)axes[i]);
        drop[axis] = true;
    }
    for (int i = 0; i < x->rank; i++)
        if (given ? !drop[i] : x->dim[i] != 1) dim[rank++] = x->dim[i];
    return hd_onnx_shape(g, n, 0, rank, dim, err);
}

hd_status hd_onnx_shape_unsqueeze(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const int64_t *axes;
    int count, from = 0;
    int64_t dim[HD_ONNX_RANK];
    bool made[HD_ONNX_RANK] = {false};
    if (!hd_onnx_known(n, 0) || !hd_onnx_list(g, n, 1, "axes", &axes, &count)) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    int rank = x->rank + count;
    if (rank > HD_ONNX_RANK)
        return hd_onnx_fail(g, n, err, "a tensor of %d dimensions; at most %d", rank, HD_ONNX_RANK);
    for (int i = 0; i < count; i++) {
        int axis;
        if (!hd_onnx_axis(axes[i], rank, &axis) || made[axis])
            return hd_onnx_fail(g, n, err, "axis %lld of %d", (long long)axes[i], rank);
        made[axis] = true;
    }
    for (int i = 0; i < rank; i++) dim[i] = made[i] ? 1 : x->dim[from++];
    return hd_onnx_shape(g, n, 0, rank, dim, err);
}

hd_status hd_onnx_shape_expand(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const int64_t *target;
    int count, rank;
    int64_t dim[HD_ONNX_RANK];
    if (!hd_onnx_known(n, 0) || !hd_onnx_list(g, n, 1, NULL, &target, &count)) return HD_OK;
    hd_onnx_value shape = {.rank = count};
    if (count > HD_ONNX_RANK)
        return hd_onnx_fail(g, n, err, "target of %d dimensions; at most %d", count, HD_ONNX_RANK);
    if (count > 0) memcpy(shape.dim, target, (size_t)count * sizeof *target);
    if (count == n->in[0]->rank) hd_onnx_rebatch_beside(g, n->in[0]->dim, count, shape.dim);
    const hd_onnx_value *both[] = {n->in[0], &shape};
    if (!hd_onnx_broadcast(both, 2, &rank, dim))
        return hd_onnx_fail(g, n, err, "its operand does not broadcast to the shape wanted");
    HD_TRY(hd_onnx_shape(g, n, 0, rank, dim, err));
    hd_onnx_value *out = hd_onnx_out(n, 0);
    int64_t words = hd_onnx_words(n->in[0]);
    if (out && words > 0) out->repeat = hd_onnx_words(out) / words;
    return HD_OK;
}

hd_status hd_onnx_shape_tile(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const int64_t *times;
    int count;
    int64_t dim[HD_ONNX_RANK];
    if (!hd_onnx_known(n, 0) || !hd_onnx_list(g, n, 1, NULL, &times, &count)) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    if (count != x->rank) return hd_onnx_fail(g, n, err, "%d repeats for %d dimensions", count, x->rank);
    for (int i = 0; i < count; i++)
        if (times[i] < 0 || !hd_count_mul(x->dim[i], times[i], &dim[i]))
            return hd_onnx_fail(g, n, err, "repeats hold %lld for a dimension of %lld; expected 0 to 2^53 words",
                                (long long)times[i], (long long)x->dim[i]);
    return hd_onnx_shape(g, n, 0, count, dim, err);
}

hd_status hd_onnx_shape_depth_to_space(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    int64_t b = hd_onnx_int(n, "blocksize", 1);
    bool to_space = strcmp(n->op, "DepthToSpace") == 0;
    if (x->rank != 4 || b < 1 || b > 32)
        return hd_onnx_fail(g, n, err, "%d dimensions and block %lld; expected 4 and 1 to 32", x->rank,
                            (long long)b);
    int64_t dim[4] = {x->dim[0], x->dim[1] * b * b, x->dim[2] / b, x->dim[3] / b};
    if (to_space) {
        dim[1] = x->dim[1] / (b * b);
        dim[2] = x->dim[2] * b;
        dim[3] = x->dim[3] * b;
    }
    return hd_onnx_shape(g, n, 0, 4, dim, err);
}

/* Scales (floats) or sizes; the operand positions moved between opsets. */
hd_status hd_onnx_shape_resize(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    const hd_onnx_value *x = n->in[0];
    const hd_onnx_value *scales = hd_onnx_in(n, strcmp(n->op, "Resize") == 0 && g->opset >= 11 ? 2 : 1);
    const Onnx__AttributeProto *old = hd_onnx_attribute(n, "scales");
    const int64_t *sizes, *axes;
    int count, n_axes;
    int64_t dim[HD_ONNX_RANK];
    bool sized = hd_onnx_in(n, 3) && hd_onnx_list(g, n, 3, NULL, &sizes, &count);
    axes = hd_onnx_ints(n, "axes", &n_axes);
    if (!sized) {
        if (scales && (!scales->data || !scales->real)) return HD_OK;
        count = scales ? (int)hd_onnx_words(scales) : old ? (int)old->n_floats : -1;
    }
    if (count < 0 || count != (n_axes ? n_axes : x->rank)) return HD_OK;
    memcpy(dim, x->dim, sizeof dim);
    for (int i = 0; i < count; i++) {
        int axis;
        if (!hd_onnx_axis(n_axes ? axes[i] : i, x->rank, &axis))
            return hd_onnx_fail(g, n, err, "axis outside the tensor");
        double scale = sized ? 1 : scales ? scales->data[i].f : (double)old->floats[i];
        if (!(scale > 0 && (double)x->dim[axis] * scale < 9e15)) 
            return hd_onnx_fail(g, n, err, "scales hold %g; expected numbers above 0 that leave less than 2^53 words", scale);
        dim[axis] = sized ? sizes[i] : (int64_t)((double)x->dim[axis] * scale);
    }
    return hd_onnx_shape(g, n, 0, x->rank, dim, err);
}
