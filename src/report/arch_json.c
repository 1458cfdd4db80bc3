/* What is a chip made of, for programs to read?  Levels outermost first; energies in pJ per word, bandwidths in words per
 * cycle and instance.                                                                                              */
#include "report/arch_json.h"

#include "report/json_writer.h"
#include "workload/operator.h"

_Static_assert((int)HD_ARCH_ROLES == (int)HD_ROLES, "a chip's roles are those of operators");

static const char *const AXIS[HD_AXES] = {"x", "y"};

static void limit(hd_json *json, const char *key, double value)
{
    if (value > 0) hd_json_double(json, key, value);
    else hd_json_null(json, key);
}

static void roles(hd_json *json, const char *key, unsigned set)
{
    hd_json_open_flat(json, key, '[');
    for (int r = 0; r < HD_ROLES; r++)
        if (set & HD_ROLE_BIT(r)) hd_json_text(json, NULL, hd_role_name((hd_role)r));
    hd_json_close(json, ']');
}

static void capacity(hd_json *json, const hd_level *level)
{
    if (!level->bounded) {
        hd_json_null(json, "capacity_words");
    } else if (!level->per_role) {
        hd_json_int(json, "capacity_words", level->capacity);
    } else {
        hd_json_open_flat(json, "capacity_words", '{');
        for (int r = 0; r < HD_ROLES; r++) hd_json_int(json, hd_role_name((hd_role)r), level->role_capacity[r]);
        hd_json_close(json, '}');
    }
}

static void energies(hd_json *json, const hd_level *level)
{
    hd_json_open(json, "energy_pj", '{');
    for (int r = 0; r < HD_ROLES; r++) {
        hd_json_open_flat(json, hd_role_name((hd_role)r), '{');
        hd_json_double(json, "read", level->read_pj[r]);
        hd_json_double(json, "fill", level->fill_pj[r]);
        hd_json_double(json, "update", level->update_pj[r]);
        hd_json_close(json, '}');
    }
    hd_json_close(json, '}');
}

static void bandwidth(hd_json *json, const hd_level *level)
{
    hd_json_open_flat(json, "bandwidth", '{');
    limit(json, "read", level->read_bw);
    limit(json, "write", level->write_bw);
    limit(json, "shared", level->shared_bw);
    hd_json_close(json, '}');
}

static void axes_of_role(hd_json *json, const hd_level *level, int role)
{
    hd_json_open(json, hd_role_name((hd_role)role), '[');
    for (int a = 0; a < HD_AXES; a++)
        if (level->multicast[a] & HD_ROLE_BIT(role)) hd_json_text(json, NULL, AXIS[a]);
    hd_json_close(json, ']');
}

static void fanout(hd_json *json, const hd_level *level)
{
    hd_json_open(json, "fanout", '{');
    for (int a = 0; a < HD_AXES; a++) hd_json_int(json, AXIS[a], level->fan[a]);
    hd_json_open_flat(json, "multicast", '{');
    for (int r = 0; r < HD_ROLES; r++) axes_of_role(json, level, r);
    hd_json_close(json, '}');
    hd_json_open_flat(json, "reduce", '[');
    for (int a = 0; a < HD_AXES; a++)
        if (level->reduce[a]) hd_json_text(json, NULL, AXIS[a]);
    hd_json_close(json, ']');
    hd_json_open_flat(json, "delivery_energy_pj", '{');
    for (int r = 0; r < HD_ROLES; r++) hd_json_double(json, hd_role_name((hd_role)r), level->delivery_pj[r]);
    hd_json_close(json, '}');
    hd_json_open_flat(json, "spatial", '{');
    for (int a = 0; a < HD_AXES; a++)
        if (level->limited[a]) hd_json_text(json, AXIS[a], level->allowed[a]);
    hd_json_close(json, '}');
    hd_json_close(json, '}');
}

/* null where the instances are no nodes of a mesh. */
static void mesh(hd_json *json, const hd_level *level)
{
    const hd_mesh *m = &level->mesh;
    if (m->ports == 0) {
        hd_json_null(json, "mesh");
        return;
    }
    hd_json_open(json, "mesh", '{');
    hd_json_open_flat(json, "ports", '[');
    for (int i = 0; i < m->ports; i++) {
        hd_json_open(json, NULL, '[');
        for (int a = 0; a < HD_AXES; a++) hd_json_int(json, NULL, m->port[i][a]);
        hd_json_close(json, ']');
    }
    hd_json_close(json, ']');
    hd_json_double(json, "hop_energy_pj", m->hop_pj);
    hd_json_int(json, "hop_cycles", m->hop_cycles);
    limit(json, "link_words_per_cycle", m->link_bw);
    hd_json_bool(json, "share", m->share);
    hd_json_close(json, '}');
}

static void timeloop(hd_json *json, const hd_timeloop_level *t)
{
    hd_json_open_flat(json, "timeloop", '{');
    hd_json_int(json, "block_size", t->block_size > 0 ? t->block_size : 1);
    hd_json_int(json, "cluster_size", t->cluster_size > 0 ? t->cluster_size : 1);
    hd_json_double(json, "multiple_buffering", t->multiple_buffering > 0 ? t->multiple_buffering : 1);
    hd_json_double(json, "min_utilization", t->min_utilization);
    hd_json_double(json, "hop_pj", t->hop_pj);
    hd_json_double(json, "router_pj", t->router_pj);
    hd_json_double(json, "ingress_pj", t->ingress_pj);
    hd_json_int(json, "network_fill_cycles", t->network_fill_cycles);
    hd_json_int(json, "network_drain_cycles", t->network_drain_cycles);
    hd_json_close(json, '}');
}

static void write_level(hd_json *json, const hd_arch *arch, int index)
{
    const hd_level *level = &arch->level[index];
    hd_json_open(json, NULL, '{');
    hd_json_text(json, "name", level->name);
    hd_json_int(json, "instances", hd_arch_instances(arch, index));
    hd_json_int(json, "word_bits", level->word_bits);
    capacity(json, level);
    roles(json, "keeps", level->keeps);
    hd_json_bool(json, "double_buffer", level->double_buffer);
    energies(json, level);
    bandwidth(json, level);
    fanout(json, level);
    mesh(json, level);
    roles(json, "operand_register", level->operand_register);
    timeloop(json, &level->timeloop);
    hd_json_close(json, '}');
}

hd_status hd_arch_to_json(const hd_arch *arch, hd_text *text, hd_error *err)
{
    hd_json json;
    hd_json_begin(&json, text);
    hd_json_open(&json, NULL, '{');
    hd_json_text(&json, "heddle", "arch/1");
    hd_json_text(&json, "name", arch->name);
    limit(&json, "clock_mhz", arch->clock_mhz);
    hd_json_double(&json, "mac_pj", arch->mac_pj);
    hd_json_open_flat(&json, "vector", '{');
    hd_json_text(&json, "at", arch->level[arch->vector_at].name);
    limit(&json, "per_cycle", arch->vector_per_cycle);
    hd_json_double(&json, "energy_pj", arch->vector_pj);
    hd_json_close(&json, '}');
    hd_json_double(&json, "static_pj_per_cycle", arch->static_pj_per_cycle);
    hd_json_text(&json, "template", hd_template_name(arch->template_));
    hd_json_open(&json, "levels", '[');
    for (int l = 0; l < arch->levels; l++) write_level(&json, arch, l);
    hd_json_close(&json, ']');
    hd_json_close(&json, '}');
    hd_text_append(text, "\n");
    return hd_text_check(text, err);
}
