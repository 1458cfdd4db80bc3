/* Which layer's output does each layer read, and as what?  The network between operators: a *value* is what a layer that is
 * not fused (with all that is fused into it) leaves behind for others. */
#ifndef HD_WORKLOAD_VALUES_H
#define HD_WORKLOAD_VALUES_H

#include "workload/network.h"

typedef struct hd_read {
    int value;              /* the layer that made it; -1 = a network input, weights, constants */
    unsigned roles;         /* bit set of the roles that it is (part of); 0 = unknown */
} hd_read;

typedef struct hd_value {   /* one per network layer; of fused layers nothing but zeros */
    int reads;
    const hd_read *read;    /* what the layer and all that is fused into it read */
    int64_t words;          /* of its output */
    int last_read;          /* the last layer that reads it, or -1 */
    bool leaves;            /* also an output of the network */
} hd_value;

/* The layer that does the work of `layer`: itself, or the one that it is fused into; -1 for -1. */
int hd_layer_root(const hd_network *net, int layer);
/* The roles that input `index` of a layer is read as: as the reader of its file knew, else the first operand is I, of a
 * sum of many all are, and the second of a product is W, of element-wise work I2. */
unsigned hd_layer_roles(const hd_layer *layer, int index);
/* `*out` has net->layers entries and lives in the arena. */
hd_status hd_network_values(const hd_network *net, hd_arena *arena, hd_value **out, hd_error *err);

#endif
