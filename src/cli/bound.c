/* `heddle bound`: best cost and lower bound against a number of the chip, or what more of each number would save. */
#include <limits.h>
#include <stdio.h>

#include "cli/network_options.h"

static const cli_option options[] = {
    {"arch", CLI_TEXT, "A", NULL, CLI_FIELD(arch), 0, "the chip: a name of `heddle list archs` or a YAML file"},
    {"vary", CLI_TEXT, "NUMBER", NULL, CLI_FIELD(vary), 0,
     "LEVEL.capacity[.ROLE], LEVEL.bandwidth[.read|.write|.shared] or LEVEL.fanout.x|.y"},
    {"from", CLI_REAL, "W", "0", CLI_FIELD(from), 0, "first value; 0 = a quarter of the chip's"},
    {"to", CLI_REAL, "W", "0", CLI_FIELD(to_value), 0, "last value; 0 = four times the chip's"},
    {"steps", CLI_INT, "N", "0", CLI_FIELD(steps), 0, "points at equal ratios; 0 = doubling"},
    {"shadow", CLI_FLAG, NULL, NULL, CLI_FIELD(shadow), 0, "instead: what twice as much of each number would save"},
    {"objective", CLI_TEXT, "O", "energy", CLI_FIELD(objective), 0, "energy, latency or edp"},
    {"solver", CLI_TEXT, "S", "optimal", CLI_FIELD(solver), 0, "one of `heddle list solvers`"},
    {"model", CLI_TEXT, "M", "native", CLI_FIELD(model), 0, "one of `heddle list models`"},
    {"space", CLI_TEXT, "WORDS", NULL, CLI_FIELD(space), 0,
     "template, free, ragged, bypass, comma separated; standard: the chip's template"},
    CLI_NETWORK,
    {"pin", CLI_TEXT, "FILE", NULL, CLI_FIELD(pin), 0, "parts of schemes that are fixed"},
    {"evaluations", CLI_INT, "N", "0", CLI_FIELD(evaluations), 0, "prices per distinct operator; 0 = the solver's end"},
    {"time-limit", CLI_REAL, "S", "20", CLI_FIELD(time_limit), 0,
     "seconds per point or number, of CPU time with one thread; 0 = none"},
    {"reproducible", CLI_FLAG, NULL, NULL, CLI_FIELD(reproducible), 0, "leave out of JSON what varies from run to run"},
    CLI_COMMON,
};

static int refuse(const char *what)
{
    fprintf(stderr, "heddle bound: %s\n", what);
    return CLI_USAGE;
}

static int check(const cli_values *values)
{
    if (!values->arch) return refuse("--arch is missing; `heddle list archs` shows the chips");
    if (!values->vary && !values->shadow) return refuse("--vary LEVEL.capacity (.bandwidth, .fanout.x) or --shadow is missing");
    if (values->vary && values->shadow) return refuse("--vary and --shadow are two questions: ask one");
    bool range = values->from > 0 || values->to_value > 0 || values->steps > 0;
    if (values->shadow && range) return refuse("--from, --to and --steps belong to --vary");
    if (values->steps > INT_MAX) return refuse("--steps: too many");
    return CLI_OK;
}

typedef struct subject { hd_arch *arch; hd_network *network; hd_answer *answer; hd_study *study; } subject;

/* The network solved as it is, then once more for each number; CLI_NO where it has no schedule as it is. */
static hd_status shadow(hd_context *context, const cli_values *values, subject *x, int *code, hd_error *err)
{
    hd_solve_options solve = cli_solve_options(values);
    hd_status status = hd_solve_network(context, x->network, x->arch, &solve, &x->answer, err);
    if (status != HD_OK) return status;
    if (hd_answer_complete(x->answer, err)) return hd_shadow_prices(context, x->answer, &x->study, err);
    cli_fail(err);
    *code = CLI_NO;
    return HD_OK;
}

static hd_status study(hd_context *context, const cli_values *values, const hd_network_options *network, subject *x, int *code,
                       hd_error *err)
{
    hd_solve_options solve = cli_solve_options(values);
    hd_curve_options o = {.size = sizeof o, .solve = &solve, .vary = values->vary, .from = values->from, .to = values->to_value,
                          .steps = (int)values->steps};
    hd_status status = cli_check_outputs(NULL, values->json, err);
    if (status == HD_OK) status = hd_arch_open(context, values->arch, &x->arch, err);
    if (status == HD_OK) status = hd_network_open(context, values->argument[0], network, &x->network, err);
    if (status != HD_OK) return status;
    if (values->shadow) return shadow(context, values, x, code, err);
    return hd_bound_curve(context, x->network, x->arch, &o, &x->study, err);
}

static int run(const cli_values *values)
{
    cli_bindings bound;
    hd_network_options network;
    hd_error err = {0};
    hd_context *context = NULL;
    subject x = {0};
    int code = check(values);
    if (code == CLI_OK) code = cli_network_options(values, &bound, &network);
    if (code != CLI_OK) return code;
    if (cli_context(values, &context, &err) != HD_OK) return cli_fail(&err);
    hd_status status = study(context, values, &network, &x, &code, &err);
    if (status != HD_OK) code = cli_fail(&err);
    else if (code == CLI_OK) code = cli_report_study(context, x.study, values, &err);
    hd_study_free(context, x.study);
    hd_answer_free(context, x.answer);
    hd_network_free(x.network);
    if (x.arch) hd_arch_free(context, x.arch);
    hd_context_free(context);
    return code;
}

const cli_command cli_bound = {
    "bound", "heddle bound NET --arch A --vary LEVEL.capacity | --shadow [--option VALUE]...",
    "best cost and lower bound against a number of the chip, or what more of each would save", 1, 1, options, run,
};
