/* How is a layer verified that is too large to replay?  (a) the same scheme with every extent scaled down, in
 * full; (b) a window of whole iterations of its outer loops, chosen by seed, with the real extents inside it.
 * Both give an operator, a problem and a scheme that is legal where the given one is; the caller prices and
 * replays them.                                                                                    */
#ifndef HD_VERIFY_SAMPLE_H
#define HD_VERIFY_SAMPLE_H

#include "verify/replay.h"

/* (a) Fewer iterations of every loop and stack: at least two where there were more (one only where
 * `max_points` leaves no room), the last piece shorter where it was.  At most `max_points` points.
 * `problem_out` refers to `op_out`. */
hd_status hd_sample_scale(const hd_problem *p, const hd_scheme *s, int64_t max_points, hd_operator *op_out,
                          hd_problem *problem_out, hd_scheme *scheme_out, hd_error *err);

/* (b) The part of the nest that a few consecutive iterations work on: outer loops (and stacks among them) are
 * fixed one after the other at seeded indices until at most `max_points` points remain. */
hd_status hd_sample_window(const hd_problem *p, const hd_scheme *s, int64_t max_points, uint64_t seed,
                           hd_operator *op_out, hd_problem *problem_out, hd_scheme *scheme_out,
                           hd_error *err);

/* (b) and its replay in one. */
hd_status hd_replay_outer(const hd_problem *p, const hd_scheme *s, int64_t max_points, uint64_t seed,
                          hd_operator *op_out, hd_problem *problem_out, hd_scheme *scheme_out, hd_replay *out,
                          hd_error *err);

#endif
