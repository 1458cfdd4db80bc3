/* Why there is no schedule, in one sentence. */
#ifndef HD_REPORT_REFUSAL_H
#define HD_REPORT_REFUSAL_H

#include "dataflow/scheme.h"

enum { HD_REFUSAL_TEXT = 400 };
/* A capacity names level, tensor and missing words; the others say it themselves. */
void hd_refusal_text(const hd_problem *p, const hd_refusal *why, char out[HD_REFUSAL_TEXT]);

#endif
