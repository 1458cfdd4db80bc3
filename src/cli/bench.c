/* `heddle bench`: every method against the proved optimum, on any networks and chips; and KAPLA's comparison again. */
#include <stdio.h>
#include <string.h>

#include "cli/network_options.h"

static const cli_option options[] = {
    {"arch", CLI_TEXT, "A,...", NULL, CLI_FIELD(arch), 0, "the chips: names of `heddle list archs` or YAML files"},
    {"solvers", CLI_TEXT, "S,...", NULL, CLI_FIELD(solvers), 0,
     "the methods: names of `heddle list solvers`; standard: descend,random; of kapla: descend,kapla,random,anneal"},
    {"settings", CLI_TEXT, "S,...", NULL, CLI_FIELD(settings), 0,
     "kapla: cloud-inference, cloud-training (16x16 nodes, batch 64), edge-1, edge-64 (one node); standard: all"},
    {"objective", CLI_TEXT, "O", "energy", CLI_FIELD(objective), 0, "energy, latency or edp"},
    {"model", CLI_TEXT, "M", "native", CLI_FIELD(model), 0, "one of `heddle list models`"},
    {"space", CLI_TEXT, "WORDS", NULL, CLI_FIELD(space), 0,
     "template, free, ragged, bypass, comma separated; standard: each chip's template"},
    CLI_NETWORK,
    {"evaluations", CLI_INT, "N", "0", CLI_FIELD(evaluations), 0, "prices per operator and method; 0 = the method's own end"},
    {"time-limit", CLI_REAL, "S", "20", CLI_FIELD(time_limit), 0,
     "CPU seconds per operator and method, the optimum too; 0 = none"},
    {"equal", CLI_TEXT, "WHAT", NULL, CLI_FIELD(equal), 0,
     "kapla: random methods get as many evaluations (standard) or CPU seconds as descend took on an operator"},
    {"inter-layer", CLI_TEXT, "I", NULL, CLI_FIELD(inter_layer), 0,
     "kapla: search between layers, too (kapla, exhaustive), by the first method: what bounds prune there"},
    {"store", CLI_TEXT, "FILE", NULL, CLI_FIELD(store), 0, "append every finished run; what is there is not run again"},
    {"csv", CLI_TEXT, "FILE", NULL, CLI_FIELD(csv), 0, "a line per operator (kapla: network) and method; - = standard output"},
    {"reproducible", CLI_FLAG, NULL, NULL, CLI_FIELD(reproducible), 0, "leave out of the files what varies from run to run"},
    CLI_COMMON,
};

enum { NAME = 1024 };

/* What is compared where. */
typedef struct field {
    hd_context *context;
    const hd_network_options *options;
    int nets, archs, methods;
    hd_network *net[CLI_MAX_LIST];
    hd_arch *arch[CLI_MAX_LIST];
    char method[CLI_MAX_LIST][64];
    const char *method_name[CLI_MAX_LIST];
    hd_status status;
    hd_error *err;
} field;

/* The next word of a comma separated list; NULL at its end.  A name longer than `size` is cut. */
static const char *next_word(const char *list, char *out, size_t size)
{
    size_t length = strcspn(list, ",");
    if (*list == '\0') return NULL;
    snprintf(out, size, "%.*s", (int)length, list);
    return list + length + (list[length] == ',');
}

static hd_status too_many(const char *what, hd_error *err)
{
    memset(err, 0, sizeof *err);
    err->code = HD_ERR_USAGE;
    snprintf(err->message, sizeof err->message, "more than %d %s", (int)CLI_MAX_LIST, what);
    return HD_ERR_USAGE;
}

static void add_network(field *f, const char *source)
{
    if (f->status != HD_OK) return;
    if (f->nets == CLI_MAX_LIST) f->status = too_many("networks", f->err);
    else f->status = hd_network_open(f->context, source, f->options, &f->net[f->nets], f->err);
    f->nets += f->status == HD_OK;
}

static void visit_net(void *user, const hd_item *item) { add_network(user, item->name); }

static hd_status open_networks(field *f, const cli_values *values)
{
    f->status = HD_OK;
    for (int i = 1; i < values->arguments; i++) add_network(f, values->argument[i]);
    if (values->arguments > 1 || f->status != HD_OK) return f->status;
    hd_status status = hd_catalogue(f->context, "nets", visit_net, f, f->err);
    return status != HD_OK ? status : f->status;
}

static hd_status open_chips(field *f, const cli_values *values)
{
    char name[NAME];
    for (const char *at = values->arch; (at = next_word(at, name, sizeof name));) {
        if (f->archs == CLI_MAX_LIST) return too_many("chips", f->err);
        hd_status status = hd_arch_open(f->context, name, &f->arch[f->archs], f->err);
        if (status != HD_OK) return status;
        f->archs++;
    }
    return HD_OK;
}

static hd_status take_methods(field *f, const cli_values *values)
{
    const char *at = values->solvers ? values->solvers : "";
    while ((at = next_word(at, f->method[f->methods], sizeof f->method[0]))) {
        f->method_name[f->methods] = f->method[f->methods];
        if (++f->methods == CLI_MAX_LIST) return too_many("methods", f->err);
    }
    return HD_OK;
}

/* KAPLA's settings bring chips, batch and training with them. */
static int compete_as_kapla(field *f, const cli_values *values)
{
    char name[CLI_MAX_LIST][64];
    const char *setting[CLI_MAX_LIST], *at = values->settings ? values->settings : "";
    hd_study *study = NULL;
    hd_solve_options solve = cli_solve_options(values);
    hd_kapla_options o = {.size = sizeof o, .solve = &solve, .setting = setting, .method = f->method_name,
                          .store = values->store, .equal = values->equal};
    hd_status status = cli_check_outputs(NULL, values->json, f->err);
    if (status == HD_OK) status = cli_check_outputs(NULL, values->csv, f->err);
    if (status == HD_OK) status = take_methods(f, values);
    while (o.settings < CLI_MAX_LIST && (at = next_word(at, name[o.settings], sizeof name[0]))) {
        setting[o.settings] = name[o.settings];
        o.settings++;
    }
    o.methods = f->methods;
    o.network = values->argument + 1;
    o.networks = values->arguments - 1;
    if (status == HD_OK) status = hd_bench_kapla(f->context, &o, &study, f->err);
    int code = status == HD_OK ? cli_report_study(f->context, study, values, f->err) : cli_fail(f->err);
    hd_study_free(f->context, study);
    return code;
}

static int compete(field *f, const cli_values *values)
{
    hd_study *study = NULL;
    hd_solve_options solve = cli_solve_options(values);
    hd_bench_options o = {.size = sizeof o, .solve = &solve, .method = f->method_name, .store = values->store};
    hd_status status = cli_check_outputs(NULL, values->json, f->err);
    if (status == HD_OK) status = cli_check_outputs(NULL, values->csv, f->err);
    if (status == HD_OK) status = open_chips(f, values);
    if (status == HD_OK) status = take_methods(f, values);
    if (status == HD_OK) status = open_networks(f, values);
    o.methods = f->methods;
    if (status == HD_OK)
        status = hd_bench_optimal(f->context, (const hd_network *const *)f->net, f->nets, (const hd_arch *const *)f->arch,
                                  f->archs, &o, &study, f->err);
    int code = status == HD_OK ? cli_report_study(f->context, study, values, f->err) : cli_fail(f->err);
    hd_study_free(f->context, study);
    return code;
}

/* What cannot be is refused before anything is read. */
static int check(const cli_values *values, bool kapla)
{
    const char *what = values->argument[0];
    if (!kapla && strcmp(what, "optimal") != 0) {
        fprintf(stderr, "heddle bench: found '%s', expected optimal or kapla\n", what);
        return CLI_USAGE;
    }
    if (values->settings && !*values->settings) {
        fprintf(stderr, "heddle bench kapla: --settings must name something; --help shows what there is\n");
        return CLI_USAGE;
    }
    if ((!kapla && (!values->arch || !*values->arch)) || (values->solvers && !*values->solvers)) {
        fprintf(stderr, "heddle bench %s: --arch and --solvers must name something; `heddle list archs,solvers` shows what "
                "there is\n", what);
        return CLI_USAGE;
    }
    if (kapla ? values->arch || values->batch > 0 || values->training
              : values->settings || values->equal || values->inter_layer) {
        fprintf(stderr, kapla ? "heddle bench kapla: chip, batch and training come with --settings\n"
                              : "heddle bench optimal: --settings, --equal and --inter-layer belong to bench kapla\n");
        return CLI_USAGE;
    }
    return CLI_OK;
}

static int run(const cli_values *values)
{
    cli_bindings bound;
    hd_network_options network;
    hd_error err = {0};
    field f = {.options = &network, .err = &err};
    bool kapla = strcmp(values->argument[0], "kapla") == 0;
    int code = check(values, kapla);
    if (code == CLI_OK) code = cli_network_options(values, &bound, &network);
    if (code != CLI_OK) return code;
    if (cli_context(values, &f.context, &err) != HD_OK) return cli_fail(&err);
    code = kapla ? compete_as_kapla(&f, values) : compete(&f, values);
    for (int i = 0; i < f.nets; i++) hd_network_free(f.net[i]);
    for (int i = 0; i < f.archs; i++) hd_arch_free(f.context, f.arch[i]);
    hd_context_free(f.context);
    return code;
}

const cli_command cli_bench = {
    "bench", "heddle bench optimal [NET...] --arch A[,B...] | kapla [NET...] [--settings S,...] [--option VALUE]...",
    "what every method pays over the proved optimum; standard networks: all of the zoo", 1, CLI_MAX_ARGUMENTS, options, run,
};
