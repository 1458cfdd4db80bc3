/* A chip of three to five levels with random wires, energies and bandwidths. */
#ifndef HD_TESTS_COST_NATIVE_DRAW_CHIP_H
#define HD_TESTS_COST_NATIVE_DRAW_CHIP_H

#include "base/random.h"
#include "cost/native/native.h"

void draw_chip(hd_random *r, hd_arch *out);

#endif
