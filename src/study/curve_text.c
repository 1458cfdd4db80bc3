/* A curve as a table with bars, and as JSON (`heddle: bound-curve/1`). */
#include <math.h>

#include "report/json_writer.h"
#include "report/table.h"
#include "study/curve.h"

enum { BAR = 40 };

static const char *unit_of(hd_objective objective)
{
    static const char *const unit[HD_OBJECTIVES] = {"pJ", "cycles", "pJ x cycles"};
    return unit[objective];
}

/* `=` up to the bound, `-` from there to the cost, on a scale from 0 to the largest cost. */
static void bar(hd_text *text, const hd_curve_point *at, double most)
{
    int bound = (int)floor(BAR * at->lower_bound / most + 0.5), cost = (int)floor(BAR * at->cost / most + 0.5);
    for (int i = 0; i < cost; i++) hd_text_append(text, i < bound ? "=" : "-");
}

static void line(const hd_curve_point *at, double most, hd_text *text)
{
    hd_text_format(text, "%12.6g%s", at->value, at->own ? " *" : "  ");
    if (!at->done) {
        hd_text_append(text, "  not run\n");
        return;
    }
    if (!at->found) {
        hd_text_append(text, at->none ? "  no schedule exists\n" : "  no schedule found\n");
        return;
    }
    hd_text_format(text, " %12.6g %12.6g %7.2f%% %-7s |", at->cost, at->lower_bound,
                   at->cost > at->lower_bound ? 100 * (at->cost - at->lower_bound) / at->cost : 0.0, at->proved ? "proved" : "");
    if (most > 0) bar(text, at, most);
    hd_text_append(text, "\n");
}

void hd_curve_table(const hd_curve *c, hd_text *text)
{
    double most = 0;
    for (int i = 0; i < c->points; i++)
        if (c->point[i].done && c->point[i].found) most = fmax(most, c->point[i].cost);
    hd_text_format(text, "%s on %s: best %s (%s) against %s, model %s, solver %s\n\n", c->net->name, c->arch->name,
                   hd_objective_name(c->options.objective), unit_of(c->options.objective), c->name, c->options.model->name,
                   c->options.solver->name);
    hd_text_format(text, "%12s   %12s %12s %8s\n", c->knob.kind == HD_KNOB_CAPACITY ? "words" :
                   c->knob.kind == HD_KNOB_BANDWIDTH ? "words/cycle" : "copies", "cost", "lower bound", "gap");
    for (int i = 0; i < c->points; i++) line(&c->point[i], most, text);
    hd_text_format(text, "\n* as the chip has it; bars from 0: = lower bound, - up to the best found; %.2f s\n", c->seconds);
    hd_text_format(text, "%lld of %lld distinct layers were searched, what other points found settles the rest\n",
                   (long long)c->searched, (long long)(c->searched + c->spared));
}

static void point_json(hd_json *json, const hd_curve_point *at)
{
    hd_json_open_flat(json, NULL, '{');
    hd_json_double(json, "value", at->value);
    hd_json_bool(json, "own", at->own);
    hd_json_bool(json, "found", at->found);
    hd_json_double(json, "cost", at->cost);
    hd_json_double(json, "lower_bound", at->lower_bound);
    hd_json_bool(json, "proved", at->proved);
    hd_json_int(json, "evaluations", at->evaluations);
    hd_json_close(json, '}');
}

void hd_curve_json(const hd_curve *c, bool reproducible, const char *version, hd_text *text)
{
    char space[HD_SPACE_WORDS];
    bool interrupted = false;
    hd_json json;
    hd_plan_space_words(&c->options, space);
    for (int i = 0; i < c->points; i++) interrupted |= !c->point[i].done;
    hd_json_begin(&json, text);
    hd_json_open(&json, NULL, '{');
    hd_json_text(&json, "heddle", "bound-curve/1");
    hd_json_text(&json, "network", c->net->name);
    hd_json_text(&json, "arch", c->arch->name);
    hd_json_text(&json, "objective", hd_objective_name(c->options.objective));
    hd_json_text(&json, "solver", c->options.solver->name);
    hd_json_text(&json, "model", c->options.model->name);
    hd_json_text(&json, "space", space);
    hd_json_unsigned(&json, "seed", c->options.seed);
    hd_json_text(&json, "version", version);
    hd_json_text(&json, "vary", c->name);
    hd_json_bool(&json, "interrupted", interrupted);
    hd_json_int(&json, "searched", c->searched);
    hd_json_int(&json, "spared", c->spared);
    hd_json_open(&json, "points", '[');
    for (int i = 0; i < c->points; i++)
        if (c->point[i].done) point_json(&json, &c->point[i]);
    hd_json_close(&json, ']');
    if (!reproducible) {
        hd_json_open(&json, "run", '{');
        hd_json_double(&json, "seconds", c->seconds);
        hd_json_int(&json, "threads", c->options.threads);
        hd_json_open_flat(&json, "points", '[');
        for (int i = 0; i < c->points; i++)
            if (c->point[i].done) hd_json_double(&json, NULL, c->point[i].seconds);
        hd_json_close(&json, ']');
        hd_json_close(&json, '}');
    }
    hd_json_close(&json, '}');
    hd_text_append(text, "\n");
}
