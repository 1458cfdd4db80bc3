/* Is a key one that Timeloop knows, or a misspelt one?  Where Timeloop allows any key, only those close to a known one are
 * refused: a wrong letter in `entries` would otherwise mean an unlimited buffer. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/spelling.h"
#include "formats/timeloop/parts.h"

static char plain(char c) { return c == '-' ? '_' : c; }

/* datawidth_a, n_entries: a name built on a known one is no misspelling of it. */
static bool extends(const char *key, const char *known)
{
    size_t n = strlen(key), m = strlen(known);
    return n > m && ((strncmp(key, known, m) == 0 && plain(key[m]) == '_') ||
                     (strcmp(key + n - m, known) == 0 && plain(key[n - m - 1]) == '_'));
}

static bool is_known(const hd_node *key, const char *const *known)
{
    for (int k = 0; known[k]; k++)
        if (hd_tl_key_is(key, known[k])) return true;
    return false;
}

const char *hd_tl_nearest(const char *key, const char *const *known)
{
    hd_guess guess = hd_guess_of(key);
    for (int k = 0; known[k]; k++)
        if (!extends(key, known[k])) hd_guess_offer(&guess, known[k]);
    return guess.name;
}

/* Names of others may begin so. */
static bool is_private(const hd_node *key)
{
    return strncmp(key->text, "x-", 2) == 0 || key->text[0] == '_' || strcmp(key->text, "<<") == 0;
}

hd_status hd_tl_check_keys(const hd_node *map, const char *const *known, hd_error *err)
{
    char shown[HD_NODE_SHOWN], list[400] = "";
    for (int i = 0; i < map->items; i++) {
        if (is_known(map->key[i], known) || is_private(map->key[i])) continue;
        const char *meant = hd_tl_nearest(map->key[i]->text, known);
        for (int k = 0; known[k]; k++) {
            size_t at = strlen(list), length = strlen(known[k]);
            if (at + length + 2 >= sizeof list) break;
            list[at] = ' ';
            memcpy(list + at + 1, known[k], length + 1);
        }
        return hd_node_fail(map->key[i], err, "found the key %s%s%s%s, expected one of:%s", hd_node_shown(map->key[i], shown),
                            meant ? ", did you mean " : "", meant ? meant : "", meant ? "?" : "", list);
    }
    return HD_OK;
}

/* Does an expression of the map speak of the key? */
static bool is_used(const hd_node *map, const char *key)
{
    for (int i = 0; i < map->items; i++)
        if (map->item[i]->kind == HD_NODE_SCALAR && strstr(map->item[i]->text, key)) return true;
    return false;
}

hd_status hd_tl_check_spelling(const hd_node *map, const char *const *known, hd_error *err)
{
    char shown[HD_NODE_SHOWN];
    for (int i = 0; map && map->kind == HD_NODE_MAP && i < map->items; i++) {
        const hd_node *key = map->key[i];
        if (is_known(key, known) || is_private(key) || is_used(map, key->text)) continue;
        const char *meant = hd_tl_nearest(key->text, known);
        if (meant)
            return hd_node_fail(key, err, "found the key %s, did you mean %s?", hd_node_shown(key, shown), meant);
    }
    return HD_OK;
}

/* Where keys of other tools may stand, a key of the architecture's own that belongs elsewhere may not: what it says would
 * be lost. */
hd_status hd_tl_check_node(const hd_node *node, const char *const *known, hd_error *err)
{
    static const char *const STRUCTURE[] = {"nodes", "subtree", "local", "name", "class", "attributes", "spatial",
                                            "constraints", "targets", NULL};
    for (int i = 0; i < node->items; i++)
        if (!is_known(node->key[i], known) && is_known(node->key[i], STRUCTURE)) return hd_tl_check_keys(node, known, err);
    return hd_tl_check_spelling(node, known, err);
}

/* Attributes that a price depends on, and others of Timeloop and Accelergy that it does not. */
static const char *const ATTRIBUTES[] = {
    "name", "class", "subclass", "entries", "depth", "memory_depth", "sizeKB", "word-bits", "word_width", "datawidth",
    "block-size", "n_words", "width", "memory_width", "cluster-size", "read_bandwidth", "write_bandwidth",
    "shared_bandwidth", "bandwidth", "multiple-buffering", "min-utilization", "instances", "meshX", "meshY",
    "vector-access-energy", "addr-gen-energy", "cluster-area", "network-word-bits", "router-energy", "wire-energy",
    "energy-per-hop", "energy-per-ingress", "tile-width", "network_fill_latency", "network_drain_latency", "network_read",
    "network_fill", "network_drain", "network_update", "technology", "energy", "area", "type", "size", "bits", "banks",
    "ports", "n_banks", "n_ports", "num-banks", "num-ports", "nbanks", "nports", "n_rd_ports", "n_wr_ports", "n_rw_ports",
    "n_rdwr_ports", "rd_ports", "wr_ports", "rdwr_ports", "read_ports", "write_ports", "update_fifo_depth", "latency",
    "voltage", "cycle_time", "cycle_seconds", "global_cycle_seconds", "action_latency_cycles", "num_pipeline_stages",
    "energy_scale", "area_scale", "data_size", "tag_size", "cell_type", "device_type", "length", "height", "fanout",
    "reduction-supported", "multicast-supported", NULL,
};

hd_status hd_tl_check_attributes(const hd_node *attributes, hd_error *err)
{
    return hd_tl_check_spelling(attributes, ATTRIBUTES, err);
}

void hd_tl_warn(hd_timeloop *tl, const hd_node *at, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    hd_timeloop_warning *w = hd_arena_alloc(tl->arena, 1, sizeof *w), **end = &tl->warnings;
    if (!w) return; /* the next thing that matters fails, too */
    w->text = at && at->file ? hd_arena_format(tl->arena, "%s:%d:%d: %s", at->file, at->line, at->column, text)
                             : hd_arena_text(tl->arena, text);
    while (*end) end = &(*end)->next;
    if (w->text) *end = w;
}
