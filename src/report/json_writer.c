/* How does a value stand in a JSON text?
 *
 * jansson prints a double with a fixed count of digits (0.1 as 0.10000000000000001), so what we write we
 * write ourselves; what we read, jansson reads.  Names of any bytes become valid UTF-8.             */
#include "report/json_writer.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

void hd_json_begin(hd_json *json, hd_text *text) {
    *json = (hd_json){.text = text};
}

static void quote(hd_text *text, const char *value) {
    const unsigned char *s = (const unsigned char *)value;
    hd_text_append(text, "\"");
    while (*s) {
        unsigned point;
        size_t length = hd_utf8(s, &point);
        if (length == 0)
            hd_text_append(text, "\\ufffd");
        else if (*s == '"' || *s == '\\')
            hd_text_format(text, "\\%c", *s);
        else if (*s < 0x20)
            hd_text_format(text, "\\u%04x", *s);
        else
            hd_text_appendn(text, (const char *)s, length);
        s += length > 0 ? length : 1;
    }
    hd_text_append(text, "\"");
}

static void new_line(hd_json *json) {
    if (json->flat == 0) hd_text_format(json->text, "\n%*s", 2 * json->depth, "");
}

/* Comma, line and key in front of a value. */
static void lead(hd_json *json, const char *key) {
    if (json->depth > 0) {
        bool first = !json->filled[json->depth];
        if (!first) hd_text_append(json->text, json->flat ? ", " : ",");
        new_line(json);
        json->filled[json->depth] = true;
    }
    if (!key) return;
    quote(json->text, key);
    hd_text_append(json->text, ": ");
}

void hd_json_open(hd_json *json, const char *key, char bracket) {
    lead(json, key);
    hd_text_appendn(json->text, &bracket, 1);
    json->depth++;
    assert(json->depth < HD_JSON_DEPTH);
    json->filled[json->depth] = false;
}

void hd_json_open_flat(hd_json *json, const char *key, char bracket) {
    hd_json_open(json, key, bracket);
    if (json->flat == 0) json->flat = json->depth;
}

void hd_json_close(hd_json *json, char bracket) {
    assert(json->depth > 0);
    bool filled = json->filled[json->depth];
    bool flat = json->flat > 0;
    if (json->flat == json->depth) json->flat = 0;
    json->depth--;
    if (filled && !flat) new_line(json);
    hd_text_appendn(json->text, &bracket, 1);
}

void hd_json_text(hd_json *json, const char *key, const char *value) {
    lead(json, key);
    if (value)
        quote(json->text, value);
    else
        hd_text_append(json->text, "null");
}

void hd_json_int(hd_json *json, const char *key, int64_t value) {
    lead(json, key);
    hd_text_int(json->text, value);
}

void hd_json_unsigned(hd_json *json, const char *key, uint64_t value) {
    lead(json, key);
    hd_text_format(json->text, "%" PRIu64, value);
}

void hd_json_double(hd_json *json, const char *key, double value) {
    lead(json, key);
    if (isfinite(value))
        hd_text_double(json->text, value);
    else
        hd_text_append(json->text, "null");
}

void hd_json_bool(hd_json *json, const char *key, bool value) {
    lead(json, key);
    hd_text_append(json->text, value ? "true" : "false");
}

void hd_json_null(hd_json *json, const char *key) {
    hd_json_text(json, key, NULL);
}
