/* `heddle solve`: schedule a network on a chip. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/network_options.h"

static const cli_option options[] = {
    {"arch", CLI_TEXT, "A", NULL, CLI_FIELD(arch), 0, "the chip: a name of `heddle list archs` or a YAML file"},
    {"objective", CLI_TEXT, "O", "energy", CLI_FIELD(objective), 0, "energy, latency or edp"},
    {"solver", CLI_TEXT, "S", "descend", CLI_FIELD(solver), 0, "one of `heddle list solvers`"},
    {"model", CLI_TEXT, "M", "native", CLI_FIELD(model), 0, "one of `heddle list models`"},
    {"space", CLI_TEXT, "WORDS", NULL, CLI_FIELD(space), 0,
     "template, free, ragged, bypass, comma separated; standard: the chip's template"},
    {"inter-layer", CLI_TEXT, "I", "none", CLI_FIELD(inter_layer), 0,
     "none: layers one after another (kapla, exhaustive: later)"},
    CLI_NETWORK,
    {"pin", CLI_TEXT, "FILE", NULL, CLI_FIELD(pin), 0, "parts of schemes that are fixed"},
    {"evaluations", CLI_INT, "N", "0", CLI_FIELD(evaluations), 0, "prices per distinct operator; 0 = the solver's end"},
    {"time-limit", CLI_REAL, "S", "0", CLI_FIELD(time_limit), 0, "seconds in all; 0 = none"},
    {"out", CLI_TEXT, "DIR", NULL, CLI_FIELD(out), 0, "write schedule.yaml and result.json there"},
    {"reproducible", CLI_FLAG, NULL, NULL, CLI_FIELD(reproducible), 0, "leave out of JSON what varies from run to run"},
    CLI_COMMON,
};

static hd_status write_folder(hd_context *context, const hd_answer *answer, const cli_values *values, hd_error *err)
{
    char path[1024];
    mkdir(values->out, 0777); /* there already, or the writing below says what is wrong */
    char *text = NULL;
    hd_status status = hd_answer_json(context, answer, values->reproducible, &text, err);
    snprintf(path, sizeof path, "%.900s/result.json", values->out);
    if (status == HD_OK) status = cli_write(path, text, err);
    hd_string_free(context, text);
    if (status != HD_OK || !hd_answer_complete(answer, NULL)) return status;
    text = NULL;
    status = hd_answer_schedule(context, answer, &text, err);
    snprintf(path, sizeof path, "%.900s/schedule.yaml", values->out);
    if (status == HD_OK) status = cli_write(path, text, err);
    hd_string_free(context, text);
    return status;
}

static int finish(hd_context *context, const hd_answer *answer, const cli_values *values, hd_error *err)
{
    if (cli_report(context, answer, values, err) != HD_OK) return cli_fail(err);
    if (values->out && write_folder(context, answer, values, err) != HD_OK) return cli_fail(err);
    if (cli_interrupted() && !values->quiet) fprintf(stderr, "heddle: interrupted: the best so far\n");
    if (hd_answer_complete(answer, err)) return CLI_OK;
    cli_fail(err);
    return CLI_NO;
}

static int run(const cli_values *values)
{
    if (!values->arch) {
        fprintf(stderr, "heddle solve: --arch is missing; `heddle list archs` shows the chips\n");
        return CLI_USAGE;
    }
    if (strcmp(values->inter_layer, "none") != 0) {
        fprintf(stderr, "heddle solve: --inter-layer: found '%s', expected none: this version has no other yet\n",
                values->inter_layer);
        return CLI_USAGE;
    }
    cli_bindings bound;
    hd_network_options net_options;
    int code = cli_network_options(values, &bound, &net_options);
    if (code != CLI_OK) return code;
    hd_error err = {0};
    hd_context *context = NULL;
    hd_arch *arch = NULL;
    hd_network *network = NULL;
    hd_answer *answer = NULL;
    hd_solve_options options_of_solve = cli_solve_options(values);
    hd_status status = cli_context(values, &context, &err);
    if (status == HD_OK) status = hd_arch_open(context, values->arch, &arch, &err);
    if (status == HD_OK) status = hd_network_open(context, values->argument[0], &net_options, &network, &err);
    if (status == HD_OK) status = hd_solve_network(context, network, arch, &options_of_solve, &answer, &err);
    code = status == HD_OK ? finish(context, answer, values, &err) : cli_fail(&err);
    hd_answer_free(context, answer);
    hd_network_free(network);
    if (arch) hd_arch_free(context, arch);
    hd_context_free(context);
    return code;
}

const cli_command cli_solve = {
    "solve", "heddle solve NET --arch A [--option VALUE]...",
    "schedule a network: an .onnx or .yaml file, a zoo name, or 'conv(...)', 'matmul(M=..,N=..,K=..)'", 1, 1,
    options, run,
};
