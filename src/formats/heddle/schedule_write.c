/* How is a schedule written?  Block YAML for people at the top, one flow line per operator and level. */
#include "arch/region.h"
#include "formats/heddle/arch_yaml.h"
#include "formats/heddle/network_yaml.h"
#include "formats/heddle/operator_yaml.h"
#include "formats/heddle/quote.h"
#include "formats/heddle/roles.h"
#include "formats/heddle/schedule_yaml.h"
#include "formats/heddle/scheme_yaml.h"
#include "workload/values.h"

static void write_shapes(const hd_layer *layer, hd_text *text) {
    const char *between = "";
    hd_text_append(text, "  file_shapes: {");
    for (int r = 0; r < HD_ROLES; r++) {
        const hd_file_shape *shape = &layer->file_shape[r];
        if (shape->rank < 0) continue;
        hd_text_format(text, "%s%s: [", between, hd_role_name((hd_role)r));
        for (int i = 0; i < shape->rank; i++)
            hd_text_format(text, "%s%lld", i > 0 ? ", " : "", (long long)shape->extent[i]);
        hd_text_append(text, "]");
        between = ", ";
    }
    hd_text_append(text, "}\n");
}

/* What the inputs are read as, where that is not what anybody would think. */
static void write_input_roles(const hd_layer *layer, hd_text *text) {
    hd_layer plain = *layer;
    bool usual = true;
    plain.input_roles = NULL;
    for (int i = 0; i < layer->inputs; i++) usual = usual && hd_layer_roles(layer, i) == hd_layer_roles(&plain, i);
    if (layer->leaves) hd_text_append(text, "  leaves: true\n");
    if (usual) return;
    hd_text_append(text, "  input_roles: [");
    for (int i = 0; i < layer->inputs; i++) {
        if (i > 0) hd_text_append(text, ", ");
        hd_roles_write(text, hd_layer_roles(layer, i));
    }
    hd_text_append(text, "]\n");
}

static void write_name(hd_text *text, const char *key, const char *name) {
    hd_text_append(text, key);
    hd_quote(text, name);
    hd_text_append(text, "\n");
}

static void write_home(const hd_schedule *s, const int home[HD_ROLES], hd_text *text) {
    const char *between = "  home: {";
    for (int r = 0; r < HD_ROLES; r++) {
        if (home[r] == 0) continue;
        hd_text_format(text, "%s%s: ", between, hd_role_name((hd_role)r));
        hd_quote(text, s->arch.level[home[r]].name);
        between = ", ";
    }
    if (between[0] == ',') hd_text_append(text, "}\n");
}

static void write_layer(const hd_schedule *s, int index, hd_text *text) {
    const hd_layer *layer = &s->network->layer[index];
    const hd_schedule_layer *plan = &s->layer[index];
    write_name(text, "- name: ", layer->name);
    write_name(text, "  op: ", layer->op_name ? layer->op_name : "");
    hd_text_append(text, "  operator: ");
    hd_operator_write(&layer->op, text);
    hd_text_append(text, "\n");
    write_shapes(layer, text);
    hd_network_write_inputs(s->network, layer, text);
    write_input_roles(layer, text);
    if (layer->makes != HD_MAKES_OUTPUT) hd_text_format(text, "  makes: %s\n", hd_makes_name(layer->makes));
    hd_text_format(text, "  weight_words: %lld\n  macs: %lld\n  ops: %lld\n  repeats: %d\n",
                   (long long)layer->weight_words, (long long)layer->macs, (long long)layer->ops,
                   layer->repeats);
    if (layer->fused_into >= 0) write_name(text, "  fused_into: ", s->network->layer[layer->fused_into].name);
    write_home(s, plan->home, text);
    if (plan->same_as >= 0) write_name(text, "  same_as: ", s->network->layer[plan->same_as].name);
    if (!plan->scheduled) return;
    if (plan->same_as >= 0 && hd_scheme_equal(&plan->scheme, &s->layer[plan->same_as].scheme)) return;
    hd_problem problem = {.op = &layer->op, .arch = &s->arch};
    hd_text_append(text, "  scheme:\n    levels:\n");
    hd_scheme_write(&problem, &plan->scheme, 4, text);
}

static void write_settings(const hd_schedule *s, hd_text *text) {
    for (int i = 0; i < s->settings; i++) {
        hd_text_append(text, i > 0 ? ", " : ", settings: [");
        hd_quote(text, s->setting[i]);
    }
    if (s->settings > 0) hd_text_append(text, "]");
}

static void write_stage(const hd_schedule *s, const hd_stage *stage, hd_text *text) {
    const hd_region *r = &stage->region;
    hd_text_format(text, "  - {region: [%d, %d, %d, %d], layers: [", r->x, r->y, r->width, r->height);
    for (int i = 0; i < stage->layers; i++) {
        if (i > 0) hd_text_append(text, ", ");
        hd_quote(text, s->network->layer[stage->layer[i]].name);
    }
    hd_text_append(text, "]}\n");
}

static void write_segments(const hd_schedule *s, hd_text *text) {
    if (s->segments > 0) hd_text_append(text, "segments:\n");
    for (int i = 0; i < s->segments; i++) {
        hd_text_format(text, "- batch_groups: %lld\n", (long long)s->segment[i].batch_groups);
        if (s->segment[i].at_home) hd_text_append(text, "  at_home: true\n");
        hd_text_append(text, "  stages:\n");
        for (int k = 0; k < s->segment[i].stages; k++) write_stage(s, &s->segment[i].stage[k], text);
    }
}

hd_status hd_schedule_write(const hd_schedule *s, hd_text *text, hd_error *err) {
    return hd_schedule_write_as(s, "schedule/1", text, err);
}

hd_status hd_schedule_write_as(const hd_schedule *s, const char *tag, hd_text *text, hd_error *err) {
    hd_text_format(text, "heddle: %s\nchip:\n", tag);
    hd_arch_write(&s->arch, 2, text);
    hd_text_format(text, "chip_hash: \"0x%016llx\"\nnetwork: ", (unsigned long long)s->arch.hash);
    hd_quote(text, s->network->name);
    hd_text_format(text, "\nnetwork_hash: \"0x%016llx\"\nbatch: %lld\n", (unsigned long long)s->network->hash,
                   (long long)s->network->batch);
    hd_text_append(text, "found: {objective: ");
    hd_quote(text, s->objective);
    hd_text_append(text, ", solver: ");
    hd_quote(text, s->solver);
    hd_text_append(text, ", model: ");
    hd_quote(text, s->model);
    hd_text_append(text, ", space: ");
    hd_quote(text, s->space);
    hd_text_format(text, ", seed: \"%llu\"", (unsigned long long)s->seed);
    write_settings(s, text);
    hd_text_append(text, s->together ? ", together: true}\n" : "}\n");
    hd_text_append(text, s->network->layers > 0 ? "layers:\n" : "layers: []\n");
    for (int l = 0; l < s->network->layers; l++) write_layer(s, l, text);
    write_segments(s, text);
    return hd_text_check(text, err);
}

/* The model's options that differ from their standards. */
static bool keep_settings(const hd_plan_options *o, hd_schedule *s) {
    int count = 0;
    while (o->model && o->model->options && o->model->options[count].name) count++;
    s->setting = hd_arena_alloc(s->arena, (size_t)count + 1, sizeof *s->setting);
    if (!s->setting) return false;
    for (int i = 0; i < count && o->settings; i++) {
        char value[HD_NUMBER];
        const hd_option *option = &o->model->options[i];
        if (o->settings[i] == option->standard) continue;
        hd_print_double(o->settings[i], value);
        s->setting[s->settings] = hd_arena_format(s->arena, "%s.%s=%s", o->model->name, option->name, value);
        if (!s->setting[s->settings++]) return false;
    }
    return true;
}

hd_status hd_schedule_of_plan(const hd_plan *plan, hd_schedule **out, hd_error *err) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_schedule *s = arena ? hd_arena_alloc(arena, 1, sizeof *s) : NULL;
    if (s) s->layer = hd_arena_alloc(arena, (size_t)plan->network->layers + 1, sizeof *s->layer);
    char space[HD_SPACE_WORDS];
    hd_plan_space_words(&plan->options, space);
    if (s) s->space = hd_arena_text(arena, space);
    if (s) s->arena = arena;
    if (!s || !s->layer || !s->space || !keep_settings(&plan->options, s)) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    s->arch = *plan->arch;
    s->network = (hd_network *)plan->network;
    s->objective = hd_objective_name(plan->options.objective);
    s->solver = plan->options.solver ? plan->options.solver->name : "";
    s->model = plan->options.model ? plan->options.model->name : "";
    s->seed = plan->options.seed;
    for (int l = 0; l < plan->network->layers; l++) {
        const hd_plan_layer *from = &plan->layer[l];
        hd_schedule_layer *to = &s->layer[l];
        to->scheduled = !from->fused && from->best.found;
        to->same_as = from->fused ? -1 : from->same_as;
        for (int r = 0; r < HD_ROLES && !from->fused; r++) to->home[r] = from->problem.home[r];
        if (to->scheduled) to->scheme = from->best.scheme;
    }
    if (hd_arch_mesh(plan->arch) >= 0) { /* elsewhere they follow from the homes */
        s->segments = plan->segments;
        s->segment = plan->segment;
    } else {
        s->together = plan->segments > 0;
    }
    *out = s;
    return HD_OK;
}

void hd_schedule_free(hd_schedule *schedule) {
    if (!schedule) return;
    if (schedule->network_owned) hd_network_free(schedule->network);
    hd_arena_free(schedule->arena);
}
