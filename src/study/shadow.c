/* Every number of the chip doubled, one at a time, and the network solved again: what is each of them worth? */
#include "study/shadow.h"

#include <math.h>
#include <stdio.h>

#include "report/json_writer.h"
#include "study/known.h"

static double cost_of(const hd_plan *plan)
{
    const double cost[HD_OBJECTIVES] = {plan->energy_pj, (double)plan->latency_cycles, plan->edp};
    return cost[plan->options.objective];
}

static bool cancelled(const hd_plan_options *o) { return o->cancel && o->cancel(o->user); }

static hd_status solve_step(hd_shadow *s, hd_known *known, int index, hd_error *err)
{
    hd_shadow_step *step = &s->step[index];
    const hd_plan *base = s->plan;
    hd_arch chip;
    hd_plan *plan = NULL;
    char name[HD_KNOB_NAME];
    HD_TRY(hd_knob_turn(base->arch, &step->knob, 2 * step->value, &chip, err));
    HD_TRY(hd_known_solve(known, &chip, &plan, err));
    step->done = !cancelled(&base->options);
    step->found = plan->failed < 0;
    step->cost = step->found ? cost_of(plan) : NAN;
    step->lower_bound = plan->lower_bound;
    step->proved = base->proved && plan->proved;
    if (hd_knob_only_helps(base->arch, &step->knob, base->options.model) && !(step->cost <= s->cost)) {
        step->cost = s->cost; /* the schedule of the smaller chip still stands */
        step->found = true;
    }
    hd_plan_free(plan);
    hd_knob_name(base->arch, &step->knob, name);
    if (base->options.progress) base->options.progress(base->options.user, index + 1, s->steps, name);
    return HD_OK;
}

/* Room for a tensor that no layer has is worth nothing. */
static bool matters(const hd_plan *plan, const hd_knob *knob)
{
    if (knob->kind != HD_KNOB_CAPACITY || knob->part < 0) return true;
    for (int l = 0; l < plan->network->layers; l++)
        if (!plan->layer[l].fused && plan->network->layer[l].op.tensor[knob->part].used) return true;
    return false;
}

static hd_status solve_steps(hd_shadow *s, hd_known *known, hd_error *err)
{
    HD_TRY(hd_known_note(known, s->plan, err));
    for (int i = 0; i < s->steps && !cancelled(&s->plan->options); i++) HD_TRY(solve_step(s, known, i, err));
    s->searched = known->searched;
    s->spared = known->spared;
    return HD_OK;
}

static hd_status run(hd_shadow *s, hd_error *err)
{
    hd_knob knob[HD_KNOBS_MAX];
    s->cost = cost_of(s->plan);
    int knobs = hd_knob_list(s->plan->arch, knob);
    s->step = hd_arena_alloc(s->arena, (size_t)knobs + 1, sizeof *s->step);
    if (!s->step) return hd_fail_memory(err);
    for (int i = 0; i < knobs; i++)
        if (matters(s->plan, &knob[i]))
            s->step[s->steps++] = (hd_shadow_step){.knob = knob[i], .value = hd_knob_value(s->plan->arch, &knob[i])};
    hd_known *known = NULL;
    HD_TRY(hd_known_new(s->plan->network, &s->plan->options, &known, err));
    hd_status status = solve_steps(s, known, err);
    hd_known_free(known);
    return status;
}

hd_status hd_shadow_run(const hd_plan *plan, hd_shadow **out, hd_error *err)
{
    if (plan->failed >= 0 || !plan->options.solver)
        return hd_fail(err, HD_ERR_USAGE, "shadow prices need a network that was solved, with a schedule for every layer");
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_shadow *s = arena ? hd_arena_alloc(arena, 1, sizeof *s) : NULL;
    if (!s) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    *s = (hd_shadow){.arena = arena, .plan = plan};
    hd_status status = run(s, err);
    if (status != HD_OK) {
        hd_shadow_free(s);
        return status;
    }
    *out = s;
    return HD_OK;
}

void hd_shadow_free(hd_shadow *shadow)
{
    if (shadow) hd_arena_free(shadow->arena);
}

/* ---- reports ---- */

/* The most that the step can save: down to its lower bound. */
static double at_most(const hd_shadow *s, const hd_shadow_step *step)
{
    double bound = step->proved ? step->cost : fmin(step->lower_bound, step->cost);
    return s->cost > 0 ? 1 - bound / s->cost : 0;
}

static double saving(const hd_shadow *s, const hd_shadow_step *step) { return s->cost > 0 ? 1 - step->cost / s->cost : 0; }

void hd_shadow_table(const hd_shadow *s, hd_text *text)
{
    const hd_plan *plan = s->plan;
    hd_text_format(text, "%s on %s: twice as much of one number, %s %.6g now (solver %s)\n\n", plan->network->name,
                   plan->arch->name, hd_objective_name(plan->options.objective), s->cost, plan->options.solver->name);
    hd_text_format(text, "%-28s %12s %12s %12s %9s %9s\n", "number", "now", "then", "cost then", "saves", "at most");
    for (int i = 0; i < s->steps; i++) {
        const hd_shadow_step *step = &s->step[i];
        char name[HD_KNOB_NAME];
        hd_knob_name(plan->arch, &step->knob, name);
        hd_text_format(text, "%-28s %12.6g %12.6g", name, step->value, 2 * step->value);
        if (!step->done) hd_text_append(text, "  not run\n");
        else if (!step->found) hd_text_append(text, "  no schedule found\n");
        else if (step->proved) hd_text_format(text, " %12.6g %8.3f%%    proved\n", step->cost, 100 * saving(s, step));
        else hd_text_format(text, " %12.6g %8.3f%% %8.3f%%\n", step->cost, 100 * saving(s, step), 100 * at_most(s, step));
    }
    if (s->searched + s->spared == 0) return;
    hd_text_format(text, "\n%lld of %lld distinct layers were searched, what is known settles the rest\n",
                   (long long)s->searched, (long long)(s->searched + s->spared));
}

static void step_json(hd_json *json, const hd_shadow *s, const hd_shadow_step *step)
{
    char name[HD_KNOB_NAME];
    hd_knob_name(s->plan->arch, &step->knob, name);
    hd_json_open_flat(json, NULL, '{');
    hd_json_text(json, "number", name);
    hd_json_double(json, "now", step->value);
    hd_json_double(json, "then", 2 * step->value);
    hd_json_double(json, "cost", step->found ? step->cost : NAN);
    hd_json_double(json, "lower_bound", step->lower_bound);
    hd_json_double(json, "saves", step->found ? s->cost - step->cost : NAN);
    hd_json_double(json, "share", step->found ? saving(s, step) : NAN);
    hd_json_double(json, "share_at_most", step->found ? at_most(s, step) : NAN);
    hd_json_bool(json, "proved", step->proved);
    hd_json_close(json, '}');
}

void hd_shadow_json(const hd_shadow *s, const char *version, hd_text *text)
{
    const hd_plan *plan = s->plan;
    hd_json json;
    hd_json_begin(&json, text);
    hd_json_open(&json, NULL, '{');
    hd_json_text(&json, "heddle", "shadow/1");
    hd_json_text(&json, "network", plan->network->name);
    hd_json_text(&json, "arch", plan->arch->name);
    hd_json_text(&json, "objective", hd_objective_name(plan->options.objective));
    hd_json_text(&json, "solver", plan->options.solver->name);
    hd_json_text(&json, "model", plan->options.model->name);
    hd_json_text(&json, "version", version);
    hd_json_double(&json, "cost", s->cost);
    hd_json_bool(&json, "proved", plan->proved);
    hd_json_int(&json, "searched", s->searched);
    hd_json_int(&json, "spared", s->spared);
    hd_json_open(&json, "steps", '[');
    for (int i = 0; i < s->steps; i++)
        if (s->step[i].done) step_json(&json, s, &s->step[i]);
    hd_json_close(&json, ']');
    hd_json_close(&json, '}');
    hd_text_append(text, "\n");
}
