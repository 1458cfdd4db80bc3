/* One layer of a result as JSON. */
#ifndef HD_REPORT_LAYER_JSON_H
#define HD_REPORT_LAYER_JSON_H

#include "network/plan.h"
#include "report/json_writer.h"

/* {"N": 1, ...} */
void hd_dims_json(hd_json *json, const hd_operator *op);
/* The entry of `layers[]` for a layer that is not fused. */
/* Of which schemes is the lower bound?  "space": those of the stated space, as a search of it says; "model": all that the model
 * prices. */
const char *hd_bound_of_json(const hd_incumbent *best);
void hd_layer_json(hd_json *json, const hd_plan *plan, int layer);

#endif
