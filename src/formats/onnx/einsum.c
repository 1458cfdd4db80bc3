/* Einsum: which matrix product is an equation of two operands?
 *
 * Labels in both operands and the output are batch, in one operand and the output M or N, in both operands
 * only K.  Equations of this form are one product; others (traces, diagonals, sums of one operand, ellipses)
 * keep the shape of their output where it can be told and are treated as unknown operators.                 */
#include "formats/onnx/ops.h"

#include <ctype.h>
#include <string.h>

#include "base/count.h"
#include "workload/kinds.h"

enum { LABELS = 128, MOST = 64 };

typedef struct equation {
    char text[2][HD_ONNX_RANK + 1], out[HD_ONNX_RANK + 1];
    int64_t extent[LABELS];
} equation;

/* Split "ab,bc->ac"; false for forms not served. */
static bool split(const Onnx__AttributeProto *a, equation *e)
{
    char *part[3] = {e->text[0], e->text[1], e->out};
    size_t length = 0;
    int at = 0;
    if (!a || !a->has_s || a->s.len > MOST) return false;
    for (size_t i = 0; i < a->s.len; i++) {
        char c = (char)a->s.data[i];
        if (c == ' ') continue;
        bool arrow = c == '-' && i + 1 < a->s.len && a->s.data[i + 1] == '>';
        if (arrow) i++;
        if (arrow ? at != 1 : c == ',' && at != 0) return false;
        if (arrow || c == ',') {
            at++;
            length = 0;
            continue;
        }
        if (!isalpha((unsigned char)c) || (c & 0x80) || length == HD_ONNX_RANK || strchr(part[at], c)) return false;
        part[at][length++] = c;
        part[at][length] = '\0';
    }
    return at == 2;
}

static bool read_equation(const hd_onnx_node *n, equation *e)
{
    memset(e, 0, sizeof *e);
    if (n->inputs != 2 || !hd_onnx_known(n, 0) || !hd_onnx_known(n, 1) || !split(hd_onnx_attribute(n, "equation"),
                                                                                 e))
        return false;
    for (int i = 0; i < 2; i++) {
        if ((int)strlen(e->text[i]) != n->in[i]->rank) return false;
        for (int k = 0; k < n->in[i]->rank; k++) {
            int64_t *extent = &e->extent[(unsigned char)e->text[i][k]];
            if (*extent > 1 && n->in[i]->dim[k] != 1 && *extent != n->in[i]->dim[k]) return false;
            *extent = hd_count_max(*extent, n->in[i]->dim[k]);
        }
    }
    for (const char *c = e->out; *c; c++)
        if (!strchr(e->text[0], *c) && !strchr(e->text[1], *c)) return false;
    return true;
}

hd_status hd_onnx_shape_einsum(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    equation e;
    int64_t dim[HD_ONNX_RANK];
    if (!read_equation(n, &e)) return HD_OK;
    int rank = (int)strlen(e.out);
    for (int i = 0; i < rank; i++) dim[i] = e.extent[(unsigned char)e.out[i]];
    return hd_onnx_shape(g, n, 0, rank, dim, err);
}

hd_status hd_onnx_layer_einsum(hd_onnx_graph *g, hd_onnx_node *n, hd_onnx_built *out, hd_error *err)
{
    equation e;
    int64_t size[2][2][2] = {{{1, 1}, {1, 1}}, {{1, 1}, {1, 1}}}; /* [in first][in second][in output] */
    if (!read_equation(n, &e)) return hd_onnx_layer_unknown(g, n, out, err);
    for (int c = 0; c < LABELS; c++) {
        bool a = c && strchr(e.text[0], c), b = c && strchr(e.text[1], c), o = c && strchr(e.out, c);
        if (!a && !b) continue;
        if (a != b && !o) return hd_onnx_layer_unknown(g, n, out, err);
        if (!hd_count_mul(size[a][b][o], e.extent[c], &size[a][b][o]))
            return hd_onnx_fail(g, n, err, "product too large");
    }
    out->product = true;
    out->role[HD_I] = n->in[0];
    out->role[HD_W] = n->in[1];
    out->weight_words = n->in[1]->constant ? hd_onnx_words(n->in[1]) : 0;
    int64_t batch = size[1][1][1], m = size[1][0][1];
    if (batch > 1) return hd_kind_matmul(batch, m, size[0][1][1], size[1][1][0], true, &out->op, err);
    return hd_kind_matmul(1, m, size[0][1][1], size[1][1][0], false, &out->op, err);
}
