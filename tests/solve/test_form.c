/* Are pins honoured by every solver, and are impossible pins refused with a reason? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "small.h"
#include "solve/draft.h"

typedef struct fixture {
    hd_operator op;
    hd_arch arch;
    hd_problem problem;
    hd_space space;
    hd_scheme pin;
} fixture;

static void make(fixture *f)
{
    hd_error err = {0};
    memset(f, 0, sizeof *f);
    assert_int_equal(hd_kind_parse("matmul(M=12,N=8,K=6)", &f->op, &err), HD_OK);
    small_array(&f->arch, true);
    f->problem = (hd_problem){.op = &f->op, .arch = &f->arch};
    hd_space_init(&f->space, &f->problem, HD_SPACE_FREE, false, true);
    f->space.pin = &f->pin;
    f->pin.levels = 4;
}

static int dim(const fixture *f, const char *name) { return hd_operator_dim(&f->op, name); }

static hd_status solve(fixture *f, const hd_solver *solver, int64_t evaluations, hd_incumbent *out, hd_error *err)
{
    hd_random random;
    hd_budget budget = {.evaluations = evaluations};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_incumbent_init(out, &hd_model_native, &f->problem, HD_ENERGY);
    hd_budget_start(&budget);
    hd_random_seed(&random, 1, 0);
    hd_status status = solver->run(solver, &f->space, NULL, &budget, &random, arena, out, err);
    hd_arena_free(arena);
    return status;
}

static const hd_solver *const all[] = {&hd_solver_exhaustive, &hd_solver_random, &hd_solver_descend};

static void boxes_copies_orders_and_keeps_stay(void **state)
{
    (void)state;
    for (int s = 0; s < 3; s++) {
        fixture f;
        hd_incumbent found;
        hd_error err = {0};
        make(&f);
        hd_scheme_level *rf = &f.pin.level[2];
        for (int d = 0; d < f.op.dims; d++) rf->tensor[d] = 1;
        rf->tensor[dim(&f, "K")] = 3;
        rf->stacks = 1;
        rf->stack[0] = (hd_stack){dim(&f, "M"), HD_X, 1, 4};
        rf->updates = 2;
        rf->update[0].dim = dim(&f, "K");
        rf->update[1].dim = dim(&f, "N");
        rf->keep = HD_ROLE_BIT(HD_O) | HD_ROLE_BIT(HD_W);
        f.space.pinned[2] = HD_PIN_ALL;
        hd_status status = solve(&f, all[s], 5000, &found, &err);
        if (status != HD_OK) print_message("%s\n", err.message);
        assert_int_equal(status, HD_OK);
        assert_true(found.found);
        assert_true(hd_scheme_is_legal(&f.problem, &found.scheme, NULL));
        const hd_scheme_level *got = &found.scheme.level[2];
        assert_int_equal(got->keep, rf->keep);
        assert_memory_equal(got->tensor, rf->tensor, sizeof(int64_t) * (size_t)f.op.dims);
        assert_int_equal(got->stacks, 1);
        assert_int_equal(got->stack[0].dim, dim(&f, "M"));
        assert_int_equal(got->stack[0].axis, HD_X);
        assert_int_equal(got->stack[0].copies, 4);
        for (int i = 1; i < got->updates; i++)
            assert_false(got->update[i].dim == dim(&f, "K")); /* K is the innermost where it loops at all */
    }
}

static void a_whole_pin_is_only_priced(void **state)
{
    (void)state;
    for (int s = 0; s < 3; s++) {
        fixture f;
        hd_incumbent found;
        hd_error err = {0};
        make(&f);
        hd_scheme_trivial(&f.problem, &f.pin);
        for (int l = 1; l < 4; l++) f.space.pinned[l] = HD_PIN_ALL;
        assert_int_equal(solve(&f, all[s], 0, &found, &err), HD_OK);
        assert_true(found.found);
        assert_true(hd_scheme_equal(&found.scheme, &f.pin));
        assert_int_equal(found.evaluations, 1);
    }
}

static void impossible_pins_are_refused(void **state)
{
    fixture f;
    hd_form form;
    hd_error err = {0};
    (void)state;
    make(&f); /* more copies than units */
    for (int d = 0; d < f.op.dims; d++) f.pin.level[2].tensor[d] = 1;
    f.pin.level[2].stacks = 1;
    f.pin.level[2].stack[0] = (hd_stack){dim(&f, "M"), HD_X, 1, 6};
    f.space.pinned[2] = HD_PIN_STACK;
    assert_int_equal(hd_form_init(&form, &f.space, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "pin"));
    make(&f); /* a box that grows towards the inside */
    for (int d = 0; d < f.op.dims; d++) f.pin.level[1].tensor[d] = 2, f.pin.level[2].tensor[d] = 3;
    f.pin.level[1].tensor[dim(&f, "B")] = f.pin.level[2].tensor[dim(&f, "B")] = 1;
    f.space.pinned[1] = f.space.pinned[2] = HD_PIN_TENSOR;
    assert_int_equal(hd_form_init(&form, &f.space, &err), HD_ERR_USAGE);
}

static void blocked_copies_can_be_pinned(void **state)
{
    fixture f;
    hd_incumbent found;
    hd_error err = {0};
    (void)state;
    make(&f);
    int m = dim(&f, "M");
    hd_scheme_level *rf = &f.pin.level[2];
    for (int d = 0; d < f.op.dims; d++) {
        f.pin.level[1].tensor[d] = d == m ? 12 : 1;
        rf->tensor[d] = 1;
    }
    rf->stacks = 1;
    rf->stack[0] = (hd_stack){m, HD_X, 3, 4};
    rf->updates = 1;
    rf->update[0] = (hd_update){m, 1};
    f.space.pinned[1] = HD_PIN_TENSOR;
    f.space.pinned[2] = HD_PIN_TENSOR | HD_PIN_STACK;
    hd_status status = solve(&f, &hd_solver_descend, 500, &found, &err);
    if (status != HD_OK) print_message("%s\n", err.message);
    assert_int_equal(status, HD_OK);
    assert_int_equal(found.scheme.level[2].stack[0].shift, 3);
    assert_int_equal(found.scheme.level[2].stack[0].copies, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_copies_orders_and_keeps_stay),
        cmocka_unit_test(a_whole_pin_is_only_priced),
        cmocka_unit_test(impossible_pins_are_refused),
        cmocka_unit_test(blocked_copies_can_be_pinned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
