/* Which proofs does a text hold?  The schedule is read first; proofs name its layers, chip and operators.
 * What is read is only well formed; whether it is true is for audit/recount.h.                           */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "formats/heddle/proof_parts.h"
#include "formats/heddle/proof_yaml.h"
#include "formats/heddle/roles.h"
#include "syntax/fields.h"
#include "syntax/file.h"
#include "syntax/yaml.h"

typedef hd_proof_reader reader;

hd_status hd_proof_read_argument(const hd_node *v, hd_argument *out, hd_error *err)
{
    char shown[HD_NODE_SHOWN];
    for (int a = 0; a < HD_ARGUMENTS; a++)
        if (hd_node_is(v, hd_argument_name((hd_argument)a))) {
            *out = (hd_argument)a;
            return HD_OK;
        }
    return hd_node_fail(v, err, "argument: found %s, expected one of bound, room, price, order, merging, unseen",
                        hd_node_shown(v, shown));
}

/* null: nothing fits. */
hd_status hd_proof_read_bound(const hd_node *v, const char *what, double *out, hd_error *err)
{
    *out = INFINITY;
    return hd_node_is_null(v) ? HD_OK : hd_node_double(v, what, 0, HUGE_VAL, out, err);
}

static hd_status read_wide(const hd_node *v, const char *what, hd_wide *out, hd_error *err)
{
    char shown[HD_NODE_SHOWN];
    if (v->kind == HD_NODE_SCALAR && hd_wide_parse(v->text, v->length, out)) return HD_OK;
    return hd_node_fail(v, err, "%s: found %s, expected a whole number below 2^320", what, hd_node_shown(v, shown));
}

static hd_status read_layer_name(const hd_node *v, void *t, hd_error *err)
{
    reader *r = t;
    const hd_schedule *s = r->schedule;
    char shown[HD_NODE_SHOWN];
    for (r->layer = 0; r->layer < s->network->layers; r->layer++)
        if (hd_node_is(v, s->network->layer[r->layer].name)) break;
    if (r->layer == s->network->layers)
        return hd_node_fail(v, err, "layer: found %s, expected the name of a layer", hd_node_shown(v, shown));
    r->op = &s->network->layer[r->layer].op;
    r->claim->scheme = s->layer[r->layer].scheme;
    return HD_OK;
}

static hd_status read_found(const hd_node *v, void *t, hd_error *err)
{
    reader *r = t;
    HD_TRY(hd_node_bool(v, "found", &r->claim->found, err));
    if (r->claim->found == r->schedule->layer[r->layer].scheduled) return HD_OK;
    return hd_node_fail(v, err, "found: the layer's scheme says otherwise");
}

static hd_status read_proved(const hd_node *v, void *t, hd_error *err)
{
    return hd_node_bool(v, "proved", &((reader *)t)->claim->proved, err);
}

static hd_status read_cost(const hd_node *v, void *t, hd_error *err)
{
    return hd_proof_read_bound(v, "cost", &((reader *)t)->claim->cost, err);
}

static hd_status read_lower_bound(const hd_node *v, void *t, hd_error *err)
{
    return hd_proof_read_bound(v, "lower_bound", &((reader *)t)->claim->lower_bound, err);
}

/* ---- the space ---- */

static hd_status read_counted(const hd_node *v, void *t, hd_error *err)
{
    return hd_node_bool(v, "counted", &((reader *)t)->proof->counted, err);
}

static hd_status read_plain(const hd_node *v, void *t, hd_error *err)
{
    return hd_node_bool(v, "plain", &((reader *)t)->proof->plain, err);
}

static hd_status read_sizes(const hd_node *v, void *t, hd_error *err)
{
    char shown[HD_NODE_SHOWN];
    bool ragged = hd_node_is(v, "ragged");
    ((reader *)t)->proof->ragged = ragged;
    if (ragged || hd_node_is(v, "divisors")) return HD_OK;
    return hd_node_fail(v, err, "sizes: found %s, expected divisors or ragged", hd_node_shown(v, shown));
}

static hd_status read_size(const hd_node *v, void *t, hd_error *err)
{
    return read_wide(v, "size", &((reader *)t)->proof->size, err);
}

/* null: of nothing. */
static hd_status read_log10(const hd_node *v, double *out, hd_error *err)
{
    *out = -INFINITY;
    return hd_node_is_null(v) ? HD_OK : hd_node_double(v, "log10", 0, HUGE_VAL, out, err);
}

static hd_status read_size_log10(const hd_node *v, void *t, hd_error *err)
{
    return read_log10(v, &((reader *)t)->proof->log10, err);
}

static hd_status read_orders(const hd_node *v, void *t, hd_error *err)
{
    return read_wide(v, "orders", &((reader *)t)->proof->orders, err);
}

hd_status hd_proof_read_level(const hd_node *v, const hd_arch *arch, int *out, hd_error *err)
{
    char shown[HD_NODE_SHOWN];
    *out = v->kind == HD_NODE_SCALAR ? hd_arch_level(arch, v->text) : -1;
    return *out >= 0 ? HD_OK : hd_node_fail(v, err, "found %s, expected a level of the chip", hd_node_shown(v, shown));
}

static hd_status read_seen(const hd_node *v, void *t, hd_error *err)
{
    reader *r = t;
    return hd_proof_read_level(v, &r->schedule->arch, &r->proof->seen, err);
}

static hd_status read_stepwise(const hd_node *v, void *t, hd_error *err)
{
    return hd_node_bool(v, "steps", &((reader *)t)->proof->stepwise, err);
}

static const hd_field SPACE[] = {{"counted", true, read_counted}, {"plain", true, read_plain},
                                 {"sizes", true, read_sizes},     {"size", true, read_size},
                                 {"log10", false, read_size_log10}, {"orders", true, read_orders},
                                 {"seen", true, read_seen},       {"steps", true, read_stepwise}, {0}};

static hd_status read_space(const hd_node *v, void *t, hd_error *err) { return hd_fields_read(v, "space", SPACE, t, err); }

/* ---- levels ---- */

hd_status hd_proof_read_dim(const hd_node *v, const hd_operator *op, int *out, hd_error *err)
{
    char shown[HD_NODE_SHOWN];
    for (*out = 0; *out < op->dims; ++*out)
        if (hd_node_is(v, op->dim[*out].name)) return HD_OK;
    return hd_node_fail(v, err, "found %s, expected a dimension of the operator", hd_node_shown(v, shown));
}

static hd_status read_dims(const hd_node *v, const hd_operator *op, unsigned *out, hd_error *err)
{
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "dims", err));
    for (int i = 0; i < v->items; i++) {
        int dim;
        HD_TRY(hd_proof_read_dim(v->item[i], op, &dim, err));
        *out |= 1u << dim;
    }
    return HD_OK;
}

static hd_status read_level_name(const hd_node *v, void *t, hd_error *err)
{
    reader *r = t;
    return hd_proof_read_level(v, &r->schedule->arch, &r->level, err);
}

static hd_status read_keep(const hd_node *v, void *t, hd_error *err)
{
    reader *r = t;
    return hd_roles_read(v, "keep", true, &r->proof->keep_most[r->level], err);
}

static hd_status read_may_drop(const hd_node *v, void *t, hd_error *err)
{
    reader *r = t;
    return hd_roles_read(v, "may_drop", true, &r->proof->keep_free[r->level], err);
}

static hd_status read_x(const hd_node *v, void *t, hd_error *err)
{
    reader *r = t;
    return read_dims(v, r->op, &r->proof->unroll[r->level][HD_X], err);
}

static hd_status read_y(const hd_node *v, void *t, hd_error *err)
{
    reader *r = t;
    return read_dims(v, r->op, &r->proof->unroll[r->level][HD_Y], err);
}

static const hd_field LEVEL[] = {{"level", true, read_level_name}, {"keep", true, read_keep}, {"may_drop", true, read_may_drop},
                                 {"x", true, read_x},              {"y", true, read_y},       {0}};

static hd_status read_levels(const hd_node *v, void *t, hd_error *err)
{
    reader *r = t;
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "levels", err));
    r->proof->levels = r->schedule->arch.levels;
    for (int i = 0; i < v->items; i++) HD_TRY(hd_fields_read(v->item[i], "level", LEVEL, r, err));
    return HD_OK;
}

/* ---- sums ---- */

hd_status hd_proof_read_depth(const hd_node *v, int *out, hd_error *err)
{
    int64_t depth;
    HD_TRY(hd_node_int(v, "depth", 0, HD_PROOF_DEPTHS - 1, &depth, err));
    *out = (int)depth;
    return HD_OK;
}

static hd_status read_sum(const hd_node *v, hd_proof *proof, hd_error *err)
{
    static const char *const key[] = {"argument", "depth", "size", "times", "bound"};
    const hd_node *value[5];
    hd_argument argument;
    int depth;
    HD_TRY(hd_node_expect(v, HD_NODE_MAP, "discarded", err));
    for (int i = 0; i < 5; i++)
        if (!(value[i] = hd_node_get(v, key[i]))) return hd_node_fail(v, err, "discarded: the key '%s' is missing", key[i]);
    HD_TRY(hd_proof_read_argument(value[0], &argument, err));
    HD_TRY(hd_proof_read_depth(value[1], &depth, err));
    hd_proof_sum *sum = &proof->sum[argument][depth];
    if (sum->times > 0) return hd_node_fail(v, err, "discarded: the same argument and depth stand twice");
    HD_TRY(read_wide(value[2], "size", &sum->size, err));
    HD_TRY(hd_node_int(value[3], "times", 1, HD_COUNT_EXACT, &sum->times, err));
    const hd_node *log10 = hd_node_get(v, "log10");
    if (log10) HD_TRY(read_log10(log10, &sum->log10, err));
    return hd_proof_read_bound(value[4], "bound", &sum->bound, err);
}

static hd_status read_sums(const hd_node *v, void *t, hd_error *err)
{
    HD_TRY(hd_node_expect(v, HD_NODE_LIST, "discarded", err));
    for (int i = 0; i < v->items; i++) HD_TRY(read_sum(v->item[i], ((reader *)t)->proof, err));
    return HD_OK;
}

static hd_status read_parts(const hd_node *v, void *t, hd_error *err) { return hd_proof_read_parts(v, t, err); }

static const hd_field PROOF[] = {
    {"layer", true, read_layer_name}, /* before all that speaks of its dims */
    {"found", true, read_found},
    {"proved", true, read_proved},
    {"cost", true, read_cost},
    {"lower_bound", true, read_lower_bound},
    {"space", true, read_space},
    {"levels", true, read_levels},
    {"discarded", true, read_sums},
    {"parts", true, read_parts},
    {0}};

static hd_status read_proof(hd_proof_file *f, const hd_node *v, hd_error *err)
{
    int i = f->claims;
    reader r = {.schedule = f->schedule, .claim = &f->claim[i], .proof = hd_proof_new()};
    if (!r.proof) return hd_fail_memory(err);
    f->claim[i].proof = r.proof;
    f->claims++; /* owned from here on */
    HD_TRY(hd_fields_read(v, "proof", PROOF, &r, err));
    f->layer[i] = r.layer;
    f->problem[i] = (hd_problem){.op = r.op, .arch = &f->schedule->arch};
    memcpy(f->problem[i].home, f->schedule->layer[r.layer].home, sizeof f->problem[i].home);
    f->claim[i].problem = &f->problem[i];
    return HD_OK;
}

static hd_status read_proofs(hd_proof_file *f, const hd_node *root, hd_error *err)
{
    const hd_node *list = hd_node_get(root, "proofs");
    if (!list) return hd_node_fail(root, err, "the key 'proofs' is missing");
    HD_TRY(hd_node_expect(list, HD_NODE_LIST, "proofs", err));
    size_t n = (size_t)list->items + 1;
    f->layer = hd_arena_alloc(f->arena, n, sizeof *f->layer);
    f->problem = hd_arena_alloc(f->arena, n, sizeof *f->problem);
    f->claim = hd_arena_alloc(f->arena, n, sizeof *f->claim);
    if (!f->layer || !f->problem || !f->claim) return hd_fail_memory(err);
    for (int i = 0; i < list->items; i++) HD_TRY(read_proof(f, list->item[i], err));
    return HD_OK;
}

static hd_status read_file(hd_proof_file *f, hd_arena *scratch, const char *path, hd_error *err)
{
    char *text;
    size_t length;
    hd_node *root;
    HD_TRY(hd_file_read(path, scratch, &text, &length, err));
    HD_TRY(hd_schedule_read(text, length, path, &f->schedule, err));
    HD_TRY(hd_yaml_read(text, length, path, scratch, &root, err));
    return read_proofs(f, root, err);
}

hd_status hd_proofs_read_file(const char *path, hd_proof_file **out, hd_error *err)
{
    hd_arena *arena = hd_arena_new(NULL, 0), *scratch = hd_arena_new(NULL, 0);
    hd_proof_file *f = arena ? hd_arena_alloc(arena, 1, sizeof *f) : NULL;
    if (!f || !scratch) {
        hd_arena_free(arena);
        hd_arena_free(scratch);
        return hd_fail_memory(err);
    }
    f->arena = arena;
    hd_status status = read_file(f, scratch, path, err);
    hd_arena_free(scratch);
    if (status == HD_OK) *out = f;
    else hd_proofs_free(f);
    return status;
}

void hd_proofs_free(hd_proof_file *file)
{
    if (!file) return;
    for (int i = 0; i < file->claims; i++) hd_proof_free((hd_proof *)file->claim[i].proof);
    hd_schedule_free(file->schedule);
    hd_arena_free(file->arena);
}

bool hd_proofs_are_in(const char *path)
{
    static const char tag[] = "heddle: proof/";
    char head[sizeof tag] = "";
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    size_t n = fread(head, 1, sizeof tag - 1, file);
    fclose(file);
    return n == sizeof tag - 1 && strcmp(head, tag) == 0;
}
