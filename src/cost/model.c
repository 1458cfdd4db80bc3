/* Once for all models: prices of one problem, chips, objectives, settings. */
#include <assert.h>

#include "cost/model.h"

void hd_pricer_init(hd_pricer *out, const hd_model *model, const hd_problem *p)
{
    out->model = model;
    out->problem = p;
    if (!model->price_ready) return;
    hd_native_ready(&out->ready, p);
    out->ready.whole_buffers = model->whole_buffers;
    if (model->price_below) hd_native_floors(&out->ready);
}

bool hd_pricer_fits(const hd_pricer *pricer, const hd_scheme *s)
{
    if (pricer->model->fits_ready) return pricer->model->fits_ready(&pricer->ready, s);
    return pricer->model->fits(pricer->problem, s, NULL);
}

void hd_pricer_price(const hd_pricer *pricer, const hd_scheme *s, hd_breakdown *out)
{
    if (pricer->model->price_ready)
        pricer->model->price_ready(&pricer->ready, s, out);
    else
        pricer->model->price(pricer->problem, s, out);
}

bool hd_pricer_price_below(const hd_pricer *pricer, const hd_scheme *s, hd_objective objective, double limit, hd_breakdown *out)
{
    if (pricer->model->price_below) return pricer->model->price_below(&pricer->ready, s, objective, limit, out);
    hd_pricer_price(pricer, s, out);
    return true;
}

bool hd_pricer_batch(const hd_pricer *pricer, const hd_scheme *const s[HD_LANES], hd_batch *out)
{
    return pricer->model->batch && pricer->model->batch(&pricer->ready, s, out);
}

void hd_pricer_lane(const hd_pricer *pricer, const hd_batch *batch, int lane, hd_breakdown *out)
{
    pricer->model->lane(&pricer->ready, batch, lane, out);
}

bool hd_model_chip(const hd_model *model, const hd_arch *given, hd_arch *out)
{
    if (!model->vector_on_macs || given->vector_at == given->levels - 1) return false;
    *out = *given;
    out->vector_at = given->levels - 1;
    out->vector_per_cycle = 0;
    out->vector_pj = given->mac_pj;
    hd_status status = hd_arch_check(out, NULL); /* and its hash */
    assert(status == HD_OK);
    return (void)status, true;
}

double hd_price_objective(const hd_breakdown *price, hd_objective objective)
{
    switch (objective) {
    case HD_ENERGY: return price->energy_pj;
    case HD_LATENCY: return (double)price->latency_cycles;
    case HD_EDP: return price->edp;
    case HD_OBJECTIVES: break;
    }
    return 0;
}

const char *hd_objective_name(hd_objective objective)
{
    static const char *const names[HD_OBJECTIVES] = {"energy", "latency", "edp"};
    return objective < HD_OBJECTIVES ? names[objective] : "?";
}

double hd_model_setting(const hd_model *model, const hd_problem *p, int index)
{
    return p->settings ? p->settings[index] : model->options[index].standard;
}
