/* Which chip does a text describe?  DESIGN section 2; the levels are read by level_yaml. */
#include "formats/heddle/arch_yaml.h"

#include <string.h>

#include "formats/heddle/level_yaml.h"
#include "syntax/fields.h"
#include "syntax/file.h"
#include "syntax/yaml.h"

static const double MAX_NUMBER = 1e300;

typedef struct reader {
    hd_arch *arch;
    bool exact;
} reader;

static hd_status read_format(const hd_node *v, void *t, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    (void)t;
    if (hd_node_is(v, "arch/1")) return HD_OK;
    return hd_node_fail(v, err, "heddle: found %s, expected arch/1", hd_node_shown(v, shown));
}

static hd_status read_exact(const hd_node *v, void *t, hd_error *err) {
    return hd_node_bool(v, "exact", &((reader *)t)->exact, err);
}

static hd_status read_name(const hd_node *v, void *t, hd_error *err) {
    hd_arch *arch = ((reader *)t)->arch;
    return hd_node_copy(v, "name", arch->name, sizeof arch->name, err);
}

static hd_status read_clock(const hd_node *v, void *t, hd_error *err) {
    return hd_node_double(v, "clock_mhz", 0, MAX_NUMBER, &((reader *)t)->arch->clock_mhz, err);
}

static hd_status read_static(const hd_node *v, void *t, hd_error *err) {
    return hd_node_double(v, "static_pj_per_cycle", 0, MAX_NUMBER, &((reader *)t)->arch->static_pj_per_cycle,
                          err);
}

static hd_status read_mac_energy(const hd_node *v, void *t, hd_error *err) {
    return hd_node_double(v, "mac energy_pj", 0, MAX_NUMBER, &((reader *)t)->arch->mac_pj, err);
}

static const hd_field MAC[] = {{"energy_pj", true, read_mac_energy}, {"src", false, NULL}, {0}};

static hd_status read_mac(const hd_node *v, void *t, hd_error *err) {
    return hd_fields_read(v, "mac", MAC, t, err);
}

static hd_status read_template(const hd_node *v, void *t, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    static const hd_template known[] = {HD_FREE, HD_ROW_STATIONARY, HD_WEIGHT_STATIONARY,
                                        HD_OUTPUT_STATIONARY};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!hd_node_is(v, hd_template_name(known[i]))) continue;
        ((reader *)t)->arch->template_ = known[i];
        return HD_OK;
    }
    return hd_node_fail(
        v, err, "template: found %s, expected free, row-stationary, weight-stationary or output-stationary",
        hd_node_shown(v, shown));
}

/* A level is checked where it stands, so that its mistakes are told there. */
static hd_status read_level(reader *r, const hd_node *v, int level, hd_error *err) {
    hd_error inner;
    HD_TRY(hd_level_read(v, r->exact, &r->arch->level[level], err));
    if (hd_arch_check_level(r->arch, level, &inner) == HD_OK) return HD_OK;
    return hd_node_fail(v, err, "%s", inner.message);
}

static hd_status read_levels(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "levels", err));
    if (v->items < 2 || v->items > HD_MAX_LEVELS)
        return hd_node_fail(v, err, "levels: found %d, expected 2 to %d, from the outermost memory to MAC",
                            v->items, (int)HD_MAX_LEVELS);
    r->arch->levels = v->items;
    for (int l = 0; l < v->items; l++) HD_TRY(read_level(r, v->item[l], l, err));
    /* people must say MAC; a chip that heddle wrote may come from another tool and keeps that tool's name */
    if (!r->exact && strcmp(r->arch->level[v->items - 1].name, "MAC") != 0)
        return hd_node_fail(v->item[v->items - 1], err,
                            "levels: the last is named '%s', expected MAC, the arithmetic",
                            r->arch->level[v->items - 1].name);
    r->arch->vector_at = v->items - 1;
    return HD_OK;
}

static hd_status read_vector_at(const hd_node *v, void *t, hd_error *err) {
    hd_arch *arch = ((reader *)t)->arch;
    char shown[HD_NODE_SHOWN];
    const char *name;
    HD_TRY(hd_node_text(v, "vector at", &name, err));
    arch->vector_at = hd_arch_level(arch, name);
    if (arch->vector_at < 0)
        return hd_node_fail(v, err, "vector at: found %s, expected the name of a level",
                            hd_node_shown(v, shown));
    return HD_OK;
}

static hd_status read_vector_rate(const hd_node *v, void *t, hd_error *err) {
    return hd_node_double(v, "vector per_cycle", 0, MAX_NUMBER, &((reader *)t)->arch->vector_per_cycle, err);
}

static hd_status read_vector_energy(const hd_node *v, void *t, hd_error *err) {
    return hd_node_double(v, "vector energy_pj", 0, MAX_NUMBER, &((reader *)t)->arch->vector_pj, err);
}

static const hd_field VECTOR[] = {{"at", false, read_vector_at},
                                  {"per_cycle", false, read_vector_rate},
                                  {"energy_pj", false, read_vector_energy},
                                  {"src", false, NULL},
                                  {0}};

static hd_status read_vector(const hd_node *v, void *t, hd_error *err) {
    return hd_fields_read(v, "vector", VECTOR, t, err);
}

static const hd_field ARCH[] = {{"heddle", true, read_format},
                                {"exact", false, read_exact}, /* before the levels, which read roles */
                                {"name", true, read_name},
                                {"about", false, NULL},
                                {"clock_mhz", false, read_clock},
                                {"mac", true, read_mac},
                                {"static_pj_per_cycle", false, read_static},
                                {"levels", true, read_levels},
                                {"vector", false, read_vector}, /* after the levels, one of which it names */
                                {"template", false, read_template},
                                {"src", false, NULL},
                                {"timeloop", false, NULL}, /* private attributes of neighbouring models */
                                {"maestro", false, NULL},
                                {"kapla", false, NULL},
                                {0}};

hd_status hd_arch_read_node(const hd_node *node, hd_arch *out, hd_error *err) {
    hd_error inner;
    reader r = {.arch = out};
    memset(out, 0, sizeof *out);
    HD_TRY(hd_fields_read(node, "chip", ARCH, &r, err));
    hd_status status = hd_arch_check(out, &inner);
    return status == HD_OK ? HD_OK : hd_node_fail(node, err, "%s", inner.message);
}

static hd_status read_in(hd_arena *arena, const char *text, size_t length, const char *file, hd_arch *out,
                         hd_error *err) {
    hd_node *root;
    HD_TRY(hd_yaml_read(text, length, file, arena, &root, err));
    return hd_arch_read_node(root, out, err);
}

hd_status hd_arch_read(const char *text, size_t length, const char *file, hd_arch *out, hd_error *err) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    if (!arena) return hd_fail_memory(err);
    hd_status status = read_in(arena, text, length, file, out, err);
    hd_arena_free(arena);
    return status;
}

hd_status hd_arch_read_file(const char *path, hd_arch *out, hd_error *err) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    char *text;
    size_t length;
    if (!arena) return hd_fail_memory(err);
    hd_status status = hd_file_read(path, arena, &text, &length, err);
    if (status == HD_OK) status = read_in(arena, text, length, path, out, err);
    hd_arena_free(arena);
    return status;
}
