/* Matrix products: which M, N, K and batch do MatMul, Gemm, FusedMatMul and their integer forms have?  */
#include "formats/onnx/ops.h"

#include <string.h>

static bool is_gemm(const hd_onnx_node *n)
{
    return strcmp(n->op, "Gemm") == 0 || strcmp(n->op, "FusedGemm") == 0 || strcmp(n->op, "QGemm") == 0;
}

/* Broadcast the batch dims of both operands: all but their last two. */
static bool batches(const hd_onnx_value *a, const hd_onnx_value *b, hd_onnx_product *p)
{
    hd_onnx_value batch_a = *a, batch_b = *b;
    batch_a.rank = a->rank > 2 ? a->rank - 2 : 0;
    batch_b.rank = b->rank > 2 ? b->rank - 2 : 0;
    p->batch_a = hd_onnx_words(&batch_a);
    p->batch_b = hd_onnx_words(&batch_b);
    const hd_onnx_value *both[] = {&batch_a, &batch_b};
    return hd_onnx_broadcast(both, 2, &p->batch_rank, p->batch);
}

hd_status hd_onnx_read_product(const hd_onnx_graph *g, const hd_onnx_node *n, hd_onnx_product *p, hd_error *err)
{
    memset(p, 0, sizeof *p);
    p->a = n->in[0];
    p->b = n->in[hd_onnx_weights_at(n)];
    if (p->a->rank < 1 || p->b->rank < 1 || (is_gemm(n) && (p->a->rank != 2 || p->b->rank != 2)))
        return hd_onnx_fail(g, n, err, "operands of %d and %d dimensions; expected %s", p->a->rank, p->b->rank,
                            is_gemm(n) ? "2 and 2" : "at least 1");
    bool swap_a = hd_onnx_int(n, "transA", 0) != 0, swap_b = hd_onnx_int(n, "transB", 0) != 0;
    p->flat_a = p->a->rank == 1;
    p->flat_b = p->b->rank == 1;
    const int64_t *da = p->a->dim + (p->flat_a ? 0 : p->a->rank - 2), *db = p->b->dim + (p->flat_b
                                                                                         ? 0 : p->b->rank - 2);
    p->m = p->flat_a ? 1 : da[swap_a];
    p->k = p->flat_a ? p->a->dim[0] : da[!swap_a];
    p->n = p->flat_b ? 1 : db[!swap_b];
    int64_t k = p->flat_b ? p->b->dim[0] : db[swap_b];
    if (k != p->k)
        return hd_onnx_fail(g, n, err, "inner dimensions differ: '%s' has %lld, '%s' has %lld", p->a->name,
                            (long long)p->k,
                            p->b->name, (long long)k);
    if (!batches(p->a, p->b, p))
        return hd_onnx_fail(g, n, err, "batch dimensions of '%s' and '%s' do not fit", p->a->name, p->b->name);
    return HD_OK;
}

hd_status hd_onnx_shape_product(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0) || !hd_onnx_known(n, hd_onnx_weights_at(n))) return HD_OK;
    if (hd_onnx_int(n, "transBatchA", 0) || hd_onnx_int(n, "transBatchB", 0)) return HD_OK;
    hd_onnx_product p;
    HD_TRY(hd_onnx_read_product(g, n, &p, err));
    int rank = p.batch_rank;
    int64_t dim[HD_ONNX_RANK + 2];
    memcpy(dim, p.batch, sizeof p.batch);
    if (!p.flat_a) dim[rank++] = p.m;
    if (!p.flat_b) dim[rank++] = p.n;
    return hd_onnx_shape(g, n, 0, rank, dim, err);
}

/* MatMulNBits and the like: the weights are packed, their extents are the attributes K and N. */
hd_status hd_onnx_shape_packed_product(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_known(n, 0) || n->in[0]->rank < 1) return HD_OK;
    int64_t dim[HD_ONNX_RANK];
    const hd_onnx_value *a = n->in[0];
    memcpy(dim, a->dim, sizeof dim);
    if (dim[a->rank - 1] != hd_onnx_int(n, "K", -1))
        return hd_onnx_fail(g, n, err, "inner dimensions differ: '%s' has %lld, attribute K is %lld", a->name,
                            (long long)dim[a->rank - 1], (long long)hd_onnx_int(n, "K", -1));
    dim[a->rank - 1] = hd_onnx_int(n, "N", -1);
    return hd_onnx_shape(g, n, 0, a->rank, dim, err);
}
