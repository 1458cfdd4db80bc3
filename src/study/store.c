/* What was found before?  A line of JSON per run; a checksum at its end tells lines that were cut or changed. */
#define XXH_INLINE_ALL
#include "study/store.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "report/json_writer.h"
#include "syntax/file.h"
#include "syntax/json.h"

typedef struct entry { struct entry *older; uint64_t hash; const char *question; hd_run run; } entry;

struct hd_store {
    hd_arena *arena;
    FILE *file;
    const char *path;
    entry *newest;
    int damaged;
    pthread_mutex_t lock;
};

/* The end of a line, behind the checksummed part: `, "check": "0123456789abcdef"}`. */
enum { CHECK = 30 };
static void write_check(const char *body, size_t length, char out[CHECK + 1])
{
    snprintf(out, CHECK + 1, ", \"check\": \"%016" PRIx64 "\"}", (uint64_t)XXH64(body, length, 0));
}

/* ---- lines ---- */

static hd_status remember(hd_store *s, const char *question, const hd_run *run, hd_error *err)
{
    entry *e = hd_arena_alloc(s->arena, 1, sizeof *e);
    if (!e || !(e->question = hd_arena_text(s->arena, question))) return hd_fail_memory(err);
    e->older = s->newest;
    e->hash = XXH64(question, strlen(question), 0);
    e->run = *run;
    s->newest = e;
    return HD_OK;
}

/* Numbers that are not finite stand as null. */
static hd_status read_number(const hd_node *line, const char *key, double *out)
{
    const hd_node *node = hd_node_get(line, key);
    *out = INFINITY;
    return node && hd_node_is_null(node) ? HD_OK : hd_node_double(node, key, -INFINITY, INFINITY, out, NULL);
}

static bool read_run(const hd_node *line, const char **question, hd_run *out)
{
    const struct { const char *key; double *value; } number[] = {
        {"cost", &out->cost}, {"lower_bound", &out->lower_bound}, {"energy_pj", &out->energy_pj}, {"cycles", &out->cycles},
        {"cpu_seconds", &out->seconds},
    };
    int64_t outcome;
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        if (!hd_node_get(line, number[i].key) || read_number(line, number[i].key, number[i].value) != HD_OK) return false;
    if (!hd_node_get(line, "question") || !hd_node_get(line, "found") || !hd_node_get(line, "outcome") ||
        !hd_node_get(line, "evaluations"))
        return false;
    if (hd_node_text(hd_node_get(line, "question"), "question", question, NULL) != HD_OK ||
        hd_node_bool(hd_node_get(line, "found"), "found", &out->found, NULL) != HD_OK ||
        hd_node_int(hd_node_get(line, "outcome"), "outcome", 0, HD_OUTCOME_OPTIMAL, &outcome, NULL) != HD_OK ||
        hd_node_int(hd_node_get(line, "evaluations"), "evaluations", 0, INT64_MAX, &out->evaluations, NULL) != HD_OK)
        return false;
    const hd_node *outside = hd_node_get(line, "outside");
    out->outside = false;
    if (outside && hd_node_bool(outside, "outside", &out->outside, NULL) != HD_OK) return false;
    out->outcome = (hd_outcome)outcome;
    return true;
}

/* HD_OK also where the line is damaged. */
static hd_status read_line(hd_store *s, const char *line, size_t length, hd_error *err)
{
    char check[CHECK + 1];
    const char *question;
    hd_node *node;
    hd_run run;
    s->damaged++;
    if (length <= CHECK) return HD_OK;
    write_check(line, length - CHECK, check);
    if (memcmp(line + length - CHECK, check, CHECK) != 0) return HD_OK;
    if (hd_json_read(line, length, s->path, s->arena, &node, NULL) != HD_OK || !read_run(node, &question, &run)) return HD_OK;
    s->damaged--;
    return remember(s, question, &run, err);
}

static hd_status read_all(hd_store *s, hd_error *err)
{
    char *text;
    size_t length;
    HD_TRY(hd_file_read(s->path, s->arena, &text, &length, err));
    for (size_t at = 0; at < length;) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t n = end ? (size_t)(end - text) - at : length - at;
        if (n > 0) HD_TRY(read_line(s, text + at, n, err));
        at += n + 1;
    }
    /* what an interrupt cut off must not run into the next line */
    if (length > 0 && text[length - 1] != '\n') fputc('\n', s->file);
    return HD_OK;
}

/* ---- the store ---- */

hd_status hd_store_open(const char *path, hd_store **out, hd_error *err)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_store *s = arena ? hd_arena_alloc(arena, 1, sizeof *s) : NULL;
    if (!s || !(s->path = hd_arena_text(arena, path)) || pthread_mutex_init(&s->lock, NULL) != 0) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    s->arena = arena;
    s->file = fopen(path, "a");
    hd_status status = s->file ? read_all(s, err)
                               : hd_fail_at(err, HD_ERR_IO, path, 0, 0, "cannot be written: %s", strerror(errno));
    if (status == HD_OK) *out = s;
    else hd_store_close(s);
    return status;
}

void hd_store_close(hd_store *store)
{
    if (!store) return;
    if (store->file) fclose(store->file);
    pthread_mutex_destroy(&store->lock);
    hd_arena_free(store->arena);
}

int hd_store_damaged(const hd_store *store) { return store->damaged; }

bool hd_store_find(hd_store *store, const char *question, hd_run *out)
{
    uint64_t hash = XXH64(question, strlen(question), 0);
    pthread_mutex_lock(&store->lock);
    const entry *e = store->newest;
    while (e && (e->hash != hash || strcmp(e->question, question) != 0)) e = e->older;
    pthread_mutex_unlock(&store->lock);
    if (e) *out = e->run;
    return e != NULL;
}

static void write_run(const char *question, const hd_run *run, hd_text *text)
{
    hd_json json;
    hd_json_begin(&json, text);
    hd_json_open_flat(&json, NULL, '{');
    hd_json_text(&json, "question", question);
    hd_json_bool(&json, "found", run->found);
    hd_json_int(&json, "outcome", (int64_t)run->outcome);
    hd_json_double(&json, "cost", run->cost);
    hd_json_double(&json, "lower_bound", run->lower_bound);
    hd_json_double(&json, "energy_pj", run->energy_pj);
    hd_json_double(&json, "cycles", run->cycles);
    hd_json_int(&json, "evaluations", run->evaluations);
    if (run->outside) hd_json_bool(&json, "outside", true);
    hd_json_double(&json, "cpu_seconds", run->seconds);
}

hd_status hd_store_add(hd_store *store, const char *question, const hd_run *run, hd_error *err)
{
    char check[CHECK + 1];
    hd_text text;
    hd_text_init(&text, NULL, 0);
    write_run(question, run, &text);
    if (!text.failed) {
        write_check(text.data, text.length, check);
        hd_text_append(&text, check);
        hd_text_append(&text, "\n");
    }
    hd_status status = hd_text_check(&text, err);
    pthread_mutex_lock(&store->lock);
    if (status == HD_OK && (fwrite(text.data, 1, text.length, store->file) != text.length || fflush(store->file) != 0))
        status = hd_fail_at(err, HD_ERR_IO, store->path, 0, 0, "cannot be written: %s", strerror(errno));
    if (status == HD_OK) status = remember(store, question, run, err);
    pthread_mutex_unlock(&store->lock);
    hd_text_free(&text);
    return status;
}

/* ---- questions ---- */

static void values(hd_text *text, const char *what, const char *name, const hd_option *table, const double *value)
{
    hd_text_format(text, "%s %s", what, name);
    for (int i = 0; table && table[i].name; i++) {
        hd_text_format(text, " %s=", table[i].name);
        hd_text_double(text, value ? value[i] : table[i].standard);
    }
    hd_text_append(text, "; ");
}

void hd_store_question(const hd_operator *op, const hd_arch *arch, const hd_plan_options *options, hd_text *text)
{
    char space[HD_SPACE_WORDS];
    hd_plan_space_words(options, space);
    hd_text_format(text, "heddle " HD_VERSION "; operator %016" PRIx64 "; chip %016" PRIx64 "; ", hd_operator_hash(op),
                   arch->hash);
    values(text, "model", options->model->name, options->model->options, options->settings);
    values(text, "solver", options->solver->name, options->solver->options, options->option_values);
    hd_text_format(text, "%s; space %s%s, template %d; seed %" PRIu64 "; evaluations %" PRId64 "; %sseconds ",
                   hd_objective_name(options->objective), options->space_given ? "" : "of the chip, ", space,
                   (int)arch->template_, options->seed, options->evaluations, options->cpu ? "CPU " : "");
    hd_text_double(text, options->seconds);
}
