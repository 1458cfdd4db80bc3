/* Which known name was meant by one that is not known? */
#ifndef HD_BASE_SPELLING_H
#define HD_BASE_SPELLING_H

#include <stdint.h>

/* Letters to insert, remove, replace or swap with their neighbour; '-' and '_' are one. */
int64_t hd_spelling_slips(const char *a, const char *b);
/* So many slips and more make another word of it: short words allow fewer. */
int64_t hd_spelling_limit(const char *word);

#endif
