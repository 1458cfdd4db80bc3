/* A whole file as text. */
#ifndef HD_SYNTAX_FILE_H
#define HD_SYNTAX_FILE_H

#include "base/arena.h"

enum { HD_FILE_LIMIT = 256 * 1024 * 1024 }; /* larger files are no text of ours */

/* The bytes of `path` with a '\0' behind them, in `arena`. */
hd_status hd_file_read(const char *path, hd_arena *arena, char **out, size_t *length, hd_error *err);

#endif
