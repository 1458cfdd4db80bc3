/* In which order are the nodes walked?  Producers first, file order where that leaves a choice. */
#include "formats/onnx/graph.h"

enum { UNSEEN, OPEN, DONE };

typedef struct visit { int node, next; } visit;

static hd_status map_producers(hd_onnx_graph *g, hd_onnx_node *nodes, int count, hd_onnx_map *producers,
                               hd_error *err)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < nodes[i].outputs; k++)
            if (nodes[i].out[k])
                HD_TRY(hd_onnx_map_put(producers, g->scratch, nodes[i].out[k]->name, &nodes[i], err));
    return HD_OK;
}

/* Depth first from `root`, with a stack of our own: graphs may be deep. */
static hd_status walk_from(hd_onnx_graph *g, hd_onnx_node *nodes, int root, const hd_onnx_map *producers,
                           unsigned char *state, visit *stack, int *order, int *ordered, hd_error *err)
{
    int depth = 0;
    stack[depth++] = (visit){root, 0};
    state[root] = OPEN;
    while (depth > 0) {
        visit *top = &stack[depth - 1];
        const hd_onnx_node *n = &nodes[top->node];
        if (top->next == n->inputs) {
            state[top->node] = DONE;
            order[(*ordered)++] = top->node;
            depth--;
            continue;
        }
        const hd_onnx_value *v = n->in[top->next++];
        hd_onnx_node *producer = v ? hd_onnx_map_get(producers, v->name) : NULL;
        if (!producer || v->constant) continue;
        int index = (int)(producer - nodes);
        if (state[index] == OPEN)
            return hd_onnx_fail(g, n, err, "'%s' depends on itself: the graph has a cycle", v->name);
        if (state[index] == DONE) continue;
        state[index] = OPEN;
        stack[depth++] = (visit){index, 0};
    }
    return HD_OK;
}

hd_status hd_onnx_order(hd_onnx_graph *g, hd_onnx_node *nodes, int count, int *order, hd_error *err)
{
    hd_onnx_map producers = {0};
    unsigned char *state = hd_arena_alloc(g->scratch, (size_t)count + 1, 1);
    visit *stack = hd_arena_alloc(g->scratch, (size_t)count + 1, sizeof *stack);
    int ordered = 0;
    if (!state || !stack) return hd_fail_memory(err);
    HD_TRY(map_producers(g, nodes, count, &producers, err));
    for (int i = 0; i < count; i++)
        if (state[i] == UNSEEN) HD_TRY(walk_from(g, nodes, i, &producers, state, stack, order, &ordered, err));
    return HD_OK;
}
