/* Layers of the network: name, operator, file shapes and who feeds whom, from a node that is done. */
#include "formats/onnx/ops.h"

#include <string.h>

static hd_status make_room(hd_onnx_graph *g, hd_error *err)
{
    hd_network *net = g->net;
    hd_layer *larger = hd_arena_grow(net->arena, net->layer, sizeof *larger, net->layers, &g->layer_room, 64);
    if (!larger) return hd_fail_memory(err);
    net->layer = larger;
    return HD_OK;
}

/* Names are unique: a second layer of one name gets a number.  The map remembers how many had it. */
static hd_status unique_name(hd_onnx_graph *g, const char *wanted, const char **out, hd_error *err)
{
    const char *name = hd_arena_text(g->net->arena, wanted);
    if (!name) return hd_fail_memory(err);
    int *uses = hd_onnx_map_get(&g->layer_names, wanted);
    while (uses) {
        name = hd_arena_format(g->net->arena, "%s_%d", wanted, ++*uses);
        if (!name) return hd_fail_memory(err);
        if (!hd_onnx_map_get(&g->layer_names, name)) break;
    }
    int *fresh = hd_arena_alloc(g->scratch, 1, sizeof *fresh);
    if (!fresh) return hd_fail_memory(err);
    *fresh = 1;
    *out = name;
    return hd_onnx_map_put(&g->layer_names, g->scratch, name, fresh, err);
}

static hd_status set_file_shape(hd_arena *arena, const hd_onnx_value *v, hd_file_shape *out, hd_error *err)
{
    out->rank = v ? v->rank : -1;
    if (out->rank <= 0) return HD_OK;
    out->extent = hd_arena_alloc(arena, (size_t)v->rank, sizeof *out->extent);
    if (!out->extent) return hd_fail_memory(err);
    memcpy(out->extent, v->dim, (size_t)v->rank * sizeof *out->extent);
    return HD_OK;
}

/* Which roles of the layer a value is; a sum of many stacks all its operands into one. */
static unsigned roles_of(const hd_onnx_built *built, const hd_onnx_value *v)
{
    unsigned roles = built->op.kind == HD_REDUCE_SUM ? HD_ROLE_BIT(HD_I) : 0;
    for (int r = 0; r < HD_ROLES; r++)
        if (r != HD_O && built->role[r] == v) roles |= HD_ROLE_BIT(r);
    return roles;
}

static void add_inputs(hd_layer *l, const hd_onnx_built *built, const hd_onnx_value *v, int room)
{
    for (int i = 0; v && i < v->sources; i++) {
        int k = 0;
        while (k < l->inputs && (v->source[i] < 0 || l->input[k] != v->source[i])) k++;
        if (k == l->inputs && l->inputs == room) return;
        if (k == l->inputs) l->input[l->inputs++] = v->source[i];
        l->input_roles[k] |= roles_of(built, v);
    }
}

/* Producers, the main operand's first, then in the order of the roles, then of the node. */
static hd_status connect(hd_onnx_graph *g, const hd_onnx_node *n, const hd_onnx_built *built, hd_layer *l,
                         hd_error *err)
{
    int room = 0;
    for (int i = 0; i < n->inputs; i++) room += n->in[i] ? n->in[i]->sources : 0;
    l->input = hd_arena_alloc(g->net->arena, (size_t)room + 1, sizeof *l->input);
    l->input_roles = hd_arena_alloc(g->net->arena, (size_t)room + 1, sizeof *l->input_roles);
    if (!l->input || !l->input_roles) return hd_fail_memory(err);
    const hd_onnx_value *main = built->role[HD_I], *second = built->role[HD_I2];
    add_inputs(l, built, main, room);
    if (second != main) add_inputs(l, built, second, room);
    for (int i = 0; i < n->inputs; i++) {
        bool again = n->in[i] == main || n->in[i] == second;
        for (int k = 0; k < i && !again; k++) again = n->in[k] == n->in[i];
        if (!again) add_inputs(l, built, n->in[i], room);
    }
    return HD_OK;
}

hd_status hd_onnx_add_layer(hd_onnx_graph *g, const hd_onnx_node *n, const hd_onnx_built *built, int *layer,
                            hd_error *err)
{
    hd_network *net = g->net;
    HD_TRY(make_room(g, err));
    *layer = net->layers;
    hd_layer *l = &net->layer[net->layers++];
    HD_TRY(unique_name(g, n->name, &l->name, err));
    l->op_name = hd_arena_text(net->arena, n->op);
    if (!l->op_name) return hd_fail_memory(err);
    l->op = built->op;
    l->fused_into = -1;
    l->repeats = 1;
    l->weight_words = built->weight_words;
    l->macs = built->product ? hd_operator_macs(&l->op) : 0;
    l->ops = hd_operator_ops(&l->op);
    for (int r = 0; r < HD_ROLES; r++) {
        const hd_onnx_value *v = r == HD_O ? n->out[0] : built->role[r];
        HD_TRY(set_file_shape(net->arena, l->op.tensor[r].used ? v : NULL, &l->file_shape[r], err));
    }
    return connect(g, n, built, l, err);
}
