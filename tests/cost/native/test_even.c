/* The straight road gives the numbers of the general one, for schemes as solvers make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "roads.h"
#include "workload/kinds.h"

static void same_energies(hd_random *random, const hd_problem *p, const hd_scheme *s, void *user)
{
    native_ready ready;
    hd_breakdown even, general;
    (void)random, (void)user;
    hd_native_ready(&ready, p);
    assert_true(hd_native_even(&ready, s, &even));
    hd_native_general(&ready, s, &general);
    hd_native_energies(&ready, &general);
    for (int l = 0; l < s->levels; l++) {
        assert_memory_equal(even.level_pj[l], general.level_pj[l], sizeof *even.level_pj);
        for (int r = 0; r < HD_ROLES && (ready.paid >> l & 1u); r++)
            assert_true(even.network_pj[l][r] == general.network_pj[l][r]);
    }
}

static void same_numbers_on_both_roads(void **state)
{
    (void)state;
    assert_true(compare_roads(hd_native_even, 20, add_rates, same_energies, NULL) > 1000);
}

static void same_numbers_of_windows_that_meet(void **state)
{
    (void)state;
    assert_true(compare_roads(hd_native_even, 120, make_windows_meet, same_energies, NULL) > 4000);
}

/* P and R in steps of the same two words, both over units whose wires merge: where P advances and R starts again, the old boxes
 * lie just where the new ones do, and nothing has to come. */
static void boxes_that_come_back_are_held(void **state)
{
    hd_arch chip;
    hd_operator op;
    hd_random r;
    hd_scheme s;
    native_ready ready;
    hd_breakdown even, general;
    hd_error err = {0};
    (void)state;
    hd_random_seed(&r, 9, 0);
    draw_chip(&r, &chip);
    assert_int_equal(hd_kind_parse("conv(N=1,K=1,C=1,P=6,Q=1,R=6,S=1,stride=2,dilation=2)", &op, &err), HD_OK);
    hd_problem p = {.op = &op, .arch = &chip};
    int l = chip.levels - 2, dim[] = {hd_operator_dim(&op, "P"), hd_operator_dim(&op, "R")};
    hd_scheme_trivial(&p, &s);
    s.level[1].updates = 0;
    s.level[l].keep = HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O);
    for (int axis = 0; axis < HD_AXES; axis++) {
        chip.level[l].fan[axis] = 3;
        chip.level[l].multicast[axis] = 0xf;
        s.level[l].stack[s.level[l].stacks++] = (hd_stack){dim[axis], axis, 1, 3};
        s.level[l].update[s.level[l].updates++] = (hd_update){dim[!axis], 3};
        for (int k = l; k < chip.levels; k++) s.level[k].tensor[dim[axis]] = 1;
        for (int k = 1; k < l; k++) s.level[k].tensor[dim[axis]] = 6;
    }
    assert_int_equal(hd_arch_check(&chip, &err), HD_OK);
    assert_true(hd_scheme_is_legal(&p, &s, NULL));
    hd_native_ready(&ready, &p);
    assert_true(hd_native_even(&ready, &s, &even));
    hd_native_general(&ready, &s, &general);
    assert_same_counts(&even, &general, chip.levels);
}

static bool is_even(const hd_problem *p, const hd_scheme *s)
{
    native_ready ready;
    hd_breakdown b;
    hd_native_ready(&ready, p);
    return hd_native_even(&ready, s, &b);
}

/* What it does not serve has to go the other way. */
static void ragged_padded_and_registered_are_refused(void **state)
{
    hd_arch chip;
    hd_operator op;
    hd_scheme s;
    hd_random r;
    hd_error err = {0};
    (void)state;
    hd_random_seed(&r, 9, 0);
    draw_chip(&r, &chip);
    hd_problem p = {.op = &op, .arch = &chip};
    assert_int_equal(hd_kind_parse("matmul(M=6,N=4,K=4)", &op, &err), HD_OK);
    hd_scheme_trivial(&p, &s);
    assert_true(is_even(&p, &s));
    chip.level[chip.levels - 1].operand_register = HD_ROLE_BIT(HD_W);
    assert_false(is_even(&p, &s));
    chip.level[chip.levels - 1].operand_register = 0;
    assert_int_equal(hd_kind_parse("conv(N=1,K=4,C=4,P=6,Q=6,R=3,S=3,pad=1)", &op, &err), HD_OK);
    hd_scheme_trivial(&p, &s);
    assert_false(is_even(&p, &s));
    assert_int_equal(hd_kind_parse("matmul(M=6,N=4,K=4)", &op, &err), HD_OK);
    hd_scheme_trivial(&p, &s);
    int m = hd_operator_dim(&op, "M");
    for (int i = 0; i < s.level[1].updates; i++)
        if (s.level[1].update[i].dim == m) s.level[1].update[i].step = 4; /* 4 and 2 */
    s.level[1].tensor[m] = 4;
    s.level[2].update[s.level[2].updates++] = (hd_update){m, 1};
    s.level[2].tensor[m] = 1;
    assert_true(hd_scheme_is_legal(&p, &s, NULL));
    assert_false(is_even(&p, &s));
    hd_scheme_trivial(&p, &s); /* a second loop of the same step has one index: left to the general road */
    s.level[1].update[s.level[1].updates++] = (hd_update){m, 1};
    assert_true(hd_scheme_is_legal(&p, &s, NULL));
    assert_false(is_even(&p, &s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_numbers_on_both_roads),
                                       cmocka_unit_test(same_numbers_of_windows_that_meet),
                                       cmocka_unit_test(boxes_that_come_back_are_held),
                                       cmocka_unit_test(ragged_padded_and_registered_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
