/* Names inside our YAML: always in double quotes, safe for any bytes. */
#ifndef HD_FORMATS_HEDDLE_QUOTE_H
#define HD_FORMATS_HEDDLE_QUOTE_H

#include "base/text.h"

/* "name" with escapes; bytes that are not UTF-8 become U+FFFD. */
void hd_quote(hd_text *text, const char *name);

#endif
