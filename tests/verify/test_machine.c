/* Where the instances are at each step, who is idle, and which of them form groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tiny.h"
#include "verify/machine.h"

enum { N = 2, STEPS = 16 };

static void the_second_unit_is_idle_on_the_last_piece(void **state) {
    (void)state;
    tiny t;
    hd_machine *m;
    hd_arena *arena = hd_arena_new(NULL, 0);
    int steps = 0, idle = 0;
    tiny_ragged(&t);
    assert_int_equal(hd_machine_build(arena, &t.problem, &t.scheme, STEPS, &m, NULL), HD_OK);
    assert_int_equal(m->steps, STEPS);
    for (int from = 1; from > 0; from = hd_machine_tick(m), steps++) {
        hd_machine_place(m, from);
        assert_true(m->level[2].unit[0].exists);
        if (!m->level[2].unit[1].exists) {
            idle++;
            assert_int_equal(m->level[2].unit[0].lo[N], 2);
        }
    }
    assert_int_equal(steps, STEPS);
    assert_int_equal(idle, 8);
    hd_arena_free(arena);
}

static void groups_follow_the_wires(void **state) {
    (void)state;
    tiny t;
    hd_machine *m;
    hd_arena *arena = hd_arena_new(NULL, 0);
    tiny_ragged(&t);
    assert_int_equal(hd_machine_build(arena, &t.problem, &t.scheme, STEPS, &m, NULL), HD_OK);
    assert_int_equal(hd_machine_group(m, 1, 2, 0, HD_I, false), hd_machine_group(m, 1, 2, 1, HD_I, false));
    assert_int_not_equal(hd_machine_group(m, 1, 2, 0, HD_W, false),
                         hd_machine_group(m, 1, 2, 1, HD_W, false));
    assert_int_not_equal(hd_machine_group(m, 1, 2, 0, HD_O, true), hd_machine_group(m, 1, 2, 1, HD_O, true));
    assert_int_equal(hd_machine_above(m, 0, 2, 1), 0);
    hd_arena_free(arena);
}

static void refuses_too_many_steps(void **state) {
    (void)state;
    tiny t;
    hd_machine *m;
    hd_arena *arena = hd_arena_new(NULL, 0);
    tiny_ragged(&t);
    assert_int_equal(hd_machine_build(arena, &t.problem, &t.scheme, STEPS - 1, &m, NULL), HD_ERR_USAGE);
    hd_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_unit_is_idle_on_the_last_piece),
        cmocka_unit_test(groups_follow_the_wires),
        cmocka_unit_test(refuses_too_many_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
