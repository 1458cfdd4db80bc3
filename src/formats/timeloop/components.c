/* What chip is a chain of components?  Attributes in all their spellings become the levels of an hd_arch.
 *
 * Energies here are those that stand at the component, or the built-in formula; tables come later and change
 * only the latter.  The network below a storage level is described by that level's attributes and stored at
 * the inner one. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "formats/timeloop/parts.h"

enum { ALL_ROLES = (1 << HD_ROLES) - 1, MOST_BITS = 1 << 20 };
static const double MOST = 1e300;

typedef struct reader {
    tl_component *c;
    hd_level *level;
    hd_timeloop *out; /* for warnings */
    hd_error *err;
} reader;

/* First of up to three spellings that is there. */
static const hd_node *find(const reader *r, const char *a, const char *b, const char *c) {
    const hd_node *value = hd_tl_attribute(r->c, a);
    if (!value && b) value = hd_tl_attribute(r->c, b);
    if (!value && c) value = hd_tl_attribute(r->c, c);
    return value;
}

static hd_status whole(const reader *r, const hd_node *value, const char *what, int64_t low, int64_t high,
                       int64_t *out) {
    return value ? hd_tl_int(value, what, &r->c->scope, low, high, out, r->err) : HD_OK;
}

static hd_status number(const reader *r, const char *key, double low, double *out) {
    const hd_node *value = hd_tl_attribute(r->c, key);
    return value ? hd_tl_double(value, key, &r->c->scope, low, MOST, out, r->err) : HD_OK;
}

/* ---- how many, and where ---- */

static hd_status find_mesh(const reader *r) {
    tl_component *c = r->c;
    int64_t said = 0, product;
    if (c->mesh_x > 0) return HD_OK; /* v0.4: by the `spatial` of the nodes around it */
    const hd_node *instances = hd_tl_attribute(c, "instances");
    HD_TRY(whole(r, instances, "instances", 1, HD_COUNT_EXACT - 1, &said));
    if (said > 0 && c->instances > 1 && said != c->instances)
        return hd_node_fail(instances, r->err, "instances: found %lld, but the ranges in the names make %lld",
                            (long long)said, (long long)c->instances);
    if (said > 0) c->instances = said;
    if (c->instances == 0) c->instances = 1;
    HD_TRY(whole(r, hd_tl_attribute(c, "meshX"), "meshX", 1, HD_COUNT_EXACT - 1, &c->mesh_x));
    HD_TRY(whole(r, hd_tl_attribute(c, "meshY"), "meshY", 1, HD_COUNT_EXACT - 1, &c->mesh_y));
    if (c->mesh_x == 0) c->mesh_x = c->mesh_y ? c->instances / c->mesh_y : c->instances;
    if (c->mesh_y == 0) c->mesh_y = c->instances / c->mesh_x;
    if (!hd_count_mul(c->mesh_x, c->mesh_y, &product) || product != c->instances)
        return hd_node_fail(c->at, r->err, "component %s: %lld instances do not fill a mesh of %lld x %lld",
                            c->name, (long long)c->instances, (long long)c->mesh_x, (long long)c->mesh_y);
    return HD_OK;
}

static hd_status set_fan(const reader *r, const tl_component *outer) {
    tl_component *c = r->c;
    const int64_t out[HD_AXES] = {outer ? outer->mesh_x : 1, outer ? outer->mesh_y : 1},
                  in[HD_AXES] = {c->mesh_x, c->mesh_y};
    for (int a = 0; a < HD_AXES; a++) {
        if (!outer && in[a] != 1)
            return hd_node_fail(c->at, r->err,
                                "component %s: the outermost storage has a mesh of %lld x %lld; only one "
                                "instance is supported",
                                c->name, (long long)in[HD_X], (long long)in[HD_Y]);
        if (in[a] % out[a] != 0)
            return hd_node_fail(
                c->at, r->err, "component %s: mesh%c is %lld inside %s with %lld; expected a multiple",
                c->name, "XY"[a], (long long)in[a], outer ? outer->name : "", (long long)out[a]);
        r->level->fan[a] = in[a] / out[a];
        r->level->multicast[a] = outer ? ALL_ROLES : 0;
        r->level->reduce[a] = outer != NULL;
    }
    return HD_OK;
}

/* ---- words ---- */

static hd_status find_bits(const reader *r) {
    r->c->bits = 16;
    HD_TRY(whole(r, find(r, "word-bits", "word_width", "datawidth"), "word-bits", 1, MOST_BITS, &r->c->bits));
    r->level->word_bits = (int)r->c->bits;
    return HD_OK;
}

/* block x cluster x bits = width: what is not said follows from the width. */
static hd_status find_block(const reader *r) {
    tl_component *c = r->c;
    const hd_node *block = find(r, "block-size", "n_words", NULL),
                  *cluster = hd_tl_attribute(c, "cluster-size");
    const hd_node *width_node = find(r, "width", "memory_width", NULL);
    int64_t width = 0;
    c->block = c->cluster = 1;
    HD_TRY(whole(r, block, "block-size", 1, MOST_BITS, &c->block));
    HD_TRY(whole(r, cluster, "cluster-size", 1, MOST_BITS, &c->cluster));
    HD_TRY(whole(r, width_node, "width", 1, (int64_t)1 << 40, &width));
    if (width > 0 && !block && width % (c->bits * c->cluster) == 0) c->block = width / (c->bits * c->cluster);
    if (width > 0 && block && !cluster && width % (c->bits * c->block) == 0)
        c->cluster = width / (c->bits * c->block);
    if (width > 0 && c->block * c->cluster * c->bits != width)
        return hd_node_fail(width_node, r->err,
                            "component %s: width is %lld bits, but block-size %lld x cluster-size %lld x "
                            "word-bits %lld is %lld",
                            c->name, (long long)width, (long long)c->block, (long long)c->cluster,
                            (long long)c->bits, (long long)(c->block * c->cluster * c->bits));
    r->level->timeloop.block_size = c->block;
    r->level->timeloop.cluster_size = c->cluster;
    return HD_OK;
}

/* Entries win over the depth, and that over the kilobytes, as in Timeloop. */
static void compare_sizes(const reader *r, const hd_node *other, const char *what, int64_t words) {
    if (words != r->level->capacity)
        hd_tl_warn(r->out, other, "component %s: %s makes %lld words, but %lld are said otherwise, which count", r->c->name, what,
                   (long long)words, (long long)r->level->capacity);
}

static hd_status find_capacity(const reader *r) {
    const hd_node *entries = hd_tl_attribute(r->c, "entries"),
                  *depth = find(r, "depth", "memory_depth", NULL);
    const hd_node *kilobytes = hd_tl_attribute(r->c, "sizeKB");
    hd_level *l = r->level;
    double size = 0;
    int64_t deep = 0;
    l->bounded = entries || depth || kilobytes;
    HD_TRY(whole(r, depth, "depth", 0, HD_COUNT_EXACT / MOST_BITS / 2, &deep));
    if (kilobytes) HD_TRY(hd_tl_double(kilobytes, "sizeKB", &r->c->scope, 0, 1e11, &size, r->err));
    deep *= r->c->block;
    int64_t large = (int64_t)floor(size * 1024 * 8 / (double)r->c->bits);
    HD_TRY(whole(r, entries, "entries", 0, HD_COUNT_EXACT - 1, &l->capacity));
    if (!entries) l->capacity = depth ? deep : large;
    if (depth) compare_sizes(r, depth, "depth x block-size", deep);
    if (kilobytes) compare_sizes(r, kilobytes, "sizeKB", large);
    return HD_OK;
}

static hd_status find_buffering(const reader *r) {
    hd_timeloop_level *t = &r->level->timeloop;
    const hd_node *share = hd_tl_attribute(r->c, "min-utilization");
    HD_TRY(number(r, "multiple-buffering", 1, &t->multiple_buffering));
    if (share)
        HD_TRY(hd_tl_double(share, "min-utilization", &r->c->scope, 0, 1, &t->min_utilization, r->err));
    r->level->double_buffer = t->multiple_buffering >= 2;
    return HD_OK;
}

static hd_status find_bandwidth(const reader *r) {
    hd_level *l = r->level;
    double both = 0;
    HD_TRY(number(r, "bandwidth", 0, &both));
    l->read_bw = l->write_bw = both / 2;
    HD_TRY(number(r, "read_bandwidth", 0, &l->read_bw));
    HD_TRY(number(r, "write_bandwidth", 0, &l->write_bw));
    return number(r, "shared_bandwidth", 0, &l->shared_bw);
}

/* ---- energies ---- */

static bool says_dram(const tl_component *c) {
    const hd_node *technology = c->own > 0 ? hd_tl_get(c->scope.map[0], "technology") : NULL;
    return c->dram || (technology && hd_node_is(technology, "DRAM"));
}

/* pJ per word: DRAM 200 per 16 bits; SRAM linear in its size through (0.5 KB, 1) and (100 KB, 6) per 16 bits.
 * The instances of a cluster are one memory. */
static double built_in(const reader *r) {
    double words = (double)r->c->bits / 16, entries = r->level->bounded ? (double)r->level->capacity : 0;
    double kilobytes = entries * (double)r->c->cluster * words * 2 / 1024;
    if (r->c->dummy) return 0;
    return words * (says_dram(r->c) ? 200 : 1 + (kilobytes - 0.5) * 5 / 99.5);
}

static hd_status find_energy(const reader *r) {
    double access = 0, word;
    r->c->explicit_energy = r->c->dummy || hd_tl_attribute(r->c, "vector-access-energy");
    HD_TRY(number(r, "vector-access-energy", 0, &access));
    word = r->c->explicit_energy ? access / (double)r->c->block : built_in(r);
    for (int role = 0; role < HD_ROLES; role++)
        r->level->read_pj[role] = r->level->fill_pj[role] = r->level->update_pj[role] = word;
    return HD_OK;
}

static hd_status find_network(const reader *r, hd_level *inner) {
    hd_timeloop_level *t = &inner->timeloop;
    double wire = 0;
    const hd_node *fill = hd_tl_attribute(r->c, "network_fill_latency"),
                  *drain = hd_tl_attribute(r->c, "network_drain_latency");
    r->c->network_bits = r->c->bits;
    r->c->explicit_hop = hd_tl_attribute(r->c, "energy-per-hop") || hd_tl_attribute(r->c, "wire-energy");
    HD_TRY(whole(r, hd_tl_attribute(r->c, "network-word-bits"), "network-word-bits", 1, MOST_BITS,
                 &r->c->network_bits));
    HD_TRY(number(r, "tile-width", 0, &r->c->tile_width));
    HD_TRY(number(r, "wire-energy", 0, &wire));
    t->hop_pj = wire * (double)r->c->network_bits * r->c->tile_width;
    HD_TRY(number(r, "energy-per-hop", 0, &t->hop_pj));
    HD_TRY(number(r, "router-energy", 0, &t->router_pj));
    HD_TRY(number(r, "energy-per-ingress", 0, &t->ingress_pj));
    HD_TRY(whole(r, fill, "network_fill_latency", 0, HD_COUNT_EXACT - 1, &t->network_fill_cycles));
    return whole(r, drain, "network_drain_latency", 0, HD_COUNT_EXACT - 1, &t->network_drain_cycles);
}

/* What a price would have to know and does not. */
static hd_status refuse_unpriced(const reader *r) {
    static const char *const NETWORK[] = {"network_read", "network_fill", "network_drain", "network_update"};
    double address = 0;
    HD_TRY(number(r, "addr-gen-energy", 0, &address));
    if (address != 0)
        return hd_node_fail(hd_tl_attribute(r->c, "addr-gen-energy"), r->err,
                            "component %s: energy of address generation is not "
                            "priced; expected 0 or none",
                            r->c->name);
    for (size_t i = 0; i < sizeof NETWORK / sizeof *NETWORK; i++)
        if (hd_tl_attribute(r->c, NETWORK[i]))
            return hd_node_fail(hd_tl_attribute(r->c, NETWORK[i]), r->err,
                                "component %s: %s names an explicit network, which is "
                                "not supported; only the network between neighbouring levels is",
                                r->c->name, NETWORK[i]);
    return HD_OK;
}

/* ---- levels ---- */

static hd_status read_storage(const reader *r, const tl_component *outer, hd_level *inner) {
    snprintf(r->level->name, sizeof r->level->name, "%s", r->c->name);
    HD_TRY(refuse_unpriced(r));
    HD_TRY(find_mesh(r));
    HD_TRY(set_fan(r, outer));
    HD_TRY(find_bits(r));
    if (r->c->dummy) {
        r->level->bounded = true;
        r->level->keeps = 0;
        r->c->block = r->c->cluster = 1;
        return find_energy(r);
    }
    HD_TRY(find_block(r));
    HD_TRY(find_capacity(r));
    HD_TRY(find_buffering(r));
    HD_TRY(find_bandwidth(r));
    HD_TRY(find_energy(r));
    return find_network(r, inner);
}

static hd_status read_compute(const reader *r, const tl_component *outer, hd_arch *arch) {
    snprintf(r->level->name, sizeof r->level->name, "%s", r->c->name);
    HD_TRY(find_mesh(r));
    HD_TRY(set_fan(r, outer));
    HD_TRY(find_bits(r));
    double words = (double)r->c->bits / 16;
    arch->mac_pj = words * words;
    r->c->explicit_energy = hd_tl_attribute(r->c, "energy") != NULL;
    return number(r, "energy", 0, &arch->mac_pj);
}

static hd_status find_compute(tl_chain *chain, tl_component **out, const hd_node *at, hd_error *err) {
    *out = NULL;
    for (int i = 0; i < chain->components; i++) {
        tl_component *c = &chain->component[i];
        if (c->kind == TL_NETWORK)
            return hd_node_fail(c->at, err,
                                "component %s: explicit networks are not supported; describe the wires by "
                                "energy-per-hop and router-energy of the storage level outside",
                                c->name);
        if (c->kind != TL_COMPUTE) continue;
        if (*out)
            return hd_node_fail(c->at, err,
                                "component %s: a second arithmetic component beside %s; expected one",
                                c->name, (*out)->name);
        *out = c;
    }
    if (*out) return HD_OK;
    return hd_node_fail(
        at, err, "architecture: no arithmetic component; expected a class with mac or compute in its name");
}

hd_status hd_tl_components_to_arch(tl_chain *chain, const hd_node *at, hd_timeloop *out, hd_error *err) {
    hd_arch *arch = &out->arch;
    tl_component *compute;
    const tl_component *outer = NULL;
    memset(arch, 0, sizeof *arch);
    for (int l = 0; l < HD_MAX_LEVELS; l++) hd_arch_default_level(&arch->level[l]);
    snprintf(arch->name, sizeof arch->name, "%s", chain->name[0] ? chain->name : "timeloop");
    HD_TRY(find_compute(chain, &compute, at, err));
    for (int i = 0; i < chain->components; i++) {
        tl_component *c = &chain->component[i];
        if (c->kind != TL_STORAGE) continue;
        if (arch->levels + 1 == HD_MAX_LEVELS)
            return hd_node_fail(c->at, err, "component %s: more than %d levels of storage", c->name,
                                HD_MAX_LEVELS - 1);
        if (c->dummy && !outer)
            return hd_node_fail(c->at, err, "component %s: copies need a storage component outside them",
                                c->name);
        c->level = arch->levels++;
        const reader r = {.c = c, .level = &arch->level[c->level], .out = out, .err = err};
        HD_TRY(read_storage(&r, outer, r.level + 1));
        outer = c;
    }
    if (!outer)
        return hd_node_fail(at, err,
                            "architecture: no storage component; expected a class with DRAM, SRAM, regfile, "
                            "smartbuffer or storage in its name");
    compute->level = arch->levels++;
    const reader r = {.c = compute, .level = &arch->level[compute->level], .err = err};
    HD_TRY(read_compute(&r, outer, arch));
    arch->vector_at = compute->level;
    out->has_arch = true;
    return HD_OK;
}
