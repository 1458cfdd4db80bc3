/* See told.h. */
#include "told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "corpus.h"

static hd_arena *arena;

static hd_arena *fresh(void) {
    hd_arena_free(arena);
    arena = hd_arena_new(NULL, 0);
    assert_non_null(arena);
    return arena;
}

hd_timeloop *told_by(const char *text) {
    const hd_timeloop_text one = {"inline.yaml", text, strlen(text)};
    return corpus_read(&one, 1, fresh());
}

hd_timeloop *told_by_files(const char *const *paths, int count) {
    hd_timeloop_text text[CORPUS_TEXTS];
    fresh();
    for (int i = 0; i < count; i++) text[i] = corpus_file(paths[i], arena);
    return corpus_read(text, count, arena);
}

void told_refused(const char *text, int line, int column, const char *part) {
    hd_timeloop *out = NULL;
    hd_error err = {0};
    hd_status status = corpus_read_inline(text, fresh(), &out, &err);
    if (status == HD_OK) fail_msg("read, but expected '%s' in:\n%s", part, text);
    if (status != HD_ERR_INPUT || err.line != line || err.column != column || !strstr(err.message, part))
        fail_msg("found %d:%d: %s\nexpected %d:%d: %s", err.line, err.column, err.message, line, column,
                 part);
    assert_string_equal(err.file, "inline.yaml");
    told_end();
}

void told_end(void) {
    hd_arena_free(arena);
    arena = NULL;
}
