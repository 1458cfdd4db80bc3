/* The tool's own rendering of a mapping (map.txt) as a mapping file. */
#ifndef HD_TESTS_FORMATS_TIMELOOP_NEST_TEXT_H
#define HD_TESTS_FORMATS_TIMELOOP_NEST_TEXT_H

#include "base/text.h"
#include "workload/operator.h"

/* Appends `mapping:` and its directives. */
void nest_text_to_mapping(const char *nest, const hd_operator *op, hd_text *out);

#endif
