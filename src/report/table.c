/* How does a network, or its schedule, read as a table?  Columns are fixed; numbers carry a prefix (k, M, G, ...). */
#include "report/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arch/region.h"
#include "network/layouts.h"
#include "report/refusal.h"

void hd_table_number(double value, char out[HD_NUMBER])
{
    static const char prefix[] = {' ', 'k', 'M', 'G', 'T', 'P', 'E'};
    size_t p = 0;
    while (fabs(value) >= 999.5 && p + 1 < sizeof prefix) {
        value /= 1000;
        p++;
    }
    if (!isfinite(value)) snprintf(out, HD_NUMBER, "-");
    else if (p == 0 && value == floor(value)) snprintf(out, HD_NUMBER, "%.0f  ", value);
    else snprintf(out, HD_NUMBER, fabs(value) < 9.995 ? "%.2f %c" : fabs(value) < 99.95 ? "%.1f %c" : "%.0f %c", value,
                  prefix[p]);
}

static void number_column(hd_text *text, double value)
{
    char number[HD_NUMBER];
    hd_table_number(value, number);
    hd_text_format(text, " %9s", number);
}

/* The dims greater than one, as the field writes them. */
static void shape(const hd_operator *op, char out[64])
{
    size_t used = 0;
    out[0] = '\0';
    for (int d = 0; d < op->dims && used < 56; d++) {
        if (op->dim[d].extent == 1) continue;
        int n = snprintf(out + used, 64 - used, "%s%s%lld", used ? " " : "", op->dim[d].name,
                         (long long)op->dim[d].extent);
        if (n < 0 || used + (size_t)n >= 64) break;
        used += (size_t)n;
    }
}

/* What limits the latency of a layer. */
static const char *bound_by(const hd_plan *plan, const hd_breakdown *price)
{
    return price->bound_by < 0 ? "compute" : plan->arch->level[price->bound_by].name;
}

static void plan_line(const hd_plan *plan, int index, int number, const int *numbers, hd_text *text)
{
    const hd_plan_layer *layer = &plan->layer[index];
    const hd_layer *net = &plan->network->layer[index];
    char what[64];
    shape(&net->op, what);
    hd_text_format(text, "%4d  %-20.20s %-15.15s %-38.38s", number, net->name, net->op_name, what);
    if (!layer->best.found) {
        char reason[HD_REFUSAL_TEXT];
        hd_missing_text(&layer->problem, &layer->best, reason);
        hd_text_format(text, "  %s: %s\n", layer->best.outcome == HD_OUTCOME_NONE ? "not valid" : "no schedule", reason);
        return;
    }
    const hd_breakdown *price = &layer->best.price;
    double units = (double)hd_arch_instances(plan->arch, plan->arch->levels - 1);
    double macs = (double)hd_operator_macs(&net->op), cost = layer->best.cost;
    number_column(text, macs);
    number_column(text, price->energy_pj);
    number_column(text, (double)price->latency_cycles);
    if (macs > 0 && price->latency_cycles > 0)
        hd_text_format(text, " %4.0f%%", 100 * macs / (units * (double)price->latency_cycles));
    else hd_text_append(text, "    - ");
    hd_text_format(text, " %5.1f%% %-8.8s", cost > 0 ? 100 * (cost - layer->best.lower_bound) / cost : 0.0,
                   bound_by(plan, price));
    if (net->repeats > 1) hd_text_format(text, " x%d", net->repeats);
    if (layer->same_as >= 0) hd_text_format(text, " as %d", numbers[layer->same_as]);
    hd_text_append(text, "\n");
}

static int number_layers(const hd_plan *plan, int *numbers)
{
    int count = 0;
    for (int i = 0; i < plan->network->layers; i++)
        numbers[i] = plan->layer[i].fused ? 0 : ++count;
    return count;
}

static void extra_line(const char *what, double pj, hd_text *text)
{
    if (pj <= 0) return;
    hd_text_format(text, "%4s  %-75s%10s", "", what, "");
    number_column(text, pj);
    hd_text_format(text, "\n");
}

/* Parts of the total that are of no layer. */
static void extra_lines(const hd_plan *plan, hd_text *text)
{
    double idle = 0, again = 0;
    for (int i = 0; i < plan->segments; i++) {
        idle += plan->segment[i].idle_pj;
        again += plan->segment[i].refetch_pj;
    }
    extra_line("fetched again for each group where layers take turns", again, text);
    extra_line("idle: static power of regions that wait for others", idle, text);
}

static void total_lines(const hd_plan *plan, int count, hd_text *text)
{
    int distinct = 0;
    extra_lines(plan, text);
    for (int i = 0; i < plan->network->layers; i++)
        if (!plan->layer[i].fused && plan->layer[i].same_as < 0) distinct++;
    hd_text_format(text, "%4s  %-75s", "", "total");
    number_column(text, (double)plan->macs);
    number_column(text, plan->energy_pj);
    number_column(text, (double)plan->latency_cycles);
    hd_text_format(text, " %4.0f%% %5.1f%%\n\n", 100 * plan->utilization, 100 * plan->gap);
    hd_text_format(text, "%s on %s, batch %lld: %d layers, %d distinct, %d fused into others\n", plan->network->name,
                   plan->arch->name, (long long)plan->network->batch, count, distinct,
                   plan->network->layers - count);
    hd_text_format(text, "%lld MACs; energy %.6g uJ; %lld cycles", (long long)plan->macs, plan->energy_pj * 1e-6,
                   (long long)plan->latency_cycles);
    if (plan->arch->clock_mhz > 0)
        hd_text_format(text, " = %.4g ms at %g MHz", (double)plan->latency_cycles / plan->arch->clock_mhz * 1e-3,
                       plan->arch->clock_mhz);
    const char *unit = plan->options.objective == HD_ENERGY ? "pJ" :
                       plan->options.objective == HD_LATENCY ? "cycles" : "pJ x cycles";
    hd_text_format(text, "; EDP %.6g\n%s: lower bound %.6g %s, gap %.2f%%%s; %lld schemes priced in %.2f s\n",
                   plan->edp, hd_objective_name(plan->options.objective), plan->lower_bound, unit, 100 * plan->gap,
                   plan->proved ? ", proved" : "", (long long)plan->evaluations, plan->seconds);
}

/* Level 0 is what homes and segments save: its words, as the layers move them, less those that regions hand on, and what layers
 * that take turns fetch again. */
static double outside_words(const hd_plan *plan)
{
    double words = 0;
    for (int i = 0; i < plan->segments; i++) words += plan->segment[i].refetch_words;
    for (int i = 0; i < plan->network->layers; i++)
        for (int r = 0; r < HD_ROLES && !plan->layer[i].fused; r++) {
            if (plan->layer[i].problem.arch->level[0].elsewhere >> r & 1u) continue;
            const hd_access *a = &plan->layer[i].best.price.access[0][r];
            words += (double)(a->reads + a->fills + a->updates) * plan->network->layer[i].repeats;
        }
    return words;
}

static void segment_lines(const hd_plan *plan, hd_text *text)
{
    int together = 0, most = 0;
    for (int i = 0; i < plan->segments; i++) {
        int layers = 0;
        for (int k = 0; k < plan->segment[i].stages; k++) layers += plan->segment[i].stage[k].layers;
        together += layers > 1;
        if (layers > most) most = layers;
    }
    hd_text_format(text, "on chip together: %d segments, %d of more than one layer, at most %d layers; %.4g words of %s moved\n",
                   plan->segments, together, most, outside_words(plan), plan->arch->level[0].name);
    if (together == 0 && plan->options.model == &hd_model_kapla && hd_arch_mesh(plan->arch) >= 0)
        hd_text_append(text, "model kapla does not price regions that hand tensors on: every layer runs alone\n");
    if (plan->apart_cycles > 0)
        hd_text_format(text, "apart: energy %.6g uJ (%+.1f%% now), %.0f cycles (%+.1f%% now); %d of %d steps searched\n",
                       plan->apart_pj * 1e-6, 100 * (plan->energy_pj / plan->apart_pj - 1), plan->apart_cycles,
                       100 * ((double)plan->latency_cycles / plan->apart_cycles - 1), plan->searched, plan->considered);
    if (plan->passed_over > 0)
        hd_text_format(text, "%d tensors of many alive together were left outside without a look\n", plan->passed_over);
    hd_text_append(text, plan->options.inter_layer != HD_INTER_NONE
                             ? "the lower bound is of every choice of what stays and runs together\n"
                             : "the lower bound is of these homes and segments: no other choice is looked at here\n");
}

static const char *why_apart(const hd_plan *plan)
{
    if (hd_plan_has_layouts(&plan->options)) return "kapla's compat knows every layer alone";
    if (plan->options.constraints || plan->options.home) return "the layers are constrained";
    return "the chip has no mesh and no shared buffer to stay in";
}

void hd_table_plan(const hd_plan *plan, hd_text *text)
{
    hd_arena *scratch = hd_arena_new(NULL, 0);
    int *numbers = scratch ? hd_arena_alloc(scratch, (size_t)plan->network->layers + 1, sizeof *numbers) : NULL;
    if (!numbers) {
        text->failed = true;
        hd_arena_free(scratch);
        return;
    }
    int count = number_layers(plan, numbers);
    hd_text_format(text, "%4s  %-20s %-15s %-38s %9s %9s %9s %5s %6s %s\n", "#", "layer", "operator", "dimensions",
                   "MACs  ", "pJ  ", "cycles  ", "util", "gap", "bound by");
    for (int i = 0; i < plan->network->layers; i++)
        if (!plan->layer[i].fused) plan_line(plan, i, numbers[i], numbers, text);
    if (plan->failed < 0) total_lines(plan, count, text);
    if (plan->failed < 0 && plan->segments > 0) segment_lines(plan, text);
    if (plan->failed < 0 && plan->segments == 0 && plan->options.inter_layer != HD_INTER_NONE)
        hd_text_format(text, "on chip together: nothing, %s\n", why_apart(plan));
    hd_arena_free(scratch);
}

void hd_table_network(const hd_network *network, hd_text *text)
{
    int64_t macs = 0, ops = 0, weights = 0;
    hd_text_format(text, "%4s  %-28s %-24s %-38s %9s %9s %9s\n", "#", "layer", "operator", "dimensions", "MACs  ",
                   "ops  ", "weights  ");
    for (int i = 0; i < network->layers; i++) {
        const hd_layer *layer = &network->layer[i];
        char what[64];
        shape(&layer->op, what);
        hd_text_format(text, "%4d  %-28.28s %-24.24s %-38.38s", i + 1, layer->name, layer->op_name, what);
        number_column(text, (double)layer->macs);
        number_column(text, (double)layer->ops);
        number_column(text, (double)layer->weight_words);
        if (layer->repeats > 1) hd_text_format(text, " x%d", layer->repeats);
        if (layer->fused_into >= 0) hd_text_format(text, " fused into %s", network->layer[layer->fused_into].name);
        hd_text_append(text, "\n");
        macs += layer->macs * layer->repeats;
        ops += layer->ops * layer->repeats;
        weights += layer->weight_words;
    }
    hd_text_format(text, "\n%s, batch %lld: %d operators, %lld MACs, %lld vector operations, %lld weights\n",
                   network->name, (long long)network->batch, network->layers, (long long)macs, (long long)ops,
                   (long long)weights);
}
