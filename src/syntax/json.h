/* JSON text into the same tree as YAML. */
#ifndef HD_SYNTAX_JSON_H
#define HD_SYNTAX_JSON_H

#include "syntax/tree.h"

/* One JSON value of any kind.  Duplicate keys are errors.  Syntax errors carry line and column; nodes carry
 * none, the parser (jansson) does not keep them. */
hd_status hd_json_read(const char *text, size_t length, const char *file, hd_arena *arena, hd_node **out,
                       hd_error *err);

#endif
