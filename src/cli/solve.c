/* `heddle solve`: schedule a network on a chip. */
#include <stdio.h>
#include <string.h>

#include "cli/network_options.h"

static const cli_option options[] = {
    {"arch", CLI_TEXT, "A", NULL, CLI_FIELD(arch), 0, "the chip: a name of `heddle list archs` or a YAML file"},
    {"objective", CLI_TEXT, "O", NULL, CLI_FIELD(objective), 0,
     "energy, latency or edp; standard: energy, or the first metric of a Timeloop mapper"},
    {"solver", CLI_TEXT, "S", "descend", CLI_FIELD(solver), 0, "one of `heddle list solvers`"},
    {"model", CLI_TEXT, "M", NULL, CLI_FIELD(model), 0,
     "one of `heddle list models`; standard: native; with --timeloop: timeloop"},
    CLI_TIMELOOP,
    {"space", CLI_TEXT, "WORDS", NULL, CLI_FIELD(space), 0,
     "template, free, ragged, bypass, comma separated; standard: the chip's template; with --timeloop: free,bypass"},
    {"inter-layer", CLI_TEXT, "I", "none", CLI_FIELD(inter_layer), 0,
     "what stays on chip between layers: none, kapla (as much as pays, by bounds), exhaustive (every choice searched)"},
    CLI_NETWORK,
    {"pin", CLI_TEXT, "FILE", NULL, CLI_FIELD(pin), 0, "parts of schemes that are fixed"},
    {"evaluations", CLI_INT, "N", "0", CLI_FIELD(evaluations), 0, "prices per distinct operator; 0 = the solver's end"},
    {"time-limit", CLI_REAL, "S", "0", CLI_FIELD(time_limit), 0, "seconds in all; 0 = none"},
    {"out", CLI_TEXT, "DIR", NULL, CLI_FIELD(out), 0, "write schedule.yaml and result.json there"},
    {"proof", CLI_TEXT, "FILE", NULL, CLI_FIELD(proof), 0,
     "with --solver optimal: write what was discarded and why, for `heddle verify FILE`"},
    {"shadow", CLI_FLAG, NULL, NULL, CLI_FIELD(shadow), 0,
     "then solve again with twice as much of each capacity, bandwidth and fan-out: what would it save?"},
    {"reproducible", CLI_FLAG, NULL, NULL, CLI_FIELD(reproducible), 0, "leave out of JSON what varies from run to run"},
    CLI_COMMON,
};

static hd_status write_folder(hd_context *context, const hd_answer *answer, const cli_values *values, hd_error *err)
{
    char path[1024], *text = NULL;
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

static hd_status write_proof(hd_context *context, const hd_answer *answer, const cli_values *values, hd_error *err)
{
    char *text = NULL;
    hd_status status = hd_answer_proof(context, answer, &text, err);
    if (status == HD_OK) status = cli_write(values->proof, text, err);
    hd_string_free(context, text);
    return status;
}

/* The table of shadow prices; as JSON they are `heddle bound --shadow`. */
static hd_status print_shadow(hd_context *context, const hd_answer *answer, const cli_values *values, hd_error *err)
{
    hd_study *study = NULL;
    char *text = NULL;
    if (values->quiet || !hd_answer_complete(answer, NULL)) return HD_OK;
    hd_status status = hd_shadow_prices(context, answer, &study, err);
    if (status == HD_OK) status = hd_study_text(context, study, "table", values->reproducible, &text, err);
    cli_progress_end();
    if (status == HD_OK) status = cli_write("-", "\n", err);
    if (status == HD_OK) status = cli_write("-", text, err);
    hd_string_free(context, text);
    hd_study_free(context, study);
    return status;
}

static int finish(hd_context *context, const hd_answer *answer, const cli_values *values, hd_error *err)
{
    if (cli_report(context, answer, values, err) != HD_OK) return cli_fail(err);
    if (values->out && write_folder(context, answer, values, err) != HD_OK) return cli_fail(err);
    if (values->proof && write_proof(context, answer, values, err) != HD_OK) return cli_fail(err);
    if (values->shadow && print_shadow(context, answer, values, err) != HD_OK) return cli_fail(err);
    if (cli_interrupted() && !values->quiet) fprintf(stderr, "heddle: interrupted: the best so far\n");
    if (hd_answer_complete(answer, err)) return CLI_OK;
    cli_fail(err);
    return CLI_NO;
}

/* What cannot be asked together is refused before anything is read. */
static int check(const cli_values *values)
{
    bool foreign = values->timeloop.count > 0;
    if (!foreign && !values->arch) {
        fprintf(stderr, "heddle solve: --arch is missing; `heddle list archs` shows the chips\n");
        return CLI_USAGE;
    }
    const struct { const char *name; bool given; } of_networks[] = {
        {"arch", values->arch != NULL}, {"batch", values->batch > 0}, {"dim", values->dim.count > 0},
        {"bits", values->bits.count > 0}, {"no-fuse", values->no_fuse},
        {"training", values->training}, {"optimizer", values->optimizer != NULL},
        {"input-gradients", values->input_gradients},
    };
    for (size_t i = 0; foreign && i < sizeof of_networks / sizeof *of_networks; i++) {
        if (!of_networks[i].given) continue;
        fprintf(stderr, "heddle solve: --%s with --timeloop: the chip and the operator stand in the Timeloop files\n",
                of_networks[i].name);
        return CLI_USAGE;
    }
    if (values->shadow && values->json && strcmp(values->json, "-") == 0) {
        fprintf(stderr, "heddle solve: --shadow prints a table; as JSON: `heddle bound NET --arch A --shadow --json -`\n");
        return CLI_USAGE;
    }
    if (values->shadow && strcmp(values->inter_layer, "none") != 0) {
        fprintf(stderr, "heddle solve: --shadow looks at layers one by one; leave --inter-layer out\n");
        return CLI_USAGE;
    }
    return CLI_OK;
}

/* What is solved: a network on a chip, or the problem of foreign files. */
typedef struct subject { hd_arch *arch; hd_network *network; cli_input input; } subject;

static hd_status solve(hd_context *context, const cli_values *values, const hd_network_options *network, subject *x,
                       hd_error *err)
{
    hd_solve_options o = cli_solve_options(values);
    if (values->timeloop.count > 0) {
        hd_status status = cli_open_foreign(context, values, &x->input, err);
        return status == HD_OK ? hd_foreign_solve(context, x->input.foreign, &o, &x->input.answer, err) : status;
    }
    hd_status status = hd_arch_open(context, values->arch, &x->arch, err);
    if (status == HD_OK) status = hd_network_open(context, values->argument[0], network, &x->network, err);
    if (status == HD_OK) status = hd_solve_network(context, x->network, x->arch, &o, &x->input.answer, err);
    return status;
}

static int run(const cli_values *values)
{
    cli_bindings bound;
    hd_network_options network;
    int code = check(values);
    if (code == CLI_OK) code = cli_network_options(values, &bound, &network);
    if (code != CLI_OK) return code;
    hd_error err = {0};
    hd_context *context = NULL;
    subject x = {0};
    hd_status status = cli_context(values, &context, &err);
    if (status == HD_OK) status = cli_check_outputs(values->out, values->json, &err);
    if (status == HD_OK) status = cli_check_outputs(NULL, values->proof, &err);
    if (status == HD_OK) status = solve(context, values, &network, &x, &err);
    code = status == HD_OK ? finish(context, x.input.answer, values, &err) : cli_fail(&err);
    cli_input_free(context, &x.input);
    hd_network_free(x.network);
    if (x.arch) hd_arch_free(context, x.arch);
    hd_context_free(context);
    return code;
}

const cli_command cli_solve = {
    "solve", "heddle solve NET --arch A | --timeloop FILES... [--option VALUE]...",
    "schedule a network (.onnx, .yaml, zoo name, 'conv(...)', 'matmul(M=..,N=..,K=..)') or Timeloop files", 1, 1,
    options, run,
};
