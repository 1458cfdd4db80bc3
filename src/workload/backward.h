/* Training: a network becomes the same network with its backward layers behind it. */
#ifndef HD_WORKLOAD_BACKWARD_H
#define HD_WORKLOAD_BACKWARD_H

#include "workload/network.h"

typedef enum hd_optimizer { HD_OPTIMIZER_NONE, HD_OPTIMIZER_SGD, HD_OPTIMIZERS } hd_optimizer;

typedef struct hd_training {
    hd_optimizer optimizer;
    bool input_gradients; /* also of the network's own inputs, which nobody needs: KAPLA's training networks have them */
} hd_training;

/* "none" "sgd". */
const char *hd_optimizer_name(hd_optimizer optimizer);
/* Append to a network that is not fused yet, behind its last layer, in an order in which producers come first:
 *   NAME.grad_input, NAME.grad_input2, ...  gradients of what layer NAME reads, where somebody needs them
 *   NAME.grad_weight                        gradient of its weights
 *   NAME.grad_sum, NAME.grad_sum2, ...      sums of the gradients that several readers of NAME's output send back
 *   NAME.update                             new weights (optimizer sgd)
 * The gradient of the network's outputs is given, as an input of the network.  What backward layers read of forward ones
 * stands among their inputs: it is kept until then.  Normalisation over a batch becomes one of rows, as training does it.
 * Refuses a network without weights, a product whose dimensions are not named as in kinds.h, and names that are taken. */
hd_status hd_network_train(hd_network *net, const hd_training *training, hd_error *err);

#endif
