/* Which products are the gradients of a product?
 *
 * A layer O[o] += I[i] W[w] over the points of a nest has dI[i] += dO[o] W[w] and dW[w] += I[i] dO[o] over the same points:
 * the tensors change their roles, their ranks stay, with every stride, dilation, padding and group.  What changes is
 * what the dimensions are to a chip: of dI the layer's K is summed and its C is made; of dW the samples are summed like
 * channels, the kernel is the output map and the output map slides over the input like a kernel.  So they are renamed,
 * and templates and wires treat the gradient like any other convolution:
 *   dI of conv             conv_transpose: K and C change names
 *   dW of conv             conv: N and C, P and R, Q and S change names; its dilation is the layer's stride
 *   dI of conv_transpose   conv: K and C change names
 *   dW of conv_transpose   conv, the gradient slides: N is summed (C), K counts maps (N), C makes them (K)
 * Where the stride is 1 and the map keeps its size, dI is also a convolution with the kernel turned round: its input
 * slides, which chips and solvers do better, and it has as many points.                                    */
#include <string.h>

#include "workload/backward_operator.h"
#include "workload/kinds.h"

enum { MAX_AXES = 3 };
static const char ORDER[] = "NGKCPQRSTU", PLAIN[] = "PQT", KERNEL[] = "RSU";

typedef struct renaming { const char *from, *to; } renaming;

static const renaming OF_INPUT = {"KC", "CK"}, OF_WEIGHTS = {"NCPQTRSU", "CNRSUPQT"},
                      OF_TRANSPOSED_WEIGHTS = {"NKCPQTRSU", "CNKRSUPQT"};

static int find_dim(const hd_operator *op, char letter)
{
    const char name[] = {letter, '\0'};
    return hd_operator_dim(op, name);
}

static int64_t extent_of(const hd_operator *op, char letter)
{
    int d = find_dim(op, letter);
    return d >= 0 ? op->dim[d].extent : 1;
}

static hd_status check_names(const hd_operator *op, const char *letters, hd_error *err)
{
    for (int d = 0; d < op->dims; d++)
        if (!strchr(letters, op->dim[d].name[0]) || op->dim[d].name[1])
            return hd_fail(err, HD_ERR_USAGE, "the gradient of a %s with a dimension '%s' is not known; expected %s",
                           hd_kind_name(op->kind), op->dim[d].name, letters);
    return HD_OK;
}

/* ---- the same nest in other words ---- */

/* The plain dimension first, then its kernel's, as kinds.c writes them.  A dimension of one point moves nothing. */
static void settle_rank(const hd_operator *op, hd_rank *rank)
{
    if (rank->terms < 2) return;
    if (rank->term[0].dim > rank->term[1].dim) {
        hd_rank turned = *rank;
        rank->term[0] = turned.term[1];
        rank->term[1] = turned.term[0];
    }
    for (int t = 0; t < 2; t++) {
        int other = rank->term[1 - t].dim;
        if (op->dim[rank->term[t].dim].extent > 1 || rank->term[1 - t].coef != 1 || rank->offset != 0 ||
            rank->extent != op->dim[other].extent)
            continue;
        rank->term[0] = rank->term[1 - t];
        rank->terms = 1;
        return;
    }
}

static void sort_ranks(hd_tensor *tensor)
{
    for (int i = 1; i < tensor->ranks; i++)
        for (int k = i; k > 0 && tensor->rank[k].term[0].dim < tensor->rank[k - 1].term[0].dim; k--) {
            hd_rank lower = tensor->rank[k];
            tensor->rank[k] = tensor->rank[k - 1];
            tensor->rank[k - 1] = lower;
        }
}

static void rename_dims(hd_operator *op, renaming names)
{
    hd_dim dim[HD_MAX_DIMS];
    int place[HD_MAX_DIMS], next = 0;
    for (int d = 0; d < op->dims; d++) {
        const char *at = strchr(names.from, op->dim[d].name[0]);
        if (at) op->dim[d].name[0] = names.to[at - names.from];
    }
    for (const char *c = ORDER; *c; c++) {
        int d = find_dim(op, *c);
        if (d < 0) continue;
        dim[next] = op->dim[d];
        place[d] = next++;
    }
    memcpy(op->dim, dim, (size_t)next * sizeof *dim);
    for (int role = 0; role < HD_ROLES; role++) {
        hd_tensor *tensor = &op->tensor[role];
        for (int r = 0; tensor->used && r < tensor->ranks; r++) {
            for (int t = 0; t < tensor->rank[r].terms; t++)
                tensor->rank[r].term[t].dim = place[tensor->rank[r].term[t].dim];
            settle_rank(op, &tensor->rank[r]);
        }
        sort_ranks(tensor);
    }
}

/* ---- a kernel turned round ---- */

/* One axis of a convolution that keeps the map's size at stride 1; false for others. */
static bool turn_axis(const hd_operator *op, int axis, hd_conv_shape *shape)
{
    int plain = find_dim(op, PLAIN[axis]);
    const hd_tensor *input = &op->tensor[HD_I];
    shape->kernel[axis] = extent_of(op, KERNEL[axis]);
    shape->stride[axis] = shape->dilation[axis] = 1;
    for (int r = 0; r < input->ranks; r++) {
        const hd_rank *rank = &input->rank[r];
        if (rank->term[0].dim != plain) continue;
        bool slides = rank->terms == 2;
        if (rank->term[0].coef != 1 || (!slides && shape->kernel[axis] != 1)) return false;
        if (slides) shape->dilation[axis] = rank->term[1].coef;
        shape->pad_low[axis] = (shape->kernel[axis] - 1) * shape->dilation[axis] + rank->offset;
        shape->out[axis] = shape->in[axis] = rank->extent;
        return shape->pad_low[axis] >= 0 && rank->extent == op->dim[plain].extent;
    }
    return false;
}

static bool turned(const hd_operator *op, hd_operator *out)
{
    hd_conv_shape shape = {.n = extent_of(op, 'N'), .groups = extent_of(op, 'G'), .k = extent_of(op, 'C'),
                           .c = extent_of(op, 'K')};
    while (shape.axes < MAX_AXES && find_dim(op, PLAIN[shape.axes]) >= 0)
        if (!turn_axis(op, shape.axes++, &shape)) return false;
    return shape.axes > 0 && hd_kind_conv(&shape, out, NULL) == HD_OK;
}

/* ---- the kinds ---- */

static hd_status convolution(const hd_operator *op, hd_role wrt, hd_gradient *out, hd_error *err)
{
    bool transposed = op->kind == HD_CONV_TRANSPOSE;
    renaming names = wrt == HD_I ? OF_INPUT : transposed ? OF_TRANSPOSED_WEIGHTS : OF_WEIGHTS;
    HD_TRY(check_names(op, ORDER, err));
    if (wrt == HD_I && !transposed && turned(op, &out->op)) return HD_OK;
    out->op = *op;
    out->op.kind = wrt == HD_I && !transposed ? HD_CONV_TRANSPOSE : HD_CONV;
    for (int role = 0; role < HD_ROLES; role++)
        if (op->tensor[role].used && role != HD_O) {
            int from = out->reads[role];
            out->op.tensor[role] = op->tensor[from == HD_READS_GRADIENT ? HD_O : from];
        }
    out->op.tensor[HD_O] = op->tensor[wrt];
    rename_dims(&out->op, names);
    return HD_OK;
}

static hd_status product(const hd_operator *op, hd_role wrt, hd_operator *out, hd_error *err)
{
    HD_TRY(check_names(op, "BMNK", err));
    int64_t b = extent_of(op, 'B'), m = extent_of(op, 'M'), n = extent_of(op, 'N'), k = extent_of(op, 'K');
    int batch = find_dim(op, 'B');
    bool batched = batch >= 0 && hd_tensor_dims(op, HD_W) >> batch & 1u;
    if (wrt == HD_I) return hd_kind_matmul(b, m, k, n, batched, out, err);
    return batched ? hd_kind_matmul(b, k, n, m, true, out, err) : hd_kind_matmul(1, k, n, b * m, false, out, err);
}

hd_status hd_backward_product(const hd_operator *op, hd_role wrt, hd_gradient *out, hd_error *err)
{
    bool output_slides = op->kind == HD_CONV_TRANSPOSE;
    *out = (hd_gradient){.form = HD_GRADIENT_WORKS,
                         .reads = {[HD_O] = HD_READS_NOTHING, [HD_I2] = HD_READS_NOTHING}};
    out->reads[HD_I] = wrt == HD_I ? HD_READS_GRADIENT : output_slides ? HD_READS_GRADIENT : HD_I;
    out->reads[HD_W] = wrt == HD_I ? HD_W : output_slides ? HD_I : HD_READS_GRADIENT;
    HD_TRY(op->kind == HD_MATMUL ? product(op, wrt, &out->op, err) : convolution(op, wrt, out, err));
    for (int role = 0; role < HD_ROLES; role++) {
        int from = role == HD_O ? (int)wrt : out->reads[role];
        if (!out->op.tensor[role].used) continue;
        out->op.tensor[role].bits = op->tensor[from == HD_READS_GRADIENT ? HD_O : from].bits;
        out->op.tensor[role].name[0] = '\0';
    }
    out->op.partial_bits = op->partial_bits;
    out->op.extra_reads = out->op.fused_ops = 0;
    return hd_operator_check(&out->op, err);
}
