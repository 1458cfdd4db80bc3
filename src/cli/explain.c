/* `heddle explain`: the loop nest, the tiles, and where each joule and cycle comes from. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const cli_option options[] = {
    {"layer", CLI_TEXT, "L", NULL, CLI_FIELD(layer), 0, "one layer, by name or by its number in the table"},
    {"reproducible", CLI_FLAG, NULL, NULL, CLI_FIELD(reproducible), 0, "leave out of JSON what varies from run to run"},
    CLI_COMMON,
};

static hd_status explain_one(hd_context *context, const hd_answer *answer, int layer, hd_error *err)
{
    char *text = NULL;
    hd_status status = hd_answer_explain(context, answer, layer, &text, err);
    if (status == HD_OK) status = cli_write("-", text, err);
    hd_string_free(context, text);
    return status;
}

static int explain(hd_context *context, const hd_answer *answer, const cli_values *values, hd_error *err)
{
    hd_status status = HD_OK;
    if (values->json) {
        cli_values quiet = *values;
        quiet.quiet = true;
        if (cli_report(context, answer, &quiet, err) != HD_OK) return cli_fail(err);
        if (strcmp(values->json, "-") == 0) return CLI_OK;
    }
    if (values->layer) {
        int layer = hd_answer_find(answer, values->layer);
        if (layer < 0) {
            fprintf(stderr, "heddle explain: no layer '%s': a name or a number of the table expected\n", values->layer);
            return CLI_USAGE;
        }
        status = explain_one(context, answer, layer, err);
    } else {
        for (int i = 0; i < hd_answer_layers(answer) && status == HD_OK; i++)
            if (hd_answer_scheme(answer, i)) status = explain_one(context, answer, i, err);
    }
    return status == HD_OK ? CLI_OK : cli_fail(err);
}

static int run(const cli_values *values)
{
    hd_error err = {0};
    hd_context *context = NULL;
    hd_answer *answer = NULL;
    hd_solve_options solve = cli_solve_options(values);
    hd_status status = cli_context(values, &context, &err);
    if (status == HD_OK) status = hd_price_schedule(context, values->argument[0], &solve, &answer, &err);
    int code = status == HD_OK ? explain(context, answer, values, &err) : cli_fail(&err);
    hd_answer_free(context, answer);
    hd_context_free(context);
    return code;
}

const cli_command cli_explain = {
    "explain", "heddle explain SCHEDULE [--layer L]",
    "loop nest per level, tiles, reuse, where each joule and cycle comes from, the binding limit", 1, 1, options, run,
};
