/* What do the directives of mappings and the targets of constraints have in common?  The level they speak of,
 * lists of tensors, and the flags that switch a kind of reuse off. */
#include <string.h>

#include "formats/timeloop/parts.h"

hd_status hd_tl_read_target(const hd_node *directive, const hd_arch *arch, int *level, hd_error *err) {
    char shown[HD_NODE_SHOWN], list[400] = "";
    const hd_node *target = hd_tl_get(directive, "target");
    if (!target) return hd_node_fail(directive, err, "found no target, expected the name of a storage level");
    HD_TRY(hd_node_expect(target, HD_NODE_SCALAR, "target", err));
    for (int l = 0; l < arch->levels - 1; l++) {
        if (hd_node_is(target, arch->level[l].name)) {
            *level = l;
            return HD_OK;
        }
        size_t at = strlen(list), length = strlen(arch->level[l].name);
        if (at + length + 2 >= sizeof list) continue;
        list[at] = ' ';
        memcpy(list + at + 1, arch->level[l].name, length + 1);
    }
    if (hd_node_is(target, arch->level[arch->levels - 1].name))
        return hd_node_fail(
            target, err,
            "target: %s is the arithmetic level, it has no loops and keeps nothing; storage levels:%s",
            arch->level[arch->levels - 1].name, list);
    return hd_node_fail(target, err, "target: found %s, expected a storage level of the architecture:%s",
                        hd_node_shown(target, shown), list);
}

static hd_status read_tensor(const hd_node *node, const char *what, const hd_operator *op, unsigned *roles,
                             hd_error *err) {
    char shown[HD_NODE_SHOWN];
    HD_TRY(hd_node_expect(node, HD_NODE_SCALAR, what, err));
    if (hd_node_is(node, "*")) {
        for (int r = 0; r < HD_ROLES; r++)
            if (op->tensor[r].used) *roles |= HD_ROLE_BIT(r);
        return HD_OK;
    }
    const char *name;
    HD_TRY(hd_node_text(node, what, &name, err));
    int role = hd_tl_role(op, name);
    if (role < 0)
        return hd_node_fail(node, err, "%s: found %s, expected a data-space of the problem", what,
                            hd_node_shown(node, shown));
    *roles |= HD_ROLE_BIT(role);
    return HD_OK;
}

hd_status hd_tl_read_tensors(const hd_node *node, const char *what, const hd_operator *op, unsigned *roles,
                          hd_error *err) {
    *roles = 0;
    if (hd_node_is_null(node)) return HD_OK;
    if (node->kind == HD_NODE_SCALAR) return read_tensor(node, what, op, roles, err);
    HD_TRY(hd_node_expect(node, HD_NODE_LIST, what, err));
    for (int i = 0; i < node->items; i++) HD_TRY(read_tensor(node->item[i], what, op, roles, err));
    return HD_OK;
}

/* ---- flags ---- */

static void stop_multicast(hd_arch *arch, int level, unsigned roles) {
    for (int axis = 0; axis < HD_AXES; axis++) {
        arch->level[level + 1].multicast[axis] &= ~roles;
        if (roles & HD_ROLE_BIT(HD_O)) arch->level[level + 1].reduce[axis] = false;
    }
}

static void stop_links(hd_arch *arch, int level, unsigned roles) {
    arch->level[level + 1].timeloop.no_links |= roles;
}

/* The tile that this level holds is not kept from one step of the loops outside to the next. */
static void stop_reuse(hd_arch *arch, int level, unsigned roles) {
    arch->level[level].timeloop.no_reuse |= roles;
}

static const struct flag {
    const char *key;
    bool spatial;
    void (*apply)(hd_arch *arch, int level,
                  unsigned roles); /* NULL: of later releases, heddle has no such rule */
} FLAGS[] = {
    {"no_multicast_no_reduction", true, stop_multicast},
    {"no_reuse", true, stop_multicast},
    {"no_link_transfer", true, stop_links},
    {"no_temporal_reuse", false, stop_reuse},
    {"no_reuse", false, stop_reuse},
    {"rmw_first_update", false, NULL},
    {"no_coalesce", false, NULL},
};

hd_status hd_tl_read_flags(const hd_node *directive, bool spatial, int level, const hd_operator *op,
                        hd_arch *arch, hd_error *err) {
    for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
        const struct flag *f = &FLAGS[i];
        const hd_node *node = f->spatial == spatial ? hd_tl_get(directive, f->key) : NULL;
        unsigned roles;
        if (!node) continue;
        HD_TRY(hd_tl_read_tensors(node, f->key, op, &roles, err));
        if (f->apply)
            f->apply(arch, level, roles);
        else if (roles)
            return hd_node_fail(
                node, err, "%s belongs to releases after 3.0 of Timeloop, the model follows 3.0", f->key);
    }
    return HD_OK;
}
