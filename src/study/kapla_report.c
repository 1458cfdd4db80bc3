/* KAPLA's comparison for people and programs. */
#include <math.h>

#include "report/json_writer.h"
#include "report/table.h"
#include "study/kapla.h"

static const char *method_name(const hd_overheads *x, int method)
{
    return method < 0 ? x->options.judge.solver->name : x->options.method[method].solver->name;
}

/* Share above the best known; NAN where the method has no schedule for some operator. */
static double overhead(const hd_standing *s, double best) { return s->missing > 0 || !(best > 0) ? NAN : s->cost / best - 1; }

/* How many times faster than the judge. */
static double speed_up(const hd_overheads *x, int pair, const hd_standing *s)
{
    hd_standing judge;
    hd_kapla_standing(x, pair, -1, &judge);
    return s->seconds > 0 ? judge.seconds / s->seconds : NAN;
}

/* Means over the networks of a run on which the method has all schedules. */
typedef struct mean { double overhead, most, speed_up; int networks; } mean;

static mean mean_of(const hd_overheads *x, int method)
{
    mean m = {0, 0, 0, 0};
    for (int p = 0; p < x->pairs; p++) {
        hd_standing s;
        double best, bound;
        bool proved;
        hd_kapla_standing(x, p, method, &s);
        hd_kapla_best(x, p, &best, &bound, &proved);
        double over = overhead(&s, best);
        if (isnan(over)) continue;
        m.overhead += over;
        m.most = fmax(m.most, over);
        m.speed_up += log(speed_up(x, p, &s));
        m.networks++;
    }
    if (m.networks > 0) m.overhead /= m.networks, m.speed_up = exp(m.speed_up / m.networks);
    return m;
}

static void line(const hd_overheads *x, int pair, int method, double best, hd_text *text)
{
    hd_standing s;
    char number[3][HD_NUMBER];
    hd_kapla_standing(x, pair, method, &s);
    hd_table_number(s.energy_pj, number[0]);
    hd_table_number(s.cycles, number[1]);
    hd_table_number((double)s.evaluations, number[2]);
    hd_text_format(text, "  %-12.12s %10s %10s", method_name(x, method), number[0], number[1]);
    if (s.missing > 0) hd_text_format(text, "  %3d without", s.missing);
    else hd_text_format(text, " %11.3f%%", 100 * overhead(&s, best));
    hd_text_format(text, " %10s %9.2f %8.1fx\n", number[2], s.seconds, speed_up(x, pair, &s));
}

static void network(const hd_overheads *x, int pair, hd_text *text)
{
    double best, bound;
    bool proved;
    hd_kapla_best(x, pair, &best, &bound, &proved);
    hd_text_format(text, "%s: %d operators, ", x->pair[pair].net->name, x->pair[pair].count);
    if (proved) hd_text_append(text, "the best is proved\n");
    else hd_text_format(text, "best known %.2f%% above the bound\n", 100 * (1 - bound / best));
    for (int m = -1; m < x->options.methods; m++) line(x, pair, m, best, text);
}

static void setting(const hd_kapla_run *r, hd_text *text)
{
    const hd_overheads *x = r->of;
    hd_text_format(text, "%s: %s, %s on %s; %s, model %s\n\n", r->setting->name, r->setting->title,
                   r->setting->training ? "forward and backward" : "forward", r->setting->arch,
                   hd_objective_name(x->options.plan.objective), x->options.plan.model->name);
    hd_text_format(text, "  %-12s %10s %10s %12s %10s %9s %9s\n", "method", "pJ  ", "cycles  ", "over best", "prices  ", "CPU s",
                   "speed-up");
    for (int p = 0; p < x->pairs; p++) network(x, p, text);
    hd_text_format(text, "mean of networks, and the worst:\n");
    for (int m = -1; m < x->options.methods; m++) {
        mean all = mean_of(x, m);
        if (all.networks == 0) {
            hd_text_format(text, "  %-12.12s no network is solved\n", method_name(x, m));
            continue;
        }
        hd_text_format(text, "  %-12.12s overhead %.3f%%, worst %.3f%%, speed-up %.1fx (%d of %d networks)\n", method_name(x, m),
                       100 * all.overhead, 100 * all.most, all.speed_up, all.networks, x->pairs);
    }
    if (x->interrupted) hd_text_append(text, "interrupted: not all was run\n");
    hd_text_append(text, "\n");
}

void hd_kapla_table(const hd_kapla_bench *b, hd_text *text)
{
    for (int i = 0; i < b->runs; i++) setting(&b->run[i], text);
}

/* ---- JSON ---- */

static void standing_json(hd_json *json, const hd_overheads *x, int pair, int method, double best, bool reproducible)
{
    hd_standing s;
    hd_kapla_standing(x, pair, method, &s);
    hd_json_open(json, method_name(x, method), '{');
    hd_json_double(json, "energy_pj", s.missing > 0 ? NAN : s.energy_pj);
    hd_json_double(json, "latency_cycles", s.missing > 0 ? NAN : s.cycles);
    hd_json_double(json, "overhead", overhead(&s, best));
    hd_json_int(json, "operators_missing", s.missing);
    hd_json_int(json, "evaluations", s.evaluations);
    if (!reproducible) hd_json_double(json, "cpu_seconds", s.seconds);
    hd_json_close(json, '}');
}

static void network_json(hd_json *json, const hd_overheads *x, int pair, bool reproducible)
{
    double best, bound;
    bool proved;
    hd_kapla_best(x, pair, &best, &bound, &proved);
    hd_json_open(json, NULL, '{');
    hd_json_text(json, "network", x->pair[pair].net->name);
    hd_json_int(json, "operators", x->pair[pair].count);
    hd_json_double(json, "best", best);
    hd_json_double(json, "lower_bound", bound);
    hd_json_bool(json, "proved", proved);
    hd_json_open(json, "methods", '{');
    for (int m = -1; m < x->options.methods; m++) standing_json(json, x, pair, m, best, reproducible);
    hd_json_close(json, '}');
    hd_json_close(json, '}');
}

void hd_kapla_json(const hd_kapla_bench *b, bool reproducible, const char *version, hd_text *text)
{
    hd_json json;
    hd_json_begin(&json, text);
    hd_json_open(&json, NULL, '{');
    hd_json_text(&json, "heddle", "bench-kapla/1");
    hd_json_text(&json, "version", version);
    hd_json_open(&json, "settings", '[');
    for (int i = 0; i < b->runs; i++) {
        const hd_overheads *x = b->run[i].of;
        hd_json_open(&json, NULL, '{');
        hd_json_text(&json, "setting", b->run[i].setting->name);
        hd_json_text(&json, "arch", b->run[i].setting->arch);
        hd_json_int(&json, "batch", b->run[i].setting->batch);
        hd_json_bool(&json, "training", b->run[i].setting->training);
        hd_json_text(&json, "objective", hd_objective_name(x->options.plan.objective));
        hd_json_text(&json, "model", x->options.plan.model->name);
        hd_json_bool(&json, "interrupted", x->interrupted);
        hd_json_open(&json, "networks", '[');
        for (int p = 0; p < x->pairs; p++) network_json(&json, x, p, reproducible);
        hd_json_close(&json, ']');
        hd_json_open(&json, "mean", '{');
        for (int m = -1; m < x->options.methods; m++) {
            mean all = mean_of(x, m);
        if (all.networks == 0) {
            hd_text_format(text, "  %-12.12s no network is solved\n", method_name(x, m));
            continue;
        }
            hd_json_open_flat(&json, method_name(x, m), '{');
            hd_json_double(&json, "overhead", all.networks > 0 ? all.overhead : NAN);
            hd_json_double(&json, "worst", all.networks > 0 ? all.most : NAN);
            hd_json_int(&json, "networks", all.networks);
            hd_json_close(&json, '}');
        }
        hd_json_close(&json, '}');
        hd_json_close(&json, '}');
    }
    hd_json_close(&json, ']');
    hd_json_close(&json, '}');
    hd_text_append(text, "\n");
}

/* ---- CSV: a line per network and method ---- */

static void csv_number(hd_text *text, double value)
{
    if (isfinite(value)) hd_text_double(text, value);
    hd_text_append(text, ",");
}

void hd_kapla_csv(const hd_kapla_bench *b, bool reproducible, hd_text *text)
{
    hd_text_format(text, "setting,network,method,energy_pj,latency_cycles,overhead,proved,operators_missing,evaluations%s\n",
                   reproducible ? "" : ",cpu_seconds");
    for (int i = 0; i < b->runs; i++)
        for (int p = 0; p < b->run[i].of->pairs; p++)
            for (int m = -1; m < b->run[i].of->options.methods; m++) {
                const hd_overheads *x = b->run[i].of;
                hd_standing s;
                double best, bound;
                bool proved;
                hd_kapla_standing(x, p, m, &s);
                hd_kapla_best(x, p, &best, &bound, &proved);
                hd_text_format(text, "%s,%s,%s,", b->run[i].setting->name, x->pair[p].net->name, method_name(x, m));
                csv_number(text, s.missing > 0 ? NAN : s.energy_pj);
                csv_number(text, s.missing > 0 ? NAN : s.cycles);
                csv_number(text, overhead(&s, best));
                hd_text_format(text, "%s,%d,%lld", proved ? "true" : "false", s.missing, (long long)s.evaluations);
                if (!reproducible) hd_text_format(text, ",%.6f", s.seconds);
                hd_text_append(text, "\n");
            }
}
