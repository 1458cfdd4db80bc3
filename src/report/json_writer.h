/* JSON text in the order it is written: two spaces per depth, shortest digits that read back exactly. */
#ifndef HD_REPORT_JSON_WRITER_H
#define HD_REPORT_JSON_WRITER_H

#include "base/text.h"

enum { HD_JSON_DEPTH = 24 };

/* `key` NULL inside a list and for the outermost value.  Errors stay in `text`: ask hd_text_check at the end.
 */
typedef struct hd_json {
    hd_text *text;
    int depth;
    int flat;                   /* collections opened at this depth or deeper stand on one line; 0 = none */
    bool filled[HD_JSON_DEPTH]; /* something stands in the collection of this depth */
} hd_json;

void hd_json_begin(hd_json *json, hd_text *text);
void hd_json_open(hd_json *json, const char *key, char bracket);      /* '{' or '[' */
void hd_json_open_flat(hd_json *json, const char *key, char bracket); /* all inside on one line */
void hd_json_close(hd_json *json, char bracket);                      /* '}' or ']' */
void hd_json_text(hd_json *json, const char *key, const char *value); /* NULL = null */
void hd_json_int(hd_json *json, const char *key, int64_t value);
void hd_json_unsigned(hd_json *json, const char *key, uint64_t value);
void hd_json_double(hd_json *json, const char *key, double value); /* null if not finite */
void hd_json_bool(hd_json *json, const char *key, bool value);
void hd_json_null(hd_json *json, const char *key);

#endif
