/* The command `heddle`: one table of commands, one call.  All work is in the library behind heddle.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const cli_command *const commands[] = {
    &cli_solve, &cli_eval, &cli_explain, &cli_verify, &cli_convert, &cli_list_command, &cli_show,
    &cli_bench, &cli_bound,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

/* Commands of the design that come later: refused by name, not as misspellings. */
static const char *const later[] = {"orchestrate", "train", "report", "sweep"};

static void help(FILE *to)
{
    fprintf(to, "heddle %s: dataflow schedules for neural networks on accelerators\n\n"
            "usage: heddle COMMAND [--option VALUE]...\n\n", HD_VERSION);
    for (int c = 0; c < COMMANDS; c++) fprintf(to, "  %-8s %s\n", commands[c]->name, commands[c]->help);
    fprintf(to, "\n`heddle help COMMAND` lists the options.  Try: heddle solve resnet50 --arch eyeriss\n"
            "exit: 0 success; 1 no schedule exists or verification failed; 2 wrong use or bad input; 3 internal\n");
}

static int unknown(const char *name)
{
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (strcmp(later[i], name) != 0) continue;
        fprintf(stderr, "heddle: this version does not have the command '%s' yet\n", name);
        return CLI_USAGE;
    }
    const char *names[COMMANDS];
    for (int c = 0; c < COMMANDS; c++) names[c] = commands[c]->name;
    const char *meant = hd_nearest_name(name, names, COMMANDS);
    fprintf(stderr, "heddle: no command '%s'%s%s%s; there is:", name, meant ? " (did you mean " : "", meant ? meant : "",
            meant ? "?)" : "");
    for (int c = 0; c < COMMANDS; c++) fprintf(stderr, " %s", commands[c]->name);
    fprintf(stderr, "\n");
    return CLI_USAGE;
}

static void name_item(void *user, const hd_item *item)
{
    (void)user;
    bool library = strcmp(item->kind, "libraries") == 0; /* their detail is yes or no */
    printf(" %s%s%s", item->name, library ? "=" : "", library ? item->detail : "");
}

/* What is compiled in. */
static int version(void)
{
    static const char *const kinds[] = {"models", "solvers", "formats", "libraries"};
    hd_error err = {0};
    hd_context *context = NULL;
    hd_status status = hd_context_new(NULL, &context, &err);
    printf("heddle %s", HD_VERSION);
    for (size_t k = 0; status == HD_OK && k < sizeof kinds / sizeof *kinds; k++) {
        printf("\n%s:", kinds[k]);
        status = hd_catalogue(context, kinds[k], name_item, NULL, &err);
    }
    printf("\n");
    hd_context_free(context);
    return status == HD_OK ? CLI_OK : cli_fail(&err);
}

static const cli_command *find(const char *name)
{
    for (int c = 0; c < COMMANDS; c++)
        if (strcmp(commands[c]->name, name) == 0) return commands[c];
    return NULL;
}

/* `heddle help`, `heddle help COMMAND`. */
static int help_on(const char *name)
{
    if (!name) {
        help(stdout);
        return CLI_OK;
    }
    const cli_command *command = find(name);
    if (!command) return unknown(name);
    cli_print_help(command);
    return CLI_OK;
}

/* What was printed has to arrive: a full disk is no success. */
static int written(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    const char *why = errno ? strerror(errno) : "";
    if (code == CLI_OK) fprintf(stderr, "standard output: cannot be written%s%s\n", *why ? ": " : "", why);
    return code == CLI_OK ? CLI_USAGE : code;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return written(help_on(argc > 2 ? argv[2] : NULL));
    if (strcmp(argv[1], "--version") == 0) return written(version());
    const cli_command *command = find(argv[1]);
    if (!command) return unknown(argv[1]);
    cli_values values;
    int code = cli_parse(command, argc - 2, argv + 2, &values);
    if (code != CLI_OK) return code;
    if (values.help) return written(help_on(command->name));
    return written(command->run(&values));
}
