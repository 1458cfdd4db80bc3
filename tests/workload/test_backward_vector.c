/* Are the gradients of vector work right?
 *
 * Where the work is linear in an operand x, y = A x, the gradient is the adjoint: <A x, y> = <x, A' y> for all x and y.  Both
 * nests are run for real on random whole numbers.  Elsewhere: what is read, and how many operations.  */
#include "workload/backward_operator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "nest.h"
#include "workload/kinds.h"

static int64_t row_major(void *user, const hd_operator *op, hd_role role, const int64_t *at) {
    int64_t index = 0;
    (void)user;
    for (int r = 0; r < op->tensor[role].ranks; r++) index = index * op->tensor[role].rank[r].extent + at[r];
    return index;
}

static double *words_of(const hd_operator *op, hd_role role, hd_random *random) {
    int64_t words = hd_tensor_words(op, role);
    double *value = calloc((size_t)words + 1, sizeof *value);
    assert_non_null(value);
    for (int64_t i = 0; random && i < words; i++) value[i] = (double)(hd_random_below(random, 15) - 7);
    return value;
}

static double dot(const double *a, const double *b, int64_t words) {
    double sum = 0;
    for (int64_t i = 0; i < words; i++) sum += a[i] * b[i];
    return sum;
}

/* <A x, y> = <x, A' y>, where A is the layer as a function of the operand `wrt`, its other operand fixed. */
static void assert_adjoint(const hd_layer *layer, const hd_gradient *g, hd_role wrt, hd_random *random) {
    const hd_operator *op = &layer->op;
    double *forward[HD_ROLES] = {NULL}, *back[HD_ROLES] = {NULL}, *y = words_of(op, HD_O, random);
    for (int r = 0; r < HD_ROLES; r++)
        if (op->tensor[r].used) forward[r] = words_of(op, (hd_role)r, r == HD_O ? NULL : random);
    bool sum = g->reads[HD_I2] == HD_READS_NOTHING;
    hd_role other = wrt == HD_I ? HD_I2 : HD_I;
    for (int64_t i = 0; sum && op->tensor[other].used && i < hd_tensor_words(op, other); i++) forward[other][i] = 1;
    nest_run(op, forward, row_major, NULL);
    for (int r = 0; r < HD_ROLES; r++)
        if (g->reads[r] == HD_READS_GRADIENT) back[r] = y;
        else if (g->reads[r] != HD_READS_NOTHING) back[r] = forward[g->reads[r]];
    back[HD_O] = words_of(&g->op, HD_O, NULL);
    nest_run(&g->op, back, row_major, NULL);
    assert_true(hd_tensor_words(&g->op, HD_O) == hd_tensor_words(op, wrt));
    assert_true(dot(forward[HD_O], y, hd_tensor_words(op, HD_O)) == dot(forward[wrt], back[HD_O], hd_tensor_words(op, wrt)));
    free(back[HD_O]);
    free(y);
    for (int r = 0; r < HD_ROLES; r++) free(forward[r]);
}

static hd_layer layer_of(const char *name, const char *line) {
    hd_error err;
    hd_layer layer = {.name = "x", .op_name = name, .fused_into = -1, .repeats = 1, .inputs = 1};
    if (hd_kind_parse(line, &layer.op, &err) != HD_OK) fail_msg("%s", err.message);
    return layer;
}

static void linear_work_has_adjoints(void **state) {
    (void)state;
    static const struct { const char *name, *line; hd_role wrt; hd_kind kind; } cases[] = {
        {"AveragePool", "pool(N=2,K=3,PQ=5,RS=3,pad=1)", HD_I, HD_POOL},
        {"AveragePool", "pool(K=2,PQ=4,RS=3,stride=2,pad=1,H=8,W=7)", HD_I, HD_POOL},
        {"AveragePool", "pool(K=2,PQ=3,RS=2,stride=2)", HD_I, HD_POOL},
        {"GlobalAveragePool", "pool(N=2,K=3,RS=7,stride=7)", HD_I, HD_POOL},
        {"pool", "pool(K=2,PQ=3,RS=3,stride=2,dilation=2)", HD_I, HD_POOL},
        {"Mul", "eltwise(A=6,inputs=2)", HD_I, HD_ELTWISE},
        {"Mul", "eltwise(A=6,inputs=2)", HD_I2, HD_ELTWISE},
        {"Neg", "eltwise(A=6)", HD_I, HD_ELTWISE},
        {"ReduceMean", "reduce_sum(E=3,N=5)", HD_I, HD_ELTWISE},
        {"ReduceSum", "reduce_sum(E=3,N=2,K=4)", HD_I, HD_ELTWISE},
    };
    hd_random random;
    hd_random_seed(&random, 7, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hd_error err;
        hd_gradient g;
        hd_layer layer = layer_of(cases[i].name, cases[i].line);
        if (hd_backward_vector(&layer, cases[i].wrt, false, &g, &err) != HD_OK) fail_msg("%s: %s", cases[i].line, err.message);
        assert_int_equal(g.form, HD_GRADIENT_WORKS);
        assert_int_equal(g.op.kind, cases[i].kind);
        for (int k = 0; k < 20; k++) assert_adjoint(&layer, &g, cases[i].wrt, &random);
    }
}

/* What was broadcast is summed; a sum of a summand that was not is the gradient itself. */
static void broadcasts_are_summed(void **state) {
    (void)state;
    const int64_t extent[] = {2, 3, 4, 5};
    hd_random random;
    hd_random_seed(&random, 8, 0);
    for (unsigned lacking = 0; lacking < 16; lacking++)
        for (int sum = 0; sum < 2; sum++) {
            hd_error err;
            hd_gradient g;
            hd_layer layer = {.name = "x", .op_name = sum ? "Add" : "Mul", .inputs = 2};
            assert_int_equal(hd_kind_eltwise(4, extent, true, lacking, 1, &layer.op, &err), HD_OK);
            assert_int_equal(hd_backward_vector(&layer, HD_I2, false, &g, &err), HD_OK);
            assert_int_equal(g.form, sum && lacking == 0 ? HD_GRADIENT_PASSES : HD_GRADIENT_WORKS);
            if (g.form == HD_GRADIENT_PASSES) continue;
            assert_int_equal(g.op.kind, lacking ? HD_REDUCE_SUM : HD_ELTWISE);
            assert_int_equal(g.op.ops_per_point, (lacking != 0) + !sum);
            assert_adjoint(&layer, &g, HD_I2, &random);
            assert_int_equal(hd_backward_vector(&layer, HD_I, false, &g, &err), HD_OK);
            if (!sum) assert_adjoint(&layer, &g, HD_I, &random);
        }
}

/* A product of operands that stand in one stack: of two, the other one times the gradient. */
static void factors_of_a_stack(void **state) {
    (void)state;
    hd_error err;
    hd_gradient g;
    hd_layer layer = layer_of("reduce_prod", "reduce_prod(E=2,N=3,K=4)");
    layer.inputs = 2;
    assert_int_equal(hd_backward_vector(&layer, HD_I, true, &g, &err), HD_OK);
    assert_true(hd_tensor_words(&g.op, HD_I) == 12 && hd_tensor_words(&g.op, HD_I2) == 12 && hd_tensor_words(&g.op, HD_O) == 12);
    assert_true(g.reads[HD_I] == HD_I && g.reads[HD_I2] == HD_READS_GRADIENT && hd_operator_ops(&g.op) == 12);
    layer.op_name = "reduce_sum";
    assert_int_equal(hd_backward_vector(&layer, HD_I, true, &g, &err), HD_OK);
    assert_int_equal(g.form, HD_GRADIENT_PASSES);
}

static void functions_read_what_their_derivative_needs(void **state) {
    (void)state;
    static const struct { const char *name, *line; int saved; int64_t ops; } cases[] = {
        {"Relu", "eltwise(A=10)", HD_O, 10},      {"Sigmoid", "eltwise(A=10)", HD_O, 30},
        {"Gelu", "eltwise(A=10)", HD_I, 140},     {"NoSuchFunction", "eltwise(A=10,ops=3)", HD_I, 40},
        {"Softmax", "softmax(N=3,M=5)", HD_O, 60}, {"LayerNormalization", "norm(N=3,M=5)", HD_I, 165},
        {"MaxPool", "pool(K=2,PQ=3,RS=3,stride=2)", HD_I, 324},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hd_error err;
        hd_gradient g;
        hd_layer layer = layer_of(cases[i].name, cases[i].line);
        assert_int_equal(hd_backward_vector(&layer, HD_I, false, &g, &err), HD_OK);
        assert_int_equal(g.reads[HD_I2], cases[i].saved);
        assert_true(hd_tensor_words(&g.op, HD_I2) == hd_tensor_words(&layer.op, (hd_role)cases[i].saved));
        assert_true(hd_operator_ops(&g.op) == cases[i].ops);
        assert_int_equal(g.op.row_dims, layer.op.row_dims);
        assert_int_equal(g.op.kind, layer.op.kind);
    }
    hd_error err;
    hd_gradient g;
    hd_layer step = layer_of("Greater", "eltwise(A=10,inputs=2)");
    assert_int_equal(hd_backward_vector(&step, HD_I, false, &g, &err), HD_OK);
    assert_int_equal(g.form, HD_GRADIENT_STOPS);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(linear_work_has_adjoints), cmocka_unit_test(broadcasts_are_summed),
                                       cmocka_unit_test(factors_of_a_stack),
                                       cmocka_unit_test(functions_read_what_their_derivative_needs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
