/* Which layer's output does each layer read, and as what? */
#include "workload/values.h"

int hd_layer_root(const hd_network *net, int layer)
{
    if (layer < 0) return -1;
    return net->layer[layer].fused_into >= 0 ? net->layer[layer].fused_into : layer;
}

unsigned hd_layer_roles(const hd_layer *layer, int index)
{
    if (layer->input_roles) return layer->input_roles[index];
    if (index == 0 || layer->op.kind == HD_REDUCE_SUM || layer->weight_words > 0) return HD_ROLE_BIT(HD_I);
    if (index > 1) return 0;
    return layer->op.tensor[HD_I2].used ? HD_ROLE_BIT(HD_I2) : layer->op.tensor[HD_W].used ? HD_ROLE_BIT(HD_W) : 0;
}

/* What the layer reads, as part of its root.  The stream from the root itself is no reading; a second operand of fused
 * work is the root's extra input. */
static int list_reads(const hd_network *net, int index, hd_read *out)
{
    const hd_layer *layer = &net->layer[index];
    int root = hd_layer_root(net, index), count = 0;
    for (int i = 0; i < layer->inputs; i++) {
        int from = hd_layer_root(net, layer->input[i]);
        if (root != index && from == root) continue;
        out[count++] = (hd_read){from, root == index ? hd_layer_roles(layer, i) : HD_ROLE_BIT(HD_I2)};
    }
    return count;
}

static void note_readers(const hd_network *net, hd_value *value)
{
    for (int i = 0; i < net->layers; i++)
        for (int k = 0; k < value[i].reads; k++) {
            int from = value[i].read[k].value;
            if (from >= 0 && i > value[from].last_read) value[from].last_read = i;
        }
}

hd_status hd_network_values(const hd_network *net, hd_arena *arena, hd_value **out, hd_error *err)
{
    hd_value *value = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *value);
    if (!value) return hd_fail_memory(err);
    for (int i = 0; i < net->layers; i++) value[i].last_read = -1;
    for (int i = 0; i < net->layers; i++) {
        if (net->layer[i].fused_into >= 0) continue;
        int room = 0;
        for (int k = i; k < net->layers; k++)
            if (hd_layer_root(net, k) == i) room += net->layer[k].inputs;
        hd_read *read = hd_arena_alloc(arena, (size_t)room + 1, sizeof *read);
        if (!read) return hd_fail_memory(err);
        value[i].read = read;
        value[i].words = hd_tensor_words(&net->layer[i].op, HD_O);
        for (int k = i; k < net->layers; k++) {
            if (hd_layer_root(net, k) != i) continue;
            value[i].reads += list_reads(net, k, read + value[i].reads);
            value[i].leaves |= net->layer[k].leaves;
        }
    }
    note_readers(net, value);
    *out = value;
    return HD_OK;
}
