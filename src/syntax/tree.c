/* What stands at a node of a text, and what to say when it is not what was expected? */
#include "syntax/tree.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

hd_status hd_node_fail(const hd_node *node, hd_error *err, const char *format, ...) {
    char message[sizeof err->message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return hd_fail_at(err, HD_ERR_INPUT, node->file, node->line, node->column, "%s", message);
}

const char *hd_node_shown(const hd_node *node, char buffer[HD_NODE_SHOWN]) {
    if (node->kind == HD_NODE_MAP) return "a map";
    if (node->kind == HD_NODE_LIST) return "a list";
    if (node->length == 0) return "nothing";
    size_t shown = node->length < 40 ? node->length : 40, at = 0;
    buffer[at++] = '\'';
    for (size_t i = 0; i < shown; i++) {
        unsigned char c = (unsigned char)node->text[i];
        buffer[at++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    snprintf(buffer + at, HD_NODE_SHOWN - at, "%s", shown < node->length ? "...'" : "'");
    return buffer;
}

const hd_node *hd_node_get(const hd_node *map, const char *key) {
    if (map->kind != HD_NODE_MAP) return NULL;
    for (int i = 0; i < map->items; i++)
        if (hd_node_is(map->key[i], key)) return map->item[i];
    return NULL;
}

bool hd_node_is(const hd_node *node, const char *text) {
    return node->kind == HD_NODE_SCALAR && node->length == strlen(text) &&
           memcmp(node->text, text, node->length) == 0;
}

bool hd_node_is_null(const hd_node *node) {
    return node->kind == HD_NODE_SCALAR && !node->quoted &&
           (node->length == 0 || hd_node_is(node, "~") || hd_node_is(node, "null"));
}

hd_status hd_node_int(const hd_node *node, const char *what, int64_t low, int64_t high, int64_t *out,
                      hd_error *err) {
    char shown[HD_NODE_SHOWN];
    int64_t value;
    if (node->kind != HD_NODE_SCALAR || node->quoted || !hd_parse_int(node->text, node->length, &value))
        return hd_node_fail(node, err, "%s: found %s, expected a whole number", what,
                            hd_node_shown(node, shown));
    if (value < low || value > high)
        return hd_node_fail(node, err, "%s: found %lld, expected %lld to %lld", what, (long long)value,
                            (long long)low, (long long)high);
    *out = value;
    return HD_OK;
}

hd_status hd_node_double(const hd_node *node, const char *what, double low, double high, double *out,
                         hd_error *err) {
    char shown[HD_NODE_SHOWN], from[HD_NUMBER], to[HD_NUMBER];
    double value;
    if (node->kind != HD_NODE_SCALAR || node->quoted || !hd_parse_double(node->text, node->length, &value))
        return hd_node_fail(node, err, "%s: found %s, expected a number", what, hd_node_shown(node, shown));
    if (!(value >= low && value <= high)) {
        hd_print_double(low, from);
        hd_print_double(high, to);
        return hd_node_fail(node, err, "%s: found %s, expected %s to %s", what, hd_node_shown(node, shown),
                            from, to);
    }
    *out = value;
    return HD_OK;
}

hd_status hd_node_bool(const hd_node *node, const char *what, bool *out, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    bool yes = !node->quoted && hd_node_is(node, "true"), no = !node->quoted && hd_node_is(node, "false");
    if (!yes && !no)
        return hd_node_fail(node, err, "%s: found %s, expected true or false", what,
                            hd_node_shown(node, shown));
    *out = yes;
    return HD_OK;
}

static int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

hd_status hd_node_hash(const hd_node *node, const char *what, uint64_t *out, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    bool hex = node->length > 2 && node->text[0] == '0' && node->text[1] == 'x';
    bool good = node->kind == HD_NODE_SCALAR && node->length > 0;
    uint64_t value = 0, base = hex ? 16 : 10;
    for (size_t i = hex ? 2 : 0; good && i < node->length; i++) {
        int digit = digit_of(node->text[i]);
        good = digit < (int)base && !__builtin_mul_overflow(value, base, &value) &&
               !__builtin_add_overflow(value, (uint64_t)digit, &value);
    }
    if (!good)
        return hd_node_fail(node, err, "%s: found %s, expected a number of 64 bits, 0x... or decimal", what,
                            hd_node_shown(node, shown));
    *out = value;
    return HD_OK;
}

hd_status hd_node_text(const hd_node *node, const char *what, const char **out, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    if (node->kind != HD_NODE_SCALAR || node->length == 0)
        return hd_node_fail(node, err, "%s: found %s, expected a text", what, hd_node_shown(node, shown));
    if (memchr(node->text, '\0', node->length))
        return hd_node_fail(node, err, "%s: the text holds a zero byte", what);
    *out = node->text;
    return HD_OK;
}

hd_status hd_node_copy(const hd_node *node, const char *what, char *out, size_t size, hd_error *err) {
    const char *text;
    HD_TRY(hd_node_text(node, what, &text, err));
    if (node->length >= size)
        return hd_node_fail(node, err, "%s: found %zu bytes of text, at most %zu fit", what, node->length,
                            size - 1);
    memcpy(out, text, node->length + 1);
    return HD_OK;
}

hd_status hd_node_expect(const hd_node *node, hd_node_kind kind, const char *what, hd_error *err) {
    static const char *const name[] = {
        [HD_NODE_SCALAR] = "a value", [HD_NODE_MAP] = "a map", [HD_NODE_LIST] = "a list"};
    char shown[HD_NODE_SHOWN];
    if (node->kind == kind) return HD_OK;
    return hd_node_fail(node, err, "%s: found %s, expected %s", what, hd_node_shown(node, shown), name[kind]);
}
