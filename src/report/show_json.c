/* Which operators does a network hold?  MACs and ops of a layer are its own, before fusion, of one execution;
 * the totals count every execution, and the weights of repeated executions once.                         */
#include "report/show_json.h"

#include "base/count.h"
#include "report/json_writer.h"
#include "report/layer_json.h"

static void write_shape(hd_json *json, const char *key, int rank, const int64_t *extent) {
    hd_json_open(json, key, '[');
    for (int i = 0; i < rank; i++) hd_json_int(json, NULL, extent[i]);
    hd_json_close(json, ']');
}

static void write_tensor(hd_json *json, const hd_layer *layer, hd_role role) {
    const hd_tensor *tensor = &layer->op.tensor[role];
    const hd_file_shape *file = &layer->file_shape[role];
    int64_t extent[HD_MAX_RANKS];
    for (int r = 0; r < tensor->ranks; r++) extent[r] = tensor->rank[r].extent;
    hd_json_open_flat(json, hd_tensor_name(&layer->op, role), '{');
    write_shape(json, "shape", tensor->ranks, extent);
    hd_json_int(json, "words", hd_tensor_words(&layer->op, role));
    if (file->rank < 0)
        hd_json_null(json, "file_shape");
    else
        write_shape(json, "file_shape", file->rank, file->extent);
    hd_json_close(json, '}');
}

static void write_operator(hd_json *json, const hd_network *net, const hd_layer *layer) {
    hd_json_open(json, NULL, '{');
    hd_json_text(json, "name", layer->name);
    hd_json_text(json, "op", layer->op_name ? layer->op_name : hd_kind_name(layer->op.kind));
    hd_dims_json(json, &layer->op);
    hd_json_int(json, "macs", layer->macs);
    hd_json_int(json, "ops", layer->ops);
    hd_json_text(json, "fused_into", layer->fused_into >= 0 ? net->layer[layer->fused_into].name : NULL);
    hd_json_open(json, "tensors", '{');
    for (int r = 0; r < HD_ROLES; r++)
        if (layer->op.tensor[r].used) write_tensor(json, layer, (hd_role)r);
    hd_json_close(json, '}');
    hd_json_close(json, '}');
}

static bool add_times(int64_t *sum, int64_t value, int64_t times) {
    int64_t product;
    return hd_count_mul(value, times, &product) && hd_count_add(*sum, product, sum);
}

hd_status hd_show_json(const hd_network *network, hd_text *text, hd_error *err) {
    int64_t macs = 0, ops = 0, weights = 0;
    bool fits = true;
    hd_json json;
    for (int l = 0; l < network->layers; l++) {
        const hd_layer *layer = &network->layer[l];
        fits = fits && add_times(&macs, layer->macs, layer->repeats) &&
               add_times(&ops, layer->ops, layer->repeats) && add_times(&weights, layer->weight_words, 1);
    }
    if (!fits) return hd_fail(err, HD_ERR_INPUT, "network '%s': its totals reach 2^63", network->name);
    hd_json_begin(&json, text);
    hd_json_open(&json, NULL, '{');
    hd_json_text(&json, "heddle", "network/1");
    hd_json_text(&json, "network", network->name);
    hd_json_int(&json, "batch", network->batch);
    hd_json_open(&json, "totals", '{');
    hd_json_int(&json, "operators", network->layers);
    hd_json_int(&json, "macs", macs);
    hd_json_int(&json, "ops", ops);
    hd_json_int(&json, "weight_words", weights);
    hd_json_close(&json, '}');
    hd_json_open(&json, "operators", '[');
    for (int l = 0; l < network->layers; l++) write_operator(&json, network, &network->layer[l]);
    hd_json_close(&json, ']');
    hd_json_close(&json, '}');
    hd_text_append(text, "\n");
    return hd_text_check(text, err);
}
