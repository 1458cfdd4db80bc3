/* Which network does a list of operators name? */
#include "formats/heddle/network_yaml.h"

#include <limits.h>
#include <string.h>

#include "base/count.h"
#include "base/text.h"
#include "formats/heddle/operator_yaml.h"
#include "formats/heddle/quote.h"
#include "syntax/fields.h"
#include "syntax/file.h"
#include "syntax/yaml.h"
#include "workload/feed.h"
#include "workload/kinds.h"

typedef struct reader {
    hd_network *network;
    const hd_node *op, *kind, *dims, *whole; /* of the layer being read */
    bool chain, fuse;
    int at;
} reader;

static hd_layer *layer_of(void *t) {
    reader *r = t;
    return &r->network->layer[r->at];
}

static hd_status read_name(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    const char *name;
    HD_TRY(hd_node_text(v, "name", &name, err));
    for (int l = 0; l < r->at; l++)
        if (strcmp(r->network->layer[l].name, name) == 0)
            return hd_node_fail(v, err, "name: '%s' is already the name of an operator", name);
    layer_of(t)->name = hd_arena_text(r->network->arena, name);
    return layer_of(t)->name ? HD_OK : hd_fail_memory(err);
}

static hd_status take_op(const hd_node *v, void *t, hd_error *err) {
    ((reader *)t)->op = v;
    return hd_node_expect(v, HD_NODE_SCALAR, "op", err);
}

static hd_status take_kind(const hd_node *v, void *t, hd_error *err) {
    ((reader *)t)->kind = v;
    return hd_node_expect(v, HD_NODE_SCALAR, "kind", err);
}

static hd_status take_dims(const hd_node *v, void *t, hd_error *err) {
    ((reader *)t)->dims = v;
    return hd_node_expect(v, HD_NODE_MAP, "dims", err);
}

static hd_status take_operator(const hd_node *v, void *t, hd_error *err) {
    ((reader *)t)->whole = v;
    return hd_node_expect(v, HD_NODE_MAP, "operator", err);
}

static hd_status find_input(reader *r, const hd_node *v, int *out, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    *out = -1;
    if (hd_node_is_null(v)) return HD_OK;
    for (int l = 0; l < r->at; l++)
        if (hd_node_is(v, r->network->layer[l].name)) *out = l;
    if (*out >= 0) return HD_OK;
    return hd_node_fail(v, err, "inputs: found %s, expected the name of an operator listed before, or null",
                        hd_node_shown(v, shown));
}

static hd_status read_inputs(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    hd_layer *layer = layer_of(t);
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "inputs", err));
    layer->inputs = v->items;
    layer->input = hd_arena_alloc(r->network->arena, (size_t)v->items + 1, sizeof *layer->input);
    if (!layer->input) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++) HD_TRY(find_input(r, v->item[i], &layer->input[i], err));
    return HD_OK;
}

static hd_status read_repeats(const hd_node *v, void *t, hd_error *err) {
    int64_t repeats;
    HD_TRY(hd_node_int(v, "repeats", 1, INT_MAX, &repeats, err));
    layer_of(t)->repeats = (int)repeats;
    return HD_OK;
}

static const hd_field OPERATOR[] = {{"name", true, read_name},      {"op", false, take_op},
                                    {"kind", false, take_kind},     {"dims", false, take_dims},
                                    {"inputs", false, read_inputs}, {"repeats", false, read_repeats},
                                    {"src", false, NULL},           {"operator", false, take_operator},
                                    {0}};

/* kind and dims as the line that names the same operator. */
static hd_status join(const reader *r, hd_text *line, hd_error *err) {
    const char *kind;
    HD_TRY(hd_node_text(r->kind, "kind", &kind, err));
    hd_text_format(line, "%s(", kind);
    for (int d = 0; d < r->dims->items; d++) {
        const char *key;
        int64_t value;
        HD_TRY(hd_node_text(r->dims->key[d], "dims", &key, err));
        HD_TRY(hd_node_int(r->dims->item[d], key, 0, HD_COUNT_EXACT, &value, err));
        hd_text_format(line, "%s%s=%lld", d > 0 ? "," : "", key, (long long)value);
    }
    hd_text_append(line, ")");
    return hd_text_check(line, err);
}

static hd_status parse(reader *r, const hd_node *where, const char *line, hd_error *err) {
    hd_error inner;
    hd_layer *layer = layer_of(r);
    hd_status status = hd_kind_parse(line, &layer->op, &inner);
    if (status != HD_OK) return hd_node_fail(where, err, "%s", inner.message);
    layer->op_name = hd_arena_textn(r->network->arena, line, strcspn(line, "( \t"));
    return layer->op_name ? HD_OK : hd_fail_memory(err);
}

/* An operator in full, as schedules hold it; `op` beside it is only its name. */
static hd_status read_whole(reader *r, hd_error *err) {
    hd_layer *layer = layer_of(r);
    const char *name;
    HD_TRY(hd_operator_read(r->whole, &layer->op, err));
    name = hd_kind_name(layer->op.kind);
    if (r->op) HD_TRY(hd_node_text(r->op, "op", &name, err));
    layer->op_name = hd_arena_text(r->network->arena, name);
    return layer->op_name ? HD_OK : hd_fail_memory(err);
}

static hd_status read_shape_of(reader *r, const hd_node *node, hd_error *err) {
    const char *line;
    if (r->whole && !r->kind && !r->dims) return read_whole(r, err);
    if (r->op && !r->whole && !r->kind && !r->dims) {
        HD_TRY(hd_node_text(r->op, "op", &line, err));
        return parse(r, r->op, line, err);
    }
    if (r->op || r->whole || !r->kind || !r->dims)
        return hd_node_fail(node, err, "operator: expected either op, or kind and dims, or operator");
    hd_text text;
    hd_text_init(&text, NULL, 0);
    hd_status status = join(r, &text, err);
    if (status == HD_OK) status = parse(r, r->kind, text.data, err);
    hd_text_free(&text);
    return status;
}

/* Operators in full were written by a reader that resolved the views between them. */
static hd_status check_inputs(const reader *r, const hd_node *node, int layer, hd_error *err) {
    const hd_node *inputs = hd_node_get(node, "inputs");
    char why[HD_FEED_WORDS];
    if (hd_node_get(node, "operator") || hd_layer_is_fed(r->network, layer, why)) return HD_OK;
    return hd_node_fail(inputs ? inputs : node, err, "inputs: %s", why);
}

static hd_status read_operator(reader *r, const hd_node *node, hd_error *err) {
    hd_layer *layer = layer_of(r);
    r->op = r->kind = r->dims = r->whole = NULL;
    layer->fused_into = -1;
    layer->repeats = 1;
    layer->inputs = 1;
    layer->input = hd_arena_alloc(r->network->arena, 1, sizeof *layer->input);
    if (!layer->input) return hd_fail_memory(err);
    layer->input[0] = r->chain ? r->at - 1 : -1;
    HD_TRY(hd_fields_read(node, "operator", OPERATOR, r, err));
    HD_TRY(read_shape_of(r, node, err));
    HD_TRY(hd_layer_measure(r->network->arena, layer, err));
    r->network->layers = ++r->at;
    return HD_OK;
}

static hd_status read_operators(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "operators", err));
    if (v->items == 0) return hd_node_fail(v, err, "operators: found none, expected at least one");
    r->network->layer = hd_arena_alloc(r->network->arena, (size_t)v->items, sizeof *r->network->layer);
    if (!r->network->layer) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++) HD_TRY(read_operator(r, v->item[i], err));
    for (int i = 0; i < v->items; i++) HD_TRY(check_inputs(r, v->item[i], i, err)); /* splits have readers further down */
    return HD_OK;
}

static hd_status read_format(const hd_node *v, void *t, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    (void)t;
    if (hd_node_is(v, "network/1")) return HD_OK;
    return hd_node_fail(v, err, "heddle: found %s, expected network/1", hd_node_shown(v, shown));
}

static hd_status read_network_name(const hd_node *v, void *t, hd_error *err) {
    hd_network *net = ((reader *)t)->network;
    const char *name;
    HD_TRY(hd_node_text(v, "name", &name, err));
    net->name = hd_arena_text(net->arena, name);
    return net->name ? HD_OK : hd_fail_memory(err);
}

static hd_status read_batch(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "batch", 1, HD_COUNT_EXACT, &((reader *)t)->network->batch, err);
}

static hd_status read_chain(const hd_node *v, void *t, hd_error *err) {
    return hd_node_bool(v, "chain", &((reader *)t)->chain, err);
}

static hd_status read_fuse(const hd_node *v, void *t, hd_error *err) {
    return hd_node_bool(v, "fuse", &((reader *)t)->fuse, err);
}

static const hd_field NETWORK[] = {{"heddle", true, read_format},
                                   {"name", true, read_network_name},
                                   {"about", false, NULL},
                                   {"batch", false, read_batch},
                                   {"chain", false, read_chain}, /* before the operators */
                                   {"fuse", false, read_fuse},
                                   {"operators", true, read_operators},
                                   {"src", false, NULL},
                                   {0}};

static hd_status read_in(hd_network *net, hd_arena *scratch, const char *text, size_t length,
                         const char *file, hd_error *err) {
    hd_node *root;
    reader r = {.network = net, .fuse = true};
    HD_TRY(hd_yaml_read(text, length, file, scratch, &root, err));
    HD_TRY(hd_fields_read(root, "network", NETWORK, &r, err));
    net->unfused = !r.fuse;
    if (net->batch == 0) net->batch = hd_network_samples(net);
    hd_network_seal(net);
    return HD_OK;
}

hd_status hd_network_read(const char *text, size_t length, const char *file, hd_network **out,
                          hd_error *err) {
    hd_arena *arena = hd_arena_new(NULL, 0), *scratch = hd_arena_new(NULL, 0);
    hd_network *net = arena && scratch ? hd_arena_alloc(arena, 1, sizeof *net) : NULL;
    hd_status status = net ? HD_OK : hd_fail_memory(err);
    if (net) {
        net->arena = arena;
        status = read_in(net, scratch, text, length, file, err);
    }
    hd_arena_free(scratch);
    if (status == HD_OK)
        *out = net;
    else
        hd_arena_free(arena);
    return status;
}

hd_status hd_network_read_file(const char *path, hd_network **out, hd_error *err) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    char *text;
    size_t length;
    if (!arena) return hd_fail_memory(err);
    hd_status status = hd_file_read(path, arena, &text, &length, err);
    if (status == HD_OK) status = hd_network_read(text, length, path, out, err);
    hd_arena_free(arena);
    return status;
}

void hd_network_write_inputs(const hd_network *net, const hd_layer *layer, hd_text *text) {
    hd_text_append(text, "  inputs: [");
    for (int i = 0; i < layer->inputs; i++) {
        if (i > 0) hd_text_append(text, ", ");
        if (layer->input[i] < 0)
            hd_text_append(text, "null");
        else
            hd_quote(text, net->layer[layer->input[i]].name);
    }
    hd_text_append(text, "]\n");
}

static void write_layer(const hd_network *net, const hd_layer *layer, hd_text *text) {
    hd_text_append(text, "- name: ");
    hd_quote(text, layer->name);
    hd_text_append(text, "\n  op: ");
    hd_quote(text, layer->op_name ? layer->op_name : hd_kind_name(layer->op.kind));
    hd_text_append(text, "\n  operator: ");
    hd_operator_write(&layer->op, text);
    hd_text_append(text, "\n");
    hd_network_write_inputs(net, layer, text);
    hd_text_format(text, "  repeats: %d\n", layer->repeats);
}

void hd_network_write(const hd_network *net, hd_text *text) {
    hd_text_append(text, "heddle: network/1\nname: ");
    hd_quote(text, net->name);
    hd_text_format(text, "\nbatch: %lld\n%soperators:\n", (long long)net->batch,
                   net->unfused ? "fuse: false\n" : "");
    for (int l = 0; l < net->layers; l++) write_layer(net, &net->layer[l], text);
}
