/* How does a name of any bytes stand in a YAML text?  In double quotes, control characters as \xNN. */
#include "formats/heddle/quote.h"

/* Bytes of the valid UTF-8 sequence at `s`, 0 if there is none. */
static size_t sequence(const unsigned char *s) {
    static const struct {
        unsigned char mask, lead;
        unsigned least;
        size_t length;
    } form[] = {{0xE0, 0xC0, 0x80, 2}, {0xF0, 0xE0, 0x800, 3}, {0xF8, 0xF0, 0x10000, 4}};
    if (s[0] < 0x80) return 1;
    for (size_t f = 0; f < 3; f++) {
        if ((s[0] & form[f].mask) != form[f].lead) continue;
        unsigned point = s[0] & (unsigned char)~form[f].mask;
        for (size_t i = 1; i < form[f].length; i++) {
            if ((s[i] & 0xC0) != 0x80) return 0;
            point = point << 6 | (s[i] & 0x3F);
        }
        bool bad = point < form[f].least || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000) ||
                   (point >= 0x80 && point < 0xA0) || (point & 0xFFFE) == 0xFFFE || point == 0xFEFF ||
                   point == 0x2028 || point == 0x2029;
        return bad ? 0 : form[f].length;
    }
    return 0;
}

void hd_quote(hd_text *text, const char *name) {
    const unsigned char *s = (const unsigned char *)name;
    hd_text_append(text, "\"");
    while (*s) {
        size_t length = sequence(s);
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
