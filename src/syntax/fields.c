/* Does a map hold the keys its table names, and only these? */
#include "syntax/fields.h"

#include <stdio.h>
#include <string.h>

#include "base/spelling.h"

static const char TAG[] = "heddle"; /* the first key of our files */

static bool is_known(const hd_node *key, const hd_field *fields) {
    for (const hd_field *f = fields; f->key; f++)
        if (hd_node_is(key, f->key)) return true;
    return false;
}

/* "a, b, c" of all keys, cut where the buffer ends. */
static void list_keys(const hd_field *fields, char *out, size_t size) {
    size_t at = 0;
    out[0] = '\0';
    for (const hd_field *f = fields; f->key && at < size; f++) {
        int n = snprintf(out + at, size - at, "%s%s", f == fields ? "" : ", ", f->key);
        at += n > 0 ? (size_t)n : 0;
    }
}

/* The key that was meant, or NULL. */
static const char *nearest(const char *key, const hd_field *fields) {
    hd_guess guess = hd_guess_of(key);
    for (const hd_field *f = fields; f->key; f++) hd_guess_offer(&guess, f->key);
    return guess.name;
}

hd_status hd_fields_read(const hd_node *map, const char *what, const hd_field *fields, void *target,
                         hd_error *err) {
    char shown[HD_NODE_SHOWN], keys[384];
    HD_TRY(hd_node_expect(map, HD_NODE_MAP, what, err));
    const hd_node *tag = hd_node_get(map, TAG); /* a file of another kind is told as that, not by its other keys */
    if (tag && strcmp(fields->key, TAG) == 0) HD_TRY(fields->read(tag, target, err));
    for (int i = 0; i < map->items; i++) {
        if (is_known(map->key[i], fields)) continue;
        const char *meant = nearest(map->key[i]->text, fields);
        list_keys(fields, keys, sizeof keys);
        return hd_node_fail(map->key[i], err, "%s: found the unknown key %s%s%s%s, expected one of: %s", what,
                            hd_node_shown(map->key[i], shown), meant ? ", did you mean " : "", meant ? meant : "",
                            meant ? "?" : "", keys);
    }
    for (const hd_field *f = fields; f->key; f++) {
        const hd_node *value = hd_node_get(map, f->key);
        if (!value && f->required) return hd_node_fail(map, err, "%s: the key '%s' is missing", what, f->key);
        if (value && f->read) HD_TRY(f->read(value, target, err));
    }
    return HD_OK;
}
