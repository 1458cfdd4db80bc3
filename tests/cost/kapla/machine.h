/* The machines of these tests as chips of ours. */
#ifndef TESTS_COST_KAPLA_MACHINE_H
#define TESTS_COST_KAPLA_MACHINE_H

#include "cost/kapla/kapla.h"

/* DRAM > GBUF, a mesh with ports at its corners where it has several nodes, nodes share if `share` > REGF > MAC. */
void machine_of(const hd_kapla_chip *chip, bool share, hd_arch *out);

#endif
