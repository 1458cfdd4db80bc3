/* `heddle show`: a network's operators, shapes and MACs, or a chip in full. */
#include <stdio.h>
#include <string.h>

#include "cli/network_options.h"

static const cli_option options[] = {CLI_NETWORK, CLI_COMMON};

typedef enum subject { OTHER, OUR_CHIP, TIMELOOP_CHIP } subject;

/* How does the file begin?  (names: OTHER) */
static subject look_at(const char *path)
{
    char head[65536] = "\n";
    FILE *file = fopen(path, "rb");
    if (!file) return OTHER;
    size_t n = fread(head + 1, 1, sizeof head - 2, file);
    fclose(file);
    head[n + 1] = '\0';
    if (strstr(head, "heddle: arch/")) return OUR_CHIP;
    return strstr(head, "\narchitecture:") || strstr(head, "\narch:") ? TIMELOOP_CHIP : OTHER;
}

/* An architecture of Timeloop's as our chip file; or as JSON. */
static hd_status show_foreign(hd_context *context, const cli_values *values, hd_error *err)
{
    hd_foreign *foreign = NULL;
    hd_arch *arch = NULL;
    char *text = NULL, *json = NULL;
    bool quiet = values->quiet || (values->json && strcmp(values->json, "-") == 0);
    hd_status status = hd_foreign_open(context, "timeloop", values->argument, 1, &foreign, err);
    if (status == HD_OK) status = hd_foreign_text(context, foreign, "heddle", "arch", &text, err);
    if (status == HD_OK && values->json) {
        status = hd_arch_parse(context, text, strlen(text), &arch, err);
        if (status == HD_OK) status = hd_arch_json(context, arch, &json, err);
        if (status == HD_OK) status = cli_write(values->json, json, err);
    }
    if (status == HD_OK && !quiet) status = cli_write("-", text, err);
    hd_string_free(context, json);
    hd_string_free(context, text);
    if (arch) hd_arch_free(context, arch);
    hd_foreign_free(context, foreign);
    return status;
}

/* The chip as its file has it, with its sources; or as JSON. */
static hd_status show_chip(hd_context *context, const hd_arch *arch, const cli_values *values, hd_error *err)
{
    char *text = NULL;
    hd_status status = HD_OK;
    if (values->json) {
        status = hd_arch_json(context, arch, &text, err);
        if (status == HD_OK) status = cli_write(values->json, text, err);
        hd_string_free(context, text);
        text = NULL;
    }
    if (status != HD_OK || values->quiet || (values->json && strcmp(values->json, "-") == 0)) return status;
    status = hd_arch_source(context, values->argument[0], &text, err);
    if (status == HD_OK) status = cli_write("-", text, err);
    hd_string_free(context, text);
    return status;
}

static hd_status show_network(hd_context *context, const hd_network *network, const cli_values *values, hd_error *err)
{
    char *text = NULL;
    hd_status status = HD_OK;
    if (values->json) {
        status = hd_network_json(context, network, &text, err);
        if (status == HD_OK) status = cli_write(values->json, text, err);
        hd_string_free(context, text);
        text = NULL;
    }
    if (status != HD_OK || values->quiet || (values->json && strcmp(values->json, "-") == 0)) return status;
    status = hd_network_table(context, network, &text, err);
    if (status == HD_OK) status = cli_write("-", text, err);
    hd_string_free(context, text);
    return status;
}

static hd_status show(hd_context *context, const cli_values *values, const hd_network_options *o, hd_error *err)
{
    const char *what = values->argument[0];
    hd_arch *arch = NULL;
    hd_network *network = NULL;
    hd_error none = {0};
    bool name = !strchr(what, '/') && !strchr(what, '(') && !strchr(what, '.');
    subject found = look_at(what);
    if (found == TIMELOOP_CHIP) return show_foreign(context, values, err);
    if (found == OUR_CHIP || (name && hd_arch_open(context, what, &arch, &none) == HD_OK)) {
        hd_status status = arch ? HD_OK : hd_arch_open(context, what, &arch, err);
        if (status == HD_OK) status = show_chip(context, arch, values, err);
        if (arch) hd_arch_free(context, arch);
        return status;
    }
    hd_status status = hd_network_open(context, what, o, &network, err);
    if (status == HD_OK) status = show_network(context, network, values, err);
    hd_network_free(network);
    return status;
}

static int run(const cli_values *values)
{
    cli_bindings bound;
    hd_network_options o;
    int code = cli_network_options(values, &bound, &o);
    if (code != CLI_OK) return code;
    hd_error err = {0};
    hd_context *context = NULL;
    hd_status status = cli_context(values, &context, &err);
    if (status == HD_OK) status = show(context, values, &o, &err);
    hd_context_free(context);
    return status == HD_OK ? CLI_OK : cli_fail(&err);
}

const cli_command cli_show = {
    "show", "heddle show NAME|FILE", "a network's operators, shapes and MACs, or a chip (also one of Timeloop's)", 1, 1,
    options, run,
};
