/* Threads, only here: work is split by index and results land in slots, so that no answer depends on
 * the number of threads.                                                                            */
#ifndef HD_BASE_THREADS_H
#define HD_BASE_THREADS_H

#include "base/error.h"

enum { HD_MAX_THREADS = 256 };

/* One work item: reads shared data, writes only its own slot.  `worker` (0 .. threads - 1) names the
 * scratch it may use. */
typedef hd_status (*hd_work)(void *user, int64_t index, int worker, hd_error *err);

/* Run `work` for every index in [0, count) on up to `threads` threads, the calling one included.
 * Indices are handed out in ascending order.  After a failure no new index is started, and the error of
 * the lowest failing index is returned: the same for any number of threads. */
hd_status hd_parallel_for(int threads, int64_t count, hd_work work, void *user, hd_error *err);

/* Processors that may be used now, at least 1. */
int hd_threads_available(void);

#endif
