/* Where do the trees expect cheap schemes?  Simulated annealing of many points by predicted cost. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solve/anneal.h"

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool is_known(const hd_anneal *a, uint64_t key)
{
    for (int i = 0; i < a->wishes.count; i++)
        if (a->wishes.wish[i].key == key) return true;
    return bsearch(&key, a->trials.sorted, (size_t)a->trials.count, sizeof key, compare_keys) != NULL;
}

/* Keep a draft among the best if it is new there; true where it is. */
static bool wish_for(hd_anneal *a, const hd_draft *draft, const float *row, float score)
{
    hd_wishes *w = &a->wishes;
    if (w->count == w->room && !(score < w->wish[w->count - 1].score)) return false;
    uint64_t key = hd_features_key(row, a->columns);
    if (is_known(a, key)) return false;
    int at = w->count < w->room ? w->count++ : w->wish[w->count - 1].at, i = w->count - 1;
    for (; i > 0 && w->wish[i - 1].score > score; i--) w->wish[i] = w->wish[i - 1];
    w->wish[i] = (hd_wish){score, key, at};
    w->draft[at] = *draft;
    return true;
}

/* Chains of dims that the move left alone hold as before. */
static bool chains_hold(const hd_anneal *a, const hd_draft *from, const hd_draft *to)
{
    for (int d = 0; d < a->form->dims; d++) {
        bool same = memcmp(from->span[d], to->span[d], (size_t)a->form->slots[d] * sizeof *to->span[d]) == 0;
        if (!same && !hd_draft_chain_holds(a->form, to, d)) return false;
    }
    return true;
}

/* One small change that is in the space and fits; false where the draft stays what it was. */
static bool move(hd_anneal *a, const hd_draft *from, hd_draft *to)
{
    enum { TRIES = 8 };
    hd_scheme scheme;
    for (int i = 0; i < TRIES; i++) {
        *to = *from;
        hd_draft_nudge(a->form, a->random, to);
        if (memcmp(to, from, sizeof *to) == 0) return false;
        if (hd_draft_fans_hold(a->form, to) && chains_hold(a, from, to) && hd_draft_decode(a->form, to, &scheme) &&
            hd_incumbent_fits(a->inc, &scheme))
            return true;
    }
    *to = *from;
    return false;
}

static float *row_of(const hd_anneal *a, float *rows, int point) { return rows + (size_t)point * (size_t)a->columns; }

/* Predict what `count` walks come to, those in `walk`, whose rows stand one after the other; true where one of them is worth
 * a price. */
static hd_status look(hd_anneal *a, const hd_boost *boost, int count, bool *news, hd_error *err)
{
    *news = false;
    if (count == 0) return HD_OK;
    HD_TRY(hd_boost_score(boost, a->moved_row, count, a->columns, a->moved_score, err));
    for (int i = 0; i < count; i++)
        *news |= wish_for(a, &a->moved[a->walk[i]], row_of(a, a->moved_row, i), a->moved_score[i]);
    return HD_OK;
}

/* Where the points stand, by these trees: they stay from training to training, their scores do not. */
static hd_status look_round(hd_anneal *a, const hd_boost *boost, hd_error *err)
{
    bool news;
    for (int p = 0; p < a->points; p++) {
        a->walk[p] = p;
        a->moved[p] = a->point[p];
        hd_draft_features(a->form, &a->point[p], NULL, NULL, row_of(a, a->moved_row, p));
    }
    HD_TRY(look(a, boost, a->points, &news, err));
    memcpy(a->score, a->moved_score, (size_t)a->points * sizeof *a->score);
    memcpy(a->row, a->moved_row, (size_t)a->points * (size_t)a->columns * sizeof *a->row);
    return HD_OK;
}

/* Walks that a move of this step brings somewhere else; returns how many. */
static int move_all(hd_anneal *a)
{
    int count = 0;
    for (int p = 0; p < a->points; p++) {
        if (!move(a, &a->point[p], &a->moved[p])) continue;
        hd_draft_features(a->form, &a->moved[p], &a->point[p], row_of(a, a->row, p), row_of(a, a->moved_row, count));
        a->walk[count++] = p;
    }
    return count;
}

static void accept(hd_anneal *a, int count, double temperature)
{
    for (int i = 0; i < count; i++) {
        int p = a->walk[i];
        double worse = a->moved_score[i] - a->score[p];
        if (worse > 0 && !(hd_random_unit(a->random) < exp(-worse / temperature))) continue;
        a->point[p] = a->moved[p];
        a->score[p] = a->moved_score[i];
        memcpy(row_of(a, a->row, p), row_of(a, a->moved_row, i), (size_t)a->columns * sizeof *a->row);
    }
}

hd_status hd_anneal_wish(hd_anneal *a, const hd_boost *boost, hd_error *err)
{
    enum { PATIENCE = 50 }; /* steps without a new wish */
    bool news;
    a->wishes.count = 0;
    memcpy(a->trials.sorted, a->trials.key, (size_t)a->trials.count * sizeof *a->trials.key);
    qsort(a->trials.sorted, (size_t)a->trials.count, sizeof *a->trials.sorted, compare_keys);
    HD_TRY(look_round(a, boost, err));
    for (int s = 0, idle = 0; s < a->steps && idle < PATIENCE && !hd_budget_out(a->budget); s++) {
        int moved = move_all(a);
        HD_TRY(look(a, boost, moved, &news, err));
        accept(a, moved, 1 - (double)s / a->steps);
        idle = news ? 0 : idle + 1;
    }
    return HD_OK;
}
