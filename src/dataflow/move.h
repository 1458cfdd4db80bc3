/* Neighbours of a scheme: a factor moves from one directive of a dimension to another. */
#ifndef HD_DATAFLOW_MOVE_H
#define HD_DATAFLOW_MOVE_H

#include "dataflow/scheme.h"

/* Directives of `dim`, counted from the outermost level inwards, at a level the larger shift first. */
int hd_scheme_directives(const hd_scheme *s, int dim);
/* Divide the count of directive `from` by `factor` and multiply that of `to`; shifts, copies and boxes follow, the directives
 * stay as they are.  False, with `s` as before, where a shift of the dim or the count does not divide.  Fan-outs,
 * capacities, and whether a stack of one copy may stand beside what has the same shift are the caller's to check
 * (hd_scheme_is_legal). */
bool hd_scheme_move_factor(hd_scheme *s, int dim, int from, int to, int64_t factor);

#endif
