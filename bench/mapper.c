/* Timeloop's own search, recorded, against `--solver optimal` under the same model, files and constraints: one line per row.
 * Arguments: the folder of the recorded runs (standard tests/data/timeloop), a design (standard: all with constraint
 * files), seconds per row (standard 20).                                                                      */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "heddle/heddle.h"

static double cpu(void) { return (double)clock() / CLOCKS_PER_SEC; }

static const char *text_of(const json_t *row, const char *key) { return json_string_value(json_object_get(row, key)); }
static double number_of(const json_t *row, const char *key) { return json_number_value(json_object_get(row, key)); }

static hd_status open_row(hd_context *context, const char *data, const json_t *row, hd_foreign **out, hd_error *err)
{
    char files[512], whole[512], problem[512];
    glob_t found = {0};
    snprintf(files, sizeof files, "%s/designs/%s/*.yaml", data, text_of(row, "design"));
    snprintf(whole, sizeof whole, "%s/%s.yaml", data, text_of(row, "design"));
    snprintf(problem, sizeof problem, "%s/problems/%s.yaml", data, text_of(row, "layer"));
    if (glob(files, 0, NULL, &found) != 0) glob(whole, 0, NULL, &found);
    glob(problem, GLOB_APPEND, NULL, &found);
    hd_status status = hd_foreign_open(context, "timeloop", (const char *const *)found.gl_pathv, (int)found.gl_pathc, out, err);
    globfree(&found);
    return status;
}

/* The metrics that the recorded run was ranked by; the first one counts. */
static const char *objective_of(const json_t *row)
{
    const char *metric = json_string_value(json_array_get(json_object_get(row, "metrics"), 0));
    if (metric && strcmp(metric, "energy") == 0) return "energy";
    return metric && strcmp(metric, "delay") == 0 ? "latency" : "edp";
}

static void print_row(const json_t *row, const char *objective, const hd_totals *t, double seconds)
{
    const double theirs[] = {number_of(row, "edp_pj_cycle"), number_of(row, "energy_pj"), number_of(row, "cycles")};
    const double ours[] = {t->edp, t->energy_pj, (double)t->latency_cycles};
    int i = strcmp(objective, "edp") == 0 ? 0 : strcmp(objective, "energy") == 0 ? 1 : 2;
    printf("%-24s %-16s %-7s %10.4g %8.2f %10.4g %8.2f  x %.2f  %s%s\n", text_of(row, "design"), text_of(row, "layer"), objective,
           theirs[i], number_of(row, "cpu_s"), ours[i], seconds, theirs[i] / ours[i],
           t->proved ? "proved" : "not proved", ours[i] > theirs[i] * (1 + 1e-6) ? "  WORSE" : "");
    fflush(stdout);
}

static hd_status solve_row(hd_context *context, const char *data, const json_t *row, double limit, hd_error *err)
{
    hd_foreign *foreign = NULL;
    hd_answer *answer = NULL;
    hd_totals totals = {.size = sizeof totals};
    hd_solve_options o = {.size = sizeof o, .objective = objective_of(row), .solver = "optimal", .seconds = limit};
    hd_status status = open_row(context, data, row, &foreign, err);
    double start = cpu();
    if (status == HD_OK) status = hd_foreign_solve(context, foreign, &o, &answer, err);
    if (status == HD_OK) {
        hd_answer_totals(answer, &totals);
        print_row(row, o.objective, &totals, cpu() - start);
    }
    hd_answer_free(context, answer);
    hd_foreign_free(context, foreign);
    return status;
}

int main(int count, char **arg)
{
    const char *data = count > 1 ? arg[1] : "tests/data/timeloop", *design = count > 2 ? arg[2] : NULL;
    double limit = count > 3 ? strtod(arg[3], NULL) : 20;
    char path[512];
    hd_error err = {0};
    hd_context *context = NULL;
    hd_status status = hd_context_new(NULL, &context, &err);
    snprintf(path, sizeof path, "%s/mapper_results.json", data);
    json_t *rows = json_load_file(path, 0, NULL), *row;
    size_t i;
    printf("%-24s %-16s %-7s %10s %8s %10s %8s\n", "design", "layer", "", "Timeloop", "CPU s", "optimal", "CPU s");
    json_array_foreach(rows, i, row)
    {
        bool wanted = design ? strcmp(text_of(row, "design"), design) == 0 : strcmp(text_of(row, "design"), "own16x16") != 0;
        if (wanted && status == HD_OK) status = solve_row(context, data, row, limit, &err);
    }
    if (status != HD_OK) fprintf(stderr, "%s:%d:%d: %s\n", err.file, err.line, err.column, err.message);
    json_decref(rows);
    hd_context_free(context);
    return status == HD_OK ? 0 : 1;
}
