/* On a mesh, where a space takes minutes: does a limit of time end the search soon, does a wish, and does the bound hold then? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "formats/heddle/arch_yaml.h"
#include "solve/solver.h"
#include "workload/kinds.h"

typedef struct fixture { hd_arch arch; hd_operator op; hd_problem problem; hd_space space; hd_incumbent found; } fixture;

/* Returns the CPU seconds that it took. */
static double search(fixture *f, hd_budget *budget)
{
    hd_error err = {0};
    hd_random random;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_random_seed(&random, 1, 0);
    assert_int_equal(hd_arch_read_file("zoo/arch/kapla-16x16.yaml", &f->arch, &err), HD_OK);
    assert_int_equal(hd_kind_parse("conv(N=64,K=128,C=128,P=28,Q=28,R=3,S=3)", &f->op, &err), HD_OK);
    f->problem = (hd_problem){.op = &f->op, .arch = &f->arch};
    hd_space_init(&f->space, &f->problem, HD_SPACE_TEMPLATE, false, false);
    hd_incumbent_init(&f->found, &hd_model_native, &f->problem, HD_ENERGY);
    budget->cpu = true;
    hd_budget_start(budget);
    assert_int_equal(hd_solver_optimal.run(&hd_solver_optimal, &f->space, NULL, budget, &random, arena, &f->found, &err), HD_OK);
    hd_arena_free(arena);
    return hd_budget_elapsed(budget);
}

static void a_limit_ends_it(void **state)
{
    static const double limits[] = {0.1, 0.4, 1.2};
    fixture f;
    (void)state;
    for (int i = 0; i < 3; i++) {
        hd_budget budget = {.seconds = limits[i]};
        double took = search(&f, &budget);
        if (took > limits[i] + 0.5) fail_msg("a limit of %g s of CPU, %g s taken", limits[i], took);
        assert_true(f.found.found && f.found.lower_bound <= f.found.cost);
    }
}

static bool soon(void *left) { return --*(int *)left <= 0; }

static void a_wish_ends_it(void **state)
{
    fixture f;
    int left = 2000; /* well past the first answer */
    hd_budget budget = {.seconds = 20, .cancel = soon, .user = &left};
    (void)state;
    search(&f, &budget);
    assert_true(budget.interrupted && left == 0);
    assert_true(f.found.found && f.found.lower_bound <= f.found.cost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_limit_ends_it), cmocka_unit_test(a_wish_ends_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
