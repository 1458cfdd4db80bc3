/* Which parts of which layers' schemes does the user fix? */
#include "formats/heddle/pins_yaml.h"

#include <fnmatch.h>
#include <string.h>

#include "formats/heddle/scheme_yaml.h"
#include "solve/draft.h"
#include "syntax/fields.h"
#include "syntax/file.h"
#include "syntax/yaml.h"

typedef struct member {
    hd_pin pin;
    const hd_node *at;
    struct member *next;
} member;

typedef struct reader {
    const hd_network *network;
    const hd_arch *arch;
    hd_arena *arena;
    const hd_node *layers, *levels;
    member *first, *last;
    int count;
} reader;

static bool is_named(const hd_layer *layer, const char *glob) {
    if (layer->fused_into >= 0) return false;
    return fnmatch(glob, layer->name, 0) == 0 || (layer->op_name && fnmatch(glob, layer->op_name, 0) == 0);
}

static bool same_dims(const hd_operator *a, const hd_operator *b) {
    if (a->dims != b->dims) return false;
    for (int d = 0; d < a->dims; d++)
        if (strcmp(a->dim[d].name, b->dim[d].name) != 0) return false;
    return true;
}

/* The glob that matches this name only. */
static const char *escape(hd_arena *arena, const char *name) {
    char *out = hd_arena_alloc(arena, 2 * strlen(name) + 1, 1), *at = out;
    for (; out && *name; name++) {
        if (strchr("*?[]\\", *name)) *at++ = '\\';
        *at++ = *name;
    }
    return out;
}

static hd_status add_pin(reader *r, const char *glob, const hd_operator *op, hd_error *err) {
    member *m = hd_arena_alloc(r->arena, 1, sizeof *m);
    if (!m || !glob) return hd_fail_memory(err);
    m->pin.layers = glob;
    m->at = r->levels;
    HD_TRY(hd_scheme_read(r->levels, op, r->arch, false, &m->pin.scheme, m->pin.pinned, err));
    if (r->last)
        r->last->next = m;
    else
        r->first = m;
    r->last = m;
    r->count++;
    return HD_OK;
}

static hd_status take_layers(const hd_node *v, void *t, hd_error *err) {
    ((reader *)t)->layers = v;
    return hd_node_expect(v, HD_NODE_SCALAR, "layers", err);
}

static hd_status take_levels(const hd_node *v, void *t, hd_error *err) {
    ((reader *)t)->levels = v;
    return hd_node_expect(v, HD_NODE_LIST, "levels", err);
}

static const hd_field PIN[] = {
    {"layers", true, take_layers}, {"levels", true, take_levels}, {"src", false, NULL}, {0}};

static hd_status read_pin(reader *r, const hd_node *v, hd_error *err) {
    const char *glob;
    const hd_layer *first = NULL;
    bool alike = true;
    HD_TRY(hd_fields_read(v, "pin", PIN, r, err));
    HD_TRY(hd_node_text(r->layers, "layers", &glob, err));
    for (int l = 0; l < r->network->layers; l++) {
        const hd_layer *layer = &r->network->layer[l];
        if (!is_named(layer, glob)) continue;
        if (!first) first = layer;
        alike = alike && same_dims(&first->op, &layer->op);
    }
    if (!first) return hd_node_fail(r->layers, err, "layers: no layer's name or operator matches '%s'", glob);
    if (alike) return add_pin(r, hd_arena_text(r->arena, glob), &first->op, err);
    for (int l = 0; l < r->network->layers; l++) {
        const hd_layer *layer = &r->network->layer[l];
        if (is_named(layer, glob)) HD_TRY(add_pin(r, escape(r->arena, layer->name), &layer->op, err));
    }
    return HD_OK;
}

static hd_status read_pins(const hd_node *v, void *t, hd_error *err) {
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "pins", err));
    for (int i = 0; i < v->items; i++) HD_TRY(read_pin(t, v->item[i], err));
    return HD_OK;
}

/* Can the widest space there is meet the pin?  Narrower ones are judged by the search that gets them. */
static hd_status check_pin(const reader *r, const member *m, const hd_operator *op, hd_error *err) {
    hd_error why = {0};
    hd_problem problem = {.op = op, .arch = r->arch};
    hd_form *form = hd_arena_alloc(r->arena, 1, sizeof *form);
    hd_space space;
    if (!form) return hd_fail_memory(err);
    hd_space_init_for(&space, &problem, &hd_model_timeloop, HD_SPACE_FREE, true, true);
    space.pin = &m->pin.scheme;
    memcpy(space.pinned, m->pin.pinned, sizeof space.pinned);
    if (hd_form_init(form, &space, &why) == HD_OK) return HD_OK;
    return hd_node_fail(m->at, err, "%s", why.message);
}

/* Every layer against the first pin that names it. */
static hd_status check_pins(const reader *r, hd_error *err) {
    hd_mark mark = hd_arena_mark(r->arena);
    for (int l = 0; l < r->network->layers; l++) {
        const member *m = r->first;
        while (m && !is_named(&r->network->layer[l], m->pin.layers)) m = m->next;
        if (m) HD_TRY(check_pin(r, m, &r->network->layer[l].op, err));
        hd_arena_rewind(r->arena, mark);
    }
    return HD_OK;
}

static hd_status read_format(const hd_node *v, void *t, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    (void)t;
    if (hd_node_is(v, "pins/1")) return HD_OK;
    return hd_node_fail(v, err, "heddle: found %s, expected pins/1", hd_node_shown(v, shown));
}

static const hd_field FILE_[] = {
    {"heddle", true, read_format}, {"pins", true, read_pins}, {"src", false, NULL}, {0}};

hd_status hd_pins_read(const char *text, size_t length, const char *file, const hd_network *net,
                       const hd_arch *arch, hd_arena *arena, hd_pin **out, int *count, hd_error *err) {
    hd_node *root;
    reader r = {.network = net, .arch = arch, .arena = arena};
    HD_TRY(hd_yaml_read(text, length, file, arena, &root, err));
    if (root->kind == HD_NODE_LIST)
        HD_TRY(read_pins(root, &r, err));
    else
        HD_TRY(hd_fields_read(root, "pins", FILE_, &r, err));
    HD_TRY(check_pins(&r, err));
    *out = hd_arena_alloc(arena, (size_t)r.count + 1, sizeof **out);
    if (!*out) return hd_fail_memory(err);
    *count = 0;
    for (const member *m = r.first; m; m = m->next) (*out)[(*count)++] = m->pin;
    return HD_OK;
}

hd_status hd_pins_read_file(const char *path, const hd_network *net, const hd_arch *arch, hd_arena *arena,
                            hd_pin **out, int *count, hd_error *err) {
    char *text;
    size_t length;
    HD_TRY(hd_file_read(path, arena, &text, &length, err));
    return hd_pins_read(text, length, path, net, arch, arena, out, count, err);
}
