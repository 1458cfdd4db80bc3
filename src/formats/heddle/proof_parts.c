/* Parts, blocks, options and steps: see proof_parts.h. */
#include "formats/heddle/proof_parts.h"

#include <limits.h>

#include "base/count.h"
#include "formats/heddle/roles.h"

typedef hd_proof_reader reader;

static hd_status take(const reader *r, int count, size_t size, void *out, hd_error *err)
{
    void **memory = out;
    *memory = hd_arena_alloc(r->proof->arena, (size_t)count + 1, size);
    return *memory ? HD_OK : hd_fail_memory(err);
}

static hd_status key_of(const hd_node *map, const char *key, hd_node_kind kind, const hd_node **out, hd_error *err)
{
    HD_TRY(hd_node_expect(map, HD_NODE_MAP, "part", err));
    *out = hd_node_get(map, key);
    if (!*out) return hd_node_fail(map, err, "the key '%s' is missing", key);
    return hd_node_expect(*out, kind, key, err);
}

/* The choices of one option, each a row of spans. */
static hd_status read_option(reader *r, const hd_node *v, int option, hd_proof_block *b, hd_error *err)
{
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "option", err));
    HD_TRY(take(r, v->items * b->slots, sizeof **b->span, &b->span[option], err));
    b->members[option] = v->items;
    for (int m = 0; m < v->items; m++) {
        const hd_node *row = v->item[m];
        HD_TRY(hd_node_expect(row, HD_NODE_LIST, "chains", err));
        if (row->items != b->slots) return hd_node_fail(row, err, "chains: found %d spans, expected %d", row->items, b->slots);
        for (int i = 0; i < b->slots; i++)
            HD_TRY(hd_node_int(row->item[i], "span", 1, HD_COUNT_EXACT, &b->span[option][m * b->slots + i], err));
    }
    return HD_OK;
}

static hd_status read_block(reader *r, const hd_node *v, hd_proof_block *b, hd_error *err)
{
    const hd_node *dims, *slots, *options;
    int64_t n;
    HD_TRY(key_of(v, "dims", HD_NODE_LIST, &dims, err));
    HD_TRY(key_of(v, "slots", HD_NODE_SCALAR, &slots, err));
    HD_TRY(key_of(v, "options", HD_NODE_LIST, &options, err));
    if (dims->items > HD_MAX_DIMS) return hd_node_fail(dims, err, "dims: more than an operator has");
    for (int i = 0; i < dims->items; i++) HD_TRY(hd_proof_read_dim(dims->item[i], r->op, &b->dim[i], err));
    HD_TRY(hd_node_int(slots, "slots", 0, (int64_t)3 * HD_MAX_LEVELS * HD_MAX_DIMS, &n, err));
    b->dims = dims->items;
    b->slots = (int)n;
    b->options = options->items;
    HD_TRY(take(r, b->options, sizeof *b->members, &b->members, err));
    HD_TRY(take(r, b->options, sizeof *b->span, &b->span, err));
    for (int i = 0; i < b->options; i++) HD_TRY(read_option(r, options->item[i], i, b, err));
    return HD_OK;
}

static hd_status read_set(reader *r, const hd_node *v, hd_proof_set *out, hd_error *err)
{
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "options", err));
    HD_TRY(take(r, v->items, sizeof *out->option, &out->option, err));
    for (int i = 0; i < v->items; i++) {
        int64_t option;
        HD_TRY(hd_node_int(v->item[i], "option", 0, INT_MAX, &option, err));
        out->option[i] = (int)option;
    }
    out->n = v->items;
    return HD_OK;
}

/* [argument, depth, bound, prices, [options of each block]] */
static hd_status read_step(reader *r, const hd_node *v, hd_proof_part *part, hd_error *err)
{
    hd_proof_step *step;
    if (v->kind != HD_NODE_LIST || v->items != 5 || v->item[4]->kind != HD_NODE_LIST)
        return hd_node_fail(v, err, "step: expected [argument, depth, bound, prices, [options of each block]]");
    HD_TRY(take(r, 1, sizeof *step, &step, err));
    HD_TRY(hd_proof_read_argument(v->item[0], &step->argument, err));
    HD_TRY(hd_proof_read_depth(v->item[1], &step->depth, err));
    HD_TRY(hd_proof_read_bound(v->item[2], "bound", &step->bound, err));
    HD_TRY(hd_node_int(v->item[3], "prices", 0, HD_COUNT_EXACT, &step->prices, err));
    const hd_node *sets = v->item[4];
    if (sets->items != part->blocks)
        return hd_node_fail(sets, err, "step: options of %d blocks, expected %d", sets->items, part->blocks);
    if (part->blocks > 0) HD_TRY(take(r, part->blocks, sizeof *step->set, &step->set, err));
    for (int b = 0; b < part->blocks; b++) HD_TRY(read_set(r, sets->item[b], &step->set[b], err));
    if (part->last) part->last->next = step;
    else part->first = step;
    part->last = step;
    return HD_OK;
}

static hd_status read_places(reader *r, const hd_node *v, hd_proof_part *part, hd_error *err)
{
    const hd_node *keep, *loops;
    HD_TRY(key_of(v, "keep", HD_NODE_LIST, &keep, err));
    HD_TRY(key_of(v, "loops", HD_NODE_LIST, &loops, err));
    if (keep->items != r->schedule->arch.levels) return hd_node_fail(keep, err, "keep: one list per level of the chip expected");
    for (int l = 0; l < keep->items; l++) HD_TRY(hd_roles_read(keep->item[l], "keep", true, &part->keep[l], err));
    for (int i = 0; i < loops->items; i++) {
        int level;
        HD_TRY(hd_proof_read_level(loops->item[i], &r->schedule->arch, &level, err));
        part->loops |= 1u << level;
    }
    return HD_OK;
}

static hd_status read_part(reader *r, const hd_node *v, hd_error *err)
{
    hd_proof_part *part;
    const hd_node *blocks, *steps;
    HD_TRY(take(r, 1, sizeof *part, &part, err));
    HD_TRY(read_places(r, v, part, err));
    HD_TRY(key_of(v, "blocks", HD_NODE_LIST, &blocks, err));
    HD_TRY(key_of(v, "steps", HD_NODE_LIST, &steps, err));
    if (blocks->items > HD_MAX_DIMS) return hd_node_fail(blocks, err, "blocks: more than an operator has dimensions");
    part->blocks = blocks->items;
    for (int b = 0; b < part->blocks; b++) HD_TRY(read_block(r, blocks->item[b], &part->block[b], err));
    for (int i = 0; i < steps->items; i++) HD_TRY(read_step(r, steps->item[i], part, err));
    if (r->proof->last) r->proof->last->next = part;
    else r->proof->first = part;
    r->proof->last = part;
    return HD_OK;
}

hd_status hd_proof_read_parts(const hd_node *list, reader *r, hd_error *err)
{
    HD_TRY(hd_node_expect(list, HD_NODE_LIST, "parts", err));
    for (int i = 0; i < list->items; i++) HD_TRY(read_part(r, list->item[i], err));
    return HD_OK;
}
