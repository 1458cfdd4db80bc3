/* Why there is no schedule, in one sentence. */
#ifndef HD_REPORT_REFUSAL_H
#define HD_REPORT_REFUSAL_H

#include "solve/solver.h"

enum { HD_REFUSAL_TEXT = 400 };
/* A capacity names level, tensor (where tensors share it, all of them) and missing words; the others say it themselves. */
void hd_refusal_text(const hd_problem *p, const hd_refusal *why, char out[HD_REFUSAL_TEXT]);
/* Why a search found nothing: its nearest refusal, or how it ended. */
void hd_missing_text(const hd_problem *p, const hd_incumbent *best, char out[HD_REFUSAL_TEXT]);

#endif
