/* One level of a chip file: the entries of `levels:`. */
#ifndef HD_FORMATS_HEDDLE_LEVEL_YAML_H
#define HD_FORMATS_HEDDLE_LEVEL_YAML_H

#include "arch/arch.h"
#include "syntax/tree.h"

/* `exact`: roles that are not named are not meant (see roles.h). */
hd_status hd_level_read(const hd_node *node, bool exact, hd_level *out, hd_error *err);

#endif
