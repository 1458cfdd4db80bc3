/* See segment_list.h. */
#include "network/segment_list.h"

#include "network/segment_demands.h"

/* Stage of a layer of the network in the form; -1 where it is outside. */
static int stage_of(const hd_segment_form *f, int layer, int *turn)
{
    for (int s = 0; s < f->stages; s++)
        for (int i = f->first[s]; i < f->first[s + 1]; i++)
            if (f->layer[i] == layer) {
                *turn = i;
                return s;
            }
    return -1;
}

/* Sources of a layer: memory or another stage, not both; `feeder`: the one layer of other stages that feeds the stage. */
static bool sources_are_fed(const hd_segment_graph *g, const hd_segment_form *f, int stage, int layer, int *feeder)
{
    const hd_indices *from = &g->layer[layer].from;
    bool memory = false, neighbour = false;
    for (int i = 0; i < from->count; i++) {
        int turn = -1, s = from->at[i] < 0 ? -1 : stage_of(f, from->at[i], &turn);
        memory |= s < 0;
        if (s < 0 || s == stage) continue;
        neighbour = true;
        if (turn != f->first[s + 1] - 1 || (*feeder >= 0 && *feeder != from->at[i])) return false;
        *feeder = from->at[i];
    }
    return !(memory && neighbour);
}

/* Within its stage a layer is read by the next one, and by that alone. */
static bool turns_are_fed(const hd_segment_graph *g, const hd_segment_form *f, int stage, int at)
{
    const hd_indices *to = &g->layer[f->layer[at]].to;
    int next = at + 1 < f->first[stage + 1] ? f->layer[at + 1] : -1, inside = 0, turn;
    for (int i = 0; i < to->count; i++)
        if (stage_of(f, to->at[i], &turn) == stage) {
            if (to->at[i] != next) return false;
            inside++;
        }
    return inside == (next >= 0);
}

bool hd_segment_is_fed(const hd_segment_graph *g, const hd_segment_form *f)
{
    for (int s = 0; s < f->stages; s++) {
        int feeder = -1;
        for (int i = f->first[s]; i < f->first[s + 1]; i++)
            if (!sources_are_fed(g, f, s, f->layer[i], &feeder) || !turns_are_fed(g, f, s, i)) return false;
    }
    return true;
}

/* ---- making them ---- */

typedef struct maker {
    const hd_segment_graph *graph;
    const hd_segment_rules *rules;
    hd_arena *arena;
    hd_segment_forms *out;
} maker;

static hd_status try_form(maker *m, const hd_segment_form *f, hd_error *err)
{
    int64_t ops[HD_MAX_STAGES], nodes[HD_MAX_STAGES];
    hd_demands *demands;
    if (f->stages > HD_MAX_STAGES || !hd_segment_is_fed(m->graph, f)) return HD_OK;
    for (int s = 0; s < f->stages; s++) {
        ops[s] = 0;
        for (int i = f->first[s]; i < f->first[s + 1]; i++) ops[s] += hd_kapla_sample_ops(&m->graph->layer[f->layer[i]].shape);
    }
    if (!hd_stage_nodes(ops, f->stages, m->rules->mesh, nodes)) return HD_OK;
    int64_t *kept = hd_arena_alloc(m->arena, (size_t)f->stages, sizeof *kept);
    if (!kept) return hd_fail_memory(err);
    for (int s = 0; s < f->stages; s++) kept[s] = nodes[s];
    hd_segment_form *form = &m->out->form[m->out->count];
    *form = *f;
    form->nodes = kept;
    hd_mark mark = hd_arena_mark(m->arena);
    HD_TRY(hd_segment_demands(m->graph, form, m->rules, m->arena, &demands, err));
    m->out->count += demands != NULL;
    hd_arena_rewind(m->arena, mark);
    return HD_OK;
}

/* A run as one stage, or as a stage per vertex. */
static hd_status try_run(maker *m, const hd_run *r, bool spatial, hd_error *err)
{
    int layers = 0, stages = spatial ? r->count : 1, at = 0;
    for (int v = r->first; v < r->first + r->count; v++) layers += m->graph->vertex[v].layers.count;
    int *layer = hd_arena_alloc(m->arena, (size_t)layers, sizeof *layer);
    int *first = hd_arena_alloc(m->arena, (size_t)stages + 1, sizeof *first);
    if (!layer || !first) return hd_fail_memory(err);
    for (int v = 0; v < r->count; v++) {
        const hd_indices *of = &m->graph->vertex[r->first + v].layers;
        if (spatial) first[v] = at;
        for (int i = 0; i < of->count; i++) layer[at++] = of->at[i];
    }
    first[stages] = at;
    return try_form(m, &(hd_segment_form){layers, stages, layer, first, NULL}, err);
}

static hd_status try_layer(maker *m, int layer, hd_error *err)
{
    int *at = hd_arena_alloc(m->arena, 3, sizeof *at);
    if (!at) return hd_fail_memory(err);
    at[0] = layer;
    at[1] = 0;
    at[2] = 1;
    return try_form(m, &(hd_segment_form){1, 1, at, at + 1, NULL}, err);
}

hd_status hd_segment_forms_list(const hd_segment_graph *graph, const hd_segment_rules *rules, hd_arena *arena,
                                hd_segment_forms *out, hd_error *err)
{
    maker m = {graph, rules, arena, out};
    hd_runs runs;
    HD_TRY(hd_segment_graph_runs(graph, arena, &runs, err));
    out->count = 0;
    out->form = hd_arena_alloc(arena, (size_t)(graph->layers + 2 * runs.count) + 1, sizeof *out->form);
    if (!out->form) return hd_fail_memory(err);
    for (int v = 0; v < graph->vertices; v++)
        for (int i = 0; i < graph->vertex[v].layers.count; i++) HD_TRY(try_layer(&m, graph->vertex[v].layers.at[i], err));
    for (int i = 0; i < runs.count; i++) {
        const hd_run *r = &runs.run[i];
        bool single = r->count == 1; /* both forms are one; of one layer it is there already */
        if (r->count > rules->most_vertices || (single && graph->vertex[r->first].layers.count == 1)) continue;
        if (rules->spatial && !single) HD_TRY(try_run(&m, r, true, err));
        if (rules->temporal || (single && rules->spatial)) HD_TRY(try_run(&m, r, false, err));
    }
    return HD_OK;
}
