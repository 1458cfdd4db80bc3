/* What tree does a YAML text mean?
 *
 * libfyaml scans and gives events; the tree is ours.  Its resolver is not used (an alias bomb keeps it
 * busy for ever): an alias shares the node it names, which must be complete, so cycles cannot arise, and
 * one budget counts nodes with aliases written out.  The whole stream is read before anything is believed,
 * because a broken tail behind a good document is an error.  Time: n log n in the nodes.              */
#include "syntax/yaml.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "syntax/single_quoted.h"

enum { MAX_ANCHORS = 4096 };

typedef struct member {
    hd_node *node;
    struct member *next;
} member;
typedef struct anchor {
    hd_node *node;
    const char *name;
    size_t length;
    struct anchor *next;
} anchor;
typedef struct frame {
    hd_node *node;
    member *first, *last;
    int count;
    anchor *named;
} frame;

typedef struct reader {
    hd_arena *arena;
    const char *file, *text;
    size_t length;
    hd_node *root;
    anchor *anchors; /* newest first: a repeated name means the later node */
    int anchor_count, depth, documents;
    int64_t nodes;
    frame frame[HD_TREE_DEPTH];
} reader;

static hd_status fail_at_token(reader *r, struct fy_token *token, hd_error *err, const char *message) {
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    return hd_fail_at(err, HD_ERR_INPUT, r->file, mark ? mark->line + 1 : 0, mark ? mark->column + 1 : 0,
                      "%s", message);
}

static hd_status count_nodes(reader *r, int64_t more, struct fy_token *token, hd_error *err) {
    if (more > HD_TREE_NODES - r->nodes)
        return fail_at_token(r, token, err,
                             "too many nodes: the text, with its aliases written out, is too large");
    r->nodes += more;
    return HD_OK;
}

static hd_status copy_quoted(reader *r, struct fy_token *token, const char **out, size_t *length, hd_error *err) {
    const size_t from = fy_token_start_mark(token)->input_pos, to = fy_token_end_mark(token)->input_pos;
    char *text = from <= to && to <= r->length ? hd_arena_alloc(r->arena, to - from + 1, 1) : NULL;
    if (!text) return hd_fail_memory(err);
    *length = hd_single_quoted(r->text + from, to - from, text);
    *out = text;
    return HD_OK;
}

static hd_status copy_token(reader *r, struct fy_token *token, const char **out, size_t *length,
                            hd_error *err) {
    const char *text = "";
    *length = 0;
    if (token && fy_token_scalar_style(token) == FYSS_SINGLE_QUOTED) return copy_quoted(r, token, out, length, err);
    if (token) text = fy_token_get_text(token, length);
    *out = text ? hd_arena_textn(r->arena, text, *length) : NULL;
    return *out ? HD_OK : hd_fail_memory(err);
}

static hd_status new_node(reader *r, hd_node_kind kind, struct fy_token *token, struct fy_token *tag,
                          hd_node **out, hd_error *err) {
    size_t length;
    HD_TRY(count_nodes(r, 1, token, err));
    hd_node *node = hd_arena_alloc(r->arena, 1, sizeof *node);
    if (!node) return hd_fail_memory(err);
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    const hd_node *parent = r->depth > 0 ? r->frame[r->depth - 1].node : NULL;
    node->kind = kind;
    node->file = r->file;
    node->line = mark ? mark->line + 1 : parent ? parent->line : 1;
    node->column = mark ? mark->column + 1 : parent ? parent->column : 1;
    node->text = "";
    node->size = 1;
    if (tag) HD_TRY(copy_token(r, tag, &node->tag, &length, err));
    *out = node;
    return HD_OK;
}

static hd_status name_anchor(reader *r, struct fy_token *token, hd_node *node, hd_error *err) {
    if (!token) return HD_OK;
    if (++r->anchor_count > MAX_ANCHORS) return fail_at_token(r, token, err, "more than 4096 anchors");
    anchor *a = hd_arena_alloc(r->arena, 1, sizeof *a);
    if (!a) return hd_fail_memory(err);
    HD_TRY(copy_token(r, token, &a->name, &a->length, err));
    a->node = node;
    a->next = r->anchors;
    r->anchors = a;
    return HD_OK;
}

/* Hand a node to the collection that is open, or make it the root. */
static hd_status attach(reader *r, hd_node *node, hd_error *err) {
    if (r->depth == 0) {
        r->root = node;
        return HD_OK;
    }
    frame *f = &r->frame[r->depth - 1];
    if (f->node->kind == HD_NODE_MAP && f->count % 2 == 0 && node->kind != HD_NODE_SCALAR)
        return hd_node_fail(node, err, "a key must be a single value, not a collection");
    member *m = hd_arena_alloc(r->arena, 1, sizeof *m);
    if (!m) return hd_fail_memory(err);
    m->node = node;
    if (f->last)
        f->last->next = m;
    else
        f->first = m;
    f->last = m;
    f->count++;
    f->node->size += node->size;
    return HD_OK;
}

static hd_status open_collection(reader *r, hd_node_kind kind, struct fy_token *token, struct fy_token *tag,
                                 struct fy_token *anchor_token, hd_error *err) {
    hd_node *node;
    if (r->depth == HD_TREE_DEPTH) return fail_at_token(r, token, err, "more than 64 levels of nesting");
    HD_TRY(new_node(r, kind, token, tag, &node, err));
    frame f = {.node = node};
    if (anchor_token) { /* known by name only when complete: the node is filled in on closing */
        HD_TRY(name_anchor(r, anchor_token, NULL, err));
        f.named = r->anchors;
    }
    r->frame[r->depth++] = f;
    return HD_OK;
}

/* ---- maps: merges and duplicate keys ---- */

typedef struct entry {
    hd_node *key, *item;
    int order;
    bool own, dropped;
} entry;

static int by_key(const void *left, const void *right) {
    const entry *a = left, *b = right;
    size_t shorter = a->key->length < b->key->length ? a->key->length : b->key->length;
    int c = memcmp(a->key->text, b->key->text, shorter);
    if (c != 0) return c;
    if (a->key->length != b->key->length) return a->key->length < b->key->length ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static int by_order(const void *left, const void *right) {
    const entry *a = left, *b = right;
    return a->order < b->order ? -1 : a->order > b->order;
}

static bool same_key(const entry *a, const entry *b) {
    return a->key->length == b->key->length && memcmp(a->key->text, b->key->text, a->key->length) == 0;
}

static bool is_merge(const hd_node *key) {
    return !key->quoted && hd_node_is(key, "<<");
}

/* Check what `<<` stands before; how many entries it brings. */
static hd_status count_merged(const hd_node *value, int *out, hd_error *err) {
    static const char expected[] = "'<<' merges a map or a list of maps";
    if (value->kind == HD_NODE_MAP)
        *out += value->items;
    else if (value->kind == HD_NODE_SCALAR)
        return hd_node_fail(value, err, expected);
    else
        for (int i = 0; i < value->items; i++) {
            if (value->item[i]->kind != HD_NODE_MAP) return hd_node_fail(value->item[i], err, expected);
            *out += value->item[i]->items;
        }
    return HD_OK;
}

static int put_map(const hd_node *map, entry *entries, int at) {
    for (int i = 0; i < map->items; i++, at++)
        entries[at] = (entry){.key = map->key[i], .item = map->item[i], .order = at};
    return at;
}

/* Own entries in their order, then merged ones. */
static void put_entries(const frame *f, entry *entries) {
    int at = 0;
    for (const member *m = f->first; m; m = m->next->next)
        if (!is_merge(m->node)) {
            entries[at] = (entry){.key = m->node, .item = m->next->node, .order = at, .own = true};
            at++;
        }
    for (const member *m = f->first; m; m = m->next->next) {
        const hd_node *value = m->next->node;
        if (!is_merge(m->node)) continue;
        if (value->kind == HD_NODE_MAP)
            at = put_map(value, entries, at);
        else
            for (int i = 0; i < value->items; i++) at = put_map(value->item[i], entries, at);
    }
}

static hd_status drop_repeated(entry *entries, int count, int *left, hd_error *err) {
    qsort(entries, (size_t)count, sizeof *entries, by_key);
    *left = count;
    for (int i = 1, kept = 0; i < count; i++) {
        if (!same_key(&entries[kept], &entries[i])) {
            kept = i;
            continue;
        }
        if (entries[i].own) {
            char shown[HD_NODE_SHOWN];
            return hd_node_fail(entries[i].key, err, "the key %s stands twice in this map (first at line %d)",
                                hd_node_shown(entries[i].key, shown), entries[kept].key->line);
        }
        entries[i].dropped = true;
        --*left;
    }
    qsort(entries, (size_t)count, sizeof *entries, by_order);
    return HD_OK;
}

static hd_status close_map(reader *r, frame *f, hd_error *err) {
    int count = 0, left = 0;
    for (const member *m = f->first; m; m = m->next->next)
        if (is_merge(m->node))
            HD_TRY(count_merged(m->next->node, &count, err));
        else
            count++;
    if (count == 0) return HD_OK;
    entry *entries = hd_arena_alloc(r->arena, (size_t)count, sizeof *entries);
    if (!entries) return hd_fail_memory(err);
    put_entries(f, entries);
    HD_TRY(drop_repeated(entries, count, &left, err));
    f->node->key = hd_arena_alloc(r->arena, (size_t)left, sizeof *f->node->key);
    f->node->item = hd_arena_alloc(r->arena, (size_t)left, sizeof *f->node->item);
    if (!f->node->key || !f->node->item) return hd_fail_memory(err);
    for (int i = 0; i < count; i++) {
        if (entries[i].dropped) continue;
        f->node->key[f->node->items] = entries[i].key;
        f->node->item[f->node->items++] = entries[i].item;
    }
    return HD_OK;
}

static hd_status close_list(reader *r, frame *f, hd_error *err) {
    if (f->count == 0) return HD_OK;
    f->node->item = hd_arena_alloc(r->arena, (size_t)f->count, sizeof *f->node->item);
    if (!f->node->item) return hd_fail_memory(err);
    for (const member *m = f->first; m; m = m->next) f->node->item[f->node->items++] = m->node;
    return HD_OK;
}

static hd_status close_collection(reader *r, hd_error *err) {
    frame *f = &r->frame[r->depth - 1];
    HD_TRY(f->node->kind == HD_NODE_MAP ? close_map(r, f, err) : close_list(r, f, err));
    if (f->named) f->named->node = f->node;
    r->depth--;
    return attach(r, f->node, err);
}

/* ---- events ---- */

static hd_status read_scalar(reader *r, const struct fy_event *event, hd_error *err) {
    hd_node *node;
    struct fy_token *value = event->scalar.value;
    HD_TRY(new_node(r, HD_NODE_SCALAR, value, event->scalar.tag, &node, err));
    HD_TRY(copy_token(r, value, &node->text, &node->length, err));
    node->quoted = value && fy_token_scalar_style(value) != FYSS_PLAIN;
    HD_TRY(name_anchor(r, event->scalar.anchor, node, err));
    return attach(r, node, err);
}

static hd_status read_alias(reader *r, struct fy_token *token, hd_error *err) {
    size_t length;
    const char *name = token ? fy_token_get_text(token, &length) : NULL;
    if (!name) return hd_fail_memory(err);
    for (anchor *a = r->anchors; a; a = a->next) {
        if (a->length != length || memcmp(a->name, name, length) != 0) continue;
        if (!a->node) return fail_at_token(r, token, err, "this alias stands inside the node that it names");
        HD_TRY(count_nodes(r, a->node->size, token, err));
        return attach(r, a->node, err);
    }
    return fail_at_token(r, token, err, "this alias names no anchor before it");
}

static hd_status read_event(reader *r, const struct fy_event *event, hd_error *err) {
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (++r->documents > 1)
            return fail_at_token(r, event->document_start.document_start, err,
                                 "found a second document, expected exactly one");
        return HD_OK;
    case FYET_SCALAR:
        return read_scalar(r, event, err);
    case FYET_ALIAS:
        return read_alias(r, event->alias.anchor, err);
    case FYET_MAPPING_START:
        return open_collection(r, HD_NODE_MAP, event->mapping_start.mapping_start, event->mapping_start.tag,
                               event->mapping_start.anchor, err);
    case FYET_SEQUENCE_START:
        return open_collection(r, HD_NODE_LIST, event->sequence_start.sequence_start,
                               event->sequence_start.tag, event->sequence_start.anchor, err);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        return close_collection(r, err);
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        return HD_OK;
    }
    return HD_OK;
}

static hd_status report_syntax(reader *r, struct fy_diag *diag, hd_error *err) {
    void *walk = NULL;
    const struct fy_diag_error *e = fy_diag_errors_iterate(diag, &walk);
    if (!e) return hd_fail_at(err, HD_ERR_INPUT, r->file, 0, 0, "not YAML");
    return hd_fail_at(err, HD_ERR_INPUT, r->file, e->line > 0 ? e->line : 0, e->column > 0 ? e->column : 0,
                      "not YAML: %s", e->msg ? e->msg : "the text cannot be scanned");
}

static hd_status read_events(reader *r, struct fy_parser *parser, struct fy_diag *diag, hd_error *err) {
    struct fy_event *event;
    while ((event = fy_parser_parse(parser))) {
        hd_status status = read_event(r, event, err);
        fy_parser_event_free(parser, event);
        if (status != HD_OK) return status;
    }
    if (fy_parser_get_stream_error(parser)) return report_syntax(r, diag, err);
    if (!r->root || r->depth != 0) return hd_fail_at(err, HD_ERR_INPUT, r->file, 1, 1, "the text is empty");
    return HD_OK;
}

/* libfyaml's scanner trusts its bytes: one that is not UTF-8 inside a directive keeps it busy for ever. */
static hd_status check_bytes(const char *text, size_t length, const char *file, hd_error *err) {
    int line = 1, column = 1;
    for (size_t at = 0, size; at < length; at += size, column++) {
        unsigned char here[5] = {0}; /* ends in a zero, which no sequence goes beyond */
        unsigned point;
        memcpy(here, text + at, length - at < 4 ? length - at : 4);
        if (here[0] == '\0') return hd_fail_at(err, HD_ERR_INPUT, file, line, column, "not YAML: a zero byte");
        size = hd_utf8(here, &point);
        if (size == 0)
            return hd_fail_at(err, HD_ERR_INPUT, file, line, column,
                              "not YAML: the byte 0x%02x is not UTF-8; save the file as UTF-8", here[0]);
        if (point == '\n') line++, column = 0;
    }
    return HD_OK;
}

static void say_nothing(struct fy_diag *diag, void *user, const char *text, size_t length) {
    (void)diag, (void)user, (void)text, (void)length;
}

hd_status hd_yaml_read(const char *text, size_t length, const char *file, hd_arena *arena, hd_node **out,
                       hd_error *err) {
    reader *r = hd_arena_alloc(arena, 1, sizeof *r);
    const char *name = file ? hd_arena_text(arena, file) : NULL;
    if (!r || (file && !name)) return hd_fail_memory(err);
    r->arena = arena;
    r->file = name;
    r->text = text;
    r->length = length;
    HD_TRY(check_bytes(text, length, name, err));
    if (length == 0) return hd_fail_at(err, HD_ERR_INPUT, name, 1, 1, "the text is empty");
    struct fy_diag_cfg quiet = {.output_fn = say_nothing, .level = FYET_ERROR, .module_mask = ~0u};
    struct fy_diag *diag = fy_diag_create(&quiet);
    if (!diag) return hd_fail_memory(err);
    fy_diag_set_collect_errors(diag, true);
    const struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2,
                                        .diag = diag};
    struct fy_parser *parser = fy_parser_create(&config);
    hd_status status = HD_OK;
    if (!parser || fy_parser_set_string(parser, text, length) != 0)
        status = hd_fail_memory(err);
    else
        status = read_events(r, parser, diag, err);
    if (parser) fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    if (status == HD_OK) *out = r->root;
    return status;
}
