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

/* One small change that is in the space and fits; else the draft stays. */
static void move(hd_anneal *a, const hd_draft *from, hd_draft *to)
{
    enum { TRIES = 8 };
    hd_scheme scheme;
    for (int i = 0; i < TRIES; i++) {
        *to = *from;
        hd_draft_nudge(a->form, a->random, to);
        bool holds = hd_draft_fans_hold(a->form, to);
        for (int d = 0; holds && d < a->form->dims; d++) holds = hd_draft_chain_holds(a->form, to, d);
        if (holds && hd_draft_decode(a->form, to, &scheme) && hd_incumbent_fits(a->inc, &scheme)) return;
    }
    *to = *from;
}

/* Predict where every walk may go; true where one of them is worth a price. */
static hd_status look(hd_anneal *a, const hd_boost *boost, bool *news, hd_error *err)
{
    for (int p = 0; p < a->points; p++)
        hd_draft_features(a->form, &a->moved[p], a->moved_row + (size_t)p * (size_t)a->columns);
    HD_TRY(hd_boost_score(boost, a->moved_row, a->points, a->columns, a->moved_score, err));
    *news = false;
    for (int p = 0; p < a->points; p++)
        *news |= wish_for(a, &a->moved[p], a->moved_row + (size_t)p * (size_t)a->columns, a->moved_score[p]);
    return HD_OK;
}

static void step(hd_anneal *a, double temperature)
{
    for (int p = 0; p < a->points; p++) {
        double worse = a->moved_score[p] - a->score[p];
        if (worse > 0 && !(hd_random_unit(a->random) < exp(-worse / temperature))) continue;
        a->point[p] = a->moved[p];
        a->score[p] = a->moved_score[p];
    }
}

hd_status hd_anneal_wish(hd_anneal *a, const hd_boost *boost, hd_error *err)
{
    enum { PATIENCE = 50 }; /* steps without a new wish */
    bool news;
    a->wishes.count = 0;
    memcpy(a->trials.sorted, a->trials.key, (size_t)a->trials.count * sizeof *a->trials.key);
    qsort(a->trials.sorted, (size_t)a->trials.count, sizeof *a->trials.sorted, compare_keys);
    /* the points stay from training to training, their scores do not */
    memcpy(a->moved, a->point, (size_t)a->points * sizeof *a->point);
    HD_TRY(look(a, boost, &news, err));
    memcpy(a->score, a->moved_score, (size_t)a->points * sizeof *a->score);
    for (int s = 0, idle = 0; s < a->steps && idle < PATIENCE && !hd_budget_out(a->budget); s++) {
        for (int p = 0; p < a->points; p++) move(a, &a->point[p], &a->moved[p]);
        HD_TRY(look(a, boost, &news, err));
        step(a, 1 - (double)s / a->steps);
        idle = news ? 0 : idle + 1;
    }
    return HD_OK;
}
