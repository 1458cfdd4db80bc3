/* Broken files: seeded damage to one text of every recorded input ends in an error with a place or in parts
 * that are whole, never in a crash, a leak or a hang.  Argument: mutants of each input (standard 12). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "corpus.h"

enum { ROOM = 64 };

static long mutants = 12;
static long whole, refused;

static const char *const SIGNS[] = {
    "-",   ":",  "[",         "}",     ",", " ",  "\n",   "'",
    "&a ", "*a", "!Nothing ", "<<<: ", "0", "-1", "1e99", "9223372036854775808",
    "{{",  "~",  "# ",        "[0..3]"};

static void replace(char *text, size_t *length, size_t at, size_t old, const char *piece, size_t size) {
    memmove(text + at + size, text + at + old, *length - at - old);
    memcpy(text + at, piece, size);
    *length += size - old;
}

/* One to three changes; `text` has ROOM bytes to spare. */
static void damage(hd_random *r, char *text, size_t *length) {
    for (int64_t edits = 1 + hd_random_below(r, 3); edits > 0 && *length > 1; edits--) {
        size_t at = (size_t)hd_random_below(r, (int64_t)*length), run = 1 + (size_t)hd_random_below(r, 12);
        const char *sign = SIGNS[hd_random_below(r, (int64_t)(sizeof SIGNS / sizeof *SIGNS))];
        if (run > *length - at) run = *length - at;
        switch (hd_random_below(r, 4)) {
        case 0:
            text[at] = (char)(32 + hd_random_below(r, 95));
            break;
        case 1:
            replace(text, length, at, run, "", 0);
            break;
        case 2:
            replace(text, length, at, 0, sign, strlen(sign));
            break;
        default:
            replace(text, length, at, 1, sign, strlen(sign));
            break;
        }
    }
}

static void check(hd_status status, hd_timeloop *t, const hd_error *err, const corpus_case *c) {
    hd_error inner;
    if (status != HD_OK) {
        refused++;
        if (status != HD_ERR_INPUT || !err->message[0] || !err->file[0])
            fail_msg("%s: status %d, %s:%d: %s", c->name, (int)status, err->file, err->line, err->message);
        return;
    }
    whole++;
    if (t->has_op) assert_int_equal(hd_operator_check(&t->op, &inner), HD_OK);
    if (t->has_arch) assert_int_equal(hd_arch_check(&t->arch, &inner), HD_OK);
    if (t->has_mapping) assert_int_equal(t->mapping.levels, t->arch.levels);
}

static void read_mutant(const corpus_case *c, hd_random *r) {
    hd_timeloop_text text[CORPUS_TEXTS];
    hd_timeloop *t = NULL;
    hd_error err = {0};
    hd_arena *arena = hd_arena_new(NULL, 0);
    memcpy(text, c->text, sizeof text);
    hd_timeloop_text *broken = &text[hd_random_below(r, c->texts)];
    char *copy = calloc(broken->length + ROOM, 1);
    assert_true(arena && copy);
    memcpy(copy, broken->text, broken->length);
    damage(r, copy, &broken->length);
    char *exact = malloc(broken->length ? broken->length : 1); /* so that reading behind it is seen */
    assert_non_null(exact);
    memcpy(exact, copy, broken->length);
    broken->text = exact;
    hd_status status = hd_timeloop_read(text, c->texts, arena, &t, &err);
    check(status, t, &err, c);
    hd_arena_free(arena);
    free(exact);
    free(copy);
}

static void visit(const corpus_case *c, void *user) {
    hd_random r;
    hd_random_seed(&r, 20261121, (*(uint64_t *)user)++);
    for (long i = 0; i < mutants; i++) read_mutant(c, &r);
}

static void damaged_inputs_end_well(void **state) {
    (void)state;
    uint64_t stream = 0;
    corpus_each_case(visit, &stream);
    corpus_each_fuzz(visit, &stream);
    print_message("%ld mutants read, %ld refused\n", whole, refused);
    assert_true(whole > 0 && refused > 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_inputs_end_well)};
    if (argc > 1) mutants = strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
