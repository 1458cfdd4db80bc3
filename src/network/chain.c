/* Which chain of segments is the best, and what plan is it? */
#include "network/chain.h"

#include <math.h>
#include <string.h>

#include "arch/region.h"
#include "network/total.h"

static size_t chain_bytes(const hd_candidates *x) { return ((size_t)x->layers + 1) * sizeof(const hd_candidate *); }

hd_status hd_chain_new(const hd_candidates *x, hd_chain *out, hd_error *err)
{
    out->sum = (hd_sum){0, 0};
    out->by = hd_arena_alloc(x->quest.arena, (size_t)x->layers + 1, sizeof *out->by);
    return out->by ? HD_OK : hd_fail_memory(err);
}

void hd_chain_clear(const hd_candidates *x, hd_chain *chain)
{
    chain->sum = (hd_sum){0, 0};
    memset(chain->by, 0, chain_bytes(x));
}

void hd_chain_copy(const hd_candidates *x, const hd_chain *from, hd_chain *to)
{
    to->sum = from->sum;
    memcpy(to->by, from->by, chain_bytes(x));
}

hd_sum hd_chain_sum(const hd_candidates *x, const hd_chain *chain, hd_hope hope)
{
    hd_sum sum = {0, 0};
    for (int k = 0; k < x->layers; k++)
        if (chain->by[k]) sum = hd_sum_add(sum, hd_candidate_sum(x, chain->by[k], hope));
    return sum;
}

void hd_chain_rests(const hd_candidates *x, hd_hope hope, hd_sum *rest)
{
    rest[x->layers] = (hd_sum){0, 0};
    for (int k = 0; k < x->layers; k++) rest[k] = (hd_sum){INFINITY, INFINITY};
    for (int i = x->count - 1; i >= 0; i--) { /* listed by their first layers */
        const hd_candidate *c = &x->list[i];
        hd_sum s = hd_sum_add(hd_candidate_sum(x, c, hope), rest[c->last + 1]), *least = &rest[c->first];
        least->energy_pj = fmin(least->energy_pj, s.energy_pj);
        least->cycles = fmin(least->cycles, s.cycles);
    }
}

/* The best segment from layer k on; NULL where there is none. */
static const hd_candidate *next_segment(const hd_candidates *x, hd_hope hope, const hd_sum *rest, int k)
{
    const hd_candidate *best = NULL;
    double least = INFINITY;
    for (int i = x->alone[k]; i < x->count && x->list[i].first == k; i++) {
        const hd_candidate *c = &x->list[i];
        double w = hd_sum_worth(x->quest.options->objective, hd_sum_add(hd_candidate_sum(x, c, hope), rest[c->last + 1]));
        if (w < least) least = w, best = c;
    }
    return best;
}

bool hd_chain_best(const hd_candidates *x, hd_hope hope, const hd_sum *rest, hd_chain *chain)
{
    const hd_candidate *c;
    hd_chain_clear(x, chain);
    for (int k = 0; k < x->layers; k = c->last + 1) {
        c = next_segment(x, hope, rest, k);
        if (!c) return false;
        chain->by[c->last] = c;
    }
    chain->sum = hd_chain_sum(x, chain, hope);
    return true;
}

/* ---- the plan ---- */

/* The chip and the limits of every layer. */
static hd_status place(const hd_candidates *x, const hd_chain *chain, hd_plan_options *o, hd_error *err)
{
    size_t n = (size_t)x->net->layers + 1;
    const hd_arch **chip = hd_arena_alloc(x->quest.arena, n, sizeof *chip);
    const hd_constraints **limits = hd_arena_alloc(x->quest.arena, n, sizeof *limits);
    if (!chip || !limits) return hd_fail_memory(err);
    for (int i = 0; i < x->net->layers; i++) chip[i] = x->arch;
    for (int k = 0; k < x->layers; k++)
        for (int i = 0; chain->by[k] && i <= chain->by[k]->last - chain->by[k]->first; i++) {
            const hd_solved *s = chain->by[k]->solved[i];
            chip[x->layer[chain->by[k]->first + i]] = s->problem.arch;
            limits[x->layer[chain->by[k]->first + i]] = s->limits;
        }
    o->chip = chip;
    o->limits = limits;
    return HD_OK;
}

static hd_status make_segment(const hd_candidates *x, const hd_candidate *c, hd_segment *s, hd_error *err)
{
    const int64_t *fan = x->arch->level[hd_arch_mesh(x->arch)].fan;
    hd_staging alone = {.layers = 1, .stages = 1, .groups = 1, .of = &(hd_staged){.layer = x->layer[c->first]}};
    alone.region[0] = (hd_region){0, 0, (int)fan[HD_X], (int)fan[HD_Y]};
    HD_TRY(hd_stages_segment(c->staging ? c->staging : &alone, x->quest.arena, s, err));
    hd_sum sum = hd_candidate_sum(x, c, HD_HOPE_KNOWN);
    s->energy_pj = sum.energy_pj;
    s->latency_cycles = (int64_t)sum.cycles;
    for (int i = 0; c->staging && i <= c->last - c->first; i++) {
        const hd_incumbent *best = &c->solved[i]->best;
        s->refetch_pj += hd_candidate_refetch(c, i).energy_pj;
        s->refetch_words += hd_stages_refetch_words(c->staging, i, &best->scheme, &best->price);
    }
    return HD_OK;
}

hd_status hd_chain_plan(const hd_candidates *x, const hd_chain *chain, hd_plan **out, hd_error *err)
{
    hd_plan_options placed = *x->quest.options;
    HD_TRY(place(x, chain, &placed, err));
    HD_TRY(hd_quest_plan(&x->quest, x->net, x->arch, &placed, out, err));
    hd_plan *plan = *out;
    plan->segment = hd_arena_alloc(x->quest.arena, (size_t)x->layers + 1, sizeof *plan->segment);
    if (!plan->segment) return hd_fail_memory(err);
    for (int k = 0; k < x->layers; k++)
        if (chain->by[k]) HD_TRY(make_segment(x, chain->by[k], &plan->segment[plan->segments++], err));
    hd_plan_sum_segments(plan);
    return HD_OK;
}
