/* Timeloop's files through the public header: priced, solved under their constraints, converted there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "heddle/heddle.h"

#define CASES "tests/data/timeloop/cases/"
#define DESIGNS "tests/data/timeloop/designs/"

typedef struct world { hd_context *context; hd_foreign *foreign; } world;

static void open_files(world *w, const char *const *paths, int count)
{
    hd_error err = {0};
    hd_context_options c = {.size = sizeof c};
    assert_int_equal(hd_context_new(&c, &w->context, &err), HD_OK);
    if (hd_foreign_open(w->context, "timeloop", paths, count, &w->foreign, &err) != HD_OK)
        fail_msg("%s:%d:%d: %s", err.file, err.line, err.column, err.message);
}

static void open_case(world *w, const char *name)
{
    char path[3][256];
    const char *files[3] = {path[0], path[1], path[2]};
    snprintf(path[0], sizeof path[0], CASES "%s/arch.yaml", name);
    snprintf(path[1], sizeof path[1], CASES "%s/problem.yaml", name);
    snprintf(path[2], sizeof path[2], CASES "%s/mapping.yaml", name);
    open_files(w, files, 3);
}

static void finish(world *w)
{
    hd_foreign_free(w->context, w->foreign);
    hd_context_free(w->context);
}

static void mappings_are_priced(void **state)
{
    (void)state;
    world w;
    hd_error err = {0};
    hd_answer *answer = NULL;
    hd_totals totals = {.size = sizeof totals};
    open_case(&w, "01_conv1d_ws");
    assert_true(hd_foreign_has(w.foreign, "mapping"));
    assert_false(hd_foreign_has(w.foreign, "constraints"));
    assert_int_equal(hd_foreign_price(w.context, w.foreign, NULL, &answer, &err), HD_OK);
    assert_true(hd_answer_complete(answer, &err));
    hd_answer_totals(answer, &totals);
    assert_int_equal(totals.macs, 1536);
    assert_int_equal(totals.latency_cycles, 1536);
    char *json = NULL;
    assert_int_equal(hd_answer_json(w.context, answer, true, &json, &err), HD_OK);
    assert_non_null(strstr(json, "\"model\": \"timeloop\""));
    assert_non_null(strstr(json, "\"Weights\": {\"reads\""));
    assert_null(strstr(json, "\"I2\""));
    hd_string_free(w.context, json);
    hd_answer_free(w.context, answer);
    finish(&w);
}

/* From memory, with a place in the error. */
static void texts_are_read(void **state)
{
    (void)state;
    static const char good[] = "problem:\n  shape: {name: p, dimensions: [M, N], data-spaces: [{name: A, projection: [M]}, "
                               "{name: Z, projection: [M, N], read-write: true}]}\n  instance: {M: 4, N: 3}\n";
    static const char bad[] = "problem:\n  shape: {name: p, dimensions: [M, N], data-spaces: [{name: A, projection: [K]}, "
                              "{name: Z, projection: [M, N], read-write: true}]}\n  instance: {M: 4, N: 3}\n";
    hd_error err = {0};
    hd_context *context = NULL;
    hd_context_options c = {.size = sizeof c};
    assert_int_equal(hd_context_new(&c, &context, &err), HD_OK);
    hd_named_text text = {"good.yaml", good, sizeof good - 1};
    hd_foreign *foreign = NULL;
    if (hd_foreign_parse(context, "timeloop", &text, 1, &foreign, &err) != HD_OK) fail_msg("%s", err.message);
    assert_true(hd_foreign_has(foreign, "problem"));
    assert_false(hd_foreign_has(foreign, "arch"));
    hd_foreign_free(context, foreign);
    text = (hd_named_text){"bad.yaml", bad, sizeof bad - 1};
    assert_int_equal(hd_foreign_parse(context, "timeloop", &text, 1, &foreign, &err), HD_ERR_INPUT);
    assert_string_equal(err.file, "bad.yaml");
    assert_int_equal(err.line, 2);
    assert_int_equal(hd_foreign_parse(context, "timeloop", &text, 0, &foreign, &err), HD_ERR_USAGE);
    hd_context_free(context);
}

static void keep_line(void *user, const char *message) { snprintf(user, 256, "%s", message); }

/* What a reader passes over goes to the log of the context. */
static void warnings_are_logged(void **state)
{
    (void)state;
    static const char text[] = "mapper:\n  algorithm: foo\n";
    char line[256] = "";
    hd_error err = {0};
    hd_context *context = NULL;
    hd_context_options c = {.size = sizeof c, .log = keep_line, .user = line};
    hd_named_text file = {"m.yaml", text, sizeof text - 1};
    hd_foreign *foreign = NULL;
    hd_answer *answer = NULL;
    assert_int_equal(hd_context_new(&c, &context, &err), HD_OK);
    assert_int_equal(hd_foreign_parse(context, "timeloop", &file, 1, &foreign, &err), HD_OK);
    assert_int_equal(strncmp(line, "m.yaml:2:14: ", 13), 0);
    assert_int_equal(hd_foreign_price(context, foreign, NULL, &answer, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "(m.yaml)"));
    hd_foreign_free(context, foreign);
    hd_context_free(context);
}

/* A mapping that is not valid is an answer with a reason; so is a file that cannot be read an error with a place. */
static void refusals_have_reasons(void **state)
{
    (void)state;
    static const struct { const char *name, *part; } invalid[] = {
        {"24_capacity_fail", "level RF"}, {"25_fanout_fail", "8"},
    };
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        world w;
        hd_error err = {0};
        hd_answer *answer = NULL;
        open_case(&w, invalid[i].name);
        assert_int_equal(hd_foreign_price(w.context, w.foreign, NULL, &answer, &err), HD_OK);
        assert_false(hd_answer_complete(answer, &err));
        assert_non_null(strstr(err.message, invalid[i].part));
        hd_answer_free(w.context, answer);
        finish(&w);
    }
    world w;
    hd_error err = {0};
    hd_answer *answer = NULL;
    const char *files[] = {CASES "01_conv1d_ws/arch.yaml"};
    open_files(&w, files, 1);
    assert_int_equal(hd_foreign_price(w.context, w.foreign, NULL, &answer, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "problem"));
    hd_foreign *other = NULL;
    assert_int_equal(hd_foreign_open(w.context, "maestro", files, 1, &other, &err), HD_ERR_USAGE);
    const char *missing[] = {"no/such/file.yaml"};
    assert_int_equal(hd_foreign_open(w.context, "timeloop", missing, 1, &other, &err), HD_ERR_IO);
    finish(&w);
}

static void constraints_are_the_space(void **state)
{
    (void)state;
    static const char *const files[] = {
        DESIGNS "eyeriss_like/eyeriss_like.yaml", DESIGNS "eyeriss_like/ERT.yaml", DESIGNS "eyeriss_like/ART.yaml",
        DESIGNS "eyeriss_like/eyeriss_like_arch_constraints.yaml", DESIGNS "eyeriss_like/eyeriss_like_map_constraints.yaml",
        "tests/data/timeloop/problems/alexnet_c3.yaml",
    };
    world w;
    hd_error err = {0};
    hd_answer *answer = NULL;
    char *json = NULL;
    hd_solve_options o = {.size = sizeof o, .evaluations = 500};
    open_files(&w, files, 6);
    assert_true(hd_foreign_has(w.foreign, "constraints"));
    assert_int_equal(hd_foreign_solve(w.context, w.foreign, &o, &answer, &err), HD_OK);
    if (!hd_answer_complete(answer, &err)) fail_msg("%s", err.message);
    assert_int_equal(hd_answer_json(w.context, answer, true, &json, &err), HD_OK);
    assert_non_null(strstr(json, "bypass,constraints\""));
    hd_string_free(w.context, json);
    hd_answer_free(w.context, answer);
    finish(&w);
}

/* Into our files and back into Timeloop's: the same energies. */
static void conversions_keep_the_price(void **state)
{
    (void)state;
    static const char *const parts[] = {"arch", "problem", "mapping"};
    static const char *const paths[] = {"test_foreign_arch.yaml", "test_foreign_problem.yaml", "test_foreign_mapping.yaml"};
    world w;
    hd_error err = {0};
    hd_answer *answer = NULL, *again = NULL;
    hd_totals first = {.size = sizeof first}, second = {.size = sizeof second};
    open_case(&w, "12_two_spatial_levels_bypass");
    assert_int_equal(hd_foreign_price(w.context, w.foreign, NULL, &answer, &err), HD_OK);
    for (int i = 0; i < 3; i++) {
        char *text = NULL;
        if (hd_answer_text(w.context, answer, 0, "timeloop", parts[i], &text, &err) != HD_OK) fail_msg("%s", err.message);
        FILE *file = fopen(paths[i], "wb");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
        hd_string_free(w.context, text);
    }
    hd_foreign *other = NULL;
    hd_status status = hd_foreign_open(w.context, "timeloop", paths, 3, &other, &err);
    for (int i = 0; i < 3; i++) remove(paths[i]);
    if (status != HD_OK) fail_msg("%s:%d: %s", err.file, err.line, err.message);
    assert_int_equal(hd_foreign_price(w.context, other, NULL, &again, &err), HD_OK);
    hd_answer_totals(answer, &first);
    hd_answer_totals(again, &second);
    assert_true(first.energy_pj > 0 && first.energy_pj == second.energy_pj);
    assert_true(first.latency_cycles == second.latency_cycles);
    char *text = NULL;
    assert_int_equal(hd_foreign_text(w.context, other, "heddle", "network", &text, &err), HD_OK);
    assert_non_null(strstr(text, "heddle: network/1"));
    assert_non_null(strstr(text, "\"Weights\""));
    hd_string_free(w.context, text);
    assert_int_equal(hd_foreign_text(w.context, other, "heddle", "nothing", &text, &err), HD_ERR_USAGE);
    hd_answer_free(w.context, again);
    hd_answer_free(w.context, answer);
    hd_foreign_free(w.context, other);
    finish(&w);
}

static void models_are_compared(void **state)
{
    (void)state;
    world w;
    hd_error err = {0};
    hd_answer *answer = NULL;
    char *text = NULL;
    const char *set[] = {"timeloop.link_transfers=0"}, *wrong[] = {"timeloop.nothing=0"};
    open_case(&w, "27_link_transfers");
    assert_int_equal(hd_foreign_price(w.context, w.foreign, NULL, &answer, &err), HD_OK);
    assert_int_equal(hd_answer_compare(w.context, answer, 0, "native,timeloop", 1, set, &text, &err), HD_OK);
    assert_non_null(strstr(text, "native"));
    assert_non_null(strstr(text, "timeloop"));
    hd_string_free(w.context, text);
    assert_int_equal(hd_answer_compare(w.context, answer, 0, "native,timeloop", 1, wrong, &text, &err), HD_ERR_USAGE);
    assert_int_equal(hd_answer_compare(w.context, answer, 0, "magic", 0, NULL, &text, &err), HD_ERR_USAGE);
    assert_int_equal(hd_answer_compare(w.context, answer, 5, NULL, 0, NULL, &text, &err), HD_ERR_USAGE);
    hd_answer_free(w.context, answer);
    finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mappings_are_priced), cmocka_unit_test(texts_are_read), cmocka_unit_test(warnings_are_logged),
        cmocka_unit_test(refusals_have_reasons),
        cmocka_unit_test(constraints_are_the_space), cmocka_unit_test(conversions_keep_the_price),
        cmocka_unit_test(models_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
