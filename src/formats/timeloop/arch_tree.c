/* What chain of components is a tree of `subtree` and `local` lists (v0.2, v0.3)?
 *
 * A subtree has one child, so the tree is a chain; a range in a name multiplies everything inside.  Also
 * here: what all three forms share, adding a component and telling storage from arithmetic by its class. */
#include <string.h>

#include "base/count.h"
#include "formats/timeloop/parts.h"

static const struct {
    const char *word;
    tl_class kind;
} CLASS[] = {
    {"XY_NoC", TL_NETWORK},          {"Legacy", TL_NETWORK},      {"ReductionTree", TL_NETWORK},
    {"SimpleMulticast", TL_NETWORK}, {"DRAM", TL_STORAGE},        {"SRAM", TL_STORAGE},
    {"regfile", TL_STORAGE},         {"smartbuffer", TL_STORAGE}, {"storage", TL_STORAGE},
    {"compute", TL_COMPUTE},         {"mac", TL_COMPUTE},
};

tl_class hd_tl_class_of(const char *class_) {
    for (size_t i = 0; i < sizeof CLASS / sizeof *CLASS; i++)
        if (strstr(class_, CLASS[i].word)) return CLASS[i].kind;
    return TL_OTHER;
}

const hd_node *hd_tl_attribute(const tl_component *c, const char *key) {
    for (int m = 0; m < c->own; m++) {
        const hd_node *value = hd_tl_get(c->scope.map[m], key);
        if (value) return hd_node_is_null(value) ? NULL : value;
    }
    return NULL;
}

hd_status hd_tl_add_component(tl_chain *chain, const hd_node *name, const hd_node *at, int64_t *count,
                              tl_component **out, hd_error *err) {
    size_t length;
    if (!name) return hd_node_fail(at, err, "component: no name");
    if (chain->components == TL_MAX_COMPONENTS)
        return hd_node_fail(at, err, "architecture: more than %d components", (int)TL_MAX_COMPONENTS);
    tl_component *c = &chain->component[chain->components];
    *c = (tl_component){.at = at, .level = -1};
    HD_TRY(hd_tl_range(name, "component", &length, count, err));
    if (length >= sizeof c->name)
        return hd_node_fail(name, err, "component: the name has %zu bytes, at most %zu fit", length,
                            sizeof c->name - 1);
    memcpy(c->name, name->text, length);
    chain->components++;
    *out = c;
    return HD_OK;
}

static hd_status multiply(const hd_node *at, int64_t *instances, int64_t count, hd_error *err) {
    if (hd_count_mul(*instances, count, instances) && *instances < HD_COUNT_EXACT) return HD_OK;
    return hd_node_fail(at, err, "the ranges in the names make 2^53 instances or more");
}

static void add_variables(const tl_chain *chain, tl_component *c) {
    c->own = c->scope.maps;
    for (int m = 0; m < chain->variables.maps && c->scope.maps < TL_MAX_SCOPE; m++)
        c->scope.map[c->scope.maps++] = chain->variables.map[m];
}

static const char *const LOCAL[] = {"name", "class", "subclass", "attributes", "arguments", "actions", "required_actions",
                                   "area_share", NULL},
                        *const SUBTREE[] = {"name", "attributes", "local", "subtree", "version", NULL};

static hd_status read_local(const hd_node *node, int64_t instances, tl_chain *chain, hd_error *err) {
    const hd_node *class_ = hd_tl_get(node, "class"), *attributes = hd_tl_get(node, "attributes");
    tl_component *c;
    int64_t count;
    HD_TRY(hd_node_expect(node, HD_NODE_MAP, "component", err));
    HD_TRY(hd_tl_check_node(node, LOCAL, err));
    HD_TRY(hd_tl_check_attributes(attributes, err));
    HD_TRY(hd_tl_add_component(chain, hd_tl_get(node, "name"), node, &count, &c, err));
    if (!class_)
        return hd_node_fail(node, err, "component %s: no class; expected DRAM, SRAM, regfile, intmac, ...",
                            c->name);
    HD_TRY(hd_node_expect(class_, HD_NODE_SCALAR, "class", err));
    if (attributes && !hd_node_is_null(attributes)) {
        HD_TRY(hd_node_expect(attributes, HD_NODE_MAP, "attributes", err));
        c->scope.map[c->scope.maps++] = attributes;
    }
    c->instances = instances;
    HD_TRY(multiply(node, &c->instances, count, err));
    c->kind = hd_tl_class_of(class_->text);
    c->dram = strstr(class_->text, "DRAM") != NULL;
    add_variables(chain, c);
    return HD_OK;
}

static hd_status read_subtree(const hd_node *node, int64_t instances, tl_chain *chain, hd_error *err) {
    size_t length = 0;
    int64_t count = 1;
    HD_TRY(hd_node_expect(node, HD_NODE_MAP, "subtree", err));
    HD_TRY(hd_tl_check_node(node, SUBTREE, err));
    const hd_node *name = hd_tl_get(node, "name"), *local = hd_tl_get(node, "local"),
                  *inside = hd_tl_get(node, "subtree");
    if (name) HD_TRY(hd_tl_range(name, "subtree", &length, &count, err));
    HD_TRY(multiply(node, &instances, count, err));
    if (name && !chain->name[0] && length < sizeof chain->name) { /* the outermost container names the chip */
        memcpy(chain->name, name->text, length);
        chain->name[length] = '\0';
    }
    if (local) HD_TRY(hd_node_expect(local, HD_NODE_LIST, "local", err));
    for (int i = 0; local && i < local->items; i++) HD_TRY(read_local(local->item[i], instances, chain, err));
    if (!inside) return HD_OK;
    HD_TRY(hd_node_expect(inside, HD_NODE_LIST, "subtree", err));
    if (inside->items != 1)
        return hd_node_fail(inside, err, "subtree: found %d children, expected one (levels are a chain)",
                            inside->items);
    return read_subtree(inside->item[0], instances, chain, err);
}

hd_status hd_tl_read_tree(const hd_node *architecture, tl_chain *out, hd_error *err) {
    const hd_node *subtree = hd_tl_get(architecture, "subtree");
    HD_TRY(hd_node_expect(subtree, HD_NODE_LIST, "subtree", err));
    if (subtree->items != 1)
        return hd_node_fail(subtree, err, "subtree: found %d children, expected one (levels are a chain)",
                            subtree->items);
    return read_subtree(subtree->item[0], 1, out, err);
}
