/* Which schedule does a text hold?  The chip, then the layers one by one, each naming only layers before it.
 */
#include <limits.h>
#include <string.h>

#include "base/count.h"
#include "formats/heddle/arch_yaml.h"
#include "formats/heddle/operator_yaml.h"
#include "formats/heddle/roles.h"
#include "formats/heddle/schedule_yaml.h"
#include "formats/heddle/scheme_yaml.h"
#include "syntax/fields.h"
#include "syntax/file.h"
#include "syntax/yaml.h"

typedef struct reader {
    hd_schedule *schedule;
    hd_network *network;
    hd_arena *scratch; /* the tree */
    int at;            /* layer being read */
    const hd_node *chip_hash, *network_hash;
    uint64_t chip_wanted, network_wanted;
} reader;

static hd_layer *layer_of(void *t) {
    reader *r = t;
    return &r->network->layer[r->at];
}

static hd_schedule_layer *plan_of(void *t) {
    reader *r = t;
    return &r->schedule->layer[r->at];
}

static hd_status keep_text(hd_arena *arena, const hd_node *v, const char *what, const char **out,
                           hd_error *err) {
    const char *text = "";
    if (v->kind != HD_NODE_SCALAR || v->length > 0) HD_TRY(hd_node_text(v, what, &text, err));
    *out = hd_arena_text(arena, text);
    return *out ? HD_OK : hd_fail_memory(err);
}

/* A layer by name among those before `limit`. */
static hd_status find_layer(reader *r, const hd_node *v, const char *what, int limit, int *out,
                            hd_error *err) {
    char shown[HD_NODE_SHOWN];
    for (int l = 0; l < limit; l++)
        if (hd_node_is(v, r->network->layer[l].name)) {
            *out = l;
            return HD_OK;
        }
    return hd_node_fail(v, err, "%s: found %s, expected the name of a layer before this one", what,
                        hd_node_shown(v, shown));
}

/* ---- one layer ---- */

static hd_status read_op_name(const hd_node *v, void *t, hd_error *err) {
    return keep_text(((reader *)t)->network->arena, v, "op", &layer_of(t)->op_name, err);
}

static hd_status read_operator(const hd_node *v, void *t, hd_error *err) {
    return hd_operator_read(v, &layer_of(t)->op, err);
}

static hd_status read_shape(reader *r, const hd_node *v, hd_file_shape *shape, hd_error *err) {
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "file shape", err));
    shape->extent = hd_arena_alloc(r->network->arena, (size_t)v->items + 1, sizeof *shape->extent);
    if (!shape->extent) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++)
        HD_TRY(hd_node_int(v->item[i], "file shape", 0, HD_COUNT_EXACT, &shape->extent[i], err));
    shape->rank = v->items;
    return HD_OK;
}

static hd_status read_shapes(const hd_node *v, void *t, hd_error *err) {
    HD_TRY(hd_node_expect(v, HD_NODE_MAP, "file_shapes", err));
    int found = 0;
    for (int role = 0; role < HD_ROLES; role++) {
        const hd_node *shape = hd_node_get(v, hd_role_name((hd_role)role));
        if (!shape) continue;
        HD_TRY(read_shape(t, shape, &layer_of(t)->file_shape[role], err));
        found++;
    }
    return found == v->items ? HD_OK
                             : hd_node_fail(v, err, "file_shapes: expected the roles W, I, O, I2 only");
}

static hd_status read_inputs(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    hd_layer *layer = layer_of(t);
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "inputs", err));
    layer->input = hd_arena_alloc(r->network->arena, (size_t)v->items + 1, sizeof *layer->input);
    if (!layer->input) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++) {
        layer->input[i] = -1;
        if (hd_node_is_null(v->item[i])) continue;
        HD_TRY(find_layer(r, v->item[i], "inputs", r->at, &layer->input[i], err));
    }
    layer->inputs = v->items;
    return HD_OK;
}

static hd_status read_input_roles(const hd_node *v, void *t, hd_error *err) {
    hd_layer *layer = layer_of(t);
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "input_roles", err));
    if (v->items != layer->inputs)
        return hd_node_fail(v, err, "input_roles: found %d, expected one list of roles for each of the %d inputs", v->items,
                            layer->inputs);
    layer->input_roles = hd_arena_alloc(((reader *)t)->network->arena, (size_t)v->items + 1, sizeof *layer->input_roles);
    if (!layer->input_roles) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++)
        HD_TRY(hd_roles_read(v->item[i], "input_roles", true, &layer->input_roles[i], err));
    return HD_OK;
}

static hd_status read_leaves(const hd_node *v, void *t, hd_error *err) {
    return hd_node_bool(v, "leaves", &layer_of(t)->leaves, err);
}

static hd_status read_weight_words(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "weight_words", 0, HD_COUNT_EXACT, &layer_of(t)->weight_words, err);
}

static hd_status read_macs(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "macs", 0, HD_COUNT_EXACT, &layer_of(t)->macs, err);
}

static hd_status read_ops(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "ops", 0, HD_COUNT_EXACT, &layer_of(t)->ops, err);
}

static hd_status read_repeats(const hd_node *v, void *t, hd_error *err) {
    int64_t repeats;
    HD_TRY(hd_node_int(v, "repeats", 1, INT_MAX, &repeats, err));
    layer_of(t)->repeats = (int)repeats;
    return HD_OK;
}

static hd_status read_fused_into(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    return find_layer(r, v, "fused_into", r->at, &layer_of(t)->fused_into, err);
}

static hd_status read_home(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    HD_TRY(hd_node_expect(v, HD_NODE_MAP, "home", err));
    int found = 0;
    for (int role = 0; role < HD_ROLES; role++) {
        const hd_node *level = hd_node_get(v, hd_role_name((hd_role)role));
        const char *name;
        if (!level) continue;
        HD_TRY(hd_node_text(level, "home", &name, err));
        int l = hd_arch_level(&r->schedule->arch, name);
        if (l < 0 || l >= r->schedule->arch.levels - 1)
            return hd_node_fail(level, err, "home: found '%s', expected a memory level of the chip", name);
        plan_of(t)->home[role] = l;
        found++;
    }
    return found == v->items ? HD_OK : hd_node_fail(v, err, "home: expected the roles W, I, O, I2 only");
}

static hd_status read_same_as(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    hd_schedule_layer *plan = plan_of(t);
    HD_TRY(find_layer(r, v, "same_as", r->at, &plan->same_as, err));
    const hd_schedule_layer *first = &r->schedule->layer[plan->same_as];
    const hd_operator *a = &layer_of(t)->op, *b = &r->network->layer[plan->same_as].op;
    bool equal = a->dims == b->dims;
    for (int d = 0; equal && d < a->dims; d++)
        equal = a->dim[d].extent == b->dim[d].extent && strcmp(a->dim[d].name, b->dim[d].name) == 0;
    if (!equal) return hd_node_fail(v, err, "same_as: the two layers have different dimensions");
    plan->scheduled = first->scheduled;
    plan->scheme = first->scheme;
    return HD_OK;
}

static hd_status read_levels(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    plan_of(t)->scheduled = true;
    return hd_scheme_read(v, &layer_of(t)->op, &r->schedule->arch, true, &plan_of(t)->scheme, NULL, err);
}

static const hd_field SCHEME[] = {{"levels", true, read_levels}, {0}};

static hd_status read_scheme(const hd_node *v, void *t, hd_error *err) {
    return hd_fields_read(v, "scheme", SCHEME, t, err);
}

static const hd_field LAYER[] = {
    {"name", true, NULL}, /* read before all others */
    {"op", true, read_op_name},
    {"operator", true, read_operator},
    {"file_shapes", false, read_shapes},
    {"inputs", false, read_inputs},
    {"input_roles", false, read_input_roles}, /* after inputs */
    {"leaves", false, read_leaves},
    {"weight_words", false, read_weight_words},
    {"macs", false, read_macs},
    {"ops", false, read_ops},
    {"repeats", false, read_repeats},
    {"fused_into", false, read_fused_into},
    {"home", false, read_home},
    {"same_as", false, read_same_as}, /* before scheme, which may replace the one it brings */
    {"scheme", false, read_scheme},
    {0}};

static hd_status read_layer(reader *r, const hd_node *v, hd_error *err) {
    hd_layer *layer = layer_of(r);
    int twin;
    HD_TRY(hd_node_expect(v, HD_NODE_MAP, "layer", err));
    const hd_node *name = hd_node_get(v, "name");
    if (!name) return hd_node_fail(v, err, "layer: the key 'name' is missing");
    HD_TRY(keep_text(r->network->arena, name, "name", &layer->name, err));
    if (find_layer(r, name, "name", r->at, &twin, NULL) == HD_OK)
        return hd_node_fail(name, err, "name: '%s' is already the name of a layer", layer->name);
    layer->repeats = 1;
    layer->fused_into = plan_of(r)->same_as = -1;
    for (int role = 0; role < HD_ROLES; role++) layer->file_shape[role].rank = -1;
    HD_TRY(hd_fields_read(v, "layer", LAYER, r, err));
    r->network->layers = ++r->at;
    return HD_OK;
}

/* ---- the whole ---- */

static hd_status read_layers(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "layers", err));
    size_t count = (size_t)v->items + 1;
    r->network->layer = hd_arena_alloc(r->network->arena, count, sizeof *r->network->layer);
    r->schedule->layer = hd_arena_alloc(r->schedule->arena, count, sizeof *r->schedule->layer);
    if (!r->network->layer || !r->schedule->layer) return hd_fail_memory(err);
    for (int l = 0; l < v->items; l++) HD_TRY(read_layer(r, v->item[l], err));
    return HD_OK;
}

/* ---- segments: layers by name, the region of each stage ---- */

typedef struct part { reader *r; hd_segment *segment; hd_stage *stage; } part;

static hd_status read_region(const hd_node *v, void *t, hd_error *err) {
    hd_region *r = &((part *)t)->stage->region;
    int *field[] = {&r->x, &r->y, &r->width, &r->height};
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "region", err));
    if (v->items != 4) return hd_node_fail(v, err, "region: found %d numbers, expected [x, y, width, height]", v->items);
    for (int i = 0; i < 4; i++) {
        int64_t number;
        HD_TRY(hd_node_int(v->item[i], "region", 0, 1 << 20, &number, err));
        *field[i] = (int)number;
    }
    return HD_OK;
}

static hd_status read_stage_layers(const hd_node *v, void *t, hd_error *err) {
    part *p = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "layers", err));
    p->stage->layer = hd_arena_alloc(p->r->schedule->arena, (size_t)v->items + 1, sizeof *p->stage->layer);
    if (!p->stage->layer) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++)
        HD_TRY(find_layer(p->r, v->item[i], "layers", p->r->network->layers, &p->stage->layer[i], err));
    p->stage->layers = v->items;
    return v->items > 0 ? HD_OK : hd_node_fail(v, err, "layers: a stage has at least one layer");
}

static const hd_field STAGE[] = {{"region", true, read_region}, {"layers", true, read_stage_layers}, {0}};

static hd_status read_stages(const hd_node *v, void *t, hd_error *err) {
    part *p = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "stages", err));
    p->segment->stage = hd_arena_alloc(p->r->schedule->arena, (size_t)v->items + 1, sizeof *p->segment->stage);
    if (!p->segment->stage) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++) {
        p->stage = &p->segment->stage[i];
        HD_TRY(hd_fields_read(v->item[i], "stage", STAGE, p, err));
    }
    p->segment->stages = v->items;
    return v->items > 0 ? HD_OK : hd_node_fail(v, err, "stages: a segment has at least one stage");
}

static hd_status read_groups(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "batch_groups", 1, HD_COUNT_EXACT, &((part *)t)->segment->batch_groups, err);
}

static const hd_field SEGMENT[] = {{"batch_groups", true, read_groups}, {"stages", true, read_stages}, {0}};

static hd_status read_segments(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "segments", err));
    r->schedule->segment = hd_arena_alloc(r->schedule->arena, (size_t)v->items + 1, sizeof *r->schedule->segment);
    if (!r->schedule->segment) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++) {
        part p = {.r = r, .segment = &r->schedule->segment[i]};
        HD_TRY(hd_fields_read(v->item[i], "segment", SEGMENT, &p, err));
    }
    r->schedule->segments = v->items;
    return HD_OK;
}

static hd_status read_format(const hd_node *v, void *t, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    (void)t;
    if (hd_node_is(v, "schedule/1") || hd_node_is(v, "proof/1")) return HD_OK;
    return hd_node_fail(v, err, "heddle: found %s, expected schedule/1 or proof/1", hd_node_shown(v, shown));
}

static hd_status read_chip(const hd_node *v, void *t, hd_error *err) {
    return hd_arch_read_node(v, &((reader *)t)->schedule->arch, err);
}

static hd_status read_chip_hash(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    r->chip_hash = v;
    return hd_node_hash(v, "chip_hash", &r->chip_wanted, err);
}

static hd_status read_network(const hd_node *v, void *t, hd_error *err) {
    hd_network *net = ((reader *)t)->network;
    return keep_text(net->arena, v, "network", &net->name, err);
}

static hd_status read_network_hash(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    r->network_hash = v;
    return hd_node_hash(v, "network_hash", &r->network_wanted, err);
}

static hd_status read_batch(const hd_node *v, void *t, hd_error *err) {
    return hd_node_int(v, "batch", 1, HD_COUNT_EXACT, &((reader *)t)->network->batch, err);
}

static hd_status read_objective(const hd_node *v, void *t, hd_error *err) {
    hd_schedule *s = t;
    return keep_text(s->arena, v, "objective", &s->objective, err);
}

static hd_status read_solver(const hd_node *v, void *t, hd_error *err) {
    hd_schedule *s = t;
    return keep_text(s->arena, v, "solver", &s->solver, err);
}

static hd_status read_model(const hd_node *v, void *t, hd_error *err) {
    hd_schedule *s = t;
    return keep_text(s->arena, v, "model", &s->model, err);
}

static hd_status read_space(const hd_node *v, void *t, hd_error *err) {
    hd_schedule *s = t;
    return keep_text(s->arena, v, "space", &s->space, err);
}

static hd_status read_settings(const hd_node *v, void *t, hd_error *err) {
    hd_schedule *s = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "settings", err));
    s->setting = hd_arena_alloc(s->arena, (size_t)v->items + 1, sizeof *s->setting);
    if (!s->setting) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++) HD_TRY(keep_text(s->arena, v->item[i], "settings", &s->setting[i], err));
    s->settings = v->items;
    return HD_OK;
}

static hd_status read_seed(const hd_node *v, void *t, hd_error *err) {
    return hd_node_hash(v, "seed", &((hd_schedule *)t)->seed, err);
}

static const hd_field FOUND[] = {{"objective", false, read_objective}, {"solver", false, read_solver},
                                 {"model", false, read_model},         {"space", false, read_space},
                                 {"seed", false, read_seed},           {"settings", false, read_settings},
                                 {0}};

static hd_status read_found(const hd_node *v, void *t, hd_error *err) {
    return hd_fields_read(v, "found", FOUND, ((reader *)t)->schedule, err);
}

static const hd_field SCHEDULE[] = {
    {"heddle", true, read_format},
    {"chip", true, read_chip}, /* before the layers, whose schemes name its levels */
    {"chip_hash", false, read_chip_hash},
    {"network", true, read_network},
    {"network_hash", false, read_network_hash},
    {"batch", false, read_batch},
    {"found", false, read_found},
    {"layers", true, read_layers},
    {"segments", false, read_segments}, /* after layers */
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

static hd_status read_in(reader *r, const char *text, size_t length, const char *file, hd_error *err) {
    hd_node *root;
    hd_schedule *s = r->schedule;
    s->objective = s->solver = s->model = s->space = "";
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
    reader r = {.schedule = new_schedule(), .scratch = hd_arena_new(NULL, 0)};
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
