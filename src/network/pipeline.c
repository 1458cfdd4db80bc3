/* Which layers run together on the mesh? */
#include "network/pipeline.h"

#include <math.h>

#include "network/chain.h"
#include "network/front.h"
#include "network/total.h"

/* What a chain must promise to be worth a search. */
static const double LEAST_GAIN = 0.001;
/* What more search of a layer must promise, in costs of a mean layer. */
static const double LEAST_STAKE = 0.02;

typedef struct pipeline {
    hd_candidates all;
    bool prune;
    hd_sum *rest;                /* see hd_chain_rests */
    hd_front *front;             /* front[k]: chains over the layers before k */
    bool found;
    hd_chain trial, best;
    hd_sum apart;
} pipeline;

static double worth(const pipeline *x, hd_sum s) { return hd_sum_worth(x->all.quest.options->objective, s); }

static hd_status prepare(pipeline *x, hd_error *err)
{
    size_t n = (size_t)x->all.net->layers + 2;
    HD_TRY(hd_candidates_list(&x->all, err));
    HD_TRY(hd_chain_new(&x->all, &x->trial, err));
    HD_TRY(hd_chain_new(&x->all, &x->best, err));
    x->rest = hd_arena_alloc(x->all.quest.arena, n, sizeof *x->rest);
    x->front = hd_arena_alloc(x->all.quest.arena, n, sizeof *x->front);
    return x->rest && x->front ? HD_OK : hd_fail_memory(err);
}

/* ---- what to search ---- */

/* All layers of a segment that were searched with less effort. */
static hd_status want_all(pipeline *x, const hd_candidate *c, hd_effort effort, hd_error *err)
{
    for (int i = 0; i <= c->last - c->first; i++) HD_TRY(hd_quest_want(&x->all.quest, c->solved[i], effort, err));
    return HD_OK;
}

/* Has the layer an answer, and can no better one be noticed? */
static bool is_settled(const pipeline *x, const hd_candidate *c, int i)
{
    return x->found && c->solved[i]->effort && hd_candidate_stake(&x->all, c, i, x->best.sum) < LEAST_STAKE;
}

/* Of these the layer of most work: if it disappoints, the others need no search. */
static hd_status want_one(pipeline *x, const hd_candidate *c, hd_effort effort, hd_error *err)
{
    double most = -1;
    hd_solved *of = NULL;
    for (int i = 0; i <= c->last - c->first; i++) {
        double least = worth(x, (hd_sum){c->bound[i].energy_pj, c->bound[i].latency_cycles});
        if (c->solved[i]->effort >= effort || least <= most || is_settled(x, c, i)) continue;
        most = least;
        of = c->solved[i];
    }
    return of ? hd_quest_want(&x->all.quest, of, effort, err) : HD_OK;
}

/* What the layers of a chain of known prices have at stake: those that are in it several times, more. */
static void find_stakes(pipeline *x, const hd_chain *chain)
{
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < x->all.layers; k++)
            for (int i = 0; chain->by[k] && i <= chain->by[k]->last - chain->by[k]->first; i++) {
                hd_solved *s = chain->by[k]->solved[i];
                s->stake = pass == 0 ? 0 : s->stake + hd_candidate_stake(&x->all, chain->by[k], i, chain->sum);
            }
}

/* Its layers that have enough at stake. */
static hd_status want_chain(pipeline *x, const hd_chain *chain, hd_effort effort, hd_error *err)
{
    find_stakes(x, chain);
    for (int k = 0; k < x->all.layers; k++)
        for (int i = 0; chain->by[k] && i <= chain->by[k]->last - chain->by[k]->first; i++) {
            hd_solved *s = chain->by[k]->solved[i];
            if (s->stake >= LEAST_STAKE) HD_TRY(hd_quest_want(&x->all.quest, s, effort, err));
        }
    return HD_OK;
}

/* ---- the chain of greatest hope ---- */

/* Every layer alone: what every other answer is measured by. */
static hd_status find_apart(pipeline *x, hd_error *err)
{
    for (int k = 0; k < x->all.layers; k++) x->trial.by[k] = &x->all.list[x->all.alone[k]];
    const double share = x->all.cut_short ? 1 : 0.5; /* of what time there is */
    HD_TRY(hd_quest_alone(&x->all.quest, x->all.net, x->all.arch, share, err));
    x->apart = x->trial.sum = hd_chain_sum(&x->all, &x->trial, HD_HOPE_KNOWN);
    x->found = x->apart.energy_pj < INFINITY;
    if (x->found) hd_chain_copy(&x->all, &x->trial, &x->best);
    return HD_OK;
}

/* Search the best chain of known prices whole; where nothing of it was left to search, it is the best so far. */
static hd_status settle(pipeline *x, hd_error *err)
{
    hd_chain_rests(&x->all, HD_HOPE_KNOWN, x->rest);
    if (!hd_chain_best(&x->all, HD_HOPE_KNOWN, x->rest, &x->trial)) return HD_OK;
    HD_TRY(want_chain(x, &x->trial, HD_EFFORT_FIRM, err));
    if (x->all.quest.wanted > 0) return hd_quest_search(&x->all.quest, HD_EFFORT_FIRM, err);
    if (!x->found || worth(x, x->trial.sum) < worth(x, x->best.sum)) hd_chain_copy(&x->all, &x->trial, &x->best);
    x->found = true;
    return HD_OK;
}

/* The most hopeful chain, if it promises more than the best of known prices: one layer of each of its segments, of those that
 * were searched least, with an effort up to `most`. */
static hd_status search_hopeful(pipeline *x, hd_effort most, hd_error *err)
{
    hd_chain_rests(&x->all, HD_HOPE_KNOWN, x->rest);
    double known = worth(x, x->rest[0]);
    hd_chain_rests(&x->all, HD_HOPE_EXPECTED, x->rest);
    bool any = hd_chain_best(&x->all, HD_HOPE_EXPECTED, x->rest, &x->trial);
    if (!any || worth(x, x->trial.sum) >= known * (1 - LEAST_GAIN)) return HD_OK;
    for (int effort = HD_EFFORT_GLANCE; effort <= (int)most; effort++) {
        for (int k = 0; k < x->all.layers; k++)
            if (x->trial.by[k]) HD_TRY(want_one(x, x->trial.by[k], (hd_effort)effort, err));
        if (x->all.quest.wanted > 0) return hd_quest_search(&x->all.quest, (hd_effort)effort, err);
    }
    return HD_OK;
}

/* The most hopeful chain is searched, which takes some hope away, and again, until no chain promises more than the best of
 * known prices.  That one is searched whole before any of its rivals is.  For sums, no chain is better if hopes hold. */
static hd_status hopeful_chains(pipeline *x, hd_error *err)
{
    for (int64_t before = -1; x->all.quest.searches > before && !hd_quest_out(&x->all.quest);) {
        before = x->all.quest.searches;
        HD_TRY(search_hopeful(x, HD_EFFORT_ROUGH, err));
        if (x->all.quest.searches == before) HD_TRY(settle(x, err));
        if (x->all.quest.searches == before) HD_TRY(search_hopeful(x, HD_EFFORT_FIRM, err));
    }
    return HD_OK;
}

/* ---- all chains: for products, and where every segment is to be searched ---- */

/* May a chain go on with the candidate and still become the best? */
static bool is_open(const pipeline *x, const hd_candidate *c)
{
    hd_sum hope = hd_candidate_sum(&x->all, c, HD_HOPE_EXPECTED);
    if (hope.energy_pj == INFINITY) return false;
    if (!x->prune || !x->found) return true;
    for (int i = 0; i < x->front[c->first].count; i++) {
        hd_sum all = hd_sum_add(hd_sum_add(x->front[c->first].label[i]->sum, hope), x->rest[c->last + 1]);
        if (worth(x, all) < worth(x, x->best.sum)) return true;
    }
    return false;
}

static hd_status extend(pipeline *x, const hd_candidate *c, hd_error *err)
{
    hd_sum cost = hd_candidate_sum(&x->all, c, HD_HOPE_KNOWN);
    if (cost.energy_pj == INFINITY) return HD_OK;
    for (int i = 0; i < x->front[c->first].count; i++) {
        const hd_label *from = x->front[c->first].label[i], label = {hd_sum_add(from->sum, cost), from, c};
        HD_TRY(hd_front_add(&x->front[c->last + 1], x->all.quest.options->objective, &label, x->all.quest.arena, err));
    }
    return HD_OK;
}

static void finish(pipeline *x)
{
    const hd_label *l = hd_front_best(&x->front[x->all.layers], x->all.quest.options->objective);
    if (!l || (x->found && worth(x, l->sum) >= worth(x, x->best.sum))) return;
    hd_chain_clear(&x->all, &x->best);
    x->best.sum = l->sum;
    for (const hd_candidate *c; (c = l->by) != NULL; l = l->from) x->best.by[c->last] = c;
    x->found = true;
}

/* The segments from one layer on that are open: where all are to be searched, whole, else with little effort first. */
static hd_status search_from(pipeline *x, int k, hd_error *err)
{
    int least = x->prune ? HD_EFFORT_GLANCE : HD_EFFORT_WHOLE, most = x->prune ? HD_EFFORT_ROUGH : HD_EFFORT_WHOLE;
    for (int effort = least; effort <= most; effort++) {
        for (int i = x->all.alone[k]; i < x->all.count && x->all.list[i].first == k; i++)
            if (is_open(x, &x->all.list[i])) HD_TRY(want_all(x, &x->all.list[i], (hd_effort)effort, err));
        HD_TRY(hd_quest_search(&x->all.quest, (hd_effort)effort, err));
    }
    return HD_OK;
}

static hd_status all_chains(pipeline *x, hd_error *err)
{
    const hd_label start = {{0, 0}, NULL, NULL};
    hd_chain_rests(&x->all, HD_HOPE_EXPECTED, x->rest);
    HD_TRY(hd_front_add(&x->front[0], x->all.quest.options->objective, &start, x->all.quest.arena, err));
    for (int k = 0; k < x->all.layers; k++) {
        HD_TRY(search_from(x, k, err));
        if (hd_quest_out(&x->all.quest)) return HD_OK;
        for (int i = x->all.alone[k]; i < x->all.count && x->all.list[i].first == k; i++)
            HD_TRY(extend(x, &x->all.list[i], err));
    }
    finish(x);
    return HD_OK;
}

/* Search the chosen chain whole: what was searched with less effort gets no dearer. */
static hd_status search_chosen(pipeline *x, hd_error *err)
{
    if (!x->found || hd_quest_out(&x->all.quest)) return HD_OK;
    HD_TRY(want_chain(x, &x->best, HD_EFFORT_WHOLE, err));
    HD_TRY(hd_quest_search(&x->all.quest, HD_EFFORT_WHOLE, err));
    x->best.sum = hd_chain_sum(&x->all, &x->best, HD_HOPE_KNOWN);
    return HD_OK;
}

/* ---- the plan ---- */

/* No choice costs less than the arithmetic of all layers on all units. */
static hd_sum least_of_arithmetic(const pipeline *x)
{
    const hd_arch *a = x->all.arch;
    double units = (double)hd_arch_instances(a, a->levels - 1);
    hd_sum sum = {0, 0};
    for (int k = 0; k < x->all.layers; k++) {
        const hd_layer *layer = &x->all.net->layer[x->all.layer[k]];
        double macs = (double)hd_operator_macs(&layer->op), ops = (double)hd_operator_ops(&layer->op);
        hd_sum one = {macs * a->mac_pj + ops * a->vector_pj, macs / units};
        sum = hd_sum_add(sum, hd_sum_times(one, fmax(1, layer->repeats)));
    }
    return hd_sum_times(sum, 1 - 1e-12);
}

static hd_status make_plan(pipeline *x, hd_plan **out, hd_error *err)
{
    if (!x->found) return hd_quest_plan(&x->all.quest, x->all.net, x->all.arch, x->all.quest.options, out, err);
    HD_TRY(hd_chain_plan(&x->all, &x->best, out, err));
    hd_chain_rests(&x->all, HD_HOPE_PROVED, x->rest);
    hd_plan_set_bound(*out, worth(x, x->all.cut_short ? least_of_arithmetic(x) : x->rest[0])); /* also of what was not listed */
    hd_quest_report(&x->all.quest, x->apart, *out);
    return HD_OK;
}

static hd_status solve_in(pipeline *x, hd_plan **out, hd_error *err)
{
    HD_TRY(prepare(x, err));
    HD_TRY(find_apart(x, err));
    if (x->prune) HD_TRY(hopeful_chains(x, err));
    bool all = !x->prune || x->all.quest.options->objective == HD_EDP;
    if (all && !hd_quest_out(&x->all.quest)) HD_TRY(all_chains(x, err));
    HD_TRY(search_chosen(x, err));
    return make_plan(x, out, err);
}

hd_status hd_pipeline_solve(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, bool prune,
                            hd_plan **out, hd_error *err)
{
    if (options->constraints || options->home) return hd_plan_solve(net, arch, options, out, err);
    hd_arena *arena = hd_arena_new(NULL, 0);
    pipeline *x = arena ? hd_arena_alloc(arena, 1, sizeof *x) : NULL;
    *out = NULL;
    if (!x) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    *x = (pipeline){.prune = prune, .all = {.net = net, .arch = arch}};
    hd_quest_start(&x->all.quest, options, arena);
    hd_status status = solve_in(x, out, err);
    if (status == HD_OK) return HD_OK;
    if (*out) hd_plan_free(*out); /* frees the arena, too */
    else hd_arena_free(arena);
    *out = NULL;
    return status;
}
