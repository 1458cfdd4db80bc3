/* See corpus.h. */
#include "corpus.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "syntax/file.h"

static const char ROOT[] = "tests/data/timeloop";

hd_timeloop_text corpus_file(const char *path, hd_arena *arena) {
    hd_timeloop_text text = {path, NULL, 0};
    char *data;
    hd_error err;
    if (hd_file_read(path, arena, &data, &text.length, &err) != HD_OK) fail_msg("%s: %s", path, err.message);
    text.text = data;
    return text;
}

hd_timeloop *corpus_read(const hd_timeloop_text *texts, int count, hd_arena *arena) {
    hd_timeloop *out = NULL;
    hd_error err;
    if (hd_timeloop_read(texts, count, arena, &out, &err) != HD_OK)
        fail_msg("%s:%d:%d: %s", err.file, err.line, err.column, err.message);
    return out;
}

hd_status corpus_read_inline(const char *text, hd_arena *arena, hd_timeloop **out, hd_error *err) {
    hd_timeloop_text one = {"inline.yaml", text, strlen(text)};
    return hd_timeloop_read(&one, 1, arena, out, err);
}

static bool is_case(const struct dirent *entry) {
    return entry->d_name[0] != '.' && !strchr(entry->d_name, '.');
}

static void visit_case(const char *name, corpus_visit *visit, void *user) {
    static const char *const file[] = {"arch.yaml", "problem.yaml", "mapping.yaml"};
    char path[3][256], answer[256];
    hd_arena *arena = hd_arena_new(NULL, 0);
    json_error_t error;
    corpus_case c = {.texts = 3};
    assert_non_null(arena);
    snprintf(c.name, sizeof c.name, "%s", name);
    for (int i = 0; i < 3; i++) {
        snprintf(path[i], sizeof path[i], "%s/cases/%s/%s", ROOT, name, file[i]);
        c.text[i] = corpus_file(path[i], arena);
    }
    snprintf(answer, sizeof answer, "%s/cases/%s/expect.json", ROOT, name);
    c.expect = json_load_file(answer, 0, &error);
    if (!c.expect) fail_msg("%s:%d: %s", answer, error.line, error.text);
    visit(&c, user);
    json_decref(c.expect);
    hd_arena_free(arena);
}

int corpus_each_case(corpus_visit *visit, void *user) {
    char path[128];
    int count = 0;
    snprintf(path, sizeof path, "%s/cases", ROOT);
    DIR *folder = opendir(path);
    if (!folder) fail_msg("%s cannot be opened", path);
    for (struct dirent *e; (e = readdir(folder));) {
        if (!is_case(e)) continue;
        visit_case(e->d_name, visit, user);
        count++;
    }
    closedir(folder);
    return count;
}

/* A record's parts as three texts, JSON being YAML. */
static void visit_record(json_t *record, json_t *shapes, corpus_visit *visit, void *user) {
    json_t *root[3] = {json_incref(json_object_get(record, "arch")),
                       json_pack("{s:{s:O,s:O}}", "problem", "shape",
                                 json_object_get(shapes, json_string_value(json_object_get(record, "shape"))),
                                 "instance", json_object_get(record, "instance")),
                       json_pack("{s:O}", "mapping", json_object_get(record, "mapping"))};
    char *text[3];
    corpus_case c = {.texts = 3, .expect = json_object_get(record, "expect")};
    snprintf(c.name, sizeof c.name, "fuzz %lld",
             (long long)json_integer_value(json_object_get(record, "seed")));
    for (int i = 0; i < 3; i++) {
        assert_non_null(root[i]);
        text[i] = json_dumps(root[i], JSON_REAL_PRECISION(15));
        assert_non_null(text[i]);
        c.text[i] = (hd_timeloop_text){c.name, text[i], strlen(text[i])};
    }
    json_object_set(c.expect, "valid", json_object_get(record, "valid"));
    visit(&c, user);
    for (int i = 0; i < 3; i++) {
        free(text[i]);
        json_decref(root[i]);
    }
}

int corpus_each_fuzz(corpus_visit *visit, void *user) {
    char path[128];
    json_error_t error;
    int count = 0;
    snprintf(path, sizeof path, "%s/shapes.json", ROOT);
    json_t *shapes = json_load_file(path, 0, &error);
    if (!shapes) fail_msg("%s: %s", path, error.text);
    snprintf(path, sizeof path, "%s/fuzz.jsonl", ROOT);
    FILE *file = fopen(path, "r");
    if (!file) fail_msg("%s cannot be opened", path);
    for (json_t *record; (record = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error)); count++) {
        visit_record(record, shapes, visit, user);
        json_decref(record);
    }
    if (!feof(file)) fail_msg("%s:%d: %s", path, error.line, error.text);
    fclose(file);
    json_decref(shapes);
    return count;
}
