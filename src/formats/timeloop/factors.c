/* How are factors and loop orders written in Timeloop's mappings and constraints?
 *
 * Factors: "C=2 M=4,3", "C2 M4", "C 2, M<=8", a list of such texts, or a map {C: 2, M: "<=8"}.  A number
 * after a comma is the residual of the factor before it, so a list's items count as joined by commas (as
 * Timeloop joins them). Orders: "QRSC PNM" (blanks mean nothing), "QR_PM", or a list; innermost first. */
#include <string.h>

#include "base/count.h"
#include "formats/timeloop/parts.h"

/* Where in which scalar are we? */
typedef struct scanner {
    const hd_node *node;
    size_t at;
} scanner;

/* An error at the character reached (exact where the scalar stands on one line). */
static hd_status fail(const scanner *s, hd_error *err, const char *expected) {
    size_t left = s->node->length - s->at, shown = left < 24 ? left : 24;
    int column = s->node->column ? s->node->column + (int)hd_count_min((int64_t)s->at, 4096) : 0;
    return hd_fail_at(err, HD_ERR_INPUT, s->node->file, s->node->line, column, "found '%.*s', expected %s",
                      (int)shown, s->node->text + s->at, expected);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
static bool done(const scanner *s) {
    return s->at >= s->node->length;
}
static char next(const scanner *s) {
    return done(s) ? '\0' : s->node->text[s->at];
}

static void skip_blanks(scanner *s) {
    while (!done(s) && is_blank(next(s))) s->at++;
}

static hd_status scan_number(scanner *s, const char *expected, int64_t low, int64_t *out, hd_error *err) {
    size_t from = s->at;
    while (is_digit(next(s))) s->at++;
    if (s->at > from && hd_parse_int(s->node->text + from, s->at - from, out) && *out >= low &&
        *out < HD_COUNT_EXACT)
        return HD_OK;
    s->at = from;
    return fail(s, err, expected);
}

/* The names of the dims, for messages. */
static const char *dims_of(const hd_operator *op, char out[128]) {
    size_t at = 0;
    for (int d = 0; d < op->dims && at + 10 < 128; d++) {
        size_t length = strlen(op->dim[d].name);
        if (d > 0) out[at++] = ' ';
        memcpy(out + at, op->dim[d].name, length);
        at += length;
    }
    out[at] = '\0';
    return out;
}

static hd_status fail_dim(const scanner *s, const hd_operator *op, hd_error *err) {
    char names[128], expected[192] = "a dimension of the problem: ";
    memcpy(expected + strlen(expected), dims_of(op, names), strlen(dims_of(op, names)) + 1);
    return fail(s, err, expected);
}

/* ---- factors ---- */

static hd_status scan_dim(scanner *s, const hd_operator *op, int *out, hd_error *err) {
    size_t from = s->at;
    while (is_letter(next(s))) s->at++;
    *out = s->at > from ? hd_tl_dim(op, s->node->text + from, s->at - from) : -1;
    if (*out >= 0) return HD_OK;
    s->at = from;
    return fail_dim(s, op, err);
}

static tl_relation scan_relation(scanner *s) {
    tl_relation relation = TL_EQUAL;
    skip_blanks(s);
    if (next(s) == '<' || next(s) == '>') {
        relation = next(s) == '<' ? TL_AT_MOST : TL_AT_LEAST;
        s->at++;
        skip_blanks(s);
    }
    if (next(s) == '=') s->at++;
    skip_blanks(s);
    return relation;
}

/* "=4", "<=4", " 4", "4": what follows a dim's name.  Timeloop knows no "<4". */
static hd_status scan_bound(scanner *s, tl_factor *out, hd_error *err) {
    size_t from = s->at;
    out->relation = scan_relation(s);
    if (out->relation != TL_EQUAL && memchr(s->node->text + from, '=', s->at - from) == NULL)
        return fail(s, err, "'<=' or '>=' before the number");
    if (out->relation == TL_EQUAL)
        return scan_number(s, "a factor: a whole number, 0 for the whole dimension", 0, &out->bound, err);
    return scan_number(s, "a limit: a whole number of at least 1", 1, &out->bound, err);
}

/* A fixed factor is said once and not limited besides; each limit once. */
static hd_status append_factor(const scanner *s, const hd_operator *op, const tl_factor *f, tl_factors *out,
                               hd_error *err) {
    for (int i = 0; i < out->count; i++) {
        const tl_factor *old = &out->factor[i];
        if (old->dim == f->dim &&
            (old->relation == f->relation || old->relation == TL_EQUAL || f->relation == TL_EQUAL))
            return hd_node_fail(s->node, err, "the factor of %s is given twice", op->dim[f->dim].name);
    }
    out->factor[out->count++] = *f;
    return HD_OK;
}

/* A number that follows a comma: the residual of the factor before. */
static hd_status scan_residual(scanner *s, bool comma, tl_factors *out, hd_error *err) {
    tl_factor *last = out->count > 0 ? &out->factor[out->count - 1] : NULL;
    if (!comma || !last || last->relation != TL_EQUAL || last->residual != last->bound || last->bound == 0)
        return fail(s, err,
                    "a dimension, '=' and its factor (a residual follows its factor and a comma: M=4,3)");
    size_t from = s->at;
    HD_TRY(scan_number(s, "a residual of at least 1", 1, &last->residual, err));
    if (last->residual <= last->bound) return HD_OK;
    s->at = from;
    return fail(s, err, "a residual not above its factor");
}

static hd_status scan_factors(const hd_node *node, const hd_operator *op, bool comma, tl_factors *out,
                              hd_error *err) {
    scanner s = {node, 0};
    for (;; comma = false) {
        for (skip_blanks(&s); next(&s) == ','; s.at++, skip_blanks(&s)) comma = true;
        if (done(&s)) return HD_OK;
        if (is_digit(next(&s))) {
            HD_TRY(scan_residual(&s, comma, out, err));
            continue;
        }
        tl_factor f = {0};
        HD_TRY(scan_dim(&s, op, &f.dim, err));
        HD_TRY(scan_bound(&s, &f, err));
        f.residual = f.bound;
        HD_TRY(append_factor(&s, op, &f, out, err));
        if (!done(&s) && !is_blank(next(&s)) && next(&s) != ',')
            return fail(&s, err, "a blank or a comma after a factor");
    }
}

/* {C: 2, M: "<=8"} */
static hd_status scan_factor_map(const hd_node *map, const hd_operator *op, tl_factors *out, hd_error *err) {
    for (int i = 0; i < map->items; i++) {
        scanner key = {map->key[i], 0}, value = {map->item[i], 0};
        tl_factor f = {0};
        HD_TRY(hd_node_expect(value.node, HD_NODE_SCALAR, "factor", err));
        HD_TRY(scan_dim(&key, op, &f.dim, err));
        if (!done(&key)) return fail_dim(&key, op, err);
        HD_TRY(scan_bound(&value, &f, err));
        f.residual = f.bound;
        HD_TRY(append_factor(&value, op, &f, out, err));
        bool comma = next(&value) == ',';
        if (comma) value.at++;
        skip_blanks(&value);
        if (!done(&value)) HD_TRY(scan_residual(&value, comma, out, err));
        if (!done(&value)) return fail(&value, err, "nothing more");
    }
    return HD_OK;
}

hd_status hd_tl_read_factors(const hd_node *node, const hd_operator *op, tl_factors *out, hd_error *err) {
    out->count = 0;
    if (node->kind == HD_NODE_MAP) return scan_factor_map(node, op, out, err);
    if (node->kind == HD_NODE_SCALAR)
        return hd_node_is_null(node) ? HD_OK : scan_factors(node, op, false, out, err);
    for (int i = 0; i < node->items; i++) {
        HD_TRY(hd_node_expect(node->item[i], HD_NODE_SCALAR, "factor", err));
        HD_TRY(scan_factors(node->item[i], op, i > 0, out, err));
    }
    return HD_OK;
}

/* ---- loop orders ---- */

/* The longest name of a dim that stands here. */
static hd_status scan_loop(scanner *s, const hd_operator *op, int *out, hd_error *err) {
    size_t longest = 0;
    for (int d = 0; d < op->dims; d++) {
        size_t length = strlen(op->dim[d].name);
        if (length > longest && length <= s->node->length - s->at &&
            memcmp(s->node->text + s->at, op->dim[d].name, length) == 0) {
            longest = length;
            *out = d;
        }
    }
    if (longest == 0) return fail_dim(s, op, err);
    s->at += longest;
    return HD_OK;
}

static bool has_loop(const tl_order *order, int dim) {
    return memchr(order->inner_dim, dim, (size_t)order->inner) ||
           memchr(order->outer_dim, dim, (size_t)order->outer);
}

static hd_status scan_order(const hd_node *node, const hd_operator *op, tl_order *out, hd_error *err) {
    scanner s = {node, 0};
    for (;;) {
        while (!done(&s) && (is_blank(next(&s)) || next(&s) == ',')) s.at++;
        if (done(&s)) return HD_OK;
        if (next(&s) == '_') {
            if (out->split)
                return fail(&s, err, "a single '_' between the innermost and the outermost loops");
            out->split = true;
            s.at++;
            continue;
        }
        int dim = -1;
        size_t from = s.at;
        HD_TRY(scan_loop(&s, op, &dim, err));
        if (has_loop(out, dim)) {
            s.at = from;
            return fail(&s, err, "each dimension once in a loop order");
        }
        if (out->split)
            out->outer_dim[out->outer++] = (unsigned char)dim;
        else
            out->inner_dim[out->inner++] = (unsigned char)dim;
    }
}

hd_status hd_tl_read_permutation(const hd_node *node, const hd_operator *op, tl_order *out, hd_error *err) {
    memset(out, 0, sizeof *out);
    if (node->kind != HD_NODE_LIST) {
        HD_TRY(hd_node_expect(node, HD_NODE_SCALAR, "permutation", err));
        return hd_node_is_null(node) ? HD_OK : scan_order(node, op, out, err);
    }
    for (int i = 0; i < node->items; i++) {
        HD_TRY(hd_node_expect(node->item[i], HD_NODE_SCALAR, "permutation", err));
        HD_TRY(scan_order(node->item[i], op, out, err));
    }
    return HD_OK;
}
