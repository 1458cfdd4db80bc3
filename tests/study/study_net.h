/* A network of two small distinct operators, and two chips that differ in a buffer: spaces that can be exhausted. */
#ifndef HD_TESTS_STUDY_NET_H
#define HD_TESTS_STUDY_NET_H

#include "network/plan.h"

enum { STUDY_LAYERS = 3 };

typedef struct study_net {
    hd_network net;
    hd_layer layer[STUDY_LAYERS];
    hd_arch arch, narrow;
    hd_plan_options options;
} study_net;

/* The structs point into each other: `out` must stay where it is. */
void study_net_make(study_net *out);

#endif
