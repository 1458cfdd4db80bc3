/* How does an operator stand in a schedule?
 *
 *   {kind: conv, dims: [[N, 1], ...], tensors: {W: {name: "Weights", bits: 16, ranks: [[extent, offset,
 * [dim, coef], ...], ...]}, ...}, vector: false, ops_per_point: 0, row_dims: [M], partial_bits: 0,
 * extra_reads: 0, fused_ops: 0}; the names of tensors stand there only where a foreign file gave some.  */
#include "formats/heddle/operator_yaml.h"

#include <string.h>

#include "base/count.h"
#include "formats/heddle/quote.h"
#include "syntax/fields.h"

/* ---- writing ---- */

static void write_tensor(const hd_operator *op, const hd_tensor *tensor, hd_text *text) {
    hd_text_append(text, "{");
    if (tensor->name[0]) {
        hd_text_append(text, "name: ");
        hd_quote(text, tensor->name);
        hd_text_append(text, ", ");
    }
    hd_text_format(text, "bits: %d, ranks: [", tensor->bits);
    for (int r = 0; r < tensor->ranks; r++) {
        const hd_rank *rank = &tensor->rank[r];
        hd_text_format(text, "%s[%lld, %lld", r > 0 ? ", " : "", (long long)rank->extent,
                       (long long)rank->offset);
        for (int t = 0; t < rank->terms; t++) {
            hd_text_append(text, ", [");
            hd_quote(text, op->dim[rank->term[t].dim].name);
            hd_text_format(text, ", %lld]", (long long)rank->term[t].coef);
        }
        hd_text_append(text, "]");
    }
    hd_text_append(text, "]}");
}

void hd_operator_write(const hd_operator *op, hd_text *text) {
    const char *between = "";
    hd_text_format(text, "{kind: %s, dims: [", hd_kind_name(op->kind));
    for (int d = 0; d < op->dims; d++) {
        hd_text_append(text, d > 0 ? ", [" : "[");
        hd_quote(text, op->dim[d].name);
        hd_text_format(text, ", %lld]", (long long)op->dim[d].extent);
    }
    hd_text_append(text, "], tensors: {");
    for (int r = 0; r < HD_ROLES; r++) {
        if (!op->tensor[r].used) continue;
        hd_text_format(text, "%s%s: ", between, hd_role_name((hd_role)r));
        write_tensor(op, &op->tensor[r], text);
        between = ", ";
    }
    hd_text_format(text, "}, vector: %s, ops_per_point: %lld, row_dims: [", op->vector ? "true" : "false",
                   (long long)op->ops_per_point);
    between = "";
    for (int d = 0; d < op->dims; d++) {
        if (!(op->row_dims & 1u << d)) continue;
        hd_text_append(text, between);
        hd_quote(text, op->dim[d].name);
        between = ", ";
    }
    hd_text_format(text, "], partial_bits: %d, extra_reads: %lld, fused_ops: %lld}", op->partial_bits,
                   (long long)op->extra_reads, (long long)op->fused_ops);
}

/* ---- reading ---- */

static hd_status read_kind(const hd_node *v, void *t, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    for (int k = 0; k < HD_KINDS; k++) {
        if (!hd_node_is(v, hd_kind_name((hd_kind)k))) continue;
        ((hd_operator *)t)->kind = (hd_kind)k;
        return HD_OK;
    }
    return hd_node_fail(v, err, "kind: found %s, expected the name of a layer kind", hd_node_shown(v, shown));
}

static hd_status read_dims(const hd_node *v, void *t, hd_error *err) {
    hd_operator *op = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "dims", err));
    if (v->items < 1 || v->items > HD_MAX_DIMS)
        return hd_node_fail(v, err, "dims: found %d, expected 1 to %d", v->items, (int)HD_MAX_DIMS);
    for (int d = 0; d < v->items; d++) {
        const hd_node *pair = v->item[d];
        hd_dim *dim = &op->dim[d];
        if (pair->kind != HD_NODE_LIST || pair->items != 2)
            return hd_node_fail(pair, err, "dims: expected [name, extent]");
        HD_TRY(hd_node_copy(pair->item[0], "dimension", dim->name, sizeof dim->name, err));
        HD_TRY(hd_node_int(pair->item[1], "extent", 1, HD_COUNT_EXACT - 1, &dim->extent, err));
        if (hd_operator_dim(op, dim->name) >= 0)
            return hd_node_fail(pair, err, "dims: the dimension '%s' stands twice", dim->name);
        op->dims = d + 1;
    }
    return HD_OK;
}

static hd_status read_dim(const hd_node *v, const hd_operator *op, int *out, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    const char *name;
    HD_TRY(hd_node_text(v, "dimension", &name, err));
    *out = hd_operator_dim(op, name);
    if (*out < 0) return hd_node_fail(v, err, "found %s, expected one of the dims", hd_node_shown(v, shown));
    return HD_OK;
}

static hd_status read_rank(const hd_node *v, const hd_operator *op, hd_rank *rank, hd_error *err) {
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "rank", err));
    if (v->items < 2 || v->items > 2 + HD_MAX_TERMS)
        return hd_node_fail(v, err,
                            "rank: expected [extent, offset, [dim, coefficient], ...] of at most %d terms",
                            (int)HD_MAX_TERMS);
    HD_TRY(hd_node_int(v->item[0], "extent", 1, HD_COUNT_EXACT - 1, &rank->extent, err));
    HD_TRY(hd_node_int(v->item[1], "offset", -HD_COUNT_EXACT, HD_COUNT_EXACT, &rank->offset, err));
    for (int t = 0; t + 2 < v->items; t++) {
        const hd_node *term = v->item[t + 2];
        if (term->kind != HD_NODE_LIST || term->items != 2)
            return hd_node_fail(term, err, "rank: expected a term [dim, coefficient]");
        HD_TRY(read_dim(term->item[0], op, &rank->term[t].dim, err));
        HD_TRY(hd_node_int(term->item[1], "coefficient", -HD_COUNT_EXACT, HD_COUNT_EXACT, &rank->term[t].coef,
                           err));
        rank->terms = t + 1;
    }
    return HD_OK;
}

typedef struct tensor_reader {
    const hd_operator *op;
    hd_tensor *tensor;
} tensor_reader;

static hd_status read_tensor_name(const hd_node *v, void *t, hd_error *err) {
    hd_tensor *tensor = ((tensor_reader *)t)->tensor;
    return hd_node_copy(v, "name", tensor->name, sizeof tensor->name, err);
}

static hd_status read_tensor_bits(const hd_node *v, void *t, hd_error *err) {
    int64_t bits;
    HD_TRY(hd_node_int(v, "bits", 1, 1 << 20, &bits, err));
    ((tensor_reader *)t)->tensor->bits = (int)bits;
    return HD_OK;
}

static hd_status read_ranks(const hd_node *v, void *t, hd_error *err) {
    tensor_reader *r = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "ranks", err));
    if (v->items > HD_MAX_RANKS)
        return hd_node_fail(v, err, "ranks: found %d, expected at most %d", v->items, (int)HD_MAX_RANKS);
    for (int i = 0; i < v->items; i++) HD_TRY(read_rank(v->item[i], r->op, &r->tensor->rank[i], err));
    r->tensor->ranks = v->items;
    return HD_OK;
}

static const hd_field TENSOR[] = {
    {"name", false, read_tensor_name}, {"bits", true, read_tensor_bits}, {"ranks", true, read_ranks}, {0}};

static hd_status read_tensor(const hd_node *v, hd_operator *op, hd_role role, hd_error *err) {
    tensor_reader r = {.op = op, .tensor = &op->tensor[role]};
    r.tensor->used = true;
    return hd_fields_read(v, "tensor", TENSOR, &r, err);
}

static hd_status read_w(const hd_node *v, void *t, hd_error *err) {
    return read_tensor(v, t, HD_W, err);
}
static hd_status read_i(const hd_node *v, void *t, hd_error *err) {
    return read_tensor(v, t, HD_I, err);
}
static hd_status read_o(const hd_node *v, void *t, hd_error *err) {
    return read_tensor(v, t, HD_O, err);
}
static hd_status read_i2(const hd_node *v, void *t, hd_error *err) {
    return read_tensor(v, t, HD_I2, err);
}

static const hd_field TENSORS[] = {
    {"W", false, read_w}, {"I", false, read_i}, {"O", true, read_o}, {"I2", false, read_i2}, {0}};

static hd_status read_tensors(const hd_node *v, void *t, hd_error *err) {
    return hd_fields_read(v, "tensors", TENSORS, t, err);
}

static hd_status read_vector(const hd_node *v, void *t, hd_error *err) {
    return hd_node_bool(v, "vector", &((hd_operator *)t)->vector, err);
}

static hd_status read_ops(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "ops_per_point", 0, HD_COUNT_EXACT - 1, &((hd_operator *)t)->ops_per_point, err);
}

static hd_status read_row_dims(const hd_node *v, void *t, hd_error *err) {
    hd_operator *op = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "row_dims", err));
    for (int i = 0; i < v->items; i++) {
        int d;
        HD_TRY(read_dim(v->item[i], op, &d, err));
        op->row_dims |= 1u << d;
    }
    return HD_OK;
}

static hd_status read_partial_bits(const hd_node *v, void *t, hd_error *err) {
    int64_t bits;
    HD_TRY(hd_node_int(v, "partial_bits", 0, 1 << 20, &bits, err));
    ((hd_operator *)t)->partial_bits = (int)bits;
    return HD_OK;
}

static hd_status read_extra_reads(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "extra_reads", 0, HD_COUNT_EXACT - 1, &((hd_operator *)t)->extra_reads, err);
}

static hd_status read_fused_ops(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "fused_ops", 0, HD_COUNT_EXACT - 1, &((hd_operator *)t)->fused_ops, err);
}

static const hd_field OPERATOR[] = {{"kind", true, read_kind},
                                    {"dims", true, read_dims}, /* before all that names dims */
                                    {"tensors", true, read_tensors},
                                    {"vector", false, read_vector},
                                    {"ops_per_point", false, read_ops},
                                    {"row_dims", false, read_row_dims},
                                    {"partial_bits", false, read_partial_bits},
                                    {"extra_reads", false, read_extra_reads},
                                    {"fused_ops", false, read_fused_ops},
                                    {0}};

hd_status hd_operator_read(const hd_node *node, hd_operator *out, hd_error *err) {
    hd_error inner;
    memset(out, 0, sizeof *out);
    HD_TRY(hd_fields_read(node, "operator", OPERATOR, out, err));
    hd_status status = hd_operator_check(out, &inner);
    return status == HD_OK ? HD_OK : hd_node_fail(node, err, "operator: %s", inner.message);
}
