/* What a study shows: table, files, and the exit code that it means. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static hd_status write_form(hd_context *context, const hd_study *study, const char *form, const char *file,
                            const cli_values *values, hd_error *err)
{
    char *text = NULL;
    hd_status status = hd_study_text(context, study, form, values->reproducible, &text, err);
    if (status == HD_OK) status = cli_write(file, text, err);
    hd_string_free(context, text);
    return status;
}

/* A bug of the highest order: the message, and the schedule that should not be. */
static int tell_unsound(hd_context *context, const hd_study *study, const hd_error *err)
{
    char *text = NULL;
    hd_error none = {0};
    cli_fail(err);
    if (hd_study_case(context, study, &text, &none) == HD_OK)
        fprintf(stderr, "# for `heddle eval` and `heddle verify`:\n%s", text);
    hd_string_free(context, text);
    return CLI_INTERNAL;
}

int cli_report_study(hd_context *context, const hd_study *study, const cli_values *values, hd_error *err)
{
    hd_status status = HD_OK;
    bool standard = (values->json && strcmp(values->json, "-") == 0) || (values->csv && strcmp(values->csv, "-") == 0);
    cli_progress_end();
    if (values->json) status = write_form(context, study, "json", values->json, values, err);
    if (status == HD_OK && values->csv) status = write_form(context, study, "csv", values->csv, values, err);
    if (status == HD_OK && !values->quiet && !standard) status = write_form(context, study, "table", "-", values, err);
    if (status != HD_OK) return cli_fail(err);
    if (cli_interrupted() && !values->quiet) fprintf(stderr, "heddle: interrupted: what was done so far\n");
    if (!hd_study_sound(study, err)) return tell_unsound(context, study, err);
    if (hd_study_found(study, err)) return CLI_OK;
    cli_fail(err);
    return CLI_NO;
}
