/* The straight road gives the numbers of the general one, for schemes as solvers make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draw_chip.h"
#include "solve/draft.h"
#include "workload/kinds.h"

enum { CHIPS = 12, DRAWS = 60 };

static const char *const OPERATORS[] = {
    "conv(N=2,K=12,C=6,P=12,Q=10,R=5,S=3)", "conv(N=1,K=8,C=6,P=12,Q=12,R=3,S=3,stride=2)",
    "conv(N=1,G=3,K=4,C=4,P=8,Q=6,R=3,S=3,dilation=2)", "conv(N=2,K=4,C=4,P=9,Q=1,R=1,S=1,stride=3)",
    "matmul(M=12,N=18,K=20)",
};

#define ASSERT_ROWS(field, levels) assert_memory_equal(a->field, b->field, (size_t)(levels) * sizeof a->field[0])

static void assert_same(const hd_breakdown *a, const hd_breakdown *b, int levels)
{
    ASSERT_ROWS(access, levels);
    ASSERT_ROWS(deliveries, levels);
    ASSERT_ROWS(tile_words, levels);
    ASSERT_ROWS(instances_used, levels);
    ASSERT_ROWS(level_cycles, levels);
    assert_int_equal(a->compute_cycles, b->compute_cycles);
    assert_int_equal(a->fill_cycles, b->fill_cycles);
    assert_int_equal(a->drain_cycles, b->drain_cycles);
    assert_int_equal(a->latency_cycles, b->latency_cycles);
    assert_int_equal(a->bound_by, b->bound_by);
}

/* How many of the schemes drawn from one space take the straight road. */
static int compare(hd_random *r, const hd_problem *p, bool ragged, hd_form *form)
{
    hd_error err = {0};
    hd_space space;
    hd_scheme s;
    native_ready ready;
    int even = 0;
    hd_native_ready(&ready, p);
    hd_space_init(&space, p, HD_SPACE_FREE, ragged, true);
    assert_int_equal(hd_form_init(form, &space, &err), HD_OK);
    for (int i = 0; i < DRAWS; i++) {
        hd_draft draft;
        hd_breakdown quick, general;
        hd_draft_sample(form, r, &draft);
        if (!hd_draft_decode(form, &draft, &s) || !hd_scheme_is_legal(p, &s, NULL) || !hd_native_fits(p, &s, NULL)) continue;
        if (!hd_native_even(&ready, &s, &quick)) continue;
        hd_native_general(&ready, &s, &general);
        assert_same(&quick, &general, s.levels);
        even++;
    }
    return even;
}

static void same_numbers_on_both_roads(void **state)
{
    hd_form *form = malloc(sizeof *form);
    hd_random r;
    int even = 0;
    (void)state;
    assert_non_null(form);
    hd_random_seed(&r, 8, 0);
    for (int c = 0; c < CHIPS; c++)
        for (size_t o = 0; o < sizeof OPERATORS / sizeof *OPERATORS; o++) {
            hd_error err = {0};
            hd_arch chip;
            hd_operator op;
            draw_chip(&r, &chip);
            assert_int_equal(hd_kind_parse(OPERATORS[o], &op, &err), HD_OK);
            hd_problem p = {.op = &op, .arch = &chip};
            for (int role = 0; role < HD_ROLES; role++)
                p.home[role] = hd_random_below(&r, 4) ? 0 : (int)hd_random_below(&r, chip.levels - 1);
            even += compare(&r, &p, false, form) + compare(&r, &p, true, form);
        }
    free(form);
    assert_true(even > 1000);
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
                                       cmocka_unit_test(ragged_padded_and_registered_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
