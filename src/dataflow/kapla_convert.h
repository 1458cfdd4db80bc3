/* Our operators and schemes in KAPLA's words and back.
 *
 * Their rows Y and S are our P and R, their columns X and R our Q and S; C, K, N are the same (a matrix product's K, N, M).
 * A shift of two of their dims is one directive of ours on P, Q, R or a channel, since ours follow from ranks.
 * Their blocks may exceed the layer (padding is work there); ours are clipped, and going back they grow to what the counts
 * of directives say.  What gets lost is copies beyond the last part, which ours may not have.                          */
#ifndef HD_DATAFLOW_KAPLA_CONVERT_H
#define HD_DATAFLOW_KAPLA_CONVERT_H

#include "dataflow/kapla_layer.h"
#include "dataflow/scheme.h"

/* Which of the operator's dims is N, C, K, XO or XI (columns), YO or YI (rows), R, S; -1 where it has none.  C is that of
 * dense layers alone: where channels are one dim it is K (forward) or C (back). */
typedef struct hd_kapla_dims {
    int dim[HD_KAPLA_DIMS];
    int region;                    /* the dim that a local layer sums over its channels, -1 = none */
} hd_kapla_dims;

/* The layer that an operator is; false, and why, for those that KAPLA does not know.  Of a gradient of weights the map of dY is
 * the kernel of ours: KAPLA's input is our W, its filter our O, its output our I. */
bool hd_kapla_layer_of(const hd_operator *op, hd_makes makes, hd_kapla_layer *out, hd_kapla_dims *dims, hd_refusal *why);

/* A row-stationary (or any other) scheme of a chip DRAM > buffer > register file > MAC in KAPLA's form; false, and why,
 * where it has none.  `s` is legal.  Order of loops and top stay zero: nothing is priced by them. */
bool hd_kapla_from_scheme(const hd_problem *p, const hd_scheme *s, hd_kapla_scheme *out, hd_refusal *why);
/* The other way: a legal scheme of the same directives, clipped to the layer.  `form` came from the operator's layer, not
 * systolic. */
void hd_kapla_to_scheme(const hd_problem *p, const hd_kapla_scheme *form, hd_scheme *out);

#endif
