/* How do KAPLA's directives stand in a file? */
#include "formats/heddle/scheme_yaml.h"

#include <string.h>

#include "base/count.h"
#include "formats/heddle/quote.h"
#include "formats/heddle/roles.h"
#include "syntax/fields.h"

/* ---- writing ---- */

static void write_name(const hd_operator *op, int dim, hd_text *text) {
    hd_quote(text, op->dim[dim].name);
}

static void write_level(const hd_operator *op, const hd_scheme_level *level, hd_text *text) {
    hd_text_append(text, ", keep: ");
    hd_roles_write(text, level->keep);
    hd_text_append(text, ", tensor: {");
    for (int d = 0; d < op->dims; d++) {
        if (d > 0) hd_text_append(text, ", ");
        write_name(op, d, text);
        hd_text_format(text, ": %lld", (long long)level->tensor[d]);
    }
    hd_text_append(text, "}, stack: [");
    for (int i = 0; i < level->stacks; i++) {
        const hd_stack *s = &level->stack[i];
        hd_text_append(text, i > 0 ? ", [" : "[");
        write_name(op, s->dim, text);
        hd_text_format(text, ", %lld, %lld, %c]", (long long)s->shift, (long long)s->copies, "XY"[s->axis]);
    }
    hd_text_append(text, "], update: [");
    for (int i = 0; i < level->updates; i++) {
        hd_text_append(text, i > 0 ? ", [" : "[");
        write_name(op, level->update[i].dim, text);
        hd_text_format(text, ", %lld]", (long long)level->update[i].step);
    }
    hd_text_append(text, "]}\n");
}

void hd_scheme_write(const hd_problem *p, const hd_scheme *s, int margin, hd_text *text) {
    for (int l = 0; l < s->levels; l++) {
        hd_text_format(text, "%*s- {level: ", margin, "");
        hd_quote(text, p->arch->level[l].name);
        write_level(p->op, &s->level[l], text);
    }
}

/* ---- reading ---- */

typedef struct reader {
    const hd_operator *op;
    hd_scheme_level *level;
    unsigned given;
} reader;

static hd_status read_dim(const hd_node *v, const hd_operator *op, int *out, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    const char *name;
    HD_TRY(hd_node_text(v, "dimension", &name, err));
    *out = hd_operator_dim(op, name);
    if (*out >= 0) return HD_OK;
    return hd_node_fail(v, err, "found %s, expected a dimension of this %s operator", hd_node_shown(v, shown),
                        hd_kind_name(op->kind));
}

static hd_status read_extent(const hd_node *v, const char *what, int64_t *out, hd_error *err) {
    return hd_node_int(v, what, 1, HD_COUNT_EXACT - 1, out, err);
}

static hd_status read_keep(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    r->given |= HD_GIVEN_KEEP;
    return hd_roles_read(v, "keep", true, &r->level->keep, err);
}

static hd_status read_tensor(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    r->given |= HD_GIVEN_TENSOR;
    HD_TRY(hd_node_expect(v, HD_NODE_MAP, "tensor", err));
    for (int i = 0; i < v->items; i++) {
        int dim;
        HD_TRY(read_dim(v->key[i], r->op, &dim, err));
        HD_TRY(read_extent(v->item[i], "tensor extent", &r->level->tensor[dim], err));
    }
    return HD_OK;
}

static hd_status read_axis(const hd_node *v, int *out, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    if (!hd_node_is(v, "X") && !hd_node_is(v, "Y"))
        return hd_node_fail(v, err, "stack: found %s, expected the axis X or Y", hd_node_shown(v, shown));
    *out = hd_node_is(v, "X") ? HD_X : HD_Y;
    return HD_OK;
}

static hd_status read_stack(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    r->given |= HD_GIVEN_STACK;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "stack", err));
    if (v->items > HD_MAX_STACKS)
        return hd_node_fail(v, err, "stack: found %d, expected at most %d", v->items, (int)HD_MAX_STACKS);
    for (int i = 0; i < v->items; i++) {
        const hd_node *row = v->item[i];
        hd_stack *s = &r->level->stack[i];
        if (row->kind != HD_NODE_LIST || row->items != 4)
            return hd_node_fail(row, err, "stack: expected [dim, shift, copies, X or Y]");
        HD_TRY(read_dim(row->item[0], r->op, &s->dim, err));
        HD_TRY(read_extent(row->item[1], "stack shift", &s->shift, err));
        HD_TRY(read_extent(row->item[2], "stack copies", &s->copies, err));
        HD_TRY(read_axis(row->item[3], &s->axis, err));
    }
    r->level->stacks = v->items;
    return HD_OK;
}

static hd_status read_update(const hd_node *v, void *t, hd_error *err) {
    reader *r = t;
    r->given |= HD_GIVEN_UPDATE;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "update", err));
    if (v->items > HD_MAX_UPDATES)
        return hd_node_fail(v, err, "update: found %d, expected at most %d", v->items, (int)HD_MAX_UPDATES);
    for (int i = 0; i < v->items; i++) {
        const hd_node *row = v->item[i];
        if (row->kind != HD_NODE_LIST || row->items != 2)
            return hd_node_fail(row, err, "update: expected [dim, step]");
        HD_TRY(read_dim(row->item[0], r->op, &r->level->update[i].dim, err));
        HD_TRY(read_extent(row->item[1], "update step", &r->level->update[i].step, err));
    }
    r->level->updates = v->items;
    return HD_OK;
}

static const hd_field PART[] = {{"level", true, NULL},          {"keep", false, read_keep},
                                {"tensor", false, read_tensor}, {"stack", false, read_stack},
                                {"update", false, read_update}, {0}};

static hd_status find_level(const hd_node *entry, const hd_arch *arch, int *out, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    const char *name;
    const hd_node *level = hd_node_get(entry, "level");
    if (!level) return hd_node_fail(entry, err, "the key 'level' is missing");
    HD_TRY(hd_node_text(level, "level", &name, err));
    *out = hd_arch_level(arch, name);
    if (*out >= 0) return HD_OK;
    return hd_node_fail(level, err, "level: found %s, expected a level of the chip '%s'",
                        hd_node_shown(level, shown), arch->name);
}

hd_status hd_scheme_read(const hd_node *list, const hd_operator *op, const hd_arch *arch, bool whole,
                         hd_scheme *out, unsigned given[HD_MAX_LEVELS], hd_error *err) {
    const unsigned all = HD_GIVEN_TENSOR | HD_GIVEN_STACK | HD_GIVEN_UPDATE | HD_GIVEN_KEEP;
    unsigned seen = 0;
    memset(out, 0, sizeof *out);
    out->levels = arch->levels;
    for (int l = 0; l < HD_MAX_LEVELS; l++)
        for (int d = 0; d < HD_MAX_DIMS; d++) out->level[l].tensor[d] = d < op->dims ? 1 : 0;
    for (int l = 0; given && l < HD_MAX_LEVELS; l++) given[l] = 0;
    HD_TRY(hd_node_expect(list, HD_NODE_LIST, "levels", err));
    for (int i = 0; i < list->items; i++) {
        int l;
        HD_TRY(hd_node_expect(list->item[i], HD_NODE_MAP, "level", err));
        HD_TRY(find_level(list->item[i], arch, &l, err));
        if (seen & 1u << l)
            return hd_node_fail(list->item[i], err, "the level %s stands twice", arch->level[l].name);
        seen |= 1u << l;
        reader r = {.op = op, .level = &out->level[l]};
        HD_TRY(hd_fields_read(list->item[i], "level", PART, &r, err));
        if (whole && r.given != all)
            return hd_node_fail(list->item[i], err, "level %s: expected keep, tensor, stack and update",
                                arch->level[l].name);
        if (given) given[l] = r.given;
    }
    if (whole && seen != (1u << arch->levels) - 1)
        return hd_node_fail(list, err, "levels: found %d, expected all %d of the chip", list->items,
                            arch->levels);
    return HD_OK;
}
