/* When must a search stop?  Evaluations decide; seconds and the caller's wish are outer limits. */
#include <time.h>

#include "solve/solver.h"

static double now(const hd_budget *budget)
{
    struct timespec t;
    clock_gettime(budget->cpu ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void hd_budget_start(hd_budget *budget)
{
    budget->started = now(budget);
    budget->used = 0;
    budget->polls = 0;
    budget->interrupted = false;
}

double hd_budget_elapsed(const hd_budget *budget) { return now(budget) - budget->started; }

bool hd_budget_out(hd_budget *budget)
{
    enum { POLL = 64 };
    if (budget->interrupted || budget->seconds < 0) return true;
    if (budget->evaluations > 0 && budget->used >= budget->evaluations) return true;
    if (budget->polls++ % POLL != 0) return false;
    if (budget->cancel && budget->cancel(budget->user)) budget->interrupted = true;
    if (budget->seconds > 0 && now(budget) - budget->started >= budget->seconds) budget->seconds = -1; /* out for good */
    return budget->interrupted || budget->seconds < 0;
}
