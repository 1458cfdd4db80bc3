/* What do energy and area tables (ERT, ART) say about the levels of a chip?
 *
 * A table belongs to the level named by the last part of its path.  Energies are per vector access; of
 * several entries of an action, with different arguments, the largest counts; a table without the action
 * wanted changes nothing.  Energies that stand at the component win. */
#include <string.h>

#include "formats/timeloop/parts.h"

static const double MOST = 1e300;

typedef struct cost {
    double pj;
    bool known;
} cost;

static hd_status list_of(const hd_node *section, const char *what, const hd_node **out, hd_error *err) {
    HD_TRY(hd_node_expect(section, HD_NODE_MAP, what, err));
    *out = hd_tl_get(section, "tables");
    if (!*out) return hd_node_fail(section, err, "%s: no tables", what);
    return hd_node_expect(*out, HD_NODE_LIST, "tables", err);
}

/* The last part of "system.chip.PE[0..3].RF[0..1]", without its range. */
static hd_status last_part(const hd_node *table, const char *what, const char **name, size_t *length,
                           hd_error *err) {
    const hd_node *path = hd_tl_get(table, "name");
    HD_TRY(hd_node_expect(table, HD_NODE_MAP, what, err));
    if (!path) return hd_node_fail(table, err, "%s: a table without a name", what);
    HD_TRY(hd_node_text(path, what, name, err));
    *length = path->length;
    const char *from = *name + *length;
    for (bool range = false; from > *name && (range || from[-1] != '.'); from--)
        range = from[-1] == ']' || (range && from[-1] != '[');
    *length -= (size_t)(from - *name);
    *name = from;
    const char *open = memchr(from, '[', *length);
    if (open) *length = (size_t)(open - from);
    return HD_OK;
}

/* ---- actions ---- */

static hd_status read_action(const hd_node *action, const char **name, double *pj, hd_error *err) {
    const hd_node *node = hd_tl_get(action, "name"), *energy = hd_tl_get(action, "energy");
    HD_TRY(hd_node_expect(action, HD_NODE_MAP, "action", err));
    if (!node || !energy) return hd_node_fail(action, err, "action: expected name, arguments and energy");
    HD_TRY(hd_node_text(node, "action", name, err));
    return hd_tl_double(energy, "energy", NULL, 0, MOST, pj, err);
}

/* Largest energy of the actions called `wanted`; with NULL of all that are work. */
static hd_status largest(const hd_node *actions, const char *wanted, cost *out, hd_error *err) {
    *out = (cost){0};
    for (int i = 0; i < actions->items; i++) {
        const char *name;
        double pj;
        HD_TRY(read_action(actions->item[i], &name, &pj, err));
        bool rest = strcmp(name, "idle") == 0 || strcmp(name, "leak") == 0;
        if (wanted ? strcmp(name, wanted) != 0 : rest) continue;
        if (!out->known || pj > out->pj) *out = (cost){pj, true};
    }
    return HD_OK;
}

enum { MAX_NAMES = 4 };

/* The first name with an entry counts. */
static hd_status look_up(const hd_node *actions, const char *const names[MAX_NAMES], cost *out,
                         hd_error *err) {
    *out = (cost){0};
    for (int n = 0; n < MAX_NAMES && names[n] && !out->known; n++)
        HD_TRY(largest(actions, names[n], out, err));
    return HD_OK;
}

static hd_status set_compute(const hd_node *actions, hd_arch *arch, bool *used, hd_error *err) {
    static const char *const COMPUTE[MAX_NAMES] = {"random_compute", "compute", "mac_random", "mac"};
    cost c;
    HD_TRY(look_up(actions, COMPUTE, &c, err));
    if (!c.known) HD_TRY(largest(actions, NULL, &c, err));
    if (c.known) arch->mac_pj = c.pj;
    *used = c.known;
    return HD_OK;
}

/* An action without an entry keeps the built-in energy. */
static hd_status set_storage(const hd_node *actions, const tl_component *c, hd_level *level, bool *used,
                             hd_error *err) {
    static const char *const NAMES[][MAX_NAMES] = {
        {"random_read", "read"}, {"random_fill", "write"}, {"random_update", "random_fill", "write"}};
    double *const target[] = {level->read_pj, level->fill_pj, level->update_pj};
    for (int a = 0; a < 3; a++) {
        cost found;
        HD_TRY(look_up(actions, NAMES[a], &found, err));
        *used |= found.known;
        for (int role = 0; role < HD_ROLES && found.known; role++)
            target[a][role] = found.pj / (double)c->block;
    }
    return HD_OK;
}

/* Wires: energy per bit and length of the networks that do not say theirs. */
static hd_status set_wires(const hd_node *actions, const tl_chain *chain, hd_arch *arch, hd_error *err) {
    cost wire;
    HD_TRY(largest(actions, "transfer_random", &wire, err));
    for (int i = 0; i < chain->components && wire.known; i++) {
        const tl_component *c = &chain->component[i];
        if (c->kind == TL_STORAGE && c->level >= 0 && !c->dummy && !c->explicit_hop)
            arch->level[c->level + 1].timeloop.hop_pj = wire.pj * (double)c->network_bits * c->tile_width;
    }
    return HD_OK;
}

static bool names_wire(const char *name, size_t length) {
    for (size_t i = 0; i + 4 <= length; i++)
        if (memcmp(name + i, "wire", 4) == 0) return true;
    return false;
}

static hd_status use_table(const hd_node *actions, const tl_component *c, hd_timeloop *out, hd_error *err) {
    bool used = false;
    if (c->explicit_energy) return HD_OK;
    if (c->kind == TL_COMPUTE) HD_TRY(set_compute(actions, &out->arch, &used, err));
    else HD_TRY(set_storage(actions, c, &out->arch.level[c->level], &used, err));
    if (!used)
        hd_tl_warn(out, actions, "ERT: the table of %s has no action that is used (%s): the built-in energy stays", c->name,
                   c->kind == TL_COMPUTE ? "compute or mac" : "read, write, random_read, random_fill or random_update");
    return HD_OK;
}

static hd_status read_energy_table(const hd_node *table, const tl_chain *chain, hd_timeloop *out,
                                   hd_error *err) {
    const char *name;
    size_t length;
    cost any;
    HD_TRY(last_part(table, "ERT", &name, &length, err));
    const hd_node *actions = hd_tl_get(table, "actions");
    if (!actions) return hd_node_fail(table, err, "ERT: a table without actions");
    HD_TRY(hd_node_expect(actions, HD_NODE_LIST, "actions", err));
    HD_TRY(largest(actions, NULL, &any, err)); /* all entries are checked, used or not */
    for (int i = 0; i < chain->components; i++) {
        const tl_component *c = &chain->component[i];
        if (strlen(c->name) != length || memcmp(c->name, name, length) != 0) continue;
        return c->level < 0 ? HD_OK : use_table(actions, c, out, err);
    }
    if (names_wire(name, length)) return set_wires(actions, chain, &out->arch, err);
    hd_tl_warn(out, table, "ERT: the table of %.*s belongs to no component of the architecture", (int)length, name);
    return HD_OK;
}

hd_status hd_tl_read_ert(const hd_node *ert, const tl_chain *chain, hd_timeloop *out, hd_error *err) {
    const hd_node *tables;
    HD_TRY(list_of(ert, "ERT", &tables, err));
    for (int i = 0; i < tables->items; i++) HD_TRY(read_energy_table(tables->item[i], chain, out, err));
    return HD_OK;
}

hd_status hd_tl_read_art(const hd_node *art, hd_error *err) {
    const hd_node *tables;
    HD_TRY(list_of(art, "ART", &tables, err));
    for (int i = 0; i < tables->items; i++) {
        const hd_node *area = hd_tl_get(tables->item[i], "area");
        const char *name;
        size_t length;
        double value;
        HD_TRY(last_part(tables->item[i], "ART", &name, &length, err));
        if (!area) return hd_node_fail(tables->item[i], err, "ART: a table without area");
        HD_TRY(hd_tl_double(area, "area", NULL, 0, MOST, &value, err));
    }
    return HD_OK;
}
