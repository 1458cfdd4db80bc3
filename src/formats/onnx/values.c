/* Values of the graph: what is their shape, which names do they have, what did the file say?  */
#include "formats/onnx/graph.h"

#include <string.h>

#include "base/count.h"

struct hd_onnx_slot { const char *key; void *value; };

static size_t hash(const char *key)
{
    uint64_t h = UINT64_C(1469598103934665603);
    for (; *key; key++) h = (h ^ (unsigned char)*key) * UINT64_C(1099511628211);
    return (size_t)(h ^ (h >> 29));
}

static struct hd_onnx_slot *find(const hd_onnx_map *map, const char *key)
{
    size_t i = hash(key) & (map->room - 1);
    while (map->slot[i].key && strcmp(map->slot[i].key, key) != 0) i = (i + 1) & (map->room - 1);
    return &map->slot[i];
}

void *hd_onnx_map_get(const hd_onnx_map *map, const char *key)
{
    return map->room ? find(map, key)->value : NULL;
}

static hd_status grow(hd_onnx_map *map, hd_arena *arena, hd_error *err)
{
    hd_onnx_map larger = {.used = map->used, .room = map->room ? map->room * 2 : 64};
    larger.slot = hd_arena_alloc(arena, larger.room, sizeof *larger.slot);
    if (!larger.slot) return hd_fail_memory(err);
    for (size_t i = 0; i < map->room; i++)
        if (map->slot[i].key) *find(&larger, map->slot[i].key) = map->slot[i];
    *map = larger;
    return HD_OK;
}

hd_status hd_onnx_map_put(hd_onnx_map *map, hd_arena *arena, const char *key, void *value, hd_error *err)
{
    if ((map->used + 1) * 2 > map->room) HD_TRY(grow(map, arena, err));
    struct hd_onnx_slot *slot = find(map, key);
    if (!slot->key) map->used++;
    slot->key = key;
    slot->value = value;
    return HD_OK;
}

hd_status hd_onnx_value_of(hd_onnx_graph *g, const char *name, hd_onnx_value **out, hd_error *err)
{
    *out = hd_onnx_map_get(&g->values, name);
    if (*out) return HD_OK;
    hd_onnx_value *v = hd_arena_alloc(g->scratch, 1, sizeof *v);
    if (!v) return hd_fail_memory(err);
    v->name = name;
    v->rank = -1;
    v->repeat = 1;
    HD_TRY(hd_onnx_map_put(&g->values, g->scratch, name, v, err));
    *out = v;
    return HD_OK;
}

int64_t hd_onnx_span(const int64_t *dim, int from, int to)
{
    int64_t words = 1;
    for (int i = from; i < to; i++) words *= dim[i];
    return words;
}

int64_t hd_onnx_words(const hd_onnx_value *v)
{
    return hd_onnx_span(v->dim, 0, v->rank);
}

hd_status hd_onnx_shape(const hd_onnx_graph *g, const hd_onnx_node *n, int i, int rank, const int64_t *dim,
                        hd_error *err)
{
    hd_onnx_value *v = hd_onnx_out(n, i);
    if (!v) return HD_OK;
    if (rank > HD_ONNX_RANK)
        return hd_onnx_fail(g, n, err, "a tensor of %d dimensions; at most %d", rank, HD_ONNX_RANK);
    int64_t words = 1; /* of the non-empty dimensions, so that no part of the product overflows either */
    for (int k = 0; k < rank; k++) {
        if (dim[k] < 0)
            return hd_onnx_fail(g, n, err, "dimension %d of '%s' would be %lld: the input is too small for it", k,
                                v->name,
                                (long long)dim[k]);
        if (!hd_count_mul(words, hd_count_max(dim[k], 1), &words) || words >= HD_COUNT_EXACT)
            return hd_onnx_fail(g, n, err, "tensor '%s' has more than 2^53 elements", v->name);
    }
    v->rank = rank;
    if (rank > 0) memmove(v->dim, dim, (size_t)rank * sizeof *dim);
    return HD_OK;
}

hd_status hd_onnx_data(const hd_onnx_graph *g, hd_onnx_value *v, bool real, hd_error *err)
{
    v->data = NULL;
    v->real = real;
    if (v->rank < 0 || hd_onnx_words(v) > HD_ONNX_FOLDED) return HD_OK;
    v->data = hd_arena_alloc(g->scratch, (size_t)hd_onnx_words(v) + 1, sizeof *v->data);
    return v->data ? HD_OK : hd_fail_memory(err);
}

bool hd_onnx_broadcast(const hd_onnx_value *const *values, int count, int *rank, int64_t *dim)
{
    *rank = 0;
    for (int i = 0; i < count; i++)
        if (values[i] && values[i]->rank > *rank) *rank = values[i]->rank;
    for (int k = 0; k < *rank; k++) dim[k] = 1;
    for (int i = 0; i < count; i++) {
        if (!values[i]) continue;
        int shift = *rank - values[i]->rank;
        for (int k = 0; k < values[i]->rank; k++) {
            int64_t d = values[i]->dim[k];
            if (dim[k + shift] == 1) dim[k + shift] = d;
            else if (d != 1 && d != dim[k + shift]) return false;
        }
    }
    return true;
}

static bool bound(const hd_onnx_options *options, const char *name, int64_t *out)
{
    for (int i = 0; i < options->dims; i++)
        if (strcmp(options->dim[i].name, name) == 0) {
            *out = options->dim[i].value;
            return true;
        }
    return false;
}

bool hd_onnx_stored_shape(const hd_onnx_graph *g, const Onnx__ValueInfoProto *info, int *rank, int64_t *dim)
{
    if (!info || !info->type || !info->type->tensor_type || !info->type->tensor_type->shape) return false;
    const Onnx__TensorShapeProto *shape = info->type->tensor_type->shape;
    if (shape->n_dim > HD_ONNX_RANK) return false;
    int64_t words = 1;
    *rank = (int)shape->n_dim;
    for (size_t i = 0; i < shape->n_dim; i++) {
        const Onnx__TensorShapeProto__Dimension *d = shape->dim[i];
        if (d->has_dim_value && d->dim_value >= 0) dim[i] = d->dim_value;
        else if (!d->dim_param || !bound(g->options, d->dim_param, &dim[i])) return false;
        if (!hd_count_mul(words, hd_count_max(dim[i], 1), &words) || words >= HD_COUNT_EXACT) return false;
    }
    if (g->options->batch > 0 && *rank > 0 && g->file_batch > 0 &&
        dim[0] == g->file_batch) dim[0] = g->options->batch;
    return true;
}
