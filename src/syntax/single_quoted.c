/* What does a YAML text between single quotes mean?
 *
 * Ours, because libfyaml 0.7 reads 'a''''b' as a''' and leaks where more of them follow each other. */
#include "syntax/single_quoted.h"

#include <stdbool.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool is_break(char c) {
    return c == '\n' || c == '\r';
}

/* Blanks and line breaks from `at` on; how many breaks there are ("\r\n" is one) and where they end. */
static size_t count_breaks(const char *raw, size_t length, size_t at, size_t *end) {
    size_t breaks = 0;
    for (; at < length && (is_blank(raw[at]) || is_break(raw[at])); at++) {
        bool second = at > 0 && raw[at] == '\n' && raw[at - 1] == '\r';
        if (is_break(raw[at]) && !second) breaks++;
    }
    *end = at;
    return breaks;
}

size_t hd_single_quoted(const char *raw, size_t length, char *out) {
    size_t written = 0;
    for (size_t at = 0, end; at < length;) {
        if (!is_blank(raw[at]) && !is_break(raw[at])) {
            if (raw[at] == '\'' && at + 1 < length) at++;
            out[written++] = raw[at++];
            continue;
        }
        size_t breaks = count_breaks(raw, length, at, &end);
        if (breaks == 1) out[written++] = ' ';
        for (size_t i = 1; i < breaks; i++) out[written++] = '\n';
        for (; breaks == 0 && at < end; at++) out[written++] = raw[at];
        at = end;
    }
    out[written] = '\0';
    return written;
}
