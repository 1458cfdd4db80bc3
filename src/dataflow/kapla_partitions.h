/* All ways in which a layer may be split over a region of nodes (reference 8.1), in the order of the research code. */
#ifndef HD_DATAFLOW_KAPLA_PARTITIONS_H
#define HD_DATAFLOW_KAPLA_PARTITIONS_H

#include "dataflow/kapla_layer.h"

/* Return false to stop. */
typedef bool hd_kapla_partition_visit(const hd_kapla_partition *partition, void *user);
/* Parts need not divide, but pad by a tenth at most; a batch divides.  Where nothing is allowed: all pixels, or all output
 * channels of a single pixel.  Returns how many were visited. */
int64_t hd_kapla_partitions(const hd_kapla_layer *layer, const int64_t size[HD_AXES], hd_kapla_partition_visit *visit,
                            void *user);

#endif
