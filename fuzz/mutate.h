/* Seeded damage to a text: bytes changed, dropped, doubled, signs of YAML and odd numbers put in. */
#ifndef HD_FUZZ_MUTATE_H
#define HD_FUZZ_MUTATE_H

#include <stddef.h>

#include "base/random.h"

enum { FUZZ_ROOM = 256 }; /* bytes that the buffer must have beyond `length` */

/* One to four changes in place; returns the new length. */
size_t fuzz_mutate(hd_random *r, char *text, size_t length);

#endif
