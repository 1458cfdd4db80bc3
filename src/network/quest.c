/* How are problems between layers searched together? */
#include "network/quest.h"

#include <math.h>

void hd_quest_start(hd_quest *q, const hd_plan_options *options, hd_arena *arena)
{
    *q = (hd_quest){.options = options, .arena = arena, .memo = {.arena = arena}};
    hd_budget_start(&q->clock);
}

bool hd_quest_past(const hd_quest *q, double share)
{
    const hd_plan_options *o = q->options;
    return (o->seconds > 0 && hd_budget_elapsed(&q->clock) >= share * o->seconds) || (o->cancel && o->cancel(o->user));
}

bool hd_quest_out(const hd_quest *q) { return hd_quest_past(q, 1); }

hd_status hd_quest_want(hd_quest *q, hd_solved *problem, hd_effort effort, hd_error *err)
{
    if (problem->effort >= effort) return HD_OK;
    for (int i = 0; i < q->wanted; i++)
        if (q->want[i] == problem) return HD_OK;
    hd_solved **want = hd_arena_grow(q->arena, q->want, sizeof *want, q->wanted, &q->room, 64);
    if (!want) return hd_fail_memory(err);
    q->want = want;
    q->want[q->wanted++] = problem;
    return HD_OK;
}

/* The answers of a plan's layers, each once. */
static hd_status take_answers(hd_quest *q, const hd_plan *plan, const hd_arch *arch, hd_error *err)
{
    for (int i = 0; i < plan->layers; i++) {
        const hd_layer *layer = &plan->network->layer[i];
        hd_problem p = hd_plan_problem(q->options, layer, arch);
        hd_solved *s;
        if (plan->layer[i].fused) continue;
        HD_TRY(hd_memo_entry(&q->memo, q->options, &p, hd_plan_pin(q->options, layer), NULL, &s, err));
        if (s->effort == HD_EFFORT_WHOLE) continue;
        hd_incumbent own = s->best; /* what it prices by is of the entry's own problem */
        s->best = plan->layer[i].best;
        s->best.problem = own.problem;
        s->best.pricer = own.pricer;
        s->best.space = NULL;
        s->space_log10 = plan->layer[i].space_log10;
        s->seconds = plan->layer[i].seconds;
        s->effort = HD_EFFORT_WHOLE;
        q->searches++;
    }
    return HD_OK;
}

hd_status hd_quest_alone(hd_quest *q, const hd_network *net, const hd_arch *arch, double share, hd_error *err)
{
    hd_plan_options o = *q->options;
    hd_plan *plan;
    o.proofs = false; /* of the plan in the end */
    if (o.seconds > 0) o.seconds = fmax(1e-9, share * (o.seconds - hd_budget_elapsed(&q->clock)));
    HD_TRY(hd_plan_solve(net, arch, &o, &plan, err));
    hd_status status = take_answers(q, plan, arch, err);
    hd_plan_free(plan);
    return status;
}

int hd_quest_done(const hd_quest *q)
{
    int done = 0;
    for (int i = 0; i < q->memo.count; i++) done += q->memo.item[i]->effort > HD_EFFORT_NONE;
    return done;
}

/* Half of what is left of the time, shared among so many problems. */
static double seconds_each(const hd_quest *q, int count)
{
    if (q->options->seconds <= 0) return 0;
    double left = q->options->seconds - hd_budget_elapsed(&q->clock), problems = fmax(count, 1);
    return fmax(1e-9, 0.5 * left * fmin(q->options->threads, problems) / problems);
}

hd_status hd_quest_search(hd_quest *q, hd_effort effort, hd_error *err)
{
    int count = q->wanted;
    q->wanted = 0;
    q->searches += count;
    HD_TRY(hd_memo_solve(&q->memo, q->want, count, q->options, effort, seconds_each(q, count), err));
    if (q->options->progress) q->options->progress(q->options->user, hd_quest_done(q), q->memo.count, "");
    return HD_OK;
}

hd_status hd_quest_plan(const hd_quest *q, const hd_network *net, const hd_arch *arch, const hd_plan_options *placed,
                        hd_plan **out, hd_error *err)
{
    hd_plan_options o = *placed;
    o.known = &q->memo;
    o.seconds = 0; /* nothing is left to search */
    HD_TRY(hd_plan_solve(net, arch, &o, out, err));
    (*out)->options = *q->options;
    (*out)->kept = q->arena;
    (*out)->seconds = hd_budget_elapsed(&q->clock);
    return HD_OK;
}

void hd_quest_report(const hd_quest *q, hd_sum apart, hd_plan *plan)
{
    plan->apart_pj = apart.energy_pj;
    plan->apart_cycles = apart.cycles;
    plan->evaluations = 0;
    for (int i = 0; i < q->memo.count; i++) plan->evaluations += q->memo.item[i]->best.evaluations;
    plan->searched = hd_quest_done(q);
    plan->considered = q->memo.count;
}
