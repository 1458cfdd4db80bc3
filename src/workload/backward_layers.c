/* How do new layers stand in a network, and when are gradients of one tensor summed?
 *
 * When the second comes, in the words that both touch: slices lie apart as far as they can, strided readers touch the
 * same words.                                                                                             */
#include "workload/backward_layers.h"

#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "workload/kinds.h"

static hd_status check_name(const hd_trainer *t, const char *name, hd_error *err)
{
    for (int l = 0; l < t->forward; l++)
        if (strcmp(t->net->layer[l].name, name) == 0)
            return hd_fail(err, HD_ERR_USAGE, "layer '%s' has the name of a backward layer; give it another", name);
    return HD_OK;
}

hd_status hd_trainer_layer(hd_trainer *t, int of, const char *what, int count, int inputs, int *out, hd_error *err)
{
    hd_network *net = t->net;
    if (net->layers == t->room) {
        hd_layer *larger = hd_arena_alloc(net->arena, (size_t)t->room * 2, sizeof *larger);
        if (!larger) return hd_fail_memory(err);
        memcpy(larger, net->layer, (size_t)net->layers * sizeof *larger);
        net->layer = larger;
        t->room *= 2;
    }
    char number[16] = "";
    if (count > 1) snprintf(number, sizeof number, "%d", count);
    hd_layer *layer = &net->layer[net->layers];
    *layer = (hd_layer){.name = hd_arena_format(net->arena, "%s.%s%s", net->layer[of].name, what, number),
                        .input = hd_arena_alloc(net->arena, (size_t)inputs + 1, sizeof *layer->input),
                        .input_roles = hd_arena_alloc(net->arena, (size_t)inputs + 1, sizeof *layer->input_roles),
                        .fused_into = -1, .repeats = net->layer[of].repeats, .phase = HD_BACKWARD};
    if (!layer->name || !layer->input || !layer->input_roles) return hd_fail_memory(err);
    *out = net->layers++;
    return check_name(t, layer->name, err);
}

hd_status hd_trainer_finish(hd_trainer *t, int at, const char *op_name, hd_error *err)
{
    hd_layer *layer = &t->net->layer[at];
    layer->op_name = hd_arena_text(t->net->arena, op_name);
    if (!layer->op_name) return hd_fail_memory(err);
    HD_TRY(hd_layer_measure(t->net->arena, layer, err));
    layer->weight_words = 0; /* they are the forward layer's */
    return HD_OK;
}

void hd_trainer_read(hd_layer *layer, int producer, hd_role role)
{
    layer->input_roles[layer->inputs] = HD_ROLE_BIT(role);
    layer->input[layer->inputs++] = producer;
}

hd_status hd_arrival_keep(hd_trainer *t, hd_arrival *a, int node, hd_error *err)
{
    if (a->nodes == a->room) {
        int room = a->room ? 2 * a->room : 4;
        int *larger = hd_arena_alloc(t->net->arena, (size_t)room, sizeof *larger);
        if (!larger) return hd_fail_memory(err);
        if (a->nodes) memcpy(larger, a->node, (size_t)a->nodes * sizeof *larger);
        a->node = larger;
        a->room = room;
    }
    a->node[a->nodes++] = node;
    return HD_OK;
}

/* A sum of two gradients of the output of `of`, shaped like it where its layers stay as they are listed. */
static hd_status sum_operator(const hd_network *net, int of, int64_t words, hd_operator *out, hd_error *err)
{
    const hd_operator *made = &net->layer[of].op;
    const char *const names[] = {"N", "G", "K", "P", "Q"};
    int64_t extent[5];
    for (int i = 0; i < 5; i++) {
        int d = hd_operator_dim(made, names[i]);
        extent[i] = d >= 0 && hd_tensor_dims(made, HD_O) >> d & 1u ? made->dim[d].extent : 1;
    }
    bool maps = made->kind != HD_MATMUL && extent[0] * extent[1] * extent[2] * extent[3] * extent[4] == words;
    if (net->unfused && maps) HD_TRY(hd_kind_reduce_maps(2, extent[0], extent[1] * extent[2], extent[3], extent[4], out, err));
    else if (net->unfused) HD_TRY(hd_kind_reduce_sum(2, words, out, err));
    else HD_TRY(hd_kind_eltwise(1, &words, true, 0, 1, out, err));
    for (int r = 0; r < HD_ROLES; r++)
        if (out->tensor[r].used) out->tensor[r].bits = made->tensor[HD_O].bits;
    return HD_OK;
}

/* `words` of what has come meet as many of `nodes`. */
static hd_status add(hd_trainer *t, int of, const int *nodes, int count, int64_t words, hd_error *err)
{
    hd_arrival *a = &t->arrival[of];
    int at;
    HD_TRY(hd_trainer_layer(t, of, "grad_sum", ++a->sums, a->nodes + count, &at, err));
    hd_layer *layer = &t->net->layer[at];
    HD_TRY(sum_operator(t->net, of, words, &layer->op, err));
    for (int n = 0; n < a->nodes; n++) hd_trainer_read(layer, a->node[n], HD_I);
    for (int n = 0; n < count; n++) hd_trainer_read(layer, nodes[n], t->net->unfused ? HD_I : HD_I2);
    HD_TRY(hd_trainer_finish(t, at, t->net->unfused ? "reduce_sum" : "Add", err));
    if (words == a->words) a->nodes = 0; /* nothing of theirs lies outside */
    return hd_arrival_keep(t, a, at, err);
}

hd_status hd_trainer_arrive(hd_trainer *t, int of, const int *nodes, int count, int64_t words, bool strided, hd_error *err)
{
    hd_arrival *a = &t->arrival[of];
    int64_t all = hd_tensor_words(&t->net->layer[of].op, HD_O);
    words = hd_count_min(words, all);
    int64_t both = a->words + words - all; /* slices lie apart as far as they can */
    if (strided || a->strided) both = hd_count_min(a->words, words);
    bool summed = a->nodes > 0 && both > 0;
    if (summed) HD_TRY(add(t, of, nodes, count, both, err));
    for (int n = 0; n < count && (!summed || both < words); n++) HD_TRY(hd_arrival_keep(t, a, nodes[n], err));
    a->words = strided || a->strided ? hd_count_max(a->words, words) : hd_count_min(all, a->words + words);
    a->strided = (strided && words < all) || (a->strided && a->words < all);
    return HD_OK;
}
