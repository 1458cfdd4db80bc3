/* The parts of the native model that price.c puts together. */
#ifndef HD_COST_NATIVE_NATIVE_H
#define HD_COST_NATIVE_NATIVE_H

#include "cost/native/traffic.h"

typedef struct nest_chains { bool used[HD_ROLES]; chain of[HD_ROLES]; } nest_chains;

/* Bits that one element of the role takes at a level (partial sums inside the home of O may be wider). */
int hd_native_bits(const hd_problem *p, int level, hd_role role);
/* Work, ports, fill, drain and latency into `out` (whose counts are already there). */
void hd_native_cycles(const nest *n, const nest_chains *c, hd_breakdown *out);
/* Energy lines and their sum into `out` (counts and cycles are already there). */
void hd_native_energy(const hd_problem *p, hd_breakdown *out);
/* Does an idle unit keep partial sums through a change of the tile outside?  `level`: where. */
bool hd_native_holds_through(const nest *n, int *level);
/* Capacity, and schemes whose counts have no closed form here (sliding outputs, very wide halos). */
bool hd_native_fits(const hd_problem *p, const hd_scheme *s, hd_refusal *out);
/* Lower bounds over all schemes. */
void hd_native_bound(const hd_problem *p, hd_bound *out);

#endif
