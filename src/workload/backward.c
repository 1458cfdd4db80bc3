/* Which layers send the gradients of a network's outputs back to its weights?
 *
 * Reverse mode over the layers, last first: the gradient of a layer's output is what its readers have sent back; it makes
 * the gradients of the weights and, where somebody before needs it, of the operands.  What several readers send is summed in
 * pairs, each pair when the second comes, so that fusion can do the sum while the second is made.  Concatenations and
 * slices stay views: readers of disjoint parts of a tensor send parts that need no sum.                    */
#include "workload/backward.h"

#include <stdio.h>
#include <string.h>

#include "workload/backward_layers.h"
#include "workload/backward_operator.h"
#include "workload/kinds.h"
#include "workload/values.h"
#include "workload/vector_ops.h"

static const char *const OPTIMIZER[HD_OPTIMIZERS] = {"none", "sgd"};

const char *hd_optimizer_name(hd_optimizer optimizer)
{
    return (unsigned)optimizer < HD_OPTIMIZERS ? OPTIMIZER[optimizer] : "?";
}

/* ---- who reads what ---- */

static bool is_product(const hd_operator *op)
{
    return op->kind == HD_CONV || op->kind == HD_CONV_TRANSPOSE || op->kind == HD_MATMUL;
}

/* Sum or product of operands that stand beside each other in I, one of each input. */
static bool is_stack(const hd_layer *layer)
{
    int e = layer->op.kind == HD_REDUCE_SUM ? hd_operator_dim(&layer->op, "E") : -1;
    return e >= 0 && layer->op.dim[e].extent == layer->inputs && strncmp(layer->op_name, "Reduce", 6) != 0;
}

/* Operands that input k is read as; what stands in no tensor of the operator counts as the main one. */
static unsigned feeds(const hd_layer *layer, int k)
{
    unsigned roles = hd_layer_roles(layer, k);
    return roles ? roles : HD_ROLE_BIT(HD_I);
}

/* The operand that is learned, or -1. */
static int parameter(const hd_layer *layer)
{
    unsigned fed = 0;
    if (layer->weight_words == 0 || !is_product(&layer->op)) return -1;
    for (int k = 0; k < layer->inputs; k++) fed |= feeds(layer, k);
    return fed & HD_ROLE_BIT(HD_W) ? HD_I : HD_W;
}

static bool needed(const hd_trainer *t, int producer)
{
    return producer >= 0 ? t->needs[producer] : t->options->input_gradients;
}

static hd_status gradient_of(const hd_layer *layer, hd_role wrt, hd_gradient *out, hd_error *err)
{
    hd_error inner;
    hd_status status = is_product(&layer->op) ? hd_backward_product(&layer->op, wrt, out, &inner)
                                              : hd_backward_vector(layer, wrt, is_stack(layer), out, &inner);
    return status == HD_OK ? HD_OK : hd_fail(err, status, "layer '%s': %s", layer->name, inner.message);
}

static hd_status find_needs(hd_trainer *t, hd_error *err)
{
    hd_gradient gradient;
    bool any = false;
    for (int l = 0; l < t->forward; l++) {
        const hd_layer *layer = &t->net->layer[l];
        bool needs = layer->weight_words > 0 || layer->repeats > 1;
        any = any || layer->weight_words > 0;
        for (int k = 0; k < layer->inputs; k++) needs = needs || needed(t, layer->input[k]);
        if (needs && !is_product(&layer->op)) {
            HD_TRY(gradient_of(layer, HD_I, &gradient, err));
            needs = gradient.form != HD_GRADIENT_STOPS;
        }
        t->needs[l] = needs;
    }
    return any ? HD_OK : hd_fail(err, HD_ERR_USAGE, "network '%s' has no weights: there is nothing to train", t->net->name);
}

/* ---- the layer of a gradient ---- */

/* What the tensor `source` of a forward layer, or its gradient, comes from.  `but`: without this input, or -1. */
static void read_source(hd_trainer *t, int of, int source, int but, hd_role role, hd_layer *into)
{
    const hd_layer *forward = &t->net->layer[of];
    const hd_arrival *a = &t->arrival[of];
    if (source == HD_O) hd_trainer_read(into, of, role);
    for (int n = 0; source == HD_READS_GRADIENT && n < a->nodes; n++) hd_trainer_read(into, a->node[n], role);
    if (source != HD_I && source != HD_W && source != HD_I2) return;
    for (int k = 0; k < forward->inputs; k++)
        if (k != but && feeds(forward, k) & HD_ROLE_BIT(source)) hd_trainer_read(into, forward->input[k], role);
}

/* The layer of a gradient. */
static hd_status work(hd_trainer *t, int of, const hd_gradient *gradient, const char *what, int count, int but, int *out,
                      hd_error *err)
{
    int most = t->net->layer[of].inputs * HD_ROLES + t->arrival[of].nodes * HD_ROLES;
    char op_name[HD_NAME];
    HD_TRY(hd_trainer_layer(t, of, what, count, most, out, err));
    hd_layer *layer = &t->net->layer[*out];
    layer->op = gradient->op;
    layer->makes = strcmp(what, "grad_weight") == 0 ? HD_MAKES_WEIGHT_GRADIENT : HD_MAKES_INPUT_GRADIENT;
    for (int r = 0; r < HD_ROLES; r++)
        if (gradient->reads[r] == HD_READS_GRADIENT) read_source(t, of, HD_READS_GRADIENT, -1, (hd_role)r, layer);
    for (int r = 0; r < HD_ROLES; r++)
        if (gradient->reads[r] != HD_READS_GRADIENT) read_source(t, of, gradient->reads[r], but, (hd_role)r, layer);
    snprintf(op_name, sizeof op_name, "%.96s_%s", t->net->layer[of].op_name,
             layer->makes == HD_MAKES_WEIGHT_GRADIENT ? "back_weight" : "back_activation");
    return hd_trainer_finish(t, *out, op_name, err);
}

/* ---- back through one layer ---- */

/* The inputs of `of` that feed `role` (or of them `only`) and need a gradient; the caller has room for all inputs. */
static int receivers(const hd_trainer *t, int of, hd_role role, int only, int *out)
{
    const hd_layer *layer = &t->net->layer[of];
    int count = 0;
    for (int k = 0; k < layer->inputs; k++)
        if (layer->input[k] >= 0 && t->needs[layer->input[k]] && feeds(layer, k) & HD_ROLE_BIT(role) && (only < 0 || only == k))
            out[count++] = layer->input[k];
    return count;
}

/* Move those for whom the same whole gradient has come as for the first to the front; how many they are. */
static int group(const hd_trainer *t, int *producer, int count)
{
    const hd_arrival *first = &t->arrival[producer[0]];
    int same = 1;
    for (int i = 1; i < count; i++) {
        int other = producer[i];
        if (!hd_arrival_alike(first, &t->arrival[other])) continue;
        producer[i] = producer[same];
        producer[same++] = other;
    }
    for (int i = 0; i < same; i++)
        if (t->arrival[producer[i]].words < hd_tensor_words(&t->net->layer[producer[i]].op, HD_O)) return 1;
    return first->nodes > 0 ? same : 1;
}

/* Send the gradient that `nodes` hold to the inputs of `of` that feed `role`; `only` one of them, or -1. */
static hd_status send(hd_trainer *t, int of, hd_role role, int only, const int *nodes, int count, hd_error *err)
{
    const hd_operator *op = &t->net->layer[of].op;
    bool stack = is_stack(&t->net->layer[of]);
    bool strided = role == HD_I && op->kind != HD_MATMUL && (is_product(op) || op->kind == HD_POOL);
    int64_t words = hd_tensor_words(op, stack ? HD_O : role), all = 0;
    int *producer = hd_arena_alloc(t->net->arena, (size_t)t->net->layer[of].inputs + 1, sizeof *producer);
    if (!producer) return hd_fail_memory(err);
    int left = receivers(t, of, role, only, producer);
    for (int i = 0; i < left; i++) all += hd_tensor_words(&t->net->layer[producer[i]].op, HD_O);
    while (left > 0) {
        int joined = !stack && all <= words ? group(t, producer, left) : 1;
        if (joined > 1) HD_TRY(hd_trainer_arrive_joined(t, producer, joined, nodes, count, err));
        else HD_TRY(hd_trainer_arrive(t, producer[0], nodes, count, words, strided, err));
        producer += joined;
        left -= joined;
    }
    return HD_OK;
}

/* Does anybody need the gradient of the operand? */
static bool operand_needed(const hd_trainer *t, int of, hd_role role, int only)
{
    const hd_layer *layer = &t->net->layer[of];
    bool needs = layer->repeats > 1 && role == HD_I; /* the executions before */
    for (int k = 0; k < layer->inputs; k++)
        if ((only < 0 || only == k) && feeds(layer, k) & HD_ROLE_BIT(role)) needs = needs || needed(t, layer->input[k]);
    return needs;
}

static hd_status through_operand(hd_trainer *t, int of, hd_role role, int only, int *count, hd_error *err)
{
    hd_gradient gradient;
    int at;
    if (!operand_needed(t, of, role, only)) return HD_OK;
    HD_TRY(gradient_of(&t->net->layer[of], role, &gradient, err));
    if (gradient.form == HD_GRADIENT_STOPS) return HD_OK;
    if (gradient.form == HD_GRADIENT_PASSES)
        return send(t, of, role, only, t->arrival[of].node, t->arrival[of].nodes, err);
    HD_TRY(work(t, of, &gradient, "grad_input", ++*count, only, &at, err));
    return send(t, of, role, only, &at, 1, err);
}

/* Executions of one layer share its weights: their gradients are summed. */
static hd_status sum_repeats(hd_trainer *t, int of, int *at, hd_error *err)
{
    int gradient = *at, repeats = t->net->layer[of].repeats;
    int64_t words = hd_tensor_words(&t->net->layer[gradient].op, HD_O);
    if (repeats == 1) return HD_OK;
    HD_TRY(hd_trainer_layer(t, of, "weight_sum", 1, 1, at, err));
    hd_layer *layer = &t->net->layer[*at];
    HD_TRY(hd_kind_eltwise(1, &words, true, 0, 1, &layer->op, err));
    hd_trainer_read(layer, gradient, HD_I);
    layer->repeats = repeats - 1;
    return hd_trainer_finish(t, *at, "Add", err);
}

/* W - rate * dW: one product and one difference per weight. */
static hd_status update(hd_trainer *t, int of, int gradient, hd_error *err)
{
    int at;
    HD_TRY(hd_trainer_layer(t, of, "update", 1, 1, &at, err));
    hd_layer *layer = &t->net->layer[at];
    const hd_tensor *weights = &t->net->layer[gradient].op.tensor[HD_O];
    int64_t words = hd_tensor_words(&t->net->layer[gradient].op, HD_O);
    HD_TRY(hd_kind_eltwise(1, &words, true, 0, 2, &layer->op, err));
    for (int r = 0; r < HD_ROLES; r++)
        if (layer->op.tensor[r].used) layer->op.tensor[r].bits = weights->bits;
    hd_trainer_read(layer, gradient, HD_I);
    layer->repeats = 1;
    layer->phase = HD_UPDATE;
    return hd_trainer_finish(t, at, "sgd", err);
}

static hd_status through_weights(hd_trainer *t, int of, hd_error *err)
{
    hd_gradient gradient;
    int role = parameter(&t->net->layer[of]), at;
    if (role < 0) return HD_OK;
    HD_TRY(gradient_of(&t->net->layer[of], (hd_role)role, &gradient, err));
    HD_TRY(work(t, of, &gradient, "grad_weight", 1, -1, &at, err));
    HD_TRY(sum_repeats(t, of, &at, err));
    return t->options->optimizer == HD_OPTIMIZER_SGD ? update(t, of, at, err) : HD_OK;
}

static hd_status through(hd_trainer *t, int of, hd_error *err)
{
    static const hd_role OPERANDS[] = {HD_I, HD_W, HD_I2};
    int count = 0, learned = parameter(&t->net->layer[of]);
    bool factors = is_stack(&t->net->layer[of]) && strcmp(t->net->layer[of].op_name, "reduce_prod") == 0;
    for (size_t i = 0; i < sizeof OPERANDS / sizeof *OPERANDS; i++)
        if (t->net->layer[of].op.tensor[OPERANDS[i]].used && (int)OPERANDS[i] != learned && !factors)
            HD_TRY(through_operand(t, of, OPERANDS[i], -1, &count, err));
    for (int k = 0; factors && k < t->net->layer[of].inputs; k++) HD_TRY(through_operand(t, of, HD_I, k, &count, err));
    return through_weights(t, of, err);
}

/* ---- the whole ---- */

/* Scale and shift of inference are a normalisation over all samples of a channel in training. */
static hd_status normalise_batches(hd_network *net, hd_error *err)
{
    for (int l = 0; l < net->layers; l++) {
        hd_layer *layer = &net->layer[l];
        hd_operator op;
        int64_t rows = hd_tensor_words(&layer->op, HD_I2), words = hd_tensor_words(&layer->op, HD_O);
        if (layer->op.kind != HD_ELTWISE || strcmp(layer->op_name, "BatchNormalization") != 0 || rows == 0) continue;
        HD_TRY(hd_kind_rowwise(HD_NORM, rows, words / rows, hd_vector_ops("LayerNormalization"), &op, err));
        for (int r = 0; r < HD_ROLES; r++) op.tensor[r].bits = layer->op.tensor[r].bits;
        layer->op = op;
        layer->ops = hd_operator_ops(&op);
        layer->file_shape[HD_I2].rank = -1;
    }
    return HD_OK;
}

/* Outputs nobody reads are the network's: their gradients are given. */
static hd_status give_outputs(hd_trainer *t, hd_error *err)
{
    for (int l = 0; l < t->forward; l++) t->arrival[l].words = hd_tensor_words(&t->net->layer[l].op, HD_O);
    for (int l = 0; l < t->forward; l++)
        for (int k = 0; k < t->net->layer[l].inputs; k++)
            if (t->net->layer[l].input[k] >= 0) t->arrival[t->net->layer[l].input[k]].words = 0;
    for (int l = 0; l < t->forward; l++)
        if (t->arrival[l].words > 0) HD_TRY(hd_arrival_keep(t, &t->arrival[l], -1, err));
    return HD_OK;
}

static hd_status copy_layers(hd_trainer *t, hd_error *err)
{
    hd_layer *layer = hd_arena_alloc(t->net->arena, (size_t)t->room, sizeof *layer);
    if (!layer) return hd_fail_memory(err);
    memcpy(layer, t->net->layer, (size_t)t->forward * sizeof *layer);
    t->net->layer = layer;
    return HD_OK;
}

static bool is_read(const hd_network *net, int layer)
{
    for (int l = layer + 1; l < net->layers; l++)
        for (int k = 0; k < net->layer[l].inputs; k++)
            if (net->layer[l].input[k] == layer) return true;
    return false;
}

hd_status hd_network_train(hd_network *net, const hd_training *training, hd_error *err)
{
    size_t layers = (size_t)net->layers + 1;
    hd_trainer t = {.net = net, .options = training, .forward = net->layers, .room = 4 * net->layers + 4,
                 .arrival = hd_arena_alloc(net->arena, layers, sizeof *t.arrival),
                 .needs = hd_arena_alloc(net->arena, layers, sizeof *t.needs)};
    if (!t.arrival || !t.needs) return hd_fail_memory(err);
    HD_TRY(copy_layers(&t, err));
    HD_TRY(normalise_batches(net, err));
    HD_TRY(find_needs(&t, err));
    HD_TRY(give_outputs(&t, err));
    for (int l = t.forward - 1; l >= 0; l--)
        if (t.needs[l] && t.arrival[l].nodes > 0) HD_TRY(through(&t, l, err));
    for (int l = t.forward; l < net->layers; l++) net->layer[l].leaves = !is_read(net, l);
    hd_network_seal(net);
    return HD_OK;
}
