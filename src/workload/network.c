/* A network as a whole: its word sizes, its hash, its end. */
#include "workload/network.h"

#include <string.h>

#include "workload/values.h"

static hd_status set_file_shape(hd_arena *arena, const hd_tensor *tensor, hd_file_shape *shape, hd_error *err)
{
    shape->rank = tensor->used ? tensor->ranks : -1;
    if (!tensor->used) return HD_OK;
    shape->extent = hd_arena_alloc(arena, HD_MAX_RANKS, sizeof *shape->extent);
    if (!shape->extent) return hd_fail_memory(err);
    for (int r = 0; r < tensor->ranks; r++) shape->extent[r] = tensor->rank[r].extent;
    return HD_OK;
}

/* W of a product of two activations has their batch. */
static bool learned(const hd_operator *op)
{
    int batch = op->kind == HD_MATMUL ? hd_operator_dim(op, "B") : -1;
    return !op->vector && !(batch >= 0 && op->dim[batch].extent > 1 && hd_tensor_dims(op, HD_W) >> batch & 1u);
}

hd_status hd_layer_measure(hd_arena *arena, hd_layer *layer, hd_error *err)
{
    const hd_operator *op = &layer->op;
    layer->macs = hd_operator_macs(op);
    layer->ops = hd_operator_ops(op);
    layer->weight_words = learned(op) ? hd_tensor_words(op, HD_W) : 0;
    for (int r = 0; r < HD_ROLES; r++) HD_TRY(set_file_shape(arena, &op->tensor[r], &layer->file_shape[r], err));
    return HD_OK;
}

void hd_network_bits(hd_network *net, const int bits[HD_ROLES], int partial_bits)
{
    for (int i = 0; i < net->layers; i++) {
        hd_operator *op = &net->layer[i].op;
        for (int r = 0; r < HD_ROLES; r++)
            if (op->tensor[r].used && bits[r] > 0) op->tensor[r].bits = bits[r];
        if (partial_bits > 0) op->partial_bits = partial_bits;
    }
    hd_network_seal(net);
}

void hd_network_free(hd_network *net)
{
    if (net) hd_arena_free(net->arena);
}

/* FNV-1a, eight bytes at a time: a name for contents, not a defence. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    for (int i = 0; i < 8; i++, word >>= 8) hash = (hash ^ (word & 0xff)) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return mix(hash, 0);
}

void hd_network_seal(hd_network *net)
{
    uint64_t hash = mix(UINT64_C(14695981039346656037), (uint64_t)net->layers);
    hash = mix(hash, (uint64_t)net->batch);
    for (int i = 0; i < net->layers; i++) {
        const hd_layer *l = &net->layer[i];
        hash = mix_text(hash, l->name);
        hash = mix_text(hash, l->op_name);
        hash = mix(hash, hd_operator_hash(&l->op));
        hash = mix(hash, (uint64_t)(int64_t)l->fused_into);
        hash = mix(hash, (uint64_t)l->repeats);
        hash = mix(hash, (uint64_t)l->macs);
        hash = mix(hash, (uint64_t)l->ops);
        hash = mix(hash, (uint64_t)l->weight_words);
        hash = mix(hash, l->leaves);
        if (l->makes != HD_MAKES_OUTPUT) hash = mix(hash, (uint64_t)l->makes); /* as before there was the word */
        for (int k = 0; k < l->inputs; k++) {
            hash = mix(hash, (uint64_t)(int64_t)l->input[k]);
            hash = mix(hash, hd_layer_roles(l, k));
        }
    }
    net->hash = hash;
}
