/* The contests for programs: JSON (`heddle: bench-optimal/1`) and CSV. */
#include <math.h>
#include <string.h>

#include "report/json_writer.h"
#include "study/overhead.h"

static const char *outcome_name(hd_outcome outcome)
{
    static const char *const name[] = {
        [HD_OUTCOME_NONE] = "none", [HD_OUTCOME_INFEASIBLE] = "infeasible", [HD_OUTCOME_IMPROVED] = "improved",
        [HD_OUTCOME_EXHAUSTED] = "exhausted", [HD_OUTCOME_INTERRUPTED] = "interrupted", [HD_OUTCOME_OPTIMAL] = "optimal",
    };
    return name[outcome];
}

static void run_keys(hd_json *json, const hd_run *run)
{
    hd_json_double(json, "cost", run->found ? run->cost : NAN);
    hd_json_double(json, "lower_bound", run->lower_bound);
    hd_json_text(json, "stop", outcome_name(run->outcome));
    hd_json_int(json, "evaluations", run->evaluations);
}

static void contest_json(hd_json *json, const hd_overheads *x, const hd_contest *c)
{
    const hd_overhead_options *o = &x->options;
    hd_json_open(json, NULL, '{');
    hd_json_text(json, "layer", c->layer.name);
    hd_json_text(json, "op", c->layer.op_name);
    hd_json_int(json, "layers", c->layers);
    hd_json_bool(json, "proved", hd_contest_proved(c));
    hd_json_open_flat(json, o->judge.solver->name, '{');
    run_keys(json, &c->judge);
    hd_json_close(json, '}');
    hd_json_open(json, "methods", '{');
    for (int m = 0; m < o->methods; m++) {
        hd_json_open_flat(json, o->method[m].solver->name, '{');
        hd_json_double(json, "overhead", hd_contest_overhead(c, m));
        run_keys(json, &c->method[m]);
        hd_json_close(json, '}');
    }
    hd_json_close(json, '}');
    hd_json_close(json, '}');
}

static void sum_json(hd_json *json, const hd_overheads *x, int pair)
{
    hd_overhead_sum sum;
    hd_overheads_sum(x, pair, &sum);
    hd_json_int(json, "operators", sum.operators);
    hd_json_int(json, "done", sum.done);
    hd_json_int(json, "proved", sum.proved);
    hd_json_int(json, "no_schedule", sum.none);
    hd_json_double(json, "worst_gap", sum.worst_gap);
    hd_json_open(json, "overhead", '{');
    for (int m = 0; m < x->options.methods; m++) {
        hd_method_sum each;
        hd_overheads_method(x, pair, m, &each);
        hd_json_open_flat(json, x->options.method[m].solver->name, '{');
        hd_json_double(json, "mean", each.mean);
        hd_json_double(json, "worst", each.most);
        hd_json_text(json, "worst_layer", each.worst >= 0 ? x->contest[each.worst].layer.name : NULL);
        hd_json_int(json, "compared", each.compared);
        hd_json_int(json, "missed", each.missed);
        hd_json_int(json, "evaluations", each.evaluations);
        hd_json_close(json, '}');
    }
    hd_json_close(json, '}');
}

static void pair_json(hd_json *json, const hd_overheads *x, int index)
{
    const hd_pair *pair = &x->pair[index];
    hd_json_open(json, NULL, '{');
    hd_json_text(json, "network", pair->net->name);
    hd_json_text(json, "arch", pair->arch->name);
    sum_json(json, x, index);
    hd_json_open(json, "layers", '[');
    for (int i = pair->first; i < pair->first + pair->count; i++)
        if (x->contest[i].done) contest_json(json, x, &x->contest[i]);
    hd_json_close(json, ']');
    hd_json_close(json, '}');
}

/* CPU seconds of every run: in the order of `pairs` and their `layers`. */
static void run_json(hd_json *json, const hd_overheads *x)
{
    hd_json_open(json, "run", '{');
    hd_json_double(json, "seconds", x->seconds);
    hd_json_int(json, "threads", x->options.plan.threads);
    hd_json_open(json, "cpu_seconds", '[');
    for (int i = 0; i < x->contests; i++) {
        const hd_contest *c = &x->contest[i];
        if (!c->done) continue;
        hd_json_open_flat(json, NULL, '{');
        hd_json_text(json, "network", c->net.name);
        hd_json_text(json, "arch", x->pair[c->pair].arch->name);
        hd_json_text(json, "layer", c->layer.name);
        hd_json_double(json, x->options.judge.solver->name, c->judge.seconds);
        for (int m = 0; m < x->options.methods; m++)
            hd_json_double(json, x->options.method[m].solver->name, c->method[m].seconds);
        hd_json_close(json, '}');
    }
    hd_json_close(json, ']');
    hd_json_close(json, '}');
}

void hd_overheads_json(const hd_overheads *x, bool reproducible, const char *version, hd_text *text)
{
    const hd_plan_options *o = &x->options.plan;
    char space[HD_SPACE_WORDS];
    hd_json json;
    hd_plan_space_words(o, space);
    hd_json_begin(&json, text);
    hd_json_open(&json, NULL, '{');
    hd_json_text(&json, "heddle", "bench-optimal/1");
    hd_json_text(&json, "objective", hd_objective_name(o->objective));
    hd_json_text(&json, "model", o->model->name);
    hd_json_text(&json, "space", space);
    hd_json_text(&json, "optimal", x->options.judge.solver->name);
    hd_json_unsigned(&json, "seed", o->seed);
    hd_json_int(&json, "evaluations", o->evaluations);
    hd_json_double(&json, "time_limit", o->seconds);
    hd_json_text(&json, "version", version);
    hd_json_bool(&json, "interrupted", x->interrupted);
    hd_json_text(&json, "contradiction", x->odd >= 0 ? x->contest[x->odd].what : NULL);
    hd_json_open(&json, "totals", '{');
    sum_json(&json, x, -1);
    hd_json_close(&json, '}');
    hd_json_open(&json, "pairs", '[');
    for (int p = 0; p < x->pairs; p++) pair_json(&json, x, p);
    hd_json_close(&json, ']');
    if (!reproducible) run_json(&json, x);
    hd_json_close(&json, '}');
    hd_text_append(text, "\n");
}

/* ---- CSV: a line per operator and method ---- */

static void field(hd_text *text, const char *value)
{
    if (!strpbrk(value, ",\"\r\n")) {
        hd_text_append(text, value);
    } else {
        hd_text_append(text, "\"");
        for (const char *c = value; *c; c++) {
            if (*c == '"') hd_text_append(text, "\"");
            hd_text_appendn(text, c, 1);
        }
        hd_text_append(text, "\"");
    }
    hd_text_append(text, ",");
}

static void number(hd_text *text, double value)
{
    if (isfinite(value)) hd_text_double(text, value);
    hd_text_append(text, ",");
}

static void csv_line(const hd_overheads *x, const hd_contest *c, int method, bool reproducible, hd_text *text)
{
    bool judge = method < 0;
    const hd_run *run = judge ? &c->judge : &c->method[method];
    field(text, c->net.name);
    field(text, x->pair[c->pair].arch->name);
    field(text, c->layer.name);
    hd_text_format(text, "%d,", c->layers);
    field(text, judge ? x->options.judge.solver->name : x->options.method[method].solver->name);
    number(text, run->found ? run->cost : NAN);
    number(text, run->lower_bound);
    hd_text_append(text, hd_contest_proved(c) ? "true," : "false,");
    number(text, judge ? (hd_contest_proved(c) ? 0 : NAN) : hd_contest_overhead(c, method));
    hd_text_append(text, outcome_name(run->outcome));
    hd_text_append(text, ",");
    hd_text_int(text, run->evaluations);
    if (!reproducible) hd_text_format(text, ",%.6f", run->seconds);
    hd_text_append(text, "\n");
}

void hd_overheads_csv(const hd_overheads *x, bool reproducible, hd_text *text)
{
    hd_text_format(text, "network,arch,layer,layers,solver,cost,lower_bound,proved,overhead,stop,evaluations%s\n",
                   reproducible ? "" : ",cpu_seconds");
    for (int i = 0; i < x->contests; i++)
        for (int m = -1; x->contest[i].done && m < x->options.methods; m++)
            csv_line(x, &x->contest[i], m, reproducible, text);
}
