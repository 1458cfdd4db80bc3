/* `heddle eval`: price a given schedule or a neighbour's mapping; nothing is searched. */
#include <stdio.h>

#include "cli/command.h"

static const cli_option options[] = {
    {"objective", CLI_TEXT, "O", NULL, CLI_FIELD(objective), 0, "energy, latency or edp; standard: the schedule's"},
    {"model", CLI_TEXT, "M", NULL, CLI_FIELD(model), 0,
     "one of `heddle list models`; standard: the schedule's; with --timeloop: timeloop"},
    CLI_TIMELOOP,
    {"reproducible", CLI_FLAG, NULL, NULL, CLI_FIELD(reproducible), 0, "leave out of JSON what varies from run to run"},
    CLI_COMMON,
};

static int run(const cli_values *values)
{
    hd_error err = {0};
    hd_context *context = NULL;
    cli_input input = {0};
    hd_solve_options solve = cli_solve_options(values);
    int code = CLI_OK;
    hd_status status = cli_context(values, &context, &err);
    if (status == HD_OK) status = cli_price(context, values, &solve, &input, &err);
    if (status == HD_OK) status = cli_report(context, input.answer, values, &err);
    if (status != HD_OK) {
        code = cli_fail(&err);
    } else if (!hd_answer_complete(input.answer, &err)) {
        cli_name_input(values, &err);
        cli_fail(&err);
        code = CLI_NO;
    }
    cli_input_free(context, &input);
    hd_context_free(context);
    return code;
}

const cli_command cli_eval = {
    "eval", "heddle eval SCHEDULE | --timeloop FILES... [--option VALUE]...",
    "price a schedule (schedule.yaml, or the folder of solve --out) or a Timeloop mapping, without any search", 1, 1,
    options, run,
};
