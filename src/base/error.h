/* Statuses with a message and a position.  The first error wins; nothing is printed here. */
#ifndef HD_BASE_ERROR_H
#define HD_BASE_ERROR_H

#include "heddle/heddle.h"

/* Return from the calling function when a call failed. */
#define HD_TRY(call)                                   \
    do {                                               \
        hd_status hd_try_ = (call);                    \
        if (hd_try_ != HD_OK) return hd_try_;          \
    } while (0)

/* Fill `err` (may be NULL) and return `code`; printf style. */
__attribute__((format(printf, 3, 4)))
hd_status hd_fail(hd_error *err, hd_status code, const char *format, ...);
/* The same with a position; `file` may be NULL, line and column 0 where unknown. */
__attribute__((format(printf, 6, 7)))
hd_status hd_fail_at(hd_error *err, hd_status code, const char *file, int line, int column, const char *format, ...);
/* Out of memory, said once. */
hd_status hd_fail_memory(hd_error *err);

#endif
