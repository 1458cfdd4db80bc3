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
    hd_layer *larger = hd_arena_grow(net->arena, net->layer, sizeof *larger, net->layers, &t->room, 4);
    if (!larger) return hd_fail_memory(err);
    net->layer = larger;
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
    int *larger = hd_arena_grow(t->net->arena, a->node, sizeof *larger, a->nodes, &a->room, 4);
    if (!larger) return hd_fail_memory(err);
    a->node = larger;
    a->node[a->nodes++] = node;
    return HD_OK;
}

/* A sum of two gradients of the output of `of`, or of it and others beside it; shaped like it where layers stay as they are
 * listed. */
static hd_status sum_operator(const hd_network *net, int of, int64_t words, hd_operator *out, hd_error *err)
{
    const hd_operator *made = &net->layer[of].op;
    const char *const names[] = {"N", "P", "Q"};
    int64_t extent[3], flat = 1;
    for (int i = 0; i < 3; i++) {
        int d = hd_operator_dim(made, names[i]);
        extent[i] = d >= 0 && hd_tensor_dims(made, HD_O) >> d & 1u ? made->dim[d].extent : 1;
        flat *= extent[i];
    }
    bool maps = made->kind != HD_MATMUL && words % flat == 0;
    if (net->unfused && maps) HD_TRY(hd_kind_reduce_maps(2, extent[0], words / flat, extent[1], extent[2], out, err));
    else if (net->unfused) HD_TRY(hd_kind_reduce_sum(2, words, out, err));
    else HD_TRY(hd_kind_eltwise(1, &words, true, 0, 1, out, err));
    for (int r = 0; r < HD_ROLES; r++)
        if (out->tensor[r].used) out->tensor[r].bits = made->tensor[HD_O].bits;
    return HD_OK;
}

/* `words` of what has come meet as many of `nodes`; `*at` is their sum. */
static hd_status add(hd_trainer *t, int of, const int *nodes, int count, int64_t words, int *at, hd_error *err)
{
    hd_arrival *a = &t->arrival[of];
    HD_TRY(hd_trainer_layer(t, of, "grad_sum", ++a->sums, a->nodes + count, at, err));
    hd_layer *layer = &t->net->layer[*at];
    HD_TRY(sum_operator(t->net, of, words, &layer->op, err));
    for (int n = 0; n < a->nodes; n++) hd_trainer_read(layer, a->node[n], HD_I);
    for (int n = 0; n < count; n++) hd_trainer_read(layer, nodes[n], t->net->unfused ? HD_I : HD_I2);
    return hd_trainer_finish(t, *at, t->net->unfused ? "reduce_sum" : "Add", err);
}

hd_status hd_trainer_arrive(hd_trainer *t, int of, const int *nodes, int count, int64_t words, bool strided, hd_error *err)
{
    hd_arrival *a = &t->arrival[of];
    int64_t all = hd_tensor_words(&t->net->layer[of].op, HD_O);
    words = hd_count_min(words, all);
    int64_t both = a->words + words - all; /* slices lie apart as far as they can */
    if (strided || a->strided) both = hd_count_min(a->words, words);
    bool summed = a->nodes > 0 && both > 0;
    int sum;
    if (summed) HD_TRY(add(t, of, nodes, count, both, &sum, err));
    if (summed && both == a->words) a->nodes = 0; /* nothing of theirs lies outside */
    if (summed) HD_TRY(hd_arrival_keep(t, a, sum, err));
    for (int n = 0; n < count && (!summed || both < words); n++) HD_TRY(hd_arrival_keep(t, a, nodes[n], err));
    a->words = strided || a->strided ? hd_count_max(a->words, words) : hd_count_min(all, a->words + words);
    a->strided = (strided && words < all) || (a->strided && a->words < all);
    return HD_OK;
}

bool hd_arrival_alike(const hd_arrival *a, const hd_arrival *b)
{
    return a->nodes == b->nodes && a->strided == b->strided && !a->strided &&
           (a->nodes == 0 || memcmp(a->node, b->node, (size_t)a->nodes * sizeof *a->node) == 0);
}

hd_status hd_trainer_arrive_joined(hd_trainer *t, const int *of, int joined, const int *nodes, int count, hd_error *err)
{
    int64_t words = 0;
    int sum;
    for (int i = 0; i < joined; i++) words += hd_tensor_words(&t->net->layer[of[i]].op, HD_O);
    HD_TRY(add(t, of[0], nodes, count, words, &sum, err));
    for (int i = 0; i < joined; i++) {
        t->arrival[of[i]].nodes = 0;
        HD_TRY(hd_arrival_keep(t, &t->arrival[of[i]], sum, err));
    }
    return HD_OK;
}
