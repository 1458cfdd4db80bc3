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
    budget->started = budget->looked = now(budget);
    budget->stride = 1;
    budget->next = 0;
    budget->used = 0;
    budget->polls = 0;
    budget->interrupted = false;
}

double hd_budget_elapsed(const hd_budget *budget) { return now(budget) - budget->started; }

/* Clock and caller are asked as often as keeps the times between short and the asking cheap: some searches poll every
 * microsecond, some every hundredth of a second. */
bool hd_budget_look(hd_budget *budget)
{
    enum { RAREST = 64 };
    static const double SOON = 1e-4, LATE = 1e-3;
    if (budget->cancel && budget->cancel(budget->user)) budget->interrupted = true;
    double time = now(budget), passed = time - budget->looked;
    if (budget->seconds > 0 && time - budget->started >= budget->seconds) budget->seconds = -1; /* out for good */
    if (passed < SOON && budget->stride < RAREST) budget->stride *= 2;
    if (passed > LATE) budget->stride = budget->stride > 4 ? budget->stride / 4 : 1;
    budget->looked = time;
    budget->next = budget->polls + budget->stride;
    return budget->interrupted || budget->seconds < 0;
}
