/* Vector operations per output: one table by the file's own operator names. */
#ifndef HD_WORKLOAD_VECTOR_OPS_H
#define HD_WORKLOAD_VECTOR_OPS_H

#include <stdint.h>

/* Operations per output point (windows, reductions: per point of the nest); 1 for names not in the table. */
int64_t hd_vector_ops(const char *op_name);

#endif
