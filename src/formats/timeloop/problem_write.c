/* How does an operator stand in Timeloop's problem format (v0.3)?
 *
 * Coefficients have names there: one per term of a rank that needs it, its value given by the instance.
 * Timeloop has no padding (an input reaches as far as its projection) and no fused work: both are named in a
 * comment, since Timeloop's own counts do not depend on them.  What would change them is refused. */
#include <string.h>

#include "formats/heddle/quote.h"
#include "formats/timeloop/parts.h"

static hd_status refuse(hd_error *err, const char *what) {
    return hd_fail(err, HD_ERR_USAGE, "Timeloop's problem format cannot express %s", what);
}

static bool same_bits(const hd_operator *op) {
    int bits = op->tensor[HD_O].bits;
    for (int r = 0; r < HD_ROLES; r++)
        if (op->tensor[r].used && op->tensor[r].bits != bits) return false;
    return op->partial_bits == 0 || op->partial_bits == bits;
}

static hd_status check(const hd_operator *op, hd_error *err) {
    if (op->vector || op->row_dims) return refuse(err, "vector operators, only multiply-accumulates");
    if (!op->tensor[HD_O].used) return refuse(err, "an operator without output");
    if (!same_bits(op))
        return refuse(err, "tensors of different bits per element, its words belong to the levels");
    for (int d = 0; d < op->dims; d++)
        if (strlen(op->dim[d].name) != 1)
            return refuse(err, "dimensions whose names are longer than one letter");
    for (int r = 0; r < HD_ROLES; r++)
        for (int i = 0; i < op->tensor[r].ranks; i++)
            if (op->tensor[r].used && op->tensor[r].rank[i].terms == 0)
                return refuse(err, "a rank that depends on no dimension");
    return HD_OK;
}

/* ---- coefficients ---- */

typedef struct coefficient {
    int role, dim;
    int64_t value;
} coefficient;

/* A dim occurs once in a tensor, so tensor and dim name a term. */
static int list_coefficients(const hd_operator *op, coefficient out[HD_ROLES * HD_MAX_DIMS]) {
    int count = 0;
    for (int r = 0; r < HD_ROLES; r++)
        for (int i = 0; i < op->tensor[r].ranks && op->tensor[r].used; i++)
            for (int k = 0; k < op->tensor[r].rank[i].terms; k++)
                if (op->tensor[r].rank[i].term[k].coef != 1)
                    out[count++] = (coefficient){r, op->tensor[r].rank[i].term[k].dim,
                                                 op->tensor[r].rank[i].term[k].coef};
    return count;
}

static void write_coefficient_name(const hd_operator *op, int role, int dim, hd_text *out) {
    hd_text_format(out, "step_%s_%s", hd_role_name((hd_role)role), op->dim[dim].name);
}

static void write_coefficients(const hd_operator *op, const coefficient *c, int count, hd_text *out) {
    if (count > 0) hd_text_append(out, "    coefficients:\n");
    for (int i = 0; i < count; i++) {
        hd_text_append(out, "    - {name: ");
        write_coefficient_name(op, c[i].role, c[i].dim, out);
        hd_text_format(out, ", default: %lld}\n", (long long)c[i].value);
    }
}

/* ---- tensors ---- */

static void write_rank(const hd_operator *op, int role, const hd_rank *rank, hd_text *out) {
    hd_text_append(out, "[");
    for (int k = 0; k < rank->terms; k++) {
        hd_text_format(out, "%s[\"%s\"", k ? ", " : "", op->dim[rank->term[k].dim].name);
        if (rank->term[k].coef != 1) {
            hd_text_append(out, ", ");
            write_coefficient_name(op, role, rank->term[k].dim, out);
        }
        hd_text_append(out, "]");
    }
    hd_text_append(out, "]");
}

static void write_tensor(const hd_operator *op, int role, hd_text *out) {
    const hd_tensor *t = &op->tensor[role];
    hd_text_append(out, "    - name: ");
    hd_quote(out, hd_tensor_name(op, (hd_role)role));
    hd_text_append(out, "\n      projection: [");
    for (int i = 0; i < t->ranks; i++) {
        if (i > 0) hd_text_append(out, ", ");
        write_rank(op, role, &t->rank[i], out);
    }
    hd_text_append(out, role == HD_O ? "]\n      read-write: true\n" : "]\n");
}

/* ---- the file ---- */

static bool has_padding(const hd_operator *op) {
    for (int r = 0; r < HD_ROLES; r++)
        for (int i = 0; i < op->tensor[r].ranks && op->tensor[r].used; i++) {
            const hd_rank *rank = &op->tensor[r].rank[i];
            int64_t reach = 1;
            for (int k = 0; k < rank->terms; k++)
                reach += rank->term[k].coef * (op->dim[rank->term[k].dim].extent - 1);
            if (rank->offset != 0 || rank->extent != reach) return true;
        }
    return false;
}

static void write_losses(const hd_operator *op, hd_text *out) {
    if (has_padding(op))
        hd_text_append(out,
                       "# padding is not said here: Timeloop's tensors reach as far as their projections\n");
    if (op->fused_ops || op->extra_reads)
        hd_text_append(
            out,
            "# work fused into this operator is not said here: Timeloop has multiply-accumulates only\n");
}

static void write_instance(const hd_operator *op, const coefficient *c, int count, hd_text *out) {
    hd_text_append(out, "  instance: {");
    for (int d = 0; d < op->dims; d++)
        hd_text_format(out, "%s\"%s\": %lld", d ? ", " : "", op->dim[d].name, (long long)op->dim[d].extent);
    for (int i = 0; i < count; i++) {
        hd_text_append(out, ", ");
        write_coefficient_name(op, c[i].role, c[i].dim, out);
        hd_text_format(out, ": %lld", (long long)c[i].value);
    }
    hd_text_append(out, "}\n");
}

hd_status hd_timeloop_write_problem(const hd_operator *op, const char *name, hd_text *out, hd_error *err) {
    coefficient c[HD_ROLES * HD_MAX_DIMS];
    int count = list_coefficients(op, c);
    HD_TRY(check(op, err));
    write_losses(op, out);
    hd_text_append(out, "problem:\n  shape:\n    name: ");
    hd_quote(out, name && *name ? name : hd_kind_name(op->kind));
    hd_text_append(out, "\n    dimensions: [");
    for (int d = 0; d < op->dims; d++) hd_text_format(out, "%s\"%s\"", d ? ", " : "", op->dim[d].name);
    hd_text_append(out, "]\n");
    write_coefficients(op, c, count, out);
    hd_text_append(out, "    data-spaces:\n");
    for (int r = 0; r < HD_ROLES; r++)
        if (op->tensor[r].used) write_tensor(op, r, out);
    write_instance(op, c, count, out);
    return hd_text_check(out, err);
}
