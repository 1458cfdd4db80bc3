/* What do the words of a Timeloop file mean: keys in two spellings, numbers, names with ranges, dims and
 * tensors? */
#include <math.h>
#include <string.h>

#include "base/count.h"
#include "formats/timeloop/parts.h"

bool hd_tl_key_is(const hd_node *node, const char *key) {
    if (node->kind != HD_NODE_SCALAR || node->length != strlen(key)) return false;
    for (size_t i = 0; i < node->length; i++) {
        char a = node->text[i] == '-' ? '_' : node->text[i], b = key[i] == '-' ? '_' : key[i];
        if (a != b) return false;
    }
    return true;
}

const hd_node *hd_tl_get(const hd_node *map, const char *key) {
    if (!map || map->kind != HD_NODE_MAP) return NULL;
    for (int i = 0; i < map->items; i++)
        if (hd_tl_key_is(map->key[i], key)) return map->item[i];
    return NULL;
}

hd_status hd_tl_int(const hd_node *node, const char *what, const tl_scope *scope, int64_t low, int64_t high,
                    int64_t *out, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    int64_t value;
    if (node->kind != HD_NODE_SCALAR || !hd_parse_int(node->text, node->length, &value)) {
        double number;
        HD_TRY(hd_tl_evaluate(node, what, scope, &number, err));
        if (number != floor(number) || fabs(number) >= (double)HD_COUNT_EXACT)
            return hd_node_fail(node, err, "%s: found %s, which is %g; expected a whole number", what,
                                hd_node_shown(node, shown), number);
        value = (int64_t)number;
    }
    if (value < low || value > high)
        return hd_node_fail(node, err, "%s: found %lld, expected %lld to %lld", what, (long long)value,
                            (long long)low, (long long)high);
    *out = value;
    return HD_OK;
}

hd_status hd_tl_double(const hd_node *node, const char *what, const tl_scope *scope, double low, double high,
                       double *out, hd_error *err) {
    char from[HD_NUMBER], to[HD_NUMBER];
    double value;
    HD_TRY(hd_tl_evaluate(node, what, scope, &value, err));
    if (!(value >= low && value <= high)) {
        hd_print_double(low, from);
        hd_print_double(high, to);
        return hd_node_fail(node, err, "%s: found %g, expected %s to %s", what, value, from, to);
    }
    *out = value;
    return HD_OK;
}

hd_status hd_tl_range(const hd_node *node, const char *what, size_t *length, int64_t *count, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    const char *text;
    int64_t first, last;
    HD_TRY(hd_node_text(node, what, &text, err));
    const char *open = memchr(text, '[', node->length);
    *length = open ? (size_t)(open - text) : node->length;
    *count = 1;
    while (*length > 0 && text[*length - 1] == ' ') --*length;
    if (*length == 0)
        return hd_node_fail(node, err, "%s: found %s, expected a name", what, hd_node_shown(node, shown));
    if (!open) return HD_OK;
    const char *dots = strstr(open, ".."), *close = strchr(open, ']');
    if (!dots || !close || close < dots || close[1] != '\0' ||
        !hd_parse_int(open + 1, (size_t)(dots - open - 1), &first) ||
        !hd_parse_int(dots + 2, (size_t)(close - dots - 2), &last) || first < 0 || last < first ||
        last - first >= HD_COUNT_EXACT)
        return hd_node_fail(node, err, "%s: found %s, expected a name or a name with a range as in PE[0..15]",
                            what, hd_node_shown(node, shown));
    *count = last - first + 1;
    return HD_OK;
}

int hd_tl_dim(const hd_operator *op, const char *name, size_t length) {
    for (int d = 0; d < op->dims; d++)
        if (strlen(op->dim[d].name) == length && memcmp(op->dim[d].name, name, length) == 0) return d;
    return -1;
}

int hd_tl_role(const hd_operator *op, const char *name) {
    for (int r = 0; r < HD_ROLES; r++)
        if (op->tensor[r].used && strcmp(hd_tensor_name(op, (hd_role)r), name) == 0) return r;
    return -1;
}
