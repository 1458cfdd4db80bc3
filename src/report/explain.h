/* One layer's schedule explained: loops, tiles, and where each joule and cycle comes from. */
#ifndef HD_REPORT_EXPLAIN_H
#define HD_REPORT_EXPLAIN_H

#include "base/text.h"
#include "network/plan.h"

/* A layer that has a scheme. */
void hd_explain_layer(const hd_plan *plan, int layer, hd_text *text);

#endif
