/* Timeloop's own search, recorded, against ours: same files, same constraints; with 10,000 evaluations not worse, and
 * `optimal` proves every answer.
 *
 * Every sixth row of mapper_results.json for the constrained designs; with --all every row.
 * And its complete enumerations of tiny problems: `optimal` proves the same optimum, with --all `exhaustive` too. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "heddle/heddle.h"

#define DATA "tests/data/timeloop/"
enum { EVALUATIONS = 10000, SOME = 6 };

static bool all_rows;

static const char *text_of(const json_t *row, const char *key) { return json_string_value(json_object_get(row, key)); }

/* All YAML files that the two patterns match, as one input. */
static hd_foreign *open_files(hd_context *context, const char *first, const char *second)
{
    hd_error err = {0};
    hd_foreign *foreign = NULL;
    glob_t files;
    assert_int_equal(glob(first, 0, NULL, &files), 0);
    if (second) assert_int_equal(glob(second, GLOB_APPEND, NULL, &files), 0);
    if (hd_foreign_open(context, "timeloop", (const char *const *)files.gl_pathv, (int)files.gl_pathc, &foreign, &err) != HD_OK)
        fail_msg("%s:%d:%d: %s", err.file, err.line, err.column, err.message);
    globfree(&files);
    return foreign;
}

static hd_foreign *open_row(hd_context *context, const char *design, const char *layer)
{
    char files[256], problem[256];
    snprintf(files, sizeof files, DATA "designs/%s/*.yaml", design);
    snprintf(problem, sizeof problem, DATA "problems/%s.yaml", layer);
    return open_files(context, files, problem);
}

static hd_totals search(hd_context *context, const hd_foreign *foreign, const char *solver)
{
    hd_error err = {0};
    hd_answer *answer = NULL;
    hd_totals totals = {.size = sizeof totals};
    int64_t evaluations = strcmp(solver, "optimal") == 0 ? 0 : EVALUATIONS;
    hd_solve_options o = {.size = sizeof o, .objective = "edp", .solver = solver, .evaluations = evaluations};
    assert_int_equal(hd_foreign_solve(context, foreign, &o, &answer, &err), HD_OK);
    if (!hd_answer_complete(answer, &err)) fail_msg("%s", err.message);
    hd_answer_totals(answer, &totals);
    assert_true(evaluations == 0 || totals.evaluations <= evaluations);
    hd_answer_free(context, answer);
    return totals;
}

static void compare_row(hd_context *context, const json_t *row)
{
    static const char *const solvers[] = {"descend", "random"};
    const char *design = text_of(row, "design"), *layer = text_of(row, "layer");
    double recorded = json_number_value(json_object_get(row, "edp_pj_cycle"));
    assert_true(recorded > 0);
    hd_foreign *foreign = open_row(context, design, layer);
    hd_totals best = search(context, foreign, "optimal");
    if (!best.proved || best.edp > recorded * (1 + 1e-6))
        fail_msg("%s %s: EDP %g%s, Timeloop's mapper %g", design, layer, best.edp, best.proved ? "" : " not proved", recorded);
    for (int s = 0; s < 2; s++) {
        double found = search(context, foreign, solvers[s]).edp;
        assert_true(found >= best.edp * (1 - 1e-12));
        if (!(found > 0 && found <= recorded * (1 + 1e-6)))
            fail_msg("%s %s: %s found EDP %g, Timeloop's mapper %g", design, layer, solvers[s], found, recorded);
    }
    hd_foreign_free(context, foreign);
}

/* The design without constraints has no files of that kind: it is for benchmarks. */
static bool has_constraints(const char *design) { return design && strcmp(design, "own16x16") != 0; }

static void searches_are_not_worse(void **state)
{
    (void)state;
    hd_error err = {0};
    hd_context *context = NULL;
    json_error_t problem;
    json_t *rows = json_load_file(DATA "mapper_results.json", 0, &problem), *row;
    size_t i;
    int compared = 0, seen = 0;
    if (!rows) fail_msg("line %d: %s", problem.line, problem.text);
    assert_int_equal(hd_context_new(NULL, &context, &err), HD_OK);
    json_array_foreach(rows, i, row)
    {
        if (!has_constraints(text_of(row, "design"))) continue;
        if (seen++ % SOME != 0 && !all_rows) continue;
        compare_row(context, row);
        compared++;
    }
    assert_true(compared >= 3);
    hd_context_free(context);
    json_decref(rows);
}

/* optimum.json holds the metric's optimum; the folder's name ends in the metric. */
static void prove_optimum(hd_context *context, const char *folder, const char *solver)
{
    static const struct { const char *metric, *objective, *key; } metrics[] = {
        {"__delay/", "latency", "cycles"}, {"__energy/", "energy", "energy_pj"}, {"__edp/", "edp", "edp_pj_cycle"}};
    char pattern[256], path[256];
    hd_error err = {0};
    size_t m = 0;
    while (m < 3 && !strstr(folder, metrics[m].metric)) m++;
    if (m == 3) fail_msg("%s: no metric in its name", folder);
    snprintf(pattern, sizeof pattern, "%s*.yaml", folder);
    snprintf(path, sizeof path, "%soptimum.json", folder);
    json_t *optimum = json_load_file(path, 0, NULL);
    assert_non_null(optimum);
    hd_foreign *foreign = open_files(context, pattern, NULL);
    hd_answer *answer = NULL;
    hd_totals totals = {.size = sizeof totals};
    hd_solve_options o = {.size = sizeof o, .objective = metrics[m].objective, .solver = solver};
    assert_int_equal(hd_foreign_solve(context, foreign, &o, &answer, &err), HD_OK);
    hd_answer_totals(answer, &totals);
    const double found[] = {(double)totals.latency_cycles, totals.energy_pj, totals.edp};
    double expected = json_number_value(json_object_get(optimum, metrics[m].key));
    if (!totals.proved || found[m] > expected * (1 + 1e-6) || found[m] < expected * (1 - 1e-6))
        fail_msg("%s: %g found%s, the optimum is %g", folder, found[m], totals.proved ? " and proved" : "", expected);
    hd_answer_free(context, answer);
    hd_foreign_free(context, foreign);
    json_decref(optimum);
}

static void optima_are_proved(void **state)
{
    (void)state;
    hd_error err = {0};
    hd_context *context = NULL;
    glob_t folders;
    assert_int_equal(glob(DATA "optimal/*", GLOB_MARK, NULL, &folders), 0);
    assert_true(folders.gl_pathc >= 6);
    assert_int_equal(hd_context_new(NULL, &context, &err), HD_OK);
    for (size_t i = 0; i < folders.gl_pathc; i++) {
        if (all_rows) prove_optimum(context, folders.gl_pathv[i], "exhaustive");
        prove_optimum(context, folders.gl_pathv[i], "optimal");
    }
    hd_context_free(context);
    globfree(&folders);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(searches_are_not_worse), cmocka_unit_test(optima_are_proved)};
    all_rows = argc > 1 && strcmp(argv[1], "--all") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
