/* What loop nest and tensors does each kind of layer have?
 *
 * Three kinds are windows (convolution, its transpose, pooling): one row of a table says which ranks stand
 * before the spatial ones and which tensor slides.  A window rank is one rank P*stride + R*dilation, except
 * where windows never overlap and no padding is touched: there P and R are two ranks of their own, so
 * that words between windows are never counted (DESIGN section 2).                                  */
#include "workload/kinds.h"

#include <string.h>

#include "base/count.h"

enum { STANDARD_BITS = 16, MAX_AXES = 3 };

/* Leading ranks of each tensor as one-letter dim names; W NULL = no weights. */
typedef struct window_kind {
    const char *dims, *ranks_w, *ranks_i, *ranks_o;
    hd_role sliding;
} window_kind;

static const window_kind WINDOW[HD_KINDS] = {
    [HD_CONV] = {"NGKC", "GKC", "NGC", "NGK", HD_I},
    [HD_CONV_TRANSPOSE] = {"NGKC", "GCK", "NGC", "NGK", HD_O},
    [HD_POOL] = {"NK", NULL, "NK", "NK", HD_I},
};
static const char PLAIN_AXIS[MAX_AXES] = {'P', 'Q', 'T'}, KERNEL_AXIS[MAX_AXES] = {'R', 'S', 'U'};

static void begin(hd_operator *op, hd_kind kind, bool vector, int64_t ops_per_point) {
    memset(op, 0, sizeof *op);
    op->kind = kind;
    op->vector = vector;
    op->ops_per_point = ops_per_point;
}

static void add_dim(hd_operator *op, char name, int64_t extent) {
    op->dim[op->dims++] = (hd_dim){.name = {name}, .extent = extent};
}

static int dim_of(const hd_operator *op, char letter) {
    const char name[2] = {letter, '\0'};
    return hd_operator_dim(op, name);
}

static hd_rank *add_rank(hd_operator *op, hd_role role, char letter) {
    hd_tensor *t = &op->tensor[role];
    hd_rank *rank = &t->rank[t->ranks++];
    int d = dim_of(op, letter);
    *rank = (hd_rank){.terms = 1, .extent = op->dim[d].extent};
    rank->term[0].dim = d;
    rank->term[0].coef = 1;
    return rank;
}

static void add_tensor(hd_operator *op, hd_role role, const char *ranks) {
    op->tensor[role].used = true;
    op->tensor[role].bits = STANDARD_BITS;
    for (const char *c = ranks; *c; c++) add_rank(op, role, *c);
}

/* ---- windows ---- */

/* One axis of a window: coordinates reached [-low, span - low), those that exist [0, real). */
typedef struct axis {
    int64_t span, kernel_span, real;
    bool apart;
} axis;

static hd_status check_positive(const char *name, int64_t value, hd_error *err) {
    if (value >= 1 && value < HD_COUNT_EXACT) return HD_OK;
    return hd_fail(err, HD_ERR_USAGE, "%s is %lld; expected 1 to 2^53 - 1", name, (long long)value);
}

static hd_status measure_axis(const hd_conv_shape *s, int a, axis *out, hd_error *err) {
    HD_TRY(check_positive("an output extent", s->out[a], err));
    HD_TRY(check_positive("a kernel extent", s->kernel[a], err));
    HD_TRY(check_positive("a stride", s->stride[a], err));
    HD_TRY(check_positive("a dilation", s->dilation[a], err));
    if (s->pad_low[a] < 0 || s->pad_low[a] >= HD_COUNT_EXACT || s->in[a] < 0 || s->in[a] >= HD_COUNT_EXACT)
        return hd_fail(err, HD_ERR_USAGE, "padding %lld and real extent %lld must be 0 to 2^53 - 1",
                       (long long)s->pad_low[a], (long long)s->in[a]);
    if (s->in[a] == 0 && s->pad_low[a] != 0)
        return hd_fail(err, HD_ERR_USAGE, "padding %lld needs the real extent of the tensor beside it",
                       (long long)s->pad_low[a]);
    int64_t steps;
    if (!hd_count_mul(s->out[a] - 1, s->stride[a], &steps) ||
        !hd_count_mul(s->kernel[a] - 1, s->dilation[a], &out->kernel_span) || steps >= HD_COUNT_EXACT ||
        out->kernel_span >= HD_COUNT_EXACT)
        return hd_fail(err, HD_ERR_USAGE, "a window reaches 2^53 coordinates or more; split the operator");
    out->kernel_span += 1;
    out->span = steps + out->kernel_span;
    out->real = s->in[a] > 0 ? s->in[a] : out->span;
    out->apart = s->stride[a] >= out->kernel_span && s->pad_low[a] == 0 && out->span <= out->real;
    return HD_OK;
}

static void add_sliding_rank(hd_operator *op, hd_role role, int a, const hd_conv_shape *s, const axis *x) {
    hd_rank *rank = add_rank(op, role, PLAIN_AXIS[a]);
    rank->terms = 2;
    rank->term[0].coef = s->stride[a];
    rank->term[1].dim = dim_of(op, KERNEL_AXIS[a]);
    rank->term[1].coef = s->dilation[a];
    rank->offset = -s->pad_low[a];
    rank->extent = x->real;
}

/* Three axes of two ranks each leave room for two more only: the last axis then keeps its hull. */
static void add_window_ranks(hd_operator *op, hd_role role, const hd_conv_shape *s, const axis *axes) {
    for (int a = 0; a < s->axes; a++) {
        int ranks_left = HD_MAX_RANKS - op->tensor[role].ranks - (s->axes - 1 - a);
        if (axes[a].apart && ranks_left >= 2) {
            add_rank(op, role, PLAIN_AXIS[a]);
            add_rank(op, role, KERNEL_AXIS[a]);
        } else {
            add_sliding_rank(op, role, a, s, &axes[a]);
        }
    }
}

static void add_window_dims(hd_operator *op, const char *leading, const hd_conv_shape *s) {
    for (const char *c = leading; *c; c++)
        add_dim(op, *c, *c == 'N' ? s->n : *c == 'G' ? s->groups : *c == 'K' ? s->k : s->c);
    int flat = s->axes < 2 ? s->axes : 2;
    for (int a = 0; a < flat; a++) add_dim(op, PLAIN_AXIS[a], s->out[a]);
    for (int a = 0; a < flat; a++) add_dim(op, KERNEL_AXIS[a], s->kernel[a]);
    if (s->axes < MAX_AXES) return;
    add_dim(op, PLAIN_AXIS[2], s->out[2]);
    add_dim(op, KERNEL_AXIS[2], s->kernel[2]);
}

static hd_status fill_window(hd_kind kind, const hd_conv_shape *s, hd_operator *op, hd_error *err) {
    const window_kind *w = &WINDOW[kind];
    axis axes[MAX_AXES];
    if (s->axes < 1 || s->axes > MAX_AXES)
        return hd_fail(err, HD_ERR_USAGE, "%s has %d spatial axes; expected 1 to 3", hd_kind_name(kind),
                       s->axes);
    for (int a = 0; a < s->axes; a++) HD_TRY(measure_axis(s, a, &axes[a], err));
    begin(op, kind, kind == HD_POOL, kind == HD_POOL);
    add_window_dims(op, w->dims, s);
    if (w->ranks_w) {
        add_tensor(op, HD_W, w->ranks_w);
        for (int a = 0; a < s->axes; a++) add_rank(op, HD_W, KERNEL_AXIS[a]);
    }
    add_tensor(op, HD_I, w->ranks_i);
    add_tensor(op, HD_O, w->ranks_o);
    hd_role flat = w->sliding == HD_I ? HD_O : HD_I;
    for (int a = 0; a < s->axes; a++) add_rank(op, flat, PLAIN_AXIS[a]);
    add_window_ranks(op, w->sliding, s, axes);
    return hd_operator_check(op, err);
}

hd_status hd_kind_conv(const hd_conv_shape *shape, hd_operator *out, hd_error *err) {
    return fill_window(HD_CONV, shape, out, err);
}

hd_status hd_kind_conv_transpose(const hd_conv_shape *shape, hd_operator *out, hd_error *err) {
    return fill_window(HD_CONV_TRANSPOSE, shape, out, err);
}

hd_status hd_kind_pool(const hd_conv_shape *shape, hd_operator *out, hd_error *err) {
    return fill_window(HD_POOL, shape, out, err);
}

/* ---- products, element-wise work, rows ---- */

hd_status hd_kind_matmul(int64_t b, int64_t m, int64_t n, int64_t k, bool w_batched, hd_operator *out,
                         hd_error *err) {
    begin(out, HD_MATMUL, false, 0);
    add_dim(out, 'B', b);
    add_dim(out, 'M', m);
    add_dim(out, 'N', n);
    add_dim(out, 'K', k);
    add_tensor(out, HD_W, w_batched ? "BKN" : "KN");
    add_tensor(out, HD_I, "BMK");
    add_tensor(out, HD_O, "BMN");
    return hd_operator_check(out, err);
}

/* Neighbours of one kind (both in I2, or both not) are one dimension; extents of 1 are none. */
static hd_status collapse(int dims, const int64_t *extent, unsigned lacking, hd_operator *op,
                          unsigned *op_lacking, hd_error *err) {
    static const char NAME[] = "ABDEFH";
    *op_lacking = 0;
    for (int d = 0; d < dims; d++) {
        HD_TRY(check_positive("an extent", extent[d], err));
        if (extent[d] == 1) continue;
        bool lacks = lacking >> d & 1u;
        int last = op->dims - 1;
        if (last >= 0 && (*op_lacking >> last & 1u) == lacks) {
            if (!hd_count_mul(op->dim[last].extent, extent[d], &op->dim[last].extent))
                return hd_fail(err, HD_ERR_USAGE, "the tensor has 2^53 words or more; split the operator");
            continue;
        }
        if (op->dims == (int)sizeof NAME - 1)
            return hd_fail(err, HD_ERR_USAGE,
                           "element-wise work over more than 6 dimensions after collapsing equal ones");
        if (lacks) *op_lacking |= 1u << op->dims;
        add_dim(op, NAME[op->dims], extent[d]);
    }
    if (op->dims == 0) add_dim(op, NAME[0], 1);
    return HD_OK;
}

hd_status hd_kind_eltwise(int dims, const int64_t *extent, bool binary, unsigned i2_broadcast,
                          int64_t ops_per_point, hd_operator *out, hd_error *err) {
    unsigned lacking;
    if (dims < 0 || dims > 32)
        return hd_fail(err, HD_ERR_USAGE, "element-wise work over %d dimensions; expected 0 to 32", dims);
    begin(out, HD_ELTWISE, true, ops_per_point);
    HD_TRY(collapse(dims, extent, binary ? i2_broadcast : 0, out, &lacking, err));
    add_tensor(out, HD_I, "");
    add_tensor(out, HD_O, "");
    if (binary) add_tensor(out, HD_I2, "");
    for (int d = 0; d < out->dims; d++) {
        add_rank(out, HD_I, out->dim[d].name[0]);
        add_rank(out, HD_O, out->dim[d].name[0]);
        if (binary && !(lacking >> d & 1u)) add_rank(out, HD_I2, out->dim[d].name[0]);
    }
    return hd_operator_check(out, err);
}

hd_status hd_kind_reduce_maps(int64_t count, int64_t n, int64_t k, int64_t p, int64_t q, hd_operator *out,
                              hd_error *err) {
    const struct { char name; int64_t extent; } maps[] = {{'K', k}, {'P', p}, {'Q', q}};
    char ranks[] = "EN\0\0\0";
    begin(out, HD_REDUCE_SUM, true, 1);
    add_dim(out, 'E', count);
    add_dim(out, 'N', n);
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        if (maps[i].extent == 1) continue;
        ranks[out->dims] = maps[i].name;
        add_dim(out, maps[i].name, maps[i].extent);
    }
    add_tensor(out, HD_I, ranks);
    add_tensor(out, HD_O, ranks + 1);
    return hd_operator_check(out, err);
}

hd_status hd_kind_reduce_sum(int64_t count, int64_t words, hd_operator *out, hd_error *err) {
    return hd_kind_reduce_maps(count, words, 1, 1, 1, out, err);
}

hd_status hd_kind_rowwise(hd_kind kind, int64_t rows, int64_t length, int64_t ops_per_point, hd_operator *out,
                          hd_error *err) {
    if (kind != HD_SOFTMAX && kind != HD_NORM)
        return hd_fail(err, HD_ERR_USAGE, "%s does not work row by row; expected softmax or norm",
                       hd_kind_name(kind));
    begin(out, kind, true, ops_per_point);
    add_dim(out, 'N', rows);
    add_dim(out, 'M', length);
    add_tensor(out, HD_I, "NM");
    add_tensor(out, HD_O, "NM");
    out->row_dims = 1u << dim_of(out, 'M');
    return hd_operator_check(out, err);
}
