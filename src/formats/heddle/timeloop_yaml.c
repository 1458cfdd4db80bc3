/* What does a level's `timeloop:` say?  One row per key, its place in the struct and its bounds. */
#include "formats/heddle/timeloop_yaml.h"

#include <stddef.h>

#include "formats/heddle/roles.h"

typedef enum kind { COUNT, NUMBER, ROLES } kind;

#define PLACE(field) offsetof(hd_timeloop_level, field)
static const struct {
    const char *key;
    kind kind;
    size_t place;
    double low, high;
    int standard; /* what a 0 in the struct stands for */
} ROW[] = {
    {"block_size", COUNT, PLACE(block_size), 1, 1 << 30, 1},
    {"cluster_size", COUNT, PLACE(cluster_size), 1, 1 << 30, 1},
    {"multiple_buffering", NUMBER, PLACE(multiple_buffering), 1, 1e300, 1},
    {"min_utilization", NUMBER, PLACE(min_utilization), 0, 1, 0},
    {"no_reuse", ROLES, PLACE(no_reuse), 0, 0, 0},
    {"no_links", ROLES, PLACE(no_links), 0, 0, 0},
    {"hop_energy_pj", NUMBER, PLACE(hop_pj), 0, 1e300, 0},
    {"router_energy_pj", NUMBER, PLACE(router_pj), 0, 1e300, 0},
    {"ingress_energy_pj", NUMBER, PLACE(ingress_pj), 0, 1e300, 0},
    {"network_fill_cycles", COUNT, PLACE(network_fill_cycles), 0, 1e15, 0},
    {"network_drain_cycles", COUNT, PLACE(network_drain_cycles), 0, 1e15, 0},
};
enum { ROWS = sizeof ROW / sizeof *ROW };

static hd_status read_row(int row, const hd_node *value, bool exact, hd_timeloop_level *out, hd_error *err) {
    void *target = (char *)out + ROW[row].place;
    if (ROW[row].kind == COUNT)
        return hd_node_int(value, ROW[row].key, (int64_t)ROW[row].low, (int64_t)ROW[row].high, target, err);
    if (ROW[row].kind == NUMBER)
        return hd_node_double(value, ROW[row].key, ROW[row].low, ROW[row].high, target, err);
    return hd_roles_read(value, ROW[row].key, exact, target, err);
}

hd_status hd_timeloop_level_read(const hd_node *node, bool exact, hd_timeloop_level *out, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    HD_TRY(hd_node_expect(node, HD_NODE_MAP, "timeloop", err));
    for (int i = 0; i < node->items; i++) {
        int row = 0;
        if (hd_node_is(node->key[i], "src")) continue;
        while (row < ROWS && !hd_node_is(node->key[i], ROW[row].key)) row++;
        if (row == ROWS)
            return hd_node_fail(
                node->key[i], err,
                "timeloop: found the unknown key %s, expected block_size, cluster_size, multiple_buffering, "
                "min_utilization, no_reuse, no_links, hop_energy_pj, router_energy_pj, ingress_energy_pj, "
                "network_fill_cycles or network_drain_cycles",
                hd_node_shown(node->key[i], shown));
        HD_TRY(read_row(row, node->item[i], exact, out, err));
    }
    return HD_OK;
}

static bool is_standard(int row, const void *value) {
    if (ROW[row].kind == ROLES) return *(const unsigned *)value == 0;
    double number = ROW[row].kind == COUNT ? (double)*(const int64_t *)value : *(const double *)value;
    return number == 0 || number == ROW[row].standard;
}

bool hd_timeloop_level_is_standard(const hd_timeloop_level *level) {
    bool standard = true;
    for (int row = 0; row < ROWS; row++) standard &= is_standard(row, (const char *)level + ROW[row].place);
    return standard;
}

static void write_value(int row, const void *value, hd_text *text) {
    hd_text_format(text, "%s: ", ROW[row].key);
    if (ROW[row].kind == COUNT)
        hd_text_int(text, *(const int64_t *)value);
    else if (ROW[row].kind == NUMBER)
        hd_text_double(text, *(const double *)value);
    else
        hd_roles_write(text, *(const unsigned *)value);
}

void hd_timeloop_level_write(const hd_timeloop_level *level, hd_text *text) {
    const char *between = "{";
    for (int row = 0; row < ROWS; row++) {
        const void *value = (const char *)level + ROW[row].place;
        if (is_standard(row, value)) continue;
        hd_text_append(text, between);
        write_value(row, value, text);
        between = ", ";
    }
    hd_text_append(text, "}");
}
