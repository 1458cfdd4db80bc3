/* The result of `solve` and `eval` as JSON: `heddle: result/1`, DESIGN section 7. */
#ifndef HD_REPORT_RESULT_JSON_H
#define HD_REPORT_RESULT_JSON_H

#include "base/text.h"
#include "network/plan.h"

/* One entry per layer that is not fused; all keys always present, null where unknown.  `reproducible` leaves
 * out what varies from run to run.  Appends to `text`, ends in a line feed. */
hd_status hd_result_json(const hd_plan *plan, bool reproducible, const char *version, hd_text *text,
                         hd_error *err);

#endif
