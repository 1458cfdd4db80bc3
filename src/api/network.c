/* Networks for users of the library: which file, name, text or operator string does `source` mean? */
#include "api/handles.h"

#include <stdio.h>
#include <string.h>

#include "formats/heddle/network_yaml.h"
#include "formats/onnx/onnx.h"
#include "report/show_json.h"
#include "report/table.h"
#include "workload/backward.h"
#include "workload/kinds.h"

enum { MAX_DIMS_BOUND = 64 };

static bool ends_with(const char *text, const char *tail)
{
    size_t n = strlen(text), t = strlen(tail);
    return n >= t && strcmp(text + n - t, tail) == 0;
}

/* Our own binding of symbolic dimensions as the ONNX reader wants it. */
static hd_status onnx_options(const hd_network_options *o, hd_onnx_dim dim[MAX_DIMS_BOUND], hd_onnx_options *out,
                              hd_error *err)
{
    if (o->dims > MAX_DIMS_BOUND)
        return hd_fail(err, HD_ERR_USAGE, "%d dimensions bound, at most %d", o->dims, (int)MAX_DIMS_BOUND);
    for (int d = 0; d < o->dims; d++) {
        if (o->dim[d].value < 1)
            return hd_fail(err, HD_ERR_USAGE, "--dim %s: %lld found, at least 1 expected", o->dim[d].name,
                           (long long)o->dim[d].value);
        dim[d] = (hd_onnx_dim){o->dim[d].name, o->dim[d].value};
    }
    *out = (hd_onnx_options){.batch = o->batch, .dims = o->dims, .dim = dim};
    return HD_OK;
}

hd_status hd_network_of_operator(const hd_operator *op, const char *name, const char *op_name, hd_network **out,
                                 hd_error *err)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    if (!arena) return hd_fail_memory(err);
    hd_network *net = hd_arena_alloc(arena, 1, sizeof *net);
    hd_layer *layer = hd_arena_alloc(arena, 1, sizeof *layer);
    char *own_name = hd_arena_text(arena, name), *own_op = hd_arena_text(arena, op_name);
    if (!net || !layer || !own_name || !own_op) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    int batch = hd_operator_dim(op, op->kind == HD_MATMUL ? "B" : "N");
    *layer = (hd_layer){.name = own_name, .op_name = own_op, .op = *op, .fused_into = -1, .repeats = 1};
    hd_status status = hd_layer_measure(arena, layer, err);
    if (status != HD_OK) {
        hd_arena_free(arena);
        return status;
    }
    *net = (hd_network){.arena = arena, .name = own_name, .batch = batch >= 0 ? op->dim[batch].extent : 1,
                        .layers = 1, .layer = layer};
    hd_network_seal(net);
    *out = net;
    return HD_OK;
}

/* A network of one layer, as an operator string means it; the whole string is the network's name. */
static hd_status one_layer(const char *text, hd_network **out, hd_error *err)
{
    hd_operator op;
    char kind[32] = "";
    HD_TRY(hd_kind_parse(text, &op, err));
    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(text, "("), text);
    HD_TRY(hd_network_of_operator(&op, kind, kind, out, err));
    (*out)->name = hd_arena_text((*out)->arena, text);
    if ((*out)->name) return HD_OK;
    hd_network_free(*out);
    return hd_fail_memory(err);
}

static hd_status train(const hd_network_options *o, hd_network *net, hd_error *err)
{
    hd_training training = {.input_gradients = o->input_gradients};
    const char *optimizer = o->optimizer ? o->optimizer : hd_optimizer_name(HD_OPTIMIZER_NONE);
    while (training.optimizer < HD_OPTIMIZERS && strcmp(optimizer, hd_optimizer_name(training.optimizer)) != 0)
        training.optimizer++;
    if (training.optimizer == HD_OPTIMIZERS)
        return hd_fail(err, HD_ERR_USAGE, "--optimizer: found '%s', expected none or sgd", optimizer);
    if (!o->training && (training.optimizer != HD_OPTIMIZER_NONE || o->input_gradients))
        return hd_fail(err, HD_ERR_USAGE, "--optimizer and --input-gradients are for --training");
    return o->training ? hd_network_train(net, &training, err) : HD_OK;
}

/* What every network goes through after it is read. */
static hd_status finish(const hd_context *context, const hd_network_options *o, hd_network *net, hd_error *err)
{
    for (int r = 0; r < HD_ROLES; r++)
        if (o->bits[r] < 0 || o->bits[r] > 64)
            return hd_fail(err, HD_ERR_USAGE, "--bits %s=%d: from 1 to 64 expected", hd_role_name((hd_role)r),
                           o->bits[r]);
    if (o->partial_bits < 0 || o->partial_bits > 64)
        return hd_fail(err, HD_ERR_USAGE, "--bits partial=%d: from 1 to 64 expected", o->partial_bits);
    hd_network_bits(net, o->bits, o->partial_bits);
    HD_TRY(train(o, net, err));
    if (!o->no_fuse) HD_TRY(hd_network_fuse(net, err));
    hd_network_seal(net);
    for (int w = 0; w < net->warnings; w++) hd_context_log(context, net->warning[w]);
    return HD_OK;
}

static hd_status no_dims(const hd_network_options *o, const char *source, hd_error *err)
{
    if (o->dims == 0) return HD_OK;
    return hd_fail(err, HD_ERR_USAGE, "%s: --dim binds dimensions of ONNX files; here the extents stand in the text itself",
                   source);
}

static hd_status no_batch(const hd_network_options *o, const char *source, hd_error *err)
{
    if (o->batch == 0) return no_dims(o, source, err);
    return hd_fail(err, HD_ERR_USAGE, "%s: --batch is for networks; here the extents stand in the text itself: change N "
                   "(or B, M of a product) there", source);
}

/* An operator list as the options want it. */
static hd_status rebatch(const hd_network_options *o, hd_network *net, hd_error *err)
{
    hd_status status = o->batch > 0 ? hd_network_rebatch(net, o->batch, err) : HD_OK;
    if (status != HD_OK) hd_network_free(net);
    return status;
}

HD_API hd_status hd_network_open(hd_context *context, const char *source, const hd_network_options *options,
                                 hd_network **out, hd_error *err)
{
    hd_network_options o;
    hd_stamp_copy(&o, sizeof o, options, options ? options->size : 0);
    hd_network *net = NULL;
    if (strchr(source, '(')) {
        HD_TRY(no_batch(&o, source, err));
        HD_TRY(one_layer(source, &net, err));
    } else {
        char path[HD_PATH];
        HD_TRY(hd_zoo_find("nets", source, path, err));
        if (ends_with(path, ".onnx")) {
            hd_onnx_dim dim[MAX_DIMS_BOUND];
            hd_onnx_options onnx;
            HD_TRY(onnx_options(&o, dim, &onnx, err));
            HD_TRY(hd_onnx_read_file(path, &onnx, &net, err));
        } else {
            HD_TRY(no_dims(&o, source, err));
            HD_TRY(hd_network_read_file(path, &net, err));
            HD_TRY(rebatch(&o, net, err));
        }
    }
    hd_status status = finish(context, &o, net, err);
    if (status != HD_OK) {
        hd_network_free(net);
        return status;
    }
    *out = net;
    return HD_OK;
}

HD_API hd_status hd_network_parse(hd_context *context, const char *format, const void *bytes, size_t length,
                                  const hd_network_options *options, hd_network **out, hd_error *err)
{
    hd_network_options o;
    hd_stamp_copy(&o, sizeof o, options, options ? options->size : 0);
    hd_network *net = NULL;
    if (strcmp(format, "onnx") == 0) {
        hd_onnx_dim dim[MAX_DIMS_BOUND];
        hd_onnx_options onnx;
        HD_TRY(onnx_options(&o, dim, &onnx, err));
        HD_TRY(hd_onnx_read(bytes, length, NULL, &onnx, &net, err));
    } else if (strcmp(format, "yaml") == 0) {
        HD_TRY(no_dims(&o, "network", err));
        HD_TRY(hd_network_read(bytes, length, NULL, &net, err));
        HD_TRY(rebatch(&o, net, err));
    } else {
        return hd_fail(err, HD_ERR_USAGE, "format '%s': \"onnx\" or \"yaml\" expected", format);
    }
    hd_status status = finish(context, &o, net, err);
    if (status != HD_OK) {
        hd_network_free(net);
        return status;
    }
    *out = net;
    return HD_OK;
}

HD_API const char *hd_network_name(const hd_network *network) { return network->name; }
HD_API int hd_network_layers(const hd_network *network) { return network->layers; }

HD_API const char *hd_network_layer_name(const hd_network *network, int layer)
{
    return layer >= 0 && layer < network->layers ? network->layer[layer].name : NULL;
}

HD_API int64_t hd_network_macs(const hd_network *network)
{
    int64_t macs = 0;
    for (int i = 0; i < network->layers; i++) macs += network->layer[i].macs * network->layer[i].repeats;
    return macs;
}

HD_API hd_status hd_network_table(hd_context *context, const hd_network *network, char **out, hd_error *err)
{
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    hd_table_network(network, &text);
    return hd_text_give(&text, out, err);
}

HD_API hd_status hd_network_json(hd_context *context, const hd_network *network, char **out, hd_error *err)
{
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    hd_status status = hd_show_json(network, &text, err);
    if (status != HD_OK) {
        hd_text_free(&text);
        return status;
    }
    return hd_text_give(&text, out, err);
}
