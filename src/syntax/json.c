/* What tree does a JSON text mean?  Parsed by jansson, then copied. */
#include "syntax/json.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

typedef struct reader {
    hd_arena *arena;
    const char *file;
} reader;

static hd_status convert(reader *r, const json_t *value, int depth, hd_node **out, hd_error *err);

static hd_status new_scalar(reader *r, const char *text, size_t length, bool quoted, hd_node *node,
                            hd_error *err) {
    node->kind = HD_NODE_SCALAR;
    node->quoted = quoted;
    node->length = length;
    node->text = hd_arena_textn(r->arena, text, length);
    return node->text ? HD_OK : hd_fail_memory(err);
}

static hd_status convert_map(reader *r, const json_t *object, int depth, hd_node *node, hd_error *err) {
    size_t count = json_object_size(object);
    node->kind = HD_NODE_MAP;
    node->key = hd_arena_alloc(r->arena, count + 1, sizeof *node->key);
    node->item = hd_arena_alloc(r->arena, count + 1, sizeof *node->item);
    if (!node->key || !node->item) return hd_fail_memory(err);
    void *walk = json_object_iter((json_t *)object);
    for (; walk; walk = json_object_iter_next((json_t *)object, walk)) {
        hd_node *key = hd_arena_alloc(r->arena, 1, sizeof *key);
        if (!key) return hd_fail_memory(err);
        const char *name = json_object_iter_key(walk);
        HD_TRY(new_scalar(r, name, strlen(name), true, key, err));
        key->file = r->file;
        key->size = 1;
        node->key[node->items] = key;
        HD_TRY(convert(r, json_object_iter_value(walk), depth + 1, &node->item[node->items], err));
        node->size += 1 + node->item[node->items++]->size;
    }
    return HD_OK;
}

static hd_status convert_list(reader *r, const json_t *array, int depth, hd_node *node, hd_error *err) {
    size_t count = json_array_size(array);
    node->kind = HD_NODE_LIST;
    node->item = hd_arena_alloc(r->arena, count + 1, sizeof *node->item);
    if (!node->item) return hd_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        HD_TRY(convert(r, json_array_get(array, i), depth + 1, &node->item[i], err));
        node->size += node->item[i]->size;
        node->items++;
    }
    return HD_OK;
}

static hd_status convert_number(reader *r, const json_t *value, hd_node *node, hd_error *err) {
    hd_text text;
    hd_text_init(&text, NULL, 0);
    if (json_is_integer(value))
        hd_text_int(&text, json_integer_value(value));
    else
        hd_text_double(&text, json_real_value(value));
    hd_status status = hd_text_check(&text, err);
    if (status == HD_OK) status = new_scalar(r, text.data, text.length, false, node, err);
    hd_text_free(&text);
    return status;
}

static hd_status convert(reader *r, const json_t *value, int depth, hd_node **out, hd_error *err) {
    if (depth > HD_TREE_DEPTH)
        return hd_fail_at(err, HD_ERR_INPUT, r->file, 0, 0, "more than 64 levels of nesting");
    hd_node *node = hd_arena_alloc(r->arena, 1, sizeof *node);
    if (!node) return hd_fail_memory(err);
    node->file = r->file;
    node->text = "";
    node->size = 1;
    *out = node;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return convert_map(r, value, depth, node, err);
    case JSON_ARRAY:
        return convert_list(r, value, depth, node, err);
    case JSON_STRING:
        return new_scalar(r, json_string_value(value), json_string_length(value), true, node, err);
    case JSON_INTEGER:
    case JSON_REAL:
        return convert_number(r, value, node, err);
    case JSON_TRUE:
        return new_scalar(r, "true", 4, false, node, err);
    case JSON_FALSE:
        return new_scalar(r, "false", 5, false, node, err);
    case JSON_NULL:
        return new_scalar(r, "null", 4, false, node, err);
    }
    return HD_OK;
}

hd_status hd_json_read(const char *text, size_t length, const char *file, hd_arena *arena, hd_node **out,
                       hd_error *err) {
    json_error_t problem;
    reader r = {.arena = arena, .file = file ? hd_arena_text(arena, file) : NULL};
    if (file && !r.file) return hd_fail_memory(err);
    json_t *value = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!value)
        return hd_fail_at(err, HD_ERR_INPUT, file, problem.line > 0 ? problem.line : 0,
                          problem.column > 0 ? problem.column : 0, "not JSON: %s", problem.text);
    hd_status status = convert(&r, value, 0, out, err);
    json_decref(value);
    return status;
}
