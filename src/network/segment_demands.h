/* What layers of one segment ask of each other's outermost buffer loops, so that tensors between them stay on chip (KAPLA 7.4).
 *
 * A demand is a number of iterations of the loop over input or output channels, or over the batch.  Full: one iteration,
 * all of it is buffered.  Layers that must agree share a symbol; its values are tried in turn, as are those of the batch.   */
#ifndef HD_NETWORK_SEGMENT_DEMANDS_H
#define HD_NETWORK_SEGMENT_DEMANDS_H

#include "network/segment_list.h"
#include "solve/kapla.h"

enum { HD_DEMAND_FREE = -1, HD_DEMAND_FULL = -2 }; /* else: number of a symbol */

typedef struct hd_demand_symbol { int values; int64_t *value; } hd_demand_symbol; /* ascending */

typedef struct hd_demands {
    int layers;
    int *input, *output;            /* of every layer of the form: FREE, FULL or a symbol */
    int *copies;                    /* layer of the form whose solved output loop a free one repeats, -1 = none */
    int symbols;                    /* symbol 0 is the batch; none for a single layer */
    hd_demand_symbol *symbol;
    int64_t count;                  /* combinations of values */
} hd_demands;

/* NULL in `out` where no choice fits the buffers.  Everything lives in the arena. */
hd_status hd_segment_demands(const hd_segment_graph *graph, const hd_segment_form *form, const hd_segment_rules *rules,
                             hd_arena *arena, hd_demands **out, hd_error *err);
/* The loops asked of one layer by combination `index` (0 .. count - 1, the last symbol changes fastest); the sides that stay on
 * chip are the caller's to say. */
void hd_demands_at(const hd_demands *demands, int64_t index, int layer, hd_kapla_demand *out);

#endif
