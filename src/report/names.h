/* How tensors are called in reports: by their role, or as the foreign file that they come from calls them. */
#ifndef HD_REPORT_NAMES_H
#define HD_REPORT_NAMES_H

#include "workload/operator.h"

/* Does the role stand in the report of an operator?  All four do; where a foreign file named the tensors, those alone. */
bool hd_role_shown(const hd_operator *op, hd_role role);
/* Columns of the longest name, at least those of a role. */
int hd_names_width(const hd_operator *op);

#endif
