/* How does a name of any bytes stand in a YAML text?  In double quotes, control characters as \xNN. */
#include "formats/heddle/quote.h"

/* Bytes of the sequence at `s` if YAML prints it as it is, else 0. */
static size_t printable(const unsigned char *s) {
    unsigned point;
    size_t length = hd_utf8(s, &point);
    bool bad = (point >= 0x80 && point < 0xA0) || (point & 0xFFFE) == 0xFFFE || point == 0xFEFF ||
               point == 0x2028 || point == 0x2029;
    return length > 1 && bad ? 0 : length;
}

void hd_quote(hd_text *text, const char *name) {
    const unsigned char *s = (const unsigned char *)name;
    hd_text_append(text, "\"");
    while (*s) {
        size_t length = printable(s);
        if (length == 0)
            hd_text_append(text, "\\uFFFD");
        else if (*s == '"' || *s == '\\')
            hd_text_format(text, "\\%c", *s);
        else if (*s < 0x20 || *s == 0x7F)
            hd_text_format(text, "\\x%02X", *s);
        else
            hd_text_appendn(text, (const char *)s, length);
        s += length > 0 ? length : 1;
    }
    hd_text_append(text, "\"");
}
