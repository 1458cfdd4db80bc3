/* See segment_graph.h; the order is that of nn_dataflow's pipelines as KAPLA's reference describes it. */
#include "network/segment_graph.h"

#include <string.h>

#include "dataflow/kapla_convert.h"

bool hd_indices_has(const hd_indices *set, int index)
{
    for (int i = 0; i < set->count; i++)
        if (set->at[i] == index) return true;
    return false;
}

/* Ascending, each once; the set has room. */
static void add(hd_indices *set, int index)
{
    int at = set->count;
    if (hd_indices_has(set, index)) return;
    for (; at > 0 && set->at[at - 1] > index; at--) set->at[at] = set->at[at - 1];
    set->at[at] = index;
    set->count++;
}

static bool reserve(hd_indices *set, int room, hd_arena *arena)
{
    set->count = 0;
    set->at = hd_arena_alloc(arena, (size_t)room + 1, sizeof *set->at);
    return set->at != NULL;
}

/* ---- layers ---- */

static hd_kapla_layer shape_of(const hd_network *net, const hd_layer *layer)
{
    hd_kapla_layer shape;
    hd_kapla_dims dims;
    if (hd_kapla_layer_of(&layer->op, HD_MAKES_OUTPUT, &shape, &dims, NULL)) return shape;
    int64_t batch = net->batch > 0 ? net->batch : 1;
    return (hd_kapla_layer){HD_KAPLA_LOCAL, batch, 1, 1, hd_tensor_words(&layer->op, HD_I) / batch, 1,
                            hd_tensor_words(&layer->op, HD_O) / batch, 1, 1, 1, 1, 1, 1, 1};
}

static int host_of(const hd_network *net, int layer)
{
    while (layer >= 0 && net->layer[layer].fused_into >= 0) layer = net->layer[layer].fused_into;
    return layer;
}

/* What a layer reads is read by the layer it is fused into. */
static void connect(const hd_network *net, hd_segment_graph *g, int layer)
{
    int to = host_of(net, layer);
    for (int i = 0; i < net->layer[layer].inputs; i++) {
        int from = host_of(net, net->layer[layer].input[i]);
        if (from == to) continue;
        add(&g->layer[to].from, from < 0 ? HD_OUTSIDE : from);
        if (from >= 0) add(&g->layer[from].to, to);
    }
    if (net->layer[layer].inputs == 0) add(&g->layer[to].from, HD_OUTSIDE);
}

static hd_status find_layers(const hd_network *net, hd_arena *arena, hd_segment_graph *g, hd_error *err)
{
    int *room = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *room);
    g->layers = net->layers;
    g->layer = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *g->layer);
    if (!room || !g->layer) return hd_fail_memory(err);
    for (int l = 0; l < net->layers; l++) room[host_of(net, l)] += net->layer[l].inputs + 1;
    for (int l = 0; l < net->layers; l++) {
        g->layer[l].present = net->layer[l].fused_into < 0;
        g->layer[l].shape = shape_of(net, &net->layer[l]);
        if (!reserve(&g->layer[l].from, room[l], arena)) return hd_fail_memory(err);
        room[l] = 0;
    }
    for (int l = 0; l < net->layers; l++)
        for (int i = 0; i < net->layer[l].inputs; i++)
            if (net->layer[l].input[i] >= 0) room[host_of(net, net->layer[l].input[i])]++;
    for (int l = 0; l < net->layers; l++)
        if (!reserve(&g->layer[l].to, room[l], arena)) return hd_fail_memory(err);
    for (int l = 0; l < net->layers; l++) connect(net, g, l);
    return HD_OK;
}

/* ---- vertices ---- */

/* May the layer join the vertex?  Its last layer alone feeds it, and nobody else. */
static bool joins(const hd_segment_graph *g, const hd_vertex *v, int layer)
{
    const hd_indices *from = &g->layer[layer].from;
    int tail = v->layers.at[v->layers.count - 1];
    if (!hd_indices_has(from, tail) || g->layer[tail].to.count != 1) return false;
    for (int i = 0; i + 1 < v->layers.count; i++)
        if (hd_indices_has(from, v->layers.at[i])) return false;
    return true;
}

static hd_status find_vertices(hd_arena *arena, hd_segment_graph *g, hd_error *err)
{
    g->vertex = hd_arena_alloc(arena, (size_t)g->layers + 1, sizeof *g->vertex);
    if (!g->vertex) return hd_fail_memory(err);
    for (int l = 0; l < g->layers; l++) {
        int v = hd_kapla_is_local(g->layer[l].shape.type) ? g->vertices - 1 : -1;
        if (!g->layer[l].present) continue;
        while (v >= 0 && !joins(g, &g->vertex[v], l)) v--;
        if (v < 0) {
            v = g->vertices++;
            if (!reserve(&g->vertex[v].layers, g->layers - l, arena)) return hd_fail_memory(err);
        }
        g->layer[l].vertex = v;
        add(&g->vertex[v].layers, l);
    }
    return HD_OK;
}

/* Edges between vertices, from those of layers. */
static hd_status connect_vertices(hd_arena *arena, hd_segment_graph *g, hd_error *err)
{
    for (int v = 0; v < g->vertices; v++) {
        int from = 0, to = 0;
        for (int i = 0; i < g->vertex[v].layers.count; i++) {
            from += g->layer[g->vertex[v].layers.at[i]].from.count;
            to += g->layer[g->vertex[v].layers.at[i]].to.count;
        }
        if (!reserve(&g->vertex[v].from, from, arena) || !reserve(&g->vertex[v].to, to, arena)) return hd_fail_memory(err);
    }
    for (int l = 0; l < g->layers; l++) {
        const hd_indices *from = &g->layer[l].from;
        int v = g->layer[l].vertex;
        for (int i = 0; g->layer[l].present && i < from->count; i++) {
            int u = from->at[i] < 0 ? HD_OUTSIDE : g->layer[from->at[i]].vertex;
            if (u == v) continue;
            add(&g->vertex[v].from, u);
            if (u >= 0) add(&g->vertex[u].to, v);
        }
    }
    return HD_OK;
}

/* ---- the order ---- */

typedef struct visit { const hd_segment_graph *graph; bool *seen; int *place; int left; } visit;

/* Depth first, readers from the last to the first; places are given from the end.  Depth is at most the vertices. */
static void visit_vertex(visit *w, int v)
{
    const hd_indices *to = &w->graph->vertex[v].to;
    if (w->seen[v]) return;
    w->seen[v] = true;
    for (int i = to->count - 1; i >= 0; i--) visit_vertex(w, to->at[i]);
    w->place[v] = --w->left;
}

static void rename_all(hd_indices *set, const int *place)
{
    hd_indices old = *set;
    set->count = 0;
    for (int i = 0; i < old.count; i++) {
        int index = old.at[i];
        add(set, index < 0 ? index : place[index]); /* what is added stands before what is still to read */
    }
}

static hd_status order_vertices(hd_arena *arena, hd_segment_graph *g, hd_error *err)
{
    visit w = {.graph = g, .left = g->vertices};
    hd_vertex *ordered = hd_arena_alloc(arena, (size_t)g->vertices + 1, sizeof *ordered);
    w.seen = hd_arena_alloc(arena, (size_t)g->vertices + 1, sizeof *w.seen);
    w.place = hd_arena_alloc(arena, (size_t)g->vertices + 1, sizeof *w.place);
    if (!ordered || !w.seen || !w.place) return hd_fail_memory(err);
    for (int v = g->vertices - 1; v >= 0; v--)
        if (hd_indices_has(&g->vertex[v].from, HD_OUTSIDE)) visit_vertex(&w, v);
    for (int v = g->vertices - 1; v >= 0; v--) visit_vertex(&w, v);
    for (int v = 0; v < g->vertices; v++) ordered[w.place[v]] = g->vertex[v];
    g->vertex = ordered;
    for (int v = 0; v < g->vertices; v++) {
        rename_all(&g->vertex[v].from, w.place);
        rename_all(&g->vertex[v].to, w.place);
        for (int i = 0; i < g->vertex[v].layers.count; i++) g->layer[g->vertex[v].layers.at[i]].vertex = v;
    }
    return HD_OK;
}

hd_status hd_segment_graph_build(const hd_network *net, hd_arena *arena, hd_segment_graph *out, hd_error *err)
{
    *out = (hd_segment_graph){0};
    HD_TRY(find_layers(net, arena, out, err));
    HD_TRY(find_vertices(arena, out, err));
    HD_TRY(connect_vertices(arena, out, err));
    return order_vertices(arena, out, err);
}

/* ---- runs ---- */

static bool in_run(const hd_run *r, int v) { return v >= r->first && v < r->first + r->count; }

static int count_in(const hd_run *r, const hd_indices *set)
{
    int n = 0;
    for (int i = 0; i < set->count; i++) n += in_run(r, set->at[i]);
    return n;
}

/* Does the next vertex read what the run reads, or the run itself, and of it at most one vertex? */
static bool continues(const hd_segment_graph *g, const hd_run *r)
{
    const hd_indices *from = &g->vertex[r->first + r->count].from;
    int inside = count_in(r, from);
    if (r->count == 0 || inside > 0) return inside <= 1;
    for (int v = r->first; v < r->first + r->count; v++)
        for (int i = 0; i < from->count; i++)
            if (hd_indices_has(&g->vertex[v].from, from->at[i])) return true;
    return false;
}

/* A member read inside the run is read at most once outside. */
static bool is_valid(const hd_segment_graph *g, const hd_run *r)
{
    for (int v = r->first; v < r->first + r->count; v++) {
        int inside = count_in(r, &g->vertex[v].to);
        if (inside > 0 && g->vertex[v].to.count - inside > 1) return false;
    }
    return true;
}

hd_status hd_segment_graph_runs(const hd_segment_graph *g, hd_arena *arena, hd_runs *out, hd_error *err)
{
    size_t n = (size_t)g->vertices;
    bool *starts = hd_arena_alloc(arena, n + 1, sizeof *starts);
    out->count = 0;
    out->run = hd_arena_alloc(arena, n * (n + 1) / 2 + 1, sizeof *out->run);
    if (!starts || !out->run) return hd_fail_memory(err);
    starts[0] = true; /* and after every valid run */
    for (int first = 0; first < g->vertices; first++) {
        hd_run r = {first, 0};
        while (starts[first] && first + r.count < g->vertices && continues(g, &r)) {
            r.count++;
            if (!is_valid(g, &r)) continue;
            out->run[out->count++] = r;
            starts[first + r.count] = true;
        }
    }
    return HD_OK;
}
