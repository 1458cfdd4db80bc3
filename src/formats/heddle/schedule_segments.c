/* Which layers run together?  Segments hold layers by name, and the region of each stage. */
#include "base/count.h"
#include "formats/heddle/schedule_parts.h"
#include "syntax/fields.h"

typedef struct part { hd_schedule_reader *r; hd_segment *segment; hd_stage *stage; } part;

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
        HD_TRY(hd_schedule_find(p->r, v->item[i], "layers", p->r->network->layers, &p->stage->layer[i], err));
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

static hd_status read_at_home(const hd_node *v, void *t, hd_error *err) {
    return hd_node_bool(v, "at_home", &((part *)t)->segment->at_home, err);
}

static const hd_field SEGMENT[] = {
    {"batch_groups", true, read_groups}, {"at_home", false, read_at_home}, {"stages", true, read_stages}, {0}};

hd_status hd_schedule_read_segments(const hd_node *v, void *t, hd_error *err) {
    hd_schedule_reader *r = t;
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
