/* Which answer has the least energy x latency?  The product of sums is no sum of products: layers that are each the best by their
 * own product need not make the best network, and one found for its energy may be better.  (One found for its latency was not:
 * half as dear again at least in the four networks that were tried on 16 x 16 nodes.)                         */
#include "network/product.h"

#include "network/total.h"

/* The layer's answer as one for energy x latency: its price stays, its bound and what it claims are of the new objective. */
static void recast(hd_plan_layer *layer, const hd_model *model)
{
    hd_budget free_of_charge = {0};
    hd_incumbent inc;
    hd_incumbent_init(&inc, model, &layer->problem, HD_EDP);
    hd_incumbent_offer(&inc, &free_of_charge, &layer->best.scheme);
    inc.evaluations = layer->best.evaluations;
    hd_incumbent_close(&inc, &free_of_charge, false);
    layer->best = inc;
}

/* `plan`, found for another objective, takes the place of `asked`: what both report of the search is that of the asked one. */
static void replace(hd_plan *plan, hd_plan **asked)
{
    const hd_plan *before = *asked;
    for (int i = 0; i < plan->layers; i++)
        if (!plan->layer[i].fused) recast(&plan->layer[i], plan->options.model);
    plan->options.objective = HD_EDP;
    plan->options.seconds = before->options.seconds;
    plan->apart_pj = before->apart_pj;
    plan->apart_cycles = before->apart_cycles;
    plan->considered = before->considered;
    plan->searched = before->searched;
    plan->passed_over = before->passed_over;
    plan->evaluations = before->evaluations;
    plan->seconds = before->seconds;
    hd_plan_set_bound(plan, before->lower_bound);
    hd_plan_free(*asked);
    *asked = plan;
}

static hd_status try_energy(hd_inter_search *search, const hd_network *net, const hd_arch *arch, hd_plan_options o, bool prune,
                            hd_plan **best, hd_error *err)
{
    hd_plan *plan;
    o.objective = HD_ENERGY;
    HD_TRY(search(net, arch, &o, prune, &plan, err));
    int64_t evaluations = plan->evaluations;
    double seconds = plan->seconds;
    if (plan->failed < 0 && plan->edp < (*best)->edp) replace(plan, best);
    else hd_plan_free(plan);
    (*best)->evaluations += evaluations;
    (*best)->seconds += seconds;
    return HD_OK;
}

hd_status hd_product_solve(hd_inter_search *search, const hd_network *net, const hd_arch *arch, const hd_plan_options *options,
                           bool prune, hd_plan **out, hd_error *err)
{
    hd_plan_options o = *options;
    if (o.proofs) return search(net, arch, options, prune, out, err);
    HD_TRY(search(net, arch, options, prune, out, err));
    hd_status status = HD_OK;
    if (o.seconds > 0) o.seconds -= (*out)->seconds;
    bool scarce = o.seconds < options->seconds / 2; /* a second search would find less than the first did */
    if ((*out)->failed < 0 && !scarce && !(o.cancel && o.cancel(o.user)))
        status = try_energy(search, net, arch, o, prune, out, err);
    (*out)->options.seconds = options->seconds;
    if (status == HD_OK) return HD_OK;
    hd_plan_free(*out);
    *out = NULL;
    return status;
}
