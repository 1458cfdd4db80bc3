/* What do a schedule's segments mean? */
#include "network/segments.h"

#include <string.h>

#include "arch/region.h"
#include "base/count.h"
#include "network/stages.h"
#include "network/total.h"

static bool is_alone(const hd_segment *s) { return s->stages == 1 && s->stage[0].layers == 1; }

static bool overlap(const hd_region *a, const hd_region *b)
{
    return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height && b->y < a->y + a->height;
}

/* One layer with the chip to itself. */
static hd_status check_alone(const hd_network *net, const hd_arch *arch, const hd_segment *s, hd_error *err)
{
    const hd_region *r = &s->stage[0].region;
    const int64_t *fan = arch->level[hd_arch_mesh(arch)].fan;
    if (r->x == 0 && r->y == 0 && r->width == fan[HD_X] && r->height == fan[HD_Y] && s->batch_groups == 1) return HD_OK;
    return hd_fail(err, HD_ERR_INPUT, "segment: layer '%s' is alone: expected 1 group and all of the mesh, [0, 0, %lld, %lld]",
                   net->layer[s->stage[0].layer[0]].name, (long long)fan[HD_X], (long long)fan[HD_Y]);
}

static int host(const hd_network *net, int layer)
{
    while (net->layer[layer].fused_into >= 0) layer = net->layer[layer].fused_into;
    return layer;
}

/* Every layer that is not fused in one segment, once; `turn`: its place among all, as they are written. */
static hd_status check_once(const hd_network *net, const hd_segment *segment, int segments, int *of, int *turn, hd_error *err)
{
    int turns = 0;
    for (int l = 0; l < net->layers; l++) of[l] = -1;
    for (int i = 0; i < segments; i++)
        for (int k = 0; k < segment[i].stages; k++)
            for (int j = 0; j < segment[i].stage[k].layers; j++) {
                int layer = segment[i].stage[k].layer[j];
                if (of[layer] >= 0)
                    return hd_fail(err, HD_ERR_INPUT, "segment %d: layer '%s' stands in segment %d already", i + 1,
                                   net->layer[layer].name, of[layer] + 1);
                of[layer] = i;
                turn[layer] = turns++;
            }
    for (int l = 0; l < net->layers; l++)
        if ((of[l] < 0) != (net->layer[l].fused_into >= 0))
            return hd_fail(err, HD_ERR_INPUT, "layer '%s' %s", net->layer[l].name,
                           of[l] < 0 ? "stands in no segment" : "is fused into another and stands in a segment");
    return HD_OK;
}

/* Every layer once, none before what it reads: else the sum of the segments is not the network's. */
static hd_status check_chain(const hd_network *net, const hd_arch *arch, const hd_segment *segment, int segments, hd_arena *arena,
                             hd_error *err)
{
    int *of = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *of);
    int *turn = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *turn);
    if (!of || !turn) return hd_fail_memory(err);
    if (hd_arch_mesh(arch) < 0)
        return hd_fail(err, HD_ERR_INPUT, "segments need a chip with a mesh below its outermost memory; %s has none", arch->name);
    HD_TRY(check_once(net, segment, segments, of, turn, err));
    for (int l = 0; l < net->layers; l++)
        for (int k = 0; k < net->layer[l].inputs; k++) {
            int from = net->layer[l].input[k] < 0 ? l : net->layer[l].input[k];
            if (of[host(net, from)] == of[host(net, l)] && turn[host(net, from)] > turn[host(net, l)])
                return hd_fail(err, HD_ERR_INPUT, "segment %d: layer '%s' reads '%s', which is written after it",
                               of[host(net, l)] + 1, net->layer[l].name, net->layer[from].name);
            if (of[host(net, from)] > of[host(net, l)])
                return hd_fail(err, HD_ERR_INPUT, "layer '%s' of segment %d reads '%s' of segment %d, which comes later",
                               net->layer[l].name, of[host(net, l)] + 1, net->layer[from].name, of[host(net, from)] + 1);
        }
    return HD_OK;
}

static hd_status check_regions(const hd_arch *arch, const hd_segment *s, hd_error *err)
{
    const hd_level *mesh = &arch->level[hd_arch_mesh(arch)];
    for (int i = 0; i < s->stages; i++) {
        const hd_region *r = &s->stage[i].region;
        if (r->x < 0 || r->y < 0 || r->width < 1 || r->height < 1 || r->x + r->width > mesh->fan[HD_X] ||
            r->y + r->height > mesh->fan[HD_Y])
            return hd_fail(err, HD_ERR_INPUT, "segment: region [%d, %d, %d, %d] is no part of the mesh of %lld x %lld nodes",
                           r->x, r->y, r->width, r->height, (long long)mesh->fan[HD_X], (long long)mesh->fan[HD_Y]);
        for (int k = 0; k < i; k++)
            if (overlap(r, &s->stage[k].region))
                return hd_fail(err, HD_ERR_INPUT, "segment: the regions of stages %d and %d overlap", k + 1, i + 1);
    }
    return HD_OK;
}

/* Layers in the order of the network, each with its stage. */
static int list_layers(const hd_network *net, const hd_segment *s, int *layer, int *stage)
{
    int count = 0;
    for (int l = 0; l < net->layers; l++)
        for (int i = 0; i < s->stages; i++)
            for (int k = 0; k < s->stage[i].layers; k++)
                if (s->stage[i].layer[k] == l) {
                    layer[count] = l;
                    stage[count++] = i;
                }
    return count;
}

static hd_status build(const hd_network *net, const hd_value *value, const hd_arch *arch, const hd_plan_options *options,
                       const hd_segment *s, hd_arena *arena, hd_staging **out, hd_error *err)
{
    int layers = 0;
    for (int i = 0; i < s->stages; i++) layers += s->stage[i].layers;
    int *layer = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *layer);
    int *stage = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *stage);
    hd_region region[HD_STAGES_MOST];
    if (!layer || !stage) return hd_fail_memory(err);
    if (s->stages < 1 || s->stages > HD_STAGES_MOST || list_layers(net, s, layer, stage) != layers)
        return hd_fail(err, HD_ERR_INPUT, "a segment has %d stages; expected 1 to %d", s->stages, (int)HD_STAGES_MOST);
    HD_TRY(check_regions(arch, s, err));
    for (int i = 0; i < s->stages; i++) region[i] = s->stage[i].region;
    for (int i = 1; i < layers; i++)
        if (stage[i] < stage[i - 1])
            return hd_fail(err, HD_ERR_INPUT, "segment: layer '%s' stands on a stage before that of '%s', which it follows",
                           net->layer[layer[i]].name, net->layer[layer[i - 1]].name);
    if (s->at_home && s->stages > 1)
        return hd_fail(err, HD_ERR_INPUT, "segment: at_home is for layers that take turns on one stage; found %d", s->stages);
    const hd_staging_form form = {s->batch_groups, s->at_home, region};
    HD_TRY(hd_stages_build(net, value, arch, options, layer, stage, layers, &form, arena, out, err));
    if (*out) return HD_OK;
    return hd_fail(err, HD_ERR_INPUT, "segment from layer '%s' to '%s': nothing is handed on, or it does not fit the buffers",
                   net->layer[layer[0]].name, net->layer[layer[layers - 1]].name);
}

hd_status hd_segments_place(const hd_network *net, const hd_arch *arch, const hd_segment *segment, int segments, hd_arena *arena,
                            hd_plan_options *options, hd_error *err)
{
    hd_value *value;
    const hd_arch **chip = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *chip);
    const hd_constraints **limits = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *limits);
    if (!chip || !limits) return hd_fail_memory(err);
    HD_TRY(hd_network_values(net, arena, &value, err));
    if (segments > 0) HD_TRY(check_chain(net, arch, segment, segments, arena, err));
    for (int i = 0; i < net->layers; i++) chip[i] = arch;
    for (int i = 0; i < segments; i++) {
        hd_staging *s;
        if (is_alone(&segment[i])) {
            HD_TRY(check_alone(net, arch, &segment[i], err));
            continue;
        }
        HD_TRY(build(net, value, arch, options, &segment[i], arena, &s, err));
        for (int k = 0; k < s->layers; k++) {
            chip[s->of[k].layer] = s->of[k].problem.arch;
            limits[s->of[k].layer] = s->of[k].limits;
        }
    }
    options->chip = chip;
    options->limits = limits;
    return HD_OK;
}

/* ---- prices ---- */

static hd_status check_scheme(const hd_plan *plan, const hd_staged *of, hd_error *err)
{
    const hd_plan_layer *layer = &plan->layer[of->layer];
    hd_space space;
    hd_refusal why;
    hd_plan_space(&plan->options, &layer->problem, NULL, &space);
    space.constraints = of->limits;
    if (hd_constraints_hold(&space, &layer->best.scheme, &why)) return HD_OK;
    return hd_fail(err, HD_ERR_INPUT, "layer '%s' does not keep to its segment: %s", plan->network->layer[of->layer].name,
                   why.why);
}

static hd_status price_staged(const hd_plan *plan, const hd_staging *s, hd_arena *arena, hd_segment *out, hd_error *err)
{
    hd_sum *layer = hd_arena_alloc(arena, (size_t)s->layers, sizeof *layer);
    double *still = hd_arena_alloc(arena, (size_t)s->layers, sizeof *still);
    double *outside = hd_arena_alloc(arena, (size_t)s->layers, sizeof *outside);
    if (!layer || !still || !outside) return hd_fail_memory(err);
    for (int i = 0; i < s->layers; i++) {
        const hd_breakdown *price = &plan->layer[s->of[i].layer].best.price;
        HD_TRY(check_scheme(plan, &s->of[i], err));
        hd_sum again = hd_stages_refetch(s, i, &plan->layer[s->of[i].layer].best.scheme, price);
        double power = s->of[i].problem.arch->static_pj_per_cycle; /* in the order of hopes.c: equal to the last bit */
        layer[i] = (hd_sum){price->energy_pj + (again.energy_pj + again.cycles * power),
                            (double)price->latency_cycles + again.cycles};
        still[i] = layer[i].cycles * power;
        outside[i] = (double)price->level_cycles[0] + again.cycles;
        out->refetch_pj += again.energy_pj;
        out->refetch_words += hd_stages_refetch_words(s, i, &plan->layer[s->of[i].layer].best.scheme, price);
    }
    hd_sum sum = hd_stages_sum(s, plan->arch, layer, still, outside);
    out->energy_pj = sum.energy_pj;
    out->latency_cycles = (int64_t)sum.cycles;
    return HD_OK;
}

hd_status hd_segments_price(hd_plan *plan, const hd_segment *segment, int segments, hd_arena *arena, hd_error *err)
{
    hd_value *value;
    if (plan->failed >= 0) return HD_OK;
    HD_TRY(hd_network_values(plan->network, arena, &value, err));
    plan->segment = hd_arena_alloc(arena, (size_t)segments + 1, sizeof *plan->segment);
    if (!plan->segment) return hd_fail_memory(err);
    for (int i = 0; i < segments; i++) {
        hd_segment *s = &plan->segment[i];
        hd_staging *staging;
        *s = segment[i];
        s->refetch_pj = s->refetch_words = 0;
        if (is_alone(s)) {
            const hd_breakdown *price = &plan->layer[s->stage[0].layer[0]].best.price;
            int64_t repeats = hd_count_max(plan->network->layer[s->stage[0].layer[0]].repeats, 1);
            s->energy_pj = price->energy_pj * (double)repeats;
            s->latency_cycles = price->latency_cycles * repeats;
            continue;
        }
        HD_TRY(build(plan->network, value, plan->arch, &plan->options, s, arena, &staging, err));
        HD_TRY(price_staged(plan, staging, arena, s, err));
    }
    plan->segments = segments;
    hd_plan_sum_segments(plan);
    hd_plan_set_bound(plan, plan->lower_bound);
    return HD_OK;
}
