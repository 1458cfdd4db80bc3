/* A network without segments is the sum of its operators; its bound the sum of theirs, or for energy x latency the
 * product of the two sums; of a single operator it is the operator's own, which an exact solver has raised.        */
#include "network/total.h"

static void add(hd_plan *plan, int index, hd_bound *bound)
{
    const hd_layer *net = &plan->network->layer[index];
    const hd_plan_layer *layer = &plan->layer[index];
    const hd_breakdown *price = &layer->best.price;
    int repeats = net->repeats > 0 ? net->repeats : 1;
    hd_bound each = {0};
    plan->options.model->bound(&layer->problem, &each);
    plan->macs += hd_operator_macs(&net->op) * repeats;
    if (layer->same_as < 0) plan->evaluations += layer->best.evaluations;
    plan->computes += price->computes * repeats;
    plan->latency_cycles += price->latency_cycles * repeats;
    plan->energy_pj += price->energy_pj * repeats;
    bool energy = plan->options.objective == HD_ENERGY, latency = plan->options.objective == HD_LATENCY;
    bound->energy_pj += (energy ? layer->best.lower_bound : each.energy_pj) * repeats;
    bound->latency_cycles += (latency ? layer->best.lower_bound : each.latency_cycles) * repeats;
}

/* The network's energy x latency is that of its only layer, each times its repeats. */
static double single_edp(const hd_plan *plan, int layer)
{
    double repeats = plan->network->layer[layer].repeats > 0 ? plan->network->layer[layer].repeats : 1;
    return plan->layer[layer].best.lower_bound * repeats * repeats;
}

void hd_plan_set_bound(hd_plan *plan, double lower_bound)
{
    const double cost[HD_OBJECTIVES] = {plan->energy_pj, (double)plan->latency_cycles, plan->edp};
    double now = cost[plan->options.objective];
    plan->lower_bound = lower_bound;
    plan->gap = now > lower_bound ? (now - lower_bound) / now : 0;
    plan->proved = plan->failed < 0 && plan->gap == 0;
}

/* What a segment costs beyond its layers; of those alone nothing but rounding. */
static double idle_energy(const hd_plan *plan, const hd_segment *s)
{
    double layers = 0;
    for (int k = 0; k < s->stages; k++)
        for (int i = 0; i < s->stage[k].layers; i++) {
            int layer = s->stage[k].layer[i], repeats = plan->network->layer[layer].repeats;
            layers += plan->layer[layer].best.price.energy_pj * (repeats > 0 ? repeats : 1);
        }
    double idle = s->energy_pj - s->refetch_pj - layers;
    return idle > 1e-9 * layers ? idle : 0;
}

void hd_plan_sum_segments(hd_plan *plan)
{
    double units = (double)hd_arch_instances(plan->arch, plan->arch->levels - 1);
    plan->energy_pj = 0;
    plan->latency_cycles = 0;
    for (int i = 0; i < plan->segments; i++) {
        plan->segment[i].idle_pj = idle_energy(plan, &plan->segment[i]);
        plan->energy_pj += plan->segment[i].energy_pj;
        plan->latency_cycles += plan->segment[i].latency_cycles;
    }
    plan->edp = plan->energy_pj * (double)plan->latency_cycles;
    plan->utilization = plan->latency_cycles > 0 ? (double)plan->macs / (units * (double)plan->latency_cycles) : 0;
}

void hd_plan_total(hd_plan *plan)
{
    hd_bound bound = {0};
    int unsolved = 0, scheduled = 0, last = 0;
    for (int i = 0; i < plan->network->layers; i++) {
        if (plan->layer[i].fused) continue;
        scheduled++;
        last = i;
        if (!plan->layer[i].best.found && unsolved++ == 0) plan->failed = i;
        add(plan, i, &bound);
    }
    plan->edp = plan->energy_pj * (double)plan->latency_cycles;
    bool single = scheduled == 1 && plan->options.objective == HD_EDP;
    bound.edp = single ? single_edp(plan, last) : bound.energy_pj * bound.latency_cycles;
    const double lower[HD_OBJECTIVES] = {bound.energy_pj, bound.latency_cycles, bound.edp};
    hd_objective o = plan->options.objective;
    double units = (double)hd_arch_instances(plan->arch, plan->arch->levels - 1);
    hd_plan_set_bound(plan, lower[o]);
    plan->utilization = plan->latency_cycles > 0 ? (double)plan->macs / (units * (double)plan->latency_cycles) : 0;
}
