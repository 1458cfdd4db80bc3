/* Options once: a command's table gives its parser, its --help and its errors. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

enum { MOST_OPTIONS = 64, MOST_NAME = 80 };

/* Options of the design that come later. */
static const char *const later[] = {"maestro", "hw"};

static void *field(cli_values *values, const cli_option *option) { return (char *)values + option->field; }

static int refuse(const cli_command *command, const char *option, const char *found, const char *expected)
{
    fprintf(stderr, "heddle %s: --%s: found '%s', expected %s\n", command->name, option, found, expected);
    return CLI_USAGE;
}

static int store_int(const cli_command *command, const cli_option *o, const char *text, int64_t *out)
{
    char *end, expected[64];
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end != text && *end == '\0' && errno == 0 && value >= o->low && text[0] != ' ') {
        *out = value;
        return CLI_OK;
    }
    snprintf(expected, sizeof expected, "an integer, at least %lld", (long long)o->low);
    return refuse(command, o->name, text, expected);
}

static int store_real(const cli_command *command, const cli_option *o, const char *text, double *out)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value) || value < 0 || text[0] == ' ')
        return refuse(command, o->name, text, "a number, at least 0");
    *out = value;
    return CLI_OK;
}

static int store(const cli_command *command, const cli_option *o, const char *text, cli_values *values)
{
    switch (o->type) {
    case CLI_FLAG: *(bool *)field(values, o) = true; return CLI_OK;
    case CLI_TEXT: *(const char **)field(values, o) = text; return CLI_OK;
    case CLI_INT: return store_int(command, o, text, field(values, o));
    case CLI_REAL: return store_real(command, o, text, field(values, o));
    case CLI_LIST: break;
    }
    cli_list *list = field(values, o);
    if (list->count == CLI_MAX_LIST) return refuse(command, o->name, text, "at most 64 of them");
    list->item[list->count++] = text;
    return CLI_OK;
}

static const cli_option *find(const cli_command *command, const char *name, size_t length)
{
    for (const cli_option *o = command->options; o->name; o++)
        if (strlen(o->name) == length && strncmp(o->name, name, length) == 0) return o;
    return NULL;
}

static int unknown(const cli_command *command, const char *argument)
{
    char name[MOST_NAME];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(argument, "="), argument); /* without --name=VALUE's value */
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (strcmp(later[i], name) != 0) continue;
        fprintf(stderr, "heddle %s: this version does not have --%s yet\n", command->name, name);
        return CLI_USAGE;
    }
    const char *names[MOST_OPTIONS], *meant;
    int count = 0;
    for (const cli_option *o = command->options; o->name && count < MOST_OPTIONS; o++) names[count++] = o->name;
    meant = hd_nearest_name(name, names, count);
    fprintf(stderr, "heddle %s: no option --%s%s%s%s; `heddle %s --help` lists them\n", command->name, name,
            meant ? " (did you mean --" : "", meant ? meant : "", meant ? "?)" : "", command->name);
    return CLI_USAGE;
}

/* One option at argv[*at]; moves *at past its value. */
static int take_option(const cli_command *command, int argc, char **argv, int *at, cli_values *out)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    const cli_option *o = find(command, name, equals ? (size_t)(equals - name) : strlen(name));
    if (!o) return unknown(command, name);
    if (o->type == CLI_FLAG) {
        if (equals) return refuse(command, o->name, equals + 1, "no value");
        return store(command, o, NULL, out);
    }
    if (equals) return store(command, o, equals + 1, out);
    if (*at + 1 >= argc) return refuse(command, o->name, "nothing", o->value);
    return store(command, o, argv[++*at], out);
}

static int check_arguments(const cli_command *command, const cli_values *values)
{
    if (values->help || values->timeloop.count > 0) return CLI_OK;
    if (values->arguments > command->arguments_high) {
        fprintf(stderr, "heddle %s: '%s' is one argument too many; usage: %s\n", command->name,
                values->argument[command->arguments_high], command->usage);
        return CLI_USAGE;
    }
    if (values->arguments < command->arguments_low) {
        fprintf(stderr, "heddle %s: an argument is missing; usage: %s\n", command->name, command->usage);
        return CLI_USAGE;
    }
    return CLI_OK;
}

int cli_parse(const cli_command *command, int argc, char **argv, cli_values *out)
{
    memset(out, 0, sizeof *out);
    for (const cli_option *o = command->options; o->name; o++)
        if (o->standard && store(command, o, o->standard, out) != CLI_OK) return CLI_INTERNAL;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0) {
            out->help = true;
        } else if (strncmp(argv[i], "--", 2) == 0) {
            int code = take_option(command, argc, argv, &i, out);
            if (code != CLI_OK) return code;
        } else if (argv[i][0] == '-' && argv[i][1] != '\0') {
            fprintf(stderr, "heddle %s: no option %s; options begin with two dashes\n", command->name, argv[i]);
            return CLI_USAGE;
        } else if (out->arguments == CLI_MAX_ARGUMENTS) {
            fprintf(stderr, "heddle %s: more than %d arguments\n", command->name, (int)CLI_MAX_ARGUMENTS);
            return CLI_USAGE;
        } else {
            out->argument[out->arguments++] = argv[i];
        }
    }
    cli_environment(out);
    return check_arguments(command, out);
}

void cli_print_help(const cli_command *command)
{
    printf("usage: %s\n\n%s\n\n", command->usage, command->help);
    for (const cli_option *o = command->options; o->name; o++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
        printf("  %-32s %s", left, o->help);
        if (o->standard) printf(" (%s)", o->standard);
        printf("\n");
    }
}
