/* Which layers does a schedule hold?  One by one, each naming only layers before it. */
#include <limits.h>
#include <string.h>

#include "base/count.h"
#include "formats/heddle/operator_yaml.h"
#include "formats/heddle/roles.h"
#include "formats/heddle/schedule_parts.h"
#include "formats/heddle/scheme_yaml.h"
#include "syntax/fields.h"

static hd_layer *layer_of(void *t) {
    hd_schedule_reader *r = t;
    return &r->network->layer[r->at];
}

static hd_schedule_layer *plan_of(void *t) {
    hd_schedule_reader *r = t;
    return &r->schedule->layer[r->at];
}

hd_status hd_schedule_text(hd_arena *arena, const hd_node *v, const char *what, const char **out,
                           hd_error *err) {
    const char *text = "";
    if (v->kind != HD_NODE_SCALAR || v->length > 0) HD_TRY(hd_node_text(v, what, &text, err));
    *out = hd_arena_text(arena, text);
    return *out ? HD_OK : hd_fail_memory(err);
}

hd_status hd_schedule_find(hd_schedule_reader *r, const hd_node *v, const char *what, int limit, int *out,
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

static hd_status read_op_name(const hd_node *v, void *t, hd_error *err) {
    return hd_schedule_text(((hd_schedule_reader *)t)->network->arena, v, "op", &layer_of(t)->op_name, err);
}

static hd_status read_operator(const hd_node *v, void *t, hd_error *err) {
    return hd_operator_read(v, &layer_of(t)->op, err);
}

static hd_status read_shape(hd_schedule_reader *r, const hd_node *v, hd_file_shape *shape, hd_error *err) {
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
    hd_schedule_reader *r = t;
    hd_layer *layer = layer_of(t);
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "inputs", err));
    layer->input = hd_arena_alloc(r->network->arena, (size_t)v->items + 1, sizeof *layer->input);
    if (!layer->input) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++) {
        layer->input[i] = -1;
        if (hd_node_is_null(v->item[i])) continue;
        HD_TRY(hd_schedule_find(r, v->item[i], "inputs", r->at, &layer->input[i], err));
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
    hd_arena *arena = ((hd_schedule_reader *)t)->network->arena;
    layer->input_roles = hd_arena_alloc(arena, (size_t)v->items + 1, sizeof *layer->input_roles);
    if (!layer->input_roles) return hd_fail_memory(err);
    for (int i = 0; i < v->items; i++)
        HD_TRY(hd_roles_read(v->item[i], "input_roles", true, &layer->input_roles[i], err));
    return HD_OK;
}

static hd_status read_leaves(const hd_node *v, void *t, hd_error *err) {
    return hd_node_bool(v, "leaves", &layer_of(t)->leaves, err);
}

static hd_status read_makes(const hd_node *v, void *t, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    for (int m = 0; m < HD_MAKES; m++)
        if (hd_node_is(v, hd_makes_name((hd_makes)m))) {
            layer_of(t)->makes = (hd_makes)m;
            return HD_OK;
        }
    return hd_node_fail(v, err, "makes: found %s, expected output, input_gradient or weight_gradient",
                        hd_node_shown(v, shown));
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
    hd_schedule_reader *r = t;
    return hd_schedule_find(r, v, "fused_into", r->at, &layer_of(t)->fused_into, err);
}

static hd_status read_home(const hd_node *v, void *t, hd_error *err) {
    hd_schedule_reader *r = t;
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
    hd_schedule_reader *r = t;
    hd_schedule_layer *plan = plan_of(t);
    HD_TRY(hd_schedule_find(r, v, "same_as", r->at, &plan->same_as, err));
    const hd_schedule_layer *first = &r->schedule->layer[plan->same_as];
    const hd_operator *a = &layer_of(t)->op, *b = &r->network->layer[plan->same_as].op;
    bool equal = a->dims == b->dims;
    for (int d = 0; equal && d < a->dims; d++)
        equal = a->dim[d].extent == b->dim[d].extent && strcmp(a->dim[d].name, b->dim[d].name) == 0;
    if (!equal) return hd_node_fail(v, err, "same_as: the two layers have different dimensions");
    plan->scheduled = first->scheduled;
    plan->scheme = first->scheme;
    memcpy(plan->line, first->line, sizeof plan->line);
    memcpy(plan->column, first->column, sizeof plan->column);
    return HD_OK;
}

static hd_status read_levels(const hd_node *v, void *t, hd_error *err) {
    hd_schedule_reader *r = t;
    hd_schedule_layer *plan = plan_of(t);
    plan->scheduled = true;
    for (int l = 0; l < HD_MAX_LEVELS; l++) {
        const hd_node *level = v->kind == HD_NODE_LIST && l < v->items ? v->item[l] : v;
        plan->line[l] = level->line;
        plan->column[l] = level->column;
    }
    return hd_scheme_read(v, &layer_of(t)->op, &r->schedule->arch, true, &plan->scheme, NULL, err);
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
    {"makes", false, read_makes},
    {"weight_words", false, read_weight_words},
    {"macs", false, read_macs},
    {"ops", false, read_ops},
    {"repeats", false, read_repeats},
    {"fused_into", false, read_fused_into},
    {"home", false, read_home},
    {"same_as", false, read_same_as}, /* before scheme, which may replace the one it brings */
    {"scheme", false, read_scheme},
    {0}};

static hd_status read_layer(hd_schedule_reader *r, const hd_node *v, hd_error *err) {
    hd_layer *layer = layer_of(r);
    int twin;
    HD_TRY(hd_node_expect(v, HD_NODE_MAP, "layer", err));
    const hd_node *name = hd_node_get(v, "name");
    if (!name) return hd_node_fail(v, err, "layer: the key 'name' is missing");
    HD_TRY(hd_schedule_text(r->network->arena, name, "name", &layer->name, err));
    if (hd_schedule_find(r, name, "name", r->at, &twin, NULL) == HD_OK)
        return hd_node_fail(name, err, "name: '%s' is already the name of a layer", layer->name);
    layer->repeats = 1;
    layer->fused_into = plan_of(r)->same_as = -1;
    for (int role = 0; role < HD_ROLES; role++) layer->file_shape[role].rank = -1;
    HD_TRY(hd_fields_read(v, "layer", LAYER, r, err));
    r->network->layers = ++r->at;
    return HD_OK;
}

hd_status hd_schedule_read_layers(const hd_node *v, void *t, hd_error *err) {
    hd_schedule_reader *r = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "layers", err));
    size_t count = (size_t)v->items + 1;
    r->network->layer = hd_arena_alloc(r->network->arena, count, sizeof *r->network->layer);
    r->schedule->layer = hd_arena_alloc(r->schedule->arena, count, sizeof *r->schedule->layer);
    if (!r->network->layer || !r->schedule->layer) return hd_fail_memory(err);
    for (int l = 0; l < v->items; l++) HD_TRY(read_layer(r, v->item[l], err));
    return HD_OK;
}
