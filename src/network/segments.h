/* Given segments on a mesh, as a schedule has them: on which chip does each layer run, and what do they cost together? */
#ifndef HD_NETWORK_SEGMENTS_H
#define HD_NETWORK_SEGMENTS_H

#include "network/plan.h"

/* `options->chip` and `options->limits` of all layers.  HD_ERR_INPUT where a segment hands nothing on, has regions that
 * overlap or leave the mesh, or cannot fit; layers that stand in no segment run alone. */
hd_status hd_segments_place(const hd_network *net, const hd_arch *arch, const hd_segment *segment, int segments,
                            hd_arena *arena, hd_plan_options *options, hd_error *err);
/* Segments and totals of a plan whose layers were priced on those chips.  HD_ERR_INPUT where a scheme does not keep to what its
 * segment asks of it (batch groups outermost, what is handed on whole in the buffers). */
hd_status hd_segments_price(hd_plan *plan, const hd_segment *segment, int segments, hd_arena *arena, hd_error *err);

#endif
