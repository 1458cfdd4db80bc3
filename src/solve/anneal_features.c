/* A draft as numbers that trees can split on. */
#define XXH_INLINE_ALL
#include "solve/anneal.h"

#include <math.h>
#include <string.h>
#include <xxhash.h>

int hd_draft_feature_count(const hd_form *form)
{
    int n = 0;
    for (int d = 0; d < form->dims; d++)
        for (int k = 0; k < form->slots[d]; k++) n += form->slot[d][k].kind == HD_SLOT_UPDATE ? 3 : 2;
    for (int l = 0; l < form->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) n += (form->keep_free[l] & HD_ROLE_BIT(r)) != 0;
    return n;
}

/* Where each slot's columns begin: log2 of span and count, of loops the place. */
static float *slot_columns(const hd_form *form, float *row, float *at[HD_MAX_DIMS][HD_MAX_SLOTS])
{
    for (int d = 0; d < form->dims; d++)
        for (int k = 0; k < form->slots[d]; k++) {
            at[d][k] = row;
            row += form->slot[d][k].kind == HD_SLOT_UPDATE ? 3 : 2;
        }
    return row;
}

/* Places in the order of a level: 1 = the innermost loop, loops of one iteration not counted; 0 = no loop. */
static void write_places(const hd_form *form, const hd_draft *draft, float *at[HD_MAX_DIMS][HD_MAX_SLOTS])
{
    for (int l = 1; l < form->levels; l++) {
        int n = 0;
        for (int i = 0; i < form->dims; i++) {
            int d = draft->order[l][i], k = form->at[d][l][HD_SLOT_UPDATE];
            if (k >= 0) at[d][k][2] = at[d][k][1] > 0 ? (float)++n : 0;
        }
    }
}

void hd_draft_features(const hd_form *form, const hd_draft *draft, const hd_draft *from, const float *from_row, float *out)
{
    float *at[HD_MAX_DIMS][HD_MAX_SLOTS], *end = slot_columns(form, out, at);
    if (from) memcpy(out, from_row, (size_t)(end - out) * sizeof *out);
    for (int d = 0; d < form->dims; d++) {
        if (from && memcmp(draft->span[d], from->span[d], (size_t)form->slots[d] * sizeof *draft->span[d]) == 0) continue;
        for (int k = 0; k < form->slots[d]; k++) {
            at[d][k][0] = log2f((float)draft->span[d][k]);
            at[d][k][1] = log2f((float)hd_draft_count(form, draft, d, k));
        }
    }
    write_places(form, draft, at);
    for (int l = 0; l < form->levels; l++)
        for (int r = 0; r < HD_ROLES; r++)
            if (form->keep_free[l] & HD_ROLE_BIT(r)) *end++ = (draft->keep[l] & HD_ROLE_BIT(r)) != 0;
}

uint64_t hd_features_key(const float *row, int columns) { return XXH64(row, (size_t)columns * sizeof *row, 0); }
