/* The slow machine against counts made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tiny.h"
#include "verify/replay.h"

static hd_replay run(const tiny *t) {
    hd_replay out;
    hd_error err = {0};
    assert_true(hd_scheme_is_legal(&t->problem, &t->scheme, NULL));
    assert_int_equal(hd_replay_scheme(&t->problem, &t->scheme, 1000, &out, &err), HD_OK);
    return out;
}

static void assert_access(const hd_replay *r, int level, hd_role role, int64_t reads, int64_t fills,
                          int64_t updates) {
    assert_int_equal(r->access[level][role].reads, reads);
    assert_int_equal(r->access[level][role].fills, fills);
    assert_int_equal(r->access[level][role].updates, updates);
}

static void counts_every_access(void **state) {
    (void)state;
    tiny t;
    tiny_product(&t);
    hd_replay r = run(&t);
    assert_int_equal(r.computes, 24);
    assert_access(&r, 0, HD_W, 12, 0, 0); /* the whole of W stays while M steps */
    assert_access(&r, 1, HD_W, 24, 12, 0);
    assert_access(&r, 0, HD_I, 8, 0, 0);
    assert_access(&r, 1, HD_I, 24, 8, 0);
    assert_access(&r, 0, HD_O, 0, 0, 6);
    assert_access(&r, 1, HD_O, 18 + 6, 0, 24); /* all but the first touch of each word, and the draining */
    assert_int_equal(r.deliveries[1][HD_O], 6);
    assert_int_equal(r.deliveries[2][HD_O], 24 + 18);
}

static void counts_cycles(void **state) {
    (void)state;
    tiny t;
    tiny_product(&t);
    hd_replay r = run(&t);
    assert_int_equal(r.compute_cycles, 24);
    assert_int_equal(r.level_cycles[0], 12 + 8 + 6);
    assert_int_equal(r.fill_cycles, 12 + 4);
    assert_int_equal(r.drain_cycles, 3);
    assert_int_equal(r.latency_cycles, 16 + 26 + 3);
}

static void idle_units_do_nothing(void **state) {
    (void)state;
    tiny t;
    tiny_ragged(&t);
    hd_replay r = run(&t);
    assert_int_equal(r.computes, 24);
    assert_int_equal(r.compute_cycles, 16);
    assert_access(&r, 1, HD_I, 16, 8, 0); /* multicast to both, and once to the one that works alone */
    assert_access(&r, 1, HD_W, 24, 12, 0);
    assert_int_equal(r.deliveries[2][HD_I], 24);
}

static void registers_keep_what_does_not_change(void **state) {
    (void)state;
    tiny t;
    tiny_product(&t);
    t.arch.level[2].operand_register = HD_ROLE_BIT(HD_O);
    hd_replay r = run(&t);
    assert_access(&r, 1, HD_O, 6, 0, 6); /* K is summed in the register */
}

static void home_inside_costs_nothing_outside(void **state) {
    (void)state;
    tiny t;
    tiny_product(&t);
    t.problem.home[HD_W] = 1;
    t.scheme.level[0].keep &= ~HD_ROLE_BIT(HD_W);
    hd_replay r = run(&t);
    assert_access(&r, 0, HD_W, 0, 0, 0);
    assert_access(&r, 1, HD_W, 24, 0, 0);
}

static void refuses_what_is_too_long_or_no_scheme(void **state) {
    (void)state;
    tiny t;
    hd_replay out;
    hd_error err = {0};
    tiny_product(&t);
    assert_int_equal(hd_replay_scheme(&t.problem, &t.scheme, 23, &out, &err), HD_ERR_USAGE);
    assert_true(err.message[0] != '\0');
    t.scheme.level[1].tensor[1] = 2;
    assert_int_equal(hd_replay_scheme(&t.problem, &t.scheme, 1000, &out, NULL), HD_ERR_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_every_access),
        cmocka_unit_test(counts_cycles),
        cmocka_unit_test(idle_units_do_nothing),
        cmocka_unit_test(registers_keep_what_does_not_change),
        cmocka_unit_test(home_inside_costs_nothing_outside),
        cmocka_unit_test(refuses_what_is_too_long_or_no_scheme),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
