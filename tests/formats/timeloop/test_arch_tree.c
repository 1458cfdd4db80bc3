/* Do trees of subtree and local lists (v0.2, v0.3) become the right chain of levels? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "told.h"

#define TREE(inside) "architecture:\n  version: 0.3\n  subtree:\n  - name: system\n" inside
#define DRAM         "    - {name: DRAM, class: DRAM}\n"
#define MAC          "    - {name: MAC, class: intmac}\n"

static void ranges_multiply_down_the_chain(void **state) {
    (void)state;
    const hd_arch *a =
        &told_by(
             TREE("    local:\n" DRAM
                  "    subtree:\n    - name: chip\n      attributes: {technology: 45nm}\n      local:\n"
                  "      - {name: GLB, class: smartbuffer_SRAM, attributes: {depth: 128, block-size: 4}}\n"
                  "      - {name: 'Dummy[0..13]', class: regfile, attributes: {entries: 0, meshX: 14}}\n"
                  "      subtree:\n      - name: PE[0..167]\n        local:\n"
                  "        - {name: spad, class: storage, subclass: anything, attributes: {depth: 12, meshX: "
                  "14}}\n"
                  "        - {name: 'mac[0..1]', class: intmac, attributes: {meshX: 14}}\n"
                  "        - {name: adder, class: intadder, attributes: {meshX: 14}}\n"
                  "        - {name: 'regs[1..2]', class: reg_storage, attributes: {depth: 1, meshY: 24}}\n"
                  "        - {name: wires, class: bus}\n"))
             ->arch;
    static const char *const names[] = {"DRAM", "GLB", "Dummy", "spad", "regs"};
    static const int64_t fan[][2] = {{1, 1}, {1, 1}, {14, 1}, {1, 12}, {1, 2}};
    assert_int_equal(a->levels, 6);
    for (int l = 0; l < 5; l++) {
        assert_string_equal(a->level[l].name, names[l]);
        assert_true(a->level[l].fan[HD_X] == fan[l][0] && a->level[l].fan[HD_Y] == fan[l][1]);
    }
    assert_string_equal(a->name, "system");
    told_end();
}

static void the_arithmetic_comes_last(void **state) {
    (void)state;
    const hd_arch *a = &told_by(TREE("    local:\n" MAC DRAM "    - {name: RF, class: regfile}\n"))->arch;
    assert_int_equal(a->levels, 3);
    assert_string_equal(a->level[0].name, "DRAM");
    assert_string_equal(a->level[2].name, "MAC");
    assert_int_equal(a->vector_at, 2);
    assert_int_equal(a->level[2].keeps, 0);
    assert_int_equal(a->level[1].keeps, 15);
    assert_true(a->level[1].multicast[HD_X] == 15 && a->level[1].multicast[HD_Y] == 15 &&
                a->level[1].reduce[HD_Y]);
    told_end();
}

static void classes_go_by_parts_of_their_names(void **state) {
    (void)state;
    const hd_arch *a =
        &told_by(
             TREE("    local:\n    - {name: a, class: LPDDR4_DRAM}\n    - {name: b, class: my_SRAM_macro}\n"
                  "    - {name: c, class: smartbuffer_RF}\n    - {name: d, class: simple_storage}\n"
                  "    - {name: e, class: Regfile}\n    - {name: f, class: fpmac_v2}\n"))
             ->arch;
    assert_int_equal(a->levels, 5); /* e is not storage: its class is spelt otherwise */
    assert_string_equal(a->level[3].name, "d");
    assert_string_equal(a->level[4].name, "f");
    told_end();
}

static void wrong_trees_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int line, column;
        const char *part;
    } rows[] = {
        {"architecture: {version: 0.3}", 1, 15, "neither subtree"},
        {"architecture: {version: 9, subtree: []}", 1, 25, "version"},
        {"architecture: {subtree: []}", 1, 25, "expected one"},
        {"architecture: {subtree: {name: x}}", 1, 25, "expected a list"},
        {"architecture: 3", 1, 15, "expected a map"},
        {TREE("    local:\n" DRAM MAC "    subtree:\n    - {name: a}\n    - {name: b}\n"), 9, 5,
         "found 2 children"},
        {TREE("    local:\n" DRAM), 2, 3, "no arithmetic"},
        {TREE("    local:\n" MAC), 2, 3, "no storage"},
        {TREE("    local:\n" DRAM MAC "    - {name: M2, class: compute}\n"), 8, 7, "a second arithmetic"},
        {TREE("    local:\n" DRAM MAC "    - {name: net, class: XY_NoC}\n"), 8, 7, "explicit networks"},
        {TREE("    local:\n" DRAM MAC "    - {class: SRAM}\n"), 8, 7, "no name"},
        {TREE("    local:\n" DRAM MAC "    - {name: x}\n"), 8, 7, "no class"},
        {TREE("    local:\n" DRAM MAC "    - {name: 'x[0..'}\n"), 8, 15, "a name with a range"},
        {TREE("    local:\n" DRAM MAC "    - {name: x, class: SRAM, attributes: 7}\n"), 8, 42,
         "expected a map"},
        {TREE("    local:\n" DRAM MAC "    - 7\n"), 8, 7, "expected a map"},
        {TREE("    local:\n" DRAM MAC "    - {name: 'x[0..9007199254740991]', class: SRAM}\n"), 8, 7, "2^53"},
        {TREE("    local:\n" DRAM MAC "    - {name: DRAM, class: SRAM}\n"), 2, 3, "DRAM occurs twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        told_refused(rows[i].text, rows[i].line, rows[i].column, rows[i].part);
}

static void the_given_designs_read(void **state) {
    (void)state;
    static const char *const eyeriss[] = {"tests/data/timeloop/designs/eyeriss_like/eyeriss_like.yaml",
                                          "tests/data/timeloop/designs/eyeriss_like/ERT.yaml",
                                          "tests/data/timeloop/designs/eyeriss_like/ART.yaml"};
    static const char *const simba[] = {"tests/data/timeloop/designs/simba_like/simba_like.yaml",
                                        "tests/data/timeloop/designs/simba_like/ERT.yaml"};
    const hd_arch *a = &told_by_files(eyeriss, 3)->arch;
    assert_int_equal(a->levels, 7);
    assert_true(hd_arch_instances(a, 6) == 168 && a->level[3].fan[HD_Y] == 12 &&
                a->level[1].capacity == 65536);
    assert_true(a->mac_pj == 2.2 && a->level[0].read_pj[0] == 128 && a->level[4].update_pj[2] == 1.586);
    a = &told_by_files(simba, 2)->arch;
    assert_int_equal(a->levels, 7);
    assert_true(hd_arch_instances(a, 6) == 256 && a->level[4].word_bits == 24 &&
                a->level[5].timeloop.cluster_size == 64);
    told_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_multiply_down_the_chain),
        cmocka_unit_test(the_arithmetic_comes_last),
        cmocka_unit_test(classes_go_by_parts_of_their_names),
        cmocka_unit_test(wrong_trees_are_refused),
        cmocka_unit_test(the_given_designs_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
