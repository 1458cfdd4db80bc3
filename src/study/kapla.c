/* What do the methods of KAPLA's study come to on whole networks? */
#include "study/kapla.h"

#include <math.h>

#define TRAINED "kapla-alexnet kapla-vgg16 kapla-googlenet kapla-resnet50 kapla-zfnet kapla-mobilenet kapla-mlp-l kapla-lstm-gnmt"
#define INFERENCE TRAINED " kapla-mlp-s kapla-mlp-m kapla-lstm-phoneme kapla-lstm-showtell"

const hd_setting hd_kapla_settings[] = {
    {"cloud-inference", "16 x 16 nodes, batch 64, inference", "kapla-16x16", 64, false, INFERENCE},
    {"cloud-training", "16 x 16 nodes, batch 64, training", "kapla-16x16", 64, true, TRAINED},
    {"edge-1", "one node, batch 1, inference", "kapla-edge", 1, false, INFERENCE},
    {"edge-64", "one node, batch 64, inference", "kapla-edge", 64, false, INFERENCE},
    {0},
};

static const hd_run *run_of(const hd_contest *c, int method) { return method < 0 ? &c->judge : &c->method[method]; }

const char *hd_kapla_method(const hd_overheads *x, int method)
{
    return method < 0 ? x->options.judge.solver->name : x->options.method[method].solver->name;
}

/* The least that anybody found, INFINITY where nobody did. */
static double least(const hd_overheads *x, const hd_contest *c)
{
    double cost = INFINITY;
    for (int m = -1; m < x->options.methods; m++)
        if (run_of(c, m)->found) cost = fmin(cost, run_of(c, m)->cost);
    return cost;
}

static void add_found(const hd_overheads *x, const hd_contest *c, const hd_run *run, hd_standing *out)
{
    out->cost += run->cost * c->layers;
    out->best += least(x, c) * c->layers;
    out->energy_pj += run->energy_pj * c->layers;
    out->cycles += run->cycles * c->layers;
    if (!hd_contest_proved(c)) return;
    out->cost_proved += run->cost * c->layers;
    out->optimum += c->judge.cost * c->layers;
}

/* Did a search that is to see everything end before that? */
static bool is_unfinished(const hd_overheads *x, int method, const hd_run *run)
{
    const hd_solver *solver = method < 0 ? x->options.judge.solver : x->options.method[method].solver;
    if (!(solver->traits & (HD_SOLVER_EXACT | HD_SOLVER_LISTS))) return false;
    return run->outcome == HD_OUTCOME_EXHAUSTED || run->outcome == HD_OUTCOME_INTERRUPTED;
}

void hd_kapla_standing(const hd_overheads *x, int pair, int method, hd_standing *out)
{
    const hd_pair *p = &x->pair[pair];
    *out = (hd_standing){0};
    for (int i = p->first; i < p->first + p->count; i++) {
        const hd_contest *c = &x->contest[i];
        const hd_run *run = run_of(c, method);
        out->missing += !c->done || !run->found;
        if (!c->done) continue;
        out->seconds += run->seconds;
        out->evaluations += run->evaluations;
        out->proved += run->outcome == HD_OUTCOME_OPTIMAL;
        out->unfinished += is_unfinished(x, method, run);
        if (run->found) add_found(x, c, run, out);
    }
}

double hd_standing_overhead(const hd_standing *s) { return s->best > 0 ? s->cost / s->best - 1 : NAN; }

double hd_standing_over_optimum(const hd_standing *s) { return s->optimum > 0 ? s->cost_proved / s->optimum - 1 : NAN; }

double hd_kapla_speed_up(const hd_overheads *x, int pair, const hd_standing *s)
{
    hd_standing judge;
    hd_kapla_standing(x, pair, -1, &judge);
    return s->seconds > 0 ? judge.seconds / s->seconds : NAN;
}

void hd_kapla_measure(const hd_overheads *x, int pair, hd_measure *out)
{
    const hd_pair *p = &x->pair[pair];
    *out = (hd_measure){.operators = p->count};
    for (int i = p->first; i < p->first + p->count; i++) {
        const hd_contest *c = &x->contest[i];
        double best = least(x, c), bound = 0;
        for (int m = -1; m < x->options.methods; m++) bound = fmax(bound, run_of(c, m)->lower_bound);
        out->done += c->done;
        if (!c->done || isinf(best)) continue;
        out->best += best * c->layers;
        out->lower_bound += bound * c->layers; /* of the stated space: a scheme outside it may cost less */
        out->proved += hd_contest_proved(c);
    }
}

void hd_kapla_mean_of(const hd_overheads *x, int method, hd_kapla_mean *out)
{
    double logs = 0;
    *out = (hd_kapla_mean){0};
    for (int p = 0; p < x->pairs; p++) {
        hd_standing s;
        hd_kapla_standing(x, p, method, &s);
        double over = hd_standing_overhead(&s), proved = hd_standing_over_optimum(&s);
        if (!isnan(proved)) out->over_optimum += proved, out->with_optimum++;
        if (isnan(over)) continue;
        out->overhead += over;
        out->worst = fmax(out->worst, over);
        logs += log(hd_kapla_speed_up(x, p, &s));
        out->networks++;
        out->partial += s.missing > 0;
    }
    out->overhead = out->networks > 0 ? out->overhead / out->networks : NAN;
    out->worst = out->networks > 0 ? out->worst : NAN;
    out->over_optimum = out->with_optimum > 0 ? out->over_optimum / out->with_optimum : NAN;
    out->speed_up = out->networks > 0 ? exp(logs / out->networks) : NAN;
}
