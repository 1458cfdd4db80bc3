/* The contests as a table for people. */
#include <math.h>

#include "report/table.h"
#include "study/overhead.h"

static void percent(hd_text *text, double share)
{
    if (isnan(share)) hd_text_format(text, " %9s", "-");
    else if (isinf(share)) hd_text_format(text, " %9s", "inf");
    else hd_text_format(text, " %8.*f%%", share < 0.1 ? 3 : 1, 100 * share);
}

static void method_line(const hd_overheads *x, int pair, int method, hd_text *text)
{
    hd_method_sum sum;
    char evaluations[HD_NUMBER];
    hd_overheads_method(x, pair, method, &sum);
    hd_table_number((double)sum.evaluations, evaluations);
    hd_text_format(text, "  %-12.12s", x->options.method[method].solver->name);
    percent(text, sum.mean);
    percent(text, sum.most);
    hd_text_format(text, " %10s %8.2f  ", evaluations, sum.seconds);
    if (sum.worst >= 0 && sum.most > 0) {
        const hd_contest *worst = &x->contest[sum.worst];
        if (pair < 0) hd_text_format(text, "%s on %s: ", worst->net.name, x->pair[worst->pair].arch->name);
        hd_text_append(text, worst->layer.name);
    }
    if (sum.missed > 0) hd_text_format(text, "; %d proved but not found", sum.missed);
    hd_text_append(text, "\n");
}

static void heading(const hd_overheads *x, int pair, const hd_overhead_sum *sum, hd_text *text)
{
    const char *judge = x->options.judge.solver->name;
    if (pair < 0) hd_text_format(text, "all %d pairs: ", x->pairs);
    else hd_text_format(text, "%s on %s: ", x->pair[pair].net->name, x->pair[pair].arch->name);
    hd_text_format(text, "%d of %d operators proved by %s in %.2f CPU s", sum->proved, sum->operators, judge, sum->seconds);
    if (sum->none > 0) hd_text_format(text, "; %d without a schedule", sum->none);
    if (sum->done < sum->operators) hd_text_format(text, "; %d not run", sum->operators - sum->done);
    hd_text_append(text, "\n");
}

/* Every operator that was not proved, with what is open. */
static void open_lines(const hd_overheads *x, int pair, hd_text *text)
{
    const hd_pair *p = &x->pair[pair];
    for (int i = p->first; i < p->first + p->count; i++) {
        const hd_contest *c = &x->contest[i];
        const hd_run *judge = &c->judge;
        if (!c->done || hd_contest_proved(c) || judge->outcome == HD_OUTCOME_INFEASIBLE) continue;
        if (judge->found)
            hd_text_format(text, "  not proved: %s, gap %.3g%%\n", c->layer.name, 100 * (1 - judge->lower_bound / judge->cost));
        else hd_text_format(text, "  not proved: %s, nothing found\n", c->layer.name);
    }
}

static void block(const hd_overheads *x, int pair, hd_text *text)
{
    hd_overhead_sum sum;
    hd_overheads_sum(x, pair, &sum);
    heading(x, pair, &sum, text);
    if (pair < 0 && sum.worst >= 0) {
        const hd_contest *worst = &x->contest[sum.worst];
        hd_text_format(text, "  worst gap of those not proved %.3g%% (%s on %s: %s)\n", 100 * sum.worst_gap, worst->net.name,
                       x->pair[worst->pair].arch->name, worst->layer.name);
    }
    hd_text_format(text, "  %-12s %9s %9s %10s %8s  %s\n", "method", "mean", "worst", "prices  ", "CPU s", "worst operator");
    for (int m = 0; m < x->options.methods; m++) method_line(x, pair, m, text);
    if (pair >= 0) open_lines(x, pair, text);
    hd_text_append(text, "\n");
}

void hd_overheads_table(const hd_overheads *x, hd_text *text)
{
    char space[HD_SPACE_WORDS];
    hd_plan_space_words(&x->options.plan, space);
    hd_text_format(text, "overhead over the proved optimum: %s, model %s, space %s\n\n",
                   hd_objective_name(x->options.plan.objective), x->options.plan.model->name, space);
    for (int p = 0; p < x->pairs; p++) block(x, p, text);
    if (x->pairs > 1) block(x, -1, text);
}
