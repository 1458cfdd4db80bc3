/* `timeloop:` of a level in a chip file: what only the timeloop model reads. */
#ifndef HD_FORMATS_HEDDLE_TIMELOOP_YAML_H
#define HD_FORMATS_HEDDLE_TIMELOOP_YAML_H

#include "arch/arch.h"
#include "base/text.h"
#include "syntax/tree.h"

/* `exact`: as hd_level_read. */
hd_status hd_timeloop_level_read(const hd_node *node, bool exact, hd_timeloop_level *out, hd_error *err);
bool hd_timeloop_level_is_standard(const hd_timeloop_level *level);
/* "{block_size: 4, ...}", only what is not Timeloop's standard. */
void hd_timeloop_level_write(const hd_timeloop_level *level, hd_text *text);

#endif
