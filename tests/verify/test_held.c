/* Words that come and go when a loop steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tiny.h"
#include "verify/held.h"

static void only_what_changes_moves(void **state) {
    (void)state;
    tiny t;
    hd_machine *m;
    hd_moves moves = {0};
    hd_arena *arena = hd_arena_new(NULL, 0);
    tiny_product(&t);
    assert_int_equal(hd_machine_build(arena, &t.problem, &t.scheme, 100, &m, NULL), HD_OK);
    hd_held w = {.level = 1, .role = HD_W}, i = {.level = 1, .role = HD_I};
    assert_int_equal(hd_held_build(&w, arena, m, NULL), HD_OK);
    assert_int_equal(hd_held_build(&i, arena, m, NULL), HD_OK);
    int64_t entered[2] = {0}, left[2] = {0};
    for (int from = 1; from > 0; from = hd_machine_tick(m)) {
        hd_machine_place(m, from);
        for (int k = 0; k < 2; k++) {
            hd_held *held = k ? &i : &w;
            assert_int_equal(hd_held_leave(held, arena, m, false, &moves, NULL), HD_OK);
            left[k] += moves.count;
            assert_int_equal(hd_held_enter(held, arena, m, &moves, NULL), HD_OK);
            entered[k] += moves.count;
        }
    }
    assert_int_equal(entered[0], 12);
    assert_int_equal(left[0], 0);
    assert_int_equal(entered[1], 8);
    assert_int_equal(left[1], 4);
    assert_int_equal(hd_held_leave(&w, arena, m, true, &moves, NULL), HD_OK);
    assert_int_equal(moves.count, 12);
    hd_arena_free(arena);
}

static void arithmetic_holds_one_word(void **state) {
    (void)state;
    tiny t;
    hd_machine *m;
    hd_moves moves = {0};
    hd_arena *arena = hd_arena_new(NULL, 0);
    tiny_ragged(&t);
    assert_int_equal(hd_machine_build(arena, &t.problem, &t.scheme, 100, &m, NULL), HD_OK);
    hd_held o = {.level = 2, .role = HD_O, .arithmetic = true};
    assert_int_equal(hd_held_build(&o, arena, m, NULL), HD_OK);
    hd_machine_place(m, 1);
    assert_int_equal(hd_held_enter(&o, arena, m, &moves, NULL), HD_OK);
    assert_int_equal(moves.count, 2);
    assert_int_equal(hd_held_leave(&o, arena, m, false, &moves, NULL), HD_OK);
    assert_int_equal(moves.count, 2);
    assert_int_equal(hd_held_leave(&o, arena, m, true, &moves, NULL), HD_OK);
    assert_int_equal(moves.count, 0);
    hd_arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_changes_moves),
        cmocka_unit_test(arithmetic_holds_one_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
