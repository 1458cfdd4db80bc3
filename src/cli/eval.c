/* `heddle eval`: price a given schedule; nothing is searched. */
#include <stdio.h>

#include "cli/command.h"

static const cli_option options[] = {
    {"objective", CLI_TEXT, "O", NULL, CLI_FIELD(objective), 0, "energy, latency or edp; standard: the schedule's"},
    {"model", CLI_TEXT, "M", NULL, CLI_FIELD(model), 0, "one of `heddle list models`; standard: the schedule's"},
    {"reproducible", CLI_FLAG, NULL, NULL, CLI_FIELD(reproducible), 0, "leave out of JSON what varies from run to run"},
    CLI_COMMON,
};

static int run(const cli_values *values)
{
    hd_error err = {0};
    hd_context *context = NULL;
    hd_answer *answer = NULL;
    hd_solve_options solve = cli_solve_options(values);
    int code = CLI_OK;
    hd_status status = cli_context(values, &context, &err);
    if (status == HD_OK) status = hd_price_schedule(context, values->argument[0], &solve, &answer, &err);
    if (status == HD_OK) status = cli_report(context, answer, values, &err);
    if (status != HD_OK) {
        code = cli_fail(&err);
    } else if (!hd_answer_complete(answer, &err)) {
        cli_fail(&err);
        code = CLI_NO;
    }
    hd_answer_free(context, answer);
    hd_context_free(context);
    return code;
}

const cli_command cli_eval = {
    "eval", "heddle eval SCHEDULE [--option VALUE]...",
    "price a schedule (schedule.yaml, or the folder of solve --out) without any search", 1, 1, options, run,
};
