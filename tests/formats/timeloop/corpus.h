/* Recorded inputs and answers of Timeloop (tests/data/timeloop), read as a user's files are. */
#ifndef HD_TESTS_FORMATS_TIMELOOP_CORPUS_H
#define HD_TESTS_FORMATS_TIMELOOP_CORPUS_H

#include <jansson.h>

#include "formats/timeloop/timeloop.h"

enum { CORPUS_TEXTS = 8 };

/* One input and what the tool answered. */
typedef struct corpus_case {
    char name[64];
    int texts;
    hd_timeloop_text text[CORPUS_TEXTS];
    json_t *expect; /* with "valid" */
} corpus_case;

/* Visit every hand-made case and every fuzz record; returns how many there were.  Texts live until `visit`
 * returns. */
typedef void corpus_visit(const corpus_case *c, void *user);
int corpus_each_case(corpus_visit *visit, void *user);
int corpus_each_fuzz(corpus_visit *visit, void *user);

/* Read or fail the test with the error's position. */
hd_timeloop *corpus_read(const hd_timeloop_text *texts, int count, hd_arena *arena);
/* The one text of an inline test. */
hd_status corpus_read_inline(const char *text, hd_arena *arena, hd_timeloop **out, hd_error *err);
/* Read a file of the corpus into the arena, or fail the test. */
hd_timeloop_text corpus_file(const char *path, hd_arena *arena);

#endif
