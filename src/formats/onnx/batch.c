/* --batch N on a file that fixes its own batch: which of its numbers mean the batch?
 *
 * Activations follow the graph's inputs.  What was written down once does not: the target of a reshape or expansion that
 * repeats the file's batch as a literal, and constants of one sample that stand beside activations (a class token).  A
 * number means the batch where it is the file's, and stands where the operand has the user's.                       */
#include "formats/onnx/graph.h"

#include "base/count.h"

bool hd_onnx_rebatches(const hd_onnx_graph *g)
{
    return g->options->batch > 0 && g->file_batch > 0 && g->options->batch != g->file_batch;
}

void hd_onnx_rebatch_beside(const hd_onnx_graph *g, const int64_t *given, int rank, int64_t *written)
{
    for (int i = 0; hd_onnx_rebatches(g) && i < rank; i++)
        if (written[i] == g->file_batch && given[i] == g->options->batch) written[i] = given[i];
}

/* Does dimension `to` of the target begin (or, past a hole, end) where dimension `from` of the operand does? */
static bool in_line(const hd_onnx_value *x, int from, const int64_t *dim, int rank, int hole, int to)
{
    if (hole < 0 || hole > to) return hd_onnx_span(x->dim, 0, from) == hd_onnx_span(dim, 0, to);
    return from > 0 && hd_onnx_span(x->dim, from + 1, x->rank) == hd_onnx_span(dim, to + 1, rank);
}

void hd_onnx_rebatch_target(const hd_onnx_graph *g, const hd_onnx_value *x, const int64_t *target, int hole, int rank,
                            int64_t *dim)
{
    int64_t batch = g->options->batch, written = g->file_batch, words = 1, wanted;
    if (!hd_onnx_rebatches(g)) return;
    for (int i = 0; i < rank; i++)
        if (i != hole && !hd_count_mul(words, dim[i], &words)) return;
    if (hole < 0 && (!hd_count_mul(words / written, batch, &wanted) || wanted != hd_onnx_words(x))) return;
    for (int from = 0; from < x->rank; from++)
        for (int to = 0; to < rank; to++)
            if (x->dim[from] == batch && target[to] == written && in_line(x, from, dim, rank, hole, to)) {
                dim[to] = batch;
                return;
            }
}
