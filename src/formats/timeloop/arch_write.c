/* How is a chip written as Timeloop's architecture (v0.3 tree)?
 *
 * One subtree with one list of components, outermost first; copies stand as ranges in the names and as
 * meshes.  Energies that differ by action, and a fractional energy of the arithmetic (Timeloop reads only
 * whole ones), go to a table (ERT). What a level may keep and which dims its wires can unroll are constraints
 * or mappings there: comments here.        */
#include <math.h>
#include <string.h>

#include "formats/heddle/quote.h"
#include "formats/heddle/roles.h"
#include "formats/timeloop/timeloop.h"

enum { ALL_ROLES = (1 << HD_ROLES) - 1 };

/* ---- what the format cannot say ---- */

static hd_status refuse(const hd_level *l, const char *what, hd_error *err) {
    return hd_fail(err, HD_ERR_USAGE, "level %s: %s; Timeloop's architecture cannot express that", l->name,
                   what);
}

static bool same_for_roles(const double pj[HD_ARCH_ROLES]) {
    for (int r = 1; r < HD_ARCH_ROLES; r++)
        if (pj[r] != pj[0]) return false;
    return true;
}

static bool any_role(const double pj[HD_ARCH_ROLES]) {
    return !same_for_roles(pj) || pj[0] != 0;
}

static hd_status check_level(const hd_level *l, bool last, hd_error *err) {
    if (strpbrk(l->name, ".[]")) return refuse(l, "its name has a dot or a bracket", err);
    if (l->mesh.ports > 0) return refuse(l, "its instances are the nodes of a mesh", err);
    if (any_role(l->delivery_pj)) return refuse(l, "words pay for their delivery (delivery_energy_pj)", err);
    if (l->operand_register) return refuse(l, "operands are held in registers (operand_register)", err);
    bool across = l->fan[HD_X] > 1 && l->fan[HD_Y] > 1;
    if (across && (l->multicast[HD_X] != l->multicast[HD_Y] || l->reduce[HD_X] != l->reduce[HD_Y]))
        return refuse(l, "its wires multicast or reduce along one axis only", err);
    if (last) return HD_OK;
    if (l->bounded && l->per_role) return refuse(l, "every tensor has a capacity of its own", err);
    if (!same_for_roles(l->read_pj) || !same_for_roles(l->fill_pj) || !same_for_roles(l->update_pj))
        return refuse(l, "energies differ by tensor", err);
    return HD_OK;
}

static hd_status check(const hd_arch *arch, hd_error *err) {
    if (arch->static_pj_per_cycle != 0)
        return hd_fail(err, HD_ERR_USAGE,
                       "the chip has static energy; Timeloop's architecture cannot express that");
    for (int l = 0; l < arch->levels; l++) HD_TRY(check_level(&arch->level[l], l == arch->levels - 1, err));
    return HD_OK;
}

/* ---- components ---- */

static int64_t block_of(const hd_level *l) {
    return l->timeloop.block_size > 0 ? l->timeloop.block_size : 1;
}

static bool needs_table(const hd_level *l) {
    return l->fill_pj[0] != l->read_pj[0] || l->update_pj[0] != l->read_pj[0];
}

static bool mac_needs_table(const hd_arch *arch) {
    return arch->mac_pj != floor(arch->mac_pj) || arch->mac_pj > 1e9;
}

static void write_number(hd_text *text, const char *key, double value, double standard) {
    if (value == standard) return;
    hd_text_format(text, ", %s: ", key);
    hd_text_double(text, value);
}

static void write_mesh(const int64_t mesh[HD_AXES], hd_text *text) {
    hd_text_format(text, ", meshX: %lld, meshY: %lld}\n", (long long)mesh[HD_X], (long long)mesh[HD_Y]);
}

/* The network below is the inner level's. */
static void write_network(const hd_timeloop_level *inner, hd_text *text) {
    write_number(text, "energy-per-hop", inner->hop_pj, 0);
    write_number(text, "router-energy", inner->router_pj, 0);
    write_number(text, "energy-per-ingress", inner->ingress_pj, 0);
    write_number(text, "network_fill_latency", (double)inner->network_fill_cycles, 0);
    write_number(text, "network_drain_latency", (double)inner->network_drain_cycles, 0);
}

static void write_storage(const hd_level *l, const int64_t mesh[HD_AXES], hd_text *text) {
    double buffering = l->timeloop.multiple_buffering > 0 ? l->timeloop.multiple_buffering
                       : l->double_buffer                 ? 2
                                                          : 1;
    hd_text_format(text, "{word-bits: %d, block-size: %lld", l->word_bits, (long long)block_of(l));
    if (!needs_table(l)) write_number(text, "vector-access-energy", l->read_pj[0] * (double)block_of(l), -1);
    if (l->bounded) hd_text_format(text, ", entries: %lld", (long long)l->capacity);
    write_number(text, "cluster-size", l->timeloop.cluster_size > 0 ? (double)l->timeloop.cluster_size : 1,
                 1);
    write_number(text, "multiple-buffering", buffering, 1);
    write_number(text, "min-utilization", l->timeloop.min_utilization, 0);
    write_number(text, "read_bandwidth", l->read_bw, 0);
    write_number(text, "write_bandwidth", l->write_bw, 0);
    write_number(text, "shared_bandwidth", l->shared_bw, 0);
    write_network(&l[1].timeloop, text);
    write_mesh(mesh, text);
}

static void write_compute(const hd_arch *arch, const int64_t mesh[HD_AXES], hd_text *text) {
    hd_text_format(text, "{datawidth: %d", arch->level[arch->levels - 1].word_bits);
    if (!mac_needs_table(arch)) hd_text_format(text, ", energy: %.0f", arch->mac_pj);
    write_mesh(mesh, text);
}

/* prefix, name and [0..last] (where there are several instances) as one quoted word */
static void write_name(const char *prefix, const hd_level *l, int64_t instances, hd_text *text) {
    hd_text name;
    hd_text_init(&name, NULL, 0);
    hd_text_format(&name, "%s%s", prefix, l->name);
    if (instances > 1) hd_text_format(&name, "[0..%lld]", (long long)instances - 1);
    if (name.failed)
        text->failed = true;
    else
        hd_quote(text, name.data);
    hd_text_free(&name);
}

static void write_remarks(const hd_level *l, bool last, hd_text *text) {
    unsigned wired = l->multicast[HD_X] & l->multicast[HD_Y];
    if (!last && l->keeps != ALL_ROLES) {
        hd_text_append(text, "      # keeps only ");
        hd_roles_write(text, l->keeps);
        hd_text_append(text, ": a matter of constraints and mappings\n");
    }
    if (l->limited[HD_X] || l->limited[HD_Y])
        hd_text_append(text, "      # its wires unroll certain dims only: a matter of constraints\n");
    if (l->fan[HD_X] * l->fan[HD_Y] > 1 && (wired != ALL_ROLES || !l->reduce[HD_X]))
        hd_text_append(text, "      # not all tensors are multicast or reduced: a matter of mappings "
                             "(no_multicast_no_reduction)\n");
}

static void write_level(const hd_arch *arch, int level, const int64_t mesh[HD_AXES], hd_text *text) {
    const hd_level *l = &arch->level[level];
    bool last = level == arch->levels - 1;
    hd_text_append(text, "    - name: ");
    write_name("", l, mesh[HD_X] * mesh[HD_Y], text);
    hd_text_format(text, "\n      class: %s\n", last ? "intmac" : level == 0 ? "DRAM" : "regfile");
    write_remarks(l, last, text);
    hd_text_append(text, "      attributes: ");
    if (last)
        write_compute(arch, mesh, text);
    else
        write_storage(l, mesh, text);
}

/* ---- tables ---- */

static void write_action(const char *name, double pj, hd_text *text) {
    hd_text_format(text, "    - {name: %s, arguments: {}, energy: ", name);
    hd_text_double(text, pj);
    hd_text_append(text, "}\n");
}

static void open_table(const hd_level *l, bool *any, hd_text *text) {
    if (!*any) hd_text_append(text, "ERT:\n  version: 0.3\n  tables:\n");
    *any = true;
    hd_text_append(text, "  - name: ");
    write_name("system.", l, 1, text);
    hd_text_append(text, "\n    actions:\n");
}

static void write_tables(const hd_arch *arch, hd_text *text) {
    bool any = false;
    for (int i = 0; i < arch->levels - 1; i++) {
        const hd_level *l = &arch->level[i];
        double words = (double)block_of(l);
        if (!needs_table(l)) continue;
        open_table(l, &any, text);
        write_action("random_read", l->read_pj[0] * words, text);
        write_action("random_fill", l->fill_pj[0] * words, text);
        write_action("random_update", l->update_pj[0] * words, text);
    }
    if (!mac_needs_table(arch)) return;
    open_table(&arch->level[arch->levels - 1], &any, text);
    write_action("compute", arch->mac_pj, text);
}

hd_status hd_timeloop_write_arch(const hd_arch *arch, hd_text *text, hd_error *err) {
    int64_t mesh[HD_AXES] = {1, 1};
    HD_TRY(check(arch, err));
    hd_text_append(text, "architecture:\n  version: 0.3\n  subtree:\n  - name: ");
    hd_quote(text, strpbrk(arch->name, ".[]") || !arch->name[0] ? "system" : arch->name);
    hd_text_append(text, "\n    local:\n");
    for (int l = 0; l < arch->levels; l++) {
        for (int a = 0; a < HD_AXES; a++) mesh[a] *= arch->level[l].fan[a];
        write_level(arch, l, mesh, text);
    }
    write_tables(arch, text);
    return hd_text_check(text, err);
}
