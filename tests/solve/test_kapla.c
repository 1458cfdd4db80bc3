/* Does the card `kapla` run on KAPLA's chips under any model, and say why where it does not? */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kapla_layers.h"

#include "formats/heddle/arch_yaml.h"
#include "solve/solver.h"
#include "workload/kinds.h"

typedef struct fixture { hd_arch arch; hd_operator op; hd_problem problem; hd_space space; hd_incumbent found; } fixture;

static void solve_as(fixture *f, const char *chip, const char *op, hd_makes makes, const hd_model *model, const double *settings)
{
    hd_error err = {0};
    hd_budget budget = {0};
    hd_random random;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_random_seed(&random, 1, 0);
    assert_int_equal(hd_arch_read_file(chip, &f->arch, &err), HD_OK);
    assert_int_equal(hd_kind_parse(op, &f->op, &err), HD_OK);
    f->problem = (hd_problem){.op = &f->op, .arch = &f->arch, .model = model, .settings = settings, .makes = makes};
    hd_space_init_for(&f->space, &f->problem, model, HD_SPACE_FREE, true, false);
    hd_incumbent_init(&f->found, model, &f->problem, HD_ENERGY);
    hd_budget_start(&budget);
    assert_int_equal(hd_solver_kapla.run(&hd_solver_kapla, &f->space, NULL, &budget, &random, arena, &f->found, &err), HD_OK);
    hd_arena_free(arena);
}

static void solve(fixture *f, const char *chip, const char *op, const hd_model *model, const double *settings)
{
    solve_as(f, chip, op, HD_MAKES_OUTPUT, model, settings);
}

static void check_answer(const fixture *f)
{
    assert_true(f->found.found);
    assert_true(f->found.evaluations > 0 && f->found.evaluations <= 2 * 36 + 1); /* compat may offer all again */
    assert_true(hd_scheme_is_legal(&f->problem, &f->found.scheme, NULL));
    assert_true(f->found.lower_bound <= f->found.cost);
}

static void test_runs_under_models(void **state)
{
    static const char *const chips[] = {"zoo/arch/kapla-16x16.yaml", "zoo/arch/kapla-4x4.yaml", "zoo/arch/kapla-edge.yaml"};
    static const char *const ops[] = {"conv(N=64,K=192,C=256,P=13,Q=13,R=3,S=3)", "matmul(M=64,N=1500,K=784)",
                                      "depthwise(N=64,G=64,P=56,Q=56,R=3,S=3,stride=2)"};
    static const hd_model *const models[] = {&hd_model_native, &hd_model_kapla};
    fixture f;
    (void)state;
    for (int c = 0; c < 3; c++)
        for (int o = 0; o < 3; o++)
            for (int m = 0; m < 2; m++) {
                solve(&f, chips[c], ops[o], models[m], NULL);
                check_answer(&f);
            }
}

/* Local layers: on the array, or where the chip's vector units are, then with the blocks out there. */
static void test_local_layers_run_where_the_chip_says(void **state)
{
    static const char *const chips[] = {"zoo/arch/kapla-16x16.yaml", "zoo/arch/kapla-edge.yaml"};
    static const char *const ops[] = {"pool(N=64,K=48,P=27,Q=27,R=3,S=3,stride=2)", "eltwise(A=65536,inputs=2)"};
    fixture f;
    (void)state;
    for (int c = 0; c < 2; c++)
        for (int o = 0; o < 2; o++) {
            solve(&f, chips[c], ops[o], &hd_model_native, NULL);
            check_answer(&f);
            assert_true((f.found.scheme.level[2].keep == 0) == (c == 1));
            solve(&f, chips[c], ops[o], &hd_model_kapla, NULL);
            assert_true(f.found.found == (c == 0));
            if (!f.found.found) assert_string_not_equal(f.found.nearest.why, "");
        }
}

/* 5.9: fc2 in the research code's own counts, through our schemes. */
static void test_compat_repeats_the_research_code(void **state)
{
    static const double compat[] = {1, 1, 0, 1};
    fixture f;
    (void)state;
    solve(&f, "zoo/arch/kapla-16x16.yaml", "matmul(M=64,N=4096,K=4096)", &hd_model_kapla, compat);
    check_answer(&f);
    assert_true(f.found.cost > 1.11382025e10 && f.found.cost < 1.11382035e10);
    assert_int_equal(f.found.price.latency_cycles, 692061);
}

/* MLP-L's fc1 alone, recorded with its weights on chip: its choice takes what no loop moves into account (kapla_fill.c). */
static void test_padding_weighs_all_tensors(void **state)
{
    static const double compat[] = {1, 0, 1, 1};
    fixture f;
    (void)state;
    solve(&f, "zoo/arch/kapla-16x16.yaml", "matmul(M=64,N=1500,K=784)", &hd_model_kapla, compat);
    check_answer(&f);
    assert_true(fabs(f.found.cost - 3.017634473573698e8) < 1e-6 * 3e8);
    assert_int_equal(f.found.price.latency_cycles, 6144);
}

/* MLP-L's second last layer going back: the sums that come out of the network are recorded (test_kapla_search.c). */
static void test_gradients_have_forms_of_their_own(void **state)
{
    static const struct { const char *op; hd_makes makes; double pj; int64_t cycles; } want[] = {
        {"matmul(M=1000,N=500,K=64)", HD_MAKES_WEIGHT_GRADIENT, 3.511301e8, 25252},
        {"matmul(M=64,N=1000,K=500)", HD_MAKES_INPUT_GRADIENT, 3.557854e8, 24351},
        {"conv(N=64,K=1000,C=500,P=1,Q=1,R=1,S=1)", HD_MAKES_INPUT_GRADIENT, 3.557854e8, 24351},
    };
    static const double compat[] = {1, 0, 0, 1};
    static const hd_model *const models[] = {&hd_model_native, &hd_model_kapla};
    fixture f;
    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        solve_as(&f, "zoo/arch/kapla-16x16.yaml", want[i].op, want[i].makes, &hd_model_kapla, compat);
        check_answer(&f);
        assert_true(fabs(f.found.cost - want[i].pj) < 1e-7 * want[i].pj);
        assert_int_equal(f.found.price.latency_cycles, want[i].cycles);
        for (int m = 0; m < 2; m++) {
            solve_as(&f, "zoo/arch/kapla-16x16.yaml", want[i].op, want[i].makes, models[m], NULL);
            check_answer(&f);
        }
    }
}

/* Rows of dY side by side add to the same rows of dX: priced where the rows divide (docs/cost-model.md, "Sliding outputs"). */
static void test_gradients_of_windows_are_priced(void **state)
{
    static const char *const ops[] = {"conv_transpose(N=64,K=256,C=256,P=14,Q=14,R=3,S=3)",
                                      "conv_transpose(N=64,G=128,K=1,C=1,P=28,Q=28,R=3,S=3,stride=2)",
                                      "conv_transpose(N=64,K=256,C=256,P=13,Q=13,R=3,S=3)"};
    static const hd_model *const models[] = {&hd_model_native, &hd_model_kapla};
    fixture f;
    (void)state;
    for (int i = 0; i < 3; i++)
        for (int m = 0; m < 2; m++) {
            solve_as(&f, "zoo/arch/kapla-16x16.yaml", ops[i], HD_MAKES_INPUT_GRADIENT, models[m], NULL);
            assert_true(f.found.found == (i < 2)); /* 13 rows on 8 columns: 7 and 6 */
            if (f.found.found) check_answer(&f);
            else assert_non_null(strstr(f.found.nearest.why, "move as one"));
        }
}

/* Rows put on the other side of the array, where the template's own stack then counts them: 80 of 16 columns.  No legal
 * scheme has that. */
static bool exceeds_array(const hd_node *run)
{
    const hd_node *rows = hd_node_get(hd_node_get(hd_node_get(run, "kapla"), "sched_vars"), "regf_stack_repl");
    return kapla_get(rows->item[HD_X], "Yo", 1) * kapla_get(rows->item[HD_Y], "Yo", 1) > 1;
}

/* The recorded runs of the research code's solver, all the way through operators, chips and schemes of ours. */
static void test_compat_repeats_recorded_runs(void **state)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    const hd_node *runs = kapla_runs(arena);
    int equal = 0, exceeding = 0;
    (void)state;
    for (int i = 0; i < runs->items; i++) {
        const hd_node *run = runs->item[i], *muxed = hd_node_get(run, "force_time_mux");
        double compat[] = {1, 0, !(muxed && hd_node_is(muxed, "true")), 1};
        double want = kapla_double(hd_node_get(run, "total_cost")) * 1e12;
        hd_kapla_layer layer = kapla_layer(run);
        fixture f;
        char op[256];
        if (!kapla_is(run, "method", "solver") || kapla_is(run, "mapping", "systolic")) continue;
        kapla_write_operator(&layer, op, sizeof op);
        bool mesh = kapla_is(run, "hw", "multi_node");
        solve(&f, mesh ? "zoo/arch/kapla-16x16.yaml" : "zoo/arch/kapla-edge.yaml", op, &hd_model_kapla, compat);
        exceeding += exceeds_array(run);
        if (exceeds_array(run)) continue;
        if (fabs(f.found.cost - want) > 1e-6 * want) fail_msg("%s: %.9g, recorded %.9g", op, f.found.cost, want);
        equal++;
    }
    assert_int_equal(equal, 37);
    assert_int_equal(exceeding, 1);
    hd_arena_free(arena);
}

static void test_refuses_by_name(void **state)
{
    fixture f;
    (void)state;
    solve(&f, "zoo/arch/eyeriss.yaml", "conv(N=1,K=4,C=4,P=4,Q=4,R=3,S=3)", &hd_model_native, NULL);
    assert_false(f.found.found);
    assert_int_equal(f.found.outcome, HD_OUTCOME_INFEASIBLE);
    assert_string_not_equal(f.found.nearest.why, "");
    solve(&f, "zoo/arch/kapla-16x16.yaml", "softmax(N=4,M=8)", &hd_model_native, NULL);
    assert_false(f.found.found);
    assert_string_not_equal(f.found.nearest.why, "");
}

/* Odd shapes: every candidate is a legal scheme at a price, or an answer says why there is none. */
static void test_random_shapes(void **state)
{
    static const char *const chips[] = {"zoo/arch/kapla-16x16.yaml", "zoo/arch/kapla-4x4.yaml", "zoo/arch/kapla-edge.yaml"};
    static const hd_model *const models[] = {&hd_model_native, &hd_model_kapla, &hd_model_kapla};
    static const double compat[] = {1, 0, 0, 1}, exact[] = {0, 0, 0, 1};
    enum { SHAPES = 150 };
    hd_random r;
    int found = 0;
    (void)state;
    hd_random_seed(&r, 7, 0);
    for (int i = 0; i < SHAPES; i++) {
        fixture f;
        char op[320], dims[192];
        long long n = 1 + hd_random_below(&r, 70), k = 1 + hd_random_below(&r, 300), c = 1 + hd_random_below(&r, 300);
        snprintf(dims, sizeof dims, "N=%lld,P=%lld,Q=%lld,R=%lld,S=%lld,stride=%lld", n, 1 + (long long)hd_random_below(&r, 60),
                 1 + (long long)hd_random_below(&r, 30), 1 + (long long)hd_random_below(&r, 12),
                 1 + (long long)hd_random_below(&r, 5), 1 + (long long)hd_random_below(&r, 3));
        if (i % 4 == 0) snprintf(op, sizeof op, "matmul(M=%lld,N=%lld,K=%lld)", n, k, c);
        else if (i % 4 == 1) snprintf(op, sizeof op, "depthwise(G=%lld,%s)", k, dims);
        else if (i % 4 == 2) snprintf(op, sizeof op, "pool(K=%lld,%s)", k, dims);
        else snprintf(op, sizeof op, "conv(K=%lld,C=%lld,%s%s)", k, c, dims, i % 8 == 7 ? ",dilation=2" : "");
        hd_makes makes = i % 4 == 2 || i < SHAPES / 3 ? HD_MAKES_OUTPUT : (hd_makes)(i % 3);
        solve_as(&f, chips[i % 3], op, makes, models[i / 4 % 3], i / 4 % 3 == 2 ? compat : i / 4 % 3 == 1 ? exact : NULL);
        if (f.found.found) check_answer(&f);
        else assert_string_not_equal(f.found.nearest.why, "");
        found += f.found.found;
    }
    assert_true(found > SHAPES / 3);
}

/* Constraints narrow what is offered, never what is legal. */
static void test_honours_constraints(void **state)
{
    fixture f, free;
    hd_constraints c = {0};
    hd_error err = {0};
    hd_budget budget = {0};
    hd_random random;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_random_seed(&random, 1, 0);
    (void)state;
    solve(&free, "zoo/arch/kapla-16x16.yaml", "matmul(M=64,N=4096,K=4096)", &hd_model_kapla, NULL);
    solve(&f, "zoo/arch/kapla-16x16.yaml", "matmul(M=64,N=4096,K=4096)", &hd_model_kapla, NULL);
    c.copies[1][hd_operator_dim(&f.op, "K")].most = 1; /* no sums over nodes */
    f.space.constraints = &c;
    hd_incumbent_init(&f.found, &hd_model_kapla, &f.problem, HD_ENERGY);
    hd_budget_start(&budget);
    assert_int_equal(hd_solver_kapla.run(&hd_solver_kapla, &f.space, NULL, &budget, &random, arena, &f.found, &err), HD_OK);
    assert_true(!f.found.found || hd_constraints_hold(&f.space, &f.found.scheme, NULL));
    assert_true(!f.found.found || f.found.cost >= free.found.cost);
    hd_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_runs_under_models),
                                       cmocka_unit_test(test_local_layers_run_where_the_chip_says),
                                       cmocka_unit_test(test_compat_repeats_the_research_code),
                                       cmocka_unit_test(test_padding_weighs_all_tensors),
                                       cmocka_unit_test(test_gradients_have_forms_of_their_own),
                                       cmocka_unit_test(test_gradients_of_windows_are_priced),
                                       cmocka_unit_test(test_compat_repeats_recorded_runs),
                                       cmocka_unit_test(test_refuses_by_name),
                                       cmocka_unit_test(test_honours_constraints),
                                       cmocka_unit_test(test_random_shapes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
