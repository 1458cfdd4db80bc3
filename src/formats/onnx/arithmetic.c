/* Folded arithmetic: the numbers that shape computations add, divide, compare and reduce.
 * One row per operator, with an integer and a real form.                                  */
#include "formats/onnx/ops.h"

#include <math.h>
#include <string.h>

#include "base/count.h"

/* An integer result, false where there is none (division by zero, overflow). */
typedef bool whole_form(int64_t a, int64_t b, int64_t *out);
typedef double real_form(double a, double b);

static bool add_whole(int64_t a, int64_t b, int64_t *out) { return hd_count_add(a, b, out); }
static bool sub_whole(int64_t a, int64_t b, int64_t *out) { return !__builtin_sub_overflow(a, b, out); }
static bool mul_whole(int64_t a, int64_t b, int64_t *out) { return hd_count_mul(a, b, out); }
static bool safe_divisor(int64_t a, int64_t b) { return b != 0 && !(a == INT64_MIN && b == -1); }
static bool div_whole(int64_t a, int64_t b, int64_t *out) { return safe_divisor(a, b) && ((*out = a / b), true); }
static bool min_whole(int64_t a, int64_t b, int64_t *out) { *out = a < b ? a : b; return true; }
static bool max_whole(int64_t a, int64_t b, int64_t *out) { *out = a > b ? a : b; return true; }
static bool equal_whole(int64_t a, int64_t b, int64_t *out) { *out = a == b; return true; }
static bool less_whole(int64_t a, int64_t b, int64_t *out) { *out = a < b; return true; }
static bool greater_whole(int64_t a, int64_t b, int64_t *out) { *out = a > b; return true; }
static bool less_equal_whole(int64_t a, int64_t b, int64_t *out) { *out = a <= b; return true; }
static bool greater_equal_whole(int64_t a, int64_t b, int64_t *out) { *out = a >= b; return true; }
static bool and_whole(int64_t a, int64_t b, int64_t *out) { *out = a && b; return true; }
static bool or_whole(int64_t a, int64_t b, int64_t *out) { *out = a || b; return true; }
static bool mod_whole(int64_t a, int64_t b, int64_t *out)
{
    if (!safe_divisor(a, b)) return false;
    *out = a % b;
    if (*out != 0 && (*out < 0) != (b < 0)) *out += b;
    return true;
}
static bool pow_whole(int64_t a, int64_t b, int64_t *out)
{
    *out = 1;
    if (b < 0 || b > 64) return false;
    for (; b > 0; b--)
        if (!hd_count_mul(*out, a, out)) return false;
    return true;
}
static double add_real(double a, double b) { return a + b; }
static double sub_real(double a, double b) { return a - b; }
static double mul_real(double a, double b) { return a * b; }
static double div_real(double a, double b) { return a / b; }
static double min_real(double a, double b) { return a < b ? a : b; }
static double max_real(double a, double b) { return a > b ? a : b; }
static double floor_real(double a, double b) { (void)b; return floor(a); }
static double ceil_real(double a, double b) { (void)b; return ceil(a); }
static double round_real(double a, double b) { (void)b; return nearbyint(a); }
static double sqrt_real(double a, double b) { (void)b; return sqrt(a); }
static double neg_real(double a, double b) { (void)b; return -a; }
static bool neg_whole(int64_t a, int64_t b, int64_t *out) { return b == 0 && !__builtin_sub_overflow(0, a, out); }
static bool abs_whole(int64_t a, int64_t b, int64_t *out) { return a < 0 ? neg_whole(a, b, out) : ((*out = a),
                                                                                                   true); }
static bool not_whole(int64_t a, int64_t b, int64_t *out) { (void)b; *out = !a; return true; }

static const struct form { const char *name; whole_form *whole; real_form *real; } forms[] = {
    {"Add", add_whole, add_real},       {"Sub", sub_whole, sub_real},     {"Mul", mul_whole, mul_real},
    {"Div", div_whole, div_real},       {"Mod", mod_whole, NULL},         {"Pow", pow_whole, pow},
    {"Min", min_whole, min_real},       {"Max", max_whole, max_real},     {"Equal", equal_whole, NULL},
    {"Less", less_whole, NULL},         {"Greater", greater_whole, NULL}, {"LessOrEqual", less_equal_whole, NULL},
    {"GreaterOrEqual", greater_equal_whole, NULL},
    {"And", and_whole, NULL},           {"Or", or_whole, NULL},           {"Neg", neg_whole, neg_real},
    {"Abs", abs_whole, NULL},           {"Not", not_whole, NULL},         {"Floor", NULL, floor_real},
    {"Ceil", NULL, ceil_real},          {"Round", NULL, round_real},      {"Sqrt", NULL, sqrt_real},
    {"ReduceProd", mul_whole, mul_real}, {"ReduceSum", add_whole, add_real},
    {"ReduceMax", max_whole, max_real}, {"ReduceMin", min_whole, min_real},
};

static const struct form *find_form(const char *name)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, name) == 0) return &forms[i];
    return NULL;
}

static bool apply(const struct form *form, bool real, hd_onnx_number a, hd_onnx_number b, hd_onnx_number *out)
{
    if (!real) return form->whole && form->whole(a.i, b.i, &out->i);
    if (form->real) out->f = form->real(a.f, b.f);
    return form->real != NULL;
}

static int64_t position(const hd_onnx_value *v, const hd_onnx_value *out, int64_t at)
{
    int64_t index = 0, stride = 1;
    for (int k = out->rank - 1, j = v->rank - 1; k >= 0; k--, j--) {
        int64_t here = at % out->dim[k];
        at /= out->dim[k];
        if (j < 0) continue;
        if (v->dim[j] != 1) index += here * stride;
        stride *= v->dim[j];
    }
    return index;
}

hd_status hd_onnx_fold_binary(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const hd_onnx_value *a = hd_onnx_in(n, 0), *b = hd_onnx_in(n, 1);
    hd_onnx_value *out = n->out[0];
    const struct form *form = find_form(n->op);
    if (n->inputs != 2 || !a || !b || !a->data || !b->data || a->real != b->real || !form) return HD_OK;
    HD_TRY(hd_onnx_data(g, out, a->real, err));
    for (int64_t i = 0; out->data && i < hd_onnx_words(out); i++)
        if (!apply(form, a->real, a->data[position(a, out, i)], b->data[position(b, out, i)], &out->data[i]))
            out->data = NULL;
    return HD_OK;
}

hd_status hd_onnx_fold_unary(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const hd_onnx_value *a = hd_onnx_in(n, 0);
    hd_onnx_value *out = n->out[0];
    const struct form *form = find_form(n->op);
    if (!a || !a->data || !form) return HD_OK;
    HD_TRY(hd_onnx_data(g, out, a->real, err));
    for (int64_t i = 0; out->data && i < hd_onnx_words(out); i++)
        if (!apply(form, a->real, a->data[i], (hd_onnx_number){.i = 0}, &out->data[i])) out->data = NULL;
    return HD_OK;
}

/* All elements into one: shape computations reduce lists. */
hd_status hd_onnx_fold_reduce(hd_onnx_graph *g, hd_onnx_node *n, hd_error *err)
{
    const hd_onnx_value *x = hd_onnx_in(n, 0);
    hd_onnx_value *out = n->out[0];
    const struct form *form = find_form(n->op);
    if (!x || !x->data || !form || hd_onnx_words(out) != 1 || hd_onnx_words(x) < 1) return HD_OK;
    HD_TRY(hd_onnx_data(g, out, x->real, err));
    if (out->data) out->data[0] = x->data[0];
    for (int64_t i = 1; out->data && i < hd_onnx_words(x); i++)
        if (!apply(form, x->real, out->data[0], x->data[i], &out->data[0])) out->data = NULL;
    return HD_OK;
}
