/* The command `heddle`: one table of commands, one call.  All work is in the library behind heddle.h. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const cli_command *const commands[] = {
    &cli_solve, &cli_eval, &cli_explain, &cli_verify, &cli_list_command, &cli_show,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

/* Commands of the design that come later: refused by name, not as misspellings. */
static const char *const later[] = {"orchestrate", "convert", "train", "bench", "report", "sweep"};

static void help(FILE *to)
{
    fprintf(to, "heddle %s: dataflow schedules for neural networks on accelerators\n\n"
            "usage: heddle COMMAND [--option VALUE]...\n\n", HD_VERSION);
    for (int c = 0; c < COMMANDS; c++) fprintf(to, "  %-8s %s\n", commands[c]->name, commands[c]->help);
    fprintf(to, "\n`heddle COMMAND --help` lists the options.  Try: heddle solve resnet50 --arch eyeriss\n"
            "exit: 0 success; 1 no schedule exists or verification failed; 2 wrong use or bad input; 3 internal\n");
}

static int unknown(const char *name)
{
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (strcmp(later[i], name) != 0) continue;
        fprintf(stderr, "heddle: this version does not have the command '%s' yet\n", name);
        return CLI_USAGE;
    }
    fprintf(stderr, "heddle: no command '%s'; there is:", name);
    for (int c = 0; c < COMMANDS; c++) fprintf(stderr, " %s", commands[c]->name);
    fprintf(stderr, "\n");
    return CLI_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        help(stdout);
        return CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("heddle %s\n", HD_VERSION);
        return CLI_OK;
    }
    for (int c = 0; c < COMMANDS; c++) {
        if (strcmp(commands[c]->name, argv[1]) != 0) continue;
        cli_values values;
        int code = cli_parse(commands[c], argc - 2, argv + 2, &values);
        if (code != CLI_OK) return code;
        if (values.help) {
            cli_print_help(commands[c]);
            return CLI_OK;
        }
        return commands[c]->run(&values);
    }
    return unknown(argv[1]);
}
