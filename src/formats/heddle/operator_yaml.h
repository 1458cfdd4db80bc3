/* One operator in full, inside a schedule: every field that prices see. */
#ifndef HD_FORMATS_HEDDLE_OPERATOR_YAML_H
#define HD_FORMATS_HEDDLE_OPERATOR_YAML_H

#include "base/text.h"
#include "syntax/tree.h"
#include "workload/operator.h"

/* One line of flow YAML; reading it back gives an equal struct. */
void hd_operator_write(const hd_operator *op, hd_text *text);
hd_status hd_operator_read(const hd_node *node, hd_operator *out, hd_error *err);

#endif
