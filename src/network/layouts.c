/* The input of a layer lies where the layers that made it left their outputs: theirs side by side along the channels.  Layers
 * whose inputs come from outside, or are cut or reshaped on the way, find them as the model's options say. */
#include "network/layouts.h"

#include "cost/kapla/kapla.h"
#include "dataflow/kapla_convert.h"
#include "solve/kapla.h"
#include "workload/values.h"

bool hd_plan_has_layouts(const hd_plan_options *o)
{
    hd_problem p = {.model = o->model, .settings = o->settings};
    return o->solver && o->solver->traits & HD_SOLVER_LOOKS_BACK && o->model == &hd_model_kapla && hd_kapla_is_compat(&p);
}

/* Roles that KAPLA counts among a layer's inputs: all maps that are added; of a gradient of weights, dY. */
static unsigned input_roles(const hd_layer *layer)
{
    if (layer->makes == HD_MAKES_WEIGHT_GRADIENT) return HD_ROLE_BIT(HD_W);
    return HD_ROLE_BIT(HD_I) | (layer->op.kind == HD_ELTWISE ? HD_ROLE_BIT(HD_I2) : 0);
}

/* What a solved layer leaves, behind the channels that are there already; false where that is not known. */
static bool append(const hd_plan *plan, int producer, hd_kapla_layout *out)
{
    hd_kapla_layout left;
    if (producer < 0) return false;
    const hd_plan_layer *layer = &plan->layer[producer];
    if (layer->fused || !layer->best.found) return false;
    if (!hd_kapla_compat_output(&layer->problem, &layer->best.scheme, &left)) return false;
    int64_t channels = out->pieces > 0 ? out->piece[out->pieces - 1].range.to[1] : 0;
    for (int i = 0; i < left.pieces; i++) {
        if (out->pieces == HD_KAPLA_PIECES) return false;
        left.piece[i].range.from[1] += channels;
        left.piece[i].range.to[1] += channels;
        out->piece[out->pieces++] = left.piece[i];
    }
    return true;
}

/* Is it the whole input, sample by sample and channel by channel? */
static bool is_input(const hd_kapla_layout *layout, const hd_kapla_layer *layer)
{
    if (layout->pieces == 0) return false;
    const hd_kapla_range *last = &layout->piece[layout->pieces - 1].range;
    return last->to[0] == layer->batch && last->to[1] == layer->nifm;
}

/* Whose hops are recalled: those of the layer's own candidates, in the order in which the solver tries them.  (The shipped code
 * keeps them from layer to layer; no recorded run shows a difference.) */
static hd_status find_tries(hd_plan *plan, int i, hd_error *err)
{
    hd_problem *p = &plan->layer[i].problem;
    if (!hd_kapla_recalls(p, plan->network->layers > 1)) return HD_OK;
    hd_kapla_tries *kept = hd_arena_alloc(plan->arena, 1, sizeof *kept);
    if (!kept) return hd_fail_memory(err);
    hd_kapla_tries_of(p, kept);
    p->tries = kept;
    return HD_OK;
}

static hd_status find_input(hd_plan *plan, int i, hd_error *err)
{
    const hd_layer *layer = &plan->network->layer[i];
    hd_problem *p = &plan->layer[i].problem;
    hd_kapla_layer form;
    hd_kapla_dims dims;
    hd_kapla_layout found = {.pieces = 0};
    if (!hd_kapla_layer_of(p->op, p->makes, &form, &dims, NULL)) return HD_OK;
    for (int k = 0; k < layer->inputs; k++)
        if (hd_layer_roles(layer, k) & input_roles(layer) && !append(plan, layer->input[k], &found)) return HD_OK;
    if (!is_input(&found, &form)) return HD_OK;
    hd_kapla_layout *kept = hd_arena_alloc(plan->arena, 1, sizeof *kept);
    if (!kept) return hd_fail_memory(err);
    *kept = found;
    p->input_at = kept;
    return HD_OK;
}

hd_status hd_plan_find_layout(hd_plan *plan, int i, hd_error *err)
{
    HD_TRY(find_tries(plan, i, err));
    return find_input(plan, i, err);
}
