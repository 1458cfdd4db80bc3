/* Chips as text: `heddle: arch/1`. */
#ifndef HD_FORMATS_HEDDLE_ARCH_YAML_H
#define HD_FORMATS_HEDDLE_ARCH_YAML_H

#include "arch/arch.h"
#include "base/text.h"
#include "syntax/tree.h"

/* Read and check a chip.  `file` names the text in messages, may be NULL. */
hd_status hd_arch_read(const char *text, size_t length, const char *file, hd_arch *out, hd_error *err);
hd_status hd_arch_read_file(const char *path, hd_arch *out, hd_error *err);
/* The same from a node of a larger text. */
hd_status hd_arch_read_node(const hd_node *node, hd_arch *out, hd_error *err);
/* Every field, so that reading gives an equal chip; each line behind `margin` spaces.  Ask hd_text_check at
 * the end. */
void hd_arch_write(const hd_arch *arch, int margin, hd_text *text);

#endif
