/* The walk over the graph: for each node, what shape, which constant, which layer?
 *
 * A node whose operands are all constants is folded (products are not: a chip computes them); a view passes on who
 * made its operands; everything else becomes a layer.  Operators without a rule take the shape the file
 * stores, or that of their first operand, and are named in a warning.                                   */
#include "formats/onnx/ops.h"

#include <string.h>

static hd_status read_initialisers(hd_onnx_graph *g, hd_error *err)
{
    for (size_t i = 0; i < g->proto->n_initializer; i++) {
        const Onnx__TensorProto *t = g->proto->initializer[i];
        hd_onnx_value *v;
        if (!t->name) continue;
        HD_TRY(hd_onnx_value_of(g, t->name, &v, err));
        if (v->constant)
            return hd_fail_at(err, HD_ERR_INPUT, g->file, 0, 0, "initializer '%.100s' stands twice; expected once", t->name);
        const Onnx__NodeProto none = {0};
        hd_onnx_node n = {.proto = &none, .name = t->name, .op = "initializer", .outputs = 1, .out = &v};
        HD_TRY(hd_onnx_shape(g, &n, 0, t->n_dims > HD_ONNX_RANK ? HD_ONNX_RANK + 1 : (int)t->n_dims, t->dims, err));
        v->constant = true;
        v->type = t->data_type;
        HD_TRY(hd_onnx_read_tensor(g, t, v, err));
    }
    return HD_OK;
}

static hd_status note_stored(hd_onnx_graph *g, Onnx__ValueInfoProto *const *infos, size_t count, hd_error *err)
{
    for (size_t i = 0; i < count; i++) {
        hd_onnx_value *v;
        if (!infos[i]->name) continue;
        HD_TRY(hd_onnx_value_of(g, infos[i]->name, &v, err));
        v->stored = infos[i];
    }
    return HD_OK;
}

static hd_status read_operands(hd_onnx_graph *g, char *const *names, size_t count, int *n, hd_onnx_value ***out,
                               hd_error *err)
{
    *out = hd_arena_alloc(g->scratch, count + 1, sizeof **out);
    if (!*out) return hd_fail_memory(err);
    *n = (int)count;
    for (size_t i = 0; i < count; i++)
        if (*names[i]) HD_TRY(hd_onnx_value_of(g, names[i], &(*out)[i], err));
    return HD_OK;
}

static hd_status read_node(hd_onnx_graph *g, const Onnx__NodeProto *proto, hd_onnx_node *n, hd_error *err)
{
    n->proto = proto;
    n->op = proto->op_type ? proto->op_type : "";
    HD_TRY(read_operands(g, proto->input, proto->n_input, &n->inputs, &n->in, err));
    HD_TRY(read_operands(g, proto->output, proto->n_output, &n->outputs, &n->out, err));
    n->name = proto->name && *proto->name ? proto->name : n->outputs && n->out[0] ? n->out[0]->name : n->op;
    return HD_OK;
}

const hd_onnx_op *hd_onnx_rules(const hd_onnx_node *n)
{
    static const char *const domains[] = {"", "ai.onnx", "com.microsoft"};
    const char *domain = n->proto->domain ? n->proto->domain : "";
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++)
        if (strcmp(domain, domains[i]) == 0) return hd_onnx_find_op(n->op);
    return NULL;
}

/* Shapes by rule, else as stored, else (unknown operators) as the first operand. */
static hd_status infer(hd_onnx_graph *g, hd_onnx_node *n, const hd_onnx_op *op, bool *ruled, hd_error *err)
{
    if (op) HD_TRY(op->shape(g, n, err));
    *ruled = op && hd_onnx_out(n, 0) && n->out[0]->rank >= 0;
    for (int i = 0; i < n->outputs; i++) {
        hd_onnx_value *v = n->out[i];
        if (!v || v->rank >= 0) continue;
        int rank;
        int64_t dim[HD_ONNX_RANK];
        if (v->stored && hd_onnx_stored_shape(g, v->stored, &rank, dim))
            HD_TRY(hd_onnx_shape(g, n, i, rank, dim, err));
        else if (!op && hd_onnx_known(n, 0)) HD_TRY(hd_onnx_shape(g, n, i, n->in[0]->rank, n->in[0]->dim, err));
    }
    return HD_OK;
}

static bool all_constant(const hd_onnx_node *n)
{
    for (int i = 0; i < n->inputs; i++)
        if (n->in[i] && !n->in[i]->constant) return false;
    return true;
}

static bool is_product(const hd_onnx_op *op)
{
    static hd_onnx_layer_rule *const products[] = {hd_onnx_layer_conv, hd_onnx_layer_conv_transpose, hd_onnx_layer_product,
                                                   hd_onnx_layer_einsum, hd_onnx_layer_packed_product};
    for (size_t i = 0; op && i < sizeof products / sizeof *products; i++)
        if (op->layer == products[i]) return true;
    return false;
}

static bool is_metadata(const hd_onnx_op *op)
{
    return op && (op->shape == hd_onnx_shape_shape || op->shape == hd_onnx_shape_size);
}

enum { MOST_SOURCES = 4096 }; /* a view of more layers than this remembers the first ones */

/* All outputs come from these layers. */
static void set_sources(const hd_onnx_node *n, int count, const int *source)
{
    for (int i = 0; i < n->outputs; i++) {
        if (!n->out[i]) continue;
        n->out[i]->sources = count;
        n->out[i]->source = source;
    }
}

/* A view's outputs come from whoever made its operands. */
static hd_status pass_sources(hd_onnx_graph *g, const hd_onnx_node *n, hd_error *err)
{
    int count = 0, feeding = 0;
    const hd_onnx_value *only = NULL;
    for (int i = 0; i < n->inputs; i++) {
        if (!n->in[i] || n->in[i]->sources == 0) continue;
        only = n->in[i];
        feeding++;
        count += n->in[i]->sources;
    }
    if (feeding <= 1) {
        set_sources(n, only ? only->sources : 0, only ? only->source : NULL);
        return HD_OK;
    }
    if (count > MOST_SOURCES) count = MOST_SOURCES;
    int *all = hd_arena_alloc(g->scratch, (size_t)count, sizeof *all), used = 0;
    if (!all) return hd_fail_memory(err);
    for (int i = 0; i < n->inputs; i++)
        for (int k = 0; n->in[i] && k < n->in[i]->sources; k++) {
            bool seen = false;
            for (int j = 0; j < used && !seen; j++) seen = all[j] == n->in[i]->source[k];
            if (!seen && used < count) all[used++] = n->in[i]->source[k];
        }
    set_sources(n, used, all);
    return HD_OK;
}

static hd_status view(hd_onnx_graph *g, hd_onnx_node *n, const hd_onnx_op *op, hd_error *err)
{
    hd_onnx_value *out = hd_onnx_out(n, 0);
    bool keeps_words = op->shape != hd_onnx_shape_concat && op->shape != hd_onnx_shape_gather &&
        op->shape != hd_onnx_shape_expand;
    if (out && keeps_words && n->inputs > 0 && n->in[0] && out->rank >= 0 && n->in[0]->rank >= 0 &&
        out->repeat == 1 &&
        hd_onnx_words(out) == hd_onnx_words(n->in[0]))
        out->repeat = n->in[0]->repeat;
    return pass_sources(g, n, err);
}

/* The operands that a layer rule reads must be there and, as its output, have shapes. */
static hd_status check_operands(const hd_onnx_graph *g, const hd_onnx_node *n, const hd_onnx_op *op, hd_error *err)
{
    char why[HD_ONNX_WHY];
    bool free_form = !op || op->layer == hd_onnx_layer_eltwise || op->layer == hd_onnx_layer_unknown ||
                     op->layer == hd_onnx_layer_reduce || op->layer == hd_onnx_layer_einsum;
    int second = is_product(op) && op->layer != hd_onnx_layer_packed_product ? hd_onnx_weights_at(n) : 0;
    const int needed[2] = {0, second};
    if (!hd_onnx_out(n, 0)) return hd_onnx_fail(g, n, err, "it has no output; expected at least one");
    for (int i = 0; i < 2 && !free_form; i++) {
        const hd_onnx_value *v = hd_onnx_in(n, needed[i]);
        if (!v) return hd_onnx_fail(g, n, err, "its operand %d is absent; expected %d operands", needed[i] + 1, second + 1);
        if (v->rank >= 0) continue;
        hd_onnx_why_unknown(v, why);
        return hd_onnx_fail(g, n, err, "the shape of its operand '%.80s' is not known: %s", v->name, why);
    }
    if (n->out[0]->rank >= 0) return HD_OK;
    hd_onnx_why_unknown(n->out[0], why);
    return hd_onnx_fail(g, n, err, "the shape of its output '%.80s' cannot be told: %s", n->out[0]->name, why);
}

static hd_status layer(hd_onnx_graph *g, hd_onnx_node *n, const hd_onnx_op *op, bool ruled, hd_error *err)
{
    hd_onnx_built built = {0};
    hd_error why = {0};
    HD_TRY(check_operands(g, n, op, err));
    if (hd_onnx_words(n->out[0]) == 0) return pass_sources(g, n, err); /* nothing to compute */
    hd_onnx_layer_rule *rule = op && (ruled || !is_product(op)) ? op->layer : hd_onnx_layer_unknown;
    hd_status status = rule(g, n, &built, &why);
    if (status == HD_ERR_MEMORY) return hd_fail_memory(err);
    if (status != HD_OK && *why.file) return hd_fail_at(err, status, g->file, 0, 0, "%s", why.message);
    if (status != HD_OK) return hd_onnx_fail(g, n, err, "%s", why.message);
    int *index = hd_arena_alloc(g->scratch, 1, sizeof *index);
    if (!index) return hd_fail_memory(err);
    HD_TRY(hd_onnx_add_layer(g, n, &built, index, err));
    set_sources(n, 1, index);
    return HD_OK;
}

/* Bodies of control flow are networks of their own. */
static bool has_body(const hd_onnx_node *n)
{
    static const char *const flow[] = {"If", "Loop", "Scan"};
    bool any = false;
    for (size_t i = 0; i < sizeof flow / sizeof *flow; i++) any |= strcmp(n->op, flow[i]) == 0;
    return any;
}

static hd_status walk_node(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const hd_onnx_op *op = hd_onnx_rules(n);
    bool ruled;
    HD_TRY(infer(g, n, op, &ruled, err));
    if ((all_constant(n) && !is_product(op)) || (is_metadata(op) && ruled)) {
        for (int i = 0; i < n->outputs; i++)
            if (n->out[i]) n->out[i]->constant = true;
        if (ruled && op->fold) HD_TRY(op->fold(g, n, err));
        return HD_OK;
    }
    if (op && !op->layer) return view(g, n, op, err);
    if (!op)
        HD_TRY(hd_onnx_warn(g, n, err, "unknown operator %s%s%s, shape passed through%s",
                            n->proto->domain ? n->proto->domain : "", n->proto->domain && *n->proto->domain ? "." : "", n->op,
                            has_body(n) ? "; its body is not scheduled" : ""));
    return layer(g, n, op, ruled, err);
}

/* The layers that make the network's own outputs. */
static hd_status note_outputs(hd_onnx_graph *g, hd_error *err)
{
    for (size_t i = 0; i < g->proto->n_output; i++) {
        hd_onnx_value *v;
        if (!g->proto->output[i]->name) continue;
        HD_TRY(hd_onnx_value_of(g, g->proto->output[i]->name, &v, err));
        for (int k = 0; v && k < v->sources; k++)
            if (v->source[k] >= 0) g->net->layer[v->source[k]].leaves = true;
    }
    return HD_OK;
}

hd_status hd_onnx_walk(hd_onnx_graph *g, hd_error *err)
{
    size_t count = g->proto->n_node;
    if (count > 1 << 24) return hd_fail_at(err, HD_ERR_INPUT, g->file, 0, 0, "%zu nodes; at most 2^24", count);
    HD_TRY(read_initialisers(g, err));
    HD_TRY(note_stored(g, g->proto->value_info, g->proto->n_value_info, err));
    HD_TRY(note_stored(g, g->proto->output, g->proto->n_output, err));
    HD_TRY(hd_onnx_bind(g, err));
    hd_onnx_node *nodes = hd_arena_alloc(g->scratch, count + 1, sizeof *nodes);
    int *order = hd_arena_alloc(g->scratch, count + 1, sizeof *order);
    if (!nodes || !order) return hd_fail_memory(err);
    for (size_t i = 0; i < count; i++) HD_TRY(read_node(g, g->proto->node[i], &nodes[i], err));
    HD_TRY(hd_onnx_check(g, nodes, (int)count, err));
    HD_TRY(hd_onnx_order(g, nodes, (int)count, order, err));
    for (size_t i = 0; i < count; i++) HD_TRY(walk_node(g, &nodes[order[i]], err));
    return note_outputs(g, err);
}
