/* What chain of components is the flat form of 2019: `arithmetic` and a list `storage`, innermost first?  */
#include <string.h>

#include "formats/timeloop/parts.h"

static hd_status add(const hd_node *entry, tl_class kind, const hd_node *standard_name, tl_chain *out,
                     hd_error *err) {
    tl_component *c;
    int64_t count;
    HD_TRY(hd_node_expect(entry, HD_NODE_MAP, kind == TL_COMPUTE ? "arithmetic" : "storage", err));
    HD_TRY(hd_tl_check_attributes(entry, err));
    const hd_node *name = hd_tl_get(entry, "name");
    HD_TRY(hd_tl_add_component(out, name ? name : standard_name, entry, &count, &c, err));
    c->kind = kind;
    c->scope.map[c->scope.maps++] = entry; /* attributes stand in the entry itself */
    c->own = c->scope.maps;
    c->instances = count > 1 ? count : 0;
    return HD_OK;
}

hd_status hd_tl_read_flat(const hd_node *arch, tl_chain *out, hd_error *err) {
    static const hd_node MAC = {.kind = HD_NODE_SCALAR, .text = "MAC", .length = 3};
    const hd_node *storage = hd_tl_get(arch, "storage"), *arithmetic = hd_tl_get(arch, "arithmetic");
    HD_TRY(hd_node_expect(storage, HD_NODE_LIST, "storage", err));
    if (!arithmetic)
        return hd_node_fail(arch, err,
                            "arch: no arithmetic; expected arithmetic: {name, instances, word-bits}");
    for (int i = storage->items - 1; i >= 0; i--) HD_TRY(add(storage->item[i], TL_STORAGE, NULL, out, err));
    memcpy(out->name, "arch", 5);
    return add(arithmetic, TL_COMPUTE, &MAC, out, err);
}
