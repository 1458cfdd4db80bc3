/* What number is an expression in an attribute's text?  Python's arithmetic on floating point numbers:
 * + - * / // % ** and parentheses, a few functions, and names that stand for other attributes or variables.
 *
 * Recursive descent over the text.  Steps and depth are bounded, so names that lead in circles end.     */
#include <math.h>
#include <string.h>

#include "formats/timeloop/parts.h"

enum { MAX_DEPTH = 48, MAX_STEPS = 20000, MAX_ARGUMENTS = 8 };

typedef struct reader {
    const hd_node *node; /* the scalar being read */
    const char *what;    /* of the outermost scalar */
    const char *at;
    const tl_scope *scope;
    int depth, *steps;
    hd_error *err;
} reader;

static hd_status fail(const reader *r, const char *expected) {
    char shown[HD_NODE_SHOWN];
    return hd_node_fail(r->node, r->err, "%s: found %s, expected %s", r->what, hd_node_shown(r->node, shown),
                        expected);
}

static void skip_blanks(reader *r) {
    r->at += strspn(r->at, " \t\r\n");
}

static bool accept(reader *r, const char *token) {
    skip_blanks(r);
    if (strncmp(r->at, token, strlen(token)) != 0) return false;
    r->at += strlen(token);
    return true;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static hd_status read_sum(reader *r, double *out);

static hd_status read_number(reader *r, double *out) {
    const char *from = r->at;
    while (is_digit(*r->at) || *r->at == '.') r->at++;
    if ((*r->at == 'e' || *r->at == 'E') &&
        (is_digit(r->at[1]) || ((r->at[1] == '-' || r->at[1] == '+') && is_digit(r->at[2])))) {
        r->at += 2;
        while (is_digit(*r->at)) r->at++;
    }
    size_t length = (size_t)(r->at - from);
    if (length > 1 && from[length - 1] == '.') length--; /* Python's "2." */
    return hd_parse_double(from, length, out)
               ? HD_OK
               : fail(r, "a number or an expression of numbers and attributes");
}

/* ---- functions ---- */

static double least(const double *x, int n) {
    double out = x[0];
    for (int i = 1; i < n; i++) out = fmin(out, x[i]);
    return out;
}
static double most(const double *x, int n) {
    double out = x[0];
    for (int i = 1; i < n; i++) out = fmax(out, x[i]);
    return out;
}
static double up(const double *x, int n) {
    return (void)n, ceil(x[0]);
}
static double down(const double *x, int n) {
    return (void)n, floor(x[0]);
}
static double whole(const double *x, int n) {
    return (void)n, trunc(x[0]);
}
static double even(const double *x, int n) {
    return (void)n, nearbyint(x[0]);
}
static double plain(const double *x, int n) {
    return (void)n, x[0];
}
static double size(const double *x, int n) {
    return (void)n, fabs(x[0]);
}
static double root(const double *x, int n) {
    return (void)n, sqrt(x[0]);
}
static double binary_log(const double *x, int n) {
    return (void)n, log2(x[0]);
}
static double decimal_log(const double *x, int n) {
    return (void)n, log10(x[0]);
}
static double power(const double *x, int n) {
    return (void)n, pow(x[0], x[1]);
}

static const struct {
    const char *name;
    int least, most; /* arguments */
    double (*value)(const double *arguments, int count);
} FUNCTION[] = {
    {"min", 1, MAX_ARGUMENTS, least},
    {"max", 1, MAX_ARGUMENTS, most},
    {"ceil", 1, 1, up},
    {"floor", 1, 1, down},
    {"int", 1, 1, whole},
    {"round", 1, 1, even},
    {"float", 1, 1, plain},
    {"abs", 1, 1, size},
    {"sqrt", 1, 1, root},
    {"log2", 1, 1, binary_log},
    {"log10", 1, 1, decimal_log},
    {"pow", 2, 2, power},
};

static hd_status read_call(reader *r, const char *name, size_t length, double *out) {
    double argument[MAX_ARGUMENTS];
    int count = 0;
    while (!accept(r, ")")) {
        if (count > 0 && !accept(r, ",")) return fail(r, "',' or ')' after an argument");
        if (count == MAX_ARGUMENTS) return fail(r, "at most 8 arguments");
        HD_TRY(read_sum(r, &argument[count++]));
    }
    for (size_t f = 0; f < sizeof FUNCTION / sizeof *FUNCTION; f++) {
        if (strlen(FUNCTION[f].name) != length || memcmp(FUNCTION[f].name, name, length) != 0) continue;
        if (count < FUNCTION[f].least || count > FUNCTION[f].most)
            return fail(r, "another number of arguments");
        *out = FUNCTION[f].value(argument, count);
        return HD_OK;
    }
    return fail(r, "one of the functions min max ceil floor int round float abs sqrt log2 log10 pow");
}

/* ---- names ---- */

static hd_status evaluate(const reader *outer, const hd_node *node, double *out) {
    reader r = {.node = node,
                .what = outer->what,
                .at = node->text,
                .scope = outer->scope,
                .depth = outer->depth + 1,
                .steps = outer->steps,
                .err = outer->err};
    if (node->kind != HD_NODE_SCALAR || node->length == 0 || strlen(node->text) != node->length)
        return fail(&r, "a number or an expression of numbers and attributes");
    HD_TRY(read_sum(&r, out));
    skip_blanks(&r);
    return *r.at == '\0' ? HD_OK : fail(&r, "a number or an expression of numbers and attributes");
}

static hd_status read_name(reader *r, double *out) {
    const char *from = r->at;
    char name[64];
    while (is_letter(*r->at) || is_digit(*r->at) || *r->at == '.') r->at++;
    size_t length = (size_t)(r->at - from);
    if (length > 5 && memcmp(from, "math.", 5) == 0) from += 5, length -= 5;
    if (accept(r, "(")) return read_call(r, from, length, out);
    if (length >= sizeof name) return fail(r, "names of at most 63 letters");
    memcpy(name, from, length);
    name[length] = '\0';
    for (int m = 0; r->scope && m < r->scope->maps; m++) {
        const hd_node *value = hd_tl_get(r->scope->map[m], name);
        if (value) return evaluate(r, value, out);
    }
    char shown[HD_NODE_SHOWN];
    return hd_node_fail(
        r->node, r->err,
        "%s: found %s, but there is no attribute or variable '%s'; expected a number or names "
        "that are defined",
        r->what, hd_node_shown(r->node, shown), name);
}

/* ---- precedence, tightest first ---- */

static hd_status read_primary(reader *r, double *out) {
    skip_blanks(r);
    if (accept(r, "(")) {
        HD_TRY(read_sum(r, out));
        return accept(r, ")") ? HD_OK : fail(r, "a closing ')'");
    }
    if (is_digit(*r->at) || *r->at == '.') return read_number(r, out);
    if (is_letter(*r->at)) return read_name(r, out);
    return fail(r, "a number or an expression of numbers and attributes");
}

static hd_status enter(reader *r) {
    if (++r->depth > MAX_DEPTH || ++*r->steps > MAX_STEPS)
        return fail(r, "an expression of fewer steps (does a name lead back to itself?)");
    return HD_OK;
}

static hd_status read_power(reader *r, double *out) {
    bool minus = false;
    double exponent;
    HD_TRY(enter(r));
    skip_blanks(r);
    while (*r->at == '-' || *r->at == '+') {
        minus ^= *r->at++ == '-';
        skip_blanks(r);
    }
    HD_TRY(read_primary(r, out));
    if (accept(r, "**")) {
        HD_TRY(read_power(r, &exponent));
        *out = pow(*out, exponent);
    }
    if (minus) *out = -*out;
    r->depth--;
    return HD_OK;
}

static hd_status read_product(reader *r, double *out) {
    double right;
    HD_TRY(read_power(r, out));
    for (;;) {
        bool floored = accept(r, "//"), divided = !floored && accept(r, "/"),
             rest = !floored && !divided && accept(r, "%");
        if (!floored && !divided && !rest && !accept(r, "*")) return HD_OK;
        HD_TRY(read_power(r, &right));
        if ((floored || divided || rest) && right == 0) return fail(r, "no division by zero");
        *out = rest      ? *out - floor(*out / right) * right
               : floored ? floor(*out / right)
               : divided ? *out / right
                         : *out * right;
    }
}

static hd_status read_sum(reader *r, double *out) {
    double right;
    HD_TRY(enter(r));
    HD_TRY(read_product(r, out));
    for (;;) {
        bool minus = accept(r, "-");
        if (!minus && !accept(r, "+")) break;
        HD_TRY(read_product(r, &right));
        *out = minus ? *out - right : *out + right;
    }
    r->depth--;
    return HD_OK;
}

hd_status hd_tl_evaluate(const hd_node *node, const char *what, const tl_scope *scope, double *out,
                         hd_error *err) {
    int steps = 0;
    const reader outer = {.node = node, .what = what, .scope = scope, .steps = &steps, .err = err};
    HD_TRY(evaluate(&outer, node, out));
    return isfinite(*out) ? HD_OK : fail(&outer, "a finite number");
}
