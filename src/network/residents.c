/* What is in the buffers while a layer runs? */
#include "network/residents.h"

#include "base/count.h"
#include "workload/values.h"

typedef struct residents {
    const hd_network *net;
    const hd_arch *arch;
    const int (*home)[HD_ROLES];
    hd_value *value;
} residents;

static int level_of(const residents *r, int value)
{
    return value >= 0 && r->value[value].last_read >= 0 ? r->home[value][HD_O] : 0;
}

static int64_t words_of(const residents *r, int layer, hd_role role, int level)
{
    const hd_operator *op = &r->net->layer[layer].op;
    return hd_count_ceil_div(hd_tensor_words(op, role) * op->tensor[role].bits, r->arch->level[level].word_bits);
}

/* Whatever stays is read where it is; network inputs and weights are where the schedule says. */
static hd_status check_reads(const residents *r, int layer, hd_error *err)
{
    const hd_value *v = &r->value[layer];
    for (int i = 0; i < v->reads; i++) {
        int from = v->read[i].value, level = level_of(r, from);
        for (int role = 0; from >= 0 && role < HD_ROLES; role++) {
            if (!(v->read[i].roles >> role & 1u) || r->home[layer][role] == level) continue;
            return hd_fail(err, HD_ERR_INPUT, "layer '%s' reads %s in %s, but layer '%s' leaves it in %s",
                           r->net->layer[layer].name, hd_role_name((hd_role)role),
                           r->arch->level[r->home[layer][role]].name, r->net->layer[from].name, r->arch->level[level].name);
        }
        if (from >= 0 && level > 0 && v->read[i].roles == 0)
            return hd_fail(err, HD_ERR_INPUT, "layer '%s' leaves its output in %s, but layer '%s' needs it outside",
                           r->net->layer[from].name, r->arch->level[level].name, r->net->layer[layer].name);
    }
    return HD_OK;
}

/* Words of the level that others hold while the layer runs: all that stays, but the layer's own tensors at home there. */
static int64_t words_taken(const residents *r, int layer, int level)
{
    int64_t all = 0;
    for (int v = 0; v <= layer; v++)
        if (level_of(r, v) == level && r->value[v].last_read >= layer) all += words_of(r, v, HD_O, level);
    for (int role = 0; role < HD_ROLES; role++)
        if (r->net->layer[layer].op.tensor[role].used && r->home[layer][role] == level)
            all -= words_of(r, layer, (hd_role)role, level);
    return hd_count_max(all, 0);
}

static hd_status chip_of(const residents *r, int layer, hd_arena *arena, const hd_arch **out, hd_error *err)
{
    hd_arch *chip = NULL;
    *out = r->arch;
    for (int l = 1; l < r->arch->levels - 1; l++) {
        int64_t taken = words_taken(r, layer, l), room = r->arch->level[l].capacity;
        if (taken == 0 || !r->arch->level[l].bounded || r->arch->level[l].per_role) continue;
        if (taken >= room)
            return hd_fail(err, HD_ERR_INPUT, "layer '%s': tensors of other layers take %lld of the %lld words of %s",
                           r->net->layer[layer].name, (long long)taken, (long long)room, r->arch->level[l].name);
        if (!chip) chip = hd_arena_alloc(arena, 1, sizeof *chip);
        if (!chip) return hd_fail_memory(err);
        if (*out == r->arch) *chip = *r->arch;
        *out = chip;
        chip->level[l].capacity = room - taken;
    }
    return chip ? hd_arch_check(chip, err) : HD_OK;
}

hd_status hd_residents_chips(const hd_network *net, const hd_arch *arch, const int (*home)[HD_ROLES], hd_arena *arena,
                             const hd_arch *const **out, hd_error *err)
{
    residents r = {.net = net, .arch = arch, .home = home};
    const hd_arch **chip = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *chip);
    if (!chip) return hd_fail_memory(err);
    HD_TRY(hd_network_values(net, arena, &r.value, err));
    for (int i = 0; i < net->layers; i++) {
        chip[i] = arch;
        if (net->layer[i].fused_into >= 0) continue;
        HD_TRY(check_reads(&r, i, err));
        HD_TRY(chip_of(&r, i, arena, &chip[i], err));
    }
    *out = chip;
    return HD_OK;
}

/* ---- segments ---- */

/* The last layer that a value which stays in a buffer ties to those from `first` on. */
static int end_of_segment(const hd_plan *plan, const hd_value *value, int first)
{
    int last = first;
    for (int i = first; i <= last; i++) {
        bool stays = !plan->layer[i].fused && plan->layer[i].problem.home[HD_O] > 0;
        if (stays && value[i].last_read > last) last = value[i].last_read;
    }
    return last;
}

static hd_status add_segment(hd_plan *plan, hd_arena *arena, int first, int last, hd_error *err)
{
    hd_stage *stage = hd_arena_alloc(arena, 1, sizeof *stage);
    int *layer = hd_arena_alloc(arena, (size_t)(last - first) + 1, sizeof *layer);
    if (!stage || !layer) return hd_fail_memory(err);
    hd_segment s = {.stages = 1, .stage = stage, .batch_groups = 1};
    for (int i = first; i <= last; i++) {
        if (plan->layer[i].fused) continue;
        const hd_breakdown *price = &plan->layer[i].best.price;
        int repeats = plan->network->layer[i].repeats > 0 ? plan->network->layer[i].repeats : 1;
        layer[stage->layers++] = i;
        s.energy_pj += price->energy_pj * repeats;
        s.latency_cycles += price->latency_cycles * repeats;
    }
    stage->layer = layer;
    stage->region = (hd_region){0, 0, 1, 1};
    plan->segment[plan->segments++] = s;
    return HD_OK;
}

hd_status hd_residents_segments(hd_plan *plan, hd_arena *arena, hd_error *err)
{
    const hd_network *net = plan->network;
    hd_value *value;
    HD_TRY(hd_network_values(net, arena, &value, err));
    plan->segment = hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *plan->segment);
    if (!plan->segment) return hd_fail_memory(err);
    for (int i = 0; i < net->layers; i++) {
        if (plan->layer[i].fused) continue;
        int last = end_of_segment(plan, value, i);
        HD_TRY(add_segment(plan, arena, i, last, err));
        i = last;
    }
    return HD_OK;
}
