/* The layers that training adds, and the gradients that have come back so far.  For backward.c alone. */
#ifndef HD_WORKLOAD_BACKWARD_LAYERS_H
#define HD_WORKLOAD_BACKWARD_LAYERS_H

#include "workload/backward.h"

/* What has come back for the output of a layer: the layers that hold it, -1 = given from outside. */
typedef struct hd_arrival {
    int nodes, room, *node;
    int64_t words; /* of the output, that any of them has a gradient for */
    bool strided;  /* spread over the tensor, not a slice of it */
    int sums;
} hd_arrival;

typedef struct hd_trainer {
    hd_network *net;
    const hd_training *options;
    int forward, room; /* layers of the network that is trained; room for layers */
    hd_arrival *arrival;
    bool *needs;       /* somebody needs the gradient of the layer's output */
} hd_trainer;

/* An empty backward layer NAME.WHAT of layer `of`, with room for `inputs`; `count` > 1 gives a number.  `*out` is its index;
 * net->layer may move. */
hd_status hd_trainer_layer(hd_trainer *t, int of, const char *what, int count, int inputs, int *out, hd_error *err);
/* Its operator and inputs stand: give it its word and its numbers. */
hd_status hd_trainer_finish(hd_trainer *t, int at, const char *op_name, hd_error *err);
/* One more input, -1 = given from outside. */
void hd_trainer_read(hd_layer *layer, int producer, hd_role role);
hd_status hd_arrival_keep(hd_trainer *t, hd_arrival *a, int node, hd_error *err);
/* `nodes` together hold a gradient of `words` of the output of `of`; where others have one of the same words, they are
 * summed. */
hd_status hd_trainer_arrive(hd_trainer *t, int of, const int *nodes, int count, int64_t words, bool strided, hd_error *err);

#endif
