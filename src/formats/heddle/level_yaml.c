/* What does one memory level of a chip file say?  DESIGN section 2, the keys under `levels:`.
 *
 * Energies, capacities, multicast and reduce may stand once for all roles or per role, so their readers
 * walk a small value grammar; all other keys are one row of a table and one line.                    */
#include "formats/heddle/level_yaml.h"

#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "formats/heddle/mesh_yaml.h"
#include "formats/heddle/roles.h"
#include "formats/heddle/timeloop_yaml.h"
#include "syntax/fields.h"

enum { ALL_ROLES = (1 << HD_ROLES) - 1, READ = 1, FILL = 2, UPDATE = 4 };
static const double MAX_NUMBER = 1e300;

typedef struct reader {
    hd_level *level;
    bool exact;
} reader;

static hd_status read_name(const hd_node *v, void *t, hd_error *err) {
    hd_level *level = ((reader *)t)->level;
    return hd_node_copy(v, "level name", level->name, sizeof level->name, err);
}

static hd_status read_word_bits(const hd_node *v, void *t, hd_error *err) {
    int64_t bits;
    HD_TRY(hd_node_int(v, "word_bits", 1, 1 << 20, &bits, err));
    ((reader *)t)->level->word_bits = (int)bits;
    return HD_OK;
}

static hd_status read_double_buffer(const hd_node *v, void *t, hd_error *err) {
    return hd_node_bool(v, "double_buffer", &((reader *)t)->level->double_buffer, err);
}

static hd_status read_keeps(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    return hd_roles_read(v, "keeps", r->exact, &r->level->keeps, err);
}

static hd_status read_operand_register(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    return hd_roles_read(v, "operand_register", r->exact, &r->level->operand_register, err);
}

/* ---- capacity: {words: n}, {bytes: n}, or {ROLE: {words: n}, ...} ---- */

typedef struct amount {
    int64_t words;
    int word_bits, given;
} amount;

static hd_status read_words(const hd_node *v, void *t, hd_error *err) {
    amount *a = t;
    a->given++;
    return hd_node_int(v, "capacity words", 0, HD_COUNT_EXACT - 1, &a->words, err);
}

static hd_status read_bytes(const hd_node *v, void *t, hd_error *err) {
    amount *a = t;
    int64_t bytes;
    HD_TRY(hd_node_int(v, "capacity bytes", 0, HD_COUNT_EXACT / 8 - 1, &bytes, err));
    a->words = bytes * 8 / a->word_bits;
    a->given++;
    return HD_OK;
}

static const hd_field AMOUNT[] = {
    {"words", false, read_words}, {"bytes", false, read_bytes}, {"src", false, NULL}, {0}};

static hd_status read_amount(const hd_node *v, int word_bits, int64_t *words, hd_error *err) {
    amount a = {.word_bits = word_bits};
    HD_TRY(hd_fields_read(v, "capacity", AMOUNT, &a, err));
    if (a.given != 1) return hd_node_fail(v, err, "capacity: expected either words or bytes");
    *words = a.words;
    return HD_OK;
}

static hd_status read_capacity(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    char shown[HD_NODE_SHOWN];
    HD_TRY(hd_node_expect(v, HD_NODE_MAP, "capacity", err));
    r->level->bounded = true;
    if (hd_node_get(v, "words") || hd_node_get(v, "bytes"))
        return read_amount(v, r->level->word_bits, &r->level->capacity, err);
    r->level->per_role = true;
    for (int i = 0; i < v->items; i++) {
        unsigned roles = hd_roles_of_key(v, v->key[i], r->exact);
        int64_t words;
        if (hd_node_is(v->key[i], "src")) continue;
        if (!roles)
            return hd_node_fail(
                v->key[i], err,
                "capacity: found the unknown key %s, expected words, bytes or roles: W, I, O, I2",
                hd_node_shown(v->key[i], shown));
        HD_TRY(read_amount(v->item[i], r->level->word_bits, &words, err));
        for (int role = 0; role < HD_ROLES; role++)
            if (roles & HD_ROLE_BIT(role)) r->level->role_capacity[role] = words;
    }
    return HD_OK;
}

/* ---- energies: a number, {read, write | fill, update}, per role, in any nesting of the two ---- */

static unsigned access_of_key(const hd_node *key) {
    static const struct {
        const char *key;
        unsigned access;
    } table[] = {{"read", READ}, {"write", FILL | UPDATE}, {"fill", FILL}, {"update", UPDATE}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (hd_node_is(key, table[i].key)) return table[i].access;
    return 0;
}

static void set_energy(hd_level *level, unsigned roles, unsigned access, double pj) {
    for (int role = 0; role < HD_ROLES; role++) {
        if (!(roles & HD_ROLE_BIT(role))) continue;
        if (access & READ) level->read_pj[role] = pj;
        if (access & FILL) level->fill_pj[role] = pj;
        if (access & UPDATE) level->update_pj[role] = pj;
    }
}

static hd_status read_energies(const hd_node *v, reader *r, unsigned roles, unsigned access, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    if (v->kind != HD_NODE_MAP) {
        double pj;
        HD_TRY(hd_node_double(v, "energy_pj", 0, MAX_NUMBER, &pj, err));
        set_energy(r->level, roles, access, pj);
        return HD_OK;
    }
    for (int i = 0; i < v->items; i++) {
        unsigned of = roles == ALL_ROLES ? hd_roles_of_key(v, v->key[i], r->exact) : 0;
        unsigned kind = access == (READ | FILL | UPDATE) ? access_of_key(v->key[i]) : 0;
        if (hd_node_is(v->key[i], "src")) continue;
        if (!of && !kind)
            return hd_node_fail(v->key[i], err,
                                "energy_pj: found the unknown key %s, expected read, write, fill, update or "
                                "roles: W, I, O, I2",
                                hd_node_shown(v->key[i], shown));
        HD_TRY(read_energies(v->item[i], r, of ? of : roles, kind ? kind : access, err));
    }
    return HD_OK;
}

static hd_status read_energy(const hd_node *v, void *t, hd_error *err) {
    return read_energies(v, t, ALL_ROLES, READ | FILL | UPDATE, err);
}

/* ---- bandwidth ---- */

static hd_status read_read_bw(const hd_node *v, void *t, hd_error *err) {
    return hd_node_double(v, "bandwidth read", 0, MAX_NUMBER, &((hd_level *)t)->read_bw, err);
}

static hd_status read_write_bw(const hd_node *v, void *t, hd_error *err) {
    return hd_node_double(v, "bandwidth write", 0, MAX_NUMBER, &((hd_level *)t)->write_bw, err);
}

static hd_status read_shared_bw(const hd_node *v, void *t, hd_error *err) {
    return hd_node_double(v, "bandwidth shared", 0, MAX_NUMBER, &((hd_level *)t)->shared_bw, err);
}

static const hd_field BANDWIDTH[] = {{"read", false, read_read_bw},
                                     {"write", false, read_write_bw},
                                     {"shared", false, read_shared_bw},
                                     {"src", false, NULL},
                                     {0}};

static hd_status read_bandwidth(const hd_node *v, void *t, hd_error *err) {
    return hd_fields_read(v, "bandwidth", BANDWIDTH, ((reader *)t)->level, err);
}

/* ---- fan-out ---- */

static hd_status read_fan_x(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "fanout x", 1, 1 << 30, &((reader *)t)->level->fan[HD_X], err);
}

static hd_status read_fan_y(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "fanout y", 1, 1 << 30, &((reader *)t)->level->fan[HD_Y], err);
}

/* true, false, or a list of x and y. */
static hd_status read_axes(const hd_node *v, const char *what, bool axes[HD_AXES], hd_error *err) {
    char shown[HD_NODE_SHOWN];
    axes[HD_X] = axes[HD_Y] = false;
    if (v->kind == HD_NODE_SCALAR && (hd_node_is(v, "true") || hd_node_is(v, "false"))) {
        axes[HD_X] = axes[HD_Y] = hd_node_is(v, "true");
        return HD_OK;
    }
    if (v->kind != HD_NODE_LIST)
        return hd_node_fail(v, err, "%s: found %s, expected true, false or a list of the axes x, y", what,
                            hd_node_shown(v, shown));
    for (int i = 0; i < v->items; i++) {
        bool x = hd_node_is(v->item[i], "x"), y = hd_node_is(v->item[i], "y");
        if (!x && !y)
            return hd_node_fail(v->item[i], err, "%s: found %s, expected an axis: x or y", what,
                                hd_node_shown(v->item[i], shown));
        axes[x ? HD_X : HD_Y] = true;
    }
    return HD_OK;
}

typedef void (*set_axes)(hd_level *level, unsigned roles, const bool axes[HD_AXES]);

static void set_multicast(hd_level *level, unsigned roles, const bool axes[HD_AXES]) {
    for (int a = 0; a < HD_AXES; a++)
        if (axes[a]) level->multicast[a] |= roles;
}

static void set_reduce(hd_level *level, unsigned roles, const bool axes[HD_AXES]) {
    for (int a = 0; a < HD_AXES; a++)
        if (axes[a] && (roles & HD_ROLE_BIT(HD_O))) level->reduce[a] = true;
}

static hd_status read_wires(const hd_node *v, const char *what, reader *r, set_axes set, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    bool axes[HD_AXES];
    if (v->kind != HD_NODE_MAP) {
        HD_TRY(read_axes(v, what, axes, err));
        set(r->level, ALL_ROLES, axes);
        return HD_OK;
    }
    for (int i = 0; i < v->items; i++) {
        unsigned roles = hd_roles_of_key(v, v->key[i], r->exact);
        if (hd_node_is(v->key[i], "src")) continue;
        if (!roles)
            return hd_node_fail(v->key[i], err, "%s: found the unknown key %s, expected roles: W, I, O, I2",
                                what, hd_node_shown(v->key[i], shown));
        HD_TRY(read_axes(v->item[i], what, axes, err));
        set(r->level, roles, axes);
    }
    return HD_OK;
}

static hd_status read_multicast(const hd_node *v, void *t, hd_error *err) {
    return read_wires(v, "multicast", t, set_multicast, err);
}

static hd_status read_reduce(const hd_node *v, void *t, hd_error *err) {
    return read_wires(v, "reduce", t, set_reduce, err);
}

static hd_status read_delivery(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    char shown[HD_NODE_SHOWN];
    bool map = v->kind == HD_NODE_MAP;
    for (int i = 0; i < (map ? v->items : 1); i++) {
        unsigned roles = map ? hd_roles_of_key(v, v->key[i], r->exact) : ALL_ROLES;
        double pj;
        if (map && hd_node_is(v->key[i], "src")) continue;
        if (!roles)
            return hd_node_fail(v->key[i], err,
                                "delivery_energy_pj: found the unknown key %s, expected roles: W, I, O, I2",
                                hd_node_shown(v->key[i], shown));
        HD_TRY(hd_node_double(map ? v->item[i] : v, "delivery_energy_pj", 0, MAX_NUMBER, &pj, err));
        for (int role = 0; role < HD_ROLES; role++)
            if (roles & HD_ROLE_BIT(role)) r->level->delivery_pj[role] = pj;
    }
    return HD_OK;
}

/* The dims that the wires of an axis can unroll, kept as " K C ". */
static hd_status read_unrolled(const hd_node *v, hd_level *level, int axis, hd_error *err) {
    char name[8], *out = level->allowed[axis];
    size_t at = 1, size = sizeof level->allowed[axis];
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "spatial", err));
    level->limited[axis] = true;
    snprintf(out, size, " ");
    for (int i = 0; i < v->items; i++) {
        HD_TRY(hd_node_copy(v->item[i], "dimension", name, sizeof name, err));
        if (strchr(name, ' '))
            return hd_node_fail(v->item[i], err, "spatial: a dimension's name has no spaces");
        if (at + strlen(name) + 2 > size)
            return hd_node_fail(v->item[i], err, "spatial: too many dimensions");
        at += (size_t)snprintf(out + at, size - at, "%s ", name);
    }
    return HD_OK;
}

static hd_status read_unrolled_x(const hd_node *v, void *t, hd_error *err) {
    return read_unrolled(v, ((reader *)t)->level, HD_X, err);
}

static hd_status read_unrolled_y(const hd_node *v, void *t, hd_error *err) {
    return read_unrolled(v, ((reader *)t)->level, HD_Y, err);
}

static const hd_field SPATIAL[] = {
    {"x", false, read_unrolled_x}, {"y", false, read_unrolled_y}, {"src", false, NULL}, {0}};

static hd_status read_spatial(const hd_node *v, void *t, hd_error *err) {
    return hd_fields_read(v, "spatial", SPATIAL, t, err);
}

static const hd_field FANOUT[] = {{"x", false, read_fan_x},
                                  {"y", false, read_fan_y},
                                  {"multicast", false, read_multicast},
                                  {"reduce", false, read_reduce},
                                  {"delivery_energy_pj", false, read_delivery},
                                  {"spatial", false, read_spatial},
                                  {"src", false, NULL},
                                  {0}};

static hd_status read_fanout(const hd_node *v, void *t, hd_error *err) {
    return hd_fields_read(v, "fanout", FANOUT, t, err);
}

static hd_status read_timeloop(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    return hd_timeloop_level_read(v, r->exact, &r->level->timeloop, err);
}

/* ---- mesh: a fan-out whose instances are nodes with places ---- */

#define MESH_ROW(name)                                                                  \
    static hd_status read_##name(const hd_node *v, void *t, hd_error *err) {            \
        return hd_mesh_read_##name(v, ((reader *)t)->level, err);                       \
    }
MESH_ROW(ports)
MESH_ROW(hop_energy)
MESH_ROW(hop_cycles)
MESH_ROW(link)
MESH_ROW(share)

static const hd_field MESH[] = {{"x", true, read_fan_x},
                                {"y", true, read_fan_y},
                                {"ports", true, read_ports},
                                {"hop_energy_pj", false, read_hop_energy},
                                {"hop_cycles", false, read_hop_cycles},
                                {"link_words_per_cycle", false, read_link},
                                {"multicast", false, read_multicast},
                                {"reduce", false, read_reduce},
                                {"share", false, read_share},
                                {"delivery_energy_pj", false, read_delivery},
                                {"spatial", false, read_spatial},
                                {"src", false, NULL},
                                {0}};

static hd_status read_mesh(const hd_node *v, void *t, hd_error *err) {
    return hd_fields_read(v, "mesh", MESH, t, err);
}

static const hd_field LEVEL[] = {
    {"name", true, read_name},
    {"word_bits", false, read_word_bits}, /* before capacity: bytes become words */
    {"capacity", false, read_capacity},
    {"keeps", false, read_keeps},
    {"double_buffer", false, read_double_buffer},
    {"energy_pj", false, read_energy},
    {"bandwidth", false, read_bandwidth},
    {"fanout", false, read_fanout},
    {"mesh", false, read_mesh},
    {"operand_register", false, read_operand_register},
    {"src", false, NULL},
    {"timeloop", false, read_timeloop},
    {"maestro", false, NULL}, /* private attributes of neighbouring models */
    {"kapla", false, NULL},
    {0}};

hd_status hd_level_read(const hd_node *node, bool exact, hd_level *out, hd_error *err) {
    reader r = {.level = out, .exact = exact};
    hd_arch_default_level(out);
    if (hd_node_get(node, "fanout") && hd_node_get(node, "mesh"))
        return hd_node_fail(hd_node_get(node, "mesh"), err, "mesh: found a fanout beside it, expected one of the two");
    return hd_fields_read(node, "level", LEVEL, &r, err);
}
