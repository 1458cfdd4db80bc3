/* `heddle explain`: the loop nest, the tiles, where each joule and cycle comes from, and where models differ about it. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const cli_option options[] = {
    {"layer", CLI_TEXT, "L", NULL, CLI_FIELD(layer), 0, "one layer, by name or by its number in the table"},
    {"model", CLI_TEXT, "M,...", NULL, CLI_FIELD(model), 0,
     "one of `heddle list models`; several, as native,timeloop, are compared term by term"},
    CLI_TIMELOOP,
    {"reproducible", CLI_FLAG, NULL, NULL, CLI_FIELD(reproducible), 0, "leave out of JSON what varies from run to run"},
    CLI_COMMON,
};

/* The models of --model: the first explains, all are compared where there are several. */
typedef struct request {
    const cli_values *values;
    char first[64];
    bool compare;
    cli_list sets; /* every setting; those of a model hold where it prices */
} request;

static hd_status explain_one(hd_context *context, const hd_answer *answer, int layer, const request *r, hd_error *err)
{
    char *text = NULL, *compared = NULL;
    hd_status status = HD_OK;
    if (hd_answer_scheme(answer, layer)) status = hd_answer_explain(context, answer, layer, &text, err);
    if (status == HD_OK && r->compare)
        status = hd_answer_compare(context, answer, layer, r->values->model, r->sets.count, r->sets.item, &compared, err);
    if (status == HD_OK && text) status = cli_write("-", text, err);
    if (status == HD_OK && compared) status = cli_write("-", compared, err);
    hd_string_free(context, text);
    hd_string_free(context, compared);
    return status;
}

static hd_status explain_all(hd_context *context, const hd_answer *answer, const request *r, hd_error *err)
{
    hd_status status = HD_OK;
    for (int i = 0; i < hd_answer_layers(answer) && status == HD_OK; i++)
        if (hd_answer_problem(answer, i)) status = explain_one(context, answer, i, r, err);
    return status;
}

static int explain(hd_context *context, const hd_answer *answer, const request *r, hd_error *err)
{
    const cli_values *values = r->values;
    if (values->json) {
        cli_values quiet = *values;
        quiet.quiet = true;
        if (cli_report(context, answer, &quiet, err) != HD_OK) return cli_fail(err);
    }
    int layer = values->layer ? hd_answer_find(answer, values->layer) : -1;
    if (values->layer && layer < 0) {
        fprintf(stderr, "heddle explain: no layer '%s': a name or a number of the table expected\n", values->layer);
        return CLI_USAGE;
    }
    hd_status status = HD_OK;
    bool text = !values->json || strcmp(values->json, "-") != 0;
    if (text && values->layer && hd_answer_problem(answer, layer)) status = explain_one(context, answer, layer, r, err);
    else if (text && values->layer) status = hd_answer_explain(context, answer, layer, NULL, err); /* says why not */
    else if (text) status = explain_all(context, answer, r, err);
    if (status != HD_OK) {
        cli_name_input(values, err);
        int code = cli_fail(err);
        return code == CLI_USAGE && !hd_answer_complete(answer, NULL) ? CLI_NO : code;
    }
    if (hd_answer_complete(answer, err) || r->compare) return CLI_OK;
    cli_name_input(values, err);
    cli_fail(err);
    return CLI_NO;
}

/* "native,timeloop" is a first model and a comparison; the settings of all are kept, each for its own. */
static void understand(const cli_values *values, request *r, hd_solve_options *solve)
{
    *r = (request){.values = values, .sets = values->preset};
    for (int i = 0; i < values->set.count && r->sets.count < CLI_MAX_LIST; i++)
        r->sets.item[r->sets.count++] = values->set.item[i];
    r->compare = values->model && strchr(values->model, ',');
    if (!r->compare) return;
    snprintf(r->first, sizeof r->first, "%.*s", (int)strcspn(values->model, ","), values->model);
    solve->model = r->first;
    solve->presets = r->sets.count;
    solve->preset = r->sets.item;
    solve->sets = 0;
}

static int run(const cli_values *values)
{
    hd_error err = {0};
    hd_context *context = NULL;
    cli_input input = {0};
    hd_solve_options solve = cli_solve_options(values);
    request r;
    understand(values, &r, &solve);
    hd_status status = cli_context(values, &context, &err);
    if (status == HD_OK) status = cli_price(context, values, &solve, &input, &err);
    int code = status == HD_OK ? explain(context, input.answer, &r, &err) : cli_fail(&err);
    cli_input_free(context, &input);
    hd_context_free(context);
    return code;
}

const cli_command cli_explain = {
    "explain", "heddle explain SCHEDULE | --timeloop FILES... [--layer L] [--model M,...]",
    "loop nest per level, tiles, reuse, where each joule and cycle comes from, the binding limit; where models differ", 1, 1,
    options, run,
};
