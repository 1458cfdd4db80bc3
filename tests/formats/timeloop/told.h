/* What an inline text says, or why and where it is refused. */
#ifndef HD_TESTS_FORMATS_TIMELOOP_TOLD_H
#define HD_TESTS_FORMATS_TIMELOOP_TOLD_H

#include "formats/timeloop/timeloop.h"

/* Read or fail the test; the next told_* call frees what the last one gave. */
hd_timeloop *told_by(const char *text);
hd_timeloop *told_by_files(const char *const *paths, int count);
/* The text must be refused at this place with a message that holds `part`. */
void told_refused(const char *text, int line, int column, const char *part);
/* At the end of a test that called told_by. */
void told_end(void);

#endif
