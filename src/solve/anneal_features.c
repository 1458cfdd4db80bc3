/* A draft as numbers that trees can split on. */
#define XXH_INLINE_ALL
#include "solve/anneal.h"

#include <math.h>
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

/* 1 = the innermost loop of the level, loops of one iteration not counted; 0 = no loop. */
static int place(const hd_form *form, const hd_draft *draft, int level, int dim)
{
    int n = 0;
    for (int i = 0; i < form->dims; i++) {
        int d = draft->order[level][i], k = form->at[d][level][HD_SLOT_UPDATE];
        bool loops = k >= 0 && hd_draft_count(form, draft, d, k) > 1;
        n += loops;
        if (d == dim) return loops ? n : 0;
    }
    return 0;
}

void hd_draft_features(const hd_form *form, const hd_draft *draft, float *out)
{
    for (int d = 0; d < form->dims; d++)
        for (int k = 0; k < form->slots[d]; k++) {
            const hd_slot *s = &form->slot[d][k];
            *out++ = log2f((float)draft->span[d][k]);
            *out++ = log2f((float)hd_draft_count(form, draft, d, k));
            if (s->kind == HD_SLOT_UPDATE) *out++ = (float)place(form, draft, s->level, d);
        }
    for (int l = 0; l < form->levels; l++)
        for (int r = 0; r < HD_ROLES; r++)
            if (form->keep_free[l] & HD_ROLE_BIT(r)) *out++ = (draft->keep[l] & HD_ROLE_BIT(r)) != 0;
}

uint64_t hd_features_key(const float *row, int columns) { return XXH64(row, (size_t)columns * sizeof *row, 0); }
