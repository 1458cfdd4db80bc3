/* Do broken files end in errors with a message, never in a crash, a leak or a hang?
 *
 * Files of the zoo, damaged by seed: bytes changed, dropped, doubled, lines moved, numbers swollen.  The
 * first argument is the count of mutants (2000). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "base/text.h"
#include "formats/heddle/arch_yaml.h"
#include "formats/heddle/network_yaml.h"
#include "syntax/file.h"

enum { STANDARD_COUNT = 2000, SECONDS_EACH = 10, LARGEST = 1 << 16 };

static const char *const SEEDS[] = {"arch/eyeriss.yaml",    "arch/tpu-v1.yaml",     "arch/gemmini.yaml",
                                    "arch/simba-like.yaml", "arch/kapla-edge.yaml", "nets/toy.yaml",
                                    "nets/alexnet.yaml"};
enum { SEED_COUNT = sizeof SEEDS / sizeof *SEEDS };

static const char *const PIECES[] = {"&a ",
                                     "*a",
                                     "<<: *a\n",
                                     "- ",
                                     ": ",
                                     "{",
                                     "}",
                                     "[",
                                     "]",
                                     "\"",
                                     "'",
                                     "|\n",
                                     "99999999999999999999",
                                     "-1",
                                     "1e308",
                                     "null",
                                     "---\n",
                                     "\t",
                                     "!!x ",
                                     "0",
                                     "\xff",
                                     "? ",
                                     "%YAML 9\n",
                                     ">\n",
                                     "#",
                                     "nan"};

static size_t below(hd_random *r, size_t n) {
    return n ? (size_t)hd_random_below(r, (int64_t)n) : 0;
}

static size_t replace(char *text, size_t length, size_t at, size_t cut, const char *piece, size_t size) {
    if (at > length) at = length;
    if (cut > length - at) cut = length - at;
    if (length - cut + size >= LARGEST) return length;
    memmove(text + at + size, text + at + cut, length - at - cut);
    memcpy(text + at, piece, size);
    return length - cut + size;
}

static size_t mutate(hd_random *r, char *text, size_t length) {
    char copy[256];
    size_t at = below(r, length), other = below(r, length), size = below(r, 40);
    switch (hd_random_below(r, 5)) {
    case 0:
        text[at] = (char)hd_random_below(r, 256);
        return length;
    case 1:
        return replace(text, length, at, 1 + below(r, 20), "", 0);
    case 2: {
        const char *piece = PIECES[below(r, sizeof PIECES / sizeof *PIECES)];
        return replace(text, length, at, below(r, 4), piece, strlen(piece));
    }
    case 3:
        text[at] = "0123456789-.:{}[],\n &*"[below(r, 22)];
        return length;
    default:
        if (size > length - other) size = length - other;
        memcpy(copy, text + other, size);
        return replace(text, length, at, 0, copy, size);
    }
}

static int try_one(const char *name, const char *text, size_t length) {
    hd_error err = {0};
    hd_arch arch;
    hd_network *net = NULL;
    alarm(SECONDS_EACH);
    bool chip = strncmp(name, "arch/", 5) == 0;
    hd_status status = chip ? hd_arch_read(text, length, name, &arch, &err)
                            : hd_network_read(text, length, name, &net, &err);
    alarm(0);
    if (status == HD_OK) {
        hd_network_free(net);
        return 0;
    }
    if (err.code == status && err.message[0] && strcmp(err.file, name) == 0) return 1;
    printf("%s: status %d without message or file: '%s' '%s'\n", name, (int)status, err.file, err.message);
    return -1;
}

int main(int argc, char **argv) {
    int64_t count = STANDARD_COUNT;
    const char *zoo = getenv("HEDDLE_ZOO");
    if (argc > 1 && !hd_parse_int(argv[1], strlen(argv[1]), &count)) return 2;
    static char text[LARGEST];
    int refused = 0;
    hd_arena *arena = hd_arena_new(NULL, 0);
    char *seed[SEED_COUNT];
    size_t length[SEED_COUNT];
    for (int i = 0; i < SEED_COUNT; i++) {
        hd_error err;
        const char *path = hd_arena_format(arena, "%s/%s", zoo ? zoo : "zoo", SEEDS[i]);
        if (hd_file_read(path, arena, &seed[i], &length[i], &err) != HD_OK) {
            printf("%s: %s\n", path, err.message);
            return 1;
        }
    }
    for (int64_t n = 0; n < count; n++) {
        hd_random r;
        hd_random_seed(&r, 9, (uint64_t)n);
        int which = (int)(n % SEED_COUNT);
        size_t size = length[which];
        memcpy(text, seed[which], size);
        for (int64_t k = 1 + hd_random_below(&r, 4); k > 0 && size > 0; k--) size = mutate(&r, text, size);
        int outcome = try_one(SEEDS[which], text, size);
        if (outcome < 0) return 1;
        refused += outcome;
    }
    hd_arena_free(arena);
    printf("%lld mutants, %d refused\n", (long long)count, refused);
    return refused > 0 ? 0 : 1;
}
