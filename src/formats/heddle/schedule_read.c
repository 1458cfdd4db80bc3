/* Which schedule does a text hold?  The chip, then the layers and the segments. */
#include "base/count.h"
#include "formats/heddle/arch_yaml.h"
#include "formats/heddle/schedule_parts.h"
#include "syntax/fields.h"
#include "syntax/file.h"
#include "syntax/yaml.h"

static hd_status read_format(const hd_node *v, void *t, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    (void)t;
    if (hd_node_is(v, "schedule/1") || hd_node_is(v, "proof/1")) return HD_OK;
    return hd_node_fail(v, err, "heddle: found %s, expected schedule/1 or proof/1", hd_node_shown(v, shown));
}

static hd_status read_chip(const hd_node *v, void *t, hd_error *err) {
    return hd_arch_read_node(v, &((hd_schedule_reader *)t)->schedule->arch, err);
}

static hd_status read_chip_hash(const hd_node *v, void *t, hd_error *err) {
    hd_schedule_reader *r = t;
    r->chip_hash = v;
    return hd_node_hash(v, "chip_hash", &r->chip_wanted, err);
}

static hd_status read_network(const hd_node *v, void *t, hd_error *err) {
    hd_network *net = ((hd_schedule_reader *)t)->network;
    return hd_schedule_text(net->arena, v, "network", &net->name, err);
}

static hd_status read_network_hash(const hd_node *v, void *t, hd_error *err) {
    hd_schedule_reader *r = t;
    r->network_hash = v;
    return hd_node_hash(v, "network_hash", &r->network_wanted, err);
}

static hd_status read_batch(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "batch", 1, HD_COUNT_EXACT, &((hd_schedule_reader *)t)->network->batch, err);
}

static hd_status read_objective(const hd_node *v, void *t, hd_error *err) {
    hd_schedule *s = t;
    return hd_schedule_text(s->arena, v, "objective", &s->objective, err);
}

static hd_status read_solver(const hd_node *v, void *t, hd_error *err) {
    hd_schedule *s = t;
    return hd_schedule_text(s->arena, v, "solver", &s->solver, err);
}

static hd_status read_model(const hd_node *v, void *t, hd_error *err) {
    hd_schedule *s = t;
    return hd_schedule_text(s->arena, v, "model", &s->model, err);
}

static hd_status read_space(const hd_node *v, void *t, hd_error *err) {
    hd_schedule *s = t;
    return hd_schedule_text(s->arena, v, "space", &s->space, err);
}

static hd_status read_together(const hd_node *v, void *t, hd_error *err) {
    return hd_node_bool(v, "together", &((hd_schedule *)t)->together, err);
}

static hd_status read_settings(const hd_node *v, void *t, hd_error *err) {
    hd_schedule *s = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "settings", err));
    s->setting = hd_arena_alloc(s->arena, (size_t)v->items + 1, sizeof *s->setting);
    if (!s->setting) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++) HD_TRY(hd_schedule_text(s->arena, v->item[i], "settings", &s->setting[i], err));
    s->settings = v->items;
    return HD_OK;
}

static hd_status read_seed(const hd_node *v, void *t, hd_error *err) {
    return hd_node_hash(v, "seed", &((hd_schedule *)t)->seed, err);
}

static const hd_field FOUND[] = {{"objective", false, read_objective}, {"solver", false, read_solver},
                                 {"model", false, read_model},         {"space", false, read_space},
                                 {"seed", false, read_seed},           {"settings", false, read_settings},
                                 {"together", false, read_together},
                                 {0}};

static hd_status read_found(const hd_node *v, void *t, hd_error *err) {
    hd_schedule *s = ((hd_schedule_reader *)t)->schedule;
    s->line = v->line;
    s->column = v->column;
    return hd_fields_read(v, "found", FOUND, s, err);
}

static const hd_field SCHEDULE[] = {
    {"heddle", true, read_format},
    {"chip", true, read_chip}, /* before the layers, whose schemes name its levels */
    {"chip_hash", false, read_chip_hash},
    {"network", true, read_network},
    {"network_hash", false, read_network_hash},
    {"batch", false, read_batch},
    {"found", false, read_found},
    {"layers", true, hd_schedule_read_layers},
    {"segments", false, hd_schedule_read_segments}, /* after layers */
    {"proofs", false, NULL}, /* proof_read.c */
    {0}};

static hd_status check_hash(const hd_node *v, uint64_t wanted, uint64_t have, const char *what,
                            hd_error *err) {
    if (!v || wanted == have) return HD_OK;
    return hd_node_fail(v, err,
                        "the %s in this file was edited: its content hash is 0x%016llx, expected 0x%016llx; "
                        "remove this line to use it as it is",
                        what, (unsigned long long)have, (unsigned long long)wanted);
}

static hd_status read_in(hd_schedule_reader *r, const char *text, size_t length, const char *file, hd_error *err) {
    hd_node *root;
    hd_schedule *s = r->schedule;
    s->objective = s->solver = s->model = s->space = "";
    s->file = file ? hd_arena_text(s->arena, file) : NULL;
    if (file && !s->file) return hd_fail_memory(err);
    r->network->name = "";
    r->network->batch = 1;
    HD_TRY(hd_yaml_read(text, length, file, r->scratch, &root, err));
    HD_TRY(hd_fields_read(root, "schedule", SCHEDULE, r, err));
    hd_network_seal(r->network);
    HD_TRY(check_hash(r->chip_hash, r->chip_wanted, s->arch.hash, "chip", err));
    return check_hash(r->network_hash, r->network_wanted, r->network->hash, "network (its layers, counts or batch)", err);
}

static hd_network *new_network(void) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_network *network = arena ? hd_arena_alloc(arena, 1, sizeof *network) : NULL;
    if (network)
        network->arena = arena;
    else
        hd_arena_free(arena);
    return network;
}

static hd_schedule *new_schedule(void) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_schedule *s = arena ? hd_arena_alloc(arena, 1, sizeof *s) : NULL;
    if (!s) {
        hd_arena_free(arena);
        return NULL;
    }
    s->arena = arena;
    s->network_owned = true;
    s->network = new_network();
    if (s->network) return s;
    hd_arena_free(arena);
    return NULL;
}

hd_status hd_schedule_read(const char *text, size_t length, const char *file, hd_schedule **out,
                           hd_error *err) {
    hd_schedule_reader r = {.schedule = new_schedule(), .scratch = hd_arena_new(NULL, 0)};
    hd_status status = r.schedule && r.scratch ? HD_OK : hd_fail_memory(err);
    if (status == HD_OK) {
        r.network = r.schedule->network;
        status = read_in(&r, text, length, file, err);
    }
    hd_arena_free(r.scratch);
    if (status == HD_OK)
        *out = r.schedule;
    else
        hd_schedule_free(r.schedule);
    return status;
}

hd_status hd_schedule_read_file(const char *path, hd_schedule **out, hd_error *err) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    char *text;
    size_t length;
    if (!arena) return hd_fail_memory(err);
    hd_status status = hd_file_read(path, arena, &text, &length, err);
    if (status == HD_OK) status = hd_schedule_read(text, length, path, out, err);
    hd_arena_free(arena);
    return status;
}
