/* What chain of components is a list of v0.4 nodes?  The lowering of Timeloop's Python front end:
 *
 * nodes stand outermost first; `spatial` of a node makes copies of it and of everything after it, which first
 * puts a storage level of no size in front, inter_NAME_spatial, that bypasses every tensor and owns the
 * fan-out; attributes of containers are inherited by what follows.  Children of !Parallel hold different
 * tensors; their order is free.       */
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "formats/timeloop/parts.h"

typedef struct walk {
    tl_chain *chain;
    int64_t mesh[HD_AXES];
    tl_scope inherited; /* attributes of containers, innermost first */
    bool parallel;
    hd_error *err;
} walk;

static bool has_tag(const hd_node *node, const char *name) {
    return node->tag && node->tag[0] == '!' && strcmp(node->tag + 1, name) == 0;
}

/* ---- attributes and copies ---- */

static hd_status own_attributes(const hd_node *node, const hd_node **out, hd_error *err) {
    *out = hd_tl_get(node, "attributes");
    if (*out && hd_node_is_null(*out)) *out = NULL;
    return *out ? hd_node_expect(*out, HD_NODE_MAP, "attributes", err) : HD_OK;
}

/* What names mean in a node: its own attributes, those of the containers around it, the variables. */
static hd_status scope_of(const walk *w, const hd_node *node, tl_scope *scope, int *own) {
    const hd_node *attributes;
    const tl_scope *parts[] = {&w->inherited, &w->chain->variables};
    HD_TRY(own_attributes(node, &attributes, w->err));
    *scope = (tl_scope){0};
    if (attributes) scope->map[scope->maps++] = attributes;
    for (int p = 0; p < 2; p++) {
        for (int m = 0; m < parts[p]->maps && scope->maps < TL_MAX_SCOPE; m++)
            scope->map[scope->maps++] = parts[p]->map[m];
        if (p == 0) *own = scope->maps;
    }
    return HD_OK;
}

static hd_status inherit(walk *w, const hd_node *node) {
    const hd_node *attributes;
    HD_TRY(own_attributes(node, &attributes, w->err));
    if (!attributes) return HD_OK;
    if (w->inherited.maps == TL_MAX_SCOPE / 2)
        return hd_node_fail(node, w->err, "more than %d containers with attributes", TL_MAX_SCOPE / 2);
    for (int m = w->inherited.maps++; m > 0; m--) w->inherited.map[m] = w->inherited.map[m - 1];
    w->inherited.map[0] = attributes;
    return HD_OK;
}

static const char *const COMPONENT[] = {"name",       "class",        "subclass",         "attributes", "spatial",
                                       "constraints", "enabled",     "required_actions", "actions",    "area_scale",
                                       "energy_scale", "power_gated_at", NULL},
                        *const CONTAINER[] = {"name",    "class",          "subclass", "attributes", "spatial", "constraints",
                                              "enabled", "power_gated_at", NULL},
                        *const GROUP[] = {"name", "nodes", "enabled", NULL}, *const SPATIAL[] = {"meshX", "meshY", NULL};

static hd_status copies_of(const walk *w, const hd_node *node, int64_t copies[HD_AXES]) {
    const hd_node *spatial = hd_tl_get(node, "spatial");
    tl_scope scope;
    int own;
    size_t length;
    int64_t range = 1;
    copies[HD_X] = copies[HD_Y] = 1;
    if (hd_tl_get(node, "name"))
        HD_TRY(hd_tl_range(hd_tl_get(node, "name"), "name", &length, &range, w->err));
    if (range != 1)
        return hd_node_fail(node, w->err,
                            "a name with a range belongs to v0.3; here copies are spatial: {meshX: %lld}",
                            (long long)range);
    if (!spatial || hd_node_is_null(spatial)) return HD_OK;
    HD_TRY(hd_node_expect(spatial, HD_NODE_MAP, "spatial", w->err));
    HD_TRY(hd_tl_check_keys(spatial, SPATIAL, w->err));
    HD_TRY(scope_of(w, node, &scope, &own));
    const hd_node *x = hd_tl_get(spatial, "meshX"), *y = hd_tl_get(spatial, "meshY");
    if (x) HD_TRY(hd_tl_int(x, "meshX", &scope, 1, 1 << 30, &copies[HD_X], w->err));
    if (y) HD_TRY(hd_tl_int(y, "meshY", &scope, 1, 1 << 30, &copies[HD_Y], w->err));
    return HD_OK;
}

/* ---- components ---- */

static hd_status add_dummy(walk *w, const hd_node *node) {
    tl_component *c;
    const hd_node *name = hd_tl_get(node, "name");
    char text[sizeof c->name + 32];
    int64_t count;
    int length = snprintf(text, sizeof text, "inter_%s_spatial",
                          name && name->kind == HD_NODE_SCALAR ? name->text : "");
    if (length < 0 || (size_t)length >= sizeof c->name)
        return hd_node_fail(node, w->err, "the name of a node with spatial copies may have %zu bytes at most",
                            sizeof c->name - sizeof "inter__spatial");
    const hd_node dummy = {.kind = HD_NODE_SCALAR,
                           .file = node->file,
                           .line = node->line,
                           .column = node->column,
                           .text = text,
                           .length = (size_t)length};
    HD_TRY(hd_tl_add_component(w->chain, name ? &dummy : NULL, node, &count, &c, w->err));
    c->kind = TL_STORAGE;
    c->dummy = true;
    c->mesh_x = w->mesh[HD_X];
    c->mesh_y = w->mesh[HD_Y];
    c->constraints = hd_tl_get(node, "constraints");
    return HD_OK;
}

static hd_status multiply_mesh(walk *w, const hd_node *node) {
    int64_t copies[HD_AXES];
    HD_TRY(copies_of(w, node, copies));
    if (copies[HD_X] == 1 && copies[HD_Y] == 1) return HD_OK;
    if (w->parallel)
        return hd_node_fail(
            node, w->err, "spatial copies inside !Parallel are not supported (nor in Timeloop's front end)");
    HD_TRY(add_dummy(w, node));
    for (int a = 0; a < HD_AXES; a++)
        if (!hd_count_mul(w->mesh[a], copies[a], &w->mesh[a]) || w->mesh[a] >= HD_COUNT_EXACT)
            return hd_node_fail(node, w->err, "spatial: 2^53 instances or more");
    return HD_OK;
}

static hd_status is_enabled(const hd_node *node, bool *out, hd_error *err) {
    const hd_node *enabled = hd_tl_get(node, "enabled");
    char shown[HD_NODE_SHOWN];
    *out = !enabled || hd_node_is(enabled, "true") || hd_node_is(enabled, "True");
    if (*out || hd_node_is(enabled, "false") || hd_node_is(enabled, "False")) return HD_OK;
    return hd_node_fail(enabled, err, "enabled: found %s, expected true or false",
                        hd_node_shown(enabled, shown));
}

static hd_status add_component(walk *w, const hd_node *node) {
    const hd_node *class_ = hd_tl_get(node, "class");
    tl_component *c;
    int64_t count;
    HD_TRY(hd_tl_check_node(node, COMPONENT, w->err));
    HD_TRY(hd_tl_check_attributes(hd_tl_get(node, "attributes"), w->err));
    HD_TRY(multiply_mesh(w, node));
    HD_TRY(hd_tl_add_component(w->chain, hd_tl_get(node, "name"), node, &count, &c, w->err));
    if (!class_)
        return hd_node_fail(node, w->err, "component %s: no class; expected DRAM, SRAM, regfile, intmac, ...",
                            c->name);
    HD_TRY(hd_node_expect(class_, HD_NODE_SCALAR, "class", w->err));
    HD_TRY(scope_of(w, node, &c->scope, &c->own));
    c->kind = hd_tl_class_of(class_->text);
    c->dram = strstr(class_->text, "DRAM") != NULL;
    c->mesh_x = w->mesh[HD_X];
    c->mesh_y = w->mesh[HD_Y];
    c->constraints = hd_tl_get(node, "constraints");
    c->parallel = w->parallel;
    return HD_OK;
}

/* ---- the walk ---- */

static hd_status check_container(const walk *w, const hd_node *node) {
    const hd_node *constraints = hd_tl_get(node, "constraints");
    char shown[HD_NODE_SHOWN];
    for (int i = 0; constraints && constraints->kind == HD_NODE_MAP && i < constraints->items; i++)
        if (!hd_tl_key_is(constraints->key[i], "spatial"))
            return hd_node_fail(constraints->key[i], w->err,
                                "constraints of a container: found %s, expected spatial; the others "
                                "belong to components",
                                hd_node_shown(constraints->key[i], shown));
    return HD_OK;
}

static hd_status add_container(walk *w, const hd_node *node) {
    const hd_node *name = hd_tl_get(node, "name");
    HD_TRY(hd_tl_check_node(node, CONTAINER, w->err));
    HD_TRY(check_container(w, node));
    if (w->parallel)
        return hd_node_fail(node, w->err,
                            "a !Container inside !Parallel is not supported (nor in Timeloop's front end)");
    HD_TRY(multiply_mesh(w, node));
    if (!w->chain->name[0] && name && name->length > 0 && name->length < sizeof w->chain->name)
        memcpy(w->chain->name, name->text, name->length + 1); /* the outermost container names the chip */
    return inherit(w, node);
}

static hd_status add_nodes(walk *w, const hd_node *owner);

static hd_status add_node(walk *w, const hd_node *node) {
    bool parallel = w->parallel, enabled;
    if (has_tag(node, "Nothing")) return HD_OK;
    HD_TRY(hd_node_expect(node, HD_NODE_MAP, "node", w->err));
    HD_TRY(is_enabled(node, &enabled, w->err));
    if (has_tag(node, "Component")) return enabled ? add_component(w, node) : HD_OK;
    if (has_tag(node, "Container")) return enabled ? add_container(w, node) : HD_OK;
    if (!has_tag(node, "Hierarchical") && !has_tag(node, "Parallel") && !has_tag(node, "Pipelined"))
        return hd_node_fail(
            node, w->err,
            "found a node %s%s, expected the tag !Component, !Container, !Hierarchical, !Parallel, "
            "!Pipelined or !Nothing",
            node->tag ? "tagged " : "without a tag", node->tag ? node->tag : "");
    HD_TRY(hd_tl_check_node(node, GROUP, w->err));
    if (!enabled) return HD_OK;
    w->parallel = parallel || has_tag(node, "Parallel");
    HD_TRY(add_nodes(w, node));
    w->parallel = parallel;
    return HD_OK;
}

static hd_status add_nodes(walk *w, const hd_node *owner) {
    const hd_node *nodes = hd_tl_get(owner, "nodes");
    if (!nodes) return hd_node_fail(owner, w->err, "found a group without nodes, expected nodes: [...]");
    HD_TRY(hd_node_expect(nodes, HD_NODE_LIST, "nodes", w->err));
    for (int i = 0; i < nodes->items; i++) HD_TRY(add_node(w, nodes->item[i]));
    return HD_OK;
}

hd_status hd_tl_read_nodes(const hd_node *architecture, tl_chain *out, hd_error *err) {
    walk w = {.chain = out, .mesh = {1, 1}, .err = err};
    return add_nodes(&w, architecture);
}
