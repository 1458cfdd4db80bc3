/* What is the best scheme so far, and if there is none, what came closest? */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "solve/solver.h"

void hd_incumbent_init(hd_incumbent *inc, const hd_model *model, const hd_problem *p, hd_objective objective)
{
    memset(inc, 0, sizeof *inc);
    inc->model = model;
    inc->problem = p;
    inc->objective = objective;
    inc->cost = INFINITY;
    if (model->serves && !model->serves(p, &inc->nearest)) {
        inc->unserved = true;
        inc->outcome = HD_OUTCOME_INFEASIBLE;
        return;
    }
    hd_pricer_init(&inc->pricer, model, p);
    hd_bound bound = {0};
    if (model->bound) model->bound(p, &bound);
    const double each[HD_OBJECTIVES] = {bound.energy_pj, bound.latency_cycles, bound.edp};
    inc->lower_bound = each[objective];
}

/* Capacity beats every other refusal; among capacities the fewest missing words. */
static bool nearer(const hd_refusal *a, const hd_refusal *b)
{
    if (b->kind == HD_LEGAL) return true;
    if ((a->kind == HD_REFUSE_CAPACITY) != (b->kind == HD_REFUSE_CAPACITY)) return a->kind == HD_REFUSE_CAPACITY;
    return a->kind == HD_REFUSE_CAPACITY && a->need - a->have < b->need - b->have;
}

void hd_incumbent_refused(hd_incumbent *inc, const hd_refusal *why)
{
    if (!inc->found && nearer(why, &inc->nearest)) inc->nearest = *why;
}

void hd_incumbent_decline(hd_incumbent *inc, const char *solver, const hd_refusal *why)
{
    inc->unserved = true;
    inc->nearest = *why;
    if (why->kind == HD_REFUSE_MODEL) inc->nearest.kind = HD_REFUSE_SOLVER; /* others may price it */
    snprintf(inc->nearest.why, sizeof inc->nearest.why, "the solver %s cannot be used: %.200s", solver, why->why);
    inc->outcome = HD_OUTCOME_INFEASIBLE;
}

bool hd_incumbent_fits(hd_incumbent *inc, const hd_scheme *s)
{
    if (inc->unserved) return false;
    bool fits = hd_pricer_fits(&inc->pricer, s);
    assert(fits == inc->model->fits(inc->problem, s, NULL));
    if (fits) return true;
    if (!inc->found) {
        hd_refusal refusal = {0};
        inc->model->fits(inc->problem, s, &refusal);
        hd_incumbent_refused(inc, &refusal);
    }
    return false;
}

static bool better(const hd_incumbent *inc, const hd_scheme *s, double cost, const hd_breakdown *price)
{
    if (!inc->found) return true;
    if (cost != inc->cost) return cost < inc->cost;
    if (price->edp != inc->price.edp) return price->edp < inc->price.edp;
    return hd_scheme_compare(s, &inc->scheme) < 0;
}

double hd_incumbent_take(hd_incumbent *inc, hd_budget *budget, const hd_scheme *s, hd_breakdown *price)
{
    return hd_incumbent_take_below(inc, budget, s, INFINITY, price);
}

double hd_incumbent_take_below(hd_incumbent *inc, hd_budget *budget, const hd_scheme *s, double limit, hd_breakdown *price)
{
    inc->evaluations++;
    budget->used++;
    assert(!inc->space || hd_constraints_hold(inc->space, s, NULL));
    assert(inc->model->fits(inc->problem, s, NULL));
    if (limit < inc->cost) limit = inc->cost;
    if (!hd_pricer_price_below(&inc->pricer, s, inc->objective, limit, price)) {
        price->edp = INFINITY;
        return limit;
    }
    double cost = hd_price_objective(price, inc->objective);
    assert(!inc->space || cost >= inc->lower_bound * (1 - 1e-9) || !hd_space_has(inc->space, s));
    if (better(inc, s, cost, price)) {
        inc->found = true;
        inc->cost = cost;
        inc->scheme = *s;
        inc->price = *price;
    }
    return cost;
}

double hd_incumbent_probe(hd_incumbent *inc, hd_budget *budget, const hd_scheme *s, hd_breakdown *price)
{
    if (hd_incumbent_fits(inc, s)) return hd_incumbent_take(inc, budget, s, price);
    inc->evaluations++;
    budget->used++;
    return INFINITY;
}

double hd_incumbent_offer(hd_incumbent *inc, hd_budget *budget, const hd_scheme *s)
{
    hd_breakdown price;
    return hd_incumbent_probe(inc, budget, s, &price);
}

void hd_incumbent_close(hd_incumbent *inc, const hd_budget *budget, bool all)
{
    bool out = budget->interrupted || budget->seconds < 0 ||
               (budget->evaluations > 0 && budget->used >= budget->evaluations);
    if (inc->unserved) return;
    if (all || (inc->found && inc->cost <= inc->lower_bound)) {
        inc->outcome = inc->found ? HD_OUTCOME_OPTIMAL : HD_OUTCOME_INFEASIBLE;
        if (inc->found) inc->lower_bound = inc->cost;
    } else if (out || !inc->found) {
        inc->outcome = budget->interrupted ? HD_OUTCOME_INTERRUPTED : HD_OUTCOME_EXHAUSTED;
    } else {
        inc->outcome = HD_OUTCOME_IMPROVED;
    }
}
