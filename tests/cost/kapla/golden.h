/* Recorded runs of KAPLA's research code as chips and schemes: what tests of the model read. */
#ifndef TESTS_COST_KAPLA_GOLDEN_H
#define TESTS_COST_KAPLA_GOLDEN_H

#include "cost/kapla/kapla.h"
#include "syntax/tree.h"

/* The 16 x 16 mesh. */
hd_kapla_chip golden_cloud_chip(void);
/* The chip that the run names, numbers of its hardware file. */
hd_kapla_chip golden_chip(const hd_node *run);
/* The scheme that the run chose; `partition`: the same run's line of partitions.json. */
hd_kapla_scheme golden_scheme(const hd_node *run, const hd_node *partition);
/* The operator that a layer is, and what it makes. */
void golden_operator(const hd_kapla_layer *layer, hd_operator *out);
hd_makes golden_makes(const hd_kapla_layer *layer);
/* Lines of partitions.json. */
const hd_node *golden_partitions(hd_arena *arena);

#endif
