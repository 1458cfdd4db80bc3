/* Timeloop's files: is every input refused with a reason or turned into a whole problem?
 *
 * An input is one file, or several with a line of three dashes between them.                     */
#include <string.h>

#include "formats/timeloop/timeloop.h"
#include "fuzz.h"

enum { MOST_TEXTS = 8 };
static const char BREAK[] = "\n---\n";

static const char *find_break(const char *at, const char *end) {
    const size_t size = sizeof BREAK - 1;
    for (; (size_t)(end - at) >= size; at++)
        if (memcmp(at, BREAK, size) == 0) return at;
    return NULL;
}

static int split(const char *at, const char *end, hd_timeloop_text texts[MOST_TEXTS]) {
    int count = 0;
    while (count < MOST_TEXTS) {
        const char *next = count < MOST_TEXTS - 1 ? find_break(at, end) : NULL;
        texts[count++] = (hd_timeloop_text){FUZZ_FILE, at, (size_t)((next ? next + 1 : end) - at)};
        if (!next) break;
        at = next + sizeof BREAK - 1;
    }
    return count;
}

static void check(hd_timeloop *t) {
    hd_error err = {0};
    if (t->has_op) fuzz_expect(hd_operator_check(&t->op, &err) == HD_OK, err.message);
    if (t->has_arch) fuzz_expect(hd_arch_check(&t->arch, &err) == HD_OK, err.message);
    if (t->has_mapping)
        fuzz_expect(t->mapping.levels == t->arch.levels, "a mapping of another chip's levels");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hd_error err = {0};
    hd_timeloop *t = NULL;
    hd_timeloop_text texts[MOST_TEXTS];
    hd_arena *arena = hd_arena_new(NULL, 0);
    if (!arena) return 0;
    int count = split((const char *)data, (const char *)data + size, texts);
    if (fuzz_read_well(hd_timeloop_read(texts, count, arena, &t, &err), &err, FUZZ_FILE)) check(t);
    hd_arena_free(arena);
    return 0;
}
