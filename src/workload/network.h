/* A network: layers in topological order, each an operator fed by others.  Views (reshape, transpose,
 * concat, ...) are already resolved: they cost nothing and are not layers.                         */
#ifndef HD_WORKLOAD_NETWORK_H
#define HD_WORKLOAD_NETWORK_H

#include "base/arena.h"
#include "workload/operator.h"

/* The shape of a tensor as it stands in the file (before loops): for `show`. */
typedef struct hd_file_shape { int rank; int64_t *extent; } hd_file_shape;

/* Part of a training step that a layer belongs to. */
typedef enum hd_phase { HD_FORWARD, HD_BACKWARD, HD_UPDATE } hd_phase;

typedef struct hd_layer {
    const char *name;             /* unique in the network */
    const char *op_name;          /* the file's own word: "Conv", "MatMul", "Add" */
    hd_operator op;
    hd_file_shape file_shape[HD_ROLES]; /* rank -1 where the role is unused */
    int inputs;                   /* producers among the layers, through views */
    int *input;                   /* layer indices; -1 = a network input or constant */
    unsigned *input_roles;        /* per input: bit set of the roles that it is read as; NULL = see hd_layer_roles */
    bool leaves;                  /* its output is also one of the network's */
    hd_phase phase;
    hd_makes makes;               /* of a product or a window */
    int fused_into;               /* layer index, or -1 */
    int64_t weight_words;         /* learned parameters held by the layer (bias and norm scales included) */
    int64_t macs, ops;            /* of this layer alone, before fusion; ops = vector operations */
    int repeats;                  /* >= 1: identical executions in a row (e.g. unrolled cells) */
} hd_layer;

typedef struct hd_network {
    hd_arena *arena;              /* owns everything below */
    const char *name;
    int64_t batch;
    bool unfused;                 /* its layers are meant as they stand: none is ever fused */
    int layers;
    hd_layer *layer;
    int warnings;
    const char **warning;         /* "node X: unknown operator Y, shape passed through" */
    uint64_t hash;
} hd_network;

/* Own macs, ops, learned words and shapes of a layer made from its operator alone; a batched W is no parameter. */
hd_status hd_layer_measure(hd_arena *arena, hd_layer *layer, hd_error *err);
/* Samples that go through a list of operators which does not say so: N of all windows; 1 if there are none, or they differ. */
int64_t hd_network_samples(const hd_network *net);
/* Let `batch` samples through instead of net->batch, before fusion: N of every operator grows with it; of a product B where
 * its W has B, else M; of element-wise work the first dimension.  Refuses what does not come out whole. */
hd_status hd_network_rebatch(hd_network *net, int64_t batch, hd_error *err);
/* Fuse element-wise and per-channel work into its producer where the main input has no other consumer;
 * a residual sum fuses into the later of its producers, its other input becoming an extra read.
 * Sets fused_into, and extra_reads / fused_ops of the receiving operators.  Nothing happens to an `unfused` network. */
hd_status hd_network_fuse(hd_network *net, hd_error *err);
/* Set bits per role on all operators (0 = leave). */
void hd_network_bits(hd_network *net, const int bits[HD_ROLES], int partial_bits);
void hd_network_free(hd_network *net); /* NULL is fine */
/* Hash over all that a network means: batch, layers with names and counts, who feeds whom. */
void hd_network_seal(hd_network *net);

#endif
