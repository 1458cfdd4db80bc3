/* What do several Timeloop files say together?  Their top-level keys make one map; each section has its own
 * file here.
 *
 * A section given twice is an error; sections that Timeloop's front end combines (constraints, variables) may
 * repeat. Keys meant for the tools around Timeloop are passed over; any other key is an error, it may be
 * misspelt.        */
#include <stdio.h>
#include <string.h>

#include "formats/timeloop/parts.h"

enum { MAX_CONSTRAINTS = 16 };

typedef struct sections {
    const hd_node *architecture, *problem, *mapping, *mapper, *ert, *art;
    const hd_node *constraints[MAX_CONSTRAINTS];
    int constraint_count;
    tl_chain chain; /* with the variables of the files */
} sections;

/* ---- sorting the keys ---- */

static hd_status set_once(const hd_node *key, const hd_node *value, const hd_node **slot, hd_error *err) {
    if (*slot)
        return hd_node_fail(key, err, "found %s a second time, expected once in all files (first at %s:%d)",
                            key->text, (*slot)->file ? (*slot)->file : "", (*slot)->line);
    *slot = value;
    return HD_OK;
}

static hd_status add_constraints(const hd_node *key, const hd_node *value, sections *s, hd_error *err) {
    if (hd_node_is_null(value)) return HD_OK;
    if (s->constraint_count == MAX_CONSTRAINTS)
        return hd_node_fail(key, err, "more than %d sections of constraints", (int)MAX_CONSTRAINTS);
    s->constraints[s->constraint_count++] = value;
    return HD_OK;
}

static hd_status add_variables(const hd_node *key, const hd_node *value, sections *s, hd_error *err) {
    tl_scope *variables = &s->chain.variables;
    HD_TRY(hd_node_expect(value, HD_NODE_MAP, "variables", err));
    if (variables->maps == MAX_CONSTRAINTS)
        return hd_node_fail(key, err, "more than %d sections of variables", (int)MAX_CONSTRAINTS);
    variables->map[variables->maps++] = value;
    return HD_OK;
}

static hd_status refuse_sparse(const hd_node *key, const hd_node *value, hd_error *err) {
    bool empty = hd_node_is_null(value) || (value->kind != HD_NODE_SCALAR && value->items == 0);
    return empty ? HD_OK
                 : hd_node_fail(key, err, "%s: sparse optimisations are not priced; remove the section",
                                key->text);
}

/* Keys of the tools around Timeloop, which change none of its numbers here. */
static bool is_foreign(const hd_node *key) {
    static const char *const FOREIGN[] = {
        "components",
        "compound_components",
        "globals",
        "action_definitions",
        "flattened_architecture",
        "ERT_summary",
        "ART_summary",
        "energy_estimation",
        "model",
        "layout",
        "technology_tables",
    };
    for (size_t i = 0; i < sizeof FOREIGN / sizeof *FOREIGN; i++)
        if (hd_tl_key_is(key, FOREIGN[i])) return true;
    return strncmp(key->text, "x-", 2) == 0;
}

static hd_status sort_key(const hd_node *key, const hd_node *value, sections *s, hd_error *err) {
    const struct {
        const char *key;
        const hd_node **slot;
    } once[] = {{"architecture", &s->architecture},
                {"arch", &s->architecture},
                {"problem", &s->problem},
                {"mapping", &s->mapping},
                {"mapper", &s->mapper},
                {"ERT", &s->ert},
                {"ART", &s->art}};
    char shown[HD_NODE_SHOWN];
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        if (!hd_tl_key_is(key, once[i].key)) continue;
        if (!hd_node_is_null(value)) return set_once(key, value, once[i].slot, err);
        if (once[i].slot == &s->mapper) return HD_OK;
        return hd_node_fail(key, err, "%s: found nothing in the section, fill it or remove the key", key->text);
    }
    if (strstr(key->text, "constraints") || hd_tl_key_is(key, "mapspace"))
        return add_constraints(key, value, s, err);
    if (strstr(key->text, "variables")) return add_variables(key, value, s, err);
    if (strstr(key->text, "sparse")) return refuse_sparse(key, value, err);
    if (is_foreign(key)) return HD_OK;
    return hd_node_fail(
        key, err,
        "found the key %s, expected architecture (or arch), problem, mapping, mapper, "
        "architecture_constraints, mapspace_constraints, mapspace, variables, components, ERT or ART",
        hd_node_shown(key, shown));
}

static hd_status sort_text(const hd_timeloop_text *text, sections *s, hd_arena *arena, hd_error *err) {
    hd_node *root;
    HD_TRY(hd_tl_read_text(text, arena, &root, err));
    HD_TRY(hd_node_expect(root, HD_NODE_MAP, "Timeloop file", err));
    for (int i = 0; i < root->items; i++) HD_TRY(sort_key(root->key[i], root->item[i], s, err));
    return HD_OK;
}

/* ---- architecture ---- */

static hd_status check_version(const hd_node *architecture, hd_error *err) {
    const hd_node *version = hd_tl_get(architecture, "version");
    char shown[HD_NODE_SHOWN];
    static const char *const KNOWN[] = {"0.1", "0.2", "0.3", "0.4"};
    for (size_t i = 0; version && i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (hd_node_is(version, KNOWN[i])) return HD_OK;
    if (!version) return HD_OK;
    return hd_node_fail(version, err, "architecture: found the version %s, expected 0.2, 0.3 or 0.4",
                        hd_node_shown(version, shown));
}

/* Three forms, told apart by what they hold. */
static hd_status read_chain(const hd_node *architecture, tl_chain *out, hd_error *err) {
    HD_TRY(hd_node_expect(architecture, HD_NODE_MAP, "architecture", err));
    static const char *const FORMS[] = {"version", "name", "nodes", "subtree", "storage", "arithmetic", "attributes", NULL};
    HD_TRY(check_version(architecture, err));
    HD_TRY(hd_tl_check_spelling(architecture, FORMS, err));
    if (hd_tl_get(architecture, "nodes")) return hd_tl_read_nodes(architecture, out, err);
    if (hd_tl_get(architecture, "subtree")) return hd_tl_read_tree(architecture, out, err);
    if (hd_tl_get(architecture, "storage")) return hd_tl_read_flat(architecture, out, err);
    return hd_node_fail(architecture, err,
                        "architecture: found neither subtree (v0.2, v0.3) nor nodes (v0.4) nor storage "
                        "(the flat form of 2019)");
}

static hd_status check_arch(const hd_node *at, hd_arch *arch, hd_error *err) {
    hd_error inner;
    hd_status status = hd_arch_check(arch, &inner);
    return status == HD_OK ? HD_OK : hd_node_fail(at, err, "architecture: %s", inner.message);
}

static hd_status read_arch(sections *s, hd_timeloop *out, hd_error *err) {
    if (s->art) HD_TRY(hd_tl_read_art(s->art, err));
    if (!s->architecture) return HD_OK;
    HD_TRY(read_chain(s->architecture, &s->chain, err));
    HD_TRY(hd_tl_components_to_arch(&s->chain, s->architecture, out, err));
    if (s->ert) HD_TRY(hd_tl_read_ert(s->ert, &s->chain, out, err));
    return check_arch(s->architecture, &out->arch, err);
}

/* Timeloop counts words whatever their bits: an element is a word of the arithmetic. */
static void size_elements(hd_timeloop *out) {
    int bits = out->arch.level[out->arch.levels - 1].word_bits;
    for (int r = 0; r < HD_ROLES && bits <= 64; r++)
        if (out->op.tensor[r].used) out->op.tensor[r].bits = bits;
}

/* ---- mapper ---- */

static bool objective_of(const hd_node *name, hd_objective *out) {
    static const struct {
        const char *metric;
        hd_objective objective;
    } METRIC[] = {{"delay", HD_LATENCY}, {"energy", HD_ENERGY}, {"edp", HD_EDP}};
    for (size_t i = 0; i < sizeof METRIC / sizeof *METRIC; i++)
        if (hd_node_is(name, METRIC[i].metric)) {
            *out = METRIC[i].objective;
            return true;
        }
    return false;
}

static void read_metric(const hd_node *metric, hd_timeloop *out) {
    char shown[HD_NODE_SHOWN];
    hd_objective found;
    bool known = objective_of(metric, &found);
    if (!known)
        hd_tl_warn(out, metric, "mapper: found the metric %s, only energy, delay and edp are searched for",
                   hd_node_shown(metric, shown));
    if (!known || out->has_objective) return;
    out->objective = found;
    out->has_objective = true;
}

/* Heddle's own solvers search: of the mapper only its metrics matter, but a misspelt word is worth a warning. */
static void check_mapper(const hd_node *mapper, hd_timeloop *out) {
    static const char *const KEYS[] = {
        "version", "algorithm", "optimization-metric", "optimization-metrics", "victory-condition", "search-size", "search_size",
        "timeout", "sync-interval", "num-threads", "log-stats", "log-suboptimal", "log-all", "log-mappings-yaml",
        "log-mappings-verbose", "live-status", "diagnostics", "penalize-consecutive-bypass-fails", "emit-whoop-nest",
        "max-permutations-per-if-visit", "max-temporal-loops-in-a-mapping", "filter-revisits", "template", "mapspace_constraints",
        "architecture_constraints", NULL};
    static const char *const ALGORITHMS[] = {"exhaustive",    "linear", "linear-pruned", "random",
                                             "random-pruned", "hybrid", "exhaustive-pruned", NULL};
    char shown[HD_NODE_SHOWN];
    const hd_node *algorithm = hd_tl_get(mapper, "algorithm");
    for (int i = 0; i < mapper->items; i++) {
        int k = 0;
        while (KEYS[k] && !hd_tl_key_is(mapper->key[i], KEYS[k])) k++;
        const char *meant = KEYS[k] ? NULL : hd_tl_nearest(mapper->key[i]->text, KEYS);
        if (meant)
            hd_tl_warn(out, mapper->key[i], "mapper: found the key %s, did you mean %s? It is passed over",
                       hd_node_shown(mapper->key[i], shown), meant);
    }
    for (int k = 0; algorithm; k++) {
        if (!ALGORITHMS[k])
            hd_tl_warn(out, algorithm, "mapper: Timeloop has no algorithm %s (it does not matter here)",
                       hd_node_shown(algorithm, shown));
        if (!ALGORITHMS[k] || hd_tl_key_is(algorithm, ALGORITHMS[k])) break;
    }
}

static void read_mapper(const hd_node *mapper, hd_timeloop *out) {
    const hd_node *metrics = hd_tl_get(mapper, "optimization-metrics");
    if (!metrics) metrics = hd_tl_get(mapper, "optimization-metric");
    if (mapper->kind == HD_NODE_MAP) check_mapper(mapper, out);
    if (!metrics || hd_node_is_null(metrics)) return;
    if (metrics->kind == HD_NODE_SCALAR) read_metric(metrics, out);
    for (int i = 0; metrics->kind == HD_NODE_LIST && i < metrics->items; i++) read_metric(metrics->item[i], out);
}

/* ---- mapping and constraints, which speak of both problem and architecture ---- */

static hd_status need_both(const hd_node *at, const char *what, const hd_timeloop *out, hd_error *err) {
    if (out->has_op && out->has_arch) return HD_OK;
    return hd_node_fail(at, err,
                        "%s: the files hold no %s to read it against; give the file with the key %s:", what,
                        out->has_op ? "architecture" : "problem", out->has_op ? "architecture" : "problem");
}

static hd_status read_space(const sections *s, hd_timeloop *out, hd_error *err) {
    tl_draft draft = {0};
    for (int i = 0; i < s->constraint_count; i++) {
        HD_TRY(need_both(s->constraints[i], "constraints", out, err));
        HD_TRY(hd_tl_read_constraints(s->constraints[i], out, &draft, err));
    }
    if (!out->has_op || !out->has_arch) return HD_OK;
    HD_TRY(hd_tl_read_v04_constraints(&s->chain, out, &draft, err));
    return hd_tl_finish_constraints(&draft, out, err);
}

static hd_status read_sections(sections *s, hd_timeloop *out, hd_arena *arena, hd_error *err) {
    HD_TRY(read_arch(s, out, err));
    if (s->problem) HD_TRY(hd_tl_read_problem(s->problem, out, arena, err));
    if (out->has_op && out->has_arch) size_elements(out);
    if (s->mapper) read_mapper(s->mapper, out);
    HD_TRY(read_space(s, out, err)); /* first: a mapping has no say in it */
    out->open = out->arch;
    if (!s->mapping) return HD_OK;
    HD_TRY(need_both(s->mapping, "mapping", out, err));
    return hd_tl_read_mapping(s->mapping, out, err);
}

hd_status hd_timeloop_read(const hd_timeloop_text *texts, int count, hd_arena *arena, hd_timeloop **out,
                           hd_error *err) {
    hd_timeloop *t = hd_arena_alloc(arena, 1, sizeof *t);
    sections *s = hd_arena_alloc(arena, 1, sizeof *s);
    if (!t || !s) return hd_fail_memory(err);
    t->arena = arena;
    t->problem.op = &t->op;
    t->problem.arch = &t->arch;
    for (int i = 0; i < count; i++) HD_TRY(sort_text(&texts[i], s, arena, err));
    HD_TRY(read_sections(s, t, arena, err));
    *out = t;
    return HD_OK;
}
