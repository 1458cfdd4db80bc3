/* One run of the command: context, progress on a terminal, interrupt, errors to exit codes, files out. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"

static volatile sig_atomic_t interrupted; /* the one thing a signal handler may touch */

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

bool cli_interrupted(void) { return interrupted != 0; }

static bool cancel(void *user)
{
    (void)user;
    return interrupted != 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct { double started; bool shown; } meter;

/* Nothing in the first second, then a line that overwrites itself. */
static void progress(void *user, int done, int total, const char *layer)
{
    (void)user;
    if (now() - meter.started < 1) return;
    fprintf(stderr, "\r\033[K%d of %d  %.50s", done, total, layer ? layer : "");
    fflush(stderr);
    meter.shown = true;
}

void cli_progress_end(void)
{
    if (meter.shown) fprintf(stderr, "\r\033[K");
    meter.shown = false;
}

static void log_line(void *user, const char *message)
{
    (void)user;
    fprintf(stderr, "heddle: warning: %s\n", message);
}

hd_status cli_context(const cli_values *values, hd_context **out, hd_error *err)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    action.sa_flags = (int)SA_RESETHAND; /* a second interrupt ends the program */
    sigaction(SIGINT, &action, NULL);
    meter.started = now();
    hd_context_options options = {.size = sizeof options, .cancel = cancel};
    options.threads = values->threads > INT_MAX ? INT_MAX : (int)values->threads;
    if (!values->quiet) options.log = log_line;
    if (!values->quiet && isatty(STDERR_FILENO)) options.progress = progress;
    return hd_context_new(&options, out, err);
}

int cli_fail(const hd_error *err)
{
    cli_progress_end();
    if (err->file[0] && err->line > 0)
        fprintf(stderr, "%s:%d:%d: %s\n", err->file, err->line, err->column, err->message);
    else if (err->file[0]) fprintf(stderr, "%s: %s\n", err->file, err->message);
    else fprintf(stderr, "heddle: %s\n", err->message);
    return err->code == HD_ERR_INTERNAL || err->code == HD_ERR_MEMORY ? CLI_INTERNAL : CLI_USAGE;
}

/* With the reason that errno holds, if any. */
static hd_status cannot_write(const char *name, hd_error *err)
{
    int reason = errno;
    memset(err, 0, sizeof *err);
    err->code = HD_ERR_IO;
    snprintf(err->file, sizeof err->file, "%s", strcmp(name, "-") == 0 ? "standard output" : name);
    snprintf(err->message, sizeof err->message, "cannot be written%s%s", reason ? ": " : "", reason ? strerror(reason) : "");
    return HD_ERR_IO;
}

/* Opening for appending leaves what is there as it is; what was not there goes again. */
static bool can_write(const char *path)
{
    bool there = access(path, F_OK) == 0;
    FILE *file = fopen(path, "ab");
    if (file) fclose(file);
    if (file && !there) remove(path);
    return file != NULL;
}

hd_status cli_check_outputs(const char *out, const char *json, hd_error *err)
{
    char path[1024];
    if (out) {
        mkdir(out, 0777); /* there already, or the next lines say what is wrong */
        snprintf(path, sizeof path, "%.900s/.heddle-writes-here", out);
        if (!can_write(path)) return cannot_write(out, err);
    }
    return json && strcmp(json, "-") != 0 && !can_write(json) ? cannot_write(json, err) : HD_OK;
}

hd_status cli_write(const char *name, const char *text, hd_error *err)
{
    bool standard = strcmp(name, "-") == 0;
    errno = 0; /* what is not told is not guessed */
    FILE *file = standard ? stdout : fopen(name, "wb");
    bool good = file && fputs(text, file) >= 0;
    if (good && standard) good = fflush(file) == 0;
    if (file && !standard && fclose(file) != 0) good = false;
    return good ? HD_OK : cannot_write(name, err);
}

hd_status cli_json_open(const cli_values *values, FILE **out, hd_error *err)
{
    *out = NULL;
    if (!values->json) return HD_OK;
    *out = strcmp(values->json, "-") == 0 ? stdout : fopen(values->json, "wb");
    return *out ? HD_OK : cannot_write(values->json, err);
}

hd_status cli_json_close(const cli_values *values, FILE *file, hd_error *err)
{
    if (!file) return HD_OK;
    bool good = !ferror(file);
    errno = 0;
    if ((file == stdout ? fflush(file) : fclose(file)) != 0) good = false;
    return good ? HD_OK : cannot_write(values->json, err);
}

void cli_json_string(const char *text, char *out, size_t size)
{
    size_t n = 0;
    out[n++] = '"';
    for (const char *c = text; *c && n + 9 < size; c++) {
        if (*c == '"' || *c == '\\') {
            out[n++] = '\\';
            out[n++] = *c;
        } else if ((unsigned char)*c < 32) {
            n += (size_t)snprintf(out + n, 7, "\\u%04x", (unsigned)(unsigned char)*c);
        } else {
            out[n++] = *c;
        }
    }
    out[n++] = '"';
    out[n] = '\0';
}

hd_solve_options cli_solve_options(const cli_values *values)
{
    return (hd_solve_options){
        .size = sizeof(hd_solve_options), .objective = values->objective, .solver = values->solver,
        .model = values->model, .space = values->space, .seed = (uint64_t)values->seed,
        .evaluations = values->evaluations, .seconds = values->time_limit, .pin_file = values->pin,
        .sets = values->set.count, .set = values->set.item, .presets = values->preset.count,
        .preset = values->preset.item, .inter_layer = values->inter_layer, .proof = values->proof != NULL,
    };
}

hd_status cli_report(hd_context *context, const hd_answer *answer, const cli_values *values, hd_error *err)
{
    cli_progress_end();
    char *text = NULL;
    hd_status status = HD_OK;
    if (values->json) {
        status = hd_answer_json(context, answer, values->reproducible, &text, err);
        if (status == HD_OK) status = cli_write(values->json, text, err);
        hd_string_free(context, text);
    }
    if (status != HD_OK || values->quiet || (values->json && strcmp(values->json, "-") == 0)) return status;
    text = NULL;
    status = hd_answer_table(context, answer, &text, err);
    if (status == HD_OK) status = cli_write("-", text, err);
    hd_string_free(context, text);
    return status;
}
