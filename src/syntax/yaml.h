/* YAML 1.2 text into a tree. */
#ifndef HD_SYNTAX_YAML_H
#define HD_SYNTAX_YAML_H

#include "syntax/tree.h"

/* Exactly one document.  Duplicate keys, endless aliases, deep nesting (HD_TREE_DEPTH) and trees of more than
 * HD_TREE_NODES nodes with aliases written out are errors.  `<<` merges a map or a list of maps (own keys
 * win, then the earlier map).  `file` names the text in messages, may be NULL.  The tree lives in `arena`. */
hd_status hd_yaml_read(const char *text, size_t length, const char *file, hd_arena *arena, hd_node **out,
                       hd_error *err);

#endif
