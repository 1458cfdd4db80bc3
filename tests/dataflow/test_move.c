/* A moved factor leaves a legal scheme of the same directives, and moving it back undoes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dataflow/move.h"
#include "workload/kinds.h"

typedef struct world { hd_arch chip; hd_operator op; hd_problem problem; hd_scheme scheme; } world;

/* M = 24: two units on X of 3 points each in the buffer, 4 tiles outside. */
static void begin(world *w)
{
    hd_error err = {0};
    *w = (world){.chip = {.name = "three", .levels = 3, .clock_mhz = 1, .vector_at = 2}};
    for (int l = 0; l < 3; l++) {
        hd_arch_default_level(&w->chip.level[l]);
        w->chip.level[l].name[0] = (char)('A' + l);
    }
    w->chip.level[1].fan[HD_X] = 8;
    assert_int_equal(hd_arch_check(&w->chip, &err), HD_OK);
    assert_int_equal(hd_kind_parse("matmul(M=24,N=5,K=1)", &w->op, &err), HD_OK);
    w->problem = (hd_problem){.op = &w->op, .arch = &w->chip};
    hd_scheme_trivial(&w->problem, &w->scheme);
    int m = hd_operator_dim(&w->op, "M");
    hd_scheme_level *buffer = &w->scheme.level[1], *mac = &w->scheme.level[2];
    for (int i = 0; i < buffer->updates; i++)
        if (buffer->update[i].dim == m) buffer->update[i].step = 6;
    buffer->tensor[m] = 3;
    buffer->stack[buffer->stacks++] = (hd_stack){m, HD_X, 3, 2};
    mac->update[mac->updates++] = (hd_update){m, 1};
    assert_true(hd_scheme_is_legal(&w->problem, &w->scheme, NULL));
}

static void factors_move(void **state)
{
    world w;
    (void)state;
    begin(&w);
    int m = hd_operator_dim(&w.op, "M");
    hd_scheme s = w.scheme;
    assert_int_equal(hd_scheme_directives(&s, m), 3);
    assert_true(hd_scheme_move_factor(&s, m, 0, 1, 2)); /* 2 tiles, 4 units, 3 points */
    assert_true(hd_scheme_is_legal(&w.problem, &s, NULL));
    assert_int_equal(s.level[1].stack[0].copies, 4);
    assert_int_equal(s.level[1].stack[0].shift, 3);
    assert_int_equal(s.level[1].tensor[m], 3);
    assert_true(hd_scheme_move_factor(&s, m, 1, 2, 2)); /* 2 tiles, 2 units, 6 points */
    assert_true(hd_scheme_is_legal(&w.problem, &s, NULL));
    assert_int_equal(s.level[1].stack[0].copies, 2);
    assert_int_equal(s.level[1].tensor[m], 6);
    assert_true(hd_scheme_move_factor(&s, m, 2, 1, 2));
    assert_true(hd_scheme_move_factor(&s, m, 1, 0, 2));
    assert_true(hd_scheme_equal(&s, &w.scheme));
}

static void what_does_not_divide_stays(void **state)
{
    world w;
    (void)state;
    begin(&w);
    int m = hd_operator_dim(&w.op, "M");
    hd_scheme s = w.scheme;
    assert_false(hd_scheme_move_factor(&s, m, 0, 1, 3));
    assert_false(hd_scheme_move_factor(&s, m, 0, 3, 2));
    assert_false(hd_scheme_move_factor(&s, m, -1, 0, 2));
    assert_true(hd_scheme_equal(&s, &w.scheme));
    s.level[1].update[0].step = 7; /* whatever dim it is: no longer even, or another's */
    hd_scheme ragged = s;
    for (int i = 0; i < s.level[1].updates; i++)
        if (s.level[1].update[i].dim == m) ragged.level[1].update[i].step = 7;
    s = ragged;
    assert_false(hd_scheme_move_factor(&s, m, 0, 1, 2));
    assert_true(hd_scheme_equal(&s, &ragged));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(factors_move), cmocka_unit_test(what_does_not_divide_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
