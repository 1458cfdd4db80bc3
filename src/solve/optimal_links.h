/* Links of a mesh that one word of a role travels, where tiles divide (docs/cost-model.md, "Meshes"): closed forms over a layout,
 * one digit per stack. */
#ifndef HD_SOLVE_OPTIMAL_LINKS_H
#define HD_SOLVE_OPTIMAL_LINKS_H

#include "arch/arch.h"

enum { OPT_MOST_LAID = 64, OPT_MAX_LAID = 8 }; /* nodes and digits along an axis that are laid out */

/* Copies along one axis, the innermost first; lacked: of a dim that the role lacks. */
typedef struct opt_digit { int64_t copies; bool lacked; } opt_digit;

/* On the way from the nearest port, along one axis, averaged: to all nodes of a group at once, to the node of a group that
 * loads old partial sums, to any node by itself.  `span`: between the nodes of a group. */
typedef struct opt_way { double group, loader, node, span; } opt_way;

/* Where on the axis do ports stand that serve the role?  Returns how many. */
int opt_ports(const hd_mesh *mesh, int role, int axis, int *at);
/* Of one layout; `wired`: the axis delivers to (O: adds over) many, so that lacked digits part nodes of one group. */
opt_way opt_way_of(const int *port, int ports, const opt_digit *digit, int digits, bool wired);
/* No layout that has `lacked` and `own` copies along the axis has less of any. */
opt_way opt_least_way(const int *port, int ports, int64_t lacked, int64_t own, bool wired);

#endif
