/* Which of KAPLA's layers is an operator? */
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "dataflow/kapla_convert.h"

static bool refuse(hd_refusal *out, const char *why)
{
    if (out) {
        *out = (hd_refusal){.kind = HD_REFUSE_MODEL, .level = -1, .role = -1, .dim = -1};
        snprintf(out->why, sizeof out->why, "kapla has no layer for this operator: %s", why);
    }
    return false;
}

static int64_t extent_of(const hd_operator *op, int dim) { return dim >= 0 ? op->dim[dim].extent : 1; }

/* The rank of a tensor in which a dim is, NULL = none, and its coefficient there. */
static const hd_rank *rank_of(const hd_operator *op, hd_role role, int dim, int64_t *coefficient)
{
    const hd_tensor *t = &op->tensor[role];
    *coefficient = 1;
    for (int r = 0; r < t->ranks && dim >= 0; r++)
        for (int k = 0; k < t->rank[r].terms; k++)
            if (t->rank[r].term[k].dim == dim) {
                *coefficient = t->rank[r].term[k].coef;
                return &t->rank[r];
            }
    return NULL;
}

/* How far a window moves.  Where windows lie apart the operator does not say what they skip: then they touch. */
static bool stride_of(const hd_operator *op, hd_role slides, int pixels, int taps, int64_t *out)
{
    int64_t dilation;
    const hd_rank *own = rank_of(op, slides, pixels, out), *filter = rank_of(op, slides, taps, &dilation);
    if (own && filter && own != filter) *out = extent_of(op, taps);
    return dilation == 1;
}

static void clear(hd_kapla_dims *dims)
{
    for (int d = 0; d < HD_KAPLA_DIMS; d++) dims->dim[d] = -1;
    dims->region = -1;
}

/* A window over rows and columns; what lies beyond the real extent is not modelled (3.1): the input is what it reaches. */
static bool window(const hd_operator *op, bool back, hd_kapla_layer *l, hd_kapla_dims *d, hd_refusal *why)
{
    int p = hd_operator_dim(op, "P"), q = hd_operator_dim(op, "Q"), r = hd_operator_dim(op, "R"), s = hd_operator_dim(op, "S");
    hd_role slides = back ? HD_O : HD_I;
    if (hd_operator_dim(op, "T") >= 0) return refuse(why, "it slides along three axes");
    if (!stride_of(op, slides, p, r, &l->htrd) || !stride_of(op, slides, q, s, &l->wtrd))
        return refuse(why, "its filter is dilated");
    d->dim[back ? HD_KAPLA_YI : HD_KAPLA_YO] = p;
    d->dim[back ? HD_KAPLA_XI : HD_KAPLA_XO] = q;
    d->dim[HD_KAPLA_S] = r;
    d->dim[HD_KAPLA_R] = s;
    l->hfil = extent_of(op, r);
    l->wfil = extent_of(op, s);
    int64_t rows = extent_of(op, p), columns = extent_of(op, q);
    int64_t high = (rows - 1) * l->htrd + l->hfil, wide = (columns - 1) * l->wtrd + l->wfil;
    l->hofm = back ? high : rows;
    l->wofm = back ? wide : columns;
    l->hifm = back ? rows : high;
    l->wifm = back ? columns : wide;
    return true;
}

/* The gradient of a window's weights is the window over rows R and columns S of dY: its taps are the map that is made. */
static bool weight_window(const hd_operator *op, hd_kapla_layer *l, hd_kapla_dims *d, hd_refusal *why)
{
    int p = hd_operator_dim(op, "P"), q = hd_operator_dim(op, "Q"), r = hd_operator_dim(op, "R"), s = hd_operator_dim(op, "S");
    if (hd_operator_dim(op, "T") >= 0) return refuse(why, "it slides along three axes");
    if (!stride_of(op, HD_I, r, p, &l->htrd) || !stride_of(op, HD_I, s, q, &l->wtrd)) return refuse(why, "its filter is dilated");
    d->dim[HD_KAPLA_YI] = r;
    d->dim[HD_KAPLA_XI] = s;
    d->dim[HD_KAPLA_S] = p;
    d->dim[HD_KAPLA_R] = q;
    l->hfil = extent_of(op, p);
    l->wfil = extent_of(op, q);
    l->hifm = extent_of(op, r);
    l->wifm = extent_of(op, s);
    l->hofm = (l->hifm - 1) * l->htrd + l->hfil;
    l->wofm = (l->wifm - 1) * l->wtrd + l->wfil;
    return true;
}

/* Samples are summed (our C), channels of dY made (K), channels of X the samples of ours (N). */
static bool weight_gradient(const hd_operator *op, hd_kapla_layer *l, hd_kapla_dims *d, hd_refusal *why)
{
    int g = hd_operator_dim(op, "G"), k = hd_operator_dim(op, "K"), n = hd_operator_dim(op, "N");
    if (!weight_window(op, l, d, why)) return false;
    l->nifm = extent_of(op, k);
    l->nofm = extent_of(op, n);
    l->type = HD_KAPLA_CONV_WEIGHT;
    d->dim[HD_KAPLA_N] = hd_operator_dim(op, "C");
    d->dim[HD_KAPLA_C] = k;
    d->dim[HD_KAPLA_K] = n;
    if (extent_of(op, g) == 1) return true;
    if (l->nofm > 1 || l->nifm > 1) return refuse(why, "it has groups of several channels");
    l->type = HD_KAPLA_DW_WEIGHT;
    l->nofm = l->nifm = extent_of(op, g);
    d->dim[HD_KAPLA_C] = g;
    d->dim[HD_KAPLA_K] = -1;
    return true;
}

/* The gradient of an input slides over its output, unless its windows are single words or it is a convolution turned round. */
static bool goes_back(const hd_operator *op, hd_makes makes)
{
    bool single = extent_of(op, hd_operator_dim(op, "R")) == 1 && extent_of(op, hd_operator_dim(op, "S")) == 1;
    return op->kind == HD_CONV_TRANSPOSE || (makes == HD_MAKES_INPUT_GRADIENT && single);
}

static bool convolution(const hd_operator *op, hd_makes makes, hd_kapla_layer *l, hd_kapla_dims *d, hd_refusal *why)
{
    bool back = goes_back(op, makes);
    int g = hd_operator_dim(op, "G"), k = hd_operator_dim(op, "K"), c = hd_operator_dim(op, "C");
    if (!window(op, back, l, d, why)) return false;
    l->nofm = extent_of(op, k);
    l->nifm = extent_of(op, c);
    l->type = back ? HD_KAPLA_CONV_BACK : HD_KAPLA_CONV;
    d->dim[HD_KAPLA_K] = k;
    d->dim[HD_KAPLA_C] = c;
    if (extent_of(op, g) == 1) return true;
    if (l->nofm > 1 || l->nifm > 1) return refuse(why, "it has groups of several channels");
    l->type = back ? HD_KAPLA_DW_BACK : HD_KAPLA_DW;
    l->nofm = l->nifm = extent_of(op, g);
    d->dim[HD_KAPLA_K] = back ? -1 : g;
    d->dim[HD_KAPLA_C] = back ? g : -1;
    return true;
}

static bool product(const hd_operator *op, hd_makes makes, hd_kapla_layer *l, hd_kapla_dims *d, hd_refusal *why)
{
    static const struct { hd_kapla_type type; const char *n, *k, *c; } form[] = {
        [HD_MAKES_OUTPUT] = {HD_KAPLA_CONV, "M", "N", "K"},
        [HD_MAKES_INPUT_GRADIENT] = {HD_KAPLA_CONV_BACK, "M", "N", "K"},
        [HD_MAKES_WEIGHT_GRADIENT] = {HD_KAPLA_CONV_WEIGHT, "K", "M", "N"},
    };
    if (extent_of(op, hd_operator_dim(op, "B")) > 1) return refuse(why, "it is a batch of products");
    l->type = form[makes].type;
    d->dim[HD_KAPLA_N] = hd_operator_dim(op, form[makes].n);
    d->dim[HD_KAPLA_K] = hd_operator_dim(op, form[makes].k);
    d->dim[HD_KAPLA_C] = hd_operator_dim(op, form[makes].c);
    l->nofm = extent_of(op, d->dim[HD_KAPLA_K]);
    l->nifm = extent_of(op, d->dim[HD_KAPLA_C]);
    return true;
}

/* Local layers: a window over one channel, or a sum over several maps.  A window's gradient slides over its output. */
static bool local(const hd_operator *op, hd_kapla_layer *l, hd_kapla_dims *d, hd_refusal *why)
{
    int channels = hd_operator_dim(op, "K"), taps = hd_operator_dim(op, "R");
    bool back = taps >= 0 && (hd_tensor_dims(op, HD_O) >> taps & 1u) != 0;
    if (!window(op, back, l, d, why)) return false;
    d->region = hd_operator_dim(op, "E");
    d->dim[back ? HD_KAPLA_C : HD_KAPLA_K] = channels;
    l->type = back ? HD_KAPLA_LOCAL_BACK : HD_KAPLA_LOCAL;
    l->nofm = extent_of(op, channels);
    l->nreg = l->ntrd = extent_of(op, d->region);
    l->nifm = l->nofm * l->ntrd;
    return true;
}

/* Dims of element-wise work have no meaning of their own: batch, channels, rows, columns as they come. */
static bool elementwise(const hd_operator *op, hd_kapla_layer *l, hd_kapla_dims *d, hd_refusal *why)
{
    static const int order[] = {HD_KAPLA_N, HD_KAPLA_K, HD_KAPLA_YO, HD_KAPLA_XO};
    bool binary = op->tensor[HD_I2].used;
    if (op->dims > 4) return refuse(why, "it has more than four dims");
    if (binary && hd_tensor_dims(op, HD_I2) != hd_tensor_dims(op, HD_O)) return refuse(why, "one of its inputs is repeated");
    for (int i = 0; i < op->dims; i++) d->dim[order[op->dims == 1 ? 1 : i]] = i;
    l->type = HD_KAPLA_LOCAL;
    l->nreg = l->ntrd = binary ? 2 : 1;
    l->nofm = extent_of(op, d->dim[HD_KAPLA_K]);
    l->nifm = l->nofm * l->ntrd;
    l->hofm = l->hifm = extent_of(op, d->dim[HD_KAPLA_YO]);
    l->wofm = l->wifm = extent_of(op, d->dim[HD_KAPLA_XO]);
    return true;
}

bool hd_kapla_layer_of(const hd_operator *op, hd_makes makes, hd_kapla_layer *out, hd_kapla_dims *dims, hd_refusal *why)
{
    bool known = false;
    clear(dims);
    *out = (hd_kapla_layer){HD_KAPLA_CONV, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    dims->dim[HD_KAPLA_N] = hd_operator_dim(op, "N");
    switch (op->kind) {
    case HD_CONV: case HD_CONV_TRANSPOSE:
        known = makes == HD_MAKES_WEIGHT_GRADIENT ? weight_gradient(op, out, dims, why) : convolution(op, makes, out, dims, why);
        break;
    case HD_MATMUL: known = product(op, makes, out, dims, why); break;
    case HD_POOL: case HD_REDUCE_SUM: known = local(op, out, dims, why); break;
    case HD_ELTWISE: known = elementwise(op, out, dims, why); break;
    case HD_SOFTMAX: case HD_NORM: case HD_KINDS: return refuse(why, "softmax and normalisations are unknown to it");
    }
    out->batch = extent_of(op, dims->dim[HD_KAPLA_N]);
    return known;
}
