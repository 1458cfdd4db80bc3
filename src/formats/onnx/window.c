/* Sliding windows: which extents, pads and outputs do convolutions and poolings have?
 *
 * Rules of the ONNX operator pages: explicit pads, auto_pad, dilations, ceil_mode (a last window that would
 * begin in the padding behind the input is dropped), output_padding and output_shape of the transpose.  */
#include "formats/onnx/ops.h"

#include <string.h>

#include "base/count.h"

enum { MOST = 1 << 30 }; /* any one window number above this is refused: sums below cannot overflow */

static hd_status read_list(const hd_onnx_graph *g, const hd_onnx_node *n, const char *name, int count,
                           int64_t least,
                           int64_t *out, hd_error *err)
{
    int given;
    const int64_t *list = hd_onnx_ints(n, name, &given);
    if (!list || given == 0) return HD_OK;
    if (given != count) return hd_onnx_fail(g, n, err, "%s has %d numbers; expected %d", name, given, count);
    for (int i = 0; i < count; i++) {
        if (list[i] < least || list[i] > MOST)
            return hd_onnx_fail(g, n, err, "%s holds %lld; expected %lld to 2^30", name, (long long)list[i],
                                (long long)least);
        out[i] = list[i];
    }
    return HD_OK;
}

static int64_t span(const hd_onnx_window *w, int i)
{
    return (w->kernel[i] - 1) * w->dilation[i] + 1;
}

/* SAME: outputs cover the input by strides; what is missing is padded, the odd one before or behind. */
static void pad_same(hd_onnx_window *w, int i, bool upper)
{
    int64_t outputs = hd_count_ceil_div(w->in[i], w->stride[i]);
    int64_t missing = hd_count_max((outputs - 1) * w->stride[i] + span(w, i) - w->in[i], 0);
    w->low[i] = upper ? missing / 2 : missing - missing / 2;
    w->high[i] = missing - w->low[i];
}

static void output_of_window(const hd_onnx_node *n, hd_onnx_window *w, int i)
{
    bool up = hd_onnx_int(n, "ceil_mode", 0) != 0;
    int64_t room = w->in[i] + w->low[i] + w->high[i] - span(w, i);
    if (room < 0) {
        w->out[i] = -1;
        return;
    }
    w->out[i] = room / w->stride[i] + 1;
    if (up && room % w->stride[i] != 0 && w->out[i] * w->stride[i] < w->in[i] + w->low[i]) w->out[i]++;
}

static hd_status output_of_transpose(const hd_onnx_graph *g, const hd_onnx_node *n, hd_onnx_window *w, bool same,
                                     hd_error *err)
{
    int64_t extra[3] = {0}, wanted[3] = {0};
    HD_TRY(read_list(g, n, "output_padding", w->axes, 0, extra, err));
    HD_TRY(read_list(g, n, "output_shape", w->axes, 1, wanted, err));
    for (int i = 0; i < w->axes; i++) {
        if (extra[i] >= hd_count_max(w->stride[i], w->dilation[i]) && extra[i] > 0)
            return hd_onnx_fail(g, n, err, "output_padding holds %lld; expected less than the stride %lld or the dilation %lld",
                                (long long)extra[i], (long long)w->stride[i], (long long)w->dilation[i]);
        int64_t full = w->stride[i] * (w->in[i] - 1) + extra[i] + span(w, i);
        if (wanted[i] == 0 && same) wanted[i] = w->in[i] * w->stride[i];
        w->out[i] = wanted[i] > 0 ? wanted[i] : full - w->low[i] - w->high[i];
        if (wanted[i] > 0) {
            int64_t pads = hd_count_max(full - wanted[i], 0);
            w->low[i] = hd_onnx_text_is(n, "auto_pad", "SAME_UPPER") ? pads / 2 : pads - pads / 2;
            w->high[i] = pads - w->low[i];
        }
    }
    return HD_OK;
}

static hd_status read_numbers(const hd_onnx_graph *g, const hd_onnx_node *n, const hd_onnx_value *weights,
                              hd_onnx_window *w, hd_error *err)
{
    int64_t pads[6] = {0};
    for (int i = 0; i < w->axes; i++) w->stride[i] = w->dilation[i] = 1;
    HD_TRY(read_list(g, n, "kernel_shape", w->axes, 1, w->kernel, err));
    for (int i = 0; weights && weights->rank == w->axes + 2 && i < w->axes; i++) {
        int64_t held = weights->dim[i + 2];
        if (w->kernel[i] > 0 && w->kernel[i] != held)
            return hd_onnx_fail(g, n, err, "kernel_shape holds %lld where the weights have %lld; expected the same",
                                (long long)w->kernel[i], (long long)held);
        w->kernel[i] = held;
    }
    HD_TRY(read_list(g, n, "strides", w->axes, 1, w->stride, err));
    HD_TRY(read_list(g, n, "dilations", w->axes, 1, w->dilation, err));
    HD_TRY(read_list(g, n, "pads", 2 * w->axes, 0, pads, err));
    for (int i = 0; i < w->axes; i++) {
        w->low[i] = pads[i];
        w->high[i] = pads[i + w->axes];
        if (w->in[i] < 1 || w->in[i] > MOST || w->kernel[i] < 1 || w->kernel[i] > MOST)
            return hd_onnx_fail(g, n, err,
                                "spatial axis %d: input extent %lld and kernel extent %lld; expected 1 to 2^30", i,
                                (long long)w->in[i], (long long)w->kernel[i]);
    }
    return HD_OK;
}

static hd_status check_auto_pad(const hd_onnx_graph *g, const hd_onnx_node *n, hd_error *err)
{
    static const char *const known[] = {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", ""};
    if (!hd_onnx_attribute(n, "auto_pad")) return HD_OK;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (hd_onnx_text_is(n, "auto_pad", known[i])) return HD_OK;
    return hd_onnx_fail(g, n, err, "auto_pad: expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
}

hd_status hd_onnx_read_window(const hd_onnx_graph *g, const hd_onnx_node *n, const hd_onnx_value *in,
                              const hd_onnx_value *weights, bool transposed, hd_onnx_window *w, hd_error *err)
{
    memset(w, 0, sizeof *w);
    w->axes = in->rank - 2;
    if (w->axes < 1 || w->axes > 3)
        return hd_onnx_fail(g, n, err, "input of %d dimensions; expected 3 to 5 (batch, channels, 1 to 3 spatial)",
                            in->rank);
    memcpy(w->in, in->dim + 2, (size_t)w->axes * sizeof *w->in);
    HD_TRY(read_numbers(g, n, weights, w, err));
    HD_TRY(check_auto_pad(g, n, err));
    bool upper = hd_onnx_text_is(n, "auto_pad", "SAME_UPPER"), lower = hd_onnx_text_is(n, "auto_pad", "SAME_LOWER");
    if (transposed) return output_of_transpose(g, n, w, upper || lower, err);
    for (int i = 0; i < w->axes; i++) {
        if (upper || lower) pad_same(w, i, upper);
        if (hd_onnx_text_is(n, "auto_pad", "VALID")) w->low[i] = w->high[i] = 0;
        output_of_window(n, w, i);
        if (w->out[i] < 1)
            return hd_onnx_fail(g, n, err,
                                "spatial axis %d: input extent %lld with padding is smaller than the window %lld",
                                    i,
                                (long long)w->in[i], (long long)span(w, i));
    }
    return HD_OK;
}

int hd_onnx_weights_at(const hd_onnx_node *n)
{
    static const char *const quantised[] = {"QLinearConv", "QLinearMatMul", "QGemm"};
    for (size_t i = 0; i < sizeof quantised / sizeof *quantised; i++)
        if (strcmp(n->op, quantised[i]) == 0) return 3;
    return 1;
}

static hd_status check_channels(const hd_onnx_graph *g, const hd_onnx_node *n, const hd_onnx_value *x,
                                const hd_onnx_value *w, bool transposed, hd_error *err)
{
    int64_t groups = hd_onnx_int(n, "group", 1);
    if (w->rank != x->rank)
        return hd_onnx_fail(g, n, err, "weights of %d dimensions for an input of %d", w->rank, x->rank);
    if (groups < 1 || groups > MOST || w->dim[0] % groups != 0 || w->dim[1] > INT64_MAX / groups ||
        (transposed ? w->dim[0] : w->dim[1] * groups) != x->dim[1])
        return hd_onnx_fail(g, n, err, "%lld groups with weights %lld x %lld do not fit %lld input channels",
                            (long long)groups,
                            (long long)w->dim[0], (long long)w->dim[1], (long long)x->dim[1]);
    return HD_OK;
}

static hd_status set_window(const hd_onnx_graph *g, const hd_onnx_node *n, const hd_onnx_value *in,
                            int64_t channels,
                            const hd_onnx_window *w, hd_error *err)
{
    int64_t dim[5] = {in->dim[0], channels};
    memcpy(dim + 2, w->out, (size_t)w->axes * sizeof *dim);
    HD_TRY(hd_onnx_shape(g, n, 0, w->axes + 2, dim, err));
    return hd_onnx_shape(g, n, 1, w->axes + 2, dim, err); /* indices of MaxPool */
}

hd_status hd_onnx_shape_conv(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    int at = hd_onnx_weights_at(n);
    if (!hd_onnx_known(n, 0) || !hd_onnx_known(n, at)) return HD_OK;
    hd_onnx_window w;
    HD_TRY(hd_onnx_read_window(g, n, n->in[0], n->in[at], false, &w, err));
    HD_TRY(check_channels(g, n, n->in[0], n->in[at], false, err));
    return set_window(g, n, n->in[0], n->in[at]->dim[0], &w, err);
}

/* Where the file stores spatial output extents they win: training graphs ask for extents the formula cannot know. */
hd_status hd_onnx_shape_conv_transpose(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0) || !hd_onnx_known(n, 1)) return HD_OK;
    hd_onnx_window w;
    HD_TRY(hd_onnx_read_window(g, n, n->in[0], n->in[1], true, &w, err));
    HD_TRY(check_channels(g, n, n->in[0], n->in[1], true, err));
    int rank;
    int64_t dim[HD_ONNX_RANK];
    const hd_onnx_value *out = hd_onnx_out(n, 0);
    if (out && hd_onnx_stored_shape(g, out->stored, &rank, dim) && rank == w.axes + 2)
        memcpy(w.out, dim + 2, (size_t)w.axes * sizeof *dim);
    return set_window(g, n, n->in[0], n->in[1]->dim[1] * hd_onnx_int(n, "group", 1), &w, err);
}

hd_status hd_onnx_shape_pool(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    hd_onnx_window w;
    HD_TRY(hd_onnx_read_window(g, n, n->in[0], NULL, false, &w, err));
    return set_window(g, n, n->in[0], n->in[0]->dim[1], &w, err);
}

hd_status hd_onnx_shape_global_pool(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0)) return HD_OK;
    int64_t dim[HD_ONNX_RANK];
    const hd_onnx_value *x = n->in[0];
    for (int i = 0; i < x->rank; i++) dim[i] = i < 2 ? x->dim[i] : 1;
    return hd_onnx_shape(g, n, 0, x->rank, dim, err);
}
