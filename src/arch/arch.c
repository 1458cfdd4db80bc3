/* Is this a chip, and which one?  Checks every number that prices will trust, then hashes exactly those.  */
#include "arch/arch.h"

#define XXH_INLINE_ALL
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/count.h"

enum { ALL_ROLES = (1 << HD_ARCH_ROLES) - 1, MOST_WORD_BITS = 1 << 20 };
enum { NUMBERS_MAX = 64, ENCODING_MAX = 2048 * HD_MAX_LEVELS }; /* bytes: a level takes less than 1400 */

static const char *const TEMPLATE_NAME[] = {
    [HD_FREE] = "free",
    [HD_ROW_STATIONARY] = "row-stationary",
    [HD_WEIGHT_STATIONARY] = "weight-stationary",
    [HD_OUTPUT_STATIONARY] = "output-stationary",
};

const char *hd_template_name(hd_template t) {
    return (size_t)t < sizeof TEMPLATE_NAME / sizeof *TEMPLATE_NAME ? TEMPLATE_NAME[t] : "?";
}

void hd_arch_default_level(hd_level *level) {
    memset(level, 0, sizeof *level);
    level->word_bits = 16;
    level->keeps = ALL_ROLES;
    level->fan[HD_X] = level->fan[HD_Y] = 1;
}

int64_t hd_arch_instances(const hd_arch *arch, int level) {
    int64_t instances = 1;
    for (int l = 0; l <= level; l++) instances *= arch->level[l].fan[HD_X] * arch->level[l].fan[HD_Y];
    return instances;
}

int64_t hd_arch_nodes(const hd_arch *arch)
{
    int64_t nodes = 0;
    for (int l = 0; l < arch->levels; l++) {
        const hd_level *level = &arch->level[l];
        if (level->mesh.ports > 0) nodes = (nodes > 0 ? nodes : 1) * level->fan[HD_X] * level->fan[HD_Y];
    }
    return nodes;
}

bool hd_arch_may_unroll(const hd_arch *arch, int level, int axis, const char *name) {
    const hd_level *l = &arch->level[level];
    if (!l->limited[axis]) return true;
    size_t length = strlen(name);
    for (const char *at = strstr(l->allowed[axis], name); length > 0 && at; at = strstr(at + 1, name))
        if (at > l->allowed[axis] && at[-1] == ' ' && at[length] == ' ') return true;
    return false;
}

int hd_arch_level(const hd_arch *arch, const char *name) {
    for (int l = 0; l < arch->levels; l++)
        if (strcmp(arch->level[l].name, name) == 0) return l;
    return -1;
}

/* ---- check: tables of the numbers, each with the name a user knows it by ---- */

typedef struct number {
    const char *name;
    double value;
} number;

static hd_status check_numbers(const char *where, const number *numbers, int count, hd_error *err) {
    for (int i = 0; i < count; i++)
        if (!isfinite(numbers[i].value) || numbers[i].value < 0)
            return hd_fail(err, HD_ERR_USAGE, "%s: %s is %g; expected a finite number of 0 or more", where,
                           numbers[i].name, numbers[i].value);
    return HD_OK;
}

static hd_status check_level_numbers(const hd_level *l, hd_error *err) {
    number numbers[NUMBERS_MAX] = {
        {"bandwidth read", l->read_bw},
        {"bandwidth write", l->write_bw},
        {"bandwidth shared", l->shared_bw},
    };
    int n = 3;
    for (int r = 0; r < HD_ARCH_ROLES; r++) {
        numbers[n++] = (number){"energy_pj read", l->read_pj[r]};
        numbers[n++] = (number){"energy_pj fill", l->fill_pj[r]};
        numbers[n++] = (number){"energy_pj update", l->update_pj[r]};
        numbers[n++] = (number){"delivery_energy_pj", l->delivery_pj[r]};
    }
    return check_numbers(l->name, numbers, n, err);
}

/* Zeros are Timeloop's standards; the counts are small enough that words x count stays exact. */
static hd_status check_timeloop(const hd_level *l, hd_error *err) {
    const hd_timeloop_level *t = &l->timeloop;
    const number numbers[] = {
        {"timeloop multiple_buffering", t->multiple_buffering}, {"timeloop min_utilization", t->min_utilization},
        {"timeloop hop_energy_pj", t->hop_pj},                  {"timeloop router_energy_pj", t->router_pj},
        {"timeloop ingress_energy_pj", t->ingress_pj},
    };
    const int64_t counts[] = {t->block_size, t->cluster_size, t->network_fill_cycles, t->network_drain_cycles};
    HD_TRY(check_numbers(l->name, numbers, (int)(sizeof numbers / sizeof *numbers), err));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i] < 0 || counts[i] >= HD_COUNT_EXACT)
            return hd_fail(err, HD_ERR_USAGE, "level %s: a timeloop count is %lld; expected 0 to 2^53 - 1", l->name,
                           (long long)counts[i]);
    if ((t->multiple_buffering > 0 && t->multiple_buffering < 1) || t->min_utilization > 1)
        return hd_fail(err, HD_ERR_USAGE, "level %s: timeloop multiple_buffering is %g, min_utilization %g; expected 1 or more "
                       "and at most 1", l->name, t->multiple_buffering, t->min_utilization);
    if ((t->no_reuse | t->no_links) & ~(unsigned)ALL_ROLES)
        return hd_fail(err, HD_ERR_USAGE, "level %s: timeloop no_reuse or no_links names an unknown role", l->name);
    return HD_OK;
}

static hd_status check_capacity(const hd_level *l, hd_error *err) {
    if (!l->bounded) return HD_OK;
    for (int r = -1; r < HD_ARCH_ROLES; r++) {
        if ((r < 0) == l->per_role) continue;
        int64_t words = r < 0 ? l->capacity : l->role_capacity[r];
        if (words < 0 || words >= HD_COUNT_EXACT)
            return hd_fail(err, HD_ERR_USAGE, "level %s: capacity is %lld words; expected 0 to 2^53 - 1",
                           l->name, (long long)words);
    }
    return HD_OK;
}

static hd_status check_fan(const hd_arch *arch, int level, int64_t outside, hd_error *err) {
    const hd_level *l = &arch->level[level];
    int64_t instances = outside;
    for (int axis = 0; axis < HD_AXES; axis++) {
        if (l->fan[axis] < 1 || (level == 0 && l->fan[axis] != 1))
            return hd_fail(err, HD_ERR_USAGE, "level %s: fanout %c is %lld; expected %s", l->name, "xy"[axis],
                           (long long)l -> fan[axis], level == 0 ? "1 at the outermost level" : "1 or more");
        if (!hd_count_mul(instances, l->fan[axis], &instances) || instances >= HD_COUNT_EXACT)
            return hd_fail(err, HD_ERR_USAGE, "level %s: fanout makes 2^53 instances or more", l->name);
        if (l->multicast[axis] & ~(unsigned)ALL_ROLES)
            return hd_fail(err, HD_ERR_USAGE, "level %s: multicast %c names an unknown role", l->name,
                           "xy"[axis]);
        const char *dims = l->allowed[axis];
        size_t length = strnlen(dims, sizeof l->allowed[axis]);
        if (l->limited[axis] &&
            (length == sizeof l->allowed[axis] || length < 1 || dims[0] != ' ' || dims[length - 1] != ' '))
            return hd_fail(err, HD_ERR_USAGE,
                           "level %s: spatial %c must be dimension names with a space at both ends", l->name,
                           "xy"[axis]);
    }
    return HD_OK;
}

hd_status hd_arch_check_port(const hd_level *l, int port, hd_error *err) {
    const int *at = l->mesh.port[port];
    for (int axis = 0; axis < HD_AXES; axis++)
        if (!l->mesh.part && (at[axis] < 0 || at[axis] >= l->fan[axis]))
            return hd_fail(err, HD_ERR_USAGE, "level %s: port [%d, %d] lies outside the mesh of %lld x %lld nodes", l->name,
                           at[HD_X], at[HD_Y], (long long)l->fan[HD_X], (long long)l->fan[HD_Y]);
    for (int i = 0; i < port; i++)
        if (!l->mesh.part && at[HD_X] == l->mesh.port[i][HD_X] && at[HD_Y] == l->mesh.port[i][HD_Y])
            return hd_fail(err, HD_ERR_USAGE, "level %s: port [%d, %d] occurs twice", l->name, at[HD_X], at[HD_Y]);
    return HD_OK;
}

/* A mesh joins nodes that hold something to the level outside; what is counted per port or dealt out among nodes needs to
 * know which mesh it is in, so there is only one. */
static hd_status check_mesh(const hd_arch *arch, int level, int64_t outside, hd_error *err) {
    const hd_level *l = &arch->level[level];
    const number numbers[] = {
        {"mesh hop_energy_pj", l->mesh.hop_pj},
        {"mesh hop_cycles", (double)l->mesh.hop_cycles},
        {"mesh link_words_per_cycle", l->mesh.link_bw},
    };
    if (l->mesh.ports < 0 || l->mesh.ports > HD_MAX_PORTS)
        return hd_fail(err, HD_ERR_USAGE, "level %s: a mesh has %d ports; expected 0 to %d", l->name, l->mesh.ports,
                       (int)HD_MAX_PORTS);
    if (l->mesh.ports == 0) return HD_OK;
    if (level == 0 || level == arch->levels - 1)
        return hd_fail(err, HD_ERR_USAGE, "level %s: only a memory inside another one can be a mesh of nodes", l->name);
    if (outside > 1 && (l->mesh.share || l->mesh.link_bw > 0))
        return hd_fail(err, HD_ERR_USAGE, "level %s: share and link_words_per_cycle need one mesh on the chip; here are %lld",
                       l->name, (long long)outside);
    for (int i = 0; i < l->mesh.ports; i++) HD_TRY(hd_arch_check_port(l, i, err));
    return check_numbers(l->name, numbers, (int)(sizeof numbers / sizeof *numbers), err);
}

static hd_status check_name(const hd_arch *arch, int level, hd_error *err) {
    const hd_level *l = &arch->level[level];
    if (!memchr(l->name, '\0', sizeof l->name) || !l->name[0])
        return hd_fail(err, HD_ERR_USAGE, "level %d: name is missing or longer than %zu characters", level,
                       sizeof l->name - 1);
    if (hd_arch_level(arch, l->name) != level)
        return hd_fail(err, HD_ERR_USAGE, "level %s occurs twice; names must differ", l->name);
    return HD_OK;
}

hd_status hd_arch_check_level(const hd_arch *arch, int level, hd_error *err) {
    const hd_level *l = &arch->level[level];
    int64_t outside = level > 0 ? hd_arch_instances(arch, level - 1) : 1;
    bool last = level == arch->levels - 1;
    HD_TRY(check_name(arch, level, err));
    if (l->word_bits < 1 || l->word_bits > MOST_WORD_BITS)
        return hd_fail(err, HD_ERR_USAGE, "level %s: word_bits is %d; expected 1 to %d", l->name,
                       l->word_bits, (int)MOST_WORD_BITS);
    if ((l->keeps | l->operand_register) & ~(unsigned)ALL_ROLES)
        return hd_fail(err, HD_ERR_USAGE, "level %s: keeps or operand_register names an unknown role",
                       l->name);
    if (last && l->bounded)
        return hd_fail(
            err, HD_ERR_USAGE,
            "level %s: the last level is the arithmetic and has no capacity; take that away, or add a level after this one",
            l->name);
    if (!last && l->operand_register)
        return hd_fail(err, HD_ERR_USAGE, "level %s: operand_register belongs to the last level, the MACs",
                       l->name);
    HD_TRY(check_capacity(l, err));
    HD_TRY(check_level_numbers(l, err));
    HD_TRY(check_timeloop(l, err));
    HD_TRY(check_mesh(arch, level, outside, err));
    return check_fan(arch, level, outside, err);
}

/* ---- hash: field by field, so that padding bytes never count ---- */

typedef struct encoding {
    size_t length;
    unsigned char bytes[ENCODING_MAX];
} encoding;

static void add_bytes(encoding *e, const void *bytes, size_t size) {
    assert(size <= sizeof e->bytes - e->length);
    memcpy(e->bytes + e->length, bytes, size);
    e->length += size;
}

static void add_int(encoding *e, int64_t value) { add_bytes(e, &value, sizeof value); }

static void add_double(encoding *e, double value) {
    value += 0.0; /* -0 is 0 */
    add_bytes(e, &value, sizeof value);
}

static void add_words(encoding *e, const char *text) { add_bytes(e, text, strlen(text) + 1); }

/* The standards count as what they stand for. */
static void encode_timeloop(encoding *e, const hd_timeloop_level *t) {
    add_int(e, t->block_size ? t->block_size : 1);
    add_int(e, t->cluster_size ? t->cluster_size : 1);
    add_double(e, t->multiple_buffering > 0 ? t->multiple_buffering : 1);
    add_double(e, t->min_utilization);
    add_int(e, t->no_reuse);
    add_int(e, t->no_links);
    add_double(e, t->hop_pj);
    add_double(e, t->router_pj);
    add_double(e, t->ingress_pj);
    add_int(e, t->network_fill_cycles);
    add_int(e, t->network_drain_cycles);
}

/* A plain fan-out adds nothing: such chips keep the hashes they had before there were meshes. */
static void encode_mesh(encoding *e, const hd_mesh *m) {
    if (m->ports == 0) return;
    add_int(e, m->ports);
    for (int i = 0; i < m->ports; i++)
        for (int axis = 0; axis < HD_AXES; axis++) add_int(e, m->port[i][axis]);
    add_double(e, m->hop_pj);
    add_int(e, m->hop_cycles);
    add_double(e, m->link_bw);
    add_int(e, m->share);
    add_int(e, m->gated);
    for (int i = 0; i < m->ports; i++) add_int(e, m->port_roles[i]);
}

static void encode_level(encoding *e, const hd_level *l) {
    add_words(e, l->name);
    add_int(e, l->word_bits);
    add_int(e, l->bounded);
    add_int(e, l->bounded && l->per_role);
    add_int(e, l->bounded && !l->per_role ? l->capacity : 0);
    add_int(e, l->keeps);
    add_int(e, l->double_buffer);
    add_int(e, l->operand_register | (int64_t)l->elsewhere << HD_ARCH_ROLES);
    for (int r = 0; r < HD_ARCH_ROLES; r++) {
        add_int(e, l->bounded && l->per_role ? l->role_capacity[r] : 0);
        add_double(e, l->read_pj[r]);
        add_double(e, l->fill_pj[r]);
        add_double(e, l->update_pj[r]);
        add_double(e, l->delivery_pj[r]);
    }
    add_double(e, l->read_bw);
    add_double(e, l->write_bw);
    add_double(e, l->shared_bw);
    for (int axis = 0; axis < HD_AXES; axis++) {
        add_int(e, l->fan[axis]);
        add_int(e, l->multicast[axis]);
        add_int(e, l->reduce[axis]);
        add_int(e, l->limited[axis]);
        add_words(e, l->limited[axis] ? l->allowed[axis] : "");
    }
    encode_timeloop(e, &l->timeloop);
    encode_mesh(e, &l->mesh);
}

/* Not seen by prices, so not hashed: the chip's name, its clock, its default template. */
static uint64_t hash_arch(const hd_arch *arch) {
    encoding e = {0};
    add_double(&e, arch->mac_pj);
    add_double(&e, arch->static_pj_per_cycle);
    add_int(&e, arch->vector_at);
    add_double(&e, arch->vector_per_cycle);
    add_double(&e, arch->vector_pj);
    add_int(&e, arch->levels);
    for (int l = 0; l < arch->levels; l++) encode_level(&e, &arch->level[l]);
    return XXH64(e.bytes, e.length, 0);
}

hd_status hd_arch_check(hd_arch *arch, hd_error *err) {
    if (arch->levels < 2 || arch->levels > HD_MAX_LEVELS)
        return hd_fail(err, HD_ERR_USAGE, "the chip has %d levels; expected 2 (a memory and the MACs) to %d",
                       arch->levels, (int)HD_MAX_LEVELS);
    if ((size_t)arch->template_ >= sizeof TEMPLATE_NAME / sizeof *TEMPLATE_NAME)
        return hd_fail(err, HD_ERR_USAGE, "the chip's template %d is unknown", (int)arch->template_);
    if (arch->vector_at < 0 || arch->vector_at >= arch->levels)
        return hd_fail(err, HD_ERR_USAGE, "vector at: level %d is not one of the chip's %d levels",
                       arch->vector_at, arch->levels);
    const number numbers[] = {
        {"clock_mhz", arch->clock_mhz},
        {"mac energy_pj", arch->mac_pj},
        {"static_pj_per_cycle", arch->static_pj_per_cycle},
        {"vector per_cycle", arch->vector_per_cycle},
        {"vector energy_pj", arch->vector_pj},
    };
    HD_TRY(check_numbers("chip", numbers, (int)(sizeof numbers / sizeof *numbers), err));
    for (int l = 0; l < arch->levels; l++) HD_TRY(hd_arch_check_level(arch, l, err));
    arch->level[arch->levels - 1].keeps = 0; /* the MACs hold nothing */
    arch->hash = hash_arch(arch);
    return HD_OK;
}
