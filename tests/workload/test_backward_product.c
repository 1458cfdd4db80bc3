/* Are the gradients of products right, word for word?
 *
 * A convolution, its transpose and a matrix product are one trilinear form: a sum over points of three words.  The gradient
 * of one tensor is the form without it.  Here the form is written down once more, from the numbers of the layer and not
 * from ranks; the derived nests are run for real, on hundreds of random layers, and must give the same words.  */
#include "workload/backward_operator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "nest.h"
#include "workload/kinds.h"

enum { AXES = 3 };

/* S[n, g, a, h] slides, F[n, g, b, p] lies flat, K[g, a, b, r]; h = p*stride + r*dilation - pad. */
typedef struct form {
    hd_conv_shape shape;
    bool transposed, apart[AXES]; /* windows apart: the operator has one rank for p and one for r */
    int64_t a, b, h[AXES];
} form;

enum { S, F, K, TENSORS };

static int64_t volume(const form *f, int tensor) {
    int64_t words = tensor == K ? f->shape.groups * f->a * f->b
                                : f->shape.n * f->shape.groups * (tensor == S ? f->a : f->b);
    for (int x = 0; x < f->shape.axes; x++)
        words *= tensor == K ? f->shape.kernel[x] : tensor == S ? f->h[x] : f->shape.out[x];
    return words;
}

/* Row-major; `at` = n g a b, then one coordinate per axis. */
static int64_t index_of(const form *f, int tensor, const int64_t at[4], const int64_t *space) {
    const hd_conv_shape *s = &f->shape;
    int64_t i = tensor == K ? (at[1] * f->a + at[2]) * f->b + at[3]
                            : (at[0] * s->groups + at[1]) * (tensor == S ? f->a : f->b) + at[tensor == S ? 2 : 3];
    for (int x = 0; x < s->axes; x++)
        i = i * (tensor == K ? s->kernel[x] : tensor == S ? f->h[x] : s->out[x]) + space[x];
    return i;
}

/* One point of the form: the words of the two other tensors into `target`. */
static void form_point(const form *f, const int64_t *point, double *const value[TENSORS], int target) {
    const hd_conv_shape *s = &f->shape;
    int64_t h[AXES] = {0}, at[TENSORS];
    for (int x = 0; x < s->axes; x++) {
        h[x] = point[4 + x] * s->stride[x] + point[7 + x] * s->dilation[x] - s->pad_low[x];
        if (h[x] < 0 || h[x] >= f->h[x]) return;
    }
    at[S] = index_of(f, S, point, h);
    at[F] = index_of(f, F, point, point + 4);
    at[K] = index_of(f, K, point, point + 7);
    double product = 1;
    for (int t = 0; t < TENSORS; t++)
        if (t != target) product *= value[t][at[t]];
    value[target][at[target]] += product;
}

static void form_run(const form *f, double *const value[TENSORS], int target) {
    const hd_conv_shape *s = &f->shape;
    int64_t extent[10] = {s->n, s->groups, f->a, f->b, 1, 1, 1, 1, 1, 1}, point[10] = {0};
    for (int x = 0; x < s->axes; x++) {
        extent[4 + x] = s->out[x];
        extent[7 + x] = s->kernel[x];
    }
    for (;;) {
        form_point(f, point, value, target);
        int d = 9;
        while (d >= 0 && ++point[d] == extent[d]) point[d--] = 0;
        if (d < 0) return;
    }
}

/* ---- where a derived nest finds the words ---- */

/* The letter of the derived nest for n, g, a, b, and those of p and r per axis. */
typedef struct letters {
    const form *form;
    const char *names, *plain, *kernel;
    bool turned;      /* the kernel is turned round */
    int tensor[HD_ROLES];
} letters;

static int64_t place(void *user, const hd_operator *op, hd_role role, const int64_t *at) {
    const letters *l = user;
    const form *f = l->form;
    int64_t by_letter[128], order[4] = {0}, space[AXES] = {0};
    for (int i = 0; i < 128; i++) by_letter[i] = -1;
    for (int r = 0; r < op->tensor[role].ranks; r++)
        by_letter[(int)op->dim[op->tensor[role].rank[r].term[0].dim].name[0]] = at[r];
    for (int i = 0; i < 4; i++)
        if (by_letter[(int)l->names[i]] > 0) order[i] = by_letter[(int)l->names[i]];
    for (int x = 0; x < f->shape.axes; x++) {
        int64_t p = by_letter[(int)l->plain[x]], r = by_letter[(int)l->kernel[x]];
        if (l->tensor[role] == F) space[x] = p;
        else if (l->tensor[role] == K) space[x] = l->turned ? f->shape.kernel[x] - 1 - r : r;
        else if (!f->apart[x]) space[x] = p >= 0 ? p : r;
        else space[x] = (p >= 0 ? p : 0) * f->shape.stride[x] + (r >= 0 ? r : 0) * f->shape.dilation[x];
    }
    return index_of(f, l->tensor[role], order, space);
}

static double *random_words(int64_t words, hd_random *random) {
    double *value = calloc((size_t)words, sizeof *value);
    assert_non_null(value);
    for (int64_t i = 0; random && i < words; i++) value[i] = (double)(hd_random_below(random, 15) - 7); /* sums are exact */
    return value;
}

static void look_apart(form *f, const hd_operator *op) {
    const hd_tensor *t = &op->tensor[f->transposed ? HD_O : HD_I];
    for (int x = 0; x < f->shape.axes; x++)
        for (int r = 0; r < t->ranks; r++)
            if (op->dim[t->rank[r].term[0].dim].name[0] == "PQT"[x]) f->apart[x] = t->rank[r].terms == 1;
}

static void compare(const form *f, const hd_operator *forward, hd_role wrt, hd_random *random) {
    hd_gradient g;
    hd_error err;
    if (hd_backward_product(forward, wrt, &g, &err) != HD_OK) fail_msg("%s", err.message);
    int target = wrt == HD_W ? K : f->transposed ? F : S, out = f->transposed ? S : F, in = f->transposed ? F : S;
    letters l = {.form = f, .names = wrt == HD_W ? "CGNK" : f->transposed ? "NGCK" : "NGKC",
                 .plain = wrt == HD_W ? "RSU" : "PQT", .kernel = wrt == HD_W ? "PQT" : "RSU",
                 .turned = wrt == HD_I && !f->transposed && g.op.kind == HD_CONV};
    for (int role = 0; role < HD_ROLES; role++) {
        int from = role == HD_O ? (int)wrt : g.reads[role];
        l.tensor[role] = from == HD_READS_GRADIENT ? out : from == HD_W ? K : in;
    }
    double *value[TENSORS], *expected, *operand[HD_ROLES] = {NULL};
    for (int t = 0; t < TENSORS; t++) value[t] = random_words(volume(f, t), t == target ? NULL : random);
    form_run(f, value, target);
    expected = value[target];
    value[target] = random_words(volume(f, target), NULL);
    for (int role = 0; role < HD_ROLES; role++)
        if (g.op.tensor[role].used) operand[role] = value[l.tensor[role]];
    nest_run(&g.op, operand, place, &l);
    for (int64_t i = 0; i < volume(f, target); i++)
        if (value[target][i] != expected[i])
            fail_msg("word %lld of the gradient: %g, expected %g", (long long)i, value[target][i], expected[i]);
    assert_true(hd_operator_macs(&g.op) == hd_operator_macs(forward));
    free(expected);
    for (int t = 0; t < TENSORS; t++) free(value[t]);
}

static void draw(hd_random *random, form *f) {
    hd_conv_shape *s = &f->shape;
    bool depthwise = hd_random_below(random, 4) == 0, same = hd_random_below(random, 3) == 0;
    *f = (form){.transposed = hd_random_below(random, 4) == 0};
    *s = (hd_conv_shape){.axes = (int)hd_random_below(random, 8) % 3 + 1, .n = 1 + hd_random_below(random, 3)};
    s->groups = depthwise ? 1 + hd_random_below(random, 4) : 1 + hd_random_below(random, 2);
    s->k = depthwise ? 1 : 1 + hd_random_below(random, 3);
    s->c = depthwise ? 1 : 1 + hd_random_below(random, 3);
    f->a = f->transposed ? s->k : s->c;
    f->b = f->transposed ? s->c : s->k;
    for (int x = 0; x < s->axes; x++) {
        s->out[x] = 1 + hd_random_below(random, 5);
        s->kernel[x] = 1 + hd_random_below(random, 3);
        s->stride[x] = same ? 1 : 1 + hd_random_below(random, 4);
        s->dilation[x] = 1 + hd_random_below(random, 2);
        int64_t reach = (s->kernel[x] - 1) * s->dilation[x], span = (s->out[x] - 1) * s->stride[x] + reach + 1;
        s->pad_low[x] = hd_random_below(random, 2) ? hd_random_below(random, reach + 1) : 0;
        s->in[x] = same ? s->out[x] : span - s->pad_low[x] + hd_random_below(random, 3) - hd_random_below(random, reach + 1);
        if (s->in[x] < 1) s->in[x] = 1;
        f->h[x] = s->in[x];
    }
}

static void convolutions(void **state) {
    (void)state;
    int turned = 0, apart = 0, transposed = 0, depthwise = 0;
    hd_random random;
    hd_random_seed(&random, 5, 0);
    for (int i = 0; i < 800; i++) {
        form f;
        hd_operator op;
        hd_error err;
        hd_gradient g;
        draw(&random, &f);
        hd_status status = f.transposed ? hd_kind_conv_transpose(&f.shape, &op, &err) : hd_kind_conv(&f.shape, &op, &err);
        if (status != HD_OK) fail_msg("%s", err.message);
        look_apart(&f, &op);
        compare(&f, &op, HD_I, &random);
        compare(&f, &op, HD_W, &random);
        assert_int_equal(hd_backward_product(&op, HD_I, &g, &err), HD_OK);
        turned += !f.transposed && g.op.kind == HD_CONV;
        transposed += f.transposed;
        depthwise += f.a == 1 && f.b == 1 && f.shape.groups > 1;
        apart += op.tensor[f.transposed ? HD_O : HD_I].ranks > 3 + f.shape.axes;
    }
    print_message("kernels turned round %d, windows apart %d, transposed %d, depthwise %d\n", turned, apart, transposed,
                  depthwise);
    assert_true(turned > 80 && apart > 80 && transposed > 80 && depthwise > 80);
}

/* ---- matrix products ---- */

typedef struct product { int64_t b, m, n, k; bool batched; } product;

/* Position in the forward layer's own tensor, [B,M,K] [B,K,N] [B,M,N], of a word of a derived one. */
typedef struct where { const product *p; hd_role wrt; int from[HD_ROLES]; } where;

static int64_t place_product(void *user, const hd_operator *op, hd_role role, const int64_t *at) {
    const where *w = user;
    const product *p = w->p;
    int64_t v[128] = {0};
    for (int r = 0; r < op->tensor[role].ranks; r++) v[(int)op->dim[op->tensor[role].rank[r].term[0].dim].name[0]] = at[r];
    int64_t b = v['B'], m = v['M'], n = v['K'], k = v['N']; /* of the gradient of I */
    if (w->wrt == HD_W) {
        m = p->batched ? v['K'] : v['K'] % p->m;
        b = p->batched ? v['B'] : v['K'] / p->m;
        n = v['N'];
        k = v['M'];
    }
    if (w->from[role] == HD_I) return (b * p->m + m) * p->k + k;
    if (w->from[role] == HD_W) return ((p->batched ? b : 0) * p->k + k) * p->n + n;
    return (b * p->m + m) * p->n + n;
}

static void product_run(const product *p, double *const value[HD_ROLES], hd_role target) {
    for (int64_t b = 0; b < p->b; b++)
        for (int64_t m = 0; m < p->m; m++)
            for (int64_t n = 0; n < p->n; n++)
                for (int64_t k = 0; k < p->k; k++) {
                    double *i = &value[HD_I][(b * p->m + m) * p->k + k], *o = &value[HD_O][(b * p->m + m) * p->n + n];
                    double *w = &value[HD_W][((p->batched ? b : 0) * p->k + k) * p->n + n];
                    if (target == HD_I) *i += *o * *w;
                    else *w += *i * *o;
                }
}

static void compare_product(const product *p, hd_role wrt, hd_random *random) {
    hd_operator op;
    hd_gradient g;
    hd_error err;
    assert_int_equal(hd_kind_matmul(p->b, p->m, p->n, p->k, p->batched, &op, &err), HD_OK);
    if (hd_backward_product(&op, wrt, &g, &err) != HD_OK) fail_msg("%s", err.message);
    double *value[HD_ROLES] = {NULL}, *operand[HD_ROLES] = {NULL}, *expected;
    for (int r = HD_W; r <= HD_O; r++) value[r] = random_words(hd_tensor_words(&op, (hd_role)r), r == (int)wrt ? NULL : random);
    product_run(p, value, wrt);
    expected = value[wrt];
    value[wrt] = random_words(hd_tensor_words(&op, wrt), NULL);
    where w = {.p = p, .wrt = wrt};
    for (int r = HD_W; r <= HD_O; r++) {
        int from = r == HD_O ? (int)wrt : g.reads[r];
        w.from[r] = from == HD_READS_GRADIENT ? HD_O : from;
        operand[r] = value[w.from[r]];
    }
    nest_run(&g.op, operand, place_product, &w);
    assert_memory_equal(value[wrt], expected, (size_t)hd_tensor_words(&op, wrt) * sizeof *expected);
    assert_true(hd_operator_macs(&g.op) == hd_operator_macs(&op));
    free(expected);
    for (int r = HD_W; r <= HD_O; r++) free(value[r]);
}

static void products(void **state) {
    (void)state;
    hd_random random;
    hd_random_seed(&random, 6, 0);
    for (int i = 0; i < 300; i++) {
        product p = {1 + hd_random_below(&random, 3), 1 + hd_random_below(&random, 5), 1 + hd_random_below(&random, 5),
                     1 + hd_random_below(&random, 5), hd_random_below(&random, 2) == 0};
        compare_product(&p, HD_I, &random);
        compare_product(&p, HD_W, &random);
    }
}

/* ---- goldens: what the derived operators are ---- */

static void expect(const char *forward, hd_role wrt, const char *expected) {
    hd_operator op, wanted;
    hd_gradient g;
    hd_error err;
    assert_int_equal(hd_kind_parse(forward, &op, &err), HD_OK);
    if (hd_backward_product(&op, wrt, &g, &err) != HD_OK) fail_msg("%s", err.message);
    if (hd_kind_parse(expected, &wanted, &err) != HD_OK) fail_msg("%s: %s", expected, err.message);
    if (!hd_operator_equal(&g.op, &wanted)) fail_msg("gradient %d of %s is not %s", (int)wrt, forward, expected);
}

static void goldens(void **state) {
    (void)state;
    /* size kept: the kernel turned round */
    expect("conv(N=2,K=64,C=16,PQ=14,RS=3,pad=1)", HD_I, "conv(N=2,K=16,C=64,PQ=14,RS=3,pad=1)");
    expect("conv(N=2,K=64,C=16,PQ=14,RS=3,pad=1)", HD_W, "conv(N=16,K=64,C=2,PQ=3,RS=14,pad=1)");
    expect("conv(N=4,K=64,C=16,PQ=14)", HD_I, "conv(N=4,K=16,C=64,PQ=14)");
    expect("depthwise(N=2,G=32,PQ=14,RS=3,pad=1)", HD_I, "depthwise(N=2,G=32,PQ=14,RS=3,pad=1)");
    expect("depthwise(N=2,G=32,PQ=14,RS=3,pad=1)", HD_W, "conv(G=32,C=2,PQ=3,RS=14,pad=1)");
    /* the stride of the layer dilates the gradient, which is the kernel now */
    expect("conv(N=2,K=8,C=3,PQ=7,RS=3,stride=2,pad=1,H=14,W=14)", HD_W,
           "conv(N=3,K=8,C=2,PQ=3,RS=7,dilation=2,pad=1,H=14,W=14)");
    expect("conv_transpose(N=2,K=8,C=3,PQ=7,RS=4,stride=2,pad=1)", HD_I, "conv(N=2,K=3,C=8,PQ=7,RS=4,stride=2,pad=1)");
    expect("matmul(M=5,N=7,K=3)", HD_I, "matmul(M=5,N=3,K=7)");
    expect("matmul(M=5,N=7,K=3)", HD_W, "matmul(M=3,N=7,K=5)");
    expect("matmul(B=4,M=5,N=7,K=3)", HD_W, "matmul(B=4,M=3,N=7,K=5)");
}

/* Bits go with the words, not with the role. */
static void bits_stay_with_the_tensor(void **state) {
    (void)state;
    hd_operator op;
    hd_gradient g;
    hd_error err;
    assert_int_equal(hd_kind_parse("conv(K=4,C=4,PQ=4,RS=3,stride=2)", &op, &err), HD_OK);
    op.tensor[HD_W].bits = 4;
    op.tensor[HD_I].bits = 8;
    op.tensor[HD_O].bits = 12;
    assert_int_equal(hd_backward_product(&op, HD_I, &g, &err), HD_OK);
    assert_true(g.op.tensor[HD_O].bits == 8 && g.op.tensor[HD_I].bits == 12 && g.op.tensor[HD_W].bits == 4);
    assert_int_equal(hd_backward_product(&op, HD_W, &g, &err), HD_OK);
    assert_true(g.op.tensor[HD_O].bits == 4 && g.op.tensor[HD_I].bits == 8 && g.op.tensor[HD_W].bits == 12);
    op.dim[0].name[0] = 'Z';
    assert_int_equal(hd_backward_product(&op, HD_W, &g, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "'Z'"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(convolutions), cmocka_unit_test(products), cmocka_unit_test(goldens),
                                       cmocka_unit_test(bits_stay_with_the_tensor)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
