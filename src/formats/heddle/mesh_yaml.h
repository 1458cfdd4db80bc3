/* `mesh:` of a level in a chip file: what a mesh of nodes has beyond a plain fan-out. */
#ifndef HD_FORMATS_HEDDLE_MESH_YAML_H
#define HD_FORMATS_HEDDLE_MESH_YAML_H

#include "arch/arch.h"
#include "base/text.h"
#include "syntax/fields.h"

/* Rows for the table of a level's keys: each reads one key into the level's mesh. */
hd_status hd_mesh_read_ports(const hd_node *value, hd_level *level, hd_error *err);
hd_status hd_mesh_read_hop_energy(const hd_node *value, hd_level *level, hd_error *err);
hd_status hd_mesh_read_hop_cycles(const hd_node *value, hd_level *level, hd_error *err);
hd_status hd_mesh_read_link(const hd_node *value, hd_level *level, hd_error *err);
hd_status hd_mesh_read_share(const hd_node *value, hd_level *level, hd_error *err);
/* ", ports: [[0, 0], ...], hop_energy_pj: ..." : the keys above, to follow those of a fan-out. */
void hd_mesh_write(const hd_mesh *mesh, hd_text *text);

#endif
