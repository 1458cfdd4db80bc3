/* Does the flat form of 2019 give the same chip as a tree? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "told.h"

static void storage_is_listed_inside_out(void **state) {
    (void)state;
    const hd_arch *a =
        &told_by(
             "arch:\n"
             "  arithmetic: {name: MACs, instances: 64, meshX: 8, word-bits: 16}\n"
             "  storage:\n"
             "  - {name: RF, entries: 64, instances: 64, meshX: 8}\n"
             "  - {name: GBuf, sizeKB: 32, instances: 1, word-bits: 16, block-size: 4, read_bandwidth: 16}\n"
             "  - {name: DRAM, technology: DRAM, block-size: 4, bandwidth: 8.0}\n")
             ->arch;
    assert_int_equal(a->levels, 4);
    assert_string_equal(a->level[0].name, "DRAM");
    assert_string_equal(a->level[2].name, "RF");
    assert_string_equal(a->level[3].name, "MACs");
    assert_true(a->level[0].read_bw == 4 && a->level[0].write_bw == 4 && !a->level[0].bounded);
    assert_true(a->level[0].read_pj[0] == 200);
    assert_true(a->level[1].capacity == 16384 && a->level[1].read_bw == 16 && a->level[1].write_bw == 0);
    assert_true(a->level[2].fan[HD_X] == 8 && a->level[2].fan[HD_Y] == 8 && hd_arch_instances(a, 3) == 64);
    assert_true(a->mac_pj == 1);
    told_end();
}

static void the_arithmetic_may_be_nameless(void **state) {
    (void)state;
    const hd_arch *a =
        &told_by("architecture: {arithmetic: {instances: 4}, storage: [{name: M, instances: 1}]}")->arch;
    assert_string_equal(a->level[1].name, "MAC");
    assert_true(a->level[1].fan[HD_X] == 4 && a->level[1].fan[HD_Y] == 1);
    told_end();
}

static void wrong_lists_are_refused(void **state) {
    (void)state;
    told_refused("arch: {storage: [{name: M}]}", 1, 7, "no arithmetic");
    told_refused("arch: {arithmetic: {}, storage: 3}", 1, 33, "expected a list");
    told_refused("arch: {arithmetic: {}, storage: [3]}", 1, 34, "expected a map");
    told_refused("arch: {arithmetic: {}, storage: [{entries: 3}]}", 1, 34, "no name");
    told_refused("arch: {arithmetic: 3, storage: [{name: M}]}", 1, 20, "expected a map");
    told_refused("arch: {arithmetic: {}, storage: []}", 1, 7, "no storage");
    told_refused("arch: {arithmetic: {}, storage: [{name: M}]}\narchitecture: {}", 2, 1, "a second time");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(storage_is_listed_inside_out),
        cmocka_unit_test(the_arithmetic_may_be_nameless),
        cmocka_unit_test(wrong_lists_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
