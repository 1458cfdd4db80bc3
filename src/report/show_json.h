/* A network's operators, shapes and MACs as JSON: `show`, `heddle: network/1` of DESIGN section 7. */
#ifndef HD_REPORT_SHOW_JSON_H
#define HD_REPORT_SHOW_JSON_H

#include "base/text.h"
#include "workload/network.h"

/* One entry per operator, fused ones included.  Appends to `text`, ends in a line feed. */
hd_status hd_show_json(const hd_network *network, hd_text *text, hd_error *err);

#endif
