/* How far apart are two words? */
#include "base/spelling.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"

enum { LONGEST = 40 };

static char plain(char c) { return c == '-' ? '_' : c; }

int64_t hd_spelling_slips(const char *a, const char *b)
{
    int64_t row[LONGEST + 1][LONGEST + 1];
    size_t n = strlen(a), m = strlen(b);
    if (n > LONGEST || m > LONGEST) return LONGEST;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++) {
            if (i == 0 || j == 0) {
                row[i][j] = (int64_t)(i + j);
                continue;
            }
            bool same = plain(a[i - 1]) == plain(b[j - 1]);
            row[i][j] = hd_count_min(row[i - 1][j - 1] + !same, 1 + hd_count_min(row[i - 1][j], row[i][j - 1]));
            if (i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2]) && plain(a[i - 2]) == plain(b[j - 1]))
                row[i][j] = hd_count_min(row[i][j], row[i - 2][j - 2] + 1);
        }
    return row[n][m];
}

hd_guess hd_guess_of(const char *word) { return (hd_guess){word, NULL, hd_spelling_limit(word)}; }

void hd_guess_offer(hd_guess *guess, const char *name)
{
    int64_t slips = hd_spelling_slips(guess->word, name);
    if (slips >= guess->least) return;
    guess->least = slips;
    guess->name = name;
}

const char *hd_guess_hint(const hd_guess *guess, char out[HD_HINT])
{
    out[0] = '\0';
    if (guess->name) snprintf(out, HD_HINT, " (did you mean %.70s?)", guess->name);
    return out;
}

int64_t hd_spelling_limit(const char *word) { return hd_count_min(2, (int64_t)strlen(word) / 3) + 1; }
