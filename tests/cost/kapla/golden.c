/* See golden.h. */
#include "cost/kapla/golden.h"

#include "base/count.h"
#include "kapla_layers.h"
#include "workload/kinds.h"

hd_kapla_chip golden_cloud_chip(void)
{
    return (hd_kapla_chip){.nodes = {16, 16}, .array = {8, 8}, .gbuf_words = 16384, .regf_words = 32, .op_pj = 0.9984,
                           .hop_pj = 9.76, .static_pj = 1272.8688055044508, .dram_bw = 25.6, .bus_bw = 8,
                           .access_pj = {401.89027539954336, 2.832545, 1.6416, 0.0940885},
                           .memory = {.size = {2, 2}, .step = {15, 15}}};
}

hd_kapla_chip golden_chip(const hd_node *run)
{
    if (kapla_is(run, "hw", "multi_node")) return golden_cloud_chip();
    assert_true(kapla_is(run, "hw", "single_node"));
    return (hd_kapla_chip){.nodes = {1, 1}, .array = {16, 16}, .gbuf_words = 131072, .regf_words = 256, .op_pj = 0.9984,
                           .hop_pj = 9.76, .static_pj = 541.0220055044509, .dram_bw = 6.4, .bus_bw = 16,
                           .access_pj = {401.89027539954336, 7.4837, 3.2832, 0.2507285}, .memory = {.size = {2, 2}}};
}

static void read_tensors(const hd_node *level, int64_t tensor[HD_KAPLA_DIMS])
{
    static const char *const names[] = {"tensor_w", "tensor_i", "tensor_o"};
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        const hd_node *map = hd_node_get(level, names[t]);
        for (int i = 0; i < map->items; i++)
            if (!hd_node_is(map->key[i], "buf_sharing")) tensor[kapla_dim(map->key[i])] = kapla_int(map->item[i]);
    }
}

static hd_kapla_move read_move(const hd_node *list, bool stack)
{
    hd_kapla_move m = {.parts = list->items / 2};
    for (int i = 0; i < m.parts; i++) {
        m.part[i].dim = kapla_dim(list->item[2 * i]);
        m.part[i].step = kapla_int(list->item[2 * i + 1]);
    }
    if (stack) m.copies = kapla_int(list->item[list->items - 1]);
    return m;
}

static void read_block(const hd_node *level, hd_kapla_block *out)
{
    const hd_node *stack = hd_node_get(level, "stack"), *update = hd_node_get(level, "update");
    read_tensors(level, out->tensor);
    for (int i = 0; i < stack->items; i++) out->stack[out->stacks++] = read_move(stack->item[i], true);
    for (int i = 0; i < update->items; i++) out->update[out->updates++] = read_move(update->item[i], false);
}

static void split(hd_kapla_block *b, const hd_kapla_move *stack, int parts)
{
    for (int i = 0; i < parts; i++) {
        int64_t *s = &b->split[stack->part[i].dim];
        *s = (*s ? *s : 1) * stack->copies;
    }
}

/* The template lays its two own stacks first; on the systolic array they cut the block by their first dim. */
static void read_splits(const hd_node *run, hd_kapla_scheme *s)
{
    const hd_node *vars = hd_node_get(hd_node_get(run, "kapla"), "sched_vars");
    const hd_node *rows = vars ? hd_node_get(vars, "regf_stack_repl") : NULL;
    for (int i = 0; i < s->gbuf.stacks; i++) split(&s->gbuf, &s->gbuf.stack[i], s->gbuf.stack[i].parts);
    for (int i = 0; i < s->regf.stacks; i++)
        if (i >= 2 || s->systolic) split(&s->regf, &s->regf.stack[i], i >= 2 ? s->regf.stack[i].parts : 1);
    for (int axis = 0; rows && axis < HD_AXES; axis++) /* more rows widen the template's stack */
        s->regf.split[HD_KAPLA_YO] = hd_count_max(s->regf.split[HD_KAPLA_YO], kapla_get(rows->item[axis], "Yo", 1));
}

static int base_updates(const hd_kapla_scheme *s)
{
    int n = 0;
    for (; n < s->regf.updates; n++) {
        int dim = s->regf.update[n].part[0].dim;
        if (dim != HD_KAPLA_XI && dim != HD_KAPLA_YI && dim != HD_KAPLA_S && dim != HD_KAPLA_F) break;
    }
    return n;
}

static hd_kapla_partition read_partition(const hd_node *n)
{
    hd_kapla_partition p;
    for (int i = 0; i < HD_KAPLA_SPLITS; i++) {
        p.order[i] = (int)kapla_int(hd_node_get(n, "order")->item[i]);
        p.parts[i][HD_Y] = kapla_int(hd_node_get(n, "parts_hw")->item[i]->item[0]);
        p.parts[i][HD_X] = kapla_int(hd_node_get(n, "parts_hw")->item[i]->item[1]);
    }
    return p;
}

/* Records do not say on which side stacks lie: nodes as the partition says, w before h; elements where there is room. */
static void choose_sides(const hd_kapla_chip *chip, hd_kapla_scheme *s)
{
    int64_t used[HD_AXES] = {1, 1}, left[HD_KAPLA_SPLITS];
    for (int k = 0; k < HD_KAPLA_SPLITS; k++) left[k] = s->partition.parts[k][HD_X];
    for (int i = 0; i < s->gbuf.stacks; i++) {
        hd_kapla_move *m = &s->gbuf.stack[i];
        int dim = m->part[m->parts - 1].dim;
        int64_t *x = &left[dim == HD_KAPLA_N ? HD_KAPLA_BATP : dim == HD_KAPLA_C ? HD_KAPLA_INPP
                                               : dim == HD_KAPLA_K ? HD_KAPLA_OUTP : HD_KAPLA_OFMP];
        m->on_h = *x != m->copies || dim == HD_KAPLA_YO;
        if (!m->on_h) *x = 1;
    }
    for (int i = 0; i < s->regf.stacks; i++) {
        hd_kapla_move *m = &s->regf.stack[i];
        m->on_h = i == 1 || used[HD_X] * m->copies > chip->array[HD_X];
        used[m->on_h ? HD_Y : HD_X] *= m->copies;
    }
}

hd_kapla_scheme golden_scheme(const hd_node *run, const hd_node *partition)
{
    hd_kapla_scheme s = {.layer = kapla_layer(run), .systolic = kapla_is(run, "mapping", "systolic")};
    const hd_node *form = hd_node_get(run, "dataflow");
    read_block(hd_node_get(form, "GBUF"), &s.gbuf);
    read_block(hd_node_get(form, "REGF"), &s.regf);
    read_splits(run, &s);
    s.partition = read_partition(partition);
    hd_kapla_chip chip = golden_chip(run);
    choose_sides(&chip, &s);
    s.base_updates = base_updates(&s);
    bool points = s.layer.type == HD_KAPLA_LOCAL && (s.systolic || s.layer.wfil == 1);
    s.unit_ops = points ? s.layer.ntrd : s.systolic ? 1 : s.layer.wfil;
    return s;
}

const hd_node *golden_partitions(hd_arena *arena)
{
    hd_error err = {0};
    char *text = NULL;
    size_t length = 0;
    hd_node *tree = NULL;
    assert_int_equal(hd_file_read("tests/data/kapla/partitions.json", arena, &text, &length, &err), HD_OK);
    assert_int_equal(hd_json_read(text, length, "partitions.json", arena, &tree, &err), HD_OK);
    return hd_node_get(tree, "runs");
}

hd_makes golden_makes(const hd_kapla_layer *l)
{
    if (l->type == HD_KAPLA_CONV_WEIGHT || l->type == HD_KAPLA_DW_WEIGHT) return HD_MAKES_WEIGHT_GRADIENT;
    return hd_kapla_is_back(l->type) ? HD_MAKES_INPUT_GRADIENT : HD_MAKES_OUTPUT;
}

void golden_operator(const hd_kapla_layer *l, hd_operator *out)
{
    hd_conv_shape shape = {.axes = 2, .n = l->batch, .groups = 1, .k = l->nofm, .c = l->nifm, .out = {l->hofm, l->wofm},
                           .kernel = {l->hfil, l->wfil}, .stride = {l->htrd, l->wtrd}, .dilation = {1, 1}};
    bool back = hd_kapla_is_back(l->type);
    if (l->type == HD_KAPLA_DW || l->type == HD_KAPLA_DW_BACK) shape.groups = l->nofm, shape.k = shape.c = 1;
    if (back) shape.out[0] = l->hifm, shape.out[1] = l->wifm;
    if (golden_makes(l) == HD_MAKES_WEIGHT_GRADIENT) {
        bool groups = l->type == HD_KAPLA_DW_WEIGHT;
        shape = (hd_conv_shape){.axes = 2, .n = groups ? 1 : l->nofm, .groups = groups ? l->nofm : 1, .k = groups ? 1 : l->nifm,
                                .c = l->batch, .out = {l->hfil, l->wfil}, .kernel = {l->hifm, l->wifm}, .stride = {1, 1},
                                .dilation = {l->htrd, l->wtrd}};
        back = false;
    }
    hd_status status = hd_kapla_is_local(l->type) ? hd_kind_pool(&shape, out, NULL)
                       : back                     ? hd_kind_conv_transpose(&shape, out, NULL)
                                                  : hd_kind_conv(&shape, out, NULL);
    assert_int_equal(status, HD_OK);
    if (l->type != HD_KAPLA_LOCAL_BACK) return;
    hd_tensor slides = out->tensor[HD_I]; /* what was read is made */
    out->tensor[HD_I] = out->tensor[HD_O];
    out->tensor[HD_O] = slides;
}
