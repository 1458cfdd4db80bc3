/* What tree is a text that the Python front end would pass through its templates first?
 *
 * {{include_text('FILE')}} is replaced by the file, looked for in the folder of the text that names it;
 * templates in comment lines are left alone, any other template is refused.  `<<<` merges a map deeply (own
 * keys win, maps inside are merged in turn) where `<<` replaces.  A table of lines gives every node the place
 * it has in its own file. */
#include <stdio.h>
#include <string.h>

#include "formats/timeloop/parts.h"
#include "syntax/file.h"
#include "syntax/yaml.h"

enum { MAX_INCLUDES = 8, MAX_EXPANDED = 32 * 1024 * 1024, MAX_MERGES = 64 };

typedef struct place {
    const char *file;
    int line;
} place;

typedef struct expander {
    hd_text text; /* the expanded text */
    place *place; /* of each of its lines */
    int lines, room;
    hd_arena *arena;
    hd_error *err;
} expander;

/* ---- templates ---- */

static bool has_templates(const char *text, size_t length) {
    for (size_t i = 0; i + 1 < length; i++)
        if (text[i] == '{' && (text[i + 1] == '{' || text[i + 1] == '%' || text[i + 1] == '#')) return true;
    return false;
}

/* A line of the expanded text begins at this place. */
static hd_status note_line(expander *x, const char *file, int line) {
    place *more = hd_arena_grow(x->arena, x->place, sizeof *more, x->lines, &x->room, 256);
    if (!more) return hd_fail_memory(x->err);
    x->place = more;
    x->place[x->lines++] = (place){file, line};
    return HD_OK;
}

/* The quoted FILE of "include_text('FILE')" between `at` and `end`, or NULL. */
static char *included(expander *x, const char *at, const char *end) {
    static const char CALL[] = "include_text(";
    while (at < end && *at == ' ') at++;
    while (end > at && end[-1] == ' ') end--;
    if (end - at < (ptrdiff_t)sizeof CALL + 2 || memcmp(at, CALL, sizeof CALL - 1) != 0 || end[-1] != ')')
        return NULL;
    at += sizeof CALL - 1;
    end--;
    while (at < end && *at == ' ') at++;
    while (end > at && end[-1] == ' ') end--;
    if (end - at < 3 || (*at != '\'' && *at != '"') || end[-1] != *at) return NULL;
    return hd_arena_textn(x->arena, at + 1, (size_t)(end - at - 2));
}

static hd_status expand(expander *x, const char *file, const char *text, size_t length, int depth);

static hd_status expand_template(expander *x, const char *file, int line, int column, const char *open,
                                 const char *end, int depth) {
    const char *slash = strrchr(file, '/');
    char *name = open[1] == '{' && end ? included(x, open + 2, end) : NULL, *path, *text;
    size_t length;
    if (!name)
        return hd_fail_at(x->err, HD_ERR_INPUT, file, line, column,
                          "found a Jinja template, expected none but "
                          "{{include_text('FILE')}}: run the front end's templates first");
    if (depth == MAX_INCLUDES)
        return hd_fail_at(x->err, HD_ERR_INPUT, file, line, column,
                          "include_text: more than %d files inside each other", (int)MAX_INCLUDES);
    bool beside = slash && name[0] != '/';
    path = hd_arena_format(x->arena, "%.*s%s", beside ? (int)(slash + 1 - file) : 0, file, name);
    if (!path) return hd_fail_memory(x->err);
    if (hd_file_read(path, x->arena, &text, &length, NULL) != HD_OK)
        return hd_fail_at(x->err, HD_ERR_INPUT, file, line, column,
                          "include_text: the file %s cannot be read", path);
    return expand(x, path, text, length, depth + 1);
}

static bool is_comment(const char *line, const char *end) {
    while (line < end && (*line == ' ' || *line == '\t')) line++;
    return line < end && *line == '#';
}

static hd_status expand_line(expander *x, const char *file, int number, const char *line, const char *end,
                             int depth) {
    const char *at = line;
    bool comment = is_comment(line, end);
    for (const char *c = line; c + 1 < end && !comment; c++) {
        if (*c != '{' || (c[1] != '{' && c[1] != '%' && c[1] != '#')) continue;
        const char *close = c + 2;
        while (close + 1 < end && !(close[0] == '}' && close[1] == '}')) close++;
        hd_text_appendn(&x->text, at, (size_t)(c - at));
        HD_TRY(
            expand_template(x, file, number, (int)(c - line) + 1, c, close + 1 < end ? close : NULL, depth));
        at = close + 2;
        c = at - 1;
    }
    hd_text_appendn(&x->text, at, (size_t)(end - at));
    return HD_OK;
}

static bool at_margin(const expander *x) {
    size_t i = x->text.length;
    while (i > 0 && x->text.data[i - 1] == ' ') i--;
    return i == 0 || x->text.data[i - 1] == '\n';
}

static hd_status expand(expander *x, const char *file, const char *text, size_t length, int depth) {
    const char *stop = text + length;
    for (int number = 1; text < stop; number++) {
        const char *newline = memchr(text, '\n', (size_t)(stop - text)), *end = newline ? newline : stop;
        if (number > 1 || depth == 0)
            HD_TRY(note_line(x, file, number));
        else if (at_margin(x)) /* nothing but the template before: the line is the included file's */
            x->place[x->lines - 1] = (place){file, 1};
        HD_TRY(expand_line(x, file, number, text, end, depth));
        bool last = end + 1 >= stop;
        if (newline && !(depth > 0 && last))
            hd_text_append(&x->text, "\n"); /* an included file's last line goes on */
        if (x->text.failed)
            return hd_fail_at(x->err, HD_ERR_INPUT, file, number, 1,
                              "include_text: the text grows beyond %d MiB", MAX_EXPANDED >> 20);
        text = end + 1;
    }
    return HD_OK;
}

/* Nodes that still carry the name of the expanded text get their own places (an alias shares a node: done
 * once). */
static void place_nodes(const expander *x, hd_node *node, const char *expanded) {
    if (node->file != expanded) return;
    const place *p = node->line >= 1 && node->line <= x->lines ? &x->place[node->line - 1] : &x->place[0];
    node->file = p->file;
    node->line = p->line;
    for (int i = 0; i < node->items; i++) {
        if (node->kind == HD_NODE_MAP) place_nodes(x, node->key[i], expanded);
        place_nodes(x, node->item[i], expanded);
    }
}

static void place_error(const expander *x) {
    hd_error *err = x->err;
    if (!err || err->line < 1 || x->lines == 0) return;
    const place *p = &x->place[err->line <= x->lines ? err->line - 1 : x->lines - 1];
    err->line = p->line;
    snprintf(err->file, sizeof err->file, "%s", p->file);
}

static hd_status read_expanded(expander *x, const hd_timeloop_text *text, hd_node **out) {
    const char *file = hd_arena_text(x->arena, text->name ? text->name : "");
    if (!file) return hd_fail_memory(x->err);
    HD_TRY(expand(x, file, text->text, text->length, 0));
    hd_status status =
        hd_yaml_read(x->text.data ? x->text.data : "", x->text.length, file, x->arena, out, x->err);
    if (status == HD_OK && x->lines > 0)
        place_nodes(x, *out, (*out)->file);
    else
        place_error(x);
    return status;
}

/* ---- `<<<` ---- */

static int find_key(const hd_node *map, const hd_node *key) {
    for (int i = 0; i < map->items; i++)
        if (map->key[i]->length == key->length && memcmp(map->key[i]->text, key->text, key->length) == 0)
            return i;
    return -1;
}

/* A copy of a map whose entries may grow: the original may be shared. */
static hd_status copy_map(const hd_node *map, int more, hd_arena *arena, hd_node **out, hd_error *err) {
    hd_node *copy = hd_arena_alloc(arena, 1, sizeof *copy);
    size_t room = (size_t)map->items + (size_t)more + 1;
    if (!copy) return hd_fail_memory(err);
    *copy = *map;
    copy->key = hd_arena_alloc(arena, room, sizeof *copy->key);
    copy->item = hd_arena_alloc(arena, room, sizeof *copy->item);
    if (!copy->key || !copy->item) return hd_fail_memory(err);
    for (int i = 0; i < map->items; i++) {
        copy->key[i] = map->key[i];
        copy->item[i] = map->item[i];
    }
    *out = copy;
    return HD_OK;
}

/* Entries of `from` that `into` lacks; maps that both have are merged in turn.  `into` has room for them. */
static hd_status merge_deep(hd_node *into, const hd_node *from, hd_arena *arena, hd_error *err) {
    for (int i = 0; i < from->items; i++) {
        int at = find_key(into, from->key[i]);
        if (at < 0) {
            into->key[into->items] = from->key[i];
            into->item[into->items++] = from->item[i];
        } else if (into->item[at]->kind == HD_NODE_MAP && from->item[i]->kind == HD_NODE_MAP) {
            hd_node *merged;
            HD_TRY(copy_map(into->item[at], from->item[i]->items, arena, &merged, err));
            HD_TRY(merge_deep(merged, from->item[i], arena, err));
            into->item[at] = merged;
        }
    }
    return HD_OK;
}

static hd_status add_source(const hd_node *value, const hd_node **sources, int *count, hd_error *err) {
    if (value->kind != HD_NODE_MAP) return hd_node_fail(value, err, "'<<<' merges a map or a list of maps");
    if (*count == MAX_MERGES)
        return hd_node_fail(value, err, "'<<<' merges at most %d maps", (int)MAX_MERGES);
    sources[(*count)++] = value;
    return HD_OK;
}

/* The `<<<` of one map, whose inside is done already. */
static hd_status merge_map(hd_node *map, int at, hd_arena *arena, hd_error *err) {
    const hd_node *value = map->item[at], *sources[MAX_MERGES];
    int count = 0, more = 0;
    hd_node *merged;
    for (int i = 0; i < (value->kind == HD_NODE_LIST ? value->items : 1); i++)
        HD_TRY(add_source(value->kind == HD_NODE_LIST ? value->item[i] : value, sources, &count, err));
    for (int s = 0; s < count; s++) more += sources[s]->items;
    HD_TRY(copy_map(map, more, arena, &merged, err));
    for (int i = at; i + 1 < merged->items; i++) {
        merged->key[i] = merged->key[i + 1];
        merged->item[i] = merged->item[i + 1];
    }
    merged->items--;
    for (int s = 0; s < count; s++) HD_TRY(merge_deep(merged, sources[s], arena, err));
    *map = *merged;
    return HD_OK;
}

static hd_status merge_all(hd_node *node, hd_arena *arena, hd_error *err) {
    for (int i = 0; i < node->items; i++) HD_TRY(merge_all(node->item[i], arena, err));
    for (int i = 0; node->kind == HD_NODE_MAP && i < node->items; i++)
        if (!node->key[i]->quoted && hd_node_is(node->key[i], "<<<")) return merge_map(node, i, arena, err);
    return HD_OK;
}

hd_status hd_tl_read_text(const hd_timeloop_text *text, hd_arena *arena, hd_node **out, hd_error *err) {
    expander x = {.arena = arena, .err = err};
    hd_status status;
    if (has_templates(text->text, text->length)) {
        hd_text_init(&x.text, NULL, MAX_EXPANDED);
        status = read_expanded(&x, text, out);
        hd_text_free(&x.text);
    } else
        status = hd_yaml_read(text->text, text->length, text->name, arena, out, err);
    return status == HD_OK ? merge_all(*out, arena, err) : status;
}
