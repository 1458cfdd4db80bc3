/* Are v0.4 nodes lowered as Timeloop's front end lowers them? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "told.h"

#define V04          "tests/data/timeloop/v04/"
#define NODES(nodes) "architecture:\n  version: 0.4\n  nodes:\n" nodes
#define DRAM         "  - !Component {name: DRAM, class: DRAM}\n"
#define MAC          "  - !Component {name: MAC, class: intmac}\n"

/* All that prices see but the dummies' `keeps`, which the tree cannot say. */
static void the_design_is_its_lowered_tree(void **state) {
    (void)state;
    hd_error err;
    const char *const nodes = V04 "eyeriss.yaml", *const tree = V04 "lowered.yaml";
    hd_arch a = told_by_files(&nodes, 1)->arch;
    hd_arch b = told_by_files(&tree, 1)->arch;
    assert_int_equal(a.levels, 8);
    for (int l = 0; l < a.levels - 1; l++) {
        bool dummy = strstr(a.level[l].name, "inter_") != NULL;
        assert_int_equal(a.level[l].keeps, dummy ? 0 : 15);
        a.level[l].keeps = 15;
    }
    assert_true(a.hash != b.hash);
    assert_int_equal(hd_arch_check(&a, &err), HD_OK);
    assert_true(a.hash == b.hash);
    assert_string_equal(a.name, b.name);
    assert_true(a.level[4].fan[HD_Y] == 12 && a.level[3].fan[HD_X] == 14 && a.level[5].capacity == 192);
    assert_true(a.level[6].timeloop.multiple_buffering == 2 && a.level[6].double_buffer);
    told_end();
}

static void the_design_works_with_a_problem(void **state) {
    (void)state;
    static const char *const files[] = {V04 "eyeriss.yaml", "tests/data/timeloop/problems/alexnet_c1.yaml"};
    const hd_timeloop *t = told_by_files(files, 2);
    int m = hd_operator_dim(&t->op, "M"), s = hd_operator_dim(&t->op, "S"), c = hd_operator_dim(&t->op, "C");
    assert_true(t->has_constraints);
    assert_int_equal(t->constraints.must_bypass[2] & 7, 7); /* the dummy of PE_column */
    assert_int_equal(t->constraints.must_keep[4] & 7, HD_ROLE_BIT(HD_I));
    assert_int_equal(t->constraints.must_bypass[5] & 7, HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O));
    assert_int_equal(t->constraints.copies[3][c].most, 1); /* PE_column: C=1 */
    assert_int_equal(t->constraints.copies[3][m].most, 0);
    assert_int_equal(t->constraints.copies[4][s].least, 11); /* PE: S=0, the whole dim */
    told_end();
}

static void copies_hold_for_all_that_follows(void **state) {
    (void)state;
    const hd_arch *a =
        &told_by(NODES(DRAM "  - !Hierarchical\n    nodes:\n    - !Container {name: tile, spatial: {meshX: "
                            "2, meshY: 2}}\n"
                            "    - !Component {name: L1, class: SRAM}\n"
                            "  - !Component {name: RF, class: regfile, spatial: {meshX: 3}}\n" MAC))
             ->arch;
    static const char *const names[] = {"DRAM", "inter_tile_spatial", "L1", "inter_RF_spatial", "RF", "MAC"};
    static const int64_t fan[][2] = {{1, 1}, {1, 1}, {2, 2}, {1, 1}, {3, 1}, {1, 1}};
    assert_int_equal(a->levels, 6);
    for (int l = 0; l < 6; l++) {
        assert_string_equal(a->level[l].name, names[l]);
        assert_true(a->level[l].fan[HD_X] == fan[l][0] && a->level[l].fan[HD_Y] == fan[l][1]);
    }
    assert_true(a->level[1].bounded && a->level[1].capacity == 0 && a->level[1].read_pj[0] == 0 &&
                a->level[1].keeps == 0);
    told_end();
}

static void attributes_come_from_inside_out(void **state) {
    (void)state;
    const hd_arch *a =
        &told_by("variables: {bits: 32, depth: 7}\n" NODES(
                     "  - !Container {name: a, attributes: {datawidth: bits, depth: 8, width: 64}}\n"
                     "  - !Component {name: M, class: SRAM}\n"
                     "  - !Container {name: b, attributes: {datawidth: 8}}\n"
                     "  - !Component {name: N, class: SRAM, attributes: {depth: datawidth * 2, entries_used: "
                     "3}}\n"
                     "  - !Component {name: off, class: SRAM, enabled: false}\n"
                     "  - !Nothing\n" MAC))
             ->arch;
    assert_int_equal(a->levels, 3);
    assert_int_equal(a->level[0].word_bits, 32);
    assert_int_equal(a->level[0].capacity, 8 * 2); /* depth times the block that the width derives */
    assert_int_equal(a->level[1].word_bits, 8);
    assert_int_equal(a->level[1].capacity, 16 * 8);
    assert_int_equal(a->level[2].word_bits, 8);
    told_end();
}

static void wrong_nodes_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int line, column;
        const char *part;
    } rows[] = {
        {NODES("  - {name: x}\n"), 4, 5, "without a tag"},
        {NODES("  - !Thing {name: x}\n"), 4, 12, "tagged !Thing"},
        {NODES("  - !Component 3\n"), 4, 16, "expected a map"},
        {NODES("  - !Component {name: x}\n"), 4, 16, "no class"},
        {NODES("  - !Component {class: SRAM}\n"), 4, 16, "no name"},
        {NODES("  - !Hierarchical {}\n"), 4, 19, "without nodes"},
        {NODES("  - !Component {name: 'x[0..3]', class: SRAM}\n"), 4, 16, "meshX: 4"},
        {NODES("  - !Container {name: x, spatial: {meshX: 2}}\n" DRAM MAC), 4, 16,
         "storage component outside"},
        {NODES("  - !Container {name: x, spatial: {meshX: zero}}\n"), 4, 43,
         "no attribute or variable 'zero'"},
        {NODES("  - !Container {name: x, spatial: {meshX: 0}}\n"), 4, 43, "expected 1 to"},
        {NODES("  - !Container {name: x, constraints: {temporal: {}}}\n"), 4, 40, "expected spatial"},
        {NODES("  - !Container {spatial: {meshX: 2}}\n"), 4, 16, "no name"},
        {NODES(DRAM "  - !Parallel {nodes: [!Container {name: x}]}\n"), 5, 35, "inside !Parallel"},
        {NODES(DRAM "  - !Parallel {nodes: [!Component {name: x, class: SRAM, spatial: {meshX: 2}}]}\n"), 5,
         35, "copies inside !Parallel"},
        {NODES("  - !Component {name: x, class: SRAM, enabled: maybe}\n"), 4, 48, "expected true or false"},
        {NODES(DRAM "  - !Component {name: x, class: SRAM, spatial: {meshX: 2}}\n  - !Component {name: "
                    "inter_x_spatial, class: SRAM}\n" MAC),
         2, 3, "occurs twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        told_refused(rows[i].text, rows[i].line, rows[i].column, rows[i].part);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_design_is_its_lowered_tree),   cmocka_unit_test(the_design_works_with_a_problem),
        cmocka_unit_test(copies_hold_for_all_that_follows), cmocka_unit_test(attributes_come_from_inside_out),
        cmocka_unit_test(wrong_nodes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
