/* A scheme, whole or in part: `levels: [{level, keep, tensor, stack, update}]` of DESIGN section 2. */
#ifndef HD_FORMATS_HEDDLE_SCHEME_YAML_H
#define HD_FORMATS_HEDDLE_SCHEME_YAML_H

#include "base/text.h"
#include "dataflow/scheme.h"
#include "syntax/tree.h"

/* Bits of hd_pin.pinned and hd_space.pinned. */
enum { HD_GIVEN_TENSOR = 1, HD_GIVEN_STACK = 2, HD_GIVEN_UPDATE = 4, HD_GIVEN_KEEP = 8 };

/* The levels as a YAML list, one line each, behind `margin` spaces. */
void hd_scheme_write(const hd_problem *p, const hd_scheme *s, int margin, hd_text *text);
/* Read a list of levels.  `whole`: every level with every key must stand there; otherwise `given` tells per
 * level what does (dims that a tensor does not list have extent 1).  Shapes are checked, legality is not. */
hd_status hd_scheme_read(const hd_node *list, const hd_operator *op, const hd_arch *arch, bool whole,
                         hd_scheme *out, unsigned given[HD_MAX_LEVELS], hd_error *err);

#endif
