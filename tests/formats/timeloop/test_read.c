/* Do several files make one input, templates and merges included, with every place in its own file? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "formats/timeloop/parts.h"
#include "told.h"

#define ARCH    "architecture: {subtree: [{name: s, local: [{name: D, class: DRAM}, {name: M, class: mac}]}]}\n"
#define PROBLEM "problem: {C: 2, M: 3, R: 3, S: 3, N: 1, P: 4, Q: 4}\n"

static void sections_may_stand_in_any_file(void **state) {
    (void)state;
    const hd_timeloop *t =
        told_by("mapper: {optimization-metrics: [last-level-accesses, delay, energy]}\n" PROBLEM ARCH
                "compound_components: {}\nglobals: {}\nx-mine: 3\nsparse_optimizations: {}\n");
    assert_true(t->has_op && t->has_arch && !t->has_mapping && t->has_objective);
    assert_int_equal(t->objective, HD_LATENCY);
    assert_true(t->problem.op == &t->op && t->problem.arch == &t->arch);
    assert_true(t->arch.hash != 0);
    assert_int_equal(told_by("mapper: {optimization_metric: edp}")->objective, HD_EDP);
    assert_false(
        told_by("mapper: {optimization-metrics: [last-level-accesses], algorithm: random}")->has_objective);
    told_end();
}

static void elements_are_words_of_the_arithmetic(void **state) {
    (void)state;
    const hd_timeloop *t = told_by(PROBLEM "arch: {arithmetic: {word-bits: 8}, storage: [{name: M}]}\n");
    assert_true(t->op.tensor[HD_W].bits == 8 && t->op.tensor[HD_O].bits == 8);
    assert_int_equal(told_by(PROBLEM)->op.tensor[HD_I].bits, 16);
    told_end();
}

static void sections_twice_or_unknown_are_refused(void **state) {
    (void)state;
    told_refused(PROBLEM "mapper: {}\nMapper: {}\n", 3, 1, "found the key 'Mapper', expected architecture");
    told_refused(PROBLEM ARCH "arch: {}\n", 3, 1, "first at inline.yaml:2");
    told_refused("mapping: []\n" ARCH, 1, 10, "no problem to read it against");
    told_refused("mapspace_constraints: {targets: []}\n" PROBLEM, 1, 23,
                 "no architecture to read it against");
    told_refused("- 1\n", 1, 1, "expected a map");
    told_refused("", 1, 1, "empty");
    told_refused("variables: 3", 1, 12, "expected a map");
    told_refused("sparse_optimizations: {targets: [1]}", 1, 1, "not priced");
}

/* ---- templates and merges: hd_tl_read_text itself ---- */

static char folder[96];

static int make_folder(void **state) {
    (void)state;
    const char *temporary = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/heddle-include-XXXXXX", temporary ? temporary : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static void path_of(const char *name, char out[128]) {
    snprintf(out, 128, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text) {
    char path[128];
    path_of(name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int drop_folder(void **state) {
    (void)state;
    static const char *const names[] = {"a.yaml", "b.yaml", "loop.yaml"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path_of(names[i], path);
        unlink(path);
    }
    return rmdir(folder);
}

static hd_status read_text(const char *text, hd_arena *arena, hd_node **out, hd_error *err) {
    char name[128];
    path_of("main.yaml", name);
    const hd_timeloop_text one = {name, text, strlen(text)};
    return hd_tl_read_text(&one, arena, out, err);
}

static void included_texts_keep_their_places(void **state) {
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_node *root;
    hd_error err;
    char path[128];
    write_file("a.yaml", "first: &it 1\n{{ include_text(\"b.yaml\") }}\n");
    write_file("b.yaml", "# {{ not(this) }}\nsecond:\n  third: 3\n");
    hd_status status =
        read_text("zero: 0\n{{include_text('a.yaml')}}\nlast: [*it, {}]\n", arena, &root, &err);
    if (status != HD_OK) fail_msg("%s:%d: %s", err.file, err.line, err.message);
    const hd_node *third = hd_node_get(hd_node_get(root, "second"), "third"),
                  *last = hd_node_get(root, "last");
    path_of("b.yaml", path);
    assert_true(hd_node_is(third, "3") && third->line == 3 && third->column == 10);
    assert_string_equal(third->file, path);
    path_of("a.yaml", path);
    assert_string_equal(hd_node_get(root, "first")->file, path);
    assert_int_equal(hd_node_get(root, "first")->line, 1);
    path_of("main.yaml", path);
    if (last->line != 3 || last->column != 7) fail_msg("last stands at %d:%d", last->line, last->column);
    assert_string_equal(last->file, path);
    hd_arena_free(arena);
}

static void refuse_text(const char *text, const char *file, int line, int column, const char *part) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_node *root;
    hd_error err = {0};
    char path[128];
    path_of(file, path);
    assert_int_equal(read_text(text, arena, &root, &err), HD_ERR_INPUT);
    if (err.line != line || (column && err.column != column) || !strstr(err.message, part) ||
        strcmp(err.file, path) != 0)
        fail_msg("found %s:%d:%d: %s; expected %s:%d:%d: %s", err.file, err.line, err.column, err.message,
                 path, line, column, part);
    hd_arena_free(arena);
}

static void other_templates_are_refused(void **state) {
    (void)state;
    write_file("loop.yaml", "{{include_text('loop.yaml')}}\n");
    write_file("a.yaml", "a: 1\nb: [\n");
    write_file("b.yaml", "a: {{include_text('nowhere.yaml')}}\n");
    refuse_text("a: 1\nb: {{ 2 * 3 }}\n", "main.yaml", 2, 4, "Jinja");
    refuse_text("{% for x in y %}\n", "main.yaml", 1, 1, "Jinja");
    refuse_text("a: {# remark #}\n", "main.yaml", 1, 4, "Jinja");
    refuse_text("a: {{include_text('x.yaml'\n", "main.yaml", 1, 4, "Jinja");
    refuse_text("a: {{include_text(x)}}\n", "main.yaml", 1, 4, "Jinja");
    refuse_text("{{add_to_path('..')}}\n", "main.yaml", 1, 1, "Jinja");
    refuse_text("a: {{include_text('nowhere.yaml')}}\n", "main.yaml", 1, 4, "cannot be read");
    refuse_text("{{include_text('b.yaml')}}\n", "b.yaml", 1, 4, "cannot be read");
    refuse_text("x: 0\n{{include_text('loop.yaml')}}\n", "loop.yaml", 1, 1, "inside each other");
    refuse_text("x: 0\n{{include_text('a.yaml')}}\n", "a.yaml", 2, 0, "YAML");
}

static void three_signs_merge_deeply(void **state) {
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_node *root;
    hd_error err;
    hd_status status = read_text("base: &base {a: 1, m: {x: 1, y: {z: 2}}, l: [1]}\n"
                                 "more: &more {<<<: *base, a: 2, m: {w: 5}}\n"
                                 "deep: {<<<: [*more, {m: {v: 7}, q: 8}], m: {x: 9}, l: [2, 3]}\n"
                                 "flat: {<<: *base, m: {x: 9}}\n"
                                 "same: *more\n",
                                 arena, &root, &err);
    if (status != HD_OK) fail_msg("%s", err.message);
    const hd_node *deep = hd_node_get(root, "deep"), *m = hd_node_get(deep, "m");
    assert_null(hd_node_get(deep, "<<<"));
    assert_true(hd_node_is(hd_node_get(deep, "a"), "2") && hd_node_is(hd_node_get(deep, "q"), "8"));
    assert_true(hd_node_is(hd_node_get(m, "x"), "9") && hd_node_is(hd_node_get(m, "w"), "5"));
    assert_true(hd_node_is(hd_node_get(m, "v"), "7") &&
                hd_node_is(hd_node_get(hd_node_get(m, "y"), "z"), "2"));
    assert_int_equal(hd_node_get(deep, "l")->items, 2);
    assert_int_equal(hd_node_get(hd_node_get(root, "flat"), "m")->items, 1);
    assert_int_equal(hd_node_get(hd_node_get(root, "base"), "m")->items, 2); /* sources stay as they were */
    assert_int_equal(hd_node_get(hd_node_get(root, "same"), "m")->items, 3);
    hd_arena_free(arena);
    refuse_text("a: {<<<: 3}", "main.yaml", 1, 10, "merges a map");
    refuse_text("a: {<<<: [{}, [1]]}", "main.yaml", 1, 15, "merges a map");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_may_stand_in_any_file),
        cmocka_unit_test(elements_are_words_of_the_arithmetic),
        cmocka_unit_test(sections_twice_or_unknown_are_refused),
        cmocka_unit_test(included_texts_keep_their_places),
        cmocka_unit_test(other_templates_are_refused),
        cmocka_unit_test(three_signs_merge_deeply),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
