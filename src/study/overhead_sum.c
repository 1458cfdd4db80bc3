/* What do the contests of a network on a chip, or all of them, come to? */
#include <math.h>

#include "study/overhead.h"

bool hd_contest_proved(const hd_contest *c) { return c->done && c->judge.found && c->judge.outcome == HD_OUTCOME_OPTIMAL; }

double hd_contest_overhead(const hd_contest *c, int method)
{
    const hd_run *run = &c->method[method];
    if (!hd_contest_proved(c) || !run->found) return NAN;
    if (run->cost <= c->judge.cost) return 0;
    return c->judge.cost > 0 ? run->cost / c->judge.cost - 1 : INFINITY;
}

static void range(const hd_overheads *x, int pair, int *first, int *end)
{
    *first = pair < 0 ? 0 : x->pair[pair].first;
    *end = pair < 0 ? x->contests : *first + x->pair[pair].count;
}

void hd_overheads_sum(const hd_overheads *x, int pair, hd_overhead_sum *out)
{
    int first, end;
    range(x, pair, &first, &end);
    *out = (hd_overhead_sum){.operators = end - first, .worst = -1};
    for (int i = first; i < end; i++) {
        const hd_contest *c = &x->contest[i];
        const hd_run *judge = &c->judge;
        if (!c->done) continue;
        out->done++;
        out->seconds += judge->seconds;
        if (judge->outcome == HD_OUTCOME_INFEASIBLE) out->none++;
        else if (hd_contest_proved(c)) out->proved++;
        else {
            double gap = judge->found && judge->cost > 0 ? (judge->cost - judge->lower_bound) / judge->cost : 1;
            if (out->worst >= 0 && gap <= out->worst_gap) continue;
            out->worst_gap = gap;
            out->worst = i;
        }
    }
}

void hd_overheads_method(const hd_overheads *x, int pair, int method, hd_method_sum *out)
{
    int first, end;
    double sum = 0;
    range(x, pair, &first, &end);
    *out = (hd_method_sum){.worst = -1, .mean = NAN, .most = NAN};
    for (int i = first; i < end; i++) {
        const hd_contest *c = &x->contest[i];
        if (!c->done) continue;
        double overhead = hd_contest_overhead(c, method);
        out->seconds += c->method[method].seconds;
        out->evaluations += c->method[method].evaluations;
        if (hd_contest_proved(c) && !c->method[method].found) out->missed++;
        if (isnan(overhead)) continue;
        out->compared++;
        sum += overhead;
        if (out->worst >= 0 && overhead <= out->most) continue;
        out->most = overhead;
        out->worst = i;
    }
    if (out->compared > 0) out->mean = sum / out->compared;
}
