/* The network's own search: which tensors stay on chip, which layers run together. */
#ifndef HD_NETWORK_INTER_LAYER_H
#define HD_NETWORK_INTER_LAYER_H

#include "network/plan.h"

/* "none" "kapla" "exhaustive" */
const char *hd_inter_layer_name(hd_inter_layer inter);
/* NULL = none.  HD_ERR_USAGE with what there is. */
hd_status hd_inter_layer_parse(const char *name, hd_inter_layer *out, hd_error *err);
/* hd_plan_solve, with what options->inter_layer asks for. */
hd_status hd_inter_layer_solve(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, hd_plan **out,
                               hd_error *err);

#endif
