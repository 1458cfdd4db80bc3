/* How is a chip written so that reading gives the same chip?  Every field stands there, roles exactly. */
#include "formats/heddle/arch_yaml.h"

#include <string.h>

#include "formats/heddle/mesh_yaml.h"
#include "formats/heddle/quote.h"
#include "formats/heddle/roles.h"
#include "formats/heddle/timeloop_yaml.h"

static const char AXIS[] = "xy";

static void write_number(hd_text *text, const char *key, double value) {
    hd_text_format(text, "%s: ", key);
    hd_text_double(text, value);
}

static void write_energies(const hd_level *level, hd_text *text) {
    hd_text_append(text, "{");
    for (int r = 0; r < HD_ROLES; r++) {
        hd_text_format(text, "%s%s: {", r > 0 ? ", " : "", hd_role_name((hd_role)r));
        write_number(text, "read", level->read_pj[r]);
        write_number(text, ", fill", level->fill_pj[r]);
        write_number(text, ", update", level->update_pj[r]);
        hd_text_append(text, "}");
    }
    hd_text_append(text, "}\n");
}

static void write_capacity(const hd_level *level, hd_text *text) {
    if (!level->per_role) {
        hd_text_format(text, "{words: %lld}\n", (long long)level->capacity);
        return;
    }
    hd_text_append(text, "{");
    for (int r = 0; r < HD_ROLES; r++)
        hd_text_format(text, "%s%s: {words: %lld}", r > 0 ? ", " : "", hd_role_name((hd_role)r),
                       (long long)level->role_capacity[r]);
    hd_text_append(text, "}\n");
}

static void write_axes(hd_text *text, bool x, bool y) {
    hd_text_format(text, "[%s%s%s]", x ? "x" : "", x && y ? ", " : "", y ? "y" : "");
}

static void write_spatial(const hd_level *level, hd_text *text) {
    const char *between = "";
    if (!level->limited[HD_X] && !level->limited[HD_Y]) return;
    hd_text_append(text, ", spatial: {");
    for (int a = 0; a < HD_AXES; a++) {
        if (!level->limited[a]) continue;
        hd_text_format(text, "%s%c: [", between, AXIS[a]);
        const char *at = level->allowed[a] + strspn(level->allowed[a], " "), *comma = "";
        while (*at) {
            size_t length = strcspn(at, " ");
            hd_text_format(text, "%s\"%.*s\"", comma, (int)length, at);
            comma = ", ";
            at += length + strspn(at + length, " ");
        }
        hd_text_append(text, "]");
        between = ", ";
    }
    hd_text_append(text, "}");
}

static void write_fanout(const hd_level *level, hd_text *text) {
    hd_text_format(text, "{x: %lld, y: %lld, multicast: {", (long long)level->fan[HD_X],
                   (long long)level->fan[HD_Y]);
    for (int r = 0; r < HD_ROLES; r++) {
        hd_text_format(text, "%s%s: ", r > 0 ? ", " : "", hd_role_name((hd_role)r));
        write_axes(text, level->multicast[HD_X] & HD_ROLE_BIT(r), level->multicast[HD_Y] & HD_ROLE_BIT(r));
    }
    hd_text_append(text, "}, reduce: ");
    write_axes(text, level->reduce[HD_X], level->reduce[HD_Y]);
    hd_text_append(text, ", delivery_energy_pj: {");
    for (int r = 0; r < HD_ROLES; r++) {
        if (r > 0) hd_text_append(text, ", ");
        write_number(text, hd_role_name((hd_role)r), level->delivery_pj[r]);
    }
    hd_text_append(text, "}");
    write_spatial(level, text);
    if (level->mesh.ports > 0) hd_mesh_write(&level->mesh, text);
    hd_text_append(text, "}\n");
}

static void write_bandwidth(const hd_level *level, hd_text *text) {
    hd_text_append(text, "{");
    write_number(text, "read", level->read_bw);
    write_number(text, ", write", level->write_bw);
    write_number(text, ", shared", level->shared_bw);
    hd_text_append(text, "}\n");
}

static void write_timeloop(const hd_level *level, int margin, hd_text *text) {
    if (hd_timeloop_level_is_standard(&level->timeloop)) return;
    hd_text_format(text, "%*s  timeloop: ", margin, "");
    hd_timeloop_level_write(&level->timeloop, text);
    hd_text_append(text, "\n");
}

static void write_level(const hd_level *level, int margin, hd_text *text) {
    hd_text_format(text, "%*s- name: ", margin, "");
    hd_quote(text, level->name);
    hd_text_format(text, "\n%*s  word_bits: %d\n", margin, "", level->word_bits);
    if (level->bounded) {
        hd_text_format(text, "%*s  capacity: ", margin, "");
        write_capacity(level, text);
    }
    hd_text_format(text, "%*s  keeps: ", margin, "");
    hd_roles_write(text, level->keeps);
    hd_text_format(text, "\n%*s  double_buffer: %s\n", margin, "", level->double_buffer ? "true" : "false");
    hd_text_format(text, "%*s  energy_pj: ", margin, "");
    write_energies(level, text);
    hd_text_format(text, "%*s  bandwidth: ", margin, "");
    write_bandwidth(level, text);
    hd_text_format(text, "%*s  %s: ", margin, "", level->mesh.ports > 0 ? "mesh" : "fanout");
    write_fanout(level, text);
    hd_text_format(text, "%*s  operand_register: ", margin, "");
    hd_roles_write(text, level->operand_register);
    hd_text_append(text, "\n");
    write_timeloop(level, margin, text);
}

void hd_arch_write(const hd_arch *arch, int margin, hd_text *text) {
    hd_text_format(text, "%*sheddle: arch/1\n%*sexact: true\n%*sname: ", margin, "", margin, "", margin, "");
    hd_quote(text, arch->name);
    hd_text_format(text, "\n%*s", margin, "");
    write_number(text, "clock_mhz", arch->clock_mhz);
    hd_text_format(text, "\n%*smac: {", margin, "");
    write_number(text, "energy_pj", arch->mac_pj);
    hd_text_format(text, "}\n%*svector: {at: ", margin, "");
    hd_quote(text, arch->level[arch->vector_at].name);
    write_number(text, ", per_cycle", arch->vector_per_cycle);
    write_number(text, ", energy_pj", arch->vector_pj);
    hd_text_format(text, "}\n%*s", margin, "");
    write_number(text, "static_pj_per_cycle", arch->static_pj_per_cycle);
    hd_text_format(text, "\n%*stemplate: %s\n%*slevels:\n", margin, "", hd_template_name(arch->template_),
                   margin, "");
    for (int l = 0; l < arch->levels; l++) write_level(&arch->level[l], margin, text);
}
