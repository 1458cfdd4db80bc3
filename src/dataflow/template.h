/* Which dimensions does a dataflow by name lay on the axes of the innermost fan-out? */
#ifndef HD_DATAFLOW_TEMPLATE_H
#define HD_DATAFLOW_TEMPLATE_H

#include "arch/arch.h"
#include "workload/operator.h"

/* Of the dims that the wires of the axis allow (bit set) those that the template names there; all, where it names none. */
unsigned hd_template_dims(hd_template t, const hd_operator *op, int axis, unsigned wires);

#endif
