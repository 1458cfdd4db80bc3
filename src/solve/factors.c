/* Which factors of a count are worth moving to another slot?  Its small primes, what is left of it without them, all of it; where
 * tiles may be ragged also two and three that do not divide it.                                            */
#include <assert.h>

#include "solve/draft.h"

/* Divide a prime out as often as it divides. */
static inline bool strip(uint64_t *rest, uint64_t prime)
{
    if (*rest % prime != 0) return false;
    do *rest /= prime;
    while (*rest % prime == 0);
    return true;
}

int hd_form_find_factors(const hd_form *form, int64_t count, int64_t *out, int max)
{
    int n = 0;
    uint64_t rest = (uint64_t)count;
    bool ragged = form->space->ragged;
    assert(count >= 1 && max >= 4);
    if (strip(&rest, 2) || (ragged && count > 2)) out[n++] = 2;
    if (strip(&rest, 3) || (ragged && count > 3)) out[n++] = 3;
    if (strip(&rest, 5)) out[n++] = 5;
    if (strip(&rest, 7)) out[n++] = 7;
    if (n < max && rest > 1 && (int64_t)rest < count) out[n++] = (int64_t)rest;
    if (n < max && count > 1 && (n == 0 || out[n - 1] != count)) out[n++] = count;
    return n;
}

void hd_form_note_factors(hd_form *form)
{
    int64_t factor[HD_MAX_FACTORS];
    for (int count = 1; count < HD_SMALL; count++) {
        int n = hd_form_find_factors(form, count, factor, HD_MAX_FACTORS);
        form->small[count].n = (unsigned char)n;
        for (int i = 0; i < n; i++) form->small[count].factor[i] = (unsigned char)factor[i];
    }
}
