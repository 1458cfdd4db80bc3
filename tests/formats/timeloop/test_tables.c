/* Do energy and area tables reach the right levels, actions and words? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "told.h"

#define CHIP                                                                                                 \
    "architecture:\n  subtree:\n  - name: system\n    local:\n"                                              \
    "    - {name: DRAM, class: DRAM, attributes: {block-size: 4, word-bits: 8, tile-width: 3}}\n"            \
    "    - {name: 'L[0..3]', class: SRAM, attributes: {sizeKB: 0.5, vector-access-energy: 7}}\n"             \
    "    - {name: 'R[0..3]', class: SRAM, attributes: {sizeKB: 0.5, block-size: 2, energy-per-hop: 9, "      \
    "tile-width: 3}}\n"                                                                                      \
    "    - {name: 'MAC[0..3]', class: intmac}\n"
#define ERT(tables)          CHIP "ERT:\n  version: 0.3\n  tables:\n" tables
#define TABLE(name, actions) "  - {name: '" name "', actions: [" actions "]}\n"
#define ACTION(name, pj)     "{name: " name ", arguments: null, energy: " #pj "}"

static void actions_are_looked_up_in_order(void **state) {
    (void)state;
    const hd_arch *a =
        &told_by(
             ERT(TABLE("system.DRAM", ACTION("read", 8) "," ACTION("write", 12) "," ACTION("idle", 99))
                     TABLE("s.pe[0..1].R[0..3]", ACTION("random_read", 2) "," ACTION("read", 4) "," ACTION(
                                                     "write", 6) "," ACTION("random_update", 10))))
             ->arch;
    for (int r = 0; r < 4; r++) {
        assert_true(a->level[0].read_pj[r] == 2 && a->level[0].fill_pj[r] == 3 &&
                    a->level[0].update_pj[r] == 3);
        assert_true(a->level[2].read_pj[r] == 1 && a->level[2].fill_pj[r] == 3 &&
                    a->level[2].update_pj[r] == 5);
    }
    a = &told_by(ERT(TABLE("R", ACTION("random_fill", 6) "," ACTION("write", 4))))->arch;
    assert_true(a->level[2].fill_pj[0] == 3 && a->level[2].update_pj[0] == 3);
    assert_true(a->level[2].read_pj[0] == 1); /* no such action: the built-in energy stays */
    told_end();
}

static void the_largest_of_an_action_counts(void **state) {
    (void)state;
    const hd_arch *a = &told_by(ERT(TABLE("system.DRAM", ACTION("read", 8) "," ACTION("read", 20) "," ACTION(
                                                             "read", 4) "," ACTION("write", 0))))
                            ->arch;
    assert_true(a->level[0].read_pj[0] == 5 && a->level[0].fill_pj[0] == 0);
    told_end();
}

static void what_stands_at_the_component_wins(void **state) {
    (void)state;
    const hd_arch *a = &told_by(ERT(TABLE("system.L[0..3]", ACTION("read", 1) "," ACTION("write", 1))
                                        TABLE("system.nobody", ACTION("read", 1))))
                            ->arch;
    assert_true(a->level[1].read_pj[0] == 7 && a->level[1].update_pj[0] == 7);
    told_end();
}

static void the_arithmetic_has_its_own_names(void **state) {
    (void)state;
    assert_true(told_by(ERT(TABLE("MAC", ACTION("compute", 0.5) "," ACTION("mac_random", 3))))->arch.mac_pj ==
                0.5);
    assert_true(told_by(ERT(TABLE("a.MAC[0..3]", ACTION("mac_gated", 0.1) "," ACTION("mac_random", 3))))
                    ->arch.mac_pj == 3);
    assert_true(told_by(ERT(TABLE("MAC", ACTION("multiply", 2) "," ACTION("idle", 9) "," ACTION("leak", 9))))
                    ->arch.mac_pj == 2);
    assert_true(told_by(ERT(TABLE("MAC", ACTION("idle", 9))))->arch.mac_pj == 1);
    told_end();
}

static void wires_set_the_networks_that_say_nothing(void **state) {
    (void)state;
    const hd_arch *a = &told_by(ERT(TABLE("system.wire", ACTION("transfer_random", 0.5))))->arch;
    assert_true(a->level[1].timeloop.hop_pj == 0.5 * 8 * 3); /* energy x bits x length */
    assert_true(a->level[2].timeloop.hop_pj == 0);           /* L says no length */
    assert_true(a->level[3].timeloop.hop_pj == 9);           /* R says the energy itself */
    told_end();
}

static void areas_are_checked(void **state) {
    (void)state;
    assert_true(told_by(CHIP "ART: {version: 0.3, tables: [{name: system.DRAM, area: 1.5}]}\n")->has_arch);
    told_end();
    told_refused("ART: {tables: [{name: x}]}", 1, 16, "without area");
    told_refused("ART: {tables: [{name: x, area: big}]}", 1, 32, "area");
    told_refused("ART: {tables: [{area: 1}]}", 1, 16, "without a name");
    told_refused("ART: {version: 0.3}", 1, 6, "no tables");
    told_refused("ART: []", 1, 6, "expected a map");
}

static void wrong_tables_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int line, column;
        const char *part;
    } rows[] = {
        {CHIP "ERT: {tables: 3}", 9, 15, "expected a list"},
        {CHIP "ERT: {tables: [3]}", 9, 16, "expected a map"},
        {CHIP "ERT: {tables: [{actions: []}]}", 9, 16, "without a name"},
        {CHIP "ERT: {tables: [{name: DRAM}]}", 9, 16, "without actions"},
        {CHIP "ERT: {tables: [{name: DRAM, actions: 3}]}", 9, 38, "expected a list"},
        {CHIP "ERT: {tables: [{name: DRAM, actions: [{name: read}]}]}", 9, 39, "name, arguments and energy"},
        {CHIP "ERT: {tables: [{name: DRAM, actions: [{name: read, energy: -1}]}]}", 9, 60, "expected 0 to"},
        {CHIP "ERT: {tables: [{name: other, actions: [{name: read, energy: much}]}]}", 9, 61, "'much'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        told_refused(rows[i].text, rows[i].line, rows[i].column, rows[i].part);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_are_looked_up_in_order),
        cmocka_unit_test(the_largest_of_an_action_counts),
        cmocka_unit_test(what_stands_at_the_component_wins),
        cmocka_unit_test(the_arithmetic_has_its_own_names),
        cmocka_unit_test(wires_set_the_networks_that_say_nothing),
        cmocka_unit_test(areas_are_checked),
        cmocka_unit_test(wrong_tables_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
