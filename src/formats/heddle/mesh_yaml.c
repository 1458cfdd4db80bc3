/* What does a level's `mesh:` say beyond a fan-out?  DESIGN section 2. */
#include "formats/heddle/mesh_yaml.h"

static const double MAX_NUMBER = 1e300;

static hd_status read_port(const hd_node *v, int port[HD_AXES], hd_error *err) {
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "port", err));
    if (v->items != HD_AXES)
        return hd_node_fail(v, err, "port: found %d numbers, expected the two coordinates [x, y] of a node", v->items);
    for (int a = 0; a < HD_AXES; a++) {
        int64_t at;
        HD_TRY(hd_node_int(v->item[a], "port", 0, (1 << 30) - 1, &at, err));
        port[a] = (int)at;
    }
    return HD_OK;
}

hd_status hd_mesh_read_ports(const hd_node *v, hd_level *level, hd_error *err) {
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "ports", err));
    if (v->items < 1 || v->items > HD_MAX_PORTS)
        return hd_node_fail(v, err, "ports: found %d, expected 1 to %d nodes [x, y]", v->items, (int)HD_MAX_PORTS);
    for (int i = 0; i < v->items; i++) {
        hd_error inner;
        HD_TRY(read_port(v->item[i], level->mesh.port[i], err));
        if (hd_arch_check_port(level, i, &inner) != HD_OK) return hd_node_fail(v->item[i], err, "%s", inner.message);
    }
    level->mesh.ports = v->items;
    return HD_OK;
}

hd_status hd_mesh_read_hop_energy(const hd_node *v, hd_level *level, hd_error *err) {
    return hd_node_double(v, "hop_energy_pj", 0, MAX_NUMBER, &level->mesh.hop_pj, err);
}

hd_status hd_mesh_read_hop_cycles(const hd_node *v, hd_level *level, hd_error *err) {
    return hd_node_int(v, "hop_cycles", 0, 1 << 30, &level->mesh.hop_cycles, err);
}

hd_status hd_mesh_read_link(const hd_node *v, hd_level *level, hd_error *err) {
    return hd_node_double(v, "link_words_per_cycle", 0, MAX_NUMBER, &level->mesh.link_bw, err);
}

hd_status hd_mesh_read_share(const hd_node *v, hd_level *level, hd_error *err) {
    return hd_node_bool(v, "share", &level->mesh.share, err);
}

void hd_mesh_write(const hd_mesh *mesh, hd_text *text) {
    hd_text_append(text, ", ports: [");
    for (int i = 0; i < mesh->ports; i++)
        hd_text_format(text, "%s[%d, %d]", i > 0 ? ", " : "", mesh->port[i][HD_X], mesh->port[i][HD_Y]);
    hd_text_append(text, "], hop_energy_pj: ");
    hd_text_double(text, mesh->hop_pj);
    hd_text_format(text, ", hop_cycles: %lld, link_words_per_cycle: ", (long long)mesh->hop_cycles);
    hd_text_double(text, mesh->link_bw);
    hd_text_format(text, ", share: %s", mesh->share ? "true" : "false");
}
