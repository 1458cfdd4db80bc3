/* Which known name was meant by one that is not known? */
#ifndef HD_BASE_SPELLING_H
#define HD_BASE_SPELLING_H

#include <stdint.h>

enum { HD_HINT = 96 };

/* Letters to insert, remove, replace or swap with their neighbour; '-' and '_' are one. */
int64_t hd_spelling_slips(const char *a, const char *b);
/* So many slips and more make another word of it: short words allow fewer. */
int64_t hd_spelling_limit(const char *word);

/* The nearest of the names that are offered one by one, NULL while none is near; borrowed.  Begin with hd_guess_of. */
typedef struct hd_guess { const char *word, *name; int64_t least; } hd_guess;
hd_guess hd_guess_of(const char *word);
void hd_guess_offer(hd_guess *guess, const char *name);
/* " (did you mean NAME?)" or "". */
const char *hd_guess_hint(const hd_guess *guess, char out[HD_HINT]);

#endif
