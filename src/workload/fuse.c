/* Fusion: which element-wise work needs no traffic of its own?
 *
 * An element-wise layer (also a per-channel scale and shift) fuses into the producer of its main operand when
 * that producer makes exactly the words it reads and nobody else reads them: it then happens while the
 * words pass.  With two streamed operands it fuses into the later producer, counted at the root of the chain of
 * fusions; the other operand becomes extra reads, and must be complete before that root runs.
 * Layers come in topological order, so one pass settles chains.                                          */
#include "workload/network.h"

#include "base/count.h"

/* How many layers read the output of each layer. */
static hd_status count_consumers(const hd_network *net, int **out, hd_error *err)
{
    int *count = hd_arena_alloc(net->arena, (size_t)net->layers + 1, sizeof *count);
    if (!count) return hd_fail_memory(err);
    for (int i = 0; i < net->layers; i++)
        for (int k = 0; k < net->layer[i].inputs; k++) {
            bool again = false;
            int from = net->layer[i].input[k];
            for (int j = 0; j < k && !again; j++) again = net->layer[i].input[j] == from;
            if (from >= 0 && !again) count[from]++;
        }
    *out = count;
    return HD_OK;
}

static int root_of(const hd_network *net, int layer)
{
    if (layer < 0) return -1;
    return net->layer[layer].fused_into >= 0 ? net->layer[layer].fused_into : layer;
}

/* The operand that can be fused along: its producer's words are this layer's, and it has no other reader. */
static bool streams(const hd_network *net, const hd_layer *l, int producer, const int *consumers)
{
    if (producer < 0 || consumers[producer] != 1 || net->layer[producer].repeats != l->repeats) return false;
    int64_t words = hd_tensor_words(&l->op, HD_O);
    return hd_tensor_words(&l->op, HD_I) == words && hd_tensor_words(&net->layer[producer].op, HD_O) == words;
}

/* Root to fuse into, or -1. */
static int find_root(const hd_network *net, const hd_layer *l, const int *consumers)
{
    if (l->op.kind != HD_ELTWISE || l->op.vector == false || l->inputs < 1) return -1;
    if (l->inputs == 1) return streams(net, l, l->input[0], consumers) ? root_of(net, l->input[0]) : -1;
    if (l->inputs != 2) return -1;
    int first = root_of(net, l->input[0]), second = root_of(net, l->input[1]);
    if (first == second) return -1;
    int later = l->input[first < second];
    if (!streams(net, l, later, consumers)) return -1;
    return first > second ? first : second;
}

/* Backward work waits for the outputs of the whole network. */
static bool waits(const hd_layer *root, const hd_layer *l)
{
    return root->phase == HD_FORWARD && l->phase != HD_FORWARD;
}

/* Words of the operand that does not come through the root. */
static int64_t other_words(const hd_layer *l)
{
    int64_t second = hd_tensor_words(&l->op, HD_I2);
    bool streamed = l->inputs == 2 || second == hd_tensor_words(&l->op, HD_O);
    return streamed ? second : 0; /* parameters per channel stay with the vector unit */
}

static hd_status absorb(hd_operator *root, const hd_layer *l, hd_error *err)
{
    if (!hd_count_add(root->fused_ops, l->ops, &root->fused_ops) ||
        !hd_count_add(root->extra_reads, other_words(l), &root->extra_reads))
        return hd_fail(err, HD_ERR_INPUT, "layer '%s': fused work of more than 2^63 operations", l->name);
    return HD_OK;
}

hd_status hd_network_fuse(hd_network *net, hd_error *err)
{
    int *consumers;
    if (net->unfused) return HD_OK;
    HD_TRY(count_consumers(net, &consumers, err));
    for (int i = 0; i < net->layers; i++) {
        hd_layer *l = &net->layer[i];
        int root = find_root(net, l, consumers);
        if (root < 0 || waits(&net->layer[root], l)) continue;
        HD_TRY(absorb(&net->layer[root].op, l, err));
        l->fused_into = root;
    }
    hd_network_seal(net);
    return HD_OK;
}
