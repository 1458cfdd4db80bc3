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
        if (!run->found) continue;
        out->cost += run->cost * c->layers;
        out->energy_pj += run->energy_pj * c->layers;
        out->cycles += run->cycles * c->layers;
    }
}

void hd_kapla_best(const hd_overheads *x, int pair, double *cost, double *lower_bound, bool *proved)
{
    const hd_pair *p = &x->pair[pair];
    *cost = *lower_bound = 0;
    *proved = true;
    for (int i = p->first; i < p->first + p->count; i++) {
        const hd_contest *c = &x->contest[i];
        double least = INFINITY, bound = 0;
        for (int m = -1; m < x->options.methods; m++) {
            const hd_run *run = run_of(c, m);
            if (run->found) least = fmin(least, run->cost);
            bound = fmax(bound, run->lower_bound);
        }
        *cost += least * c->layers;
        *lower_bound += fmin(bound, least) * c->layers;
        *proved &= hd_contest_proved(c);
    }
}
