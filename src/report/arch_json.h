/* A chip as JSON: `show`, `heddle: arch/1`. */
#ifndef HD_REPORT_ARCH_JSON_H
#define HD_REPORT_ARCH_JSON_H

#include "arch/arch.h"
#include "base/text.h"

/* Every level with its numbers; null where something is unlimited.  Appends to `text`, ends in a line feed. */
hd_status hd_arch_to_json(const hd_arch *arch, hd_text *text, hd_error *err);

#endif
