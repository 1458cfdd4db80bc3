/* Are the rules honoured that say which dims lie on which axis of a fan-out, and in which order? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "small.h"
#include "solve/draft.h"

enum { M, N, K, DIMS };
typedef struct fixture {
    hd_operator op;
    hd_arch arch;
    hd_problem problem;
    hd_space space;
    hd_constraints c;
    int dim[DIMS];
} fixture;

/* A product of 2 x 2 x 2 on a 4 x 4 array. */
static void make(fixture *f)
{
    static const char *const name[DIMS] = {"M", "N", "K"};
    hd_error err = {0};
    memset(f, 0, sizeof *f);
    assert_int_equal(hd_kind_parse("matmul(M=2,N=2,K=2)", &f->op, &err), HD_OK);
    small_level(&f->arch.level[0], "DRAM", 200, 0, false);
    small_level(&f->arch.level[1], "GLB", 6, 200, false);
    small_level(&f->arch.level[2], "RF", 1, 24, false);
    small_level(&f->arch.level[3], "MAC", 0, 0, false);
    f->arch.levels = 4;
    f->arch.vector_at = 3;
    f->arch.level[2].fan[HD_X] = f->arch.level[2].fan[HD_Y] = 4;
    assert_int_equal(hd_arch_check(&f->arch, &err), HD_OK);
    f->problem = (hd_problem){.op = &f->op, .arch = &f->arch};
    hd_space_init(&f->space, &f->problem, HD_SPACE_FREE, false, true);
    f->space.constraints = &f->c;
    for (int d = 0; d < DIMS; d++) f->dim[d] = hd_operator_dim(&f->op, name[d]);
}

/* What axis_rank and axis_dims say, on schemes written down one by one. */
static void orders_of_axes_are_checked(void **state)
{
    enum { STACKS = 3 };
    static const struct { hd_stack stack[STACKS]; const char *why; } row[] = {
        {{{M, HD_X, 1, 2}, {N, HD_Y, 1, 2}}, NULL},
        {{{M, HD_X, 1, 2}, {N, HD_X, 1, 2}}, NULL},
        {{{M, HD_Y, 1, 2}, {N, HD_Y, 1, 2}}, "at most 1 of the free dimensions on Y"},
        {{{M, HD_Y, 1, 2}, {K, HD_Y, 1, 2}}, NULL},
        {{{N, HD_X, 1, 2}, {M, HD_X, 1, 2}}, "copies of M on X may not come after those of N"},
        {{{N, HD_X, 1, 2}, {M, HD_Y, 1, 2}}, "copies of M on Y may not come after those of N"},
        {{{M, HD_Y, 1, 2}, {N, HD_X, 1, 2}}, "copies of M on Y may not come after those of N"},
        {{{N, HD_X, 1, 2}, {K, HD_Y, 1, 2}}, NULL}, /* of one rank */
        {{{K, HD_X, 1, 2}, {N, HD_X, 1, 2}}, NULL},
        {{{K, HD_Y, 1, 2}, {M, HD_X, 1, 2}, {N, HD_X, 1, 2}}, NULL},
    };
    fixture f;
    (void)state;
    make(&f);
    const int *dim = f.dim;
    f.c.axis_rank[2][dim[N]] = f.c.axis_rank[2][dim[K]] = 3;
    f.c.axis_dims[2][HD_Y] = 1;
    f.c.axis_open[2] = 1u << dim[M] | 1u << dim[N];
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        hd_scheme s = {.levels = 4};
        hd_refusal why;
        unsigned in_space = 0;
        for (int d = 0; d < f.op.dims; d++)
            for (int l = 0; l < 4; l++) s.level[l].tensor[d] = l < 2 ? f.op.dim[d].extent : 1;
        s.level[0].keep = HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O);
        for (int k = 0; k < STACKS && row[i].stack[k].copies > 0; k++) {
            s.level[2].stack[k] = row[i].stack[k];
            in_space |= 1u << (s.level[2].stack[s.level[2].stacks++].dim = dim[row[i].stack[k].dim]);
        }
        for (int d = 0; d < f.op.dims; d++)
            if (f.op.dim[d].extent > 1 && !(in_space >> d & 1u))
                s.level[2].update[s.level[2].updates++] = (hd_update){d, 1};
        if (!hd_scheme_is_legal(&f.problem, &s, &why)) fail_msg("row %d: %s", (int)i, why.why);
        assert_int_equal(hd_constraints_hold(&f.space, &s, &why), row[i].why == NULL);
        if (row[i].why && !strstr(why.why, row[i].why)) fail_msg("row %d: %s", (int)i, why.why);
    }
}

static void find(const fixture *f, hd_incumbent *out)
{
    hd_error err = {0};
    hd_random random;
    hd_budget budget = {0};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_incumbent_init(out, &hd_model_native, &f->problem, HD_LATENCY);
    hd_budget_start(&budget);
    hd_random_seed(&random, 1, 0);
    hd_status status = hd_solver_exhaustive.run(&hd_solver_exhaustive, &f->space, NULL, &budget, &random, arena, out, &err);
    assert_int_equal(status, HD_OK);
    hd_arena_free(arena);
}

/* All eight units in use: with K before M before N the dims of X are the first of these. */
static void the_fastest_scheme_obeys_them(void **state)
{
    fixture f;
    hd_incumbent found;
    (void)state;
    make(&f);
    f.c.one_axis[2] = true;
    f.c.axis_rank[2][f.dim[M]] = 1;
    f.c.axis_rank[2][f.dim[N]] = 2;
    find(&f, &found);
    assert_true(found.found);
    const hd_scheme_level *rf = &found.scheme.level[2];
    assert_int_equal(rf->stacks, 3);
    for (int i = 0, k = K; i < 3; i++, k = (k + 1) % DIMS) assert_int_equal(rf->stack[i].dim, f.dim[k]);
    assert_true(rf->stack[0].axis <= rf->stack[1].axis && rf->stack[1].axis <= rf->stack[2].axis);
}

/* Pinned stacks that break the order leave nothing, and the refusal says why. */
static void pinned_stacks_must_obey_them(void **state)
{
    fixture f;
    hd_incumbent found;
    hd_scheme pin = {.levels = 4};
    (void)state;
    make(&f);
    f.space.pin = &pin;
    f.space.pinned[2] = HD_PIN_STACK;
    pin.level[2].stacks = 2;
    pin.level[2].stack[0] = (hd_stack){f.dim[N], HD_X, 1, 2};
    pin.level[2].stack[1] = (hd_stack){f.dim[M], HD_Y, 1, 2};
    find(&f, &found);
    assert_true(found.found);
    f.c.axis_rank[2][f.dim[N]] = 1;
    find(&f, &found);
    assert_false(found.found);
    assert_int_equal(found.outcome, HD_OUTCOME_INFEASIBLE);
    assert_non_null(strstr(found.nearest.why, "RF: the copies that must be there cannot lie on its axes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_of_axes_are_checked),
        cmocka_unit_test(the_fastest_scheme_obeys_them),
        cmocka_unit_test(pinned_stacks_must_obey_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
