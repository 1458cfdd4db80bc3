/* Do the exhaustive baselines of KAPLA's study go through exactly their spaces, and find what the research code found? */
#include <math.h>

#include "kapla_layers.h"

#include "formats/heddle/arch_yaml.h"
#include "solve/solver.h"
#include "workload/kinds.h"

typedef struct fixture {
    hd_arch arch;
    hd_operator op;
    hd_problem problem;
    hd_space space;
    hd_incumbent found;
} fixture;

static void solve(fixture *f, const hd_solver *solver, const char *op, const hd_model *model, const double *settings, double most)
{
    hd_error err = {0};
    hd_budget budget = {0};
    hd_random random;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_random_seed(&random, 1, 0);
    assert_int_equal(hd_kind_parse(op, &f->op, &err), HD_OK);
    f->problem = (hd_problem){.op = &f->op, .arch = &f->arch, .model = model, .settings = settings};
    hd_space_init_for(&f->space, &f->problem, model, HD_SPACE_FREE, true, false);
    hd_incumbent_init(&f->found, model, &f->problem, HD_ENERGY);
    hd_budget_start(&budget);
    assert_int_equal(solver->run(solver, &f->space, &most, &budget, &random, arena, &f->found, &err), HD_OK);
    hd_arena_free(arena);
}

static void read_chip(fixture *f, const char *path)
{
    hd_error err = {0};
    assert_int_equal(hd_arch_read_file(path, &f->arch, &err), HD_OK);
}

/* ---- the published spaces, counted by hand ---- */

enum { LOOPS = 3, ORDERS = 6 };

/* Is this pair of orders one that is looked at?  `at` = position of each loop, 0 innermost; in words of reference 8.1: loops
 * without iterations outermost in their order; B: the others, but the innermost, in their order; and the innermost of the outer
 * level not further out at the inner one. */
static bool is_listed(const int *outer_at, const int64_t *outer, const int *at, const int64_t *turns, bool few)
{
    int innermost = -1, outer_innermost = -1;
    for (int l = 0; l < LOOPS; l++) {
        if (turns[l] > 1 && (innermost < 0 || at[l] < at[innermost])) innermost = l;
        if (outer && outer[l] > 1 && (outer_innermost < 0 || outer_at[l] < outer_at[outer_innermost])) outer_innermost = l;
    }
    for (int a = 0; a < LOOPS; a++)
        for (int b = 0; b < LOOPS; b++) {
            if (turns[a] > 1 && turns[b] == 1 && at[a] > at[b]) return false;
            if (turns[a] == 1 && turns[b] == 1 && a < b && at[a] > at[b]) return false;
            bool rest = few && turns[a] > 1 && turns[b] > 1 && a != innermost && b != innermost;
            if (rest && a < b && at[a] > at[b]) return false;
        }
    return !few || outer_innermost < 0 || turns[outer_innermost] == 1 || innermost == outer_innermost;
}

static int64_t count_orders(const int64_t *outer, const int64_t *inner, bool few)
{
    static const int order[ORDERS][LOOPS] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    int64_t n = 0;
    for (int i = 0; i < ORDERS; i++)
        for (int k = 0; k < ORDERS; k++)
            n += is_listed(NULL, NULL, order[i], outer, few) && is_listed(order[i], outer, order[k], inner, few);
    return n;
}

static int64_t count_schemes(const int64_t *all, int loop, int64_t *outer, int64_t *inner, bool few)
{
    int64_t n = 0;
    if (loop == LOOPS) return count_orders(outer, inner, few);
    for (outer[loop] = 1; outer[loop] <= all[loop]; outer[loop]++)
        for (inner[loop] = 1; inner[loop] <= all[loop]; inner[loop]++)
            if (all[loop] % (outer[loop] * inner[loop]) == 0) n += count_schemes(all, loop + 1, outer, inner, few);
    return n;
}

/* One node, one element, room for everything: all that is left is to cut and to order. */
static void test_counts(void **state)
{
    static const struct { const char *op; int64_t all[LOOPS]; } layer[] = {
        {"matmul(M=6,N=4,K=2)", {2, 4, 6}}, {"matmul(M=1,N=12,K=5)", {5, 12, 1}}, {"conv(N=2,K=3,C=8)", {8, 3, 2}}};
    fixture f;
    (void)state;
    read_chip(&f, "zoo/arch/kapla-edge.yaml");
    f.arch.level[2].fan[HD_X] = f.arch.level[2].fan[HD_Y] = 1;
    f.arch.level[1].capacity = f.arch.level[2].capacity = 1 << 20;
    for (int i = 0; i < 3; i++)
        for (int few = 0; few < 2; few++) {
            int64_t outer[LOOPS], inner[LOOPS], want = count_schemes(layer[i].all, 0, outer, inner, few);
            solve(&f, few ? &hd_solver_nn_dataflow : &hd_solver_directives, layer[i].op, &hd_model_native, NULL, 1e6);
            assert_int_equal(f.found.evaluations, want);
            assert_int_equal(f.found.outcome, HD_OUTCOME_IMPROVED);
        }
}

/* ---- what the research code found ---- */

/* Runs of its exhaustive search.  Rows that wrap round the array are cut into equal pieces here: conv2_a is left out; this
 * chip of one node has units of its own for local layers. */
static bool is_ours(const hd_node *run, bool mesh)
{
    if (!kapla_is(run, "method", "searcher") || kapla_is(run, "layer", "conv2_a")) return false;
    if (mesh) return kapla_is(run, "hw", "multi_node");
    return kapla_is(run, "hw", "single_node") && !kapla_is(run, "layer", "pool1_a") && !kapla_is(run, "layer", "pooling13");
}

static int repeat_searches(bool mesh)
{
    static const double compat[] = {1, 0, 1, 1}, muxed[] = {1, 0, 0, 1};
    hd_arena *arena = hd_arena_new(NULL, 0);
    const hd_node *runs = kapla_runs(arena);
    int equal = 0;
    fixture f;
    read_chip(&f, mesh ? "zoo/arch/kapla-16x16.yaml" : "zoo/arch/kapla-edge.yaml");
    for (int i = 0; i < runs->items; i++) {
        const hd_node *run = runs->item[i], *mux = hd_node_get(run, "force_time_mux");
        double want = kapla_double(hd_node_get(run, "total_cost")) * 1e12;
        hd_kapla_layer layer = kapla_layer(run);
        char op[256];
        if (!is_ours(run, mesh)) continue;
        kapla_write_operator(&layer, op, sizeof op);
        solve(&f, &hd_solver_directives, op, &hd_model_kapla, mux && hd_node_is(mux, "true") ? muxed : compat, 1e6);
        assert_int_equal(f.found.outcome, HD_OUTCOME_IMPROVED);
        if (fabs(f.found.cost - want) > 1e-6 * want) fail_msg("%s: %.9g, recorded %.9g", op, f.found.cost, want);
        equal++;
    }
    hd_arena_free(arena);
    return equal;
}

static void test_repeats_recorded_searches(void **state)
{
    (void)state;
    assert_int_equal(repeat_searches(false), 4);
}

static void test_repeats_recorded_searches_on_a_mesh(void **state)
{
    (void)state;
    assert_int_equal(repeat_searches(true), 2);
}

/* ---- the rest of the contract ---- */

static void test_answers_are_legal_and_no_better_than_proved(void **state)
{
    static const char *const ops[] = {"matmul(M=8,N=12,K=6)", "conv(N=2,K=4,C=4,P=6,Q=6,R=3,S=3)",
                                      "depthwise(N=4,G=8,P=7,Q=7,R=3,S=3)",
                                      "conv(N=1,K=2,C=2,P=40,Q=4,R=11,S=3,stride=2)", "conv(N=3,K=5,C=7,P=3,Q=9,R=9,S=1)"};
    static const char *const chips[] = {"zoo/arch/kapla-4x4.yaml", "zoo/arch/kapla-edge.yaml"};
    const hd_solver *const solver[] = {&hd_solver_directives, &hd_solver_nn_dataflow};
    fixture f;
    (void)state;
    for (int c = 0; c < 2; c++)
        for (int o = 0; o < 5; o++)
            for (int s = 0; s < 2; s++) {
                read_chip(&f, chips[c]);
                solve(&f, solver[s], ops[o], &hd_model_native, NULL, 300);
                if (!f.found.found)
                    fail_msg("%s: nothing for %s on %s: %s", solver[s]->name, ops[o], chips[c], f.found.nearest.why);
                assert_true(hd_scheme_is_legal(&f.problem, &f.found.scheme, NULL));
                assert_true(f.found.lower_bound <= f.found.cost);
            }
}

static void test_ends_and_says_so(void **state)
{
    fixture f;
    (void)state;
    read_chip(&f, "zoo/arch/kapla-4x4.yaml");
    solve(&f, &hd_solver_nn_dataflow, "conv(N=4,K=16,C=16,P=8,Q=8,R=3,S=3)", &hd_model_native, NULL, 50);
    assert_int_equal(f.found.evaluations, 50);
    assert_int_equal(f.found.outcome, HD_OUTCOME_EXHAUSTED);
}

static void test_refuses_by_name(void **state)
{
    fixture f;
    (void)state;
    read_chip(&f, "zoo/arch/eyeriss.yaml");
    solve(&f, &hd_solver_directives, "conv(N=1,K=4,C=4,P=4,Q=4,R=3,S=3)", &hd_model_native, NULL, 100);
    assert_true(!f.found.found && f.found.outcome == HD_OUTCOME_INFEASIBLE);
    assert_string_not_equal(f.found.nearest.why, "");
    read_chip(&f, "zoo/arch/kapla-16x16.yaml");
    solve(&f, &hd_solver_nn_dataflow, "softmax(N=4,M=8)", &hd_model_native, NULL, 100);
    assert_true(!f.found.found && f.found.outcome == HD_OUTCOME_INFEASIBLE);
    assert_string_not_equal(f.found.nearest.why, "");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest mesh[] = {cmocka_unit_test(test_repeats_recorded_searches_on_a_mesh)};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts), cmocka_unit_test(test_repeats_recorded_searches),
        cmocka_unit_test(test_answers_are_legal_and_no_better_than_proved), cmocka_unit_test(test_ends_and_says_so),
        cmocka_unit_test(test_refuses_by_name),
    };
    if (argc > 1 && strcmp(argv[1], "--mesh") == 0) return cmocka_run_group_tests(mesh, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
