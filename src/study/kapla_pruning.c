/* How much of the search between layers do bounds spare?  KAPLA's study counts what its pruning leaves; here what is pruned
 * is never better, so the network is the same as without. */
#include <time.h>

#include "network/inter_layer.h"
#include "study/kapla.h"

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double objective_of(hd_objective objective, double energy, double cycles)
{
    const double each[HD_OBJECTIVES] = {[HD_ENERGY] = energy, [HD_LATENCY] = cycles, [HD_EDP] = energy * cycles};
    return each[objective];
}

static hd_status prune(const hd_pair *pair, const hd_plan_options *o, hd_pruning *out, hd_error *err)
{
    hd_plan *plan = NULL;
    double started = cpu_seconds();
    if (o->cancel && o->cancel(o->user)) return HD_OK;
    HD_TRY(hd_inter_layer_solve(pair->net, pair->arch, o, &plan, err));
    *out = (hd_pruning){.done = plan->failed < 0 && !(o->cancel && o->cancel(o->user)), .considered = plan->considered,
                        .searched = plan->searched, .segments = plan->segments,
                        .cost = objective_of(o->objective, plan->energy_pj, (double)plan->latency_cycles),
                        .apart = objective_of(o->objective, plan->apart_pj, plan->apart_cycles),
                        .seconds = cpu_seconds() - started};
    hd_plan_free(plan);
    return HD_OK;
}

hd_status hd_kapla_prune(const hd_overheads *x, hd_inter_layer inter, hd_arena *arena, hd_pruning **out, hd_error *err)
{
    hd_plan_options o = x->options.plan;
    const hd_method *method = x->options.methods > 0 ? &x->options.method[0] : &x->options.judge;
    *out = NULL;
    if (inter == HD_INTER_NONE) return HD_OK;
    *out = hd_arena_alloc(arena, (size_t)x->pairs + 1, sizeof **out);
    if (!*out) return hd_fail_memory(err);
    o.solver = method->solver;
    o.option_values = method->values;
    o.inter_layer = inter;
    o.seconds = 0; /* of the runs on single operators */
    for (int p = 0; p < x->pairs; p++) {
        if (o.progress) o.progress(o.user, p, x->pairs, x->pair[p].net->name);
        HD_TRY(prune(&x->pair[p], &o, &(*out)[p], err));
    }
    return HD_OK;
}
