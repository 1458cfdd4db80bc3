/* How does the best cost of a network fall with the size of a buffer, the width of a port, the side of an array? */
#include "study/curve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "study/known.h"

/* ---- which points ---- */

static double rounded(const hd_knob *knob, double value)
{
    return knob->kind == HD_KNOB_BANDWIDTH ? value : value < 1 ? 1 : floor(value + 1e-9);
}

static void add_point(hd_curve *c, double value)
{
    value = rounded(&c->knob, value);
    if (c->points > 0 && value <= c->point[c->points - 1].value) return;
    if (c->points == HD_CURVE_MAX) return;
    c->point[c->points++] = (hd_curve_point){.value = value, .own = value == hd_knob_value(c->arch, &c->knob)};
}

static hd_status find_points(hd_curve *c, const hd_curve_range *range, hd_error *err)
{
    double own = hd_knob_value(c->arch, &c->knob);
    double from = range->from > 0 ? range->from : own / 4, to = range->to > 0 ? range->to : fmax(from, own * 4);
    if (range->steps < 0 || range->steps > HD_CURVE_MAX)
        return hd_fail(err, HD_ERR_USAGE, "%d steps: from 1 to %d are served", range->steps, (int)HD_CURVE_MAX);
    if (!(from <= to) || !isfinite(to))
        return hd_fail(err, HD_ERR_USAGE, "from %g to %g: the first value is the smaller one", from, to);
    if (range->steps > 0) { /* equal ratios */
        for (int i = 0; i + 1 < range->steps; i++) add_point(c, from * pow(to / from, (double)i / (range->steps - 1)));
        add_point(c, range->steps > 1 ? to : from);
        return HD_OK;
    }
    for (double value = from; value < to; value *= 2) add_point(c, value);
    add_point(c, to);
    return HD_OK;
}

/* ---- solving ---- */

static double cost_of(const hd_plan *plan)
{
    const double cost[HD_OBJECTIVES] = {plan->energy_pj, (double)plan->latency_cycles, plan->edp};
    return cost[plan->options.objective];
}

static bool cancelled(const hd_plan_options *o) { return o->cancel && o->cancel(o->user); }

static void take_reason(hd_curve *c, const hd_plan *plan)
{
    char reason[HD_REFUSAL_TEXT];
    const hd_plan_layer *layer = &plan->layer[plan->failed];
    hd_missing_text(&layer->problem, &layer->best, reason);
    snprintf(c->why, sizeof c->why, "layer '%.128s': %s", plan->network->layer[plan->failed].name, reason);
}

static void take(hd_curve_point *at, const hd_plan *plan)
{
    at->found = plan->failed < 0;
    at->none = plan->failed >= 0 && plan->layer[plan->failed].best.outcome == HD_OUTCOME_INFEASIBLE;
    at->evaluations = plan->evaluations;
    at->seconds = plan->seconds;
    at->cost = at->found ? cost_of(plan) : NAN;
    at->lower_bound = at->none ? NAN : plan->lower_bound;
    at->proved = at->found && plan->proved;
    at->done = true;
}

static hd_status solve_point(hd_curve *c, hd_known *known, int index, hd_error *err)
{
    hd_arch chip;
    hd_plan *plan = NULL;
    hd_error why;
    if (hd_knob_turn(c->arch, &c->knob, c->point[index].value, &chip, &why) != HD_OK)
        return hd_fail(err, HD_ERR_USAGE, "%s = %g is no chip: %s", c->name, c->point[index].value, why.message);
    HD_TRY(hd_known_solve(known, &chip, &plan, err));
    take(&c->point[index], plan);
    if (plan->failed >= 0) take_reason(c, plan);
    if (cancelled(&c->options)) c->point[index].done = false;
    hd_plan_free(plan);
    char what[160];
    snprintf(what, sizeof what, "%s = %g", c->name, c->point[index].value);
    if (c->options.progress) c->options.progress(c->options.user, ++c->solved, c->points, what);
    return HD_OK;
}

/* The ends before what is between: where they agree, nothing is left to search. */
static hd_status solve_between(hd_curve *c, hd_known *known, int low, int high, hd_error *err)
{
    int middle = low + (high - low) / 2;
    if (high - low < 2 || cancelled(&c->options)) return HD_OK;
    HD_TRY(solve_point(c, known, middle, err));
    HD_TRY(solve_between(c, known, middle, high, err));
    return solve_between(c, known, low, middle, err);
}

static hd_status solve_points(hd_curve *c, hd_known *known, hd_error *err)
{
    HD_TRY(solve_point(c, known, c->points - 1, err));
    if (c->points > 1 && !cancelled(&c->options)) HD_TRY(solve_point(c, known, 0, err));
    HD_TRY(solve_between(c, known, 0, c->points - 1, err));
    c->searched = known->searched;
    c->spared = known->spared;
    return HD_OK;
}

void hd_curve_check(hd_curve *c)
{
    c->odd = c->odd_above = -1;
    if (!hd_knob_only_helps(c->arch, &c->knob, c->options.model)) return;
    for (int i = 0; i < c->points; i++) {
        for (int k = i + 1; k < c->points; k++) {
            const hd_curve_point *a = &c->point[i], *b = &c->point[k];
            if (!a->done || !b->done || !a->found) continue;
            if (!b->none && !(b->lower_bound > a->cost * (1 + 1e-12))) continue;
            c->odd = i;
            c->odd_above = k;
            return;
        }
    }
}

/* A bound of more holds for less, a schedule of less stands on more: what one point knows, its neighbours know. */
static void tighten(hd_curve *c)
{
    double bound = 0, cost = INFINITY;
    for (int i = c->points - 1; i >= 0; i--) {
        hd_curve_point *at = &c->point[i];
        if (!at->done || at->none) continue;
        bound = at->lower_bound = fmax(bound, at->lower_bound);
    }
    for (int i = 0; i < c->points; i++) {
        hd_curve_point *at = &c->point[i];
        if (!at->done) continue;
        if (at->found) cost = fmin(cost, at->cost);
        if (!isfinite(cost)) continue;
        at->found = true;
        at->cost = cost;
        at->proved = cost <= at->lower_bound * (1 + 1e-12); /* proofs round in the 13th digit */
        if (at->proved) at->lower_bound = cost;
    }
}

static hd_status run(hd_curve *c, const hd_curve_range *range, hd_error *err)
{
    hd_budget clock = {0};
    c->point = hd_arena_alloc(c->arena, HD_CURVE_MAX, sizeof *c->point);
    if (!c->point) return hd_fail_memory(err);
    hd_knob_name(c->arch, &c->knob, c->name);
    HD_TRY(find_points(c, range, err));
    hd_known *known = NULL;
    HD_TRY(hd_known_new(c->net, &c->options, &known, err));
    hd_budget_start(&clock);
    hd_status status = solve_points(c, known, err);
    hd_known_free(known);
    if (status != HD_OK) return status;
    c->seconds = hd_budget_elapsed(&clock);
    hd_curve_check(c);
    if (c->odd < 0 && hd_knob_only_helps(c->arch, &c->knob, c->options.model)) tighten(c);
    return HD_OK;
}

hd_status hd_curve_run(const hd_network *net, const hd_arch *arch, const hd_knob *knob, const hd_curve_range *range,
                       const hd_plan_options *options, hd_curve **out, hd_error *err)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_curve *c = arena ? hd_arena_alloc(arena, 1, sizeof *c) : NULL;
    if (!c) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    *c = (hd_curve){.arena = arena, .net = net, .arch = arch, .options = *options, .knob = *knob, .odd = -1, .odd_above = -1};
    hd_status status = run(c, range, err);
    if (status != HD_OK) {
        hd_curve_free(c);
        return status;
    }
    *out = c;
    return HD_OK;
}

void hd_curve_free(hd_curve *curve)
{
    if (curve) hd_arena_free(curve->arena);
}
