/* What a command is given to work on: a schedule of ours, or a neighbour's files; and what the environment says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

hd_status cli_open_foreign(hd_context *context, const cli_values *values, cli_input *out, hd_error *err)
{
    const char *file[CLI_MAX_LIST + CLI_MAX_ARGUMENTS];
    int files = 0;
    for (int i = 0; i < values->timeloop.count; i++) file[files++] = values->timeloop.item[i];
    for (int i = 0; i < values->arguments; i++) file[files++] = values->argument[i];
    return hd_foreign_open(context, "timeloop", file, files, &out->foreign, err);
}

void cli_name_input(const cli_values *values, hd_error *err)
{
    if (err->file[0] || values->timeloop.count > 0 || err->code == HD_ERR_USAGE) return; /* of use, not of the file */
    snprintf(err->file, sizeof err->file, "%s", values->argument[0]);
}

hd_status cli_price(hd_context *context, const cli_values *values, const hd_solve_options *options, cli_input *out,
                    hd_error *err)
{
    hd_status status;
    if (values->timeloop.count == 0) {
        status = hd_price_schedule(context, values->argument[0], options, &out->answer, err);
        if (status != HD_OK) cli_name_input(values, err);
        return status;
    }
    status = cli_open_foreign(context, values, out, err);
    if (status == HD_OK) status = hd_foreign_price(context, out->foreign, options, &out->answer, err);
    return status;
}

void cli_input_free(hd_context *context, cli_input *input)
{
    hd_answer_free(context, input->answer);
    hd_foreign_free(context, input->foreign);
}

/* Timeloop's own switches: the variable, and what its values 0 and 1 mean for the model. */
static const struct { const char *variable, *zero, *one; } switches[] = {
    {"TIMELOOP_DISABLE_LINK_TRANSFERS", "timeloop.link_transfers=1", "timeloop.link_transfers=0"},
    {"TIMELOOP_ENABLE_FIRST_READ_ELISION", "timeloop.first_read_elision=0", "timeloop.first_read_elision=1"},
    {"TIMELOOP_ENABLE_TOROIDAL_LINKS", "timeloop.toroidal_links=0", "timeloop.toroidal_links=1"},
};

void cli_environment(cli_values *values)
{
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        const char *value = getenv(switches[i].variable);
        if (!value || !*value) continue;
        values->preset.item[values->preset.count++] = strcmp(value, "0") == 0 ? switches[i].zero : switches[i].one;
    }
}
