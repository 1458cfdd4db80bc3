/* What a command of the program is: a name, an option table, and one function. */
#ifndef HD_CLI_COMMAND_H
#define HD_CLI_COMMAND_H

#include <stdio.h>

#include "heddle/heddle.h"

enum { CLI_OK = 0, CLI_NO = 1, CLI_USAGE = 2, CLI_INTERNAL = 3 };
enum { CLI_MAX_LIST = 64, CLI_MAX_ARGUMENTS = CLI_MAX_LIST };

typedef struct cli_list { int count; const char *item[CLI_MAX_LIST]; } cli_list;

/* Everything that options can say; each option's row names the field it fills. */
typedef struct cli_values {
    const char *arch, *objective, *solver, *model, *space, *pin, *out, *json, *layer, *inter_layer, *to;
    const char *solvers, *settings, *csv, *vary, *proof, *optimizer, *store, *equal;
    int64_t batch, threads, seed, evaluations, steps;
    double time_limit, from, to_value;
    bool no_fuse, training, input_gradients, reproducible, quiet, help, shadow;
    cli_list dim, bits, set, timeloop;
    cli_list preset; /* options that the environment sets; a --set wins */
    int arguments;
    const char *argument[CLI_MAX_ARGUMENTS];
} cli_values;

typedef enum cli_type { CLI_FLAG, CLI_TEXT, CLI_INT, CLI_REAL, CLI_LIST } cli_type;

typedef struct cli_option {
    const char *name;     /* without the dashes; NULL ends the table */
    cli_type type;
    const char *value;    /* how --help calls the value */
    const char *standard; /* default, NULL = none */
    size_t field;         /* offset in cli_values */
    int64_t low;          /* least integer */
    const char *help;
} cli_option;

typedef struct cli_command {
    const char *name, *usage, *help;
    int arguments_low, arguments_high; /* with --timeloop all arguments are further files */
    const cli_option *options;
    int (*run)(const cli_values *values);
} cli_command;

extern const cli_command cli_solve, cli_eval, cli_explain, cli_verify, cli_convert, cli_list_command, cli_show;
extern const cli_command cli_bench, cli_bound;

/* Rows that every command has. */
#define CLI_FIELD(f) offsetof(cli_values, f)
#define CLI_TIMELOOP                                                                                                 \
    {"timeloop", CLI_LIST, "FILES...", NULL, CLI_FIELD(timeloop), 0,                                                 \
     "Timeloop files, together one input; all further arguments are files, too"}
#define CLI_COMMON                                                                                                   \
    {"json", CLI_TEXT, "FILE", NULL, CLI_FIELD(json), 0, "write the result as JSON; - = standard output"},           \
    {"threads", CLI_INT, "N", "1", CLI_FIELD(threads), 1, "threads; the answer does not depend on them"},            \
    {"seed", CLI_INT, "N", "0", CLI_FIELD(seed), 0, "seed of everything random"},                                    \
    {"quiet", CLI_FLAG, NULL, NULL, CLI_FIELD(quiet), 0, "no table, no progress, no warnings"},                      \
    {"set", CLI_LIST, "NAME.OPTION=VALUE", NULL, CLI_FIELD(set), 0, "one of `heddle list options`; repeatable"},     \
    {"help", CLI_FLAG, NULL, NULL, CLI_FIELD(help), 0, "this text"},                                                 \
    {NULL, CLI_FLAG, NULL, NULL, 0, 0, NULL}

/* Parse `argv` by the command's table; CLI_OK, or CLI_USAGE after saying why. */
int cli_parse(const cli_command *command, int argc, char **argv, cli_values *out);
void cli_print_help(const cli_command *command);

/* Print an error as file:line:column: message and return the exit code it means. */
int cli_fail(const hd_error *err);
/* A context with progress, warnings and interrupt as the options say. */
hd_status cli_context(const cli_values *values, hd_context **out, hd_error *err);
bool cli_interrupted(void);
/* Clear the line of progress. */
void cli_progress_end(void);
/* Can these be written?  Asked before a long run; the folder `out` (may be NULL) is made. */
hd_status cli_check_outputs(const char *out, const char *json, hd_error *err);
/* Write text to a file, or to standard output where the name is "-". */
hd_status cli_write(const char *name, const char *text, hd_error *err);
/* The file of --json to be written piece by piece; NULL without --json.  Closing tells whether all was written. */
hd_status cli_json_open(const cli_values *values, FILE **out, hd_error *err);
hd_status cli_json_close(const cli_values *values, FILE *file, hd_error *err);
/* Print a JSON string with its quotes into a stream-sized buffer. */
void cli_json_string(const char *text, char *out, size_t size);
/* The options of a search. */
hd_solve_options cli_solve_options(const cli_values *values);
/* What a command works on: a schedule, or files of Timeloop. */
typedef struct cli_input { hd_foreign *foreign; hd_answer *answer; } cli_input;
/* Open --timeloop's files; `out` is freed by cli_input_free whatever the status. */
hd_status cli_open_foreign(hd_context *context, const cli_values *values, cli_input *out, hd_error *err);
/* Price the schedule that the first argument names, or the mapping of --timeloop's files. */
hd_status cli_price(hd_context *context, const cli_values *values, const hd_solve_options *options, cli_input *out,
                    hd_error *err);
/* What is wrong in a schedule, said without a place, gets the name of its file; wrong use does not. */
void cli_name_input(const cli_values *values, hd_error *err);
void cli_input_free(hd_context *context, cli_input *input);
/* `heddle verify` of a file of proofs. */
int cli_verify_proof(const cli_values *values);
/* Print a study, write --json and --csv; the exit code, 3 with the case where it is not sound. */
int cli_report_study(hd_context *context, const hd_study *study, const cli_values *values, hd_error *err);
/* Settings of the environment become presets. */
void cli_environment(cli_values *values);
/* Print the table, write --json; used by solve and eval. */
hd_status cli_report(hd_context *context, const hd_answer *answer, const cli_values *values, hd_error *err);

#endif
