/* Are misspelt keys refused with the one that was meant, and is what is passed over told? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/timeloop/parts.h"
#include "inputs.h"
#include "told.h"

#define NODES(nodes) "architecture:\n  version: 0.4\n  nodes:\n" nodes
#define DRAM         "  - !Component {name: DRAM, class: DRAM}\n"
#define MAC          "  - !Component {name: MAC, class: intmac}\n"
#define TREE(local)  "architecture:\n  subtree:\n  - name: s\n    local:\n" local

static void misspelt_keys_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int line, column;
        const char *part;
    } rows[] = {
        {NODES("  - !Component {name: x, class: SRAM, constraint: {}}\n"), 4, 39, "did you mean constraints?"},
        {NODES("  - !Component {name: x, class: SRAM, attribute: {}}\n"), 4, 39, "did you mean attributes?"},
        {NODES("  - !Container {name: x, spatial: {mesX: 4}}\n"), 4, 36, "did you mean meshX?"},
        {NODES("  - !Container {name: x, spatial: {depth: 4}}\n"), 4, 36, "expected one of: meshX meshY"},
        {NODES("  - !Container {name: x, nodes: []}\n"), 4, 26, "expected one of: name"},
        {NODES("  - !Hierarchical {nodez: []}\n"), 4, 20, "did you mean nodes?"},
        {NODES("  - !Component {name: x, class: SRAM, attributes: {entires: 4}}\n"), 4, 52, "did you mean entries?"},
        {"architecture:\n  nodez: []\n", 2, 3, "did you mean nodes?"},
        {TREE("    - {name: DRAM, class: DRAM, attributes: {word_bit: 8}}\n"), 5, 46, "did you mean word-bits?"},
        {TREE("    - {name: DRAM, class: DRAM, attributs: {}}\n"), 5, 33, "did you mean attributes?"},
        {TREE("    - {name: DRAM, class: DRAM, constraints: {}}\n"), 5, 33, "expected one of"},
        {"arch:\n  arithmetic: {name: MAC}\n  storage:\n  - {name: R, entrys: 3}\n", 4, 15, "did you mean entries?"},
        {"problem:\nmapping: []\n", 1, 1, "found nothing"},
        {"problem:\n  K: 3\n  C: 2\n", 2, 3, "K is no dimension of the shape CNN-Layer, whose dimension M has no size"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        told_refused(rows[i].text, rows[i].line, rows[i].column, rows[i].part);
}

/* Timeloop allows any attribute: names of their own, and names that expressions use, are no misspellings. */
static void other_keys_may_stand_there(void **state) {
    (void)state;
    const hd_arch *a = &told_by(NODES("  - !Component {name: DRAM, class: DRAM, required_actions: [read], attributes: {"
                                      "n_depth: 4, "
                                      "my_number: 3, entrie: 5, depth: 2 * entrie}}\n"
                                      "  - !Container {name: c, attributes: {mesh_x: 2}, _note: mine}\n" MAC))
                             ->arch;
    assert_int_equal(a->level[0].capacity, 10);
    told_end();
}

static void disabled_groups_are_left_out(void **state) {
    (void)state;
    const hd_arch *a =
        &told_by(NODES(DRAM "  - !Parallel {enabled: false, nodes: [!Component {name: x, class: SRAM}]}\n" MAC))->arch;
    assert_int_equal(a->levels, 2);
    told_end();
}

static void nearest_keys(void **state) {
    (void)state;
    static const char *const known[] = {"entries", "meshX", "word-bits", "datawidth", NULL};
    assert_string_equal(hd_tl_nearest("entires", known), "entries");
    assert_string_equal(hd_tl_nearest("word_bit", known), "word-bits");
    assert_null(hd_tl_nearest("datawidth_a", known));
    assert_null(hd_tl_nearest("mes", known));
    assert_null(hd_tl_nearest("technology", known));
}

static bool warns(const hd_timeloop *t, const char *part) {
    for (const hd_timeloop_warning *w = t->warnings; w; w = w->next)
        if (strstr(w->text, part)) return true;
    return false;
}

#define ERT(table) "ERT:\n  tables:\n" table

static void what_is_passed_over_is_told(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } rows[] = {
        {"constraints:\n  targets: [{target: GLB, type: temporal, factors: M=64}]\n",
         "the factor M=64 is larger than the dimension (8)"},
        {ERT("  - {name: system.NOPE, actions: [{name: read, energy: 1}]}\n"), "NOPE belongs to no component"},
        {"mapper: {optimization-metrics: [foo, edp]}\n", "the metric 'foo'"},
        {"mapper: {optimization-metrc: edp}\n", "did you mean optimization-metric?"},
        {"mapper: {algorithm: foo}\n", "no algorithm 'foo'"},
        {"mapping:\n- {target: DRAM, type: temporal, factors: C=4 M=8 P=6 R=3}\n"
         "- {target: GLB, type: temporal, factors: C=1}\n",
         "no temporal directive for RF"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[4096];
        snprintf(text, sizeof text, "%s%s%s", INPUT_PROBLEM, INPUT_ARCH, rows[i].text);
        const hd_timeloop *t = told_by(text);
        if (!warns(t, rows[i].part)) fail_msg("no warning '%s' but '%s'", rows[i].part, t->warnings ? t->warnings->text : "none");
        assert_null(t->warnings->next);
        assert_int_equal(strncmp(t->warnings->text, "inline.yaml:", 12), 0);
    }
    const hd_timeloop *t = told_by(INPUT_PROBLEM INPUT_ARCH);
    assert_null(t->warnings);
    told_end();
}

static void chips_and_problems_warn(void **state) {
    (void)state;
    const hd_timeloop *t = told_by(TREE("    - {name: DRAM, class: DRAM}\n"
                                        "    - {name: R, class: regfile, attributes: {entries: 64, "
                                        "sizeKB: 1}}\n    - {name: S, class: regfile, attributes: {depth: 512, sizeKB: 1}}\n"
                                        "    - {name: MAC, class: intmac}\n") ERT("  - {name: s.S, actions: [{name: access, "
                                                                                  "energy: 3}]}\n"));
    assert_true(warns(t, "component R: sizeKB makes 512 words, but 64"));
    assert_false(warns(t, "component S: sizeKB"));
    assert_true(warns(t, "the table of S has no action that is used"));
    t = told_by("problem: {C: 1, M: 1, R: 1, S: 1, N: 1, P: 1, Q: 1, Wstrides: 2, Hpad: 3, H: 9}\n");
    assert_true(warns(t, "did you mean the coefficient Wstride?"));
    assert_null(t->warnings->next);
    told_end();
}

/* The chip is called as its outermost container. */
static void chips_are_named_from_outside(void **state) {
    (void)state;
    const hd_arch *a = &told_by(NODES("  - !Container {name: system, spatial: {meshX: 1}}\n" DRAM
                                      "  - !Container {name: PE, spatial: {meshX: 1}}\n" MAC))
                             ->arch;
    assert_string_equal(a->name, "system");
    told_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misspelt_keys_are_refused),    cmocka_unit_test(other_keys_may_stand_there),
        cmocka_unit_test(disabled_groups_are_left_out), cmocka_unit_test(nearest_keys),
        cmocka_unit_test(what_is_passed_over_is_told),  cmocka_unit_test(chips_and_problems_warn),
        cmocka_unit_test(chips_are_named_from_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
