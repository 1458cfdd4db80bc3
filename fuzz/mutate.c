/* Seeded damage to a text. */
#include "mutate.h"

#include <string.h>

enum { LONGEST_COPY = 40, MOST_CHANGES = 4 }; /* FUZZ_ROOM holds them all */

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
                                     "9007199254740993",
                                     "-1",
                                     "1e308",
                                     "1e-320",
                                     "null",
                                     "---\n",
                                     "\t",
                                     "!!x ",
                                     "0",

                                     "? ",
                                     "%YAML 9\n",
                                     ">\n",
                                     "#",
                                     "nan",
                                     "2147483648",
                                     "true",
                                     "~",
                                     ", "};

static size_t below(hd_random *r, size_t n) {
    return n ? (size_t)hd_random_below(r, (int64_t)n) : 0;
}

static size_t replace(char *text, size_t length, size_t at, size_t cut, const char *piece, size_t size) {
    if (cut > length - at) cut = length - at;
    memmove(text + at + size, text + at + cut, length - at - cut);
    memcpy(text + at, piece, size);
    return length - cut + size;
}

static size_t change(hd_random *r, char *text, size_t length) {
    char copy[LONGEST_COPY];
    size_t at = below(r, length), other = below(r, length), size = below(r, LONGEST_COPY);
    const char *piece = PIECES[below(r, sizeof PIECES / sizeof *PIECES)];
    switch (hd_random_below(r, 6)) {
    case 0:
        text[at] = (char)hd_random_below(r, 256);
        return length;
    case 1:
        return replace(text, length, at, 1 + below(r, 20), "", 0);
    case 2:
        return replace(text, length, at, below(r, 4), piece, strlen(piece));
    case 3:
        text[at] = "0123456789-.:{}[],\n &*"[below(r, 22)];
        return length;
    case 4: /* a number swells, or a line begins anew */
        while (at < length && (text[at] < '0' || text[at] > '9') && text[at] != '\n') at++;
        return at < length
                   ? replace(text, length, at, 0, text[at] == '\n' ? "\n- " : "31", text[at] == '\n' ? 3 : 2)
                   : length;
    default:
        if (size > length - other) size = length - other;
        memcpy(copy, text + other, size);
        return replace(text, length, at, 0, copy, size);
    }
}

size_t fuzz_mutate(hd_random *r, char *text, size_t length) {
    for (int64_t k = 1 + hd_random_below(r, MOST_CHANGES); k > 0 && length > 0; k--)
        length = change(r, text, length);
    return length;
}
