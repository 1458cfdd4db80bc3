/* The text that stands between single quotes in YAML. */
#ifndef HD_SYNTAX_SINGLE_QUOTED_H
#define HD_SYNTAX_SINGLE_QUOTED_H

#include <stddef.h>

/* Write what `raw` (without its outer quotes) means to `out`, which has room for `length` bytes and a '\0'.
 * Returns the length of the meaning: '' is one quote, a line break is a space, further ones stay. */
size_t hd_single_quoted(const char *raw, size_t length, char *out);

#endif
