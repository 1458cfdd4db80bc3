/* `heddle convert`: files of a neighbour into ours, and our schedules into theirs.
 *
 * Each part is a file of its own; a part that the other format cannot express is not written, its reason is printed, and
 * the exit code is 1.                                                                                                  */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"

static const cli_option options[] = {
    CLI_TIMELOOP,
    {"to", CLI_TEXT, "FORMAT", NULL, CLI_FIELD(to), 0, "heddle (arch.yaml, network.yaml, schedule.yaml) or timeloop "
     "(arch.yaml, problem.yaml, mapping.yaml)"},
    {"out", CLI_TEXT, "DIR", NULL, CLI_FIELD(out), 0, "the folder to write to"},
    {"layer", CLI_TEXT, "L", NULL, CLI_FIELD(layer), 0,
     "one layer of a schedule; without it one folder for each distinct layer, where there are several"},
    CLI_COMMON,
};

/* A part of a format, what of the source it needs, and its file. */
typedef struct part { const char *name, *needs, *file; } part;
static const part heddle_parts[] = {{"arch", "arch", "arch.yaml"}, {"network", "problem", "network.yaml"},
                                    {"schedule", "mapping", "schedule.yaml"}};
static const part timeloop_parts[] = {{"arch", "arch", "arch.yaml"}, {"problem", "problem", "problem.yaml"},
                                      {"mapping", "mapping", "mapping.yaml"}};
enum { PARTS = 3 };

/* One conversion: what was written and what was refused, for people and as JSON. */
typedef struct conversion {
    hd_context *context;
    const cli_values *values;
    int written, refused;
    FILE *json;
} conversion;

static void note(conversion *c, const char *file, const char *reason)
{
    bool good = !reason;
    if (c->json) {
        char name[1200], why[1200];
        cli_json_string(file, name, sizeof name);
        cli_json_string(good ? "" : reason, why, sizeof why);
        fprintf(c->json, "%s\n    {\"file\": %s, \"refused\": %s}", c->written + c->refused ? "," : "", name,
                good ? "null" : why);
    }
    if (good && !c->values->quiet && c->json != stdout) printf("%s\n", file);
    if (!good) fprintf(stderr, "heddle convert: %s: not written: %s\n", file, reason);
    c->written += good;
    c->refused += !good;
}

/* Write a part's text, or note why there is none. */
static hd_status put(conversion *c, const char *folder, const part *p, hd_status status, char *text, hd_error *err)
{
    char path[1024];
    snprintf(path, sizeof path, "%.900s/%s", folder, p->file);
    if (status == HD_OK) status = cli_write(path, text, err);
    else if (status == HD_ERR_USAGE) {
        note(c, path, err->message);
        return HD_OK;
    }
    if (status == HD_OK) note(c, path, NULL);
    return status;
}

static hd_status convert_foreign(conversion *c, const hd_foreign *foreign, bool ours, hd_error *err)
{
    const part *parts = ours ? heddle_parts : timeloop_parts;
    hd_status status = HD_OK;
    for (int i = 0; i < PARTS && status == HD_OK; i++) {
        char *text = NULL;
        if (!hd_foreign_has(foreign, parts[i].needs)) continue;
        hd_status made = hd_foreign_text(c->context, foreign, c->values->to, parts[i].name, &text, err);
        status = put(c, c->values->out, &parts[i], made, text, err);
        hd_string_free(c->context, text);
    }
    if (status == HD_OK && hd_foreign_has(foreign, "constraints"))
        note(c, "constraints", ours ? "no file of heddle's holds them; `heddle solve --timeloop` searches under them"
                                    : "constraints are read, not written");
    return status;
}

static hd_status convert_layer(conversion *c, const hd_answer *answer, int layer, const char *folder, hd_error *err)
{
    hd_status status = HD_OK;
    for (int i = 0; i < PARTS && status == HD_OK; i++) {
        char *text = NULL;
        hd_status made = hd_answer_text(c->context, answer, layer, "timeloop", timeloop_parts[i].name, &text, err);
        status = put(c, folder, &timeloop_parts[i], made, text, err);
        hd_string_free(c->context, text);
    }
    return status;
}

static bool is_distinct(const hd_answer *answer, int layer)
{
    return hd_answer_problem(answer, layer) && hd_answer_same_as(answer, layer) < 0;
}

/* "DIR/03-conv2": the layer's number among all, and what of its name may stand in a path. */
static void layer_folder(const conversion *c, const hd_answer *answer, int layer, char out[1024])
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    char name[64];
    snprintf(name, sizeof name, "%s", hd_answer_layer_name(answer, layer));
    for (char *at = name + strspn(name, good); *at; at += strspn(at, good)) *at = '_';
    snprintf(out, 1024, "%.800s/%02d-%s", c->values->out, layer + 1, name);
}

static hd_status convert_schedule(conversion *c, const hd_answer *answer, hd_error *err)
{
    int only = c->values->layer ? hd_answer_find(answer, c->values->layer) : -1, distinct = 0;
    if (c->values->layer && only < 0) {
        err->code = HD_ERR_USAGE;
        snprintf(err->message, sizeof err->message, "no layer '%.100s': a name or a number of the table expected",
                 c->values->layer);
        return HD_ERR_USAGE;
    }
    for (int i = 0; i < hd_answer_layers(answer); i++) distinct += is_distinct(answer, i);
    hd_status status = HD_OK;
    for (int i = 0; i < hd_answer_layers(answer) && status == HD_OK; i++) {
        char folder[1024];
        if (only >= 0 ? i != only : !is_distinct(answer, i)) continue;
        snprintf(folder, sizeof folder, "%.1000s", c->values->out);
        if (only < 0 && distinct > 1) layer_folder(c, answer, i, folder);
        mkdir(folder, 0777); /* there already, or the writing says what is wrong */
        status = convert_layer(c, answer, i, folder, err);
    }
    return status;
}

static int check(const cli_values *values)
{
    const char *why = NULL;
    bool ours = values->to && strcmp(values->to, "heddle") == 0;
    if (!values->to || (!ours && strcmp(values->to, "timeloop") != 0)) why = "--to heddle or --to timeloop expected";
    else if (!values->out) why = "--out is missing: the folder to write to";
    else if (values->timeloop.count > 0 && values->layer) why = "--layer chooses from a schedule, not from Timeloop files";
    else if (values->timeloop.count == 0 && values->arguments == 0) why = "a SCHEDULE or --timeloop FILES... expected";
    else if (values->timeloop.count == 0 && ours) why = "a schedule is heddle's own already; --to timeloop expected";
    if (!why) return CLI_OK;
    fprintf(stderr, "heddle convert: %s\n", why);
    return CLI_USAGE;
}

static hd_status convert(conversion *c, hd_error *err)
{
    const cli_values *values = c->values;
    cli_input input = {0};
    hd_status status = cli_check_outputs(values->out, values->json, err);
    if (status == HD_OK && values->timeloop.count > 0) {
        status = cli_open_foreign(c->context, values, &input, err);
    } else if (status == HD_OK) {
        hd_solve_options o = cli_solve_options(values);
        status = cli_price(c->context, values, &o, &input, err);
    }
    if (status == HD_OK && values->json)
        c->json = strcmp(values->json, "-") == 0 ? stdout : fopen(values->json, "wb");
    if (c->json) fprintf(c->json, "{\n  \"heddle\": \"convert/1\",\n  \"files\": [");
    if (status == HD_OK && input.foreign)
        status = convert_foreign(c, input.foreign, strcmp(values->to, "heddle") == 0, err);
    else if (status == HD_OK)
        status = convert_schedule(c, input.answer, err);
    if (c->json) fprintf(c->json, "\n  ]\n}\n");
    if (c->json && c->json != stdout) fclose(c->json);
    cli_input_free(c->context, &input);
    return status;
}

static int run(const cli_values *values)
{
    hd_error err = {0};
    conversion c = {.values = values};
    int code = check(values);
    if (code != CLI_OK) return code;
    hd_status status = cli_context(values, &c.context, &err);
    if (status == HD_OK) status = convert(&c, &err);
    hd_context_free(c.context);
    if (status != HD_OK) return cli_fail(&err);
    return c.refused > 0 ? CLI_NO : CLI_OK;
}

const cli_command cli_convert = {
    "convert", "heddle convert SCHEDULE [--layer L] --to timeloop --out DIR | --timeloop FILES... --to heddle --out DIR",
    "schedules into Timeloop's files, and Timeloop's files into ours", 0, 1, options, run,
};
