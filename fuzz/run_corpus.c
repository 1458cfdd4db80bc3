/* Run one fuzz target over files, and over seeded mutants of them: the target as an ordinary test.
 *
 * usage: fuzz_READER [--mutants N] [--strict] [--keep FILE] PATH...      a PATH is a file or a folder,
 * searched deep
 * --strict: every file must be accepted, but for those named bad-*, which must be refused
 * --keep writes each input to FILE before it is read, so that the one that crashed is left there. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "fuzz.h"
#include "mutate.h"
#include "syntax/file.h"

enum { MOST_SEEDS = 1024, SECONDS_EACH = 10 };

typedef struct seeds {
    hd_arena *arena;
    int count;
    const char *path[MOST_SEEDS];
    char *text[MOST_SEEDS];
    size_t length[MOST_SEEDS];
} seeds;

static int stop(const char *path, const char *why) {
    fprintf(stderr, "%s: %s\n", path, why);
    return 2;
}

static int add_file(seeds *s, const char *path) {
    hd_error err = {0};
    if (s->count == MOST_SEEDS) return stop(path, "too many files");
    if (hd_file_read(path, s->arena, &s->text[s->count], &s->length[s->count], &err) != HD_OK)
        return stop(path, err.message);
    s->path[s->count++] = path;
    return 0;
}

static int add_path(seeds *s, const char *path) {
    struct stat info;
    struct dirent **entry;
    if (stat(path, &info) != 0) return stop(path, "no such file or folder");
    if (!S_ISDIR(info.st_mode)) return add_file(s, path);
    int entries = scandir(path, &entry, NULL, alphasort),
        failed = entries < 0 ? stop(path, "cannot be listed") : 0;
    for (int i = 0; i < entries; i++) {
        const char *inner = hd_arena_format(s->arena, "%s/%s", path, entry[i]->d_name);
        if (entry[i]->d_name[0] != '.' && failed == 0) failed = inner ? add_path(s, inner) : 2;
        free(entry[i]);
    }
    if (entries >= 0) free(entry);
    return failed;
}

static int run_one(const char *text, size_t length, const char *keep) {
    if (keep) {
        FILE *file = fopen(keep, "wb");
        if (!file) return stop(keep, "cannot be written");
        size_t written = fwrite(text, 1, length, file);
        if (fclose(file) != 0 || written != length) return stop(keep, "cannot be written");
    }
    uint8_t *exact = malloc(length ? length : 1); /* no byte more, so that reading behind it is seen */
    if (!exact) return stop("input", "out of memory");
    memcpy(exact, text, length);
    alarm(SECONDS_EACH);
    LLVMFuzzerTestOneInput(exact, length);
    alarm(0);
    free(exact);
    return 0;
}

static int run_mutant(const seeds *s, int64_t number, const char *keep) {
    hd_random r;
    int which = (int)(number % s->count);
    size_t length = s->length[which];
    char *copy = malloc(length + FUZZ_ROOM);
    if (!copy) return stop("mutant", "out of memory");
    memcpy(copy, s->text[which], length);
    hd_random_seed(&r, 9, (uint64_t)number);
    length = fuzz_mutate(&r, copy, length);
    int failed = run_one(copy, length, keep);
    free(copy);
    return failed;
}

/* A file as it is; with `strict`, its name says how it must end. */
static int run_file(const seeds *s, int which, bool strict, const char *keep) {
    const char *path = s->path[which], *slash = strrchr(path, '/');
    const bool bad = strncmp(slash ? slash + 1 : path, "bad-", 4) == 0;
    const int64_t before = fuzz_accepted();
    int failed = run_one(s->text[which], s->length[which], keep);
    if (failed || !strict || bad == (fuzz_accepted() == before)) return failed;
    return stop(path, bad ? "accepted, expected a refusal" : "refused, expected to be read");
}

static int run_all(const seeds *s, int64_t mutants, bool strict, const char *keep) {
    int failed = 0;
    for (int i = 0; i < s->count && failed == 0; i++) failed = run_file(s, i, strict, keep);
    const int64_t readable = fuzz_accepted();
    for (int64_t n = 0; n < mutants && failed == 0; n++) failed = run_mutant(s, n, keep);
    if (failed) return failed;
    printf("%d files (%lld accepted), %lld mutants; %lld accepted and %lld refused in all\n", s->count,
           (long long)readable, (long long)mutants, (long long)fuzz_accepted(), (long long)fuzz_refused());
    if (readable == 0) return stop("corpus", "no file of it was accepted");
    return mutants > 0 && fuzz_refused() == 0 ? stop("mutants", "none was refused") : 0;
}

int main(int argc, char **argv) {
    int64_t mutants = 0;
    bool strict = false;
    const char *keep = NULL;
    static seeds s;
    s.arena = hd_arena_new(NULL, 0);
    int failed = s.arena ? 0 : 2;
    for (int i = 1; i < argc && failed == 0; i++) {
        bool option = strncmp(argv[i], "--", 2) == 0, value = i + 1 < argc;
        if (!option)
            failed = add_path(&s, argv[i]);
        else if (strcmp(argv[i], "--strict") == 0)
            strict = true;
        else if (value && strcmp(argv[i], "--keep") == 0)
            keep = argv[++i];
        else if (value && strcmp(argv[i], "--mutants") == 0) {
            i++;
            if (!hd_parse_int(argv[i], strlen(argv[i]), &mutants))
                failed = stop(argv[i], "expected a number");
        } else
            failed = stop(argv[i], "expected --mutants N, --strict, --keep FILE or a path");
    }
    if (failed == 0 && s.count == 0) failed = stop("corpus", "no file given");
    if (failed == 0) failed = run_all(&s, mutants, strict, keep);
    hd_arena_free(s.arena);
    return failed;
}
