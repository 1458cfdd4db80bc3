/* How --batch, --dim, --bits, --training and --no-fuse become the options of reading a network. */
#ifndef HD_CLI_NETWORK_OPTIONS_H
#define HD_CLI_NETWORK_OPTIONS_H

#include "cli/command.h"

typedef struct cli_bindings { hd_dim_value dim[CLI_MAX_LIST]; char name[CLI_MAX_LIST][128]; } cli_bindings;

/* Rows of the option tables. */
#define CLI_NETWORK                                                                                              \
    {"batch", CLI_INT, "N", NULL, CLI_FIELD(batch), 1, "samples: first dimension of every graph input"},         \
    {"dim", CLI_LIST, "NAME=V", NULL, CLI_FIELD(dim), 0, "bind a symbolic dimension; repeatable"},               \
    {"bits", CLI_LIST, "ROLE=N", NULL, CLI_FIELD(bits), 0, "bits per element: W=4,I=8,O=8,partial=32"},          \
    {"training", CLI_FLAG, NULL, NULL, CLI_FIELD(training), 0, "then the backward layers (docs/training.md)"},   \
    {"optimizer", CLI_TEXT, "O", NULL, CLI_FIELD(optimizer), 0, "with --training: none, or sgd updates weights"}, \
    {"input-gradients", CLI_FLAG, NULL, NULL, CLI_FIELD(input_gradients), 0,                                     \
     "with --training: gradients of the network's inputs, too"},                                                 \
    {"no-fuse", CLI_FLAG, NULL, NULL, CLI_FIELD(no_fuse), 0, "element-wise work stays in layers of its own"}

/* `out` refers to `bound`.  CLI_OK, or CLI_USAGE after saying why. */
int cli_network_options(const cli_values *values, cli_bindings *bound, hd_network_options *out);

#endif
