/* KAPLA's comparison for programs: JSON (`heddle: bench-kapla/1`) and CSV, a line per network and method. */
#include <math.h>

#include "report/json_writer.h"
#include "study/kapla.h"

/* ---- JSON ---- */

static void standing_json(hd_json *json, const hd_overheads *x, int pair, int method, bool reproducible)
{
    hd_standing s;
    hd_kapla_standing(x, pair, method, &s);
    hd_json_open(json, hd_kapla_method(x, method), '{');
    hd_json_double(json, "energy_pj", s.missing > 0 ? NAN : s.energy_pj);
    hd_json_double(json, "latency_cycles", s.missing > 0 ? NAN : s.cycles);
    hd_json_double(json, "overhead", hd_standing_overhead(&s));
    hd_json_double(json, "overhead_over_optimum", hd_standing_over_optimum(&s));
    hd_json_int(json, "operators_missing", s.missing);
    hd_json_int(json, "operators_unfinished", s.unfinished);
    hd_json_int(json, "operators_proved_itself", s.proved);
    hd_json_int(json, "evaluations", s.evaluations);
    if (!reproducible) hd_json_double(json, "cpu_seconds", s.seconds);
    if (!reproducible) hd_json_double(json, "speed_up", hd_kapla_speed_up(x, pair, &s));
    hd_json_close(json, '}');
}

static void pruning_json(hd_json *json, const hd_pruning *p, bool reproducible)
{
    hd_json_open_flat(json, "between_layers", '{');
    hd_json_int(json, "considered", p->considered);
    hd_json_int(json, "searched", p->searched);
    hd_json_int(json, "segments", p->segments);
    hd_json_double(json, "cost", p->done ? p->cost : NAN);
    hd_json_double(json, "cost_apart", p->done ? p->apart : NAN);
    if (!reproducible) hd_json_double(json, "cpu_seconds", p->seconds);
    hd_json_close(json, '}');
}

static void network_json(hd_json *json, const hd_kapla_run *r, int pair, bool reproducible)
{
    const hd_overheads *x = r->of;
    hd_measure m;
    hd_kapla_measure(x, pair, &m);
    hd_json_open(json, NULL, '{');
    hd_json_text(json, "network", x->pair[pair].net->name);
    hd_json_int(json, "operators", m.operators);
    hd_json_int(json, "operators_run", m.done);
    hd_json_int(json, "operators_with_optimum", m.proved);
    hd_json_double(json, "best", m.best);
    hd_json_double(json, "lower_bound", m.lower_bound);
    hd_json_bool(json, "proved", m.proved == m.operators);
    if (r->pruning) pruning_json(json, &r->pruning[pair], reproducible);
    hd_json_open(json, "methods", '{');
    for (int method = -1; method < x->options.methods; method++) standing_json(json, x, pair, method, reproducible);
    hd_json_close(json, '}');
    hd_json_close(json, '}');
}

static void means_json(hd_json *json, const hd_overheads *x, bool reproducible)
{
    hd_json_open(json, "mean", '{');
    for (int method = -1; method < x->options.methods; method++) {
        hd_kapla_mean m;
        hd_kapla_mean_of(x, method, &m);
        hd_json_open_flat(json, hd_kapla_method(x, method), '{');
        hd_json_double(json, "overhead", m.overhead);
        hd_json_double(json, "worst", m.worst);
        hd_json_double(json, "overhead_over_optimum", m.over_optimum);
        hd_json_int(json, "networks", m.networks);
        hd_json_int(json, "networks_in_part", m.partial);
        if (!reproducible) hd_json_double(json, "speed_up", m.speed_up);
        hd_json_close(json, '}');
    }
    hd_json_close(json, '}');
}

static void budgets_json(hd_json *json, const hd_overheads *x)
{
    hd_json_open(json, "equal_budgets", '{');
    for (int m = 0; m < x->options.methods; m++) {
        const hd_method *method = &x->options.method[m];
        if (method->like > 0) hd_json_text(json, method->solver->name, method->like_seconds ? "seconds" : "evaluations");
    }
    hd_json_close(json, '}');
}

static void setting_json(hd_json *json, const hd_kapla_run *r, bool reproducible)
{
    const hd_overheads *x = r->of;
    hd_json_open(json, NULL, '{');
    hd_json_text(json, "setting", r->setting->name);
    hd_json_text(json, "arch", r->setting->arch);
    hd_json_int(json, "batch", r->setting->batch);
    hd_json_bool(json, "training", r->setting->training);
    hd_json_text(json, "objective", hd_objective_name(x->options.plan.objective));
    hd_json_text(json, "model", x->options.plan.model->name);
    hd_json_text(json, "optimal", hd_kapla_method(x, -1));
    budgets_json(json, x);
    hd_json_bool(json, "interrupted", x->interrupted);
    hd_json_open(json, "networks", '[');
    for (int p = 0; p < x->pairs; p++) network_json(json, r, p, reproducible);
    hd_json_close(json, ']');
    means_json(json, x, reproducible);
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
    for (int i = 0; i < b->runs; i++) setting_json(&json, &b->run[i], reproducible);
    hd_json_close(&json, ']');
    hd_json_close(&json, '}');
    hd_text_append(text, "\n");
}

/* ---- CSV ---- */

static void number(double value, hd_text *text)
{
    if (isfinite(value)) hd_text_double(text, value);
    hd_text_append(text, ",");
}

static void csv_line(const hd_kapla_run *r, int pair, int method, bool reproducible, hd_text *text)
{
    const hd_overheads *x = r->of;
    hd_standing s;
    hd_measure m;
    hd_kapla_standing(x, pair, method, &s);
    hd_kapla_measure(x, pair, &m);
    hd_text_format(text, "%s,%s,%s,", r->setting->name, x->pair[pair].net->name, hd_kapla_method(x, method));
    number(s.missing > 0 ? NAN : s.energy_pj, text);
    number(s.missing > 0 ? NAN : s.cycles, text);
    number(m.best, text);
    number(m.lower_bound, text);
    number(hd_standing_overhead(&s), text);
    number(hd_standing_over_optimum(&s), text);
    hd_text_format(text, "%d,%d,%d,%d,%d,%lld", m.operators, m.proved, s.missing, s.unfinished, s.proved,
                   (long long)s.evaluations);
    if (!reproducible) hd_text_format(text, ",%.6f,%.6g", s.seconds, hd_kapla_speed_up(x, pair, &s));
    hd_text_append(text, "\n");
}

void hd_kapla_csv(const hd_kapla_bench *b, bool reproducible, hd_text *text)
{
    hd_text_format(text, "setting,network,method,energy_pj,latency_cycles,best,lower_bound,overhead,overhead_over_optimum,"
                   "operators,operators_with_optimum,operators_missing,operators_unfinished,operators_proved_itself,"
                   "evaluations%s\n", reproducible ? "" : ",cpu_seconds,speed_up");
    for (int i = 0; i < b->runs; i++)
        for (int p = 0; p < b->run[i].of->pairs; p++)
            for (int method = -1; method < b->run[i].of->options.methods; method++)
                csv_line(&b->run[i], p, method, reproducible, text);
}
