/* What does `problem:` say: dims, tensors and their projections, and the sizes of one instance?
 *
 * The first read-only tensor becomes W, the second I, the third I2, in the order of the file: which one holds
 * the weights cannot be known.  What an operator of ours cannot hold is refused with the reason.        */
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "formats/timeloop/parts.h"
#include "syntax/file.h"
#include "syntax/yaml.h"

enum { MAX_COEFFICIENTS = 64 };

typedef struct coefficient {
    const char *name;
    int64_t value;
} coefficient;

typedef struct reader {
    const hd_node *problem, *shape, *instance;
    hd_operator *op;
    coefficient coefficient[MAX_COEFFICIENTS];
    int coefficients;
    bool slides;
    hd_error *err;
} reader;

/* ---- the shape: in the file, beside it, or the one built in ---- */

static const char CNN_LAYER[] =
    "shape:\n"
    "  name: CNN-Layer\n"
    "  dimensions: [C, M, R, S, N, P, Q]\n"
    "  coefficients:\n"
    "  - {name: Wstride, default: 1}\n"
    "  - {name: Hstride, default: 1}\n"
    "  - {name: Wdilation, default: 1}\n"
    "  - {name: Hdilation, default: 1}\n"
    "  data-spaces:\n"
    "  - {name: Weights, projection: [[[C]], [[M]], [[R]], [[S]]]}\n"
    "  - {name: Inputs, projection: [[[N]], [[C]], [[R, Wdilation], [P, Wstride]], [[S, Hdilation], [Q, "
    "Hstride]]]}\n"
    "  - {name: Outputs, projection: [[[N]], [[M]], [[Q]], [[P]]], read-write: true}\n";

static bool is_cnn_layer(const char *name) {
    return strcmp(name, "cnn-layer") == 0 || strcmp(name, "cnn_layer") == 0 ||
           strcmp(name, "cnn-layer.yaml") == 0;
}

/* A shape by name: NAME or NAME.yaml in the folder of the file that names it. */
static hd_status read_shape_file(reader *r, const hd_node *name, hd_arena *arena, hd_node **out) {
    const char *file = name->file ? name->file : "", *slash = strrchr(file, '/');
    bool bare = !strstr(name->text, ".yaml");
    char *text, *path = hd_arena_format(arena, "%.*s%s%s", slash ? (int)(slash + 1 - file) : 0, file,
                                        name->text, bare ? ".yaml" : "");
    size_t length;
    if (!path) return hd_fail_memory(r->err);
    if (hd_file_read(path, arena, &text, &length, NULL) != HD_OK)
        return hd_node_fail(
            name, r->err,
            "shape: found the name '%s', expected cnn-layer, a map that describes the shape, or "
            "the name of a file here (%s cannot be read)",
            name->text, path);
    return hd_yaml_read(text, length, path, arena, out, r->err);
}

static hd_status find_shape(reader *r, hd_arena *arena) {
    const hd_node *shape = hd_tl_get(r->problem, "shape");
    hd_node *root;
    if (shape && shape->kind == HD_NODE_MAP) {
        r->shape = shape;
        return HD_OK;
    }
    if (shape) HD_TRY(hd_node_expect(shape, HD_NODE_SCALAR, "shape", r->err));
    if (!shape || is_cnn_layer(shape->text))
        HD_TRY(hd_yaml_read(CNN_LAYER, sizeof CNN_LAYER - 1, "the built-in shape cnn-layer", arena, &root,
                            r->err));
    else
        HD_TRY(read_shape_file(r, shape, arena, &root));
    r->shape = hd_tl_get(root, "shape");
    if (!r->shape) r->shape = root;
    return hd_node_expect(r->shape, HD_NODE_MAP, "shape", r->err);
}

/* ---- sizes ---- */

/* The size of a dim is missing; one of another name is probably the one that was meant. */
static hd_status fail_size(const reader *r, const hd_node *dims, const hd_node *name) {
    const hd_node *shape = hd_tl_get(r->shape, "name");
    for (int i = 0; i < r->instance->items; i++) {
        const hd_node *key = r->instance->key[i];
        bool known = key->length != 1;
        for (int d = 0; d < dims->items && !known; d++) known = hd_node_is(dims->item[d], key->text);
        if (!known)
            return hd_node_fail(key, r->err, "instance: %s is no dimension of the shape %s, whose dimension %s has no size",
                                key->text, shape && shape->kind == HD_NODE_SCALAR ? shape->text : "given", name->text);
    }
    return hd_node_fail(r->instance, r->err, "instance: no size of dimension %s", name->text);
}

static hd_status read_dims(reader *r) {
    const hd_node *list = hd_tl_get(r->shape, "dimensions");
    char shown[HD_NODE_SHOWN];
    if (!list) return hd_node_fail(r->shape, r->err, "shape: no dimensions; expected a list of letters");
    HD_TRY(hd_node_expect(list, HD_NODE_LIST, "dimensions", r->err));
    if (list->items < 1 || list->items > HD_MAX_DIMS)
        return hd_node_fail(list, r->err, "dimensions: found %d, expected 1 to %d", list->items,
                            (int)HD_MAX_DIMS);
    for (int d = 0; d < list->items; d++) {
        const hd_node *name = list->item[d], *size;
        bool letter = name->kind == HD_NODE_SCALAR && name->length == 1 &&
                      ((name->text[0] >= 'A' && name->text[0] <= 'Z') ||
                       (name->text[0] >= 'a' && name->text[0] <= 'z'));
        if (!letter)
            return hd_node_fail(name, r->err,
                                "dimensions: found %s, expected one letter (Timeloop's own limit)",
                                hd_node_shown(name, shown));
        if (hd_tl_dim(r->op, name->text, 1) >= 0)
            return hd_node_fail(name, r->err, "dimensions: %s stands there twice", name->text);
        r->op->dim[d].name[0] = name->text[0];
        size = hd_node_get(r->instance, name->text);
        if (!size) return fail_size(r, list, name);
        HD_TRY(hd_tl_int(size, "instance", NULL, 1, HD_COUNT_EXACT - 1, &r->op->dim[d].extent, r->err));
        r->op->dims = d + 1;
    }
    return HD_OK;
}

static hd_status read_coefficient(reader *r, const hd_node *entry) {
    const hd_node *name = hd_tl_get(entry, "name"), *standard = hd_tl_get(entry, "default"), *given;
    coefficient *c = &r->coefficient[r->coefficients];
    HD_TRY(hd_node_expect(entry, HD_NODE_MAP, "coefficient", r->err));
    if (!name) return hd_node_fail(entry, r->err, "coefficient: no name");
    HD_TRY(hd_node_text(name, "coefficient", &c->name, r->err));
    given = hd_node_get(r->instance, c->name);
    if (!given) given = standard;
    if (!given)
        return hd_node_fail(name, r->err,
                            "coefficient %s: the instance gives no value and there is no default", c->name);
    HD_TRY(hd_tl_int(given, c->name, NULL, -HD_COUNT_EXACT, HD_COUNT_EXACT, &c->value, r->err));
    if (c->value < 1)
        return hd_node_fail(given, r->err,
                            "coefficient %s: found %lld; only coefficients of 1 or more are supported",
                            c->name, (long long)c->value);
    r->coefficients++;
    return HD_OK;
}

/* Any key may stand in an instance; one that reads like a coefficient and is none is worth a warning. */
static void check_instance(const reader *r, hd_timeloop *out) {
    const char *names[MAX_COEFFICIENTS + 1] = {NULL};
    for (int i = 0; i < r->coefficients; i++) names[i] = r->coefficient[i].name;
    for (int i = 0; i < r->instance->items; i++) {
        const hd_node *key = r->instance->key[i];
        bool known = false, telling = strstr(key->text, "stride") || strstr(key->text, "dilation");
        for (int k = 0; k < r->coefficients; k++) known = known || hd_node_is(key, names[k]);
        const char *meant = known || key->length < 2 ? NULL : hd_tl_nearest(key->text, names);
        if (meant)
            hd_tl_warn(out, key, "instance: %s means nothing here, did you mean the coefficient %s?", key->text, meant);
        else if (telling && !known && !hd_node_is(r->instance->item[i], "1"))
            hd_tl_warn(out, key, "instance: %s means nothing here, the shape has no such coefficient", key->text);
    }
}

static hd_status read_coefficients(reader *r) {
    const hd_node *list = hd_tl_get(r->shape, "coefficients");
    if (!list) return HD_OK;
    HD_TRY(hd_node_expect(list, HD_NODE_LIST, "coefficients", r->err));
    if (list->items > MAX_COEFFICIENTS)
        return hd_node_fail(list, r->err, "coefficients: found %d, at most %d", list->items,
                            (int)MAX_COEFFICIENTS);
    for (int i = 0; i < list->items; i++) HD_TRY(read_coefficient(r, list->item[i]));
    return HD_OK;
}

/* ---- projections ---- */

static hd_status find_coefficient(const reader *r, const hd_node *node, int64_t *out) {
    char shown[HD_NODE_SHOWN];
    for (int i = 0; i < r->coefficients; i++)
        if (hd_node_is(node, r->coefficient[i].name)) {
            *out = r->coefficient[i].value;
            return HD_OK;
        }
    if (node->kind == HD_NODE_SCALAR && node->length > 0 && node->text[0] >= '0' && node->text[0] <= '9')
        return hd_node_int(node, "coefficient", 1, HD_COUNT_EXACT, out, r->err);
    return hd_node_fail(node, r->err, "projection: found %s, expected the name of a coefficient",
                        hd_node_shown(node, shown));
}

/* `term` is DIM, [DIM] or [DIM, COEFFICIENT]. */
static hd_status read_term(reader *r, const hd_node *term, unsigned *seen, hd_rank *rank) {
    char shown[HD_NODE_SHOWN];
    const hd_node *name = term;
    int64_t coef = 1, reach;
    if (term->kind == HD_NODE_LIST) {
        if (term->items < 1 || term->items > 2)
            return hd_node_fail(term, r->err,
                                "projection: found a term of %d parts, expected [DIM] or [DIM, COEFFICIENT]",
                                term->items);
        name = term->item[0];
        if (term->items == 2) HD_TRY(find_coefficient(r, term->item[1], &coef));
    }
    int dim = name->kind == HD_NODE_SCALAR ? hd_tl_dim(r->op, name->text, name->length) : -1;
    if (dim < 0)
        return hd_node_fail(name, r->err, "projection: found %s, expected one of the shape's dimensions",
                            hd_node_shown(name, shown));
    if (*seen & 1u << dim)
        return hd_node_fail(
            name, r->err,
            "projection: %s occurs twice in this tensor; only once is supported (heddle's tiles "
            "are products over the ranks)",
            r->op->dim[dim].name);
    if (rank->terms == HD_MAX_TERMS)
        return hd_node_fail(term, r->err, "projection: a rank of more than %d terms is not supported",
                            (int)HD_MAX_TERMS);
    *seen |= 1u << dim;
    rank->term[rank->terms].dim = dim;
    rank->term[rank->terms++].coef = coef;
    if (!hd_count_mul(coef, r->op->dim[dim].extent - 1, &reach) ||
        !hd_count_add(rank->extent, reach, &rank->extent))
        return hd_node_fail(term, r->err, "projection: the tensor reaches 2^63 or further along this rank");
    return HD_OK;
}

/* A rank is DIM alone, or a list of terms. */
static hd_status read_rank(reader *r, const hd_node *node, unsigned *seen, hd_rank *rank) {
    rank->extent = 1;
    if (node->kind != HD_NODE_LIST) return read_term(r, node, seen, rank);
    if (node->items == 0) return hd_node_fail(node, r->err, "projection: a rank without terms");
    for (int i = 0; i < node->items; i++) HD_TRY(read_term(r, node->item[i], seen, rank));
    r->slides |= rank->terms > 1;
    return HD_OK;
}

static hd_status read_projection(reader *r, const hd_node *space, hd_tensor *tensor) {
    const hd_node *ranks = hd_tl_get(space, "projection");
    unsigned seen = 0;
    if (!ranks) return hd_node_fail(space, r->err, "data space %s: no projection", tensor->name);
    HD_TRY(hd_node_expect(ranks, HD_NODE_LIST, "projection", r->err));
    if (ranks->items > HD_MAX_RANKS)
        return hd_node_fail(ranks, r->err, "projection: found %d ranks, at most %d are supported",
                            ranks->items, (int)HD_MAX_RANKS);
    for (int i = 0; i < ranks->items; i++) HD_TRY(read_rank(r, ranks->item[i], &seen, &tensor->rank[i]));
    tensor->ranks = ranks->items;
    return HD_OK;
}

/* ---- tensors ---- */

static hd_status is_written(const hd_node *space, bool *out, hd_error *err) {
    const hd_node *flag = hd_tl_get(space, "read-write");
    char shown[HD_NODE_SHOWN];
    *out = flag && (hd_node_is(flag, "true") || hd_node_is(flag, "True"));
    if (!flag || *out || hd_node_is(flag, "false") || hd_node_is(flag, "False")) return HD_OK;
    return hd_node_fail(flag, err, "read-write: found %s, expected true or false",
                        hd_node_shown(flag, shown));
}

static hd_status read_tensor(reader *r, const hd_node *space) {
    static const hd_role READ_ONLY[] = {HD_W, HD_I, HD_I2};
    const hd_node *name = hd_tl_get(space, "name");
    bool written;
    int role = HD_O, others = 0;
    HD_TRY(hd_node_expect(space, HD_NODE_MAP, "data space", r->err));
    if (!name) return hd_node_fail(space, r->err, "data space: no name");
    HD_TRY(is_written(space, &written, r->err));
    if (written && r->op->tensor[HD_O].used)
        return hd_node_fail(space, r->err,
                            "data space: a second read-write tensor; exactly one is supported");
    while (!written && others < 3 && r->op->tensor[READ_ONLY[others]].used) others++;
    if (others == 3)
        return hd_node_fail(space, r->err,
                            "data space: a fourth read-only tensor; at most three are supported");
    if (!written) role = (int)READ_ONLY[others];
    hd_tensor *tensor = &r->op->tensor[role];
    HD_TRY(hd_node_copy(name, "data space", tensor->name, sizeof tensor->name, r->err));
    if (hd_tl_role(r->op, tensor->name) >= 0)
        return hd_node_fail(name, r->err, "data space: the name %s stands there twice", tensor->name);
    tensor->used = true;
    tensor->bits = 16;
    return read_projection(r, space, tensor);
}

static hd_status read_tensors(reader *r) {
    const hd_node *list = hd_tl_get(r->shape, "data-spaces");
    if (!list) return hd_node_fail(r->shape, r->err, "shape: no data-spaces; expected a list of tensors");
    HD_TRY(hd_node_expect(list, HD_NODE_LIST, "data-spaces", r->err));
    for (int i = 0; i < list->items; i++) HD_TRY(read_tensor(r, list->item[i]));
    if (!r->op->tensor[HD_O].used)
        return hd_node_fail(list, r->err, "data-spaces: no tensor is read-write; expected exactly one");
    return HD_OK;
}

/* ---- what is not priced ---- */

static hd_status refuse_sparse(const hd_node *value, hd_error *err) {
    double density;
    if (value->kind == HD_NODE_SCALAR && hd_parse_double(value->text, value->length, &density) &&
        density == 1)
        return HD_OK;
    for (int i = 0; value->kind == HD_NODE_MAP && i < value->items; i++) {
        const hd_node *item = value->item[i], *inner = hd_tl_get(item, "density");
        HD_TRY(refuse_sparse(inner ? inner : item, err));
    }
    if (value->kind == HD_NODE_MAP && value->items > 0) return HD_OK;
    return hd_node_fail(value, err,
                        "densities: sparse tensors are not priced; expected a density of 1, or none");
}

static hd_status refuse_extras(const reader *r) {
    static const char *const SPARSE[] = {"densities", "commonDensity", "common_density"};
    const hd_node *maps[] = {r->shape, r->instance}, *flatten;
    for (int m = 0; m < 2; m++) {
        flatten = hd_tl_get(maps[m], "flatten");
        if (flatten && !(flatten->kind == HD_NODE_LIST && flatten->items == 0))
            return hd_node_fail(flatten, r->err,
                                "flatten: dimensions fused into one loop are not supported; write the fused "
                                "dimension as one of the shape's");
        for (size_t s = 0; s < sizeof SPARSE / sizeof *SPARSE; s++) {
            const hd_node *value = hd_tl_get(maps[m], SPARSE[s]);
            if (value) HD_TRY(refuse_sparse(value, r->err));
        }
    }
    return HD_OK;
}

static hd_status read_shape(reader *r) {
    HD_TRY(refuse_extras(r));
    HD_TRY(read_dims(r));
    HD_TRY(read_coefficients(r));
    HD_TRY(read_tensors(r));
    r->op->kind = r->slides ? HD_CONV : HD_MATMUL;
    return HD_OK;
}

hd_status hd_tl_read_problem(const hd_node *problem, hd_timeloop *out, hd_arena *arena, hd_error *err) {
    reader r = {.problem = problem, .op = &out->op, .err = err};
    hd_error inner;
    HD_TRY(hd_node_expect(problem, HD_NODE_MAP, "problem", err));
    r.instance = hd_tl_get(problem, "instance");
    if (!r.instance) r.instance = problem; /* older files: the sizes stand beside the shape */
    HD_TRY(hd_node_expect(r.instance, HD_NODE_MAP, "instance", err));
    HD_TRY(find_shape(&r, arena));
    HD_TRY(read_shape(&r));
    check_instance(&r, out);
    hd_status status = hd_operator_check(&out->op, &inner);
    if (status != HD_OK) return hd_node_fail(problem, err, "problem: %s", inner.message);
    const hd_node *name = hd_tl_get(problem, "name");
    if (!name) name = hd_tl_get(r.shape, "name");
    if (name && name->kind == HD_NODE_SCALAR) snprintf(out->name, sizeof out->name, "%s", name->text);
    out->has_op = true;
    return HD_OK;
}
