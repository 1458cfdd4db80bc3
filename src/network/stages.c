/* What does a pipeline ask of each of its layers? */
#include "network/stages.h"

#include <math.h>
#include <string.h>

#include "arch/region.h"
#include "base/count.h"
#include "network/stage_room.h"

/* Does anybody in the segment take a layer's result from the region that made it?  All of its readers?  The last stage that
 * does, and the last layer of its own stage. */
typedef struct takers { bool some, all; int last_stage, last_here; } takers;

typedef struct builder {
    const hd_network *net;
    const hd_value *value;
    const hd_arch *arch;
    const hd_plan_options *options;
    int mesh;
    const int *layer, *stage;
    int layers;
    takers *of;                  /* per layer of the segment */
    hd_staging *s;
} builder;

/* ---- vertices ---- */

static bool is_weighted(const hd_operator *op) { return !op->vector; }

int hd_stages_vertices(const hd_network *net, const hd_value *value, const int *layer, int layers, int *vertex)
{
    int count = 0;
    for (int i = 0; i < layers; i++) {
        const hd_value *v = &value[layer[i]];
        bool follows = i > 0 && !is_weighted(&net->layer[layer[i]].op) && v->reads == 1 && v->read[0].value == layer[i - 1] &&
                       value[layer[i - 1]].last_read == layer[i] && !value[layer[i - 1]].leaves;
        vertex[i] = follows ? count - 1 : count++;
    }
    return count;
}

/* ---- who hands what to whom ---- */

static int place_of(const builder *b, int value)
{
    int low = 0, high = b->layers - 1; /* layers stand in the order of the network */
    while (low < high) {
        int middle = (low + high) / 2;
        if (b->layer[middle] < value) low = middle + 1;
        else high = middle;
    }
    return b->layer[low] == value ? low : -1;
}

static bool is_one_run(const builder *b, int i) { return b->net->layer[b->layer[i]].repeats <= 1; }

/* May the reader take all words of these roles from regions of the segment? */
static bool reads_inside(const builder *b, int i, unsigned role)
{
    const hd_value *v = &b->value[b->layer[i]];
    bool any = false;
    for (int k = 0; k < v->reads; k++) {
        if (!(v->read[k].roles & role) && v->read[k].roles != 0) continue;
        int from = v->read[k].value >= 0 ? place_of(b, v->read[k].value) : -1;
        if (from < 0 || from >= i || v->read[k].roles == 0 || !is_one_run(b, from)) return false;
        any = true;
    }
    return any && is_one_run(b, i);
}

/* The stage that all words of a role come from; -1 where several parts of it (a concatenation, a sum) would come from several
 * regions: one gate serves one region only. */
static int single_source(const builder *b, int i, unsigned role)
{
    const hd_value *v = &b->value[b->layer[i]];
    int source = -1;
    for (int k = 0; k < v->reads; k++) {
        if (!(v->read[k].roles & role)) continue;
        int from = b->stage[place_of(b, v->read[k].value)];
        if (source >= 0 && from != source) return -1;
        source = from;
    }
    return source;
}

static void find_handed(builder *b)
{
    for (int i = 0; i < b->layers; i++) {
        const hd_operator *op = &b->net->layer[b->layer[i]].op;
        for (int r = 0; r < HD_ROLES; r++) {
            bool reads = r != HD_O && (op->tensor[r].used || (r == HD_I2 && op->extra_reads > 0));
            if (reads && reads_inside(b, i, HD_ROLE_BIT(r)) && single_source(b, i, HD_ROLE_BIT(r)) >= 0)
                b->s->of[i].handed |= HD_ROLE_BIT(r);
        }
    }
}

static void find_takers(builder *b)
{
    for (int i = 0; i < b->layers; i++) b->of[i] = (takers){false, !b->value[b->layer[i]].leaves, b->stage[i], i};
    for (int reader = 0; reader < b->net->layers; reader++)
        for (int k = 0; k < b->value[reader].reads; k++) {
            const hd_read *read = &b->value[reader].read[k];
            int from = place_of(b, read->value), at = from >= 0 ? place_of(b, reader) : -1;
            if (from < 0) continue;
            unsigned handed = at >= 0 ? b->s->of[at].handed : 0;
            takers *t = &b->of[from];
            t->some |= (handed & read->roles) != 0;
            t->all &= (handed & read->roles) != 0 && (read->roles & ~handed) == 0;
            if (!(handed & read->roles)) continue;
            if (b->stage[at] > t->last_stage) t->last_stage = b->stage[at];
            if (b->stage[at] == b->stage[from] && at > t->last_here) t->last_here = at;
        }
}

/* ---- regions ---- */

/* Work per column: who gets one more is who has most, who gives one who would have least. */
static double pressure(double work, int width, bool more) { return more ? work / width : -work / (width - 1); }

/* Strips of columns in proportion to the work, at least one each. */
static bool share_columns(builder *b)
{
    const hd_level *mesh = &b->arch->level[b->mesh];
    double work[HD_STAGES_MOST] = {0}, all = 0;
    int width[HD_STAGES_MOST], used = 0, stages = b->s->stages, x = 0;
    if (stages > mesh->fan[HD_X]) return false;
    for (int i = 0; i < b->layers; i++) {
        const hd_operator *op = &b->net->layer[b->layer[i]].op;
        double points = (double)(op->vector ? hd_operator_ops(op) : hd_operator_macs(op));
        work[b->stage[i]] += points;
        all += points;
    }
    for (int s = 0; s < stages; s++) {
        width[s] = (int)fmax(1, floor(work[s] / all * (double)mesh->fan[HD_X]));
        used += width[s];
    }
    for (; used != mesh->fan[HD_X]; used += used < mesh->fan[HD_X] ? 1 : -1) {
        bool more = used < mesh->fan[HD_X];
        int most = -1;
        for (int s = 0; s < stages; s++) {
            if (!more && width[s] == 1) continue;
            if (most < 0 || pressure(work[s], width[s], more) > pressure(work[most], width[most], more)) most = s;
        }
        width[most] += more ? 1 : -1;
    }
    for (int s = 0; s < stages; x += width[s++]) b->s->region[s] = (hd_region){x, 0, width[s], (int)mesh->fan[HD_Y]};
    return true;
}

/* ---- problems ---- */

/* The dim along which the batch runs: the first one whose extent the batch divides; -1 = none. */
static int group_dim(const hd_operator *op, int64_t batch, int64_t groups)
{
    if (groups == 1) return -1;
    for (int d = 0; d < op->dims; d++) {
        const char *name = op->dim[d].name;
        bool batched = strcmp(name, "N") == 0 || strcmp(name, "M") == 0 || strcmp(name, "B") == 0;
        bool product_n = op->kind == HD_MATMUL && strcmp(name, "N") == 0;
        if (batched && !product_n && op->dim[d].extent > 1) return op->dim[d].extent % batch == 0 ? d : -2;
    }
    return -2;
}

/* Words of one group's part of a tensor, on each node of a region. */
static int64_t part_words(const builder *b, int i, hd_role role, int stage)
{
    const hd_operator *op = &b->net->layer[b->layer[i]].op;
    const hd_region *r = &b->s->region[stage];
    int64_t elements = role == HD_I2 && !op->tensor[role].used ? op->extra_reads : hd_tensor_words(op, role);
    int bits = op->tensor[op->tensor[role].used ? role : HD_O].bits;
    int64_t words = hd_count_ceil_div(elements * bits, b->arch->level[b->mesh].word_bits);
    return hd_count_ceil_div(words, b->s->groups * r->width * r->height);
}

/* Results of other layers of the stage that wait in its buffers for their readers: what only this stage reads from the layer
 * that makes it to the last that reads it; what others read all the time, and groups behind as well. */
static int64_t words_waiting(const builder *b, int i)
{
    int64_t words = 0;
    for (int k = 0; k < b->layers; k++) {
        const takers *t = &b->of[k];
        if (b->stage[k] != b->stage[i] || !t->some) continue;
        bool here = t->last_stage == b->stage[k];
        bool own = b->s->at_home; /* a result's home is there beside the tiles of its layer */
        int64_t copies = here ? k < i + own && i <= t->last_here : t->last_stage - b->stage[k] - 1 + (k != i);
        words += copies * part_words(b, k, HD_O, b->stage[k]);
    }
    return words;
}

static hd_status make_chip(const builder *b, int i, bool hands_all, hd_arena *arena, const hd_arch **out, hd_error *err)
{
    const hd_region *own = &b->s->region[b->stage[i]];
    hd_staged *of = &b->s->of[i];
    hd_arch *chip = hd_arena_alloc(arena, 1, sizeof *chip);
    *out = NULL;
    if (!chip) return hd_fail_memory(err);
    hd_arch_region(b->arch, own->x, own->y, own->width, own->height, chip);
    for (int r = 0; r < HD_ROLES; r++) {
        if (!(of->handed >> r & 1u)) continue;
        const hd_region *from = &b->s->region[single_source(b, i, HD_ROLE_BIT(r))];
        if (b->s->at_home) hd_arch_spread(chip, r);
        else hd_arch_forward(chip, r, from->x + from->width / 2 - own->x, from->y + from->height / 2 - own->y);
    }
    if (hands_all && b->s->at_home) hd_arch_spread(chip, HD_O);
    else if (hands_all) hd_arch_forward(chip, HD_O, own->width / 2, own->height / 2);
    int64_t taken = words_waiting(b, i);
    hd_level *buffer = &chip->level[b->mesh];
    if (buffer->bounded && !buffer->per_role) buffer->capacity -= taken;
    if (buffer->capacity < 1 && buffer->bounded) return HD_OK;
    HD_TRY(hd_arch_check(chip, err));
    *out = chip;
    return HD_OK;
}

/* One group after another, and no loop over what is handed on inside a group where it is whole in the buffers. */
static hd_status make_limits(const builder *b, int i, unsigned whole, hd_arena *arena, const hd_constraints **out, hd_error *err)
{
    const hd_operator *op = &b->net->layer[b->layer[i]].op;
    int d = group_dim(op, b->net->batch, b->s->groups);
    *out = NULL;
    if (d == -2) return HD_OK;
    hd_constraints *c = hd_arena_alloc(arena, 1, sizeof *c);
    if (!c) return hd_fail_memory(err);
    for (int r = 0; r < HD_ROLES; r++)
        for (int k = 0; op->tensor[r].used && (whole >> r & 1u) && k < op->dims; k++)
            if (hd_tensor_dims(op, (hd_role)r) >> k & 1u) c->loop[b->mesh][k] = (hd_limit){1, 1};
    if (d >= 0) {
        c->loop[b->mesh][d] = (hd_limit){b->s->groups, b->s->groups};
        c->outer[b->mesh] = 1;
        c->outer_dim[b->mesh][0] = (unsigned char)d;
    }
    *out = c;
    return HD_OK;
}

static hd_status make_layer(builder *b, int i, hd_arena *arena, bool *good, hd_error *err)
{
    hd_staged *of = &b->s->of[i];
    const bool some = b->of[i].some, all = b->of[i].all;
    const hd_arch *chip;
    unsigned whole = b->s->at_home ? 0 : of->handed | (some ? HD_ROLE_BIT(HD_O) : 0);
    HD_TRY(make_chip(b, i, all && some, arena, &chip, err));
    *good = chip != NULL;
    if (!*good) return HD_OK;
    HD_TRY(make_limits(b, i, whole, arena, &of->limits, err));
    of->problem = hd_plan_problem(b->options, &b->net->layer[b->layer[i]], chip);
    *good = of->limits && hd_stage_may_fit(b->options, &of->problem, whole, of->limits);
    if (all && some) of->handed |= HD_ROLE_BIT(HD_O);
    return HD_OK;
}

/* What others outside need as well has no home here: its readers take it from where they do. */
static bool drop_shared(builder *b)
{
    bool any = false;
    for (int i = 0; i < b->layers; i++)
        for (int k = 0; k < b->value[b->layer[i]].reads; k++) {
            const hd_read *read = &b->value[b->layer[i]].read[k];
            int from = place_of(b, read->value);
            if (from < 0 || !(b->s->of[i].handed & read->roles) || b->of[from].all) continue;
            b->s->of[i].handed &= ~read->roles;
            any = true;
        }
    return any;
}

static bool hands_on(const hd_staging *s)
{
    unsigned any = 0;
    for (int i = 0; i < s->layers; i++) any |= s->of[i].handed;
    return any != 0;
}

hd_status hd_stages_build(const hd_network *net, const hd_value *value, const hd_arch *arch, const hd_plan_options *options,
                          const int *layer, const int *stage, int layers, const hd_staging_form *form, hd_arena *arena,
                          hd_staging **out, hd_error *err)
{
    hd_staging *s = hd_arena_alloc(arena, 1, sizeof *s);
    *out = NULL;
    takers *of = hd_arena_alloc(arena, (size_t)layers + 1, sizeof *of);
    if (s) s->of = hd_arena_alloc(arena, (size_t)layers + 1, sizeof *s->of);
    if (!s || !s->of || !of) return hd_fail_memory(err);
    builder b = {.net = net, .value = value, .arch = arch, .options = options, .mesh = hd_arch_mesh(arch), .layer = layer,
                 .stage = stage, .layers = layers, .of = of, .s = s};
    s->layers = layers;
    s->stages = stage[layers - 1] + 1;
    s->groups = form->groups;
    s->at_home = form->at_home;
    for (int i = 0; i < layers; i++) s->of[i] = (hd_staged){.layer = layer[i], .stage = stage[i]};
    if (form->region) memcpy(s->region, form->region, (size_t)s->stages * sizeof *s->region);
    else if (!share_columns(&b)) return HD_OK;
    find_handed(&b);
    find_takers(&b);
    while (s->at_home && drop_shared(&b)) find_takers(&b);
    if (!hands_on(s)) return HD_OK;
    bool good = true;
    for (int i = 0; i < layers && good; i++) HD_TRY(make_layer(&b, i, arena, &good, err));
    if (good) *out = s;
    return HD_OK;
}

hd_status hd_stages_segment(const hd_staging *s, hd_arena *arena, hd_segment *out, hd_error *err)
{
    *out = (hd_segment){.stages = s->stages, .batch_groups = s->groups, .at_home = s->at_home};
    out->stage = hd_arena_alloc(arena, (size_t)s->stages, sizeof *out->stage);
    if (!out->stage) return hd_fail_memory(err);
    for (int k = 0; k < s->stages; k++) {
        hd_stage *stage = &out->stage[k];
        stage->region = s->region[k];
        stage->layer = hd_arena_alloc(arena, (size_t)s->layers, sizeof *stage->layer);
        if (!stage->layer) return hd_fail_memory(err);
        for (int i = 0; i < s->layers; i++)
            if (s->of[i].stage == k) stage->layer[stage->layers++] = s->of[i].layer;
    }
    return HD_OK;
}
