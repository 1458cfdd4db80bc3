/* KAPLA's comparison for people. */
#include <math.h>

#include "report/table.h"
#include "study/kapla.h"

static void percent(double share, hd_text *text)
{
    if (isnan(share)) hd_text_format(text, " %10s", "-");
    else hd_text_format(text, " %9.3f%%", 100 * share);
}

/* What the row's numbers do not say. */
static void remarks(const hd_standing *s, int operators, hd_text *text)
{
    const char *before = "  ";
    if (s->missing > 0) hd_text_format(text, "%s%d without", before, s->missing), before = ", ";
    if (s->unfinished > 0) hd_text_format(text, "%s%d unfinished", before, s->unfinished), before = ", ";
    if (s->proved > 0) hd_text_format(text, "%s%d of %d proved", before, s->proved, operators);
    hd_text_append(text, "\n");
}

static void line(const hd_overheads *x, int pair, int method, hd_text *text)
{
    hd_standing s;
    char number[3][HD_NUMBER];
    hd_kapla_standing(x, pair, method, &s);
    hd_table_number(s.energy_pj, number[0]);
    hd_table_number(s.cycles, number[1]);
    hd_table_number((double)s.evaluations, number[2]);
    bool all = s.missing == 0; /* a part of a network is no sum to compare */
    hd_text_format(text, "  %-12.12s %10s %10s", hd_kapla_method(x, method), all ? number[0] : "-", all ? number[1] : "-");
    percent(hd_standing_overhead(&s), text);
    percent(hd_standing_over_optimum(&s), text);
    hd_text_format(text, " %10s %9.2f %8.1fx", number[2], s.seconds, hd_kapla_speed_up(x, pair, &s));
    remarks(&s, x->pair[pair].count, text);
}

static void pruning(const hd_pruning *p, hd_text *text)
{
    if (!p->done) hd_text_append(text, "  between layers: not done\n");
    else
        hd_text_format(text, "  between layers: %d of %d problems searched, bounds spare %.1f%%; %d segments, %+.2f%% of the "
                       "cost, %.2f CPU s\n", p->searched, p->considered, 100 * (1 - (double)p->searched / fmax(p->considered, 1)),
                       p->segments, 100 * (p->cost / p->apart - 1), p->seconds);
}

static void network(const hd_kapla_run *r, int pair, hd_text *text)
{
    const hd_overheads *x = r->of;
    hd_measure m;
    hd_kapla_measure(x, pair, &m);
    if (m.done == 0) {
        hd_text_format(text, "%s: not run\n", x->pair[pair].net->name);
        return;
    }
    hd_text_format(text, "%s: %d of %d operators proved by %s", x->pair[pair].net->name, m.proved, m.operators,
                   hd_kapla_method(x, -1));
    if (m.lower_bound < m.best) hd_text_format(text, ", best known %.2f%% above the bound", 100 * (m.best / m.lower_bound - 1));
    if (m.lower_bound > m.best * (1 + 1e-9)) hd_text_append(text, ", the best known is no scheme of the space");
    if (m.done < m.operators) hd_text_format(text, ", %d not run", m.operators - m.done);
    hd_text_append(text, "\n");
    for (int method = -1; method < x->options.methods; method++) line(x, pair, method, text);
    if (r->pruning) pruning(&r->pruning[pair], text);
}

static void mean_line(const hd_overheads *x, int method, hd_text *text)
{
    hd_kapla_mean m;
    hd_kapla_mean_of(x, method, &m);
    if (m.networks == 0) {
        hd_text_format(text, "  %-12.12s no operator is solved\n", hd_kapla_method(x, method));
        return;
    }
    hd_text_format(text, "  %-12.12s over best: mean %.3f%%, worst %.3f%%; over the proved optimum: mean",
                   hd_kapla_method(x, method), 100 * m.overhead, 100 * m.worst);
    percent(m.over_optimum, text);
    hd_text_format(text, "; %.1fx as fast (%d networks", m.speed_up, m.networks);
    if (m.partial > 0) hd_text_format(text, ", %d of them in part", m.partial);
    hd_text_append(text, ")\n");
}

/* Who was given whose effort. */
static void budgets(const hd_overheads *x, hd_text *text)
{
    for (int m = 0; m < x->options.methods; m++) {
        const hd_method *method = &x->options.method[m];
        if (method->like > 0)
            hd_text_format(text, "%s: as many %s as %s on every operator\n", method->solver->name,
                           method->like_seconds ? "CPU seconds" : "prices", x->options.method[method->like - 1].solver->name);
    }
}

static void setting(const hd_kapla_run *r, hd_text *text)
{
    const hd_overheads *x = r->of;
    hd_text_format(text, "%s: %s, %s on %s; %s, model %s\n", r->setting->name, r->setting->title,
                   r->setting->training ? "forward and backward" : "forward", r->setting->arch,
                   hd_objective_name(x->options.plan.objective), x->options.plan.model->name);
    budgets(x, text);
    hd_text_format(text, "\n  %-12s %10s %10s %10s %10s %10s %9s %9s\n", "method", "pJ  ", "cycles  ", "over best", "optimum",
                   "prices  ", "CPU s", "speed-up");
    for (int p = 0; p < x->pairs; p++) network(r, p, text);
    hd_text_append(text, "mean of networks, and the worst:\n");
    for (int m = -1; m < x->options.methods; m++) mean_line(x, m, text);
    if (x->interrupted) hd_text_append(text, "interrupted: not all was run\n");
    hd_text_append(text, "\n");
}

void hd_kapla_table(const hd_kapla_bench *b, hd_text *text)
{
    for (int i = 0; i < b->runs; i++) setting(&b->run[i], text);
}
